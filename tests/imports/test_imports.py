"""Reports, base figures and units from files: what is planned, by whose right, and what is written."""

import json
from datetime import date, timedelta
from functools import partial
from itertools import accumulate

import pytest
from django.utils import translation

from reporting import acts, imports
from reporting.acts import locking
from reporting.figures import query, rollup, verification
from reporting.files.spreadsheets import Book, Unreadable
from reporting.imports import KINDS, Changed, NotExplained, RowOutcome, Sent
from reporting.imports.template import template as template_of
from reporting.models import BaseFigure, Directive, Report, Revision, Unit, UnitName

from .. import clerk, factories as f, sheets

BEFORE, D1, D2, D3 = (f.FIRST_DAY + timedelta(days=n) for n in range(-1, 3))
YESTERDAY, NEXT = f.DAY - timedelta(days=1), f.DAY + timedelta(days=1)
EVENING = f.at("2020-08-21 18:30")
REPORTS, UNITS = KINDS["reports"], KINDS["units"]
LINE_HEAD = ["Mã đơn vị", "Loại số liệu"]
HEAD = ["Mã đơn vị", "Đơn vị", "Loại số liệu", "Số máy đã cài trước đợt", D1, D2]
UNIT_HEAD = ["code", "name", "kind", "level", "parent_code", "population", "population_source"]
BASE_HEAD = [*UNIT_HEAD, "smartphone_users", "households"]
DANG_HAI, CAT_BI = (
    [code, name, "phường", "cấp xã", "306"] for code, name in (("11416", "Đằng Hải"), ("11407", "Cát Bi"))
)
ONE = [HEAD, ["11416", "Phường Đằng Hải", "mới", 100, 5, 7]]
TODAYS = [[*LINE_HEAD, "Trước đợt", f.DAY], ["11416", "mới", 0, 3]]
NEW, CHANGED, UNCHANGED, ERROR = RowOutcome.NEW, RowOutcome.CHANGED, RowOutcome.UNCHANGED, RowOutcome.ERROR
LEFT_OUT = RowOutcome.LEFT_OUT


def sent(by, at=EVENING, **options):
    given = {"reason": "Báo cáo giấy", "effective_on": D1, "day": f.DAY, "source": "Niên giám 2019", **options}
    ticked = {"explanation": given.pop("explanation", ""), "consents": frozenset(["overwrite", "marked", "doubts"])}
    return Sent(by=by, at=at, source="tháng 8.xlsx sha256:0", options=given, **ticked)


def kept(data, kind):
    """As it comes back from between the preview and the act; `data` are the bytes of a file, or the rows of a sheet."""
    book = imports.open_book(data if isinstance(data, bytes) else sheets.workbook(*data), "a.xlsx")
    table = clerk.table_of(kind, Book.unpacked(json.loads(json.dumps(book.packed()))))
    assert table.questions == []
    return table


def planned(data, by, kind=REPORTS, at=EVENING, **options):
    with translation.override("vi"):
        return imports.preview(kind, kept(data, kind), sent(by, at, **options))


def applied(data, by, kind=REPORTS, at=EVENING, shown=None, **options):
    return imports.apply(kind, kept(data, kind), sent(by, at, **options), shown=shown, now=lambda: at)


def outcomes(plan):
    """Cell by cell what happens, and the figures before and after: “D2 new 100, E2 changed 4 → 5”."""
    figures = (" → ".join(filter(None, [row.before, row.after])) for row in plan.rows)
    return ", ".join(
        f"{row.address} {row.outcome} {told}".strip() for row, told in zip(plan.rows, figures, strict=True)
    )


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
    data = [*ONE, [11407, "Cát Bi", "lũy kế", 0, 10, 25]]
    plan = planned(data, cast.city_clerk)
    assert outcomes(plan) == "D2 new 100, E2 new 5, F2 new 7, D3 new 0, E3 new 10, F3 new 15"
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
        beside = {"households_visited": 3, "note": "Mưa", "base_version": report.version} if report else {}
        figure = {"unit": single, "day": day, "installs": installs, "base_version": 0, **beside}
        acts.enter(**figure, by=cast.city_clerk, at=EVENING, reason="x", now=lambda: EVENING)
    applied([[*LINE_HEAD, *values], ["11407", "mới", *values.values()]], cast.city_clerk, reason="x")
    common = ["installs", "adjustment", "covers_from", "households_visited", "note", "received_at"]
    columns = [*common, "day", "kind", "cumulative", "households_so_far", "version"]
    steps = [*common, "report__day", "number", "delta", "counted_at", "reason", "by", "by_name"]
    reports = [Report.objects.filter(unit=unit).order_by("day") for unit in (single, many)]
    assert [*reports[0].values_list(*columns)] == [*reports[1].values_list(*columns)]
    revisions = [Revision.objects.filter(report__in=found).order_by("report__day", "number") for found in reports]
    assert [*revisions[0].values_list(*steps)] == [*revisions[1].values_list(*steps)]
    assert disagreements() == []


