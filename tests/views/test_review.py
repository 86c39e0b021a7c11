"""The superior's day: waiting requests, the acts on each unit, the difficulties, the confirmation."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from reporting import acts
from reporting.deadline import Phase
from reporting.figures import rollup
from reporting.models import LateRequest, PassedUp, Reopening, Report, Revision, SignOff

from .. import factories as f
from ..references import dead

EVENING = f.at("2020-08-21 17:20")


@pytest.fixture
def evening():
    with time_machine.travel(EVENING, tick=False):
        yield


@pytest.fixture
def district(cast, client, evening):
    """The district's clerk at 17:20: Đằng Hải has reported 88, Cát Bi nothing."""
    f.make_report(cast.commune, installs=88, opening=100, by=cast.officer, note="Mạng yếu")
    client.force_login(cast.district_clerk)
    return client


def url(name="review", unit="306", day=f.DAY):
    return reverse(f"reporting:{name}", args=[unit, day])


def page(client, unit="306", **query):
    return client.get(url(unit=unit), query)


def to_check(client):
    return [line.unit.code for line in page(client).context["review"].lines if line.is_to_check]


def do(client, act, superior="306", /, **sent):
    return client.post(url(act, superior), sent)


def ask(cast, unit=None, by=None, **sent):
    sent = {"installs": 12, "opening": 40, **sent}
    return f.ask(unit or cast.neighbour, by or cast.neighbour_officer, **sent)


def versions(client):
    """The versions that the page's confirmation form posts."""
    return {f"version-{line.unit.code}": line.version for line in page(client).context["review"].lines}


def sign(cast):
    return f.confirm(cast.district, cast.district_clerk, EVENING, reason="Cát Bi mất điện")


def words(response):
    return response.content.decode()


# What it shows.


def test_to_check_are_requests_returns_late_adjusted_and_explained(cast, district):
    assert to_check(district) == []
    ask(cast)
    assert to_check(district) == ["11407"]
    do(district, "adjust", unit="11416", base_version=1, adjustment="-8", reason="Đếm trùng")
    assert to_check(district) == ["11407", "11416"]


def test_reason_of_an_adjustment_stays_beside_that_of_a_later_request(cast, district):
    about = {"adjustment": -3, "reason": "Trùng máy", "base_version": 1}
    acts.adjust(unit=cast.commune, day=f.DAY, **about, **f.stamp(cast.district_clerk, EVENING))
    asked = ask(cast, cast.commune, cast.officer, installs=90, opening=None, reason="Đếm sót", base_version=2)
    acts.decide(late_request=asked, is_accepted=True, base_version=2, **f.stamp(cast.district_clerk, EVENING))
    assert "Trùng máy; Đếm sót" in page(district).text


def test_page_never_shows_a_figure_newer_than_the_version_it_posts(cast, district, monkeypatch):
    """A report changes while the page is read: confirming what the page showed is refused."""
    rows = rollup.rows

    def changed_meanwhile(*args, **kwargs):
        if Report.objects.filter(unit=cast.neighbour, installs=7).count() == 0:
            acts.enter(
                unit=cast.neighbour,
                day=f.DAY,
                installs=7,
                opening=0,
                reason="điện thoại",
                by=cast.district_clerk,
                at=EVENING,
            )
        return rows(*args, **kwargs)

    monkeypatch.setattr(rollup, "rows", changed_meanwhile)
    line = page(district).context["review"].lines[0]
    assert (line.row.installs, line.version) == (7, 0)


# Requests.


def test_request_shows_now_and_asked_for(cast, district):
    ask(cast, unit=cast.commune, by=cast.officer, installs=96, opening=None, base_version=1)
    (line, form) = page(district).context["requests"][0]
    assert (line.row.cumulative, line.requested_cumulative, form.name) == (188, 196, "decide")
    assert "Mất điện, mất mạng" in words(page(district))


def test_opening_report_that_was_sent_since_is_not_added_again(cast, district):
    ask(cast, installs=None, cumulative=60)
    f.make_report(cast.neighbour, f.DAY - timedelta(days=1), 5, opening=40)
    line = page(district).context["requests"][0][0]
    assert (line.row.cumulative, line.requested.installs, line.requested_cumulative) == (45, 15, 60)


