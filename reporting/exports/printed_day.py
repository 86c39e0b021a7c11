"""The annex to the evening's paper: the day's rows, and beside them what the official workbook prints.

Of one moment throughout: with an instant everything is as it was known then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import F

from .. import acts, site
from ..acts import Confirmed, Difficulty
from ..figures import history, rollup, sealed_table
from ..figures.pace import PastDay
from ..figures.query import last_by
from ..figures.rollup import DayRollup, Row
from ..models import Report, Revision, Seal, SignOff, Unit
from ..models.levels import Level
from ..site import OfficeNames
from ..text import level_words
from .offices import Letterhead, letterhead

TREND_DAYS = 14  # of the chart, the day itself included


@dataclass(frozen=True, kw_only=True)
class Annex:
    """What the workbook of a day below a unit is printed from."""

    figures: DayRollup
    letterhead: Letterhead
    before: DayRollup  # the same tree with the cumulative up to the day before: a merged unit's includes its parts'
    opened: DayRollup | None  # the same tree with the opening reports of the very day; None where there are none
    days: Sequence[PastDay]  # the last days, oldest first, in the tree of the day
    confirmed: Confirmed
    sign_off: SignOff | None  # the unit's own that stands
    difficulties: Sequence[Difficulty]
    of_several_days: Sequence[tuple[Row, date]]  # whose report is, with the first of the days
    not_sent_up: int  # units that name difficulties which nobody has sent on
    openings: int  # of the cumulative what was installed before the campaign
    digest: str  # of the canonical table of the figures
    seal: Seal | None = None  # the one whose figures these are

    @property
    def confirming(self) -> str:
        """What the units are together that confirm: "quận, huyện"."""
        names = [row.name for row in self.figures.children if not row.is_reporting]
        return level_words.called(Level.DISTRICT, names)


def of(unit: Unit, figures_of_day: DayRollup, *, seal: Seal | None = None) -> Annex:
    """The annex of the day of a rollup, which is the unit's."""
    day, as_of = figures_of_day.day, figures_of_day.as_of
    before, opened, openings = _parts(unit, figures_of_day)
    own, heard = figures_of_day.own, acts.heard(figures_of_day)
    return Annex(
        figures=figures_of_day,
        letterhead=letterhead(
            own, name=own.name, city=_city_name(unit, figures_of_day), office=_office(unit, figures_of_day)
        ),
        before=before,
        opened=opened,
        days=_days(unit, figures_of_day),
        confirmed=acts.confirmed(figures_of_day),
        sign_off=SignOff.objects.standing_at(as_of).filter(unit=unit, day=day).order_by("-at", "-id").first(),
        difficulties=_own_difficulty(unit, figures_of_day) or heard.difficulties,
        of_several_days=history.of_several_days(figures_of_day),
        not_sent_up=heard.silent_on_the_way,
        openings=openings,
        digest=sealed_table.digest(sealed_table.table(figures_of_day)),
        seal=seal,
    )


def _parts(unit: Unit, now: DayRollup) -> tuple[DayRollup, DayRollup | None, int]:
    """The tree of the day with the cumulatives of the day before, and with the opening reports of the very day; and
    how many of the unit's cumulative were there before the campaign."""
    before = rollup.earlier(unit, now, [now.day - timedelta(days=1)])[0]
    openings = _openings(now.day, now.as_of)
    of_the_day = {unit_id: number for unit_id, (on, number) in openings.items() if on == now.day}

    def rolled_up(numbers: Mapping[int, int]) -> DayRollup:
        tree = [replace(figure, cumulative=numbers.get(figure.unit_id)) for figure in now.figures]
        return rollup.roll_up_day(unit, now.hours, tree, now.as_of)

    all_openings = rolled_up({unit_id: number for unit_id, (_on, number) in openings.items()})
    return before, rolled_up(of_the_day) if of_the_day else None, all_openings.own.cumulative or 0


def _openings(day: date, as_of: datetime | None) -> dict[int, tuple[date, int]]:
    """By unit the day and the number of its opening report, up to the day."""
    said = Revision.objects.filter(report__kind=Report.Kind.OPENING, report__day__lte=day)
    said = said.filter(number=F("report__version")) if as_of is None else last_by(said, as_of)
    found = said.values_list("report__unit_id", "report__day", "installs", "adjustment")
    return {unit_id: (on, (installs or 0) + adjustment) for unit_id, on, installs, adjustment in found}


def _days(unit: Unit, now: DayRollup) -> Sequence[PastDay]:
    first = now.day - timedelta(days=TREND_DAYS - 1)
    days = [day for day in rollup.campaign_days(unit, now.day) if first <= day < now.day][::-1]
    return history.history(unit, now, [*days, now.day]).days


def _own_difficulty(unit: Unit, now: DayRollup) -> list[Difficulty]:
    """What a reporting unit says itself."""
    if not now.own.is_reporting:
        return []
    said = Revision.objects.filter(report__unit=unit, report__day=now.day, report__kind=Report.Kind.DAILY)
    said = said.filter(number=F("report__version")) if now.as_of is None else last_by(said, now.as_of)
    return [Difficulty(None, now.own, note, None) for note in said.exclude(note="").values_list("note", flat=True)]


def _office(unit: Unit, now: DayRollup) -> OfficeNames | None:
    return site.over(unit, now.day).own_office


def _city_name(unit: Unit, now: DayRollup) -> str:
    """The name of the city that the unit is or lies in, as of the day; outside of any its own."""
    if now.own.is_city:
        return now.own.name
    city = Unit.objects.sealing().filter(code__in=unit.ancestor_codes).named(now.day, now.as_of).first()
    return city.full_name if city else now.own.name
