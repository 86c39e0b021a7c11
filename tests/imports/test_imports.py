"""Reports, base figures and units from files: what is planned, by whose right, and what is written."""

import io
import json
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import load_workbook

from reporting import acts, deadline, imports
from reporting.acts import locking
from reporting.exports.annex import printed_annex
from reporting.exports.workbook.day import day_workbook
from reporting.figures import query, rollup, verification
from reporting.files.spreadsheets import Book, Unreadable
from reporting.imports import KINDS, Changed, NotExplained, RowOutcome, Sent
from reporting.imports.template import template as template_of
from reporting.models import BaseFigure, Directive, Downtime, OfficialFigure, Report, Revision, Unit, UnitName

from .. import factories as f, sheets

BEFORE, D1, D2, D3 = (f.FIRST_DAY + timedelta(days=n) for n in range(-1, 3))
NEXT = f.DAY + timedelta(days=1)
EVENING = f.at("2020-08-21 18:30")
REPORTS, BASES, UNITS, MINISTRY = (KINDS[n] for n in ("reports", "base-figures", "units", "official-figures"))
HEAD = ["Mã đơn vị", "Đơn vị", "Loại số liệu", "Số máy đã cài trước đợt", D1, D2]
ONE = sheets.workbook(HEAD, ["11416", "Phường Đằng Hải", "mới", 100, 5, 7])
NEW, CHANGED, UNCHANGED, ERROR = RowOutcome.NEW, RowOutcome.CHANGED, RowOutcome.UNCHANGED, RowOutcome.ERROR
LEFT_OUT = RowOutcome.LEFT_OUT


def sent(by, at=EVENING, **options):
    given = {"reason": "Báo cáo giấy", "effective_on": D1, "source": "Niên giám 2019", **options}
    explanation = given.pop("explanation", "")
    return Sent(by=by, at=at, source="tháng 8.xlsx sha256:0", options=given, explanation=explanation)


def kept(data, kind, name="a.xlsx"):
    """As it comes back from between the preview and the act."""
    book = Book.unpacked(json.loads(json.dumps(imports.open_book(data, name).packed())))
    table = imports.table_of(kind, book)
    assert imports.problems(table) == []
    return table


def planned(data, by, kind=REPORTS, at=EVENING, **options):
    with translation.override("vi"):
        return imports.preview(kind, kept(data, kind), sent(by, at, **options))


def applied(data, by, kind=REPORTS, at=EVENING, shown=None, **options):
    return imports.apply(kind, kept(data, kind), sent(by, at, **options), shown=shown, now=lambda: at)


def outcomes(plan):
    return [(row.address, row.outcome, row.before, row.after) for row in plan.rows]


def errors(plan):
    return [(row.address, row.words) for row in plan.errors]


def overtaking(monkeypatch, act):
    """Somebody else acts once between the check and the lock."""
    lock_all, done = locking.lock_all, []

    def overtaken(top):
        if not done:
            done.append(act())
        lock_all(top)

    monkeypatch.setattr(locking, "lock_all", overtaken)
    return done


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Unit, UnitName, BaseFigure, Report, Revision)]


def figures(unit):
    return list(Report.objects.filter(unit=unit).order_by("day").values_list("day", "kind", "installs", "cumulative"))


def disagreements():
    """As `manage.py verify` finds them."""
    checks = (verification.histories, verification.cumulatives)
    return [problem for check in checks for problem in check()]


# Reports: what is planned and written.


def test_wide_file_is_planned_and_applied(cast):
    data = sheets.workbook(
        HEAD,
        ["11416", "Phường Đằng Hải", "mới", 100, 5, 7],
        [11407, "Cát Bi", "lũy kế", 0, 10, 25],
    )
    plan = planned(data, cast.city_clerk)
    assert outcomes(plan) == [
        ("D2", NEW, "", "100"),
        ("E2", NEW, "", "5"),
        ("F2", NEW, "", "7"),
        ("D3", NEW, "", "0"),
        ("E3", NEW, "", "10"),
        ("F3", NEW, "", "15"),
    ]
    applied(data, cast.city_clerk, shown=plan.digest)
    assert figures(cast.commune) == [(BEFORE, "opening", 100, 100), (D1, "daily", 5, 105), (D2, "daily", 7, 112)]
    assert figures(cast.neighbour) == [(BEFORE, "opening", 0, 0), (D1, "daily", 10, 10), (D2, "daily", 15, 25)]
    revision = Revision.objects.get(report__unit=cast.commune, report__day=D2)
    assert (revision.kind, revision.source, revision.reason, revision.by, revision.by_name) == (
        *("import", "tháng 8.xlsx sha256:0", "Báo cáo giấy"),
        *(cast.city_clerk, "31"),
    )
    assert (revision.received_at, revision.counted_at, revision.delta) == (EVENING, EVENING, 7)
    assert rollup.rows(cast.commune, D2).own.status == "late"
    assert disagreements() == []


def test_bulk_writes_what_single_acts_write(cast):
    """Report by report and day by day the same as one entry on behalf after the other."""
    single, many = cast.commune, cast.neighbour
    values = {D1: 5, D2: 0, D3: 9, f.DAY: 2}
    for unit in (single, many):
        f.make_report(unit, D2, 4, opening=10, households_visited=3, note="Mưa", by=cast.officer)
        f.make_report(unit, date(2020, 8, 15), 6, covers_from=date(2020, 8, 12))
    for day, installs in values.items():
        report = Report.objects.filter(unit=single, day=day).first()
        acts.enter(
            unit=single,
            day=day,
            installs=installs,
            households_visited=report.households_visited if report else None,
            note=report.note if report else "",
            base_version=report.version if report else 0,
            by=cast.city_clerk,
            at=EVENING,
            reason="x",
            now=lambda: EVENING,
        )
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", *values], ["11407", "mới", *values.values()])
    applied(data, cast.city_clerk, reason="x")
    columns = ["day", "kind", "installs", "adjustment", "covers_from", "households_visited", "note", "cumulative"]
    columns += ["households_so_far", "received_at", "version"]
    reports = [list(Report.objects.filter(unit=unit).order_by("day").values_list(*columns)) for unit in (single, many)]
    assert reports[0] == reports[1]
    steps = ["report__day", "number", "installs", "adjustment", "covers_from", "households_visited", "note", "delta"]
    steps += ["received_at", "counted_at", "reason", "by", "by_name"]
    revisions = [
        list(Revision.objects.filter(report__unit=unit).order_by("report__day", "number").values_list(*steps))
        for unit in (single, many)
    ]
    assert revisions[0] == revisions[1]
    assert disagreements() == []


