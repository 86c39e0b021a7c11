"""Who may do what when: one table of role, act and situation, from which pages, acts, tests and docs are made."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is to a unit; the level of his own unit decides."""

    OFFICER = "officer"  # of the unit itself
    SUPERIOR = "superior"  # of the unit right above it
    CITY = "city"  # of the unit at the top
    VIEWER = "viewer"  # reads only


class Act(StrEnum):
    SUBMIT = "submit"
    REQUEST = "request"  # late report, or a correction asked for
    WITHDRAW_REQUEST = "withdraw_request"
    DECIDE = "decide"
    ENTER = "enter"  # on behalf of the unit; also to correct
    REOPEN = "reopen"  # also to return
    VOID = "void"
    REMIND = "remind"
    SIGN = "sign"  # the district for its own day
    WITHDRAW_SIGN = "withdraw_sign"
    EXTEND = "extend"


class Situation(StrEnum):
    """Where a day stands for one unit; the first that applies, in this order."""

    NOT_DUE = "not_due"  # no such day for the unit: before or after the campaign, in the future, closed
    REOPENED = "reopened"
    OPEN = "open"
    BEYOND = "beyond"  # more than correction_days back
    SEALED = "sealed"
    SIGNED = "signed"
    AFTER_HOUR = "after_hour"


_AFTER = frozenset({Situation.AFTER_HOUR, Situation.SIGNED, Situation.SEALED})
_ANY = _AFTER | {Situation.OPEN, Situation.REOPENED}
_ALWAYS = _ANY | {Situation.BEYOND}

ALLOWED: dict[tuple[Role, Act], frozenset[Situation]] = {
    (Role.OFFICER, Act.SUBMIT): frozenset({Situation.OPEN, Situation.REOPENED}),
    (Role.OFFICER, Act.REQUEST): _AFTER,
    (Role.OFFICER, Act.WITHDRAW_REQUEST): _ALWAYS,
    (Role.OFFICER, Act.VOID): frozenset({Situation.OPEN}),
    (Role.SUPERIOR, Act.DECIDE): _ANY,
    (Role.SUPERIOR, Act.ENTER): _ANY,
    (Role.SUPERIOR, Act.REOPEN): _ANY - {Situation.REOPENED},
    (Role.SUPERIOR, Act.VOID): _ANY,
    (Role.SUPERIOR, Act.REMIND): frozenset({Situation.OPEN, Situation.REOPENED}) | _AFTER,
    (Role.SUPERIOR, Act.SIGN): frozenset({Situation.OPEN, Situation.AFTER_HOUR}),
    (Role.SUPERIOR, Act.WITHDRAW_SIGN): frozenset({Situation.SIGNED}),
    (Role.CITY, Act.DECIDE): _ALWAYS,
    (Role.CITY, Act.ENTER): _ALWAYS,
    (Role.CITY, Act.REOPEN): _ALWAYS - {Situation.REOPENED},
    (Role.CITY, Act.VOID): _ALWAYS,
    (Role.CITY, Act.REMIND): _ANY,
    (Role.CITY, Act.EXTEND): _ALWAYS,
}


def may(role: Role | None, act: Act, situation: Situation) -> bool:
    """Whether the act is allowed; what the table does not name is not."""
    return role is not None and situation in ALLOWED.get((role, act), frozenset())
