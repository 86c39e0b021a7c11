"""Who may do what when: one table of role, act and situation, used by pages, acts and tests.

docs/who-may-do-what.md says the same to people.
"""

from enum import StrEnum


class Role(StrEnum):
    """A person's role towards a unit, by the person's own unit. A country above the city changes nothing."""

    OFFICER = "officer"  # of the unit itself
    SUPERIOR = "superior"  # of the unit right above it
    CITY = "city"  # of the sealing unit: the city, or the top of the tree without one
    VIEWER = "viewer"  # reads only; a country's people are viewers of every unit below it


class Act(StrEnum):
    SUBMIT = "submit"
    REQUEST = "request"  # a late report or a correction
    WITHDRAW_REQUEST = "withdraw_request"
    DECIDE = "decide"
    ENTER = "enter"  # on behalf of the unit; also to correct
    REOPEN = "reopen"  # also to return
    VOID = "void"
    REMIND = "remind"
    SIGN = "sign"  # the district for its own day
    WITHDRAW_SIGN = "withdraw_sign"
    PASS_UP = "pass_up"  # noqa: S105 - the difficulties of the units below, sent to the city
    EXTEND = "extend"
    SEAL = "seal"  # the whole city's day; sealing it again takes a reason


class Situation(StrEnum):
    """The situation of a unit's day; if several apply, the first in this order."""

    NOT_DUE = "not_due"  # no such day for the unit: before or after the campaign, in the future, closed
    REOPENED = "reopened"
    OPEN = "open"
    EXEMPT = "exempt"  # nothing is due, and the deadline has passed: the unit may report, a superior may act
    BEYOND = "beyond"  # more than correction_days back
    SEALED = "sealed"
    SIGNED = "signed"
    AFTER_HOUR = "after_hour"


_AFTER_HOUR = frozenset({Situation.AFTER_HOUR, Situation.SIGNED, Situation.SEALED})
_CORRECTABLE = _AFTER_HOUR | {Situation.OPEN, Situation.EXEMPT, Situation.REOPENED}
_BEGUN = _CORRECTABLE | {Situation.BEYOND}

ALLOWED: dict[tuple[Role, Act], frozenset[Situation]] = {
    (Role.OFFICER, Act.SUBMIT): frozenset({Situation.OPEN, Situation.EXEMPT, Situation.REOPENED}),
    (Role.OFFICER, Act.REQUEST): _AFTER_HOUR,
    (Role.OFFICER, Act.WITHDRAW_REQUEST): _BEGUN,
    (Role.OFFICER, Act.VOID): frozenset({Situation.OPEN}),
    (Role.SUPERIOR, Act.DECIDE): _CORRECTABLE,
    (Role.SUPERIOR, Act.ENTER): _CORRECTABLE,
    (Role.SUPERIOR, Act.REOPEN): _CORRECTABLE - {Situation.REOPENED},
    (Role.SUPERIOR, Act.VOID): _CORRECTABLE,
    (Role.SUPERIOR, Act.REMIND): _CORRECTABLE,
    (Role.SUPERIOR, Act.SIGN): frozenset({Situation.OPEN, Situation.AFTER_HOUR}),
    (Role.SUPERIOR, Act.WITHDRAW_SIGN): frozenset({Situation.SIGNED}),
    (Role.SUPERIOR, Act.PASS_UP): frozenset({Situation.OPEN}) | _AFTER_HOUR,
    (Role.CITY, Act.DECIDE): _BEGUN,
    (Role.CITY, Act.ENTER): _BEGUN,
    (Role.CITY, Act.REOPEN): _BEGUN - {Situation.REOPENED},
    (Role.CITY, Act.VOID): _BEGUN,
    (Role.CITY, Act.REMIND): _CORRECTABLE,
    (Role.CITY, Act.EXTEND): frozenset(Situation),  # also for days to come
    (Role.CITY, Act.SEAL): _BEGUN - {Situation.OPEN},  # also while a day is reopened
}


def may(role: Role | None, act: Act, situation: Situation) -> bool:
    """Whether the table allows the act."""
    return role is not None and situation in ALLOWED.get((role, act), frozenset())


def may_ever(role: Role | None, act: Act) -> bool:
    """Whether the role may do the act in at least one situation."""
    return any(may(role, act, situation) for situation in Situation)
