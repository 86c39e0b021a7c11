"""A country with a made-up history: 63 provinces and cities, 713 districts and 10,600 communes at full size."""

from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password

from reporting.models import BaseFigure, Unit, UnitName, User
from reporting.text import names

from . import data

CITIES, DISTRICTS, COMMUNES = 63, 713, 10_600
TOP = "VN"
Level = Unit.Level


def fill(*, days: int, today: date, cities: int = CITIES) -> None:
    """Fill the default database with `days` full days before today, and today shortly before the deadline.

    With fewer than 63 `cities` the country is smaller; each city has as many districts and communes as in the whole.
    """
    _units(cities, data.at(today - timedelta(days=days + 1)))
    password = make_password(data.PASSWORD)
    some = Unit.objects.filter(code__in=[TOP, "1", "1-1", "1-1-1", "1-1-2"])
    User.objects.bulk_create(User(username=unit.code, unit=unit, password=password) for unit in some)
    data.write_history(days=days, today=today)


def _units(cities: int, at: datetime) -> None:
    """Level by level, spread evenly: a unit's code is its superior's code and a number."""
    above = _level(Level.COUNTRY, [(TOP, None)], "", at)
    above = _level(Level.CITY, [(str(number + 1), above[0]) for number in range(cities)], "tỉnh", at)
    above = _level(Level.DISTRICT, _spread(above, DISTRICTS * cities // CITIES), "huyện", at)
    units = _level(Level.COMMUNE, _spread(above, COMMUNES * cities // CITIES), "xã", at)
    BaseFigure.objects.bulk_create(
        BaseFigure(
            unit=unit,
            effective_on=at.date(),
            population=4000 + unit.pk * 37 % 9000,
            smartphone_users=2000 + unit.pk * 17 % 2000,
            households=900 + unit.pk % 900,
            source="made up",
            recorded_at=at,
        )
        for unit in units
    )


def _spread(above: list[Unit], count: int) -> list[tuple[str, Unit]]:
    parents = [above[number * len(above) // count] for number in range(count)]
    numbers = dict.fromkeys(parents, 0)
    found = []
    for parent in parents:
        numbers[parent] += 1
        found.append((f"{parent.code}-{numbers[parent]}", parent))
    return found


def _level(level: str, places: list[tuple[str, Unit | None]], kind: str, at: datetime) -> list[Unit]:
    made = []
    for code, parent in places:
        name = f"{Level(level).label} {code}"
        made.append(
            Unit(
                code=code,
                level=level,
                parent=parent,
                path=f"{parent.path if parent else ''}{code}/",
                sort_key=names.sort_key(name),
                name_folded=names.fold(name),
            )
        )
    units = Unit.objects.bulk_create(made)
    UnitName.objects.bulk_create(
        UnitName(unit=unit, name=f"{Level(level).label} {unit.code}", kind=kind, effective_on=at.date(), recorded_at=at)
        for unit in units
    )
    return units
