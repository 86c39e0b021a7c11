"""Entry on behalf: the grid, each row saved separately, and pasted cells."""

import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

import reporting
from reporting.models import Import, Report, Revision

from .. import clerk as clerks, factories as f
from ..prepared import prepared
from ..references import dead
from .visits import status_of

YESTERDAY = f.DAY - timedelta(days=1)


@pytest.fixture
def afternoon():
    with time_machine.travel(f.at("2020-08-21 16:30"), tick=False) as clock:
        yield clock


@pytest.fixture
def clerk(cast, client, afternoon):
    """The district's clerk at 16:30: Đằng Hải reported 100 yesterday and 1.000 before that; Cát Bi never reported."""
    f.make_report(cast.commune, YESTERDAY, installs=100, opening=1000, by=cast.officer)
    client.force_login(cast.district_clerk)
    return client


def url(code="306", day=f.DAY):
    return reverse("reporting:entry", args=[code, day])


def save(client, code="306", /, day=f.DAY, reason="", **rows):
    """Post the grid: `c11416={"installs": "5"}` is the row of 11416."""
    sent = {f"{row[1:]}-{name}": value for row, cells in rows.items() for name, value in cells.items()}
    return client.post(url(code, day), {"reason": reason, **sent})


def figures(unit, day=f.DAY):
    return Report.objects.filter(unit=unit, day=day).values_list("installs", "households_visited", "version").first()


def row(page, code):
    return next(row for row in page.context["grid"].rows if row.unit.code == code)


def wrong(page):
    return {row.unit.code: [error for _at, error in row.messages] for row in page.context["grid"].failed}


def test_grid_shows_the_units_with_yesterday_and_today(clerk, cast):
    f.make_report(cast.commune, installs=88, by=cast.officer, households_visited=40)
    page = clerk.get(url())
    shown = {
        row.unit.code: (row.line.yesterday, row.standing_status, row["installs"].value())
        for row in page.context["grid"].rows
    }
    assert shown == {"11416": (100, "on_time", "88"), "11407": (None, "not_due_yet", None)}
    assert page.text.count('name="11407-opening"') == 1
    assert page.text.count('name="11416-opening"') == 0
    assert "autofocus" not in page.text
    assert 'id="id_reason"' not in page.text


def test_rows_are_saved_each_for_itself(clerk, cast):
    page = save(
        clerk,
        c11416={"installs": "1.088", "households_visited": "5", "base_version": "0", "confirm": "on"},
        c11407={"installs": "7", "opening": "50", "base_version": "0", "paper_ref": "12/BC-UBND"},
    )
    assert (page.status_code, page.url) == (302, url())
    assert (figures(cast.commune), figures(cast.neighbour)) == ((1088, 5, 1), (7, None, 1))
    told = Revision.objects.get(report__unit=cast.neighbour, report__day=f.DAY)
    assert (told.kind, told.paper_ref) == ("on_behalf", "12/BC-UBND")
    assert told.by == cast.district_clerk
    assert row(clerk.get(url()), "11407").basis == "12/BC-UBND"


def test_each_error_of_a_row_names_its_field(clerk):
    cells = {"installs": "x", "opening": "y", "households_visited": "1", "base_version": "0"}
    page = save(clerk, c11407=cells, c11416={"installs": "z", "base_version": "0"})
    words = "Chỉ nhập số nguyên bằng chữ số, ví dụ 1234 hoặc 1.234."
    installs, opening = f"Số máy cài mới: {words}", f"Số máy đã cài trước đợt: {words}"
    assert wrong(page) == {"11407": [installs, opening], "11416": [installs]}
    assert len(re.findall(r'<li><a href="#(.*?)">(.*?)</a></li>', page.text)) == 3