def test_total_asked_for_is_stored_as_the_page_says_after_an_adjustment(cast, district):
    """Accepting all at once leaves it: the adjustment is in the total, or it is not, and only a person knows."""
    waiting = ask(cast, installs=None, cumulative=60)
    do(district, "adjust", unit="11407", base_version=0, adjustment="5", reason="Đếm sót")
    do(district, "decide", request="all")
    assert Report.objects.get(unit=cast.neighbour, day=f.DAY).installs is None
    shown = page(district)
    [(line, form)] = shown.context["requests"]
    assert (line.row.adjustment, line.requested.installs, line.requested_cumulative) == (5, 15, 60)
    asked = {"request": waiting.pk, "decision": "accepted", "base_version": form["base_version"].value()}
    assert do(district, "decide", **asked).status_code == 302
    report = Report.objects.get(unit=cast.neighbour, day=f.DAY)
    assert (report.installs, report.adjustment, report.cumulative) == (15, 5, 60)


def test_days_that_a_total_covers_are_shown_as_they_are_stored(cast, district):
    eve = f.DAY - timedelta(days=1)
    f.make_report(cast.neighbour, eve - timedelta(days=1), 5, opening=40)
    f.make_report(cast.neighbour, eve, 5, by=cast.neighbour_officer)
    waiting = ask(cast, installs=None, cumulative=60, opening=None)
    void = {"reason": "nhầm", "base_version": 1, **f.stamp(cast.district_clerk, EVENING)}
    acts.void(unit=cast.neighbour, day=eve, **void)
    assert waiting.covers_from is None
    shown = page(district)
    line = shown.context["requests"][0][0]
    assert (line.requested.installs, line.requested.covers_from) == (15, eve)
    assert "Tính từ" in shown.text
    do(district, "decide", request="all")
    report = Report.objects.get(unit=cast.neighbour, day=f.DAY)
    assert (report.installs, report.covers_from) == (15, eve)


@pytest.mark.parametrize(("decision", "installs"), [("accepted", 12), ("declined", None)])
def test_decide(cast, district, decision, installs):
    waiting = ask(cast)
    response = do(district, "decide", request=waiting.pk, decision=decision, remark="đã gọi điện")
    assert response.status_code == 302
    assert response["Location"] == url()
    waiting.refresh_from_db()
    assert (waiting.decision, waiting.decision_note, waiting.decided_by) == (
        decision,
        "đã gọi điện",
        cast.district_clerk,
    )
    assert rollup.rows(cast.neighbour, f.DAY).own.installs == installs


def test_remark_of_who_accepts_stands_in_the_reports_history(cast, district):
    """Beside the officer's reason, which is different."""
    waiting = ask(cast, unit=cast.commune, by=cast.officer, installs=96, opening=None, base_version=1)
    about = {"decision": "accepted", "base_version": 1, "remark": "Đã hỏi lại"}
    assert do(district, "decide", request=waiting.pk, **about).status_code == 302
    detail = " ".join(strip_tags(district.get(f"/units/11416/reports/{f.DAY}/").text).split())
    assert "Giải trình: Mất điện, mất mạng Nguồn: người tiếp nhận: 306 Ý kiến: Đã hỏi lại" in detail
    assert detail.count("Ý kiến:") == 1


def test_decide_all(cast, district):
    ask(cast)
    outdated = ask(cast, unit=cast.commune, by=cast.officer, installs=96, opening=None, base_version=1)
    f.make_report(cast.commune, installs=90)
    response = district.post(url("decide"), {"request": "all"}, follow=True)
    assert [str(message.tags) for message in response.context["messages"]] == ["success", "warning"]
    assert list(LateRequest.objects.waiting()) == [outdated]


