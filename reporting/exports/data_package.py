"""A range of days as a Frictionless data package: the tidy table, the units, the column descriptions."""

import json
import zipfile
from dataclasses import replace
from datetime import date, datetime
from enum import Enum
from typing import IO

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _, override

from .. import deadline
from ..models.units import UnitQuerySet
from . import stamp, tidy
from .stamp import Range

TYPES = {date: "date", datetime: "datetime", bool: "boolean", int: "integer", float: "number"}  # others: string
DAYS_WORDS = _("One row for each reporting unit and day. A district without communes reports for itself, to the city.")
TABLES: dict[str, tuple[tuple[tidy.Column, ...], list[str], Promise]] = {
    "days": (tidy.COLUMNS, ["day", "unit"], DAYS_WORDS),
    "units": (tidy.UNIT_COLUMNS, ["code"], _("The units, as they are named on the last day.")),
}


def write(file: IO[bytes], shown: Range, units: UnitQuerySet) -> None:
    """Write the package as a zip. `units` are those that the reader may see."""
    last_day = list(replace(shown, first=shown.last).days())
    description = _description(shown, last_day[0].order if last_day else None)
    files: dict[str, str | bytes] = {
        "datapackage.json": json.dumps(description, ensure_ascii=False, indent=1),
        "units.csv": tidy.csv(tidy.UNIT_COLUMNS, tidy.unit_lines(units, shown.last)),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
        with package.open("days.csv", "w") as table:
            table.writelines(tidy.days_csv(shown))


def _description(shown: Range, directive: deadline.Order | None) -> dict:
    code, licence = shown.unit.code, settings.DATA_LICENCE
    no_licence = _in_both_languages(licence=_("No licence is given. Ask the office before you pass the data on."))
    return {
        "profile": "data-package",
        "name": f"bluezone-{code}-{shown.first}-{shown.last}".lower(),
        **_in_both_languages(title=_("Installs of the Bluezone application")),
        **({"licenses": [{"name": licence}]} if licence else no_licence),
        "unit": {"code": code, "name": shown.unit.full_name},
        "first_day": shown.first.isoformat(),
        "last_day": shown.last.isoformat(),
        **({"target_share": float(directive.target_share)} if directive else {}),
        "as_of": stamp.as_of(shown.look, at=shown.at),
        "time_zone": str(deadline.ZONE),
        "created": shown.at.astimezone(deadline.ZONE).isoformat(),
        "version": settings.RELEASE,
        "resources": [_resource(name, *table) for name, table in TABLES.items()],
    }


def _resource(name: str, columns: tuple[tidy.Column, ...], key: list[str], about: str | Promise) -> dict:
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
        **({"format": "any"} if column.kind is datetime else {}),  # ISO 8601 with a time zone
        **_in_both_languages(title=column.label, description=column.words),
        "constraints": {"required": column.is_needed, **enum},
    }


def _in_both_languages(**words: str | Promise) -> dict[str, str]:
    """Each text twice: in Vietnamese under its name, in English under the name with “_en”."""
    texts: dict[str, str] = {}
    for language, ending in (("vi", ""), ("en", "_en")):
        with override(language):
            texts |= {name + ending: str(text) for name, text in words.items()}
    return texts
