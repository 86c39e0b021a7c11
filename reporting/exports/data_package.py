"""Many days as a data package (Frictionless): the tidy table, the units, and the dictionary of every column."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import IO

from django.conf import settings
from django.utils.translation import gettext, gettext_noop, override

from ..figures.rollup import DayRollup
from ..hours import deadline
from ..models import Unit
from . import stamp, tidy
from .range_heading import RangeHeading

NAMES = {date: "date", datetime: "datetime", bool: "boolean", int: "integer", float: "number"}  # text is a string
TITLE = gettext_noop("Installs of the Bluezone application")
TABLES = {
    "days": (tidy.COLUMNS, ["day", "unit"], gettext_noop("One row a unit that reports and day.")),
    "units": (tidy.UNIT_COLUMNS, ["code"], gettext_noop("The units, as they are named on the last day.")),
}


def write(file: IO[bytes], days: Iterable[DayRollup], units: Iterable[Unit], heading: RangeHeading) -> None:
    """Write the package as a zip. The units are those that the reader sees, to be named here."""
    at, last = heading.printed_at, heading.last
    found = units.select_related("parent", "successor", "split_from").named(last).order_by("path")
    unit_rows = tidy.csv(tidy.UNIT_COLUMNS, tidy.unit_lines(found, last))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("datapackage.json", json.dumps(_description(heading), ensure_ascii=False, indent=1))
        package.writestr("units.csv", tidy.csv(tidy.UNIT_COLUMNS) + unit_rows)
        with package.open("days.csv", "w") as table:
            table.writelines(tidy.days_csv(days, at=at, seals=heading.look.seals))


def _description(heading: RangeHeading) -> dict:
    instant = stamp.as_of(heading.look, at=heading.printed_at)
    return {
        "profile": "tabular-data-package",
        "name": f"bluezone-{heading.code}-{heading.first}-{heading.last}".lower(),
        **_in_both_languages(title=TITLE),
        "unit": {"code": heading.code, "name": heading.unit},
        "first_day": heading.first.isoformat(),
        "last_day": heading.last.isoformat(),
        "as_of": instant,
        "time_zone": str(deadline.ZONE),
        "created": heading.printed_at.astimezone(deadline.ZONE).isoformat(),
        "version": settings.RELEASE,
        "resources": [_resource(name, *table) for name, table in TABLES.items()],
    }


def _resource(name: str, columns: tuple[tidy.Column, ...], key: list[str], about: str) -> dict:
    schema = {"fields": [_field(column) for column in columns], "missingValues": [""], "primaryKey": key}
    if name == "days":
        unit = {"fields": ["unit"], "reference": {"resource": "units", "fields": ["code"]}}
        schema["foreignKeys"] = [unit]
    return {
        "name": name,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "format": "csv",
        **_in_both_languages(description=about),
        "schema": schema,
    }


def _field(column: tidy.Column) -> dict:
    is_enum = issubclass(column.kind, Enum)
    constraints = {"required": column.is_always_there}
    if is_enum:
        constraints["enum"] = [member.value for member in column.kind]
    return {
        "name": column.name,
        "type": NAMES.get(column.kind, "string"),
        **({"format": "any"} if column.kind is datetime else {}),
        **_in_both_languages(title=column.label, description=column.words),
        "constraints": constraints,
    }


def _in_both_languages(**words) -> dict[str, str]:
    """The words in Vietnamese, and in English by the same names with “_en”."""
    found = {}
    for language, ending in (("vi", ""), ("en", "_en")):
        with override(language):
            found |= {
                name + ending: gettext(text) if isinstance(text, str) else str(text) for name, text in words.items()
            }
    return found
