"""Entry on behalf: the grid, each row saved separately, and pasted cells."""

import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

import reporting
from reporting.models import Report, Revision

from .. import factories as f
from ..prepared import prepared
from ..references import dead
from .visits import status_of

YESTERDAY = f.DAY - timedelta(days=1)
OLD_SPELLING = {"Thuỷ": "Thủy", "Hoà": "Hòa"}


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
        row.unit.code: (row.line.yesterday, row.line.status, row["installs"].value())
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
        c11407={"installs": "7", "opening": "50", "base_version": "0", "paper_ref": "12/BC-UBND", "paper_at": "16h20"},
    )
    assert (page.status_code, page.url) == (302, url())
    assert (figures(cast.commune), figures(cast.neighbour)) == ((1088, 5, 1), (7, None, 1))
    told = Revision.objects.get(report__unit=cast.neighbour, report__day=f.DAY)
    assert (told.kind, told.paper_ref, told.paper_at) == ("on_behalf", "12/BC-UBND", f.at("2020-08-21 16:20"))
    assert told.by == cast.district_clerk


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
        ({"installs": "5", "opening": "0", "paper_at": "25h00"}, "paper_at"),
        ({"installs": "5", "opening": "0", "paper_at": "16h31"}, "paper_at"),
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


def old_spelling(name):
    for new, old in OLD_SPELLING.items():
        name = name.replace(new, old)
    return name


def pasted_lines(units, way):
    """37 figures, three of them bad: in line 4 a letter, in 15 a fraction, in 30 more than the population."""
    bad = {4: "12a", 15: "1,5", 30: "99999"}
    cells = [bad.get(number, str(20 + number)) for number in range(len(units))]
    if way == "column":
        return "\r\n".join(cells) + "\r\n"
    if way == "codes":
        return "\n".join(f"{unit.code}\t{cell}" for unit, cell in zip(units, cells, strict=True))
    rows = [f"{old_spelling(unit.full_name)}\t{cell}" for unit, cell in zip(units, cells, strict=True)]
    return "Đơn vị\tSố máy cài mới\n" + "\n".join(reversed(rows)) + "\nTổng cộng\t1.234"


@pytest.mark.parametrize(("way", "said"), [("column", 0), ("codes", 0), ("old names", 2)])
def test_37_communes_pasted_with_three_bad_cells(way, said, thuy_nguyen, cast):
    units = units_of(cast.other_district)
    assert len(units) == 37
    shown = paste(thuy_nguyen, pasted_lines(units, way))
    grid = shown.context["grid"]
    assert (shown.status_code, len(grid.changes), len(grid.skipped), grid.problems) == (200, 37, said, [])
    assert Report.objects.filter(day=f.DAY).count() == 0
    saved = thuy_nguyen.post(url("311"), posted(shown))
    assert (saved.status_code, Report.objects.filter(day=f.DAY).count()) == (422, 34)
    bad = [units[number].code for number in (4, 15, 30)]
    assert list(wrong(saved)) == bad
    assert [row(saved, code)["installs"].value() for code in bad] == ["12a", "1,5", "99999"]
    again = posted(saved) | {f"{code}-installs": "7" for code in bad}
    assert thuy_nguyen.post(url("311"), again).status_code == 302
    assert Report.objects.filter(day=f.DAY).count() == 37
    assert Revision.objects.filter(report__day=f.DAY).count() == 37  # saved rows are not written again


def test_paste_keeps_what_was_typed_and_marks_what_changes(thuy_nguyen, cast):
    f.make_report(cast.stranger, installs=20, by=cast.stranger_officer)
    typed = {
        "11470-installs": "21",
        "11470-base_version": "1",
        "11473-households_visited": "3",
        "11473-base_version": "0",
    }
    page = paste(thuy_nguyen, "TT. Núi Đèo\t20\nMinh Đức;9", **typed)
    assert [(change.name, change.before, change.after) for change in page.context["grid"].changes] == [
        ("Thị trấn Minh Đức", "–", "9"),
        ("Thị trấn Núi Đèo", "21", "20"),  # as the field was typed
    ]
    assert [row.unit.code for row in page.context["grid"].rows if row.is_marked] == ["11473"]  # the other is stored
    kept = posted(page)
    assert [kept[name] for name in ("11470-installs", "11473-installs", "11473-households_visited")] == ["20", "9", "3"]