def test_cumulative_counts_from_what_stands_in_the_file_and_before_it(cast):
    f.make_report(cast.commune, D1, 5, opening=10)
    acts.adjust(
        unit=cast.commune, day=D2, adjustment=-3, reason="Trùng", base_version=0, by=cast.city_clerk, at=EVENING
    )
    plan = planned(sheets.workbook(["Mã đơn vị", "Loại số liệu", D2, D3], ["11416", "lũy kế", 20, 26]), cast.city_clerk)
    assert [(row.after, row.words) for row in plan.rows] == [
        ("8", "lũy kế 20; tính là trễ hạn"),
        ("6", "lũy kế 26; tính là trễ hạn"),
    ]


def test_opening_that_was_wrong_is_corrected(cast):
    f.make_report(cast.commune, D1, 5, opening=10)
    data = sheets.workbook(["Mã đơn vị", "Trước đợt"], ["11416", 12])
    assert outcomes(planned(data, cast.city_clerk)) == [("B2", CHANGED, "10", "12")]
    applied(data, cast.city_clerk)
    assert figures(cast.commune) == [(BEFORE, "opening", 12, 12), (D1, "daily", 5, 17)]
    assert disagreements() == []


def test_on_a_day_still_open_the_report_is_in_time(cast):
    at = f.at("2020-08-21 16:59:59")
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", "Trước đợt", f.DAY], ["11416", "mới", 0, 3])
    applied(data, cast.city_clerk, at=at)
    assert rollup.rows(cast.commune, f.DAY).own.status == "on_time"


@pytest.mark.parametrize("is_own", [True, False])
def test_report_taken_back_is_reported_anew(is_own, cast):
    """What the unit sent itself came when it came; what others had written for it by mistake leaves no arrival."""
    act, by = (acts.submit, cast.officer) if is_own else (acts.enter, cast.district_clerk)
    sent_at = f.at(f"{D1} 10:00")
    report = act(unit=cast.commune, day=D1, installs=5, opening=10, **f.stamp(by, sent_at)).report
    void = {"unit": cast.commune, "day": D1, "reason": "nhầm", "base_version": report.version}
    acts.void(**void, by=cast.city_clerk, at=EVENING, now=lambda: EVENING)
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", D1], ["11416", "mới", 5])
    plan = planned(data, cast.city_clerk)
    assert outcomes(plan) == [("C2", NEW, "", "5")]
    assert plan.rows[0].words == ("" if is_own else "tính là trễ hạn")
    applied(data, cast.city_clerk)
    report.refresh_from_db()
    assert (report.installs, report.received_at, report.version) == (5, sent_at if is_own else EVENING, 3)
    assert rollup.rows(cast.commune, D1).own.status == ("on_time" if is_own else "late")
    assert disagreements() == []


# Reports: a total over days that nobody reported.


def spans(unit):
    reports = Report.objects.filter(unit=unit, kind="daily").order_by("day")
    return list(reports.values_list("day", "covers_from", "installs"))


COVERED = "Số liệu ngày này đã gộp vào báo cáo ngày 10/08/2020 (40 máy cài mới, tính từ ngày 07/08/2020)."


def test_total_after_missed_days_covers_them(cast):
    f.make_report(cast.commune, D1, 5, opening=100)
    day = D1 + timedelta(days=4)
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", day], ["11416", "lũy kế", 145])
    plan = planned(data, cast.city_clerk)
    assert [(row.after, row.covers_from, row.words) for row in plan.rows] == [
        ("40", str(D2), "lũy kế 145; gồm cả các ngày từ 07/08 chưa báo cáo; tính là trễ hạn")
    ]
    applied(data, cast.city_clerk, shown=plan.digest)
    assert spans(cast.commune) == [(D1, None, 5), (day, D2, 40)]
    assert query.covered_days(cast.commune, [D2, D3]) == {D2: day, D3: day}
    late = sheets.workbook(["Mã đơn vị", "Loại số liệu", D3], ["11416", "mới", 3])
    assert errors(planned(late, cast.city_clerk)) == [("C2", COVERED)]
    assert disagreements() == []


def test_totals_with_gaps_cover_each_its_own(cast):
    """The first of them since the campaign began; exempt days between are held; a day's own number covers nothing."""
    f.make_exempt_day(cast.city, D1)
    f.make_exempt_day(cast.city, date(2020, 8, 12))
    days = [date(2020, 8, day) for day in (9, 13, 14, 17)]
    data = sheets.workbook(
        ["Mã đơn vị", "Loại số liệu", "Trước đợt", *days],
        ["11416", "lũy kế", 0, 30, 40, 41, 50],
        ["11407", "mới", 0, 30, 4, 1, 5],
    )
    applied(data, cast.city_clerk)
    firsts = [D1, date(2020, 8, 10), None, date(2020, 8, 15)]
    assert spans(cast.commune) == list(zip(days, firsts, [30, 10, 1, 9], strict=True))
    assert [first for _day, first, _installs in spans(cast.neighbour)] == [None] * 4
    assert planned(data, cast.city_clerk).counts == {UNCHANGED: 10}


def test_total_of_a_unit_that_has_closed_since_holds_the_days_of_its_own_parts(cast):
    f.make_report(cast.commune, D1, 5, opening=10)
    Unit.objects.filter(pk=cast.neighbour.pk).update(closed_on=D2, successor=cast.commune)
    Unit.objects.filter(pk=cast.commune.pk).update(closed_on=f.DAY, successor=cast.island)
    applied(sheets.workbook(["Mã đơn vị", "Loại số liệu", D2], ["11416", "lũy kế", 30]), cast.city_clerk)
    assert Report.objects.get(unit=cast.commune, day=D2).holds_from == D1  # which the neighbour had not reported


