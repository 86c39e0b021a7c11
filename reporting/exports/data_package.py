"""Many days as a data package (Frictionless): the tidy table, the units, and the dictionary of every column."""

import json
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from ..figures.rollup import DayRollup
from ..hours import deadline
from ..models.units import UnitQuerySet
from . import stamp, tidy
from .stamp import RangeHeading

TYPES = {date: "date", datetime: "datetime", bool: "boolean", int: "integer", float: "number"}  # others are strings
TABLES = {
    "days": (tidy.COLUMNS, ["day", "unit"], _("One row a unit that reports and day.")),
    "units": (tidy.UNIT_COLUMNS, ["code"], _("The units, as they are named on the last day.")),
}


def write(file: IO[bytes], days: Iterable[DayRollup], units: UnitQuerySet, heading: RangeHeading) -> None:
    """Write the package as a zip. `units` are those that the reader sees; they are named here."""
    at, seals, last = heading.printed_at, heading.look.seals, heading.last
    found = units.select_related("parent", "successor", "split_from").named(last).order_by("path")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("datapackage.json", json.dumps(_description(heading), ensure_ascii=False, indent=1))
        package.writestr("units.csv", tidy.csv(tidy.UNIT_COLUMNS, tidy.unit_lines(found, last)))
        with package.open("days.csv", "w") as table:
            table.writelines(tidy.days_csv(days, at=at, seals=seals))


def _description(heading: RangeHeading) -> dict:
    return {
        "profile": "tabular-data-package",
        "name": f"bluezone-{heading.code}-{heading.first}-{heading.last}".lower(),
        **_in_both_languages(title=_("Installs of the Bluezone application")),
        "unit": {"code": heading.code, "name": heading.unit},
        "first_day": heading.first.isoformat(),
        "last_day": heading.last.isoformat(),
        "as_of": stamp.as_of(heading.look, at=heading.printed_at),
        "time_zone": str(deadline.ZONE),
        "created": heading.printed_at.astimezone(deadline.ZONE).isoformat(),
        "version": settings.RELEASE,
        "resources": [_resource(name, *table) for name, table in TABLES.items()],
    }


def _resource(name: str, columns: tuple[tidy.Column, ...], key: list[str], about: str) -> dict:
    return {
        "name": name,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        **_in_both_languages(description=about),
        "schema": {"fields": [_field(column) for column in columns], "missingValues": [""], "primaryKey": key},
    }


def _field(column: tidy.Column) -> dict:
    enum = {"enum": [member.value for member in column.kind]} if issubclass(column.kind, Enum) else {}
    return {
        "name": column.name,
        "type": TYPES.get(column.kind, "string"),
        **({"format": "any"} if column.kind is datetime else {}),  # with its zone
        **_in_both_languages(title=column.label, description=column.words),
        "constraints": {"required": column.is_needed, **enum},
    }


def _in_both_languages(**words: str) -> dict[str, str]:
    """The words in Vietnamese, and in English by the same names with “_en”."""
    found = {}
    for language, ending in (("vi", ""), ("en", "_en")):
        with override(language):
            found |= {name + ending: str(text) for name, text in words.items()}
    return found
