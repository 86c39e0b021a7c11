"""The tree of units: each where its superior is, found and sorted by its newest name."""

import csv
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from ...models import Reorganisation, Unit, UnitName
from ...text import formatting, names


def tree() -> Iterator[str]:
    """Every path is that of the superior and the own code; what is searched and sorted by is the newest name.

    A unit of a reorganisation that was withdrawn before it began was never open, and has no name that stands.
    """
    units: dict[int | None, Unit] = {unit.pk: unit for unit in Unit.objects.order_by("path")}
    newest: dict[int, str] = {}
    for unit, name in UnitName.objects.in_force_order().values_list("unit_id", "name"):
        newest.setdefault(unit, name)
    for unit in units.values():
        above = units.get(unit.parent_id)
        path = f"{above.path if above else ''}{unit.code}/"
        if unit.path != path:
            words = _("%(unit)s: its path is %(is)s, by its superior %(says)s")
            yield words % {"unit": unit.code, "is": unit.path, "says": path}
        name = newest.get(unit.pk)
        if name is None and not unit.was_never_open:
            yield _("%(unit)s: has no name") % {"unit": unit.code}
        elif name is not None and (unit.sort_key, unit.name_folded) != (names.sort_key(name), names.fold(name)):
            yield _("%(unit)s: is not sorted and found by its newest name") % {"unit": unit.code}
    yield from _merged_otherwise(units)


def _merged_otherwise(units: Mapping[int | None, Unit]) -> Iterator[str]:
    """Every unit that a reorganisation merges is closed from its day on, into the one that its text says."""
    by_code = {unit.code: unit for unit in units.values()}
    for recorded in Reorganisation.objects.filter(withdrawn_at=None):
        for line in csv.DictReader(recorded.table.splitlines()):
            unit = by_code.get(line.get("code", ""))
            if unit is None or line.get("action") != "merge":
                continue
            heir = units.get(unit.successor_id)
            if heir is None or (unit.closed_on, heir.code) != (recorded.effective_on, line["into"]):
                yield _("%(unit)s: is merged into %(into)s on %(day)s by %(record)s, and is not so kept") % {
                    "unit": unit.code,
                    "into": line["into"],
                    "day": formatting.day(recorded.effective_on),
                    "record": recorded.source,
                }
