"""What every file and answer says of itself: of which instant its figures are, in which zone, from which release."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from ..days.look_back import SEALED, LookBack
from ..hours import deadline
from ..text import formatting


def as_of(look: LookBack | None, *, at: datetime) -> str:
    """The instant that the figures are of, seen at `at`; “seal” of a range of which each day has that of its own."""
    if look and look.seals is not None:
        return SEALED
    return ((look and look.as_of) or at).astimezone(deadline.ZONE).isoformat()


def headers(look: LookBack | None, *, at: datetime) -> dict[str, str]:
    zone, release = str(deadline.ZONE), settings.RELEASE
    return {"Bluezone-As-Of": as_of(look, at=at), "Bluezone-Zone": zone, "Bluezone-Release": release}


def description(look: LookBack, *, at: datetime) -> str:
    """The same in the properties of a file."""
    return f"As of {as_of(look, at=at)} ({deadline.ZONE}). Bluezone report {settings.RELEASE}."


@dataclass(frozen=True, kw_only=True)
class RangeHeading:
    """Of which unit and days a file is, when it was made, and how its figures are seen."""

    code: str
    unit: str  # its name
    first: date
    last: date
    printed_at: datetime
    look: LookBack

    @property
    def words(self) -> str:
        days = {"first": formatting.day(self.first), "last": formatting.day(self.last)}
        words = _("%(first)s to %(last)s") % days
        if self.look.seals is not None:
            return f"{words}. {_('Each day as it was sealed; a day that was not sealed has no figures')}"
        if self.look.as_of is None:
            return words
        then = _("As known at %(moment)s, not the figures of now") % {"moment": formatting.moment(self.look.as_of)}
        return f"{words}. {then}"
