"""Districts end and their communes go right below the top: nothing jumps, and the days before stay three-level.

The place is made up, of the shape in which the districts of the country ended on 1 July 2025 (Resolution 202/2025/QH15;
of Hai Phong Resolution 1669/NQ-UBTVQH15: 114 units of commune level, two of them islands that had been districts).
"""

from datetime import timedelta

from django.core.management import call_command

from reporting import demo
from reporting.figures import rollup
from reporting.imports.kinds.units import import_units
from reporting.models import Unit, User
from reporting.people import access
from tests import factories as f
from tests.prepared import prepared
from tests.views.visits import look, send

ENDS_ON = f.DAY + timedelta(days=1)
AFTER = "2020-08-22 12:00"
LINES = (demo.DATA / "made-up-end-of-districts.csv").read_text(encoding="utf-8")
SOURCE = "Nghị quyết (minh họa)"


@prepared
def ended():
    f.make_directive()
    import_units((demo.DATA / "made-up-three-level-units.csv").read_bytes(), now=lambda: f.RECORDED_AT)
    people = {unit.code: f.make_user(unit.code, unit) for unit in Unit.objects.all()}
    for unit in Unit.objects.filter(children=None):
        f.make_report(unit, installs=10, opening=100, by=people[unit.code])
    f.reorganise(LINES, effective_on=ENDS_ON, at=f.at("2020-08-21 18:00"), source=SOURCE)
    return people


def own(code, day):
    return rollup.rows(Unit.objects.get(code=code), day)


def test_figures_go_on_without_a_jump(ended):
    eve, day = own("L0", f.DAY), own("L0", ENDS_ON)
    assert (eve.own.cumulative, day.own.cumulative) == (660, 660)
    assert (eve.own.population, day.own.population) == (27100, 27100)
    assert {row.code: (row.level, row.cumulative) for row in day.children} == {
        "L91": ("commune", 220),
        "L92": ("commune", 110),
        "L93": ("commune", 220),
        "L94": ("commune", 110),
    }
    assert sorted(row.code for row in eve.children) == ["L1", "L2", "L3"]


def test_new_communes_report_and_the_top_seals_without_any_sign_off(ended):
    top = User.objects.get(username="L0")
    officer = f.make_user("L91", Unit.objects.get(code="L91"))
    assert send(officer, officer.unit, AFTER, day=ENDS_ON, opening="").status_code == 302
    page = look(top, "unit", "L0", moment=AFTER)
    assert (page.status_code, "có cấp xã" in page.text) == (200, False)
    assert look(top, "seal", "L0", ENDS_ON, moment="2020-08-22 17:40").status_code == 200
    f.make_report(Unit.objects.get(code="L94"), ENDS_ON, installs=5)
    assert own("L0", ENDS_ON).own.cumulative == 660 + 88 + 5
    call_command("verify")


def test_clerk_of_a_district_that_ended_is_no_clerk_of_the_top(ended):
    clerk = ended["L1"]
    page = look(clerk, "inbox", moment=AFTER)
    clerk.refresh_from_db()
    assert (page.status_code, clerk.unit.code) == (200, "L1")
    assert not access.is_sealing_clerk(clerk, Unit.objects.get(code="L0"))
    assert look(clerk, "unit", "L0", moment=AFTER).status_code == 404
    assert look(clerk, "unit", "L1", moment=AFTER, query="?day=2020-08-21").status_code == 200


def test_officer_of_a_commune_goes_on_in_the_new_one(ended):
    officer = ended["L11"]
    assert look(officer, "inbox", moment=AFTER).status_code == 200
    officer.refresh_from_db()
    assert officer.unit.code == "L91"