@pytest.mark.parametrize(
    ("cell", "text", "changes", "left"),
    [
        ({"paste_row": 3, "paste_column": "installs"}, "5\t1", [(3, "", "5"), (3, ", số hộ mới đến vận động", "1")], 0),
        ({"paste_row": 0, "paste_column": "installs"}, "\r\n5\r\n7\r\n", [(1, "", "5"), (2, "", "7")], 0),
        ({"paste_row": 36}, "5\n6", [(36, "", "5")], 1),
        ({"paste_row": 2, "paste_column": "households_visited"}, "8", [(2, ", số hộ mới đến vận động", "8")], 0),
        ({"paste_row": 2, "paste_column": "households_visited"}, "8\t9", [], 1),
        ({"paste_row": 2, "paste_column": "opening"}, "8", [], 1),  # reported before: there is no such cell
        ({"paste_row": "\x00?", "paste_column": "unit_id"}, "5", [(0, "", "5")], 0),
    ],
)
def test_figures_go_downwards_from_the_cell_they_were_pasted_into(cell, text, changes, left, thuy_nguyen, cast):
    units = units_of(cast.other_district)
    if cell.get("paste_row") in range(37):
        cell = cell | {"paste_row": units[cell["paste_row"]].code}
    grid = paste(thuy_nguyen, text, **cell).context["grid"]
    expected = [(f"{units[place].full_name}{label}", figure) for place, label, figure in changes]
    assert [(change.name, change.after) for change in grid.changes] == expected
    assert len(grid.left) == len(grid.problems) == left


SILENT = (3, 9, 20)


@prepared
def sent_but_three(cast, communes):
    """All of the 37 have reported but three, given by position."""
    for place, unit in enumerate(units_of(cast.other_district)):
        if place not in SILENT:
            f.make_report(unit, installs=80)


@pytest.mark.parametrize(
    ("told", "text", "filled"),
    [
        ({}, "5\n6\n7", {3: "5", 9: "6", 20: "7"}),
        ({"paste_row": 9}, "5\n6", {9: "5", 20: "6"}),
        ({"paste_row": 10}, "5\n6", {10: "5", 20: "6"}),  # it was visible, because figures were pasted into it
        ({"shows_sent": "1"}, "5\n6", {0: "5", 1: "6"}),
        ({}, "5\n6\n7\n8", {3: "5", 9: "6", 20: "7"}),
        ({}, "{0}\t5\n{3}\t6", {0: "5", 3: "6"}),  # a name finds any row
    ],
)
def test_figures_go_down_the_rows_that_are_to_be_seen(told, text, filled, sent_but_three, thuy_nguyen, cast):
    """And skip the hidden rows of units that have reported, because nobody saw them."""
    units = units_of(cast.other_district)
    page = thuy_nguyen.get(f"/units/311/entry/{f.DAY}/")
    hidden = re.search(r'name="hidden_rows" value="([^"]*)"', page.text)[1]
    assert set(hidden.split()) == {unit.code for place, unit in enumerate(units) if place not in SILENT}
    f.make_report(units[9], installs=81)  # a unit that reports meanwhile was visible too
    if "paste_row" in told:
        told = told | {"paste_row": units[told["paste_row"]].code}
    text = text.format(*(unit.name for unit in units))
    grid = paste(thuy_nguyen, text, hidden_rows=hidden, **told).context["grid"]
    after = {change.name: change.after for change in grid.changes}
    assert after == {units[place].full_name: figure for place, figure in filled.items()}
    assert len(grid.left) == (1 if text.count("\n") == 3 else 0)


def box(page):
    """The content of the box to paste into."""
    return re.search(r"<textarea[^>]*name=\"paste\"[^>]*>\s*(.*?)</textarea>", page.text, re.DOTALL)[1]


def test_lines_that_are_not_understood_stay_until_they_are_dealt_with(thuy_nguyen, cast):
    page = paste(thuy_nguyen, "Minh Đức\t9\nXã Không Có\t5\nNúi Đèo\t1\t2\t3")
    assert (box(page), page.text.count("notice-warning")) == ("Xã Không Có\t5\nNúi Đèo\t1\t2\t3", 1)
    assert [problem.partition(":")[0] for problem in page.context["grid"].problems] == [
        "Không có đơn vị nào tên “Xã Không Có”.",
        "Nhiều số hơn số cột cần nhập",
    ]
    saved = thuy_nguyen.post(url("311"), posted(page) | {"paste": box(page)})
    summary = re.search(r'<div\s+class="summary".*?</div>', saved.text, re.DOTALL)[0]
    assert (saved.status_code, box(saved)) == (422, box(page))
    assert "Đã lưu 1, còn 2 dòng dán chưa vào bảng" in summary
    assert "Đã lưu 1 đơn vị: Thị trấn Minh Đức. Còn 36 đơn vị chưa báo cáo." in summary
    assert summary.count('<a href="#id_paste">') == 2
    assert Report.objects.filter(day=f.DAY).count() == 1
    again = thuy_nguyen.post(url("311"), posted(saved) | {"paste": "", "11470-installs": "1"}, follow=True)
    assert "Đã lưu 1 đơn vị: Thị trấn Núi Đèo. Còn 35 đơn vị chưa báo cáo." in again.text


def test_what_was_pasted_and_not_put_into_the_grid_is_not_dropped(thuy_nguyen):
    page = thuy_nguyen.post(url("311"), {"paste": "Minh Đức\t9\nNúi Đèo\t8"})
    assert (page.status_code, box(page)) == (422, "Minh Đức\t9\nNúi Đèo\t8")
    assert page.context["grid"].problems == ["Còn 2 dòng đã dán chưa đưa vào bảng: bấm “Đưa vào bảng”."]
    assert Report.objects.filter(day=f.DAY).count() == 0


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
