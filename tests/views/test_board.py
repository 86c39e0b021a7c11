"""The board and its reminders; the lateness record; the links to them."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting import acts
from reporting.models import Reminder

from .. import factories as f
from .visits import frozen

AT = f.at("2020-08-21 16:30")


@pytest.fixture
def afternoon():
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def clerk(cast, client, afternoon):
    client.force_login(cast.district_clerk)
    return client


def url(name="board", code="306", day=f.DAY):
    return reverse(f"reporting:{name}", args=[code, day])


def look(client, code="306", day=f.DAY, **query):
    return client.get(url(code=code, day=day), query)


def codes(page):
    return [row.code for row, _contacts in page.context["rows"]]


def test_look_back_does_not_count_what_had_arrived_the_day_before(clerk, cast):
    """That number is of now: it changed when a report of the day before was voided."""
    f.make_report(cast.commune, f.DAY - timedelta(days=1))
    assert ["cùng giờ hôm trước 1" in look(clerk, **query).text for query in ({}, {"as_of": "2020-08-21T16:00"})] == [
        True,
        False,
    ]


def test_board_lists_the_silent_with_their_telephones_and_a_box_to_enter_their_number(clerk, cast):
    f.make_report(cast.commune, by=cast.officer)
    cast.neighbour_officer.phone = "0912 000 001"
    cast.neighbour_officer.save()
    page = look(clerk)
    assert (page.status_code, codes(page), page.context["boxes"]) == (200, ["11407"], {"11407": 0})
    assert page.text.count('href="tel:0912000001"') == 1
    assert page.text.count('data-refresh="30"') == 1
    assert re.search(r"<textarea[^>]* readonly>16h30", page.text)
    sent = {"page": "board", "11407-installs": "7", "typed_by": "306"}
    entered = clerk.post(url("entry"), sent)
    assert (entered.status_code, "opening" in entered.text) == (422, True)  # asked once, on the page of the entry
    entered = clerk.post(url("entry"), sent | {"11407-opening": "40"})
    assert (entered.status_code, entered.url, codes(look(clerk))) == (302, url(), [])


def test_day_on_which_nothing_is_due_is_neither_all_reported_nor_provisional(cast, client, afternoon):
    f.make_report(cast.commune, f.DAY - timedelta(days=1))
    f.make_exempt_day(cast.city, f.DAY)
    client.force_login(cast.city_clerk)
    board = look(client, "31")
    result = client.get("/units/31/", {"day": f.DAY, "state": "result"})
    for page in (board, result):
        assert "Ngày này không đơn vị nào phải báo cáo." in page.text
        assert "Tất cả đơn vị đã báo cáo." not in page.text
        assert "tạm tính" not in page.text


def test_number_that_was_voided_is_entered_again_from_its_line(clerk, cast):
    f.make_report(cast.commune, f.DAY - timedelta(days=1), installs=1, opening=40, by=cast.officer)
    f.make_report(cast.commune, installs=3, by=cast.officer)
    acts.void(unit=cast.commune, day=f.DAY, reason="Nhầm", base_version=1, by=cast.district_clerk, at=AT)
    boxes = look(clerk).context["boxes"]
    assert boxes["11416"] == 2
    sent = {"page": "board", "11416-installs": "7", "11416-base_version": boxes["11416"], "typed_by": "306"}
    assert clerk.post(url("entry"), sent).status_code == 302


def test_city_lists_its_districts_by_what_they_miss_and_its_own_units(client, cast, afternoon):
    f.make_report(cast.neighbour, by=cast.neighbour_officer)
    client.force_login(cast.city_clerk)
    page = look(client, "31")
    assert [(one.row.code, one.row.not_reported) for one, _ in page.context["districts"]] == [("306", 1), ("311", 1)]
    f.make_late_request(cast.commune, cast.officer, received_at=AT)
    names = [one.names for one, _contacts in look(client, "31").context["districts"]]
    assert names == ["Đằng Hải (chờ tiếp nhận)", "Núi Đèo"]
    assert (codes(page), set(page.context["boxes"])) == (["318", "SYT"], {"318", "SYT"})


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_arrivals_of_the_day_before_are_all_that_came_also_from_who_owed_nothing(is_withdrawn, client, cast, afternoon):
    """An exempt unit's report is in no denominator; also if the exempt day was withdrawn too late."""
    eve = f.DAY - timedelta(days=1)
    for day in (eve, f.DAY):
        exempt = f.make_exempt_day(cast.commune, day)
        f.make_report(cast.commune, day, by=cast.officer, arrived_at=f.at(f"{day} 16:25"))
        if is_withdrawn and day == eve:
            f.withdraw(exempt, f.at("2020-08-21 08:00"))
    f.make_report(cast.neighbour, by=cast.neighbour_officer, arrived_at=f.at("2020-08-21 16:10"))
    client.force_login(cast.city_clerk)
    page = look(client, "31")
    own = page.context["board"].figures.own
    assert (own.reported, own.expected) == (1, 3)
    assert page.context["arrived_before"] == "cùng giờ hôm trước 1"


def remind(client, code="306", day=f.DAY, /, **sent):
    return client.post(url("remind", code, day), sent)


def test_remind_all_of_the_silent_once_in_ten_minutes(clerk, cast):
    f.make_report(cast.neighbour, by=cast.neighbour_officer)
    page = remind(clerk)
    assert (page.status_code, page.url) == (302, url())
    assert [(r.unit.code, r.day, r.at, r.by) for r in Reminder.objects.select_related("unit", "by")] == [
        ("11416", f.DAY, AT, cast.district_clerk)
    ]
    again = remind(clerk)
    assert (again.status_code, Reminder.objects.count()) == (422, 1)
    assert "Hai lần nhắc cách nhau ít nhất 10 phút." in again.text
    with frozen("2020-08-21 16:37"):
        waiting = look(clerk)
        assert (waiting.context["board"].to_remind, waiting.context["board"].minutes_to_wait) == ([], 3)
        assert "gửi lại được sau 3 phút" in waiting.text
    with frozen("2020-08-21 16:40"):
        remind(clerk)
        assert look(clerk).context["board"].awaited[0].reminded.times == 2


# The lateness record.


def discipline(code="306"):
    return reverse("reporting:discipline", args=[code])


def test_record_of_a_district(clerk, cast):
    f.make_report(cast.commune, by=cast.officer)
    page = clerk.get(discipline())
    found = page.context["lateness"]
    assert [(row.code, row.on_time, row.missing) for row in found.below] == [("11407", 0, 15), ("11416", 1, 15)]
    assert page.text.count('href="/units/11416/discipline/?from=2020-08-06&amp;to=2020-08-21"') == 1


def test_record_of_a_commune_lists_its_days(client, cast, afternoon):
    client.force_login(cast.officer)
    page = client.get(discipline("11416"), {"from": "20/08/2020", "to": "2020-08-21"})
    assert page.text.count('class="status status-missing"') == 1  # the day before; today is not due yet
    assert page.context["lateness"].own.due == 1
