"""The places on the map and the regions come with the file of units, and the map is drawn by them."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse

from reporting import imports
from reporting.models import Unit
from reporting.models.map_place import MapPlace
from tests import factories as f
from tests.views.visits import frozen, signed_in

NOON = "2020-08-21 12:00"
UNITS = imports.KINDS["units"]


def places(code="31"):
    return {unit.code: unit.place for unit in Unit.objects.filter(parent__code=code).residents()}


def put(**where):
    for code, (column, line) in where.items():
        Unit.objects.filter(code=code[1:]).update(map_column=column, map_line=line)


def drawn(client, code="31"):
    """By code the column and the line where the tiles of the map stand."""
    with frozen(NOON):
        page = client.get(reverse("reporting:unit", args=[code]))
    lines = page.context["map"].lines if 'class="tile-map"' in page.text else []
    return {row.code: (x, y) for y, line in enumerate(lines) for x, (row, _shade) in enumerate(line) if row}


def test_map_of_the_page_follows_the_places(cast):
    for unit in (cast.commune, cast.stranger, cast.island):
        f.make_report(unit, opening=100)
    city = signed_in(cast.city_clerk)
    assert drawn(city) == {}  # without any place an alphabetical grid would be no map
    put(u306=(3, 1), u311=(1, 2))
    after = drawn(city)
    assert after["306"][0] > after["311"][0] == after["318"][0]
    assert after["306"][1] < after["311"][1] < after["318"][1]


PLACE, REGION = "map_column,map_line", "region"


def table(lines, last=PLACE):
    return imports.read_table(UNITS, f"code,name,kind,level,parent_code,{last}\n{lines}".encode(), "x.csv")[0]


def beside(cast):
    return imports.Sent(by=cast.city_clerk, at=f.at(NOON), source="x", options={"effective_on": f.DAY + timedelta(1)})


def planned(cast, lines, last=PLACE):
    return imports.preview(UNITS, table(lines, last), beside(cast))


def test_places_come_with_the_file_of_units(cast):
    lines = "306,Hải An,quận,cấp huyện,31,5,2\n311,Thuỷ Nguyên,huyện,cấp huyện,31,,\n"
    plan = planned(cast, lines)
    assert [(row.what, row.before, row.after) for row in plan.rows if row.after] == [
        ("Vị trí trên bản đồ", "", "cột 5, hàng 2")
    ]
    imports.apply(UNITS, table(lines), beside(cast), shown=plan.digest, now=lambda: f.at(NOON))
    assert (places()["306"], places()["311"]) == (MapPlace(5, 2), None)
    assert {row.outcome for row in planned(cast, lines).rows} == {imports.RowOutcome.UNCHANGED}
    left = "306,Hải An,quận,cấp huyện,31,,\n"
    assert {row.outcome for row in planned(cast, left).rows} == {imports.RowOutcome.UNCHANGED}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("306,Hải An,quận,cấp huyện,31,9,1\n", "bản đồ có các cột từ 1 đến 8 và các hàng từ 1 đến 20."),
        ("306,Hải An,quận,cấp huyện,31,1,\n", "vị trí trên bản đồ gồm cả cột và hàng."),
        (
            "306,Hải An,quận,cấp huyện,31,1,1\n311,Thuỷ Nguyên,huyện,cấp huyện,31,1,1\n",
            "Quận Hải An (306) đã ở vị trí này trên bản đồ: cột 1, hàng 1.",
        ),
        (
            "306,Hải An,quận,cấp huyện,31,4,4\n",
            "Huyện Bạch Long Vĩ (318) đã ở vị trí này trên bản đồ: cột 4, hàng 4.",
        ),
    ],
)
def test_place_in_a_file_that_is_none_or_taken_is_refused(lines, words, cast):
    put(u318=(4, 4))
    plan = planned(cast, lines)
    assert [row.words for row in plan.errors] == [words]


def test_template_holds_the_units_as_they_are_and_sent_back_changes_nothing(cast):
    put(u306=(3, 1), u311=(1, 2))
    with frozen(NOON):
        answer = signed_in(cast.city_clerk).get(reverse("reporting:import_template", args=["units"]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    lines = {row[0]: row for row in sheet.iter_rows(min_row=5, values_only=True) if row[0]}
    assert len(lines) == Unit.objects.count()
    assert lines["306"][:5] + lines["306"][-2:] == ("306", "Hải An", "quận", "cấp huyện", "31", 3, 1)
    back, _source = imports.read_table(UNITS, answer.content, "x.xlsx")
    plan = imports.preview(UNITS, back, beside(cast))
    assert (plan.errors, {row.outcome for row in plan.rows}) == ([], {imports.RowOutcome.UNCHANGED})


def test_region_comes_with_the_file_of_units(cast):
    lines = "11416,Đằng Hải,phường,cấp xã,306,Ven biển\n11407,Cát Bi,phường,cấp xã,306,\n"
    plan = planned(cast, lines, REGION)
    assert [(row.what, row.before, row.after) for row in plan.rows if row.after] == [("Khu vực", "", "Ven biển")]
    imports.apply(UNITS, table(lines, REGION), beside(cast), shown=plan.digest, now=lambda: f.at(NOON))
    regions = dict(Unit.objects.filter(parent__code="306").values_list("code", "region"))
    assert regions == {"11416": "Ven biển", "11407": ""}
    for again in (lines, lines.replace("Ven biển", "")):
        assert {row.outcome for row in planned(cast, again, REGION).rows} == {imports.RowOutcome.UNCHANGED}
