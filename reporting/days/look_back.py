"""A look back: figures as they stood at an instant, or as the city sealed them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.http import urlencode

from ..hours import deadline
from ..models import Seal, Unit
from ..models.history import stood_at

SEALED = "seal"  # in an address: as of the day's newest seal


@dataclass(frozen=True)
class LookBack:
    """The instant that a page shows its day at: now, the day's seal, or another one."""

    day: date
    seal: Seal | None = None  # the day's newest
    as_of: datetime | None = None  # None: now
    asked: str = ""  # as it stands in the address
    seals: Mapping[date, Seal] | None = None  # of a range as sealed: by day, where the day has one

    @property
    def is_sealed(self) -> bool:
        """Whether the figures shown are those of the seal."""
        return self.seals is not None or (self.seal is not None and self.as_of == self.seal.at)

    @property
    def query(self) -> str:
        """Added to the address of every link on the page: empty for now."""
        return f"&{urlencode({'as_of': self.asked})}" if self.asked else ""

    def kept(self, **parameters: str) -> dict[str, str]:
        """The parameters that a search form on the page keeps, beside those given."""
        return {**parameters, **({"as_of": self.asked} if self.asked else {})}

    @property
    def reaches_day_after(self) -> bool:
        """Whether the day after can have figures at the instant looked at; with `seal` each day has its own."""
        return self.as_of is None or self.asked == SEALED or self.as_of >= start_of(self.day + timedelta(days=1))

    @property
    def file_suffix(self) -> str:
        """The end of a file's name: says the instant; empty for now."""
        if self.is_sealed:
            return "-chot"
        return f"-luc-{self.as_of.astimezone(deadline.ZONE):%Y-%m-%dT%H%M}" if self.as_of else ""

    @property
    def written(self) -> str:
        """The instant as people write it, in any language of the browser."""
        return f"{self.as_of.astimezone(deadline.ZONE):%d/%m/%Y %Hh%M}" if self.as_of else ""


def newest_seal(unit: Unit, day: date, as_of: datetime | None = None) -> Seal | None:
    """The day's last seal that is not undone, or was not at the instant, by the unit or the superior that seals."""
    return newest_seals(unit, day, day, as_of).get(day)


def newest_seals(unit: Unit, first: date, last: date, as_of: datetime | None = None) -> dict[date, Seal]:
    """The last seal of each of the days that has one."""
    seals = Seal.with_withdrawn.filter(stood_at(as_of), unit__code__in=unit.codes, day__range=(first, last))
    if as_of is not None:
        seals = seals.filter(at__lte=as_of)
    return {seal.day: seal for seal in seals.defer("table").order_by("at", "id")}


def address_of(seal: Seal) -> str:
    """The value of `as_of` that shows the figures of a seal, exact to the microsecond."""
    return seal.at.astimezone(deadline.ZONE).replace(tzinfo=None).isoformat()


def start_of(day: date) -> datetime:
    """The first instant at which anything can be known of the day."""
    return datetime.combine(day, time.min, tzinfo=deadline.ZONE)
