"""Real reorganisations of Hai Phong, and the abolition of districts in a made-up place: no cumulative jumps.

The days are moved into the campaign of 2020.
"""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from django.core.management import call_command

from reporting import acts, demo
from reporting.figures import rollup
from reporting.imports.kinds.units import import_units
from reporting.models import Unit, User
from reporting.people import access
from tests import factories as f
from tests.prepared import prepared
from tests.views.visits import look, send


def data(name):
    return (demo.DATA / name).read_text(encoding="utf-8")


UNITS = data("haiphong-2020-units.csv")
PROVINCE = Path(__file__).parents[1] / "made-up-three-level-units.csv"
CHANGE = f.DAY + timedelta(days=1)
AFTER = "2020-08-22 12:00"


def own(code, day):
    return rollup.rows(Unit.objects.get(code=code), day)


# Six real mergers on the 233 real units: who reports, and of how many (Resolution 872/NQ-UBTVQH14).

AGENCIES = data("haiphong-agencies.csv")
MERGERS = data("haiphong-2020-mergers.csv")
FEBRUARY = date(2020, 2, 1)
LAST, FIRST = date(2020, 1, 31), date(2020, 1, 2)
RECORDED = f.at("2020-01-20 09:00")


class Merger(NamedTuple):
    gone: str
    name: str
    kind: str
    population: int
    into: str
    own: int  # population of the unit that continues, before the merger
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
    """The file of the real units, as it was before the mergers."""
    reader = csv.reader(UNITS.splitlines())
    lines = [next(reader)]
    own = {merger.into: merger.own for merger in MERGED}
    for code, name, kind, level, parent, population, source in reader:
        name = "Ngọc Hải" if code == "11458" else name
        lines.append([code, name, kind, level, parent, str(own.get(code, population)), source])
    lines += [[m.gone, m.name, m.kind, "commune", m.district, str(m.population), "census-2019"] for m in MERGED]
    return "\n".join(",".join(line) for line in lines)


@prepared
def merged_872():
    """The units before, the order, and the decision recorded in January."""
    import_units(units_before().encode(), now=lambda: RECORDED)
    import_units(AGENCIES.encode(), now=lambda: RECORDED)
    f.make_directive(FIRST, recorded_at=f.at("2020-01-01 08:00"))
    f.reorganise(MERGERS, effective_on=FEBRUARY, at=RECORDED)
    return Unit.objects.get(code="31")


def test_reporting_units_are_224_before_and_218_after(merged_872):
    before, after = rollup.rows_of_days(merged_872, [LAST, FEBRUARY])
    assert [day.own.expected for day in (before, after)] == [224, 218]
    assert [sum(row.level == "commune" for row in day.by_code.values()) for day in (before, after)] == [223, 217]
    assert [day.agency_total.expected for day in (before, after)] == [before.agency_total.expected] * 2


def test_populations_of_districts_and_city_are_unchanged(merged_872):
    before, after = rollup.rows_of_days(merged_872, [LAST, FEBRUARY])
    above = [code for code, row in before.by_code.items() if not row.is_reporting]
    assert len(above) == 15  # the city and the districts with communes
    assert {c: after.by_code[c].population for c in above} == {c: before.by_code[c].population for c in above}
    assert after.own.population == 2028514
    assert {m.into: after.by_code[m.into].population for m in MERGED} == {m.into: m.population + m.own for m in MERGED}


def test_units_after_the_mergers_are_those_of_the_real_file(merged_872):
    """Names and populations equal those in the file of the tree after the mergers."""
    after = rollup.rows(merged_872, FEBRUARY).by_code
    named = Unit.objects.open_on(FEBRUARY).named(FEBRUARY).exclude(level="agency")
    found = {unit.code: (unit.name, unit.kind, str(after[unit.code].population)) for unit in named}
    assert found == {line[0]: (line[1], line[2], line[5]) for line in list(csv.reader(UNITS.splitlines()))[1:]}


# The islands on 1 July 2025: Cát Hải and Bạch Long Vĩ became, each as a whole, units of commune level right below the
# city ("đặc khu": Resolution 1669/NQ-UBTVQH15).


