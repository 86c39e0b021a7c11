"""The places on the map and the regions come with the file of units, and the map is drawn by them."""

import io

import openpyxl
import pytest

from reporting.imports import RowOutcome
from reporting.models import Unit
from reporting.models.map_place import MapPlace
from tests import factories as f
from tests.views.visits import look

from .test_imports import HAI_AN, NEXT, PLACES, UNIT_HEAD, UNITS, applied, planned


def put(**where):
    for code, (column, line) in where.items():
        Unit.objects.filter(code=code[1:]).update(map_column=column, map_line=line)


def drawn(person):
    """By code the column and the line where the tiles of the map stand."""
    page = look(person, "unit", "31")
    lines = page.context["map"].lines if 'class="tile-map"' in page.text else []
    return {row.code: (x, y) for y, line in enumerate(lines) for x, (row, _shade) in enumerate(line) if row}


def test_map_of_the_page_follows_the_places(cast):
    for unit in (cast.commune, cast.stranger, cast.island):
        f.make_report(unit, opening=100)
    assert drawn(cast.city_clerk) == {}  # without any place an alphabetical grid would be no map
    put(u306=(3, 1), u311=(1, 2))
    after = drawn(cast.city_clerk)
    assert after["306"][0] > after["311"][0] == after["318"][0]
    assert after["306"][1] < after["311"][1] < after["318"][1]


@pytest.mark.parametrize(
    ("head", "line", "told", "value"),
    [
        (PLACES, [*HAI_AN, 5, 2], ("Vị trí trên bản đồ", "cột 5, hàng 2"), MapPlace(5, 2)),
        ([*UNIT_HEAD[:5], "region"], [*HAI_AN, "Ven biển"], ("Khu vực", "Ven biển"), "Ven biển"),
    ],
)
def test_place_and_region_come_with_the_file_of_units(head, line, told, value, cast):
    data = [head, line, ["311", "Thuỷ Nguyên", "huyện", "cấp huyện", "31"]]
    plan = planned(data, cast.city_clerk, UNITS, effective_on=NEXT)
    assert [(row.what, row.after) for row in plan.rows if row.after] == [told]
    applied(data, cast.city_clerk, UNITS, shown=plan.digest, effective_on=NEXT)
    recorded = {unit.code: unit.place or unit.region or None for unit in Unit.objects.filter(level="district")}
    assert recorded == {"306": value, "311": None, "318": None}
    for again in (data, [head, HAI_AN]):  # what is left empty stays
        assert {row.outcome for row in planned(again, cast.city_clerk, UNITS).rows} == {RowOutcome.UNCHANGED}


def test_template_holds_the_units_as_they_are_and_sent_back_changes_nothing(cast):
    put(u306=(3, 1), u311=(1, 2))
    answer = look(cast.city_clerk, "import_template", "units")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    lines = {row[0]: row for row in sheet.iter_rows(min_row=5, values_only=True) if row[0]}
    assert len(lines) == Unit.objects.count()
    assert lines["306"][:5] + lines["306"][-2:] == (*HAI_AN, 3, 1)
    plan = planned(answer.content, cast.city_clerk, UNITS, effective_on=NEXT)
    assert (plan.errors, {row.outcome for row in plan.rows}) == ([], {RowOutcome.UNCHANGED})
