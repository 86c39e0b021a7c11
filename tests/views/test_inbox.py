"""Who has what to do: the page, its number in the header, and the notices on the unit's own pages."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting import acts
from reporting.models import Reminder

from .. import factories as f

EVENING = f.at("2020-08-21 17:40")
DAY_BEFORE = f.DAY - timedelta(days=1)
HEAD = 'class="head-inbox"'


def look(client, user, name="inbox", *args, moment=EVENING):
    client.force_login(user)
    with time_machine.travel(moment, tick=False):
        return client.get(reverse(f"reporting:{name}", args=args))


def own(client, user, moment=EVENING):
    return look(client, user, moment=moment).context["inbox"]


def give_back(cast, unit=None, version=1):
    """Reopen a report after the deadline; version 0 is that of a unit without a report."""
    by = {"by": cast.district_clerk, "at": f.at("2020-08-21 17:10")}
    until, reason = f.at("2020-08-21 19:00"), "Thừa một số 0"
    return acts.reopen(unit=unit or cast.commune, day=f.DAY, base_version=version, until=until, reason=reason, **by)


def ask(unit, by):
    return f.ask(unit, by, at=f.at("2020-08-21 17:10"))


def sign(cast, at="2020-08-21 17:20", **day):
    return f.confirm(cast.district, cast.district_clerk, f.at(at), reason="thiếu", **day)


def confirmed(waiting):
    return [(owed.unit.code, owed.day.day) for owed in waiting]


# The officer.


@pytest.mark.parametrize("name", ["unit", "report"])
def test_returned_report_is_marked_on_the_officers_pages(cast, client, name):
    f.make_report(cast.commune, installs=880, opening=100, by=cast.officer)
    give_back(cast)
    page = look(client, cast.officer, name, cast.commune.code, *([f.DAY] if name == "report" else []))
    assert "Thừa một số 0" in page.text
    assert page.context["form"].day_state.open_until == f.at("2020-08-21 19:00")


def test_reminder_stands_until_it_is_answered(cast, client):
    for at in ("2020-08-21 16:00", "2020-08-21 16:30"):
        acts.remind(units=[cast.commune], day=f.DAY, by=cast.district_clerk, at=f.at(at))
    assert [reminder.at for reminder in own(client, cast.officer).notices.reminders] == [f.at("2020-08-21 16:30")]
    assert own(client, cast.officer, f.at("2020-08-22 08:00")).count == 0
    waiting = ask(cast.commune, cast.officer)
    assert own(client, cast.officer).count == 0
    asked = {"unit": cast.commune, "day": f.DAY, "shown": waiting.pk}
    acts.withdraw_request(**asked, by=cast.officer, at=f.at("2020-08-21 17:12"))
    assert (waiting.pk is not None, own(client, cast.officer).count) == (True, 1)
    f.make_report(cast.neighbour, opening=1)
    assert Reminder.objects.count() == 2


def test_decision_is_shown_for_three_days_with_the_remark(cast, client):
    for is_accepted, remark in [(False, "Thiếu tổ 5"), (True, "Đã đủ")]:
        waiting = ask(cast.commune, cast.officer)
        acts.decide(
            late_request=waiting,
            is_accepted=is_accepted,
            note=remark,
            **f.stamp(cast.district_clerk, f.at("2020-08-21 17:30")),
        )
    page = look(client, cast.officer)
    assert [notice.decision for notice in page.context["inbox"].notices.decided] == ["accepted", "declined"]
    assert ("Thiếu tổ 5" in page.text, "Đã đủ" in page.text, page.context["inbox"].count) == (True, True, 0)
    assert own(client, cast.officer, f.at("2020-08-24 17:31")).notices.decided == []


def test_what_others_entered_is_told_and_what_the_officer_sent_is_not(cast, client):
    f.make_report(cast.commune, DAY_BEFORE, 5, opening=100, by=cast.officer)
    at = f.at("2020-08-21 17:10")
    acts.enter(
        unit=cast.commune, day=f.DAY, installs=7, reason="điện thoại lúc 17h05", **f.stamp(cast.district_clerk, at)
    )
    page = look(client, cast.officer, "unit", cast.commune.code)
    entered = page.context["notices"].entered
    assert [(revision.report.day, revision.installs, revision.kind) for revision in entered] == [
        (f.DAY, 7, "on_behalf")
    ]
    assert "điện thoại lúc 17h05" in page.text
    acts.adjust(
        unit=cast.commune, day=f.DAY, adjustment=-2, reason="Trùng", base_version=1, **f.stamp(cast.district_clerk, at)
    )
    told = look(client, cast.officer, "unit", cast.commune.code).text
    assert re.search(r"21/08/2020: điều chỉnh\s*</strong>\s*</p>\s*<p>\s*-2 \(lũy kế -2\)\s*<br>", told)
    assert own(client, cast.officer, f.at("2020-08-24 17:11")).notices.entered == []


# The district.


def test_request_beyond_the_corrections_waits_for_the_city(cast, client):
    ask(cast.commune, cast.officer)
    moment = f.at("2020-08-29 00:00")
    assert own(client, cast.district_clerk, moment - timedelta(seconds=1)).requests
    assert own(client, cast.city_clerk, moment - timedelta(seconds=1)).requests == []
    assert own(client, cast.district_clerk, moment).requests == []
    assert own(client, cast.city_clerk, moment).requests


@pytest.mark.parametrize(
    ("moment", "days"), [("2020-08-21 16:59:59", range(20, 13, -1)), ("2020-08-21 17:00", range(21, 13, -1))]
)
def test_clerk_finds_the_days_to_confirm(cast, client, moment, days):
    assert confirmed(own(client, cast.district_clerk, f.at(moment)).days) == [("306", day) for day in days]


def test_confirmed_sealed_and_exempt_days_are_not_owed(cast, client):
    sign(cast)
    sign(cast, day=DAY_BEFORE)
    f.make_exempt_day(cast.city, f.DAY - timedelta(days=2))
    assert confirmed(own(client, cast.district_clerk).days) == [("306", day) for day in range(18, 13, -1)]


def test_confirmation_withdrawn_by_a_change_is_owed_again_with_the_reason(cast, client):
    f.make_report(cast.commune, installs=88, opening=100, by=cast.officer)
    f.make_report(cast.neighbour, installs=8, by=cast.neighbour_officer)
    sign(cast, at="2020-08-21 16:30")
    before = f.at("2020-08-21 16:50")
    assert f.DAY not in [owed.day for owed in own(client, cast.district_clerk, before).days]
    f.make_report(cast.commune, installs=96, by=cast.officer, arrived_at=f.at("2020-08-21 16:42"))
    owed = own(client, cast.district_clerk, before).days[0]
    assert (owed.day, "88 → 96" in owed.withdrawn.withdrawal_reason) == (f.DAY, True)
    sign(cast, at="2020-08-21 16:55")
    assert f.DAY not in [owed.day for owed in own(client, cast.district_clerk, f.at("2020-08-21 16:56")).days]


# The city.


def test_city_finds_requests_of_its_own_units_and_who_has_not_confirmed(cast, client):
    ask(cast.agency, cast.focal_person)
    ask(cast.island, cast.island_officer)
    ask(cast.commune, cast.officer)
    sign(cast)
    found = own(client, cast.city_clerk)
    assert sorted(waiting.unit.code for waiting in found.requests) == ["318", "SYT"]
    assert confirmed(found.districts) == [("311", 21)]
    assert found.count == 3


def test_city_finds_a_district_whose_own_deadline_has_passed_before_all_others(cast, client):
    f.make_unit_hour(cast.district, f.time(16))
    assert confirmed(own(client, cast.city_clerk, f.at("2020-08-21 16:30")).districts) == [("306", 21)]
    assert own(client, cast.city_clerk, f.at("2020-08-21 15:30")).districts == []


# Who may look, and how many queries it takes.


@pytest.mark.parametrize("person", ["officer", "district_clerk", "city_clerk", "focal_person", "island_officer"])
def test_count_in_the_head_is_that_of_the_page(cast, client, person):
    f.make_report(cast.neighbour, installs=8, opening=100, by=cast.neighbour_officer)
    give_back(cast, version=0)
    give_back(cast, cast.neighbour)
    ask(cast.agency, cast.focal_person)
    page = look(client, getattr(cast, person))
    assert page.context["inbox"].count == page.context["inbox_count"]
    assert (HEAD in page.text) == bool(page.context["inbox"].count)