def test_decide_a_request_whose_report_changed_is_a_conflict_with_the_remark_kept(cast, district):
    waiting = ask(cast, unit=cast.commune, by=cast.officer, installs=96, opening=None, base_version=1)
    f.make_report(cast.commune, installs=90)
    response = do(district, "decide", request=waiting.pk, decision="accepted", remark="đã gọi điện")
    assert response.status_code == 409
    assert response.context["requests"][0][1]["remark"].value() == "đã gọi điện"
    assert LateRequest.objects.waiting().get() == waiting


def entered_meanwhile(cast, installs, version):
    words = {"reason": "điện thoại", **f.stamp(cast.district_clerk, EVENING)}
    acts.enter(unit=cast.commune, day=f.DAY, installs=installs, base_version=version, **words)


def sent_by_the_form(response):
    form = response.context["requests"][0][1]
    (field,) = re.findall(r'<input[^>]*id="id_decide_11416_base_version"[^>]*>', response.text)
    version = re.search(r'name="base_version" value="(\d+)"', field)[1]
    return {"request": form.late_request.pk, "decision": "accepted", "base_version": version}


@pytest.mark.parametrize("page_of", ["now", "before", "the release before"])
def test_request_is_taken_in_over_a_report_that_was_shown_beside_it(cast, district, page_of):
    waiting = ask(cast, unit=cast.commune, by=cast.officer, installs=120, opening=None, base_version=1)
    old = {"request": waiting.pk, "decision": "accepted"}
    if page_of == "before":
        old = sent_by_the_form(page(district))
    entered_meanwhile(cast, 110, 1)
    if page_of == "now":
        sent = sent_by_the_form(page(district))
    else:
        refused = do(district, "decide", **old)
        assert (refused.status_code, figures_of_the_commune()[0]) == (409, 110)
        sent = sent_by_the_form(refused)
    entered_meanwhile(cast, 111, 2)  # sent again: nobody has seen this one
    refused = do(district, "decide", **sent)
    assert (refused.status_code, figures_of_the_commune()[0]) == (409, 111)
    assert do(district, "decide", **sent_by_the_form(refused)).status_code == 302
    assert figures_of_the_commune()[0] == 120
    waiting.refresh_from_db()
    assert (waiting.decision, waiting.base_version) == ("accepted", 1)


def adjusted_meanwhile(cast, district):
    """Requested are 96 instead of 88; then the superior subtracts 8."""
    waiting = ask(cast, unit=cast.commune, by=cast.officer, installs=96, opening=None, base_version=1)
    do(district, "adjust", unit="11416", base_version=1, adjustment="-8", reason="Đếm trùng")
    return waiting


def figures_of_the_commune():
    report = Report.objects.get(unit__code="11416", day=f.DAY)
    return report.installs, report.adjustment, report.cumulative


def test_request_is_accepted_over_an_adjustment_only_by_who_has_seen_both(cast, district):
    waiting = adjusted_meanwhile(cast, district)
    page = do(district, "decide", request=waiting.pk, decision="accepted", remark="x")
    assert (page.status_code, figures_of_the_commune()) == (409, (88, -8, 180))
    assert page.context["requests"][0][1]["remark"].value() == "x"
    assert do(district, "decide", request=waiting.pk, decision="accepted", base_version=2).status_code == 302
    assert figures_of_the_commune() == (96, -8, 188)


# One unit.

SENT = {
    "reopen": {"base_version": 1, "until_day": "21/08/2020", "hour": "19h00", "reason": "Thừa một số 0"},
    "void": {"base_version": 1, "reason": "Nhập nhầm đơn vị"},
    "adjust": {"base_version": 1, "adjustment": "-12", "reason": "Đếm trùng"},
}


def test_return(cast, district):
    assert do(district, "reopen", **SENT["reopen"] | {"unit": "11416"}).status_code == 302
    reopening = Reopening.objects.get()
    assert (reopening.unit, reopening.is_return, reopening.until) == (cast.commune, True, f.at("2020-08-21 19:00"))
    assert page(district).context["review"].lines[1].state.phase is Phase.REOPENED


