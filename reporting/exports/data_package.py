"""A range of days as a Frictionless data package: the tidy table, the units, the tile map, the column descriptions."""

import json
import zipfile
from dataclasses import replace
from datetime import date, datetime
from enum import Enum
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _, override

from .. import deadline
from ..charts.tile_map import layout
from ..figures.rollup import Row
from ..models import Directive
from ..models.units import UnitQuerySet
from . import stamp, tidy
from .stamp import Range

TYPES = {date: "date", datetime: "datetime", bool: "boolean", int: "integer", float: "number"}  # others: string
DAYS_WORDS = _("One row for each reporting unit and day. A district without communes reports for itself, to the city.")
TABLES = {
    "days": (tidy.COLUMNS, ["day", "unit"], DAYS_WORDS),
    "units": (tidy.UNIT_COLUMNS, ["code"], _("The units, as they are named on the last day.")),
}
MAP_WORDS = _("The units right below on the last day, as squares of the tile map. That day may not be over.")


def write(file: IO[bytes], shown: Range, units: UnitQuerySet) -> None:
    """Write the package as a zip. `units` are those that the reader may see."""
    last_day = list(replace(shown, first=shown.last).days())
    files = {
        "datapackage.json": _dump(_description(shown, last_day[0].directive if last_day else None)),
        "units.csv": tidy.csv(tidy.UNIT_COLUMNS, tidy.unit_lines(units, shown.last)),
        "map.geojson": _dump(tile_map(last_day[0].children if last_day else [])),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
        with package.open("days.csv", "w") as table:
            table.writelines(tidy.days_csv(shown))


def _dump(value: dict) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def tile_map(rows: list[Row]) -> dict:
    """GeoJSON of the tile map: each unit is a square of side 1; north is up."""
    features = []
    for row, (column, line) in zip(rows, layout([row.place for row in rows]), strict=True):
        west, north = column - 1, 1 - line
        corners = [[west, north], [west, north - 1], [west + 1, north - 1], [west + 1, north], [west, north]]
        share = None if row.share is None else float(row.share)
        about = {"code": row.code, "name": row.name, "cumulative": row.cumulative, "share": share}
        square = {"type": "Polygon", "coordinates": [corners]}
        features.append({"type": "Feature", "properties": about, "geometry": square})
    return {"type": "FeatureCollection", "features": features}


def _description(shown: Range, directive: Directive | None) -> dict:
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
        "resources": [
            *(_resource(name, *table) for name, table in TABLES.items()),
            {"name": "map", "path": "map.geojson", "format": "geojson", **_in_both_languages(description=MAP_WORDS)},
        ],
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
        **({"format": "any"} if column.kind is datetime else {}),  # ISO 8601 with a time zone
        **_in_both_languages(title=column.label, description=column.words),
        "constraints": {"required": column.is_needed, **enum},
    }


def _in_both_languages(**words: str) -> dict[str, str]:
    """Each text twice: in Vietnamese under its name, in English under the name with “_en”."""
    texts = {}
    for language, ending in (("vi", ""), ("en", "_en")):
        with override(language):
            texts |= {name + ending: str(text) for name, text in words.items()}
    return texts
