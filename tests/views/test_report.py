"""The form of a day, from an officer's POST to the database."""

import re
from datetime import UTC, date, timedelta

import pytest

from reporting import acts
from reporting.deadline import ZONE
from reporting.figures import fields
from reporting.models import Reopening, Report, Revision
from tests.factories import DAY, FIRST_DAY, at, make_exempt_day, make_report, make_user

from .visits import errors, inputs, look, markup, send, send_again, status_of, written

YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)
REFUSED, ASKED, CONFLICT, STORED = 422, 422, 409, 302


def opened(unit, *, opening=3324, installs=88):
    """Reported yesterday: with the opening report a cumulative of 3.412, and a mean of 88 a day."""
    return make_report(unit, YESTERDAY, installs, opening=opening)


def figures(unit, day=DAY):
    return Report.objects.values_list("installs", "households_visited", "note", "cumulative", "version").get(
        unit=unit, day=day
    )


# The deadline


@pytest.mark.parametrize(
    ("day", "moment", "code"),
    [
        (FIRST_DAY - timedelta(days=1), "2020-08-21 12:00", "before_campaign"),
        (date(2999, 12, 31), "2020-08-21 12:00", "future_day"),
        (DAY, "2020-08-20 23:59:59.999", "future_day"),
        (DAY, "2020-08-21 00:00", None),
        (DAY, "2020-08-21 16:59:59.999", None),
        (DAY, "2020-08-21 17:00:00.000", "after_deadline"),
        (DAY, "2020-08-22 00:30", "after_deadline"),
        (YESTERDAY, "2020-08-20 23:30", "after_deadline"),
        (YESTERDAY, "2020-08-21 00:30", "after_deadline"),
        (TOMORROW, "2020-08-21 16:59:59.999", "future_day"),
        (TOMORROW, "2020-08-22 00:30", None),
        (date(2020, 12, 31), "2020-12-31 16:59:59.999", None),
        (date(2020, 12, 31), "2021-01-01 00:30", "after_deadline"),
        (date(2021, 1, 1), "2021-01-01 00:30", None),
    ],
)
@pytest.mark.parametrize("zone", [ZONE, UTC])
def test_report_is_taken_strictly_before_the_hour_whatever_the_zone_of_the_process(zone, day, moment, code, cast):
    page = send(cast.officer, cast.commune, moment, day=day, zone=zone)
    if code is None:
        report = Report.objects.get(unit=cast.commune, day=day)
        stored = page.status_code, report.received_at, status_of(cast.commune, day)
        assert stored == (STORED, at(moment), "on_time")
    else:
        assert (page.status_code, errors(page), written()) == (REFUSED, {"__all__": [code]}, (0, 0))


def test_form_of_a_far_day_walks_through_no_days_before_it(cast):
    send(cast.officer, cast.commune, "2020-08-21 12:00")
    page = send(cast.officer, cast.commune, "2020-08-21 12:00", day=date(2999, 12, 31))
    assert page.context["form"].standing.missed_before == []


def test_report_after_the_hour_comes_back_with_the_figures_and_whom_to_ring(cast):
    typed = {"opening": "3.324", "installs": "1.234", "households_visited": "46", "note": "Mất điện <từ> 15h"}
    page = send(cast.officer, cast.commune, "2020-08-21 17:00", **typed)
    shown = inputs(page)
    assert {name: shown[name] for name in typed if name != "note"} | {"note": page.context["form"]["note"].value()} == (
        typed
    )
    assert page.text.count("Mất điện &lt;từ&gt; 15h</textarea>") == 1
    assert markup(page).count('Quận Hải An <a href="tel:02250000306">0225 000 0306</a>') == 1


