"""The stamp of every file and API answer: days, instant of the figures, time zone and release."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from .. import deadline
from ..days.look_back import SEALED, LookBack
from ..figures import ranges
from ..figures.rollup import DayRollup
from ..models import Seal, Unit
from ..models.levels import Level
from ..text import formatting


def as_of(look: LookBack | None, *, at: datetime) -> str:
    """The instant of the figures, by default `at`; “seal” if each day of a range has the figures of its own seal."""
    if look and look.seals is not None:
        return SEALED
    return ((look and look.as_of) or at).astimezone(deadline.ZONE).isoformat()


def headers(look: LookBack | None, *, at: datetime) -> dict[str, str]:
    zone, release = str(deadline.ZONE), settings.RELEASE
    return {"Bluezone-As-Of": as_of(look, at=at), "Bluezone-Zone": zone, "Bluezone-Release": release}


def description(look: LookBack, *, at: datetime) -> str:
    """`headers` as text, for the properties of a file."""
    return f"As of {as_of(look, at=at)} ({deadline.ZONE}). Bluezone report {settings.RELEASE}."


def look_words(
    as_of: datetime | None, seal: Seal | None = None, *, moment: Callable[[datetime], str] = formatting.moment
) -> str:
    """The instant in words: that of the day's newest `seal`, another, or now; empty for now without a seal."""
    if seal and seal.at == as_of:
        words = _("Sealed at %(moment)s, check code %(code)s")
        return words % {"moment": moment(seal.at), "code": seal.short_digest}
    if seal and as_of is None:
        return _("Current figures, not those sealed at %(moment)s") % {"moment": moment(seal.at)}
    return _("As known at %(moment)s, not the current figures") % {"moment": moment(as_of)} if as_of else ""


@dataclass(frozen=True, kw_only=True)
class Range:
    """The days of a unit in a file or an answer, seen at `at`; current, as sealed, or as of an instant."""

    unit: Unit  # named on the last day
    first: date
    last: date
    at: datetime
    look: LookBack
    level: Level | None = None  # of the listed units; None: the reporting units
    is_weekly: bool = False

    def days(self) -> Iterator[DayRollup]:
        """The rollup of each day, or of each week, oldest first."""
        if self.is_weekly:
            return ranges.by_week(self.unit, self.first, self.last, at=self.at, as_of=self.look.as_of)
        look = self.look
        return ranges.by_day(self.unit, self.first, self.last, at=self.at, as_of=look.as_of, seals=look.seals)

    @property
    def file_name(self) -> str:
        """Without the extension."""
        return f"bluezone-{self.unit.code}-{self.first}-{self.last}{self.look.file_suffix}"

    @property
    def days_and_moment(self) -> str:
        days = {"first": formatting.day(self.first), "last": formatting.day(self.last)}
        now = _("Current figures, %(moment)s") % {"moment": formatting.moment(self.at)}
        then = look_words(self.look.as_of, self.look.seal) or now
        if self.look.seals is not None:
            then = _("Each day as it was sealed; a day that was not sealed has no figures")
        return ". ".join(filter(None, [_("%(first)s to %(last)s") % days, then]))
