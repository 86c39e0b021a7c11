"""A sealed day can be shown as it was sealed, whatever happened afterwards."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from docx import Document
from openpyxl import load_workbook

from reporting import acts
from reporting.acts import locking
from reporting.days.status import report_arrival
from reporting.figures import rollup, since_seal
from reporting.models import BaseFigure, Directive, ExemptDay, LateRequest, Report, Revision, Unit
from reporting.pages import receipts
from reporting.text import formatting
from tests.prepared import prepared

from .. import factories as f
from ..views.visits import look, markup

BEFORE = f.DAY - timedelta(days=1)
PRINTED = re.compile("^In lúc")


def moved(moment):
    """The arrival and clock of an act at this moment."""
    return {"at": f.at(moment), "now": lambda: f.at(moment)}


@prepared
def sealed(cast):
    """Ten more communes: all but the stranger, whose request waits, have reported two days; the city has sealed."""
    for number in range(10):
        unit = f.make_unit(
            f"2000{number}", parent=cast.district, name=f"Nam Hải {number}", kind="phường", population=9000
        )
        setattr(cast, f"more{number}", unit)
    cast.more = [getattr(cast, f"more{number}") for number in range(10)]
    everybody = [cast.commune, cast.neighbour, cast.stranger, cast.island, cast.agency, *cast.more]
    for number, unit in enumerate(everybody):
        f.make_report(unit, BEFORE, installs=20 + number, opening=500 + number, households_visited=7)
        if unit != cast.stranger:
            f.make_report(unit, installs=30 + number, note="Mạng yếu" if number == 1 else "")
    acts.send_late_request(
        unit=cast.stranger,
        day=f.DAY,
        installs=40,
        reason="Mất mạng",
        by=cast.stranger_officer,
        at=f.at("2020-08-21 17:05"),
    )
    versions = acts.versions_below(cast.district, f.DAY)
    stamp = {"by": cast.district_clerk, **moved("2020-08-21 17:20")}
    acts.sign_off(unit=cast.district, day=f.DAY, versions=versions, **stamp)
    cast.seal = acts.seal(unit=cast.city, day=f.DAY, reason="Sớm", by=cast.city_clerk, **moved("2020-08-21 17:40"))
    return cast


def correct_ten(cast):
    for number, unit in enumerate(cast.more):
        hour = moved(f"2020-08-21 18:{number:02d}")
        installs = 41 + 2 * number
        acts.enter(
            unit=unit, day=f.DAY, installs=installs, reason="Đếm lại", base_version=1, by=cast.district_clerk, **hour
        )


def accept(cast):
    waiting = LateRequest.objects.waiting().get()
    acts.decide(late_request=waiting, is_accepted=True, by=cast.other_clerk, **moved("2020-08-21 19:00"))


def adjust(cast):
    stamp = {"by": cast.district_clerk, **moved("2020-08-21 19:10")}
    acts.adjust(unit=cast.commune, day=BEFORE, adjustment=-12, reason="Trùng", base_version=1, **stamp)


def void(cast):
    stamp = {"by": cast.district_clerk, **moved("2020-08-21 19:20")}
    acts.void(unit=cast.neighbour, day=f.DAY, reason="Nhập nhầm", base_version=1, **stamp)


def send_anew(cast):
    """Send again after a void: the arrival is later than the seal."""
    sent = {"installs": 71, "reason": "Gọi điện", "base_version": 2, "by": cast.district_clerk}
    acts.enter(unit=cast.neighbour, day=f.DAY, **sent, **moved("2020-08-22 07:00"))


def merge(cast):
    gone, into = cast.more[:2]
    f.reorganise(
        f"action,code,into,name,kind\nmerge,{gone.code},{into.code},,\nrename,{into.code},,Nam Sơn,phường",
        effective_on=f.DAY + timedelta(days=2),
        by=cast.city_clerk,
        **moved("2020-08-21 20:00"),
    )


def change_population(cast):
    base = BaseFigure(
        unit=cast.commune, effective_on=date(2020, 8, 1), population=20000, source="Thống kê quận", by=cast.city_clerk
    )
    acts.record_setting(base, top=cast.city, now=lambda: f.at("2020-08-21 20:10"))


def rename(cast):
    at = f.at("2020-08-21 20:15")
    cast.neighbour.rename(name="Cát Bi Mới", kind="phường", effective_on=date(2020, 8, 1), at=at)


def new_directive(cast):
    later = f.DAY + timedelta(days=3)
    order = Directive(
        number="2/CV",
        issuer="UBND",
        title="Nâng chỉ tiêu",
        issued_on=f.DAY,
        effective_from=later,
        target_share=Decimal("0.7"),
    )
    acts.record_setting(order, top=cast.city, now=lambda: f.at("2020-08-21 20:20"))


def extend(cast):
    stamp = {"by": cast.city_clerk, **moved("2020-08-21 20:30")}
    f.extend(unit=cast.other_district, day=f.DAY, until=f.at("2020-08-21 17:30"), reason="Mất điện", **stamp)


def exempt(cast):
    day_off = ExemptDay(unit=cast.island, day=f.DAY, reason="Bão", by=cast.city_clerk)
    acts.record_setting(day_off, top=cast.city, now=lambda: f.at("2020-08-21 20:40"))


EVERYTHING = [
    correct_ten, accept, adjust, void, merge, change_population, rename, new_directive, extend, exempt,
]  # fmt: skip


def cells(user, unit, moment):
    """Every cell of the sealed workbook by sheet and address, except the time of printing."""
    response = look(user, "workbook", unit.code, f.DAY, moment=moment, query="?as_of=seal")
    assert response.status_code == 200
    book = load_workbook(io.BytesIO(response.content))
    found = {
        (sheet.title, cell.coordinate): (cell.value, cell.number_format, cell.font.b, cell.fill.fgColor.rgb)
        for sheet in book
        for row in sheet
        for cell in row
        if not PRINTED.match(str(cell.value))
    }
    printed = [cell.value for sheet in book for row in sheet for cell in row if PRINTED.match(str(cell.value))]
    return found, printed


def page(user, name, unit, moment, query):
    """The text and links of a page's main part, without the link to a newer day."""
    args = [unit.code] if name == "unit" else [unit.code, f.DAY]
    response = look(user, name, *args, moment=moment, query=query)
    assert response.status_code == 200
    main = re.search(r"<main.*</main>", markup(response))[0]
    main = re.sub(r'<a [^>]*aria-label="Ngày (?:trước|sau)"[^>]*>.*?</a>', "", main, flags=re.DOTALL)
    main = re.sub(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>', "", main)
    return " ".join(main.split()).replace("<", "\n<")


def everywhere(cast, moment):
    """The sealed day on every page and in every file."""
    found = {}
    for name in ("city", "district", "other_district", "commune", "neighbour", "island", "agency", "more0"):
        unit = getattr(cast, name)
        found["unit", name] = page(cast.city_clerk, "unit", unit, moment, "?day=2020-08-21&as_of=seal")
        found["workbook", name] = cells(cast.city_clerk, unit, moment)[0]
    for name in ("city", "district"):
        found["board", name] = page(cast.city_clerk, "board", getattr(cast, name), moment, "?show=all&as_of=seal")
        found["paper", name] = paper_texts(cast.city_clerk, getattr(cast, name), moment)
    return found


def paper_texts(user, unit, moment):
    """The paper's texts, without the date of printing."""
    response = look(user, "paper", unit.code, f.DAY, moment=moment, query="?as_of=seal")
    document = Document(io.BytesIO(response.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    dated = [text for text in cells if re.search(", ngày .+ tháng .+ năm", text)]
    assert len(dated) == 1
    return [*[paragraph.text for paragraph in document.paragraphs], *[text for text in cells if text not in dated]]


def test_sealed_day_is_the_same_to_the_last_digit_whatever_came_after(sealed):
    before = everywhere(sealed, "2020-08-21 17:45")
    for act in [*EVERYTHING, send_anew]:
        act(sealed)
    assert everywhere(sealed, "2020-08-22 08:00") == before
    assert {key[0] for key in before} == {"unit", "workbook", "board", "paper"}


@pytest.mark.parametrize("act", [act for act in EVERYTHING if act not in (merge, new_directive)])
def test_control_without_the_seal_the_day_shows_the_change(act, sealed):
    def now():
        figures = rollup.rows(sealed.city, f.DAY)
        return figures.by_code, acts.confirmations(figures)

    before = now()
    act_after_another(sealed, act)
    assert now() != before


def act_after_another(cast, act):
    """An act that needs an earlier one: an extension has no effect without the late report."""
    if act is extend:
        accept(cast)
    act(cast)


def test_page_of_changes_prints_exactly_what_was_done_and_it_adds_up(sealed):
    for act in EVERYTHING:
        act(sealed)
    text = page(sealed.city_clerk, "changes", sealed.city, "2020-08-22 08:00", "")

    def found(pattern):
        parts = re.findall(pattern, text, re.DOTALL)
        return [" ".join(re.sub("<[^>]*>", " ", part).split()) for part in parts]

    assert found('<p class="since">.*?</p>') == [
        "Lũy kế 7.971 → 8.073, chênh +102 : 1 báo cáo trễ hạn +40, 10 lần sửa số liệu +105, 1 điều chỉnh -12, "
        "1 báo cáo bị hủy -31."
    ]
    lines = found(r"<li>\s*<strong>[+-]?\d.*?</li>")
    steps = [re.match(r"([+-]?\d+) (.*?): (.*?)(?:,| \()", line).groups() for line in lines]
    corrected = [(f"+{6 + number}", f"Phường Nam Hải {number}", "điều chỉnh số liệu") for number in range(10)]
    assert steps == [
        *corrected,
        ("-12", "Phường Đằng Hải, 20/08/2020", "điều chỉnh"),
        ("-31", "Phường Cát Bi Mới", "hủy báo cáo nhập nhầm"),
        ("+40", "Thị trấn Núi Đèo", "gửi trễ hạn"),
    ]
    assert sum(int(delta) for delta, _unit, _words in steps) == 102
    assert "không bằng chênh lệch" not in text


def test_new_population_is_named_as_the_cause_of_another_share(sealed):
    then = sealed.neighbour.base_figures.get().population
    new = {"population": then + 2400, "effective_on": f.DAY - timedelta(days=3)}
    BaseFigure.objects.create(unit=sealed.neighbour, source="census-2020", recorded_at=f.at("2020-08-21 18:00"), **new)
    text = page(sealed.district_clerk, "changes", sealed.district, "2020-08-22 08:00", "")
    words = f"dân số {formatting.number(then)} → {formatting.number(then + 2400)}"
    assert words in " ".join(text.split())


def test_nothing_done_after_the_seal_is_said_to_be_nothing(sealed):
    found = since_seal.changes(sealed.city, rollup.rows(sealed.city, f.DAY), sealed.seal)
    assert (bool(found), found.causes, found.own.difference) == (False, [], 0)
    assert (
        "Từ khi chốt không có gì thay đổi."
        in look(sealed.city_clerk, "changes", "31", f.DAY, moment="2020-08-22 08:00").text
    )


def test_figures_of_a_merged_unit_are_steps_of_its_successor(sealed):
    merge(sealed)
    gone, into = sealed.more[:2]
    later = f.DAY + timedelta(days=2)
    f.make_report(into, later, installs=5)
    seal = acts.seal(unit=sealed.city, day=later, by=None, **moved("2020-08-23 17:30"))
    hour = moved("2020-08-23 18:00")
    acts.enter(unit=gone, day=f.DAY, installs=50, reason="Đếm lại", base_version=1, by=sealed.district_clerk, **hour)
    found = since_seal.changes(into, rollup.rows(into, later), seal)
    assert [(step.code, step.name, step.revision.delta) for step in found.own.steps] == [
        (gone.code, "Phường Nam Hải 0", 15)
    ]
    assert (found.own.difference, found.own.is_explained) == (15, True)


# The address.


@pytest.mark.parametrize(
    ("as_of", "status", "code"),
    [
        ("seal", 200, None),
        ("2020-08-21T17:40", 200, None),
        ("2020-08-21T17:40:00", 200, None),
        ("2020-08-21T17:40:00.000001", 200, None),
        ("", 200, None),
        ("2020-08-22T08:00", 200, None),
        ("2020-08-22T08:01", 422, "future"),
        ("2999-01-01T00:00", 422, "future"),
        ("2020-08-20T23:59:59", 422, "before_the_day"),
        ("2020-08-21", 422, "no_such_moment"),
        ("17h00", 422, "no_such_moment"),
        ("2020-08-21T17:00+07:00", 422, "no_such_moment"),
        ("2020-08-21T25:00", 422, "no_such_moment"),
    ],
)
@pytest.mark.parametrize("route", ["unit", "board", "workbook"])
def test_moment_in_the_address(route, as_of, status, code, sealed):
    args = ["31"] if route == "unit" else ["31", f.DAY]
    day = "day=2020-08-21&" if route == "unit" else ""
    query = f"?{day}as_of={as_of.replace('+', '%2B')}"
    response = look(sealed.city_clerk, route, *args, moment="2020-08-22 08:00", query=query)
    assert response.status_code == status
    if code:
        assert [error.code for error in response.context["errors"].as_data()] == [code]


def test_seal_of_a_day_that_is_not_sealed_is_refused_with_words(sealed):
    response = look(sealed.city_clerk, "unit", "31", query="?day=2020-08-20&as_of=seal", moment="2020-08-22 08:00")
    assert (response.status_code, "Ngày 20/08/2020 chưa được chốt." in response.text) == (422, True)


def test_board_of_a_moment_shows_its_reminders_and_requests(sealed):
    f.make_reminder(sealed.stranger, sealed.other_clerk, at=f.at("2020-08-21 16:50"))
    accept(sealed)
    f.make_reminder(sealed.stranger, sealed.other_clerk, at=f.at("2020-08-21 19:30"))
    rows = {}
    for as_of in ("2020-08-21T16:45", "2020-08-21T17:00", "2020-08-21T17:06", "2020-08-21T19:01", ""):
        query = f"?show=all&as_of={as_of}"
        board = look(sealed.other_clerk, "board", "311", f.DAY, moment="2020-08-22 08:00", query=query).context["board"]
        (row,) = board.rows
        times = row.reminded.times if row.reminded else 0
        rows[as_of] = (str(row.status), times, row.waiting_since is not None, row.missed_days)
    assert rows == {
        "2020-08-21T16:45": ("not_due_yet", 0, False, 0),
        "2020-08-21T17:00": ("missing", 1, False, 1),
        "2020-08-21T17:06": ("waiting", 1, True, 0),
        "2020-08-21T19:01": ("late", 1, False, 0),
        "": ("late", 2, False, 0),
    }


def test_sign_off_is_shown_as_it_stood(sealed):
    shown = {}
    for as_of in ("2020-08-21T17:10", "2020-08-21T17:21", ""):
        query = f"?day=2020-08-21&as_of={as_of}"
        response = look(sealed.city_clerk, "unit", "31", moment="2020-08-22 08:00", query=query)
        shown[as_of] = sorted(response.context["confirmed"].sign_offs)
    assert shown == {"2020-08-21T17:10": [], "2020-08-21T17:21": ["306"], "": ["306"]}


def test_unit_that_was_not_known_yet_is_not_on_the_page_of_then(sealed):
    made = f.make_unit("29999", parent=sealed.district, name="Mới", population=10)
    Unit.objects.filter(pk=made.pk).update(opened_on=None)
    assert "29999" in rollup.rows(sealed.city, f.DAY, sealed.seal.at).by_code  # recorded before the campaign
    late = Unit.objects.establish(
        code="29998",
        level="commune",
        parent=sealed.district,
        name="Sau",
        kind="xã",
        effective_on=f.LONG_AGO,
        at=f.at("2020-08-21 21:00"),
    )
    assert late.code not in rollup.rows(sealed.city, f.DAY, sealed.seal.at).by_code
    assert late.code in rollup.rows(sealed.city, f.DAY).by_code
    response = look(
        sealed.city_clerk, "unit", "29998", moment="2020-08-22 08:00", query="?day=2020-08-21&as_of=2020-08-21T18:00"
    )
    assert (response.status_code, response.templates[0].name) == (200, "reporting/unit_closed.html")


# Who may choose which moment.


def choices(user, code, query="?day=2020-08-21"):
    text = look(user, "unit", code, moment="2020-08-22 08:00", query=query).text
    nav = re.search(r'<nav class="tabs look-back-choice".*?</nav>', text, re.DOTALL)
    found = re.findall(r"<a\s[^>]*>([^<]*)</a>|<summary>([^<]*)</summary>", nav[0]) if nav else None
    return found and [tuple(words.strip() for words in pair) for pair in found]


def test_city_and_district_may_choose_any_moment_and_leaders_now_or_the_seal(sealed):
    offered = {"now": ("Hiện tại", ""), "seal": ("Bản chốt 17h40", ""), "other": ("", "Thời điểm khác")}
    assert choices(sealed.city_clerk, "31") == list(offered.values())
    assert choices(sealed.district_clerk, "306") == list(offered.values())
    assert choices(sealed.leader, "31") == [offered["now"], offered["seal"]]
    assert choices(sealed.officer, "11416") is None
    assert choices(sealed.city_clerk, "31", "?day=2020-08-20&state=result") == [offered["now"], offered["other"]]


def test_band_says_that_these_are_not_the_figures_of_now(sealed):
    def band(code, as_of):
        text = look(
            sealed.city_clerk, "unit", code, moment="2020-08-22 08:00", query=f"?day=2020-08-21&as_of={as_of}"
        ).text
        found = re.search(r'<div class="look-back".*?</div>', text, re.DOTALL)
        return " ".join(re.sub("<[^>]*>", " ", found[0]).split()) if found else None

    for code in ("31", "306", "11416", "SYT"):
        assert band(code, "") is None
        assert band(code, "2020-08-21T16:30") == (
            "Đang xem số liệu tại thời điểm 16h30 ngày 21/08/2020, không phải số hiện tại."
        )
        assert band(code, "seal") == "Đang xem bản chốt lúc 17h40 ngày 21/08/2020, không phải số hiện tại."


def test_page_of_a_moment_offers_no_act(sealed):
    for user, code in ((sealed.officer, "11416"), (sealed.district_clerk, "306"), (sealed.city_clerk, "31")):
        text = page(user, "unit", Unit.objects.get(code=code), "2020-08-22 08:00", "?day=2020-08-21&as_of=seal")
        assert re.findall(r'<form[^>]*method="post"', text) == []
        assert re.findall(r'href="[^"]*/(?:review|entry|seal|report|late)/', text) == []


def test_opening_report_after_the_seal_is_a_separate_cause(sealed):
    newcomer = f.make_unit("29997", parent=sealed.district, name="Đến sau", population=900)
    f.make_report(newcomer, f.DAY + timedelta(days=1), installs=3, opening=70)
    found = since_seal.changes(sealed.city, rollup.rows(sealed.city, f.DAY), sealed.seal)
    assert [(cause.kind, cause.delta) for cause in found.causes] == [("opening", 70)]
    assert (found.own.difference, found.own.is_explained) == (70, True)


def test_submission_after_the_seal_counts_after_it_even_by_a_clock_set_back(sealed):
    early = f.at("2020-08-21 17:39")
    acts.enter(
        unit=sealed.commune,
        day=f.DAY,
        installs=31,
        reason="Đếm lại",
        base_version=1,
        by=sealed.district_clerk,
        at=f.at("2020-08-21 17:50"),
        now=lambda: early,
    )
    assert sealed.commune.reports.get(day=f.DAY).revisions.last().counted_at > sealed.seal.at
    assert locking.known_from(early) > sealed.seal.at


def test_receipt_and_row_of_then_have_the_arrival_of_then(sealed):
    """Entered by the district, voided and entered again: the unit sent nothing itself, so the arrival is new."""
    day, district = f.DAY - timedelta(days=2), {"reason": "Gọi điện", "by": sealed.district_clerk}
    about = {"unit": sealed.commune, "day": day, **district}
    acts.enter(installs=70, base_version=0, **about, **moved("2020-08-21 12:00"))
    acts.void(base_version=1, **about, **moved("2020-08-21 19:20"))
    acts.enter(installs=71, base_version=2, **about, **moved("2020-08-22 07:00"))
    report = Report.objects.get(unit=sealed.commune, day=day)
    assert report.received_at == f.at("2020-08-22 07:00")
    receipts.steps_as_of(report, f.at("2020-08-21 19:00"))
    assert (report.received_at, report.installs) == (f.at("2020-08-21 12:00"), 70)
    then, later = (rollup.rows(sealed.commune, day, f.at(f"2020-08-{hour}")).own for hour in ("21 19:00", "22 08:00"))
    assert (then.received_at, later.received_at) == (f.at("2020-08-21 12:00"), f.at("2020-08-22 07:00"))
    void(sealed)
    send_anew(sealed)  # if the unit had sent it itself, the arrival stays
    assert rollup.rows(sealed.neighbour, f.DAY, f.at("2020-08-22 08:00")).own.received_at == f.at("2020-08-21 10:00")


@pytest.mark.sql
def test_arrival_as_of_any_step_is_that_of_the_steps_until_then(cast):
    """All histories of four steps, each on a day of its own."""
    steps = [("own", 5), ("on_behalf", 6), ("void", None), ("own_void", None)]
    moments = [f.at(f"2020-08-21 10:0{number}") for number in range(4)]
    about = {"received_at": moments[0], "cumulative": 0, "version": 4}
    histories = {f.DAY + timedelta(days=n): played for n, played in enumerate(product(steps, repeat=4))}
    reports = [Report(unit=cast.commune, day=day, **about) for day in histories]
    revisions = [
        Revision(report=made, number=number, kind=kind, installs=installs, delta=0, received_at=at, counted_at=at)
        for made in Report.objects.bulk_create(reports)
        for number, (at, (kind, installs)) in enumerate(zip(moments, histories[made.day], strict=True), start=1)
    ]
    Revision.objects.bulk_create(revisions)
    for number, at in enumerate(moments, start=1):
        for figures in rollup.rows_of_days(cast.commune, [*histories], at):
            known = [(*step, moment) for step, moment in zip(histories[figures.day][:number], moments, strict=False)]
            is_reported = known[-1][1] is not None
            assert figures.own.received_at == (report_arrival(known) if is_reported else None), known