def test_opening_that_was_wrong_is_corrected(cast):
    f.make_report(cast.commune, D1, 5, opening=10)
    data = [["Mã đơn vị", "Trước đợt"], ["11416", 12]]
    assert outcomes(planned(data, cast.city_clerk)) == "B2 changed 10 → 12"
    applied(data, cast.city_clerk)
    assert figures(cast.commune) == [(BEFORE, "opening", 12, 12), (D1, "daily", 5, 17)]
    assert disagreements() == []


@pytest.mark.parametrize("is_own", [True, False])
def test_report_taken_back_is_reported_anew(is_own, cast):
    """What the unit sent itself came when it came; what others had written for it by mistake leaves no arrival."""
    act, by = (acts.submit, cast.officer) if is_own else (acts.enter, cast.district_clerk)
    sent_at = f.at(f"{D1} 10:00")
    report = act(unit=cast.commune, day=D1, installs=5, opening=10, **f.stamp(by, sent_at)).report
    void = {"unit": cast.commune, "day": D1, "reason": "nhầm", "base_version": report.version}
    acts.void(**void, by=cast.city_clerk, at=EVENING, now=lambda: EVENING)
    data = [[*LINE_HEAD, D1], ["11416", "mới", 5]]
    plan = planned(data, cast.city_clerk)
    assert outcomes(plan) == "C2 new 5"
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


COVERED = (
    "Số liệu ngày này đã gộp vào báo cáo ngày 10/08/2020 (40 máy cài mới). "
    "Nếu không đúng, sửa hoặc hủy báo cáo đó trước."
)


def test_total_after_missed_days_covers_them(cast):
    f.make_report(cast.commune, D1, 5, opening=100)
    day = D1 + timedelta(days=4)
    data = [[*LINE_HEAD, day], ["11416", "lũy kế", 145]]
    [row] = (plan := planned(data, cast.city_clerk)).rows
    words = "lũy kế 145; gộp cả các ngày từ 07/08 chưa báo cáo; tính là trễ hạn"
    assert (row.after, row.covers_from, row.words) == ("40", str(D2), words)
    applied(data, cast.city_clerk, shown=plan.digest)
    assert spans(cast.commune) == [(D1, None, 5), (day, D2, 40)]
    assert query.covered_days(cast.commune, [D2, D3]) == {D2: day, D3: day}
    assert errors(planned([[*LINE_HEAD, D3], ["11416", "mới", 3]], cast.city_clerk)) == [("C2", COVERED)]
    assert disagreements() == []


def test_totals_with_gaps_cover_each_its_own(cast):
    """The first of them since the campaign began; exempt days between are held; a day's own number covers nothing."""
    f.make_exempt_day(cast.city, D1)
    f.make_exempt_day(cast.city, date(2020, 8, 12))
    days = [date(2020, 8, day) for day in (9, 13, 14, 17)]
    data = [
        [*LINE_HEAD, "Trước đợt", *days],
        ["11416", "lũy kế", 0, 30, 40, 41, 50],
        ["11407", "mới", 0, 30, 4, 1, 5],
    ]
    applied(data, cast.city_clerk)
    firsts = [D1, date(2020, 8, 10), None, date(2020, 8, 15)]
    assert spans(cast.commune) == list(zip(days, firsts, [30, 10, 1, 9], strict=True))
    assert [first for _day, first, _installs in spans(cast.neighbour)] == [None] * 4
    assert planned(data, cast.city_clerk).counts == {UNCHANGED: 10}


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
    plan = planned([[*LINE_HEAD, "Trước đợt", D1], ["11416", "lũy kế", *line]], cast.city_clerk)
    assert [row.asked for row in plan.doubtful] == ([(asked,)] if asked else [])