# Reports: what a form asks about.


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ((1200, 12000), "Lũy kế 12.000 gấp 10 lần số 1.200 đã cài đến nay hoặc hơn: có gõ thừa một chữ số không?"),
        ((19000, 19800), "Lũy kế 19.800 sẽ lớn hơn dân số của đơn vị (19.748)."),
        ((1200, 11999), None),
    ],
)
def test_total_that_is_usually_a_mistake_is_asked_about(line, asked, cast):
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", "Trước đợt", D1], ["11416", "lũy kế", *line])
    assert [row.asked for row in planned(data, cast.city_clerk).doubtful] == ([(asked,)] if asked else [])


def test_mean_is_of_the_days_of_the_file_and_of_merged_units_too(cast):
    f.make_report(cast.commune, D1, 10, opening=100)
    f.make_report(cast.neighbour, D1, 90, opening=100)
    Unit.objects.filter(pk=cast.neighbour.pk).update(closed_on=D2, successor=cast.commune)
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", D2, D3], ["11416", "mới", 400, 1300])
    plan = planned(data, cast.city_clerk)
    assert [(row.address, len(row.asked)) for row in plan.rows] == [("C2", 1), ("D2", 2)]  # of 100 a day, of 250
    more = sheets.workbook(["Mã đơn vị", "Loại số liệu", D2], ["11416", "mới", 150])
    assert planned(more, cast.city_clerk).doubtful == []


# What is no figure is named where it is left out; a dash says so itself.


def test_word_where_a_figure_is_awaited_is_named_as_left_out(cast):
    f.make_report(cast.commune, D1, 5, opening=0)
    wide = sheets.workbook(["Mã đơn vị", "Loại số liệu", D2, D3], ["11416", "mới", "x", 7], ["11407", "mới", "–", "…"])
    said = [(row.address, row.words) for row in planned(wide, cast.city_clerk).rows if row.outcome is LEFT_OUT]
    assert said == [
        ("C2", "“x” không phải là số liệu: bỏ qua ô này."),
        ("D3", "“…” không phải là số liệu: bỏ qua ô này."),
    ]
    people = sheets.workbook(["Mã đơn vị", "Dân số", "Người sử dụng điện thoại thông minh"], ["11416", 20000, "X"])
    ministrys = sheets.workbook(MINISTRY_HEAD, ["Quận Hải An", 40000, "x", None, None])
    options = {"day": f.DAY, "source": "Cục Tin học hóa"}
    for data, kind in ((people, BASES), (ministrys, MINISTRY)):
        plan = planned(data, cast.city_clerk, kind, **options)
        assert [row.address for row in plan.rows if row.outcome is LEFT_OUT] == ["C2"]
        assert plan.can_be_applied


def test_file_of_units_without_a_figure_plans_nothing(cast):
    plan = planned(sheets.workbook(["Mã đơn vị", "Loại số liệu", D1], ["11416", "mới", None]), cast.city_clerk)
    assert (plan.rows, plan.writes) == ([], [])


# Reports: by whose right.


def test_district_imports_for_its_communes_within_the_days_for_corrections(cast):
    late, old = f.DAY - timedelta(days=3), f.DAY - timedelta(days=9)
    f.make_report(cast.commune, D1, 5, opening=10)
    plan = planned(
        sheets.workbook(["Mã đơn vị", "Loại số liệu", old, late], ["11416", "mới", 1, 2]), cast.district_clerk
    )
    assert outcomes(plan) == [("C2", ERROR, "", "1"), ("D2", NEW, "", "2")]
    assert errors(plan)[0][1] == "Đã hết thời gian điều chỉnh: chỉ thành phố còn được xử lý ngày này."


def test_first_number_before_the_campaign_goes_with_a_first_report_that_may_be_entered(cast):
    """Long after the first days a district may still enter a unit's first report, and correct its number no more."""
    late = f.DAY - timedelta(days=3)
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", "Trước đợt", late], ["11416", "mới", 40, 2])
    assert outcomes(planned(data, cast.district_clerk)) == [("C2", NEW, "", "40"), ("D2", NEW, "", "2")]
    applied(data, cast.district_clerk)
    corrected = sheets.workbook(["Mã đơn vị", "Trước đợt"], ["11416", 41])
    assert [row.address for row in planned(corrected, cast.district_clerk).errors] == ["B2"]
    assert planned(corrected, cast.city_clerk).errors == []


def test_foreign_unit_is_as_unknown_as_one_that_does_not_exist(cast):
    f.make_report(cast.stranger, D1, 5, opening=10)
    day = f.DAY - timedelta(days=1)
    head = ["Mã đơn vị", "Đơn vị", "Loại số liệu", day]
    rows = [
        ["11470", None, "mới", 1],
        ["99999", None, "mới", 1],
        [None, "Thị trấn Núi Đèo", "mới", 1],
        [None, "Ba", "mới", 1],
    ]
    plan = planned(sheets.workbook(head, *rows), cast.district_clerk)
    assert errors(plan) == [
        ("A2", "Không có đơn vị nào mang mã “11470”."),
        ("A3", "Không có đơn vị nào mang mã “99999”."),
        ("B4", "Không có đơn vị nào tên “Thị trấn Núi Đèo”."),
        ("B5", "Không có đơn vị nào tên “Ba”."),
    ]


def test_what_is_imported_counts_after_every_table_that_was_fixed(cast):
    f.make_report(cast.commune, D1, 5, opening=0)
    fixed = EVENING + timedelta(minutes=5)  # by a clock that was ahead
    f.make_seal(cast.city, cast.city_clerk, D1, at=fixed)
    applied(sheets.workbook(["Mã đơn vị", "Loại số liệu", D1], ["11416", "mới", 6]), cast.city_clerk)
    assert Revision.objects.latest("id").counted_at == fixed + timedelta(microseconds=1)


# Between the preview and the act.


def test_change_of_another_unit_is_no_matter(cast):
    shown = planned(ONE, cast.city_clerk).digest
    f.make_report(cast.stranger, D1, 4, opening=100)
    applied(ONE, cast.city_clerk, shown=shown)
    assert figures(cast.commune)[-1] == (D2, "daily", 7, 112)


