"""Who may do what when: one table of role, act and phase, used by pages, acts and tests.

docs/who-may-do-what.md says the same to people.
"""

from enum import StrEnum

from .deadline import Phase


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


_AFTER_HOUR = frozenset({Phase.TO_CONFIRM, Phase.CONFIRMED, Phase.SEALED})
_CORRECTABLE = _AFTER_HOUR | {Phase.BEFORE, Phase.EXEMPT, Phase.REOPENED}
_BEGUN = _CORRECTABLE | {Phase.OVER}

ALLOWED: dict[tuple[Role, Act], frozenset[Phase]] = {
    (Role.OFFICER, Act.SUBMIT): frozenset({Phase.BEFORE, Phase.EXEMPT, Phase.REOPENED}),
    (Role.OFFICER, Act.REQUEST): _AFTER_HOUR,
    (Role.OFFICER, Act.WITHDRAW_REQUEST): _BEGUN,
    (Role.OFFICER, Act.VOID): frozenset({Phase.BEFORE}),
    (Role.SUPERIOR, Act.DECIDE): _CORRECTABLE,
    (Role.SUPERIOR, Act.ENTER): _CORRECTABLE,
    (Role.SUPERIOR, Act.REOPEN): _CORRECTABLE - {Phase.REOPENED},
    (Role.SUPERIOR, Act.VOID): _CORRECTABLE,
    (Role.SUPERIOR, Act.REMIND): _CORRECTABLE,
    (Role.SUPERIOR, Act.SIGN): frozenset({Phase.BEFORE, Phase.TO_CONFIRM}),
    (Role.SUPERIOR, Act.WITHDRAW_SIGN): frozenset({Phase.CONFIRMED}),
    (Role.SUPERIOR, Act.PASS_UP): frozenset({Phase.BEFORE}) | _AFTER_HOUR,
    (Role.CITY, Act.DECIDE): _BEGUN,
    (Role.CITY, Act.ENTER): _BEGUN,
    (Role.CITY, Act.REOPEN): _BEGUN - {Phase.REOPENED},
    (Role.CITY, Act.VOID): _BEGUN,
    (Role.CITY, Act.REMIND): _CORRECTABLE,
    (Role.CITY, Act.EXTEND): frozenset(Phase),  # also for days to come
    (Role.CITY, Act.SEAL): _BEGUN - {Phase.BEFORE},  # also while a day is reopened
}


def may(role: Role | None, act: Act, phase: Phase) -> bool:
    """Whether the table allows the act."""
    return role is not None and phase in ALLOWED.get((role, act), frozenset())


def may_ever(role: Role | None, act: Act) -> bool:
    """Whether the role may do the act in at least one phase."""
    return any(may(role, act, phase) for phase in Phase)