# Reports: by whose right.


def test_district_imports_for_its_communes_within_the_days_for_corrections(cast):
    late, old = f.DAY - timedelta(days=3), f.DAY - timedelta(days=9)
    f.make_report(cast.commune, D1, 5, opening=10)
    plan = planned([[*LINE_HEAD, old, late], ["11416", "mới", 1, 2]], cast.district_clerk)
    assert outcomes(plan) == "C2 error 1, D2 new 2"
    assert errors(plan)[0][1] == "Đã hết thời gian điều chỉnh: chỉ thành phố còn được xử lý ngày này."


def test_first_number_before_the_campaign_goes_with_a_first_report_that_may_be_entered(cast):
    """Long after the first days a district may still enter a unit's first report, and correct its number no more."""
    data = [[*LINE_HEAD, "Trước đợt", f.DAY - timedelta(days=3)], ["11416", "mới", 40, 2]]
    assert outcomes(planned(data, cast.district_clerk)) == "C2 new 40, D2 new 2"
    applied(data, cast.district_clerk)
    corrected = [["Mã đơn vị", "Trước đợt"], ["11416", 41]]
    assert [row.address for row in planned(corrected, cast.district_clerk).errors] == ["B2"]
    assert planned(corrected, cast.city_clerk).errors == []


def test_foreign_unit_is_as_unknown_as_one_that_does_not_exist(cast):
    f.make_report(cast.stranger, D1, 5, opening=10)
    units = [["11470", None], ["99999", None], [None, "Thị trấn Núi Đèo"], [None, "Ba"]]
    head = ["Mã đơn vị", "Đơn vị", "Loại số liệu", YESTERDAY]
    assert errors(planned([head, *([*unit, "mới", 1] for unit in units)], cast.district_clerk)) == [
        ("A2", "Không có đơn vị nào mang mã “11470”."),
        ("A3", "Không có đơn vị nào mang mã “99999”."),
        ("B4", "Không có đơn vị nào tên “Thị trấn Núi Đèo”."),
        ("B5", "Không có đơn vị nào tên “Ba”."),
    ]


def test_what_is_imported_counts_after_every_table_that_was_fixed(cast):
    f.make_report(cast.commune, D1, 5, opening=0)
    fixed = EVENING + timedelta(minutes=5)  # by a clock that was ahead
    f.make_seal(cast.city, cast.city_clerk, D1, at=fixed)
    applied([[*LINE_HEAD, D1], ["11416", "mới", 6]], cast.city_clerk)
    assert Revision.objects.latest("id").counted_at == fixed + timedelta(microseconds=1)


# Between the preview and the act.


def test_figure_is_on_time_while_its_day_is_open_and_shown_again_once_it_is_late(cast):
    in_time = f.at("2020-08-21 16:59:59")
    shown = planned(TODAYS, cast.city_clerk, at=in_time).digest
    with pytest.raises(Changed):
        applied(TODAYS, cast.city_clerk, at=f.at("2020-08-21 17:00"), shown=shown)
    assert not Report.objects.exists()
    applied(TODAYS, cast.city_clerk, at=in_time, shown=shown)
    assert rollup.rows(cast.commune, f.DAY).own.status == "on_time"


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
        lambda cast: f.make_report(cast.commune, D1, opening=0),
        lambda cast: f.withdraw(Directive.objects.get(), EVENING),
        lambda cast: cast.commune.rename(name="Đông Hải", kind="phường", effective_on=f.DAY, at=EVENING),
        lambda cast: f.make_seal(cast.city, cast.city_clerk),
        lambda cast: f.make_sign_off(cast.district, cast.district_clerk),
        lambda cast: f.make_late_request(cast.commune, cast.officer),
        lambda cast: f.make_reopening(cast.commune, cast.district_clerk),
        lambda cast: f.make_unit("11999", parent=cast.district),
        lambda _cast: f.make_downtime(),
        lambda cast: cast.neighbour.close(on=f.DAY, into=cast.commune),
    ],
)
def test_plan_stands_no_longer_after_a_change_of_what_its_check_went_by(act, cast):
    plan = planned(ONE, cast.city_clerk)
    assert plan.still_stands()
    act(cast)
    assert not plan.still_stands()


# Lines of sums, groups, heads.