def test_figure_that_has_become_late_since_the_preview_is_shown_again(cast):
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", "Trước đợt", f.DAY], ["11416", "mới", 0, 3])
    shown = planned(data, cast.city_clerk, at=f.at("2020-08-21 16:59:59")).digest
    with pytest.raises(imports.Changed):
        applied(data, cast.city_clerk, at=f.at("2020-08-21 17:00"), shown=shown)
    assert not Report.objects.exists()


def test_change_between_the_check_and_the_lock_is_seen(cast, monkeypatch):
    """Somebody reports after the check, while the lock is waited for."""
    shown = planned(ONE, cast.city_clerk).digest
    before = overtaking(monkeypatch, lambda: f.make_report(cast.commune, D1, 4, opening=100) and stored())
    with pytest.raises(Changed):
        applied(ONE, cast.city_clerk, shown=shown)
    assert stored() == before[0]


@pytest.mark.parametrize(
    "act",
    [
        lambda cast: f.make_report(cast.stranger, D1, opening=0),
        lambda cast: f.withdraw(Directive.objects.get(), EVENING),
        lambda cast: cast.commune.rename(name="Đông Hải", kind="phường", effective_on=f.DAY, at=EVENING),
        lambda cast: f.make_seal(cast.city, cast.city_clerk),
        lambda cast: f.make_sign_off(cast.district, cast.district_clerk),
        lambda cast: f.make_late_request(cast.commune, cast.officer),
        lambda cast: f.make_reopening(cast.commune, cast.district_clerk),
        lambda cast: f.make_unit("11999", parent=cast.district),
        lambda cast: cast.neighbour.close(on=f.DAY, into=cast.commune),
    ],
)
def test_standing_changes_with_all_that_a_check_goes_by(act, cast):
    units = list(Unit.objects.all())
    before = imports.plan.state_of(units)
    act(cast)
    assert imports.plan.state_of(units) != before


def test_standing_counts_every_model_whose_rows_say_since_when_they_are_known(cast):
    """By the models themselves, not by a list: what is recorded one day is not forgotten here."""
    models = [m for m in apps.get_app_config("reporting").get_models() if hasattr(m, "recorded_at")]
    with CaptureQueriesContext(connection) as queries:
        imports.plan.state_of()
    asked = " ".join(query["sql"] for query in queries)
    assert [model for model in models if f'"{model._meta.db_table}"' not in asked] == []
    assert Downtime in models


def test_downtime_that_is_recorded_while_the_lock_is_waited_for_excuses(cast, monkeypatch):
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", "Trước đợt", f.DAY], ["11416", "mới", 0, 3])
    assert planned(data, cast.city_clerk).rows[-1].words == "tính là trễ hạn"
    overtaking(monkeypatch, f.make_downtime)
    assert applied(data, cast.city_clerk).rows[-1].words == ""
    assert rollup.rows(cast.commune, f.DAY).own.status == "excused"


# Lines of sums, groups, heads.


def test_sums_are_checked_and_left_out(cast):
    rows = [
        ["I", None, "Quận Hải An", None, 3, 12],
        [1, "11416", "Đằng Hải", 0, 1, 5],
        [2, "11407", "Cát Bi", 0, 2, 7],
        [None, None, "Cộng", 0, 3, 12],
        ["II", None, "Huyện Thuỷ Nguyên", None, 4, 1],
        [1, "11470", "Núi Đèo", 9, 4, 1],
        ["Tổng cộng", None, None, 9, 7, 13],
    ]
    head = ["STT", "Mã đơn vị", "Đơn vị", "Trước đợt", "06/08/2020 (mới)", "Mới ngày 07/08/2020"]
    plan = planned(sheets.workbook(["Biểu 1"], head, *rows), cast.city_clerk)
    assert [(row.address, row.unit) for row in plan.rows if row.outcome is RowOutcome.LEFT_OUT] == [
        ("C3", "Quận Hải An"),
        ("C6", "Cộng"),
        ("C7", "Huyện Thuỷ Nguyên"),
        ("D9", "Tổng cộng"),
    ]
    assert (plan.errors, plan.counts[NEW]) == ([], 9)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ([None, "Quận Hải An", 0, 3, 13], ("E4", "07/08/2020: dòng cộng ghi 13, cộng các dòng được 12.")),
        ([None, "Cộng:", 0, 3, "?"], ("E4", "“?” không phải số nguyên.")),
    ],
)
def test_sum_that_differs_is_an_error(line, error, cast):
    head = ["STT", "Đơn vị", "Trước đợt", "06/08/2020 mới", "07/08/2020 mới"]
    data = sheets.workbook(head, [1, "Đằng Hải", 0, 1, 5], [2, "Cát Bi", 0, 2, 7], line)
    assert errors(planned(data, cast.city_clerk)) == [error]


def test_total_of_cumulatives_of_several_days_is_that_of_each_units_last_line(cast):
    lines = [["06/08/2020", "Đằng Hải", 5], ["06/08/2020", "Cát Bi", 7], ["07/08/2020", "Đằng Hải", 9]]
    for total, wrong in ((16, []), (17, ["Lũy kế: dòng cộng ghi 17, cộng các dòng được 16."])):
        data = sheets.workbook(["Ngày", "Đơn vị", "Lũy kế"], *lines, ["Tổng cộng", None, total])
        assert [words for _cell, words in errors(planned(data, cast.city_clerk)) if "cộng" in words] == wrong


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            sheets.workbook(["Họ tên", "Số thẻ"], ["Nguyễn Văn A", "0912"], title="Danh bạ"),
            "Tiêu đề của trang tính “Danh bạ” thiếu: Mã đơn vị / Đơn vị, Số máy cài mới / Lũy kế / Số máy đã cài trước"
            " đợt. Trang tính “Danh bạ”: chưa rõ số của các cột này là gì: “Số thẻ”.",
        ),
        (
            sheets.workbook(*[["x"]] * 15, HEAD, ["11416", "", "mới", 1, 2, 3], title="Sâu"),
            "Không trang tính nào có tiêu đề với các cột cần nhập trong 15 dòng đầu: “Sâu”.",
        ),
        (sheets.workbook(HEAD), "Dưới dòng tiêu đề không có dòng số liệu nào."),
        (
            sheets.workbook(
                ["Đơn vị", "Loại số liệu", *(D1 + timedelta(days=n) for n in range(63))], ["Cát Bi", "mới", 1]
            ),
            "Tệp có hơn 62 ngày. Hãy tách thành nhiều tệp.",
        ),
    ],
)
def test_wrong_sheet_is_refused_with_words(data, words):
    with translation.override("vi"), pytest.raises(Unreadable) as refused:
        imports.read_table(REPORTS, data, "a.xlsx")
    assert str(refused.value) == words


