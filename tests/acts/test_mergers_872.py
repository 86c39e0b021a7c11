"""Six real mergers on the 233 real units, in a made-up January and February: who reports, and of how many."""

import csv
from datetime import date
from typing import NamedTuple

from reporting import demo
from reporting.figures import rollup
from reporting.imports.kinds.units import import_units
from reporting.models import Unit
from tests.prepared import prepared

from ..factories import at, make_directive, reorganise

UNITS = (demo.DATA / "haiphong-2020-units.csv").read_text(encoding="utf-8")
AGENCIES = (demo.DATA / "haiphong-agencies.csv").read_text(encoding="utf-8")
MERGERS = (demo.DATA / "haiphong-2020-mergers.csv").read_text(encoding="utf-8")
DECISION = "Nghị quyết 872/NQ-UBTVQH14"
CHANGE = date(2020, 2, 1)
LAST, FIRST = date(2020, 1, 31), date(2020, 1, 2)
RECORDED = at("2020-01-20 09:00")


class Merger(NamedTuple):
    gone: str
    name: str
    kind: str
    population: int
    into: str
    own: int  # population of the one that goes on, before
    district: str


MERGED = [
    Merger("11317", "Quang Trung", "phường", 3987, "11320", 3139, "303"),
    Merger("11326", "Phạm Hồng Thái", "phường", 2419, "11323", 3777, "303"),
    Merger("11344", "Lương Khánh Thiện", "phường", 5884, "11353", 5286, "304"),
    Merger("11464", "Vạn Sơn", "phường", 5746, "11458", 8366, "308"),
    Merger("11767", "Tiên Tiến", "xã", 3064, "11770", 4445, "315"),
    Merger("11818", "Tiên Hưng", "xã", 2992, "11821", 7868, "315"),
]


def units_before():
    """The file of the real units as it would have read before the mergers."""
    reader = csv.reader(UNITS.splitlines())
    lines = [next(reader)[:7]]  # without where they lie on the map
    own = {merger.into: merger.own for merger in MERGED}
    for code, name, kind, level, parent, population, source, *_place in reader:
        name = "Ngọc Hải" if code == "11458" else name
        lines.append([code, name, kind, level, parent, str(own.get(code, population)), source])
    lines += [[m.gone, m.name, m.kind, "commune", m.district, str(m.population), "census-2019"] for m in MERGED]
    return "\n".join(",".join(line) for line in lines)


@prepared
def city():
    """The units before, the order, and the decision recorded in January."""
    import_units(units_before().encode(), now=lambda: RECORDED)
    import_units(AGENCIES.encode(), now=lambda: RECORDED)
    make_directive(FIRST, recorded_at=at("2020-01-01 08:00"))
    reorganise(MERGERS, effective_on=CHANGE, source=DECISION, at=RECORDED)
    return Unit.objects.get(code="31")


def test_reporting_units_are_224_before_and_218_after(city):
    before, after = rollup.rows_of_days(city, [LAST, CHANGE])
    assert [day.own.expected for day in (before, after)] == [224, 218]
    assert [sum(row.level == "commune" for row in day.by_code.values()) for day in (before, after)] == [223, 217]
    assert [day.agency_total.expected for day in (before, after)] == [before.agency_total.expected] * 2


def test_populations_of_districts_and_city_are_unchanged(city):
    before, after = rollup.rows_of_days(city, [LAST, CHANGE])
    above = [code for code, row in before.by_code.items() if not row.is_reporting]
    assert len(above) == 15  # the city and the districts with communes
    assert {c: after.by_code[c].population for c in above} == {c: before.by_code[c].population for c in above}
    assert after.own.population == 2028514
    assert {m.into: after.by_code[m.into].population for m in MERGED} == {m.into: m.population + m.own for m in MERGED}


def test_units_after_the_mergers_are_those_of_the_real_file(city):
    """Names and populations come out as the file of the tree after the mergers has them."""
    after = rollup.rows(city, CHANGE).by_code
    named = Unit.objects.open_on(CHANGE).named(CHANGE).exclude(level="agency")
    found = {unit.code: (unit.name, unit.kind, str(after[unit.code].population)) for unit in named}
    assert found == {line[0]: (line[1], line[2], line[5]) for line in list(csv.reader(UNITS.splitlines()))[1:]}
