"""Files that were once recorded wrong without a question: each is asked about. Nothing is taken from a title."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from openpyxl.styles import Font

from reporting.models import ImportFile, Report

from .. import clerk, factories as f, sheets
from ..views.visits import city_at

EVENING = f.at("2020-08-21 18:30")
HEAD, ROWS = ["Đơn vị", "Số cài mới"], [["Đằng Hải", 2], ["Cát Bi", 3]]
TITLE = ["BÁO CÁO CÀI ĐẶT BLUEZONE NGÀY 20/08/2020"]
TOTALS = [["Đơn vị", "Lũy kế"], ["Đằng Hải", 30], ["Cát Bi", 40]]
city = city_at(EVENING)


@pytest.fixture(autouse=True)
def opened(cast):
    for unit in (cast.commune, cast.neighbour):
        f.make_report(unit, f.FIRST_DAY, 0, opening=10, covers_from=None)


def upload(client, *rows, name="báo cáo.xlsx", data=None, **beside):
    file = SimpleUploadedFile(name, data or sheets.workbook(*rows, **beside))
    place = client.post("/imports/reports/", {"file": file, "reason": "Báo cáo giấy"}).url
    assert ImportFile.objects.first().plan is None, "not asked"
    return place, client.get(place)


def offered_days(page):
    field = page.context["form"]["day-0"]
    assert field.value() == ""  # none is taken
    return [words for _value, words in field.field.choices][1:-1]


def planned(client, place, page, **typed):
    answer = client.post(place, clerk.answers(page, **typed), follow=True)
    return [(row.what, row.after) for row in answer.context["plan"].rows]


@pytest.mark.parametrize(
    "rows",
    [
        [TITLE, ["Đơn vị tính: nghìn máy"], HEAD, *ROWS],
        [TITLE, ["Đơn vị", "Số cài mới (nghìn máy)"], *ROWS],
    ],
    ids=["above the head", "in the head"],
)
def test_unit_of_measure_is_asked(rows, city):
    place, page = upload(city, *rows)
    refused = city.post(place, clerk.answers(page, measure=None, **{"c-0-2": "daily"}))
    assert refused.context["form"].has_error("measure", "unclear")
    thousands = planned(city, place, page, measure=1000, **{"c-0-2": "daily"})
    assert thousands == [("20/08/2020", "2.000"), ("20/08/2020", "3.000")]


@pytest.mark.parametrize(("written", "after"), [("2,5", "2.500"), ("1.234", "1.234.000"), (2.5, "2.500"), ("2.5", "")])
def test_thousands_are_read_as_numbers_are_written(written, after, city):
    place, page = upload(city, TITLE, ["Đơn vị", "Số cài mới (nghìn máy)"], ["Cát Bi", written])
    assert planned(city, place, page, measure=1000, **{"c-0-2": "daily"}) == [("20/08/2020", after)]


@pytest.mark.parametrize(
    ("rows", "beside", "days"),
    [
        (
            [["BÁO CÁO TUẦN TỪ NGÀY 14/08/2020 ĐẾN NGÀY 20/08/2020"], HEAD, *ROWS],
            *({}, ["14/08/2020 (A1)", "20/08/2020 (A1)"]),
        ),
        ([TITLE, HEAD, *ROWS], {"title": "21.08"}, ["20/08/2020 (A1)", "21/08/2020 (“21.08”)"]),
        ([TITLE, HEAD, *ROWS], {"name": "19.08.xlsx"}, ["20/08/2020 (A1)", "19/08/2020 (“19.08”)"]),
    ],
    ids=["of a week", "of the tab", "of the file's name"],
)
def test_day_is_asked(rows, beside, days, city):
    place, page = upload(city, *rows, **beside)
    assert offered_days(page) == days
    refused = city.post(place, clerk.answers(page, **{"day-0": None}))
    assert refused.context["form"].has_error("day-0", "unclear")
    assert planned(city, place, page, **{"day-0": "other", "other-0": "18/08/2020"}) == [
        *(("18/08/2020", "2"), ("18/08/2020", "3")),
    ]


def test_installs_before_the_campaign_are_asked_about(cast, city):
    place, page = upload(city, TITLE, ["(Lũy kế từ đầu đợt, không gồm số đã cài trước đợt)"], *TOTALS)
    refused = city.post(place, clerk.answers(page, opening=None))
    assert refused.context["form"].has_error("opening", "unclear")
    assert planned(city, place, page, opening="without") == [("20/08/2020", "30"), ("20/08/2020", "40")]
    assert planned(city, f"{place}?layout=1", page, opening="with") == [("20/08/2020", "20"), ("20/08/2020", "30")]


def test_days_a_month_apart_take_a_tick(city):
    """Perhaps the month was written first: 8/7 ... 8/12."""
    days = [["Đằng Hải", f"8/{n}/2020", 1] for n in (6, 7, 8)]
    place, page = upload(city, ["Đơn vị", "Ngày", "Số cài mới"], *days)
    plan = city.post(place, clerk.answers(page), follow=True).context["plan"]
    said = "Các ngày cách nhau cả tháng, đúng là ngày ghi trước tháng: 08/06/2020, 08/07/2020, 08/08/2020"
    assert plan.consents == {"months": said}
    assert city.post(place, {"shown": plan.digest}).status_code == 422


def test_row_that_is_struck_through_takes_a_tick(cast, city):
    book = Workbook()
    for row in (TITLE, HEAD, *ROWS):
        book.active.append(row)
    for cell in book.active[3]:
        cell.font = Font(strike=True)
    stream = io.BytesIO()
    book.save(stream)
    place, page = upload(city, data=stream.getvalue())
    shown = city.post(place, clerk.answers(page), follow=True)
    plan = shown.context["plan"]
    assert plan.consents == {"marked": "Vẫn ghi các dòng bị gạch ngang, bị ẩn hoặc tô xám: 3"}
    assert [row.words.partition(";")[0] for row in plan.rows] == ["bị gạch ngang", "tính là trễ hạn"]
    assert city.post(place, {"shown": plan.digest}).status_code == 422
    assert not Report.objects.filter(day="2020-08-20").exists()


def test_figures_of_another_application_are_shown_below_their_title(city):
    """Also if the office knows the same heads below another title."""
    place, page = upload(city, TITLE, HEAD, *ROWS)
    planned(city, place, page)
    place, page = upload(city, ["BÁO CÁO CÀI ĐẶT ỨNG DỤNG NCOVI NGÀY 20/08/2020"], HEAD, *ROWS)
    assert "ỨNG DỤNG NCOVI" in page.text


def test_units_without_an_opening_are_opened_by_a_tick(cast, city):
    rows = [["Mã đơn vị", "Loại số liệu", f.DAY], ["11470", "mới", 5], ["318", "mới", 6]]
    file = SimpleUploadedFile("a.xlsx", sheets.workbook(*rows))
    place = city.post("/imports/reports/", {"file": file, "reason": "x"}).url
    plan = city.get(place).context["plan"]
    assert plan.consents == {"openings": "Chưa có máy nào trước đợt: ghi 0 cho 2 đơn vị"}
    assert [(row.what, row.after) for row in plan.rows] == [
        *(("Số máy đã cài trước đợt", "0"), ("21/08/2020", "5")),
        *(("Số máy đã cài trước đợt", "0"), ("21/08/2020", "6")),
    ]
    assert city.post(place, {"shown": plan.digest}).status_code == 422
    rows[0][2] = f.DAY.replace(year=2019)  # a wrong year says so
    file = SimpleUploadedFile("b.xlsx", sheets.workbook(*rows))
    plan = city.get(city.post("/imports/reports/", {"file": file, "reason": "x"}).url).context["plan"]
    assert (plan.consents, {"21/08/2019" in row.what for row in plan.errors}) == ({}, {True})


def test_group_that_is_no_unit_is_skipped_by_a_tick_and_stays_skipped(city):
    rows = [TITLE, HEAD, ["I. Các xã, thị trấn", 5], *ROWS, ["Cộng khối phường", 5]]
    place, page = upload(city, *rows)
    assert [words for _value, words in page.context["form"]["skip"].field.choices] == ["I. Các xã, thị trấn"]
    assert planned(city, place, page, skip=["i. cac xa, thi tran"])[:2] == [("20/08/2020", "2"), ("20/08/2020", "3")]
    rows[0] = [TITLE[0].replace("20/08", "21/08")]
    _place, page = upload(city, *rows)  # the day alone is asked
    assert page.context["form"]["skip"].value() == ["i. cac xa, thi tran"]