@prepared
def islands():
    f.make_directive()
    import_units(UNITS.encode(), now=lambda: f.RECORDED_AT)
    for code in ("11914", "11947", "318", "11416"):
        f.make_report(Unit.objects.get(code=code), installs=10, opening=100)
    city = Unit.objects.get(code="31")
    clerk, at = f.make_user("31", city), f.at("2020-08-21 17:40")
    acts.seal(unit=city, day=f.DAY, reason="Sớm", **f.stamp(clerk, at))
    f.reorganise(data("haiphong-2025-islands.csv"), effective_on=CHANGE, at=f.at("2020-08-21 18:00"))


def test_figures_and_people_go_on_under_the_islands_and_the_city(islands):
    eve, day = own("31", f.DAY), own("31", CHANGE)
    assert (eve.own.cumulative, eve.own.population, eve.own.expected) == (440, 2_028_514, 218)
    assert (day.own.cumulative, day.own.population, day.own.expected) == (440, 2_028_514, 218 - 13 + 2)
    below = {row.code: row for row in day.children}
    assert (len(below), {"317", "318"} & set(below)) == (15, set())
    found = {code: below[code] for code in ("317-DK", "318-DK")}
    assert {code: (row.name, row.level, row.population, row.cumulative) for code, row in found.items()} == {
        "317-DK": ("Đặc khu Cát Hải", "commune", 32_090, 220),
        "318-DK": ("Đặc khu Bạch Long Vĩ", "commune", 624, 110),
    }
    call_command("verify")


# Districts end and their communes go right below the top, of the shape in which the districts of the country ended on
# 1 July 2025 (Resolution 202/2025/QH15); the days before stay three-level.


@prepared
def districts():
    f.make_directive()
    import_units(PROVINCE.read_bytes(), now=lambda: f.RECORDED_AT)
    people = {unit.code: f.make_user(unit.code, unit) for unit in Unit.objects.all()}
    for unit in Unit.objects.filter(children=None):
        f.make_report(unit, installs=10, opening=100, by=people[unit.code])
    f.reorganise(data("made-up-end-of-districts.csv"), effective_on=CHANGE, at=f.at("2020-08-21 18:00"))
    return people


def test_figures_go_on_without_a_jump(districts):
    eve, day = own("L0", f.DAY), own("L0", CHANGE)
    assert (eve.own.cumulative, day.own.cumulative) == (660, 660)
    assert (eve.own.population, day.own.population) == (27100, 27100)
    assert {row.code: (row.level, row.cumulative) for row in day.children} == {
        "L91": ("commune", 220),
        "L92": ("commune", 110),
        "L93": ("commune", 220),
        "L94": ("commune", 110),
    }
    assert sorted(row.code for row in eve.children) == ["L1", "L2", "L3"]


def test_new_communes_report_and_the_top_seals_without_any_sign_off(districts):
    top = User.objects.get(username="L0")
    officer = f.make_user("L91", Unit.objects.get(code="L91"))
    assert send(officer, officer.unit, AFTER, day=CHANGE, opening="").status_code == 302
    page = look(top, "unit", "L0", moment=AFTER)
    assert (page.status_code, "có cấp xã" in page.text) == (200, False)
    assert look(top, "seal", "L0", CHANGE, moment="2020-08-22 17:40").status_code == 200
    f.make_report(Unit.objects.get(code="L94"), CHANGE, installs=5)
    assert own("L0", CHANGE).own.cumulative == 660 + 88 + 5
    call_command("verify")


def test_clerk_of_a_district_that_ended_is_no_clerk_of_the_top(districts):
    clerk = districts["L1"]
    page = look(clerk, "inbox", moment=AFTER)
    clerk.refresh_from_db()
    assert (page.status_code, clerk.unit.code) == (200, "L1")
    assert not access.is_sealing_clerk(clerk, Unit.objects.get(code="L0"))
    assert look(clerk, "unit", "L0", moment=AFTER).status_code == 404
    assert look(clerk, "unit", "L1", moment=AFTER, query="?day=2020-08-21").status_code == 200


def test_officer_of_a_commune_goes_on_in_the_new_one(districts):
    officer = districts["L11"]
    assert look(officer, "inbox", moment=AFTER).status_code == 200
    officer.refresh_from_db()
    assert officer.unit.code == "L91"