def test_sums_are_checked_and_left_out(cast):
    rows = [
        ["STT", "Mã đơn vị", "Đơn vị", "Trước đợt", "06/08/2020 mới", "Mới ngày 07/08/2020"],
        ["I", None, "Quận Hải An", None, 3, 12],
        [1, "11416", "Đằng Hải", 0, 1, 5],
        [2, "11407", "Cát Bi", 0, 2, 7],
        [None, None, "Cộng", 0, 3, 12],
        ["II", None, "Huyện Thuỷ Nguyên", None, 4, 1],
        [1, "11470", "Núi Đèo", 9, 4, 1],
        ["Tổng cộng", None, None, 9, 7, 14],
    ]
    plan = planned([["Biểu 1"], *rows], cast.city_clerk)
    told = [(row.address, row.before, row.after) for row in plan.rows if row.outcome is RowOutcome.SUM]
    assert [f"{cell} {given}" for cell, given, read in told if given == read] == [
        *("E3 3", "F3 12", "D6 0", "E6 3", "F6 12", "E7 4", "F7 1", "D9 9", "E9 7"),
    ]
    assert (plan.errors, plan.counts[NEW]) == ([], 9)
    words = "Ô F9 (Tổng cộng, 07/08/2020): tổng của tệp 14, đã đọc 13."
    assert (plan.outlook, plan.can_be_applied) == ([words], True)  # said, and never in the way


def test_file_of_too_many_days_is_refused():
    days = [D1 + timedelta(days=n) for n in range(63)]
    rows = [["Đơn vị", "Loại số liệu", *days], ["Cát Bi", "mới", 1]]
    with translation.override("vi"), pytest.raises(Unreadable, match="Tệp có hơn 62 ngày"):
        clerk.read_table(REPORTS, sheets.workbook(*rows), "a.xlsx")


# What a line of units may not say: head and lines, and the one cell that is refused with its words.

