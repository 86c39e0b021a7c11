"""The islands of Hai Phong as they were reorganised on 1 July 2025, on the 233 real units: nothing jumps.

The districts of Cát Hải and Bạch Long Vĩ became, each as a whole, units of commune level right below the city ("đặc
khu": Resolution 1669/NQ-UBTVQH15). The day is made up: the campaign is of 2020.
"""

from datetime import timedelta

from django.core.management import call_command

from reporting import acts, demo
from reporting.figures import rollup
from reporting.imports.kinds.units import import_units
from reporting.models import Unit
from tests import factories as f
from tests.prepared import prepared

LINES = (demo.DATA / "haiphong-2025-islands.csv").read_text(encoding="utf-8")
SOURCE = "Nghị quyết 1669/NQ-UBTVQH15"
CHANGE = f.DAY + timedelta(days=1)
REPORTED = ("11914", "11947", "318", "11416")


@prepared
def ended():
    f.make_directive()
    import_units((demo.DATA / "haiphong-2020-units.csv").read_bytes(), now=lambda: f.RECORDED_AT)
    for code in REPORTED:
        f.make_report(Unit.objects.get(code=code), installs=10, opening=100)
    city = Unit.objects.get(code="31")
    clerk, at = f.make_user("31", city), f.at("2020-08-21 17:40")
    acts.seal(unit=city, day=f.DAY, reason="Sớm", **f.stamp(clerk, at))
    f.reorganise(LINES, effective_on=CHANGE, at=f.at("2020-08-21 18:00"), source=SOURCE)


def rows(day, code="31"):
    return rollup.rows(Unit.objects.get(code=code), day)


def test_figures_and_people_go_on_under_the_islands_and_the_city(ended):
    eve, day = rows(f.DAY), rows(CHANGE)
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