# Base figures.

UNIT_HEAD = ["code", "name", "kind", "level", "parent_code", "population", "population_source"]
BASE_HEAD = ["Mã đơn vị", "Dân số (người)", "Người sử dụng điện thoại thông minh", "Số hộ", "Hiệu lực từ", "Nguồn"]


def test_base_figures_are_dated_and_have_a_source(cast):
    data = sheets.workbook(
        BASE_HEAD,
        ["11416", "20.100", 15000, 5200, "01/08/2020", "Chi cục Thống kê"],
        ["SYT", 7420, 6890, None, None, "census-2019"],
        ["11407", None, None, None, None, None],
    )
    plan = planned(data, cast.city_clerk, BASES)
    assert outcomes(plan) == [
        ("B2", CHANGED, "19.748", "20.100"),
        ("C2", NEW, "", "15.000"),
        ("D2", NEW, "", "5.200"),
        ("B3", UNCHANGED, "7.420", "7.420"),
    ]
    count = BaseFigure.objects.count()
    applied(data, cast.city_clerk, BASES, shown=plan.digest)
    added = BaseFigure.objects.order_by("id").last()
    assert BaseFigure.objects.count() == count + 1
    counts = (added.unit, added.population, added.smartphone_users, added.households)
    assert counts == (cast.commune, 20100, 15000, 5200)
    about = (added.effective_on, added.source, added.by, added.recorded_at)
    assert about == (date(2020, 8, 1), "Chi cục Thống kê", cast.city_clerk, EVENING)


def test_line_of_a_known_unit_says_what_of_it_is_not_recorded(cast):
    head = [*UNIT_HEAD[:5], "phone"]
    data = sheets.workbook(head, ["306", "Hải An", "quận", "cấp huyện", "31", "0225 1"])
    plan = planned(data, cast.city_clerk, UNITS)
    assert outcomes(plan) == [("F2", LEFT_OUT, "0225 000 0306", "0225 1")]
    assert (plan.can_be_applied, plan.outlook) == (False, [])


def test_numbers_without_a_head_are_named_as_not_read(cast):
    plan = planned(sheets.workbook(["Đơn vị", "06/08/2020 mới"], ["Cát Bi", 2, 77]), cast.city_clerk)
    assert plan.notes[1:] == ["Các cột không đọc: C."]


def test_population_that_is_usually_a_mistake_is_recorded_only_with_an_explanation(cast):
    """By the file of base figures and by that of units alike."""
    f.make_report(cast.commune, installs=88, opening=7000)
    asked = (
        "Dân số 5.000 thay cho 19.748: chênh lệch hơn một phần năm. Số này có đúng không?",
        "Dân số 5.000 nhỏ hơn lũy kế 7.088 máy đã cài. Số này có đúng không?",
    )
    bases = sheets.workbook(BASE_HEAD, ["11416", 5000, 4000, None, None, "Chi cục"], ["11407", 15000])
    units = sheets.workbook(UNIT_HEAD, ["11416", "Đằng Hải", "phường", "cấp xã", "306", 5000, "Chi cục"])
    for kind, data, on in ((BASES, bases, D1), (UNITS, units, NEXT)):
        plan = planned(data, cast.city_clerk, kind, effective_on=on)
        assert [row.asked for row in plan.doubtful] == [asked]
        before = stored()
        with pytest.raises(NotExplained):
            applied(data, cast.city_clerk, kind, shown=plan.digest, effective_on=on)
        assert stored() == before
        applied(data, cast.city_clerk, kind, shown=plan.digest, effective_on=on, explanation="Tách phường")
        added = BaseFigure.objects.in_force(cast.commune, on)
        assert (added.population, added.explanation) == (5000, "Tách phường")
        acts.withdraw_setting(record=added, reason="Nhầm", by=cast.city_clerk, at=EVENING, now=lambda: EVENING)
    assert BaseFigure.objects.in_force(cast.neighbour, D1).explanation == ""


def test_day_and_source_beside_the_file_are_those_of_lines_without(cast):
    applied(sheets.workbook(["Đơn vị", "Dân số"], ["Cát Bi", 15000]), cast.city_clerk, BASES)
    added = BaseFigure.objects.order_by("id").last()
    assert (added.unit, added.effective_on, added.source) == (cast.neighbour, D1, "Niên giám 2019")


def test_counts_are_known_by_what_offices_call_them(cast):
    heads = ["Xã, thị trấn", "Dân số 2019", None, "Tổng số hộ", "Số người dùng ĐTTM", "Tỷ lệ (%)"]
    data = sheets.workbook(
        heads,
        [None, "Tổng số", "Nữ", None, None, None],
        ["Cát Bi", 15000, 7600, 4000, "9.000 người", 60],
        merged=["B1:C1", *(f"{letter}1:{letter}2" for letter in "ADEF")],
    )
    plan = planned(data, cast.city_clerk, BASES)
    assert outcomes(plan) == [("B3", CHANGED, "14.350", "15.000"), ("D3", NEW, "", "4.000"), ("E3", NEW, "", "9.000")]


def test_figure_without_a_column_stays_as_it_is(cast):
    data = sheets.workbook(["Đơn vị", "Dân số", "Tổng số hộ"], ["Cát Bi", 14350, 4000], ["Đằng Hải", None, None])
    assert outcomes(planned(data, cast.city_clerk, BASES)) == [("C2", NEW, "", "4.000")]
    applied(data, cast.city_clerk, BASES)
    applied(sheets.workbook(["Đơn vị", "Dân số"], ["Cát Bi", 15000]), cast.city_clerk, BASES)
    base = BaseFigure.objects.in_force(cast.neighbour, D1)
    assert (base.population, base.households) == (15000, 4000)


def test_base_figures_without_a_population_are_refused(cast):
    """Their day and source are those of the population."""
    with translation.override("vi"):
        table = imports.table_of(BASES, imports.open_book(sheets.workbook(["Đơn vị", "Số hộ"], ["Cát Bi", 4000]), "a"))
        assert imports.problems(table) == ["Tiêu đề của trang tính “Số liệu” thiếu: Dân số."]