def test_empty_and_unchanged_rows_are_left_alone(clerk, cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    f.make_report(cast.commune, installs=96, by=cast.officer)
    page = save(clerk, c11416={"installs": "88", "base_version": "1"}, c11407={"installs": "", "base_version": "0"})
    assert (page.status_code, figures(cast.commune), figures(cast.neighbour)) == (302, (96, None, 2), None)


def test_changed_figure_is_a_correction_that_keeps_what_the_officer_wrote(clerk, cast):
    f.make_report(cast.commune, installs=88, by=cast.officer, note="Mạng yếu", households_visited=4)
    save(clerk, c11416={"installs": "90", "households_visited": "4", "base_version": "1"})
    report = Report.objects.get(unit=cast.commune, day=f.DAY)
    assert (report.installs, report.note, report.revisions.last().kind) == (90, "Mạng yếu", "correction")


def test_conflict_keeps_the_figure_and_the_next_save_replaces(clerk, cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    page = save(clerk, c11416={"installs": "90", "base_version": "0"})
    assert (page.status_code, figures(cast.commune)) == (409, (88, None, 1))
    assert row(page, "11416")["installs"].value() == "90"
    assert "Nguyễn Thị Hà" in wrong(page)["11416"][0]
    save(clerk, c11416={"installs": "90", "base_version": row(page, "11416")["base_version"].value()})
    assert figures(cast.commune) == (90, None, 2)


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"installs": "1,5"}, "installs"),
        ({"installs": "14351", "opening": "0"}, "installs"),
        ({"installs": "5", "opening": "14351"}, "opening"),
        ({"installs": "5"}, "opening"),
        ({"installs": "", "households_visited": "5"}, "installs"),
        ({"installs": "5", "opening": "0", "households_visited": "14351"}, "households_visited"),
        ({"installs": "5", "opening": "0", "base_version": "x"}, "base_version"),
    ],
)
def test_mistake_comes_back_at_its_row_and_changes_nothing(cells, field, clerk, cast):
    page = save(clerk, c11407=cells)
    assert (page.status_code, list(row(page, "11407").errors), figures(cast.neighbour)) == (422, [field], None)
    assert row(page, "11407")["installs"].value() == cells["installs"]


def test_report_is_not_emptied_and_a_paper_needs_a_new_figure(clerk, cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    assert save(clerk, c11416={"installs": "", "base_version": "1"}).status_code == 422
    page = save(clerk, c11416={"installs": "88", "base_version": "1", "paper_ref": "điện thoại"})
    assert (page.status_code, figures(cast.commune)) == (422, (88, None, 1))


@pytest.mark.parametrize("installs", ["900", "19000", "600"])
def test_doubtful_figure_is_asked_about_and_saved_when_ticked(installs, clerk, cast, afternoon):
    afternoon.move_to(f.at("2020-08-21 16:59:50"))
    page = save(clerk, c11416={"installs": installs})
    assert (page.status_code, figures(cast.commune)) == (422, None)
    assert page.text.count('name="11416-confirm"') == 1
    assert page.text.count('class="question"') == 1
    afternoon.move_to(f.at("2020-08-21 17:00:30"))
    saved = save(clerk, c11416={"installs": installs, "confirm": "on"})
    report = Report.objects.get(unit=cast.commune, day=f.DAY)
    assert (saved.status_code, report.installs, status_of(cast.commune)) == (302, int(installs), "on_time")
    assert report.revisions.get().reason != ""


def test_after_the_hour_one_reason_is_owed_and_kept(clerk, cast, afternoon):
    afternoon.move_to(f.at("2020-08-21 17:10"))
    rows = {"c11416": {"installs": "5"}, "c11407": {"installs": "7", "opening": "0"}}
    page = save(clerk, **rows)
    assert (page.status_code, figures(cast.commune), figures(cast.neighbour)) == (422, None, None)
    assert re.search(r'<div\s+class="summary"[^>]*\s+autofocus\s*>', page.text)
    assert row(page, "11407")["installs"].value() == "7"
    page = save(clerk, reason="Mất điện", **rows | {"c11407": {"installs": "7"}})
    assert page.status_code == 422
    assert re.search(r'name="reason" value="Mất điện"', page.text)
    report = Report.objects.get(unit=cast.commune, day=f.DAY)
    assert (status_of(cast.commune), report.revisions.get().reason) == ("late", "Mất điện")


def test_district_may_not_enter_beyond_the_correction_days(clerk, cast, afternoon):
    afternoon.move_to(f.at("2020-08-29 08:00"))
    clerk.force_login(cast.district_clerk)
    page = clerk.get(url())
    assert (page.status_code, page.text.count("<input data-column"), page.text.count('class="closed"')) == (200, 0, 1)
    assert dead(page.text) == []
    page = save(clerk, reason="muộn", c11416={"installs": "5"})
    assert (page.status_code, figures(cast.commune), dead(page.text)) == (422, None, [])
    clerk.force_login(cast.city_clerk)
    assert save(clerk, reason="muộn", c11416={"installs": "5"}).status_code == 302


def test_city_enters_for_agencies_and_the_island(client, cast, afternoon):
    client.force_login(cast.city_clerk)
    page = client.get(url("31"))
    assert [row.unit.code for row in page.context["grid"].rows] == ["318", "SYT"]
    assert page.text.count('name="SYT-households_visited"') == 0
    save(client, "31", cSYT={"installs": "12", "opening": "100"}, c318={"installs": "1", "opening": "2"})
    assert (figures(cast.agency), figures(cast.island)) == ((12, None, 1), (1, None, 1))


# What is pasted.


@prepared
def communes(cast):
    """The 37 communes of Thuỷ Nguyên, each with a report of yesterday."""
    path = Path(reporting.__file__).parent / "data" / "haiphong-2020-units.csv"
    for line in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        if line["parent_code"] == "311" and line["code"] != "11470":
            names = {"name": line["name"], "kind": line["kind"]}
            f.make_unit(line["code"], parent=cast.other_district, population=int(line["population"]), **names)
    for unit in cast.other_district.children.all():
        f.make_report(unit, YESTERDAY, installs=40, opening=800)


@pytest.fixture
def thuy_nguyen(cast, communes, client, afternoon):
    """The district's clerk."""
    client.force_login(cast.other_clerk)
    return client


def units_of(district):
    return list(district.children.named(f.DAY))


def paste(client, text, /, **sent):
    return client.post(url("311"), {"action": "paste", "paste": text, **sent})


def posted(page):
    """The values of the grid's fields, as a browser would send them."""
    tags = re.findall(r"<input[^>]*>", page.text[page.text.index('<form class="entry"') :])
    pairs = [(re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)) for tag in tags]
    return {
        name[1]: value[1] if value else ""
        for name, value in pairs
        if name and "-" in name[1] and "confirm" not in name[1]
    }


