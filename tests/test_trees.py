"""Five trees from empty to sealed, over HTTP: two levels, three, four, mixed, and districts without communes.

Each begins with a file of units; officers report, superiors of communes confirm, the top unit seals.
"""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from reporting.figures import rollup
from reporting.imports.kinds.units import import_units
from reporting.models import Seal, SignOff, Unit
from tests import factories as f
from tests.views import routes
from tests.views.visits import frozen, markup

HEAD = "code,name,kind,level,parent_code,population,population_source\n"
PROVINCE = "02,Sơn Lâm,tỉnh,city,,,\n"
PROVINCE_OF_118 = Path(__file__).with_name("made-up-two-level-units.csv")  # communes, without districts
TWO_LEVELS = PROVINCE + "".join(
    f"1{n:02},{name},{kind},commune,02,{1000 + n},GSO\n"
    for n, (name, kind) in enumerate(
        [("An Hòa", "xã"), ("Bình Minh", "phường"), ("Cao Sơn", "xã"), ("Đảo Ngọc", "đặc khu"), ("Yên Lạc", "xã")]
    )
)
THREE_LEVELS = PROVINCE + (
    "024,Bản Cao,huyện,district,02,,\n0241,Suối Trong,xã,commune,024,5000,GSO\n"
    "0242,Bản Cao,thị trấn,commune,024,3000,GSO\n"
    "025,Sông Trong,thị xã,district,02,,\n0251,Trần Phú,phường,commune,025,8000,GSO\n"
)
FOUR_LEVELS = "VN,Việt Nam,,country,,,\n" + (
    "02,Sơn Lâm,tỉnh,city,VN,,\n024,Bản Cao,huyện,district,02,,\n0241,Suối Trong,xã,commune,024,5000,GSO\n"
    "03,Hải Giang,thành phố,city,VN,,\n031,Bến Nghé,quận,district,03,,\n0311,Bến Đò,phường,commune,031,9000,GSO\n"
)
MIXED = THREE_LEVELS + "0261,Đảo Đá,xã,commune,02,700,GSO\n0262,Đảo Xa,xã,commune,02,300,GSO\n"
LONE_DISTRICTS = THREE_LEVELS + "".join(f"03{n},Đảo {n},huyện,district,02,{500 + n},GSO\n" for n in range(4))
TREES = {
    "two levels": (TWO_LEVELS, 5, 0, ["02"]),
    "three levels": (THREE_LEVELS, 3, 2, ["02"]),
    "four levels": (FOUR_LEVELS, 2, 2, ["02", "03"]),
    "mixed": (MIXED, 5, 2, ["02"]),
    "districts that report for themselves": (LONE_DISTRICTS, 7, 2, ["02"]),
}
IN_EVERY_RUN = ("two levels",)  # three are those of the cast
ANSWERED = {  # to who seals, of all addresses of a unit: a new one must be named here
    *("unit", "board", "review", "seal", "entry", "bulletin", "official"),
    *("ranking", "discipline", "report_list", "workbook", "paper", "report", "late_request", "report_state"),
}
AFTERNOON, EVENING, SEALING = "2020-08-21 15:00", "2020-08-21 17:10", "2020-08-21 17:40"


@pytest.fixture(params=[t if t in IN_EVERY_RUN else pytest.param(t, marks=pytest.mark.matrix) for t in TREES])
def tree(request, db):
    units, *expected = TREES[request.param]
    f.make_directive(issuer="UBND")
    import_units((HEAD + units).encode(), now=lambda: f.RECORDED_AT)
    people = {unit.code: f.make_user(unit.code, unit) for unit in Unit.objects.all()}
    return people, *expected


class Office:
    """One person at one moment."""

    def __init__(self, person, moment):
        self.client, self.person, self.moment = Client(), person, moment

    def get(self, name, *args, **query):
        return self._ask("get", name, args, query)

    def visit(self, name, code):
        """The page of the unit, on the day if it has one."""
        with frozen(self.moment):
            self.client.force_login(self.person)
            return self.client.get(routes.address(f"reporting:{name}", code=code))

    def post(self, name, *args, **typed):
        return self._ask("post", name, args, typed)

    def _ask(self, method, name, args, data):
        with frozen(self.moment):
            self.client.force_login(self.person)
            return getattr(self.client, method)(reverse(f"reporting:{name}", args=args), data)