def test_report_stamped_by_a_trusted_proxy_counts_from_the_stamp(cast, settings):
    settings.TRUST_REQUEST_START = True
    page = send(cast.officer, cast.commune, "2020-08-21 17:00:02", headers=stamped("2020-08-21 16:59:59.5"))
    report = Report.objects.get(unit=cast.commune, day=DAY)
    assert (page.status_code, report.received_at) == (STORED, at("2020-08-21 16:59:59.5"))
    assert status_of(cast.commune) == "on_time"


def stamped(moment):
    return {"X-Request-Start": f"t={at(moment).timestamp():.3f}"}


@pytest.mark.parametrize("moment", ["2020-08-21 20:00", "2020-08-25 09:00"])
def test_report_of_an_exempt_day_is_welcome_and_never_late(moment, cast):
    make_exempt_day(cast.city, DAY)
    page = send(cast.officer, cast.commune, moment)
    report = Report.objects.get(unit=cast.commune, day=DAY)
    assert (page.status_code, report.received_at, status_of(cast.commune)) == (STORED, at(moment), "exempt")


# What is stored, what is refused


def test_report_of_an_ordinary_day_is_stored_once_with_its_history(cast):
    page = send(
        cast.officer, cast.commune, opening="3.324", installs="88", households_visited="46", note=" Mất\ufffe điện "
    )
    assert (page.status_code, page.url) == (STORED, "/units/11416/reports/2020-08-21/")
    assert figures(cast.commune, FIRST_DAY - timedelta(days=1)) == (3324, None, "", 3324, 1)
    assert figures(cast.commune) == (88, 46, "Mất điện", 3412, 1)
    assert list(Revision.objects.order_by("report__day").values_list("kind", "installs", "delta", "by", "by_name")) == [
        ("opening", 3324, 3324, cast.officer.pk, "Nguyễn Thị Hà"),
        ("own", 88, 88, cast.officer.pk, "Nguyễn Thị Hà"),
    ]


@pytest.mark.parametrize(
    "typed", ["1,5", "1e3", "-3", "99999999999999", "12 xã", "1.23", "1.234 567", "<b>1</b>", "\x00"]
)
@pytest.mark.parametrize("field", ["installs", "cumulative", "households_visited", "opening"])
def test_report_with_what_is_no_number_writes_nothing_and_keeps_the_text(field, typed, cast):
    page = send(cast.officer, cast.commune, **{field: typed})
    code = "too_large" if typed == "99999999999999" else "not_a_number"
    assert (page.status_code, errors(page), written()) == (REFUSED, {field: [code]}, (0, 0))
    assert inputs(page)[field] == typed


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ({"installs": ""}, {"installs": ["required"]}),
        ({"opening": ""}, {"opening": ["required"]}),
        ({"installs": "", "opening": ""}, {"opening": ["required"], "installs": ["required"]}),
        ({"installs": "19.749"}, {"installs": ["more_than_population"]}),
        ({"installs": "", "cumulative": "19.749"}, {"cumulative": ["more_than_population"]}),
        ({"installs": "0", "opening": "19.749"}, {"opening": ["more_than_population"]}),
        ({"households_visited": "19.749"}, {"households_visited": ["more_than_population"]}),
        ({"installs": "", "cumulative": "99", "opening": "100"}, {"cumulative": ["below_cumulative"]}),
        ({"installs": "88", "cumulative": "189", "opening": "100"}, {"cumulative": ["figures_disagree"]}),
        ({"base_version": "one"}, {"base_version": ["invalid"]}),
        ({"base_version": "-1"}, {"base_version": ["min_value"]}),
        ({"note": "a" * 2001}, {"note": ["max_length"]}),
    ],
)
def test_report_with_a_mistake_names_it_and_writes_nothing(typed, refused, cast):
    page = send(cast.officer, cast.commune, **typed)
    assert (page.status_code, written()) == (REFUSED, (0, 0))
    assert errors(page) == refused


@pytest.mark.parametrize("zero", ["0", "０", "000"])
def test_report_of_nothing_is_typed_as_zero(zero, cast):
    page = send(cast.officer, cast.commune, installs=zero, opening=zero)
    assert (page.status_code, figures(cast.commune)) == (STORED, (0, None, "", 0, 1))


