"""What the city has before it when it seals a day: who has not reported or confirmed, and the seals there are.

A seal is checked by computing its table again as of its instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from .. import acts
from ..days.look_back import address_of
from ..figures import rollup, sealed_table
from ..figures.rollup import DayRollup, Row
from ..models import Seal, Unit
from .bulletin import with_status


@dataclass(frozen=True)
class Sealed:
    """A seal and what comes out when it is computed again."""

    number: int  # the first of the day is 1
    seal: Seal
    check: sealed_table.Check
    names: dict[str, str]  # of the units, by code

    @property
    def address(self) -> str:
        return address_of(self.seal)

    @property
    def differences(self) -> list[tuple[str, sealed_table.Difference]]:
        """What no longer comes out, each with the unit's name."""
        return [(self.names.get(found.code, found.code), found) for found in self.check.differences]


@dataclass(frozen=True)
class SealingDay:
    """The city's day before it is sealed, or sealed again."""

    unit: Unit
    day: date
    figures: DayRollup
    opens_at: datetime | None  # None: no directive covers the day
    at: datetime
    unsigned: Sequence[Row]  # superiors that have not confirmed
    seals: Sequence[Sealed]  # newest first

    @property
    def is_open(self) -> bool:
        return self.opens_at is not None and self.at >= self.opens_at

    @property
    def silent(self) -> list[Row]:
        """The residents' units that have not reported; agencies are counted apart, here as above.

        Named with what else is to be said of them: that a request waits, or that they are excused.
        """
        return [replace(row, name=with_status(row)) for row in self.figures.not_reported if not row.is_agency]

    @property
    def silent_agencies(self) -> list[Row]:
        return [replace(row, name=with_status(row)) for row in self.figures.not_reported if row.is_agency]

    @property
    def newest(self) -> Sealed | None:
        return self.seals[0] if self.seals else None

    @property
    def digest(self) -> str:
        """Of the table that is shown: a seal fixes this one or none."""
        return sealed_table.digest(sealed_table.table(self.figures))

    @property
    def has_changed(self) -> bool:
        """Whether a seal made now would differ from the newest."""
        return self.newest is None or sealed_table.table(self.figures) != self.newest.seal.table


def on_day(unit: Unit, day: date, *, at: datetime) -> SealingDay:
    """The day of the unit that seals."""
    figures = rollup.rows(unit, day, at=at)
    confirmed = acts.confirmed(figures)
    signing = [row for row in figures.children if not row.is_reporting]
    names = {code: row.name for code, row in figures.by_code.items()}
    seals = Seal.objects.filter(unit=unit, day=day).select_related("by").order_by("at", "id")
    checked = [
        Sealed(number, seal, sealed_table.check(seal, unit), names) for number, seal in enumerate(seals, start=1)
    ]
    return SealingDay(
        unit=unit,
        day=day,
        figures=figures,
        opens_at=figures.hours.seals_from(unit.path),
        at=at,
        unsigned=[row for row in signing if row.code not in confirmed.sign_offs],
        seals=checked[::-1],
    )