def test_households_of_a_line_without_a_population_are_refused(cast):
    data = sheets.workbook(["Đơn vị", "Dân số", "Số hộ"], ["Cát Bi", None, 4000])
    assert [words for _cell, words in errors(planned(data, cast.city_clerk, BASES))] == ["Thiếu dân số."]


def test_sum_of_a_district_is_known_by_its_name_alone(cast):
    rows = [["Hải An", "Đằng Hải", 400], [None, "Cát Bi", 300], ["Cộng Hải An", None, 700]]
    rows += [["Thuỷ Nguyên", "Núi Đèo", 50], ["Cộng Thuỷ Nguyên", None, 51]]
    data = sheets.workbook(["Quận/huyện", "Xã/phường", "Tổng số dân"], *rows, merged=["A2:A3"])
    assert errors(planned(data, cast.city_clerk, BASES)) == [("C6", "Dân số: dòng cộng ghi 51, cộng các dòng được 50.")]


def test_ward_named_as_a_district_is_found_in_its_own(cast):
    for district in (cast.district, cast.other_district):
        f.make_unit(f"9{district.code}", parent=district, name="Thuỷ Nguyên", kind="phường", population=5000)
    data = sheets.workbook(["Quận/huyện", "Xã/phường", "Dân số"], ["Hải An", "Thuỷ Nguyên", 6000])
    assert [row.unit for row in planned(data, cast.city_clerk, BASES).rows] == ["Phường Thuỷ Nguyên"]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([["11416", 0, None, None, None, "x"]], ("B2", "Dân số không thể bằng 0.")),
        ([["11416", 100, 101, None, None, "x"]], ("C2", "Lớn hơn dân số.")),
        ([["11416", None, 5, None, None, "x"]], ("C2", "Thiếu dân số.")),
        ([["11416", 5, None, None, "hôm qua", "x"]], ("E2", "“hôm qua” không phải ngày dạng 05/08/2020.")),
        ([["11416", 5, None, None, None, "x" * 201]], ("F2", "Nội dung quá dài.")),
        ([["11416", 15000]], ("F2", "Số liệu chưa có nguồn.")),
        ([["11416", 5, None, None, None, "x"]] * 2, ("A3", "Đơn vị này đã có ở dòng 2.")),
        ([["306", 132943, None, None, None, "x"]], ("B2", "Dân số (người)")),
    ],
)
def test_wrong_base_figure_is_refused(lines, error, cast):
    plan = planned(sheets.workbook(BASE_HEAD, *lines), cast.city_clerk, BASES, source="")
    assert [row.address for row in plan.errors] == [error[0]]
    if lines[0][0] != "306":  # whose figure is the sum of its units
        assert plan.errors[0].words == error[1]


# Units.


def test_changes_of_units_are_told_from_and_to(cast):
    data = sheets.workbook(
        UNIT_HEAD,
        ["11416", "Đằng Hải", "phường", "cấp xã", "306", 20000, "census-2019"],
        ["11407", "Cát Bi Đông", "phường", "commune", "306", 14350, "census-2019"],
        ["11999", "Tràng Cát", "phường", "cấp xã", "306", 9000, "census-2019"],
    )
    plan = planned(data, cast.city_clerk, UNITS, effective_on=NEXT)
    since = "từ ngày 22/08/2020"
    assert [(row.address, row.outcome, row.before, row.after, row.words) for row in plan.rows] == [
        ("F2", CHANGED, "19.748", "20.000", "từ 22/08/2020, census-2019"),
        ("B3", CHANGED, "Phường Cát Bi", "Phường Cát Bi Đông", since),
        ("A4", NEW, "", "Phường Tràng Cát", f"đơn vị mới, trực thuộc Quận Hải An (306), {since}"),
        ("F4", NEW, "", "9.000", "từ 22/08/2020, census-2019"),
    ]
    assert plan.outlook == []
    applied(data, cast.city_clerk, UNITS, effective_on=NEXT)
    assert Unit.objects.get(code="11999").parent == cast.district
    bases = [BaseFigure.objects.in_force(cast.commune, day).population for day in (f.DAY, NEXT)]
    assert bases == [19748, 20000]


def test_units_of_which_no_population_is_given_are_named(cast):
    data = sheets.workbook(UNIT_HEAD, ["11999", "Tràng Cát", "phường", "cấp xã", "306"])
    assert planned(data, cast.city_clerk, UNITS, effective_on=NEXT).outlook == [
        "Chưa có dân số của Phường Tràng Cát: từ ngày đó chưa tính được tỷ lệ của các đơn vị cấp trên."
    ]


def test_base_figure_of_a_day_gone_by_is_said_to_change_the_days_since(cast):
    data = sheets.workbook(UNIT_HEAD, ["11416", "Đằng Hải", "phường", "cấp xã", "306", 20000, "census-2019"])
    [row] = planned(data, cast.city_clerk, UNITS).rows
    assert row.words == "từ 06/08/2020, census-2019; tỷ lệ của những ngày đã qua kể từ ngày đó cũng thay đổi"


def test_units_whose_day_has_come_since_the_preview_are_not_recorded(cast):
    data = sheets.workbook(UNIT_HEAD, ["11999", "Tràng Cát", "phường", "cấp xã", "306", 9, "x"])
    midnight = f.at("2020-08-22 00:00")  # passed before the lock was had
    plan = planned(data, cast.city_clerk, UNITS, effective_on=NEXT)
    before, beside = stored(), sent(cast.city_clerk, effective_on=NEXT)
    with pytest.raises(Changed):
        imports.apply(UNITS, kept(data, UNITS), beside, shown=plan.digest, now=lambda: midnight)
    assert stored() == before


# The ministry's figures.

MINISTRY_HEAD = ["Đơn vị", "Lượt tải", "Tài khoản có số điện thoại", "Máy đang hoạt động", "Ngày"]


