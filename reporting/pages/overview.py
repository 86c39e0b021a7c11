"""The first parts of a superior's page: the four cards of the day, the laggards, the filters.

Red marks only what is overdue, never before the deadline.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from .. import deadline, site
from ..acts import Confirmations
from ..deadline import Phase, Urgency
from ..figures import statements
from ..figures.pace import Pace
from ..figures.rollup import DayRollup, Row
from ..figures.statements import Statement
from ..models import Seal, Unit
from ..permissions import Act
from ..text import formatting, unit_kinds
from ..text.formatting import number
from ..text.status_marks import not_reported_words
from .unit_groups import UnitGroup, grouped

LAGGARDS = 3
MOST_NAMES = 2  # missing units of each


# Units behind.


@dataclass(frozen=True, slots=True)
class Laggard:
    """One of the units farthest from the target."""

    row: Row
    name: str
    rates: Statement | None
    factor: Statement | None
    urgency: Urgency | None  # of its most urgent missing report
    missing: str  # names of the units below that have not reported; may be empty
    said: tuple[Statement, ...]  # the statements of the message
    message: str  # ready to send


def laggards(
    figures: DayRollup,
    paces: dict[str, Pace | None],
    missing_urgencies: dict[str, Urgency],
    *,
    at: datetime,
    seal: Seal | None = None,
) -> list[Laggard]:
    """The children farthest from the target, lowest first."""
    behind = [row for row in figures.children if row.share is not None and not row.is_target_reached]
    behind.sort(key=lambda row: (row.share, row.sort_key))
    is_today = figures.day == deadline.reporting_day(at)
    return [
        _laggard(row, pace, figures, missing_urgencies.get(row.code), is_today=is_today, seal=seal)
        for row in behind[:LAGGARDS]
        if (pace := paces[row.code])
    ]


def _laggard(
    row: Row, pace: Pace, figures: DayRollup, urgency: Urgency | None, *, is_today: bool, seal: Seal | None
) -> Laggard:
    owing = [one for one in figures.lowest if one.not_reported and not one.waiting and one is not row]
    below = sorted((one for one in owing if one.path.startswith(row.path)), key=lambda one: (one.sort_key, one.code))
    missing = formatting.listed([one.short_name for one in below], MOST_NAMES)
    about = statements.subject(figures, row, pace=pace, seal=seal)
    rates, factor = statements.rates(about), statements.factor(about)
    said = tuple(filter(None, [statements.standing(about), rates]))
    words = [statements.sentences(*map(str, said))]
    if missing:
        words.append(_("Not reported: %(names)s.") % {"names": missing})
    if is_today and row.not_reported > row.waiting:
        closes_at = formatting.hour(figures.hours.last_closes_at(row.path))
        is_over = urgency is Urgency.OVERDUE
        words.append(_("Please send now.") if is_over else _("Please send before %(hour)s.") % {"hour": closes_at})
    return Laggard(row, unit_kinds.bare_name(row.name), rates, factor, urgency, missing, said, " ".join(words))


# The day in four cards.


@dataclass(frozen=True, slots=True)
class Card:
    name: str  # which of them: "deadline", "reports", "confirmation", "seal"
    label: str
    figure: str
    words: str
    urgency: Urgency | None = None  # None: nothing is due


def cards(unit: Unit, figures: DayRollup, *, confirmed: Confirmations, seal: Seal | None, at: datetime) -> list[Card]:
    """The cards on deadline, reports, confirmation (not for a country) and seal of the day at `at`."""
    found = [_deadline_card(figures, at), _reports_card(figures, at)]
    if confirmed.expected:
        found.append(_confirmations_card(figures, confirmed, seal, at))
    elif unit.is_under_seal:
        found.append(_own_confirmation_card(figures, confirmed, seal, at))
    if unit.is_sealing or unit.is_under_seal:
        found.append(_seal_card(unit, figures, seal, at))
    return found


def _deadline_card(figures: DayRollup, at: datetime) -> Card:
    hours, path = figures.hours, figures.own.path
    closes_at = hours.closes_at(path)
    about = ("deadline", _("Report deadline"))
    if closes_at is None or hours.exemption(path):
        return Card(*about, "–", _("No report is due on this day."))
    is_over = hours.is_over(path, at)
    words = _("reports are closed") if is_over else formatting.until(closes_at, at)
    if hours.has_later_hours_below(path):
        words = f"{words}; " + _("for some units %(hour)s") % {"hour": formatting.hour(hours.last_closes_at(path))}
    return Card(*about, formatting.hour(closes_at), words, None if is_over else hours.urgency(path, at))


def _reports_card(figures: DayRollup, at: datetime) -> Card:
    own, agencies = figures.own, figures.agency_total
    owing = [row for row in figures.lowest if row.not_reported and row.is_agency == own.is_agency]
    words = []
    if own.not_reported:
        words.append(_("not reported: %(n)s") % {"n": not_reported_words(own)})
    elif own.expected:
        words.append(_("all have reported"))
    if own.late:
        words.append(_("%(n)s late") % {"n": number(own.late)})
    if agencies and agencies.expected:
        about = {"reported": number(agencies.reported), "expected": number(agencies.expected)}
        words.append(_("agencies %(reported)s/%(expected)s") % about)
    urgency = _most_urgent([figures.hours.urgency(row.path, at) for row in owing])
    figure = f"{number(own.reported)}/{number(own.expected)}"
    return Card("reports", _("Reports"), figure, "; ".join(words), urgency)


def _confirmations_card(figures: DayRollup, confirmed: Confirmations, seal: Seal | None, at: datetime) -> Card:
    pending = figures.unconfirmed(confirmed.sign_offs)
    complete = sum(not row.not_reported for row in pending)
    if not pending:
        words = _("all have confirmed")
    elif seal:
        words = _("sealed: nobody can confirm any more")
    elif complete:
        words = ngettext("%(n)s complete, not confirmed", "%(n)s complete, not confirmed", complete) % {"n": complete}
    else:
        words = ngettext("%(n)s has not confirmed", "%(n)s have not confirmed", len(pending)) % {"n": len(pending)}
    hours = sorted({figures.hours.signs_off_at(row.path) for row in figures.confirming} - {None})
    if hours and hours[0] != hours[-1] and not seal:
        words = f"{words}; " + _("for some units %(hour)s") % {"hour": formatting.hour(hours[-1])}
    label, figure = _confirmation_label(hours[0] if hours else None), f"{len(confirmed.sign_offs)}/{confirmed.expected}"
    urgency = None if seal else _most_urgent([figures.hours.sign_off_urgency(row.path, at) for row in pending])
    return Card("confirmation", label, figure, words, urgency)


def _own_confirmation_card(figures: DayRollup, confirmed: Confirmations, seal: Seal | None, at: datetime) -> Card:
    until = figures.hours.signs_off_at(figures.own.path)
    about = ("confirmation", _confirmation_label(until))
    if figures.hours.is_exempt(figures.own.path) and not confirmed.own:
        return Card(*about, "–", _("No report is due on this day."))
    if confirmed.own:
        return Card(*about, formatting.hour(confirmed.own.at), _("confirmed"))
    if seal:
        return Card(*about, _("Not given"), _("the %(top)s has sealed the day") % {"top": site.current().top})
    urgency, missing = figures.hours.sign_off_urgency(figures.own.path, at), figures.own.not_reported
    words = ngettext("%(n)s report is missing", "%(n)s reports are missing", missing) % {"n": number(missing)}
    return Card(*about, _("Not yet"), words if missing else _("all have reported"), urgency)


def _confirmation_label(until: datetime | None) -> str:
    return _("Confirmation, due %(hour)s") % {"hour": formatting.hour(until)} if until else _("Confirmation")


def _seal_card(unit: Unit, figures: DayRollup, seal: Seal | None, at: datetime) -> Card:
    about = ("seal", _("Seal"))
    if seal:
        words = _("sealed on %(day)s") % {"day": formatting.day(timezone.localtime(seal.at))}
        return Card(*about, formatting.hour(seal.at), words)
    sealing = unit if unit.is_sealing else site.current().unit
    opens_at = figures.hours.seals_from(sealing.path)
    if figures.hours.may_seal(sealing.path, at):
        return Card(*about, _("Not sealed"), _("may be sealed now"), Urgency.SOON)
    words = _("may be sealed from %(hour)s") % {"hour": formatting.hour(opens_at)} if opens_at else ""
    return Card(*about, _("Not sealed"), words)


def _most_urgent(urgencies: Sequence[Urgency]) -> Urgency | None:
    return max(urgencies, key=list(Urgency).index, default=None)


# The units below.


def missing_urgencies(figures: DayRollup, *, at: datetime) -> dict[str, Urgency]:
    """The urgency of missing reports, by the code of each unit that has any at or below it."""
    at = figures.as_of or at
    urgencies: dict[str, Urgency] = {}
    for row in figures.lowest:
        if not row.not_reported:
            continue
        urgency = figures.hours.urgency(row.path, at)
        for code in reversed(row.path.strip("/").split("/")):
            known = urgencies.get(code)
            if known is not None and _most_urgent([known, urgency]) is known:  # so the units above have it too
                break
            urgencies[code] = urgency
    return urgencies


def confirmation_urgencies(figures: DayRollup, *, seal: Seal | None, at: datetime) -> dict[str, Urgency]:
    """The urgency of the confirmation of each child that owes one, by code; `LATER` once it is sealed."""
    at = figures.as_of or at
    if seal:
        return dict.fromkeys((row.code for row in figures.confirming), Urgency.LATER)
    return {row.code: figures.hours.sign_off_urgency(row.path, at) for row in figures.confirming}


def unit_filters(figures: DayRollup, *, signed: Collection[str] | None) -> list[UnitGroup]:
    """The filters of the table: all, then what is missing, then groups. `signed` is None if nobody confirms."""
    rows = figures.children
    groups = [
        UnitGroup("all", _("All"), rows),
        UnitGroup("missing", _("Reports missing"), [row for row in rows if row.not_reported]),
    ]
    if signed is None:
        groups.append(UnitGroup("late", _("Late"), [row for row in rows if row.late]))
    else:
        groups.append(UnitGroup("unconfirmed", _("Not confirmed"), figures.unconfirmed(signed)))
    return groups + grouped(rows)


# What the person does next.


@dataclass(frozen=True, slots=True)
class NextAct:
    page: str  # the name of its address: seal, review or board
    words: str


def next_act(
    unit: Unit, figures: DayRollup, *, is_confirmed: bool, is_sealed: bool, may: Collection[Act], at: datetime
) -> NextAct | None:
    """To seal, to confirm, or to follow up, by the phase of the day; None without a task."""
    own, hours = figures.own, figures.hours
    missing = own.not_reported + (figures.agency_total.not_reported if figures.agency_total else 0)
    phase = hours.phase(own.path, at, is_confirmed=is_confirmed, is_sealed=is_sealed)
    if phase is Phase.SEALED:
        return None
    if Act.SEAL in may and hours.may_seal(own.path, at):
        return NextAct("seal", _("Seal the day"))
    is_to_confirm = phase in (Phase.TO_CONFIRM, Phase.OVER) or (phase is Phase.BEFORE and not missing)
    if is_to_confirm and Act.SIGN in may and unit.is_under_seal:
        return NextAct("review", _("Review and confirm"))
    if missing:
        words = ngettext("Follow up %(n)s missing report", "Follow up %(n)s missing reports", missing)
        return NextAct("board", words % {"n": missing})
    return None