def test_report_asks_for_the_opening_number_once(cast):
    first = look(cast.officer, "report", cast.commune.code, DAY)
    opened(cast.commune)
    second = look(cast.officer, "report", cast.commune.code, DAY)
    assert [page.context["form"].owes_opening for page in (first, second)] == [True, False]
    assert [page.text.count('name="opening"') for page in (first, second)] == [1, 0]


@pytest.mark.parametrize(("opening", "status"), [("", STORED), ("3324", STORED), ("3.324", STORED), ("3.325", REFUSED)])
def test_report_with_another_opening_number_is_told_so(opening, status, cast):
    opened(cast.commune)
    before = written()
    page = send(cast.officer, cast.commune, opening=opening)
    assert page.status_code == status
    if status == REFUSED:
        assert (errors(page), written()) == ({"__all__": ["opening_differs"]}, before)
    assert Report.objects.get(unit=cast.commune, kind="opening").installs == 3324


# The total instead of the day's number


@pytest.mark.parametrize(
    ("installs", "cumulative", "number"), [("", "3.500", 88), ("88", "3.500", 88), ("88", "", 88), ("", "3.412", 0)]
)
def test_report_by_the_total_or_by_both_is_the_days_number(installs, cumulative, number, cast):
    opened(cast.commune)
    page = send(cast.officer, cast.commune, opening="", installs=installs, cumulative=cumulative)
    assert (page.status_code, figures(cast.commune)) == (STORED, (number, None, "", 3412 + number, 1))


def test_report_of_an_agency_is_its_total_without_households(cast):
    page = send(
        cast.focal_person, cast.agency, opening="5.000", installs="", cumulative="5.088", households_visited="9"
    )
    assert (page.status_code, figures(cast.agency)) == (STORED, (88, None, "", 5088, 1))


def test_report_form_shows_first_the_days_number_and_of_an_agency_its_total(cast):
    pages = look(cast.officer, "report", cast.commune.code, DAY), look(cast.focal_person, "report", "SYT", DAY)
    assert [re.findall(r'<input type="text" name="(\w+)"', page.text) for page in pages] == [
        ["opening", "installs", *(count.column for count in fields.EXTRAS), "cumulative"],
        ["opening", "cumulative", "installs"],
    ]


# Doubtful numbers are asked about


ANSWER = {"confirm": "on", "explanation": "Khu công nghiệp"}
QUESTIONS = [
    # stored before: (opening, yesterday's installs) or None; typed; how many questions
    (None, {"opening": "100", "installs": "79"}, 0),
    (None, {"opening": "100", "installs": "80"}, 1),
    ((3324, 88), {"opening": "", "installs": "441"}, 1),
    ((18000, 1000), {"opening": "", "installs": "19.700"}, 3),
]


@pytest.mark.parametrize(("before", "typed", "questions"), QUESTIONS)
def test_report_with_a_doubtful_number_is_asked_about_and_keeps_the_reason(before, typed, questions, cast):
    if before:
        opened(cast.commune, opening=before[0], installs=before[1])
    stood = written()
    page = send(cast.officer, cast.commune, **typed)
    if questions:
        assert (page.status_code, errors(page), written()) == (ASKED, {"confirm": ["confirm"]}, stood)
        assert len(page.context["form"].questions) == questions
        page = send_again(cast.officer, cast.commune, page, **ANSWER)
        assert Report.objects.get(unit=cast.commune, day=DAY).revisions.get().reason == "Khu công nghiệp"
    assert page.status_code == STORED


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ({"confirm": "on", "explanation": ""}, {"explanation": ["required"]}),
        ({"confirm": "on", "explanation": " \x00\n"}, {"explanation": ["required"]}),
        ({"explanation": "Khu công nghiệp"}, {"confirm": ["confirm"]}),
    ],
)
def test_report_with_half_an_answer_is_not_written(answer, refused, cast):
    page = send(cast.officer, cast.commune, opening="100", installs="80")
    page = send_again(cast.officer, cast.commune, page, **answer)
    assert (page.status_code, errors(page), written()) == (ASKED, refused, (0, 0))