def test_figures_of_the_ministry_are_recorded_beside_ours(cast):
    data = sheets.workbook(
        ["Cục Tin học hóa"],
        MINISTRY_HEAD,
        ["Thành phố Hải Phòng", "600.000", 500000, None, None],
        ["Quận Hải An", 40000, "-", None, None],
        ["P. Cát Bi", 4000, None, 3000, "20/08/2020"],
        ["Tổng cộng", 644000, None, None, None],
    )
    options = {"day": f.DAY, "source": "Cục Tin học hóa"}
    plan = planned(data, cast.city_clerk, MINISTRY, **options)
    assert outcomes(plan) == [
        ("B3", NEW, "", "600.000"),
        ("C3", NEW, "", "500.000"),
        ("B4", NEW, "", "40.000"),
        ("B5", NEW, "", "4.000"),
        ("D5", NEW, "", "3.000"),
        ("A6", RowOutcome.LEFT_OUT, "", ""),
    ]
    applied(data, cast.city_clerk, MINISTRY, shown=plan.digest, explanation="Theo công văn", **options)
    kept_ones = OfficialFigure.objects.order_by("id").values_list("unit__code", "day", "metric", "value", "counted_at")
    yesterday, noon = f.at("2020-08-20 17:00"), f.at("2020-08-21 17:00")
    assert list(kept_ones) == [
        ("31", f.DAY, "downloads", 600000, noon),
        ("31", f.DAY, "accounts", 500000, noon),
        ("306", f.DAY, "downloads", 40000, noon),
        ("11407", f.DAY - timedelta(days=1), "downloads", 4000, yesterday),
        ("11407", f.DAY - timedelta(days=1), "devices", 3000, yesterday),
    ]
    assert {figure.outcome for figure in planned(data, cast.city_clerk, MINISTRY, **options).rows} == {
        *(UNCHANGED, RowOutcome.LEFT_OUT)
    }
    more = sheets.workbook(MINISTRY_HEAD, ["Quận Hải An", 41000])
    assert outcomes(planned(more, cast.city_clerk, MINISTRY, **options)) == [("B2", CHANGED, "40.000", "41.000")]


@pytest.mark.parametrize(
    ("title", "hour"),
    [
        *(
            ("Thời điểm: 16h30 ngày 21/8/2020", "16:30"),
            ("Từ 8h00 đến 16h00", "17:00"),
            ("Thời điểm 9 giờ 05", "09:05"),
        ),
        *(("In lúc 8h15", "17:00"), ("Hải Phòng, 8h30 ngày 21 tháng 8 năm 2020", "17:00")),
    ],
)
def test_hour_of_the_ministrys_figures_is_that_of_the_title(title, hour, cast):
    data = sheets.workbook([title], MINISTRY_HEAD, ["Quận Hải An", 40000])
    applied(data, cast.city_clerk, MINISTRY, explanation="Theo công văn", day=f.DAY, source="Cục Tin học hóa")
    assert OfficialFigure.objects.get().counted_at == f.at(f"{f.DAY} {hour}")


def test_district_is_the_unit_where_no_other_column_is(cast):
    data = sheets.workbook(["Quận/Huyện", "Số lượt tải ứng dụng", "Số tài khoản có SĐT"], ["Hải An", 400, 300])
    plan = planned(data, cast.city_clerk, MINISTRY, day=f.DAY, source="x")
    assert [(row.address, row.unit) for row in plan.rows] == [("B2", "Quận Hải An"), ("C2", "Quận Hải An")]


def test_other_provinces_are_left_out(cast):
    """Also one whose name is that of a commune."""
    f.make_unit("11999", parent=cast.district, name="Hoà Bình", kind="xã", population=5000)
    ranked = [["Đà Nẵng", 400], ["TP. Hải Phòng", 300], ["Hòa Bình", 200]]
    plan = planned(sheets.workbook(["Tỉnh/Thành phố", "Lượt tải"], *ranked), cast.city_clerk, MINISTRY, day=f.DAY)
    assert [(row.address, row.outcome, row.after) for row in plan.rows] == [
        *(("A2", LEFT_OUT, ""), ("B3", NEW, "300"), ("A4", LEFT_OUT, "")),
    ]
    assert plan.rows[0].words == "Không phải đơn vị thuộc Thành phố Hải Phòng: bỏ qua dòng này."
    plan = planned(sheets.workbook(["Đơn vị", "Lượt tải"], *ranked), cast.city_clerk, MINISTRY, day=f.DAY)
    assert [address for address, _words in errors(plan)] == ["A2"]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([["Sở Y tế", 5]], ("A2", "Không có đơn vị nào tên “Sở Y tế”.")),
        ([["Cát Bi", 5, None, None, "22/08/2020"]], ("E2", "Chưa đến ngày 22/08/2020.")),
        ([["Cát Bi", 5], ["Phường Cát Bi", 6]], ("B3", "Đơn vị này đã có ở dòng 2.")),
    ],
)
def test_wrong_figure_of_the_ministry_is_refused(lines, error, cast):
    plan = planned(sheets.workbook(MINISTRY_HEAD, *lines), cast.city_clerk, MINISTRY, day=f.DAY)
    assert errors(plan) == [error]


def test_figures_of_the_ministry_that_are_usually_a_mistake_are_asked_about(cast):
    """The city's people are the sum of its units'; the explanation is kept with the figures asked about, no other."""
    yesterday = f.DAY - timedelta(days=1)
    f.make_official(cast.neighbour, 1479, day=yesterday)
    f.make_official(cast.district, 5000, day=yesterday)
    data = sheets.workbook(
        MINISTRY_HEAD,
        ["P. Cát Bi", 14790, None, 700, None],
        ["Quận Hải An", 4999],
        ["Thành phố Hải Phòng", 39723],
    )
    options = {"day": f.DAY, "source": "Cục Tin học hóa"}
    plan = planned(data, cast.city_clerk, MINISTRY, **options)
    twice = (
        "14.790 gấp 10 lần 1.479 của ngày 20/08/2020 hoặc hơn: có gõ thừa một chữ số không?",
        "14.790 lớn hơn dân số của đơn vị (14.350).",
    )
    assert [(row.address, row.asked) for row in plan.doubtful] == [
        ("B2", twice),
        ("B3", ("4.999 không khớp với 5.000 của ngày 20/08/2020: số này chỉ tăng, không giảm.",)),
        ("B4", ("39.723 lớn hơn dân số của đơn vị (39.722).",)),
    ]
    with pytest.raises(NotExplained):
        applied(data, cast.city_clerk, MINISTRY, **options)
    applied(data, cast.city_clerk, MINISTRY, explanation="Theo công văn", **options)
    explained = OfficialFigure.objects.filter(day=f.DAY).values_list("unit__code", "metric", "explanation")
    assert {(code, metric) for code, metric, words in explained if words == "Theo công văn"} == {
        *(("11407", "downloads"), ("306", "downloads"), ("31", "downloads"))
    }
    assert {words for _code, _metric, words in explained} == {"Theo công văn", ""}
    assert planned(data, cast.city_clerk, MINISTRY, **options).doubtful == []