def planned(answer, client):
    """What the preview shows of each figure: unit, day, figure after; the page where it stands."""
    page = client.get(answer.url)
    return [(row.unit, row.what, row.after) for row in page.context["plan"].rows]


def box(page):
    """The content of the box to paste into."""
    return re.search(r"<textarea[^>]*name=\"paste\"[^>]*>\s*(.*?)</textarea>", page.text, re.DOTALL)[1]


@pytest.mark.parametrize("way", ["column", "codes"])
def test_figures_of_37_communes_are_previewed_and_recorded(way, thuy_nguyen, cast):
    units = units_of(cast.other_district)
    lines = [f"{unit.code}\t{20 + n}" if way == "codes" else f"{20 + n}" for n, unit in enumerate(units)]
    lines = ["Mã đơn vị\tSố máy cài mới", *lines] if way == "codes" else lines
    shown = paste(thuy_nguyen, "\r\n".join(lines) + "\r\n")
    expected = [(unit.full_name, "21/08/2020", str(20 + n)) for n, unit in enumerate(units)]
    assert (len(units), planned(shown, thuy_nguyen)) == (37, expected)
    assert Report.objects.filter(day=f.DAY).count() == 0
    digest = thuy_nguyen.get(shown.url).context["plan"].digest
    recorded = thuy_nguyen.post(shown.url, {"shown": digest}, follow=True)
    assert recorded.redirect_chain[-1][0] == url("311")
    assert Report.objects.filter(day=f.DAY).count() == 37
    assert Import.objects.get().source.startswith("Dán vào bảng, Huyện Thuỷ Nguyên, 21.08.2020.csv sha256:")


def test_table_with_names_is_asked_about_once(thuy_nguyen, cast):
    """Its day is that of the grid. The office remembers its columns."""
    shown = paste(thuy_nguyen, "TT\tĐơn vị\tSố cài\n1\tTT. Núi Đèo\t20\n2\tXã An Lư\t9\n\tTổng cộng\t29")
    page = thuy_nguyen.get(shown.url)
    assert (page.context["form"]["day-0"].value(), page.context["form"]["c-0-2"].value()) == ("2020-08-21", "name")
    thuy_nguyen.post(shown.url, clerks.answers(page, **{"c-0-3": "daily"}))
    both = [("Thị trấn Núi Đèo", "21/08/2020", "20"), ("Xã An Lư", "21/08/2020", "9")]
    assert planned(shown, thuy_nguyen)[:2] == both
    again = paste(thuy_nguyen, "TT\tĐơn vị\tSố cài\n1\tTT. Núi Đèo\t21\n2\tXã An Lư\t9")
    assert planned(again, thuy_nguyen) == [("Thị trấn Núi Đèo", "21/08/2020", "21"), both[1]]