def test_report_of_a_total_in_the_wrong_field_is_read_as_the_total(cast):
    opened(cast.commune)
    page = send(cast.officer, cast.commune, opening="", installs="3.500")
    assert page.context["form"].offers_cumulative is True
    page = send_again(cast.officer, cast.commune, page, as_cumulative="on")
    assert (page.status_code, figures(cast.commune)) == (STORED, (88, None, "", 3500, 1))


@pytest.mark.parametrize(("installs", "is_offered"), [("3.411", False), ("3.412", True), ("19.000", True)])
def test_report_is_offered_as_the_total_only_where_it_can_be_one(installs, is_offered, cast):
    opened(cast.commune)
    page = send(cast.officer, cast.commune, opening="", installs=installs)
    assert (page.context["form"].offers_cumulative, page.text.count('name="as_cumulative"')) == (is_offered, is_offered)


# Changing a report


def test_report_form_for_a_change_says_what_was_sent_and_when(cast):
    make_report(cast.commune, installs=1234, arrived_at=at("2020-08-21 10:02"))
    page = look(cast.officer, "report", cast.commune.code, DAY)
    notice = re.search(r'<p class="notice">(.*?)</p>', page.text, re.DOTALL)[1]
    assert re.findall(r"\d\S*\d", notice) == ["10h02", "1.234", "1.234"]


def test_report_changed_meanwhile_overwrites_nothing_and_shows_both(cast):
    colleague = make_user("11416-2", cast.commune, last_name="Trần", first_name="Bình")
    make_report(cast.commune, installs=30, households_visited=9, by=colleague, arrived_at=at("2020-08-21 16:02"))
    page = send(cast.officer, cast.commune, "2020-08-21 16:05", opening="", installs="1.234", note="Mất điện")
    compared = re.search(r'<table class="compare">.*?</table>', page.text, re.DOTALL)[0]
    assert page.status_code == CONFLICT
    assert re.findall(r"<td>(.*?)</td>", compared) == [
        *["", "30", "1.234", "9", "–", *["–", "–"] * len(fields.EXTRAS[1:]), "–", "Mất điện"],
        *["Trần Bình, 16h02", "Nguyễn Thị Hà, 16h05"],
    ]
    assert figures(cast.commune) == (30, 9, "", 30, 1)


def test_report_confirmed_and_in_conflict_is_replaced_with_its_reason(cast):
    make_report(cast.commune, installs=30, opening=100)
    page = send(cast.officer, cast.commune, opening="", installs="80", base_version="1")
    make_report(cast.commune, installs=31)
    page = send_again(cast.officer, cast.commune, page, **ANSWER)
    assert (page.status_code, figures(cast.commune)) == (CONFLICT, (31, None, "", 131, 2))
    page = send_again(cast.officer, cast.commune, page, **ANSWER)
    assert (page.status_code, figures(cast.commune)) == (STORED, (80, None, "", 180, 3))
    assert Revision.objects.get(report__day=DAY, number=3).reason == "Khu công nghiệp"


@pytest.mark.parametrize("moment", ["2020-08-21 16:00", "2020-08-21 17:00", "2020-08-24 09:00"])
@pytest.mark.parametrize("base_version", ["0", "1", "2", "9"])
@pytest.mark.parametrize("opening", ["", "3.324"])
def test_report_sent_again_gets_its_receipt_whatever_the_hour(moment, base_version, opening, cast):
    opened(cast.commune)
    make_report(cast.commune, installs=30)
    make_report(cast.commune, installs=88, households_visited=46, note="Mất điện")
    before = written()
    typed = {"installs": "88", "households_visited": "46", "note": "Mất điện\r\n"}
    page = send(cast.officer, cast.commune, moment, opening=opening, base_version=base_version, **typed)
    assert (page.status_code, page.url) == (STORED, "/units/11416/reports/2020-08-21/")
    assert (written(), figures(cast.commune)) == (before, (88, 46, "Mất điện", 3500, 2))


