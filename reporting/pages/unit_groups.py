"""Groups of many children: by region, or else by first letter."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..figures.rollup import Row
from ..text import names, unit_kinds

MANY = 40  # units that need neither groups nor pages


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Some of the units, with the name that the address uses."""

    name: str
    label: str
    rows: Sequence[Row]

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(row.code for row in self.rows)


def grouped(rows: Sequence[Row]) -> list[UnitGroup]:
    """The groups in Vietnamese order, units without a region last; empty for few units."""
    if len(rows) <= MANY:
        return []
    return by_region(rows) or _by_letter(rows)


def by_region(rows: Sequence[Row]) -> list[UnitGroup]:
    """Empty if no unit has a region."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (not row.region, names.sort_key(row.region), row.sort_key, row.code)):
        groups.setdefault(row.region, []).append(row)
    if not any(groups):
        return []
    return [UnitGroup(f"region-{region}", region or _("No region"), found) for region, found in groups.items()]


def _by_letter(rows: Sequence[Row]) -> list[UnitGroup]:
    """The kind before the name does not count."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.sort_key, row.code)):
        groups.setdefault(unit_kinds.bare(row.name)[:1].upper(), []).append(row)
    return [UnitGroup(f"letter-{letter}", letter, found) for letter, found in groups.items()]