@pytest.mark.parametrize(
    ("title", "head", "asked"),
    [
        ("Cục Tin học hóa", "Lượt tải", ""),
        ("Tính đến ngày 21/08/2020", "Lượt tải đến ngày 21/08/2020", ""),
        ("Cục Tin học hóa", "Lượt tải đến ngày 20/08/2020", "“Lượt tải đến ngày 20/08/2020”"),
        ("Tính đến ngày 20/08/2020", "Lượt tải", "ngày nào"),
    ],
)
def test_day_that_the_file_names_otherwise_than_the_form_is_asked_about(title, head, asked, cast):
    book = imports.open_book(sheets.workbook([title], ["Đơn vị", head], ["P. Cát Bi", 4000]), "a.xlsx")
    with translation.override("vi"):
        said = " ".join(imports.problems(imports.table_of(MINISTRY, book, day=f.DAY)))
    assert (asked in said, bool(said)) == (True, bool(asked))
    choices = {"sheets": {"Số liệu": {"1": "name", "2": "downloads"}}, "day": "2020-08-20"}
    table = imports.table_of(MINISTRY, book, day=f.DAY, choices=choices)
    beside = sent(cast.city_clerk, day=f.DAY, source="Cục Tin học hóa")
    assert [count.day for count in imports.preview(MINISTRY, table, beside).writes] == [date(2020, 8, 20)]


# Templates, out and in again.


def template(cast, by, kind=REPORTS, days=(), mode=""):
    with translation.override("vi"):
        return template_of(kind, sent(by), days=days, mode=mode)


def test_template_of_the_city_has_every_reporting_unit(cast):
    sheet = load_workbook(io.BytesIO(template(cast, cast.city_clerk, days=[D1, D2], mode="mới"))).active
    lines = [[cell.value for cell in row][:4] for row in sheet.iter_rows(min_row=5)]
    assert lines == [
        ["11407", "Phường Cát Bi", "Quận Hải An", "mới"],
        ["11416", "Phường Đằng Hải", "Quận Hải An", "mới"],
        ["11470", "Thị trấn Núi Đèo", "Huyện Thuỷ Nguyên", "mới"],
        ["318", "Huyện Bạch Long Vĩ", "Thành phố Hải Phòng", "mới"],
        ["SYT", "Sở Y tế", "Thành phố Hải Phòng", "mới"],
    ]
    head = [cell.value for cell in sheet[4]]
    assert head[:5] == ["Mã đơn vị", "Đơn vị", "Đơn vị cấp trên", "Loại số liệu", "Số máy đã cài trước đợt"]
    assert [value.date() for value in head[5:]] == [D1, D2]
    assert [sheet.column_dimensions["A"].number_format, sheet["A5"].number_format] == ["@", "@"]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("mode", ["mới", "lũy kế"])
def test_template_filled_imported_and_exported_is_equal(mode, language, cast):
    """Out, filled, in, and out again as the workbooks of the days: figure for figure."""
    typed = {"11407": (10, 4, 6), "11416": (3324, 88, 0), "11470": (0, 7, 1), "318": (5, 0, 0), "SYT": (700, 30, 20)}
    with translation.override(language):
        empty = template_of(REPORTS, sent(cast.city_clerk), days=[D1, D2], mode=mode)
    cells = {}
    for row, (opening, first, second) in enumerate(typed.values(), start=5):
        is_sum = mode != "mới"
        values = (opening, first + opening * is_sum, second + (opening + first) * is_sum)
        cells |= dict(zip((f"E{row}", f"F{row}", f"G{row}"), values, strict=True))
    applied(sheets.filled(empty, cells), cast.city_clerk, zeros=True)
    for day, place in ((D1, 1), (D2, 2)):
        rows = rollup.rows(cast.city, day)
        with translation.override("vi"):
            annex = printed_annex(cast.city, rows, at=deadline.closes_at(day))
            book = load_workbook(io.BytesIO(day_workbook(annex)))
        exported = {}
        for sheet in book:
            heads = {cell.value: cell.column - 1 for row in sheet.iter_rows(max_row=12) for cell in row if cell.value}
            if {"Mới", "Lũy kế"} <= heads.keys() or {"Số máy cài mới", "Lũy kế"} <= heads.keys():
                installs = heads.get("Mới", heads.get("Số máy cài mới"))
                for row in sheet.iter_rows(values_only=True):
                    exported[row[1]] = (row[installs], row[heads["Lũy kế"]])
        names = {unit.code: unit.full_name for unit in Unit.objects.named(day)}
        got = {code: exported.get(names[code]) for code in typed}
        assert got == {code: (v[place], sum(v[: place + 1])) for code, v in typed.items()}


@pytest.mark.parametrize("kind", imports.OFFERED, ids=lambda kind: kind.name)
def test_columns_are_explained_in_different_words(kind):
    explained = [(str(column.title), str(column.note)) for column in kind.columns]
    assert sorted(set(explained)) == sorted(explained)


@pytest.mark.parametrize("kind", imports.OFFERED, ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_template_of_each_kind_is_understood_again(kind, language, cast):
    with translation.override(language):
        data = template_of(kind, sent(cast.city_clerk), days=[D1] if kind.has_days else [], mode="mới")
    book = load_workbook(io.BytesIO(data))
    book.active["A5"] = "11407"
    table = kept(sheets.saved(book), kind)
    expected = {column.key for column in kind.columns if column.in_template}
    expected -= {"day", "daily", "cumulative"} if kind.has_days else set()
    [found] = table.used_sheets
    assert {*found.meanings.values()} - {day.key for day in table.days} == expected
