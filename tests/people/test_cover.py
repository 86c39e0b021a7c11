"""Cover: for some days only, a colleague also reports for another unit."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from reporting.models import AccessRecord, Cover, Report, Revision
from reporting.people import access
from reporting.permissions import Role

from ..factories import DAY, at, make_cover, make_report
from ..views.visits import frozen, look, markup, send
from .test_access import codes

NOON = "2020-08-21 12:00"
PAGE = "/people/covers/"
YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)


@pytest.fixture
def covered(cast):
    """The officer of Đằng Hải reports for Cát Bi from yesterday to tomorrow."""
    make_cover(cast.neighbour, cast.officer, cast.district_clerk, YESTERDAY, TOMORROW)
    return cast


def on(user, day):
    user.acts_on, user.holds = day, None
    return user


@pytest.mark.parametrize(
    ("day", "reportable"),
    [
        (YESTERDAY - timedelta(days=1), ["11416"]),
        (YESTERDAY, ["11407", "11416"]),
        (DAY, ["11407", "11416"]),
        (TOMORROW, ["11407", "11416"]),
        (TOMORROW + timedelta(days=1), ["11416"]),
        (None, ["11416"]),
    ],
)
def test_cover_gives_both_units_on_its_days_only(day, reportable, covered):
    officer = on(covered.officer, day)
    assert codes(access.reportable_units(officer)) == codes(access.visible_units(officer)) == reportable
    role = Role.OFFICER if "11407" in reportable else None
    assert (access.role(officer, covered.neighbour), access.role(officer, covered.commune)) == (role, Role.OFFICER)


def test_district_clerk_with_a_cover_keeps_no_accounts_of_the_unit_covered(cast):
    make_cover(cast.agency, cast.district_clerk, cast.city_clerk)
    clerk = on(cast.district_clerk, DAY)
    assert codes(access.visible_units(clerk)) == ["11407", "11416", "306", "SYT"]
    assert sorted(access.visible_people(clerk).values_list("username", flat=True)) == ["11407", "11416", "306"]
    assert codes(access.units_for_people(clerk, DAY)) == ["11407", "11416"]


@pytest.mark.parametrize("change", [{"is_viewer": True}, {"is_active": False}])
def test_cover_gives_nothing_to_a_reader_or_to_one_who_has_left(change, covered):
    for name, value in change.items():
        setattr(covered.officer, name, value)
    assert access.covers(on(covered.officer, DAY)) == []


def test_officer_reports_for_both_and_each_report_stays_with_its_unit_and_him(covered):
    for unit, installs in ((covered.commune, "5"), (covered.neighbour, "7")):
        assert send(covered.officer, unit, NOON, installs=installs).status_code == 302
    assert {report.unit.code: report.installs for report in Report.objects.all()} == {"11416": 5, "11407": 7}
    assert {(revision.by, revision.kind) for revision in Revision.objects.all()} == {
        (covered.officer, "opening"),
        (covered.officer, "own"),
    }


def test_home_and_receipt_lead_to_the_other_unit_and_the_head_of_the_form_repeats_the_unit(covered):
    make_report(covered.commune)
    for page in [("unit", "11416"), ("report_detail", "11416", DAY)]:
        shown = look(covered.officer, *page, moment=NOON).text.partition('<section class="covers"')[2]
        link = shown.partition('href="/units/11407/"')[2].partition("</li>")[0]
        assert ("Phường Cát Bi</a>" in link, "trực thay đến 22/08/2020" in link) == (True, True)
    for code, name in (("11416", "Phường Đằng Hải"), ("11407", "Phường Cát Bi")):
        form = look(covered.officer, "report", code, DAY, moment=NOON).text.partition('<form class="report"')[2]
        assert form.count(f'<p class="big">{name}</p>') == 1
    alone = look(covered.neighbour_officer, "report", "11407", DAY, moment=NOON).text
    assert '<p class="big">' not in alone.partition('<form class="report"')[2].partition("</form>")[0]


def test_cover_that_the_superior_ends_is_recorded_once(covered):
    """What the end of a cover closes, also that of its last day, is in tests/views/test_sessions.py."""
    clerk = Client()
    with frozen(NOON):
        clerk.force_login(covered.district_clerk)
        ending = reverse("reporting:cover_end", args=[Cover.objects.get().pk])
        assert [clerk.post(ending).url, clerk.post(ending).url] == [PAGE, PAGE]
    cover = Cover.objects.get()
    assert (cover.ended_at, cover.ended_by) == (at(NOON), covered.district_clerk)
    assert AccessRecord.objects.filter(kind="cover_changed", about=covered.officer, unit=covered.neighbour).count() == 1


# Recording a cover.


def record(user, person, unit, first="21/08/2020", last="30/08/2020"):
    client = Client()
    with frozen(NOON):
        client.force_login(user)
        sent = {"person": person.pk, "unit": unit.pk, "first_day": first, "last_day": last, "reason": "Nghỉ ốm"}
        return client.post(PAGE, sent)


def test_superior_lets_a_colleague_report(cast):
    assert record(cast.district_clerk, cast.officer, cast.neighbour).status_code == 302
    cover = Cover.objects.get()
    assert (cover.unit, cover.person) == (cast.neighbour, cast.officer)
    assert (cover.by, cover.recorded_at) == (cast.district_clerk, at(NOON))
    [noted] = AccessRecord.objects.filter(kind="cover_changed")
    assert (noted.about, noted.unit, noted.detail) == (cast.officer, cast.neighbour, "21/08/2020 – 30/08/2020")
    page = look(cast.district_clerk, "covers", moment=NOON)
    assert "Phường Cát Bi</strong>: Nguyễn Thị Hà (11416), 21/08/2020 – 30/08/2020" in markup(page)


@pytest.mark.parametrize(
    ("person", "unit", "days", "refused"),
    [
        ("officer", "neighbour", ("21/08/2020", "19/09/2020"), None),
        ("officer", "neighbour", ("21/08/2020", "20/09/2020"), "last_day"),
        ("officer", "neighbour", ("21/08/2020", "20/08/2020"), "last_day"),
        ("officer", "neighbour", ("01/08/2020", "20/08/2020"), "last_day"),
        ("officer", "commune", ("21/08/2020", "21/08/2020"), "person"),
        ("stranger_officer", "neighbour", ("21/08/2020", "21/08/2020"), "person"),
        ("district_clerk", "neighbour", ("21/08/2020", "21/08/2020"), "person"),
        ("officer", "stranger", ("21/08/2020", "21/08/2020"), "unit"),
        ("officer", "district", ("21/08/2020", "21/08/2020"), "unit"),
        ("officer", "city", ("21/08/2020", "21/08/2020"), "unit"),
    ],
)
def test_cover_is_for_thirty_days_at_most_among_the_units_below(person, unit, days, refused, cast):
    page = record(cast.district_clerk, getattr(cast, person), getattr(cast, unit), *days)
    found = list(page.context["form"].errors) if page.status_code == 422 else [page.status_code]
    assert found == [refused or 302]
    assert Cover.objects.count() == (refused is None)


def test_cover_twice_on_a_day_is_refused(cast):
    assert record(cast.district_clerk, cast.officer, cast.neighbour).status_code == 302
    page = record(cast.district_clerk, cast.officer, cast.neighbour, "30/08/2020", "31/08/2020")
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["person"])
    assert record(cast.district_clerk, cast.officer, cast.neighbour, "31/08/2020", "31/08/2020").status_code == 302
