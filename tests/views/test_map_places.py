"""The places on the map: typed by who keeps the units, kept in history, drawn at once."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse

from reporting import imports
from reporting.models import AccessRecord, Unit
from reporting.models.map_place import MapPlace
from tests import factories as f

from .visits import frozen, markup, signed_in

NOON = "2020-08-21 12:00"
UNITS = imports.KINDS["units"]


@pytest.fixture
def city(cast):
    return signed_in(cast.city_clerk)


def page(client, code="31"):
    with frozen(NOON):
        return client.get(reverse("reporting:map_places", args=[code]))


def send(client, code="31", *, shown=None, **typed):
    """`typed` are pairs by code; what was shown is as the page has it."""
    if shown is None:
        shown = page(client, code).context["form"]["shown"].value()
    fields = {
        f"{axis}-{unit[1:]}": value for unit, pair in typed.items() for axis, value in zip(AXES, pair, strict=True)
    }
    with frozen(NOON):
        return client.post(reverse("reporting:map_places", args=[code]), {"shown": shown, **fields})


AXES = ("column", "line")


def places(code="31"):
    return {unit.code: unit.place for unit in Unit.objects.filter(parent__code=code).residents()}


def drawn(client, code="31"):
    """By code where the tiles of the wide map stand."""
    with frozen(NOON):
        text = client.get(reverse("reporting:unit", args=[code])).text
    beside = text[text.index('class="beside"') :]
    wide = beside[beside.find('class="chart-wide"') :]
    tiles = re.findall(r'<a href="/units/(\w+)/[^>]*><title>[^<]*</title><rect [^>]*x="([\d.]+)" y="([\d.]+)"', wide)
    return {code: (float(x), float(y)) for code, x, y in tiles}


def test_places_are_typed_kept_in_history_and_drawn(city, cast):
    assert set(places().values()) == {None}
    assert send(city, u306=("3", "1"), u311=("1", "2"), u318=("", "")).status_code == 302
    assert places() == {"306": MapPlace(3, 1), "311": MapPlace(1, 2), "318": None}
    records = AccessRecord.objects.filter(kind="unit_changed").order_by("unit__code")
    assert [(record.unit.code, record.by, record.detail) for record in records] == [
        ("306", cast.city_clerk, "vị trí trên bản đồ: – → cột 3, hàng 1"),
        ("311", cast.city_clerk, "vị trí trên bản đồ: – → cột 1, hàng 2"),
    ]


def test_map_of_the_page_follows_the_places(city, cast):
    for unit in (cast.commune, cast.stranger, cast.island):
        f.make_report(unit, opening=100)
    assert drawn(city) == {}  # without any place an alphabetical grid would be no map
    send(city, u306=("3", "1"), u311=("1", "2"), u318=("", ""))
    after = drawn(city)
    assert after["306"][0] > after["311"][0] == after["318"][0]
    assert after["306"][1] < after["311"][1] < after["318"][1]


@pytest.mark.parametrize(
    ("pair", "field", "words"),
    [
        (("9", "1"), "column-306", "Bản đồ có các cột từ 1 đến 8 và các hàng từ 1 đến 20."),
        (("1", "21"), "column-306", "Bản đồ có các cột từ 1 đến 8 và các hàng từ 1 đến 20."),
        (("1", ""), "column-306", "Vị trí trên bản đồ gồm cả cột và hàng."),
        (("x", "1"), "column-306", "Chỉ nhập số nguyên bằng chữ số, ví dụ 1234 hoặc 1.234."),
    ],
)
def test_what_is_no_place_is_refused_with_everything_typed(pair, field, words, city):
    answer = send(city, u306=pair, u311=("1", "2"), u318=("", ""))
    assert (answer.status_code, answer.context["form"].errors) == (422, {field: [words]})
    assert [answer.context["form"][name].value() for name in ("column-306", "line-306", "line-311")] == [*pair, "2"]
    assert set(places().values()) == {None}


def test_two_units_on_one_place_are_refused(city):
    answer = send(city, u306=("1", "1"), u311=("1", "1"), u318=("2", "1"))
    assert answer.context["form"].errors == {"column-311": ["Quận Hải An đã ở vị trí này trên bản đồ: cột 1, hàng 1."]}
    assert set(places().values()) == {None}


def test_who_saw_another_map_is_told_so(city):
    seen = page(city).context["form"]["shown"].value()
    send(city, u306=("1", "1"), u311=("2", "1"), u318=("3", "1"))
    answer = send(city, shown=seen, u306=("5", "5"), u311=("2", "1"), u318=("3", "1"))
    assert (answer.status_code, places()["306"]) == (409, MapPlace(1, 1))
    assert "Bản đồ vừa được người khác sắp xếp lại" in markup(answer)
    assert answer.context["form"]["column-306"].value() == "5"


def test_all_go_back_to_the_order_of_the_register(city):
    send(city, u306=("1", "1"), u311=("2", "1"), u318=("3", "1"))
    shown = page(city).context["form"]["shown"].value()
    with frozen(NOON):
        address = reverse("reporting:map_places", args=["31"])
        assert city.post(address, {"shown": shown, "clear": "1", "column-306": "x"}).status_code == 302
    assert set(places().values()) == {None}


# The units' file.


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
    Unit.objects.filter(pk=cast.island.pk).update(map_column=4, map_line=4)
    plan = planned(cast, lines)
    assert [row.words for row in plan.errors] == [words]


def test_template_holds_the_units_as_they_are_and_sent_back_changes_nothing(city, cast):
    send(city, u306=("3", "1"), u311=("1", "2"), u318=("", ""))
    with frozen(NOON):
        answer = city.get(reverse("reporting:import_template", args=["units"]))
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