def test_pasted_table_that_names_another_day_is_asked_about_its_day(thuy_nguyen, cast):
    """Also if the office knows its columns."""
    for day, asked in ((21, "2020-08-21"), (20, "")):
        shown = paste(thuy_nguyen, f"BÁO CÁO NGÀY {day}/8/2020\nĐơn vị\tSố cài mới\nNúi Đèo\t20\nAn Lư\t9")
        page = thuy_nguyen.get(shown.url)
        assert page.context["form"]["day-0"].value() == asked
        thuy_nguyen.post(shown.url, clerks.answers(page))


@pytest.mark.parametrize("text", ["Núi Đèo\t20\nAn Lư\t9", "TT Núi Đèo: 20\n- Xã An Lư - 9"], ids=["cells", "message"])
def test_table_without_a_head_is_asked_about_each_time(text, thuy_nguyen, cast):
    for _time in range(2):
        shown = paste(thuy_nguyen, text)
        page = thuy_nguyen.get(shown.url)
        assert [page.context["form"][name].value() for name in ("head-0", "c-0-1", "c-0-2")] == [0, "name", ""]
        assert thuy_nguyen.post(shown.url, clerks.answers(page)).status_code == 422
        thuy_nguyen.post(shown.url, clerks.answers(page, **{"head-0": 0, "c-0-2": "daily"}))
        assert [figure for _unit, _day, figure in planned(shown, thuy_nguyen)] == ["20", "9"]


@pytest.mark.parametrize(("first", "text", "filled"), [(0, "5\n\n7", {0: "5", 2: "7"}), (9, "5\n6", {9: "5", 10: "6"})])
def test_figures_go_down_the_rows(first, text, filled, thuy_nguyen, cast):
    units = units_of(cast.other_district)
    after = planned(paste(thuy_nguyen, text, paste_row=units[first].code), thuy_nguyen)
    assert after == [(units[place].full_name, "21/08/2020", figure) for place, figure in filled.items()]


def test_line_below_the_last_row_names_no_unit(thuy_nguyen, cast):
    last = units_of(cast.other_district)[36]
    page = thuy_nguyen.get(paste(thuy_nguyen, "5\n6", paste_row=last.code).url)
    assert [row.words for row in page.context["plan"].errors] == ["Dòng này không ghi đơn vị nào."]


def test_installs_before_the_campaign_are_pasted_into_their_column(thuy_nguyen, cast):
    shown = paste(thuy_nguyen, "900\n", paste_column="opening", paste_row="11470")
    assert planned(shown, thuy_nguyen) == [("Thị trấn Núi Đèo", "Số máy đã cài trước đợt", "900")]


@pytest.mark.parametrize("action", ["", "paste"])
def test_what_was_typed_and_what_was_pasted_are_not_dropped_for_each_other(action, thuy_nguyen, cast):
    page = thuy_nguyen.get(url("311"))
    typed = posted(page) | {"11470-installs": "21", "paste": "Minh Đức\t9\nNúi Đèo\t8", "action": action}
    answer = thuy_nguyen.post(url("311"), typed)
    assert (answer.status_code, box(answer)) == (422, typed["paste"])
    assert answer.context["grid"].head.has_error("paste")
    assert row(answer, "11470")["installs"].value() in ("21", 21)
    assert Report.objects.filter(day=f.DAY).count() == (0 if action else 1)


def test_number_told_may_include_the_days_that_were_missed(clerk, cast):
    after_two = f.DAY + timedelta(days=2)  # the 21st and 22nd were missed
    with time_machine.travel(f.at("2020-08-23 16:30"), tick=False):
        clerk.force_login(cast.district_clerk)  # the session of two days ago has ended
        page = clerk.get(url(day=after_two))
        missed = {line.unit.code: line.standing.missed_before for line in page.context["grid"].lines}
        assert missed == {
            "11416": [f.DAY, f.DAY + timedelta(days=1)],
            "11407": [],  # it never reported: its opening number includes all
        }
        label = re.search(r'<label for="id_11416-covers">(.*?)</label>', page.text)[1]
        assert (label, page.text.count('name="11407-covers"')) == ("đã gộp cả từ 21/08 đến 22/08", 0)
        save(clerk, day=after_two, c11416={"installs": "30", "covers": "on", "base_version": ""})
        report = Report.objects.get(unit=cast.commune, day=after_two)
        assert (report.installs, report.covers_from) == (30, f.DAY)
        save(clerk, day=after_two, c11416={"installs": "30", "base_version": "1"})  # the tick was removed
        report.refresh_from_db()
        assert (report.covers_from, report.version) == (None, 2)
