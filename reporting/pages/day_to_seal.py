"""The page of the seal: who has not reported or confirmed, and the day's seals, each checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from .. import acts
from ..days.look_back import address_of
from ..figures import rollup, sealed_table
from ..figures.rollup import DayRollup, Row
from ..models import Seal, Unit, User
from .bulletin import with_status


@dataclass(frozen=True)
class Sealed:
    """A seal and its check against the history."""

    number: int  # the first of the day is 1
    seal: Seal
    check: sealed_table.Check
    code: str  # in the chain of the seals
    names: dict[str, str]  # of the units, by code

    @property
    def address(self) -> str:
        return address_of(self.seal)

    @property
    def differences(self) -> list[tuple[str, sealed_table.Difference]]:
        """The differences to the history, each with the unit's name."""
        return [(self.names.get(found.code, found.code), found) for found in self.check.differences]


@dataclass(frozen=True)
class SealingDay:
    """The city's day before it is sealed, or sealed again."""

    unit: Unit
    day: date
    figures: DayRollup
    opens_at: datetime | None  # None: no directive covers the day
    at: datetime
    unconfirmed: Sequence[Row]  # superiors that have not confirmed
    confirming: int  # superiors that confirm a day
    seals: Sequence[Sealed]  # newest first
    undone: Sequence[Seal]
    may_undo: bool  # the newest seal, by the person who looks

    @property
    def is_open(self) -> bool:
        return self.opens_at is not None and self.at >= self.opens_at

    @property
    def silent(self) -> list[Row]:
        """The residents' units that have not reported, named with their status."""
        return [replace(row, name=with_status(row)) for row in self.figures.not_reported if not row.is_agency]

    @property
    def silent_agencies(self) -> list[Row]:
        return [replace(row, name=with_status(row)) for row in self.figures.not_reported if row.is_agency]

    @property
    def is_asked(self) -> bool:
        """Whether a reason is owed: something is sealed again, unconfirmed or missing."""
        return bool(self.newest or self.unconfirmed or self.figures.not_reported)

    @property
    def confirmed(self) -> int:
        return self.confirming - len(self.unconfirmed)

    @property
    def undone_until(self) -> datetime:
        return self.newest.seal.at + acts.UNDONE_WITHIN

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody may still confirm in time before the first seal."""
        return self.is_open and bool(self.hours_to_come) and self.newest is None

    @property
    def hours_to_come(self) -> list[datetime]:
        """The deadlines of confirmations that can still be given in time, the last one first."""
        hours = [self.figures.hours.signs_off_at(row.path) for row in self.unconfirmed]
        return sorted((hour for hour in hours if hour and self.at < hour), reverse=True)

    @property
    def newest(self) -> Sealed | None:
        return self.seals[0] if self.seals else None

    @property
    def digest(self) -> str:
        """The digest of the table shown: only this table can be sealed."""
        return sealed_table.digest(sealed_table.table(self.figures))

    @property
    def has_changed(self) -> bool:
        """Whether a seal made now would differ from the newest."""
        return self.newest is None or sealed_table.table(self.figures) != self.newest.seal.table


def on_day(unit: Unit, day: date, *, by: User, at: datetime) -> SealingDay:
    """The day of the unit that seals."""
    figures = rollup.rows(unit, day, at=at)
    names = {code: row.name for code, row in figures.by_code.items()}
    of_day = Seal.with_withdrawn.filter(unit=unit, day=day).select_related("unit", "by", "withdrawn_by")
    seals = [seal for seal in of_day if not seal.is_withdrawn]
    codes = sealed_table.chain(unit.pk) if seals else {}
    checked = [
        Sealed(number, seal, sealed_table.check(seal, unit), codes[seal], names)
        for number, seal in enumerate(seals, start=1)
    ]
    return SealingDay(
        unit=unit,
        day=day,
        figures=figures,
        opens_at=figures.hours.seals_from(unit.path),
        at=at,
        unconfirmed=figures.unconfirmed(acts.confirmed(figures).sign_offs),
        confirming=len(figures.confirming),
        seals=checked[::-1],
        undone=[seal for seal in of_day if seal.is_withdrawn],
        may_undo=bool(seals) and acts.may_undo(seals[-1], by, at),
    )