HAI_AN = ["306", "Hải An", "quận", "cấp huyện", "31"]
REFUSED = {
    "nobody": ([BASE_HEAD, [*DANG_HAI, 0]], "F2", "Dân số không thể bằng 0."),
    "more smartphones than people": ([BASE_HEAD, [*DANG_HAI, 100, "x", 101]], "H2", "Lớn hơn dân số."),
    "households without people": ([BASE_HEAD, [*DANG_HAI, None, None, None, 5]], "I2", "Thiếu dân số."),
    "long source": ([BASE_HEAD, [*DANG_HAI, 5, "x" * 201]], "G2", "Nội dung quá dài."),
    "unit twice": ([BASE_HEAD, *[[*DANG_HAI, 5, "x"]] * 2], "A3", "mã 11416 đã có ở dòng 2."),
    "no source": ([BASE_HEAD, [*DANG_HAI, 15000]], "G2", "Số liệu chưa có nguồn.", {"source": ""}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_line_is_refused_with_words(name, cast):
    rows, cell, words, *options = REFUSED[name]
    plan = planned(rows, cast.city_clerk, UNITS, effective_on=NEXT, **dict(*options))
    assert (errors(plan), plan.can_be_applied) == ([(cell, words)], False)


# Base figures.


def test_base_figure_of_a_day_gone_by_is_said_to_change_the_days_since(cast):
    data = [UNIT_HEAD, ["11416", "Đằng Hải", "phường", "cấp xã", "306", 20000, "census-2019"]]
    [row] = planned(data, cast.city_clerk, UNITS).rows
    assert row.words == "từ 06/08/2020, census-2019; tỷ lệ của những ngày đã qua kể từ ngày đó cũng thay đổi"


def test_base_figures_are_dated_and_have_a_source(cast):
    data = [
        BASE_HEAD,
        [*DANG_HAI, "20.100", "Chi cục Thống kê", 15000, 5200],
        [*CAT_BI, 14350, "census-2019"],
        ["SYT", "Sở Y tế", "", "sở, ban, ngành", "31"],
    ]
    plan = planned(data, cast.city_clerk, UNITS)
    assert outcomes(plan) == ("F2 changed 19.748 → 20.100, H2 new 15.000, I2 new 5.200, A3 unchanged, A4 unchanged")
    count = BaseFigure.objects.count()
    applied(data, cast.city_clerk, UNITS, shown=plan.digest)
    added = BaseFigure.objects.order_by("id").last()
    assert BaseFigure.objects.count() == count + 1
    counts = (added.unit, added.population, added.smartphone_users, added.households)
    assert counts == (cast.commune, 20100, 15000, 5200)
    about = (added.effective_on, added.source, added.by, added.recorded_at)
    assert about == (D1, "Chi cục Thống kê", cast.city_clerk, EVENING)


def test_figure_without_a_column_stays_as_it_is(cast):
    """The day and source beside the file are those of lines without."""
    data = [[*UNIT_HEAD[:6], "households"], [*CAT_BI, 14350, 4000], [*DANG_HAI, None, None]]
    assert outcomes(planned(data, cast.city_clerk, UNITS)) == "G2 new 4.000, A3 unchanged"
    applied(data, cast.city_clerk, UNITS)
    applied([UNIT_HEAD[:6], [*CAT_BI, 15000]], cast.city_clerk, UNITS)
    added = BaseFigure.objects.order_by("id").last()
    assert (added.unit, added.effective_on, added.source) == (cast.neighbour, D1, "Niên giám 2019")
    assert (added.population, added.households) == (15000, 4000)


def test_population_that_is_usually_a_mistake_is_recorded_only_with_an_explanation(cast):
    f.make_report(cast.commune, installs=88, opening=7000)
    asked = (
        "Dân số 5.000 thay cho 19.748: chênh lệch hơn một phần năm. Số này có đúng không?",
        "Dân số 5.000 nhỏ hơn lũy kế 7.088 máy đã cài. Số này có đúng không?",
    )
    data = [UNIT_HEAD, [*DANG_HAI, 5000, "Chi cục"], [*CAT_BI, 15000]]
    plan = planned(data, cast.city_clerk, UNITS)
    assert [row.asked for row in plan.doubtful] == [asked]
    record, before = partial(applied, data, cast.city_clerk, UNITS, shown=plan.digest), stored()
    with pytest.raises(NotExplained):
        record()
    assert stored() == before
    record(explanation="Tách phường")
    added = BaseFigure.objects.in_force(cast.commune, D1)
    assert (added.population, added.explanation) == (5000, "Tách phường")
    assert BaseFigure.objects.in_force(cast.neighbour, D1).explanation == ""


# Units.


def test_changes_of_units_are_told_from_and_to(cast):
    data = [
        UNIT_HEAD,
        ["11416", "Đằng Hải", "phường", "cấp xã", "306", 20000, "census-2019"],
        ["11407", "Cát Bi Đông", "phường", "commune", "306", 14350, "census-2019"],
        ["11999", "Tràng Cát", "phường", "cấp xã", "306", 9000, "census-2019"],
    ]
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
    data = [UNIT_HEAD, ["11999", "Tràng Cát", "phường", "cấp xã", "306"]]
    assert planned(data, cast.city_clerk, UNITS, effective_on=NEXT).outlook == [
        "Chưa có dân số của Phường Tràng Cát: từ ngày đó chưa tính được tỷ lệ của các đơn vị cấp trên."
    ]


# Templates, out and in again.


def template(by, kind=REPORTS, days=(), language="vi"):
    with translation.override(language):
        return template_of(kind, sent(by), days=days)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("mode", ["mới", "lũy kế"])
def test_template_filled_and_imported_is_what_was_typed(mode, language, cast):
    typed = {"11407": (10, 4, 6), "11416": (3324, 88, 0), "11470": (0, 7, 1), "318": (5, 0, 0), "SYT": (700, 30, 20)}
    cells = {}
    for row, figures_of_unit in enumerate(typed.values(), start=5):
        values = figures_of_unit if mode == "mới" else accumulate(figures_of_unit)
        cells |= dict(zip((f"D{row}", f"E{row}", f"F{row}", f"G{row}"), (mode, *values), strict=True))
    empty = template(cast.city_clerk, days=[D1, D2], language=language)
    applied(sheets.filled(empty, cells), cast.city_clerk)
    expected = [(code, n, installs) for code, values in typed.items() for n, installs in enumerate(values)]
    if mode == "lũy kế":  # a total that has not changed is no report
        expected = [(code, n, installs) for code, n, installs in expected if installs or n == 0]
    recorded = Report.objects.order_by("unit__code", "day").values_list("unit__code", "installs")
    assert list(recorded) == [(code, installs) for code, _n, installs in expected]
