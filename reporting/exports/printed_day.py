"""The annex to the evening's paper: the day's rows, and beside them what the official workbook prints.

Of one moment throughout: with an instant everything is as it was known then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from .. import acts, site
from ..acts import Confirmed, Difficulty
from ..figures import history, rollup, sealed_table
from ..figures.pace import PastDay
from ..figures.query import last_by
from ..figures.rollup import DayRollup, Row
from ..models import Report, Revision, Seal, SignOff, Unit
from ..text import formatting
from .offices import Letterhead, letterhead

TREND_DAYS = 14  # of the chart, the day itself included


@dataclass(frozen=True, kw_only=True)
class Annex:
    """What the workbook of a day below a unit is printed from."""

    figures: DayRollup
    until: datetime  # the moment that the figures speak of
    printed_at: datetime
    letterhead: Letterhead
    days: Sequence[PastDay]  # the last days, oldest first, in the tree of the day
    confirmed: Confirmed
    sign_off: SignOff | None  # the unit's own that stands
    difficulties: Sequence[Difficulty]
    of_several_days: Sequence[tuple[Row, date]]  # whose report is, with the first of the days
    not_sent_up: int  # units that name difficulties which nobody has sent on
    digest: str  # of the canonical table of the figures
    seal: Seal | None = None  # the one whose figures these are

    @property
    def look(self) -> str:
        """How the figures are seen; empty for now."""
        if self.seal:
            words = _("Sealed at %(moment)s, check code %(code)s")
            return words % {"moment": formatting.moment(self.seal.at), "code": self.seal.short_digest}
        if self.figures.as_of:
            words = _("As known at %(moment)s, not the figures of now")
            return words % {"moment": formatting.moment(self.figures.as_of)}
        return ""


def printed_annex(unit: Unit, figures_of_day: DayRollup, *, at: datetime, seal: Seal | None = None) -> Annex:
    """The annex of the day of a rollup, which is the unit's, printed at `at`."""
    day, as_of = figures_of_day.day, figures_of_day.as_of
    own, heard, place = figures_of_day.own, acts.heard(figures_of_day), site.over(unit, day)
    days = [past for past in rollup.campaign_days(unit, day) if day - timedelta(days=TREND_DAYS) < past < day]
    return Annex(
        figures=figures_of_day,
        until=figures_of_day.until(at),
        printed_at=at,
        letterhead=letterhead(own, name=own.name, city=place.full_name, office=place.own_office),
        days=history.history(unit, figures_of_day, [*days[::-1], day]).days,
        confirmed=acts.confirmed(figures_of_day),
        sign_off=SignOff.objects.standing(as_of).filter(unit=unit, day=day).order_by("-at", "-id").first(),
        difficulties=_own_difficulty(unit, figures_of_day) or heard.difficulties,
        of_several_days=history.of_several_days(figures_of_day),
        not_sent_up=heard.silent_on_the_way,
        digest=sealed_table.digest(sealed_table.table(figures_of_day)),
        seal=seal,
    )


def _own_difficulty(unit: Unit, now: DayRollup) -> list[Difficulty]:
    """What a reporting unit says itself."""
    if not now.own.is_reporting:
        return []
    said = Revision.objects.filter(report__unit=unit, report__day=now.day, report__kind=Report.Kind.DAILY)
    said = said.filter(number=F("report__version")) if now.as_of is None else last_by(said, now.as_of)
    return [Difficulty(None, now.own, note, None) for note in said.exclude(note="").values_list("note", flat=True)]