@pytest.mark.parametrize(("day", "hour"), [("21/08/2020", "17h20"), ("20/08/2020", "19h00"), ("21/08/2020", "25h")])
def test_reopen_until_a_moment_gone_by_is_refused(district, day, hour):
    response = do(district, "reopen", **SENT["reopen"] | {"unit": "11416", "until_day": day, "hour": hour})
    assert (response.status_code, Reopening.objects.count()) == (422, 0)
    assert response.context["bound"].errors.keys() == {"hour"}


def test_void(cast, district):
    assert do(district, "void", **SENT["void"] | {"unit": "11416"}).status_code == 302
    assert rollup.rows(cast.commune, f.DAY).own.status == "missing"


@pytest.mark.parametrize("adjustment", ["", "0", "12,5", "--3", "-", "nhiều", "-999", "-9999999999"])
def test_adjust_by_no_number_is_refused(cast, district, adjustment):
    response = do(district, "adjust", **SENT["adjust"] | {"unit": "11416", "adjustment": adjustment})
    assert response.status_code == 422
    assert response.context["bound"].errors.keys() == {"adjustment"}
    assert rollup.rows(cast.commune, f.DAY).own.cumulative == 188


@pytest.mark.parametrize("typed", ["-12", "−12", "–12", " -12 "])
def test_adjust_reads_every_minus_sign(cast, district, typed):
    do(district, "adjust", **SENT["adjust"] | {"unit": "11416", "adjustment": typed})
    assert rollup.rows(cast.commune, f.DAY).own.adjustment == -12


@pytest.mark.parametrize("act", ["reopen", "void", "adjust"])
def test_unit_acts_owe_a_reason_and_keep_what_was_typed(cast, district, act):
    before = Revision.objects.count()
    response = do(district, act, **SENT[act] | {"unit": "11416", "reason": "  "})
    assert (response.status_code, Revision.objects.count(), Reopening.objects.count()) == (422, before, 0)
    bound = response.context["bound"]
    assert bound.errors.keys() == {"reason"}
    assert f'href="#id_{act}_11416_reason"' in words(response)
    assert f'id="id_{act}_11416_reason"' in words(response)
    for name in ("hour", "adjustment"):
        if name in SENT[act]:
            assert bound[name].value() == SENT[act][name]


@pytest.mark.parametrize("act", ["reopen", "void", "adjust"])
def test_unit_acts_on_a_report_changed_meanwhile_are_conflicts(cast, district, act):
    """The page then shows the newer report, and the same form sent again is about that one."""
    response = do(district, act, **SENT[act] | {"unit": "11416", "base_version": 7})
    assert response.status_code == 409
    assert (Report.objects.get(unit=cast.commune, day=f.DAY).version, Reopening.objects.count()) == (1, 0)
    assert response.context["bound"]["base_version"].value() == "1"
    assert do(district, act, **response.context["bound"].data | {"unit": "11416"}).status_code == 302


def test_actions_offered_are_those_allowed(cast, district):
    context = page(district).context
    assert [(line.unit.code, sorted(forms)) for line, _contacts, forms in context["gaps"]] == [("11407", ["reopen"])]
    context = district.get(url(), {"unit": "11416"}).context  # its acts are asked for
    assert [(line.unit.code, sorted(forms)) for line, forms in context["doubtful"]] == [
        ("11416", ["adjust", "reopen", "void"])
    ]


# Difficulties.


def test_difficulties_ticked_go_to_the_city(cast, district, client):
    f.make_report(cast.stranger, installs=3, by=cast.stranger_officer, note="không thuộc quận")
    report = Report.objects.get(unit=cast.commune, day=f.DAY)
    assert do(district, "pass_up", reports=[report.pk]).status_code == 302
    assert do(district, "pass_up", reports=[report.pk]).status_code == 302
    assert PassedUp.objects.get().report == report
    client.force_login(cast.city_clerk)
    f.make_report(cast.agency, installs=3, by=cast.focal_person, note="thiếu máy")
    shown = client.get(reverse("reporting:unit", args=["31"]), {"state": "result"}).context["difficulties"]
    assert [(said.superior and said.superior.code, said.row.code) for said in shown] == [
        (None, "SYT"),
        ("306", "11416"),
    ]