def report_all(people):
    """Every reporting unit sends 10 new installs and an opening number of 100; returns their codes."""
    leaves = [unit for unit in Unit.objects.all() if not unit.children.exists()]
    for unit in leaves:
        typed = {"installs": "10", "opening": "100", "base_version": "0"}
        answer = Office(people[unit.code], AFTERNOON).post("report", unit.code, f.DAY, **typed)
        assert (unit.code, answer.status_code) == (unit.code, 302)
    return [unit.code for unit in leaves]


def confirm_all(people):
    """Every superior except sealing units and the country confirms, as its page allows."""
    for unit in Unit.objects.filter(children__isnull=False).distinct():
        if unit.is_under_seal:
            office = Office(people[unit.code], EVENING)
            page = office.get("review", unit.code, f.DAY)
            versions = dict(re.findall(r'name="(version-[^"]+)"\s+value="(\d+)"', page.text))
            assert office.post("sign_off", unit.code, f.DAY, **versions).status_code == 302, unit.code


def test_tree_is_played_from_empty_to_sealed(tree, capsys):
    people, reporting, confirming, sealing = tree
    tops = [Office(people[code], SEALING) for code in sealing]
    leaves = report_all(people)
    confirm_all(people)
    assert (len(leaves), SignOff.objects.count()) == (reporting, confirming)
    for top, code in zip(tops, sealing, strict=True):
        shown = top.get("seal", code, f.DAY).context["sealing"].digest
        assert top.post("seal", code, f.DAY, shown=shown).status_code == 302
        own = rollup.rows(Unit.objects.get(code=code), f.DAY).own
        below = [leaf for leaf in leaves if code in Unit.objects.get(code=leaf).codes]
        assert (own.cumulative, own.installs, own.reported) == (110 * len(below), 10 * len(below), len(below))
    assert [seal.unit.code for seal in Seal.objects.order_by("unit__code")] == sealing
    call_command("verify")
    assert "0 " not in capsys.readouterr().err


def test_every_page_and_file_of_the_tree_answers_for_its_level(tree):
    people, _reporting, confirming, sealing = tree
    report_all(people)
    for code in sealing:
        top = Office(people[code], SEALING)
        found = {name for name in routes.of_a_unit() if top.visit(name, code).status_code == 200}
        assert found | {"entry"} == ANSWERED  # the grid is there only if a unit right below reports
        book = openpyxl.load_workbook(io.BytesIO(top.get("workbook", code, f.DAY).content))
        assert ("Tổng hợp cấp huyện" in book.sheetnames, "Chi tiết cấp xã" in book.sheetnames) == (confirming > 0, True)
        page = markup(top.get("unit", code, state="result"))
        assert ("có cấp xã" in page) == (confirming > 0)


def test_pages_of_a_place_of_more_than_a_hundred_communes_stay_short(db):
    f.make_directive()
    import_units(PROVINCE_OF_118.read_bytes(), now=lambda: f.RECORDED_AT)
    top = Office(f.make_user("S0", Unit.objects.get(code="S0")), AFTERNOON)
    units = list(Unit.objects.filter(level="commune").order_by("code"))
    assert len(units) == 118
    for unit in units[:3]:
        f.make_report(unit, installs=5)
    page = top.get("unit", "S0", state="result")
    assert (page.text.count("<tr data-code="), page.context["table"].paginator.num_pages) == (40, 3)
    review = top.get("review", "S0", f.DAY)
    assert (len(review.context["gaps"]), review.text.count('<tr id="unit-')) == (115, 118)
    bulletin = markup(top.get("bulletin", "S0", f.DAY))
    assert "Số liệu của 118 đơn vị: xem bảng xếp hạng và bảng tổng hợp Excel." in bulletin