def test_report_sent_again_by_its_total_gets_its_receipt_after_the_hour(cast):
    opened(cast.commune)
    make_report(cast.commune, installs=88)
    page = send(cast.officer, cast.commune, "2020-08-21 17:01", opening="", installs="", cumulative="3.500")
    assert (page.status_code, figures(cast.commune)) == (STORED, (88, None, "", 3500, 1))


# The form before anything is typed


def test_return_answered_with_the_same_figures_asks_why_and_ends_with_the_answer(cast):
    make_report(cast.commune, installs=88, opening=100, by=cast.officer)
    give_back(cast)
    page = send(cast.officer, cast.commune, "2020-08-21 17:30", opening="", base_version="1")
    assert (page.status_code, errors(page), written()) == (422, {"confirm": ["confirm"]}, (2, 2))
    answer = {"confirm": "on", "explanation": "Đã đếm lại, số đúng"}
    assert send_again(cast.officer, cast.commune, page, "2020-08-21 17:31", **answer).status_code == 302
    revision = Revision.objects.filter(report__day=DAY).last()
    assert (revision.number, revision.installs, revision.delta, revision.reason) == (2, 88, 0, answer["explanation"])
    assert Reopening.objects.get().closed_at == revision.counted_at


def test_first_report_sent_again_after_a_return_gets_its_receipt_again(cast):
    make_report(cast.commune, installs=88, opening=0, by=cast.officer)
    give_back(cast)
    assert send(cast.officer, cast.commune, "2020-08-21 17:30").status_code == 302
    assert (written(), Reopening.objects.get().closed_at) == ((2, 2), None)


def give_back(cast):
    now, until = at("2020-08-21 17:10"), at("2020-08-21 19:00")
    about = {"unit": cast.commune, "day": DAY, "until": until, "reason": "Thừa một số 0", "base_version": 1}
    acts.reopen(**about, by=cast.district_clerk, at=now, now=lambda: now)


# What an agency sees


def test_agency_reads_of_its_total_where_its_total_is_asked_for(cast):
    make_report(cast.agency, YESTERDAY, 40, opening=1000)
    make_report(cast.agency, installs=50, arrived_at=at("2020-08-21 10:02"))
    page = look(cast.focal_person, "report", cast.agency.code, DAY)
    notice = " ".join(re.search(r'<p class="notice">(.*?)</p>', page.text, re.DOTALL)[1].split())
    assert notice == "Gửi lần đầu lúc 10h02, hiện lũy kế 1.090. Số nhập lại là lũy kế đến nay và thay cho 1.090."
    assert inputs(page)["cumulative"] == "1.090"
    late = look(cast.focal_person, "late_request", cast.agency.code, DAY, moment="2020-08-21 18:00")
    assert "Gửi lần đầu lúc 10h02, hiện lũy kế 1.090." in markup(late)


def test_number_that_was_asked_about_is_corrected_beside_the_question(cast):
    """The first button, which Enter in a field presses, does not say what the number is."""
    page = send(cast.officer, cast.commune, opening="100", installs="80")
    form = re.search(r'<form class="report".*?</form>', page.text, re.DOTALL)[0]
    buttons = re.findall(r"<button([^>]*)>", form)
    assert next(button for button in buttons if "type=" not in button).strip() == 'class="primary"'
    page = send_again(cast.officer, cast.commune, page, installs="8", explanation="Khu công nghiệp")
    assert (page.status_code, figures(cast.commune)) == (STORED, (8, None, "", 108, 1))
    assert Report.objects.get(unit=cast.commune, day=DAY).revisions.get().reason == ""