@pytest.mark.parametrize("chosen", ["none", "stranger", "x"])
def test_difficulties_of_others_or_none_are_refused(cast, district, chosen):
    other = f.make_report(cast.stranger, installs=3, by=cast.stranger_officer, note="không thuộc quận")
    sent = {"none": [], "stranger": [other.pk], "x": ["x"]}[chosen]
    assert do(district, "pass_up", reports=sent).status_code == 422
    assert PassedUp.objects.count() == 0


# The confirmation.


def test_sign_off_with_a_gap_owes_a_reason(cast, district):
    response = do(district, "sign_off", **versions(district))
    assert (response.status_code, SignOff.objects.count()) == (422, 0)
    assert response.context["bound"].errors.keys() == {"reason"}


def test_sign_off(cast, district):
    response = do(district, "sign_off", **versions(district), reason="Cát Bi mất điện")
    assert response.status_code == 302
    signed = SignOff.objects.get()
    assert (signed.unit, signed.by, signed.cumulative, signed.is_after_deadline) == (
        cast.district,
        cast.district_clerk,
        188,
        False,
    )
    assert page(district).context["review"].sign_off == signed
    assert do(district, "sign_off", **versions(district), reason="lại").status_code == 422
    assert SignOff.objects.count() == 1


def test_sign_off_of_a_page_gone_old_names_what_changed(cast, district):
    sent = versions(district)
    acts.enter(
        unit=cast.neighbour, day=f.DAY, installs=7, opening=0, reason="điện thoại", by=cast.district_clerk, at=EVENING
    )
    submissions_before = SignOff.objects.count()
    response = do(district, "sign_off", **sent, reason="đã kiểm tra")
    assert (response.status_code, SignOff.objects.count()) == (409, submissions_before)
    assert "Phường Cát Bi" in str(response.context["bound"].non_field_errors())
    assert response.context["sign_off"]["reason"].value() == "đã kiểm tra"
    assert versions(district) == {"version-11407": 1, "version-11416": 1}


@pytest.mark.parametrize("version", ["", "x", "-1", "²", "99999999999"])
def test_sign_off_with_versions_that_are_none_is_a_conflict(district, version):
    sent = versions(district) | {"version-11416": version}
    assert do(district, "sign_off", **sent, reason="đã kiểm tra").status_code == 409
    assert SignOff.objects.count() == 0


def test_sign_off_before_the_hour_is_offered_when_all_have_reported(cast, client):
    client.force_login(cast.district_clerk)
    with time_machine.travel(f.at("2020-08-21 16:00"), tick=False):
        f.make_report(cast.commune, installs=88, by=cast.officer)
        assert url("sign_off") not in words(page(client))
        assert do(client, "sign_off", **versions(client), reason="vội").status_code == 422
        f.make_report(cast.neighbour, installs=8, by=cast.neighbour_officer)
        assert url("sign_off") in words(page(client))
        assert do(client, "sign_off", **versions(client)).status_code == 302


def test_where_nothing_is_due_no_hour_of_the_confirmation_is_named(cast, district):
    f.make_exempt_day(cast.district, f.DAY)
    shown = page(district)
    assert shown.context["the_day"].clock.about == "Ngày này không đơn vị nào phải báo cáo."
    assert [said for said in ("Đúng hạn", "đã đủ báo cáo") if said in words(shown)] == []


def test_withdraw_owes_a_reason_and_stays_as_history(cast, district):
    sign(cast)
    shown = f.shown_sign_off(cast.district)
    refused = do(district, "withdraw", shown=shown, reason=" ")
    assert (refused.status_code, SignOff.objects.in_force().count()) == (422, 1)
    assert ('href="#id_withdraw_reason"' in refused.text, dead(refused.text)) == (True, [])
    assert do(district, "withdraw", shown=shown, reason="Sai số của Cát Bi").status_code == 302
    (withdrawn,) = page(district).context["review"].withdrawn
    assert (withdrawn.withdrawal_reason, withdrawn.withdrawn_by) == ("Sai số của Cát Bi", cast.district_clerk)
    assert "Sai số của Cát Bi" in words(page(district))
