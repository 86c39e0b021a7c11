"""A look back: figures as they stood at an instant, or as the city sealed them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils.http import urlencode

from .. import deadline
from ..models import Seal, Unit
from ..models.history import in_force_at

SEALED = "seal"  # `as_of` in an address: the day's newest seal
NOW = "now"  # `as_of` in an address: the present figures of a sealed day


@dataclass(frozen=True)
class LookBack:
    """The moment as of which a page shows its day: now, the day's seal, or another instant."""

    day: date
    seal: Seal | None = None  # the day's newest
    as_of: datetime | None = None  # None: now
    asked: str = ""  # `as_of` in the address
    seals: Mapping[date, Seal] | None = None  # of a sealed range, by day

    @property
    def is_sealed(self) -> bool:
        """Whether the figures shown are those of the seal."""
        return self.seals is not None or (self.seal is not None and self.as_of == self.seal.at)

    @property
    def by_default_sealed(self) -> "LookBack":
        """The same for a download: a sealed day as sealed, unless the address says another moment or `now`."""
        return replace(self, as_of=self.seal.at) if self.seal and not self.asked else self

    @property
    def query(self) -> str:
        """What a look back adds to the address of every link on the page; empty without one."""
        return f"&{urlencode({'as_of': self.asked})}" if self.asked else ""

    def with_as_of(self, **parameters: str) -> dict[str, str]:
        """The parameters and `as_of`, which a search form on the page sends again."""
        return {**parameters, **({"as_of": self.asked} if self.asked else {})}

    @property
    def reaches_day_after(self) -> bool:
        """Whether the next day can have figures at the instant; with `seal` each day has its own instant."""
        return self.as_of is None or self.asked == SEALED or self.as_of >= day_start(self.day + timedelta(days=1))

    @property
    def file_suffix(self) -> str:
        """The part of a file's name that tells the instant; empty for the figures of now."""
        if self.is_sealed:
            return "-chot"
        if self.as_of is None and self.seal is not None:
            return "-hien-nay"
        return f"-luc-{self.as_of.astimezone(deadline.ZONE):%Y-%m-%dT%H%M}" if self.as_of else ""

    @property
    def written(self) -> str:
        """The instant as people write it, the same in every language."""
        return f"{self.as_of.astimezone(deadline.ZONE):%d/%m/%Y %Hh%M}" if self.as_of else ""


def newest_seal(unit: Unit, day: date, as_of: datetime | None = None) -> Seal | None:
    """The day's last seal that is not undone, now or at `as_of`; by the unit or the superior that seals for it."""
    return newest_seals(unit, day, day, as_of).get(day)


def newest_seals(unit: Unit, first: date, last: date, as_of: datetime | None = None) -> dict[date, Seal]:
    """The newest seal of each day that has one."""
    seals = Seal.with_withdrawn.filter(in_force_at(as_of), unit__code__in=unit.codes, day__range=(first, last))
    if as_of is not None:
        seals = seals.filter(at__lte=as_of)
    if first != last:
        seals = seals.defer("table")
    return {seal.day: seal for seal in seals.select_related("by").order_by("at", "id")}


def as_of_value(seal: Seal) -> str:
    """The value of `as_of` that shows the figures of a seal, exact to the microsecond."""
    return seal.at.astimezone(deadline.ZONE).replace(tzinfo=None).isoformat()


def day_start(day: date) -> datetime:
    """The first instant of the day: before it, it has no figures."""
    return datetime.combine(day, time.min, tzinfo=deadline.ZONE)
