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
    return [row.code for _group, rows in page.context["shown"] for row, _contacts in rows]


def test_ready_text_goes_only_to_who_is_awaited_and_only_today(cast, client, clerk, afternoon):
    def texts(**query):
        return {
            code
            for code, body in re.findall(r'id="row-(\w+)".*?href="sms:[^"?]*(\?body=)?', page(**query), re.S)
            if body
        }

    def page(**query):
        return look(client, show="all", rows="all", **query).text

    for unit in (cast.commune, cast.neighbour):
        type(unit).objects.filter(pk=unit.pk).update(phone="0225 000 0416")
    assert texts() == {"11416", "11407"}
    f.make_report(cast.neighbour, by=cast.neighbour_officer)
    assert texts() == {"11416"}
    assert texts(as_of="2020-08-21T16:00") == set()
    afternoon.move_to(f.at("2020-08-21 17:20"))
    f.make_late_request(cast.commune, cast.officer, received_at=f.at("2020-08-21 17:05"))
    assert texts() == set()


def test_board_lists_the_silent_with_their_telephones(clerk, cast):
    f.make_report(cast.commune, by=cast.officer)
    cast.neighbour_officer.phone = "0912 000 001"
    cast.neighbour_officer.save()
    page = look(clerk)
    assert (page.status_code, codes(page)) == (200, ["11407"])
    assert page.text.count('href="tel:0912000001"') == 1
    assert page.text.count('href="sms:0912000001?body=') == 1
    assert page.text.count('href="/units/306/entry/2020-08-21/?row=11407#row-11407"') == 1
    assert page.text.count('data-refresh="30"') == 1
    assert re.search(r"<textarea[^>]* readonly>16h30", page.text)


@pytest.mark.parametrize(
    ("show", "shown"),
    [
        ("missing", ["11407", "11416"]),
        ("waiting", []),
        ("asked", ["11416"]),
        ("all", ["11407", "11416", "11999"]),
        ("nonsense", ["11407", "11416"]),
    ],
)
def test_filters(show, shown, clerk, cast):
    f.make_report(f.make_unit("11999", parent=cast.district, name="Cát Biển"))
    acts.remind(units=[cast.commune], day=f.DAY, by=cast.district_clerk, at=AT)
    assert codes(look(clerk, show=show)) == shown


def test_board_of_one_district_counts_and_reminds_its_own_alone(client, cast, afternoon):
    f.make_report(cast.neighbour, by=cast.neighbour_officer)
    client.force_login(cast.city_clerk)
    remind(client, "31", code="11470")
    whole, page = look(client, "31"), look(client, "31", below="306")
    tabs = r'<a href="([^"]*show=\w+[^"]*)"[^>]*>\s*([^<(]*?)\s*\((\d+)\)\s*</a>'
    counted = [{words: int(n) for _way, words, n in re.findall(tabs, one.text)} for one in (whole, page)]
    assert counted == [
        {"Chưa báo cáo": 4, "Đã nhắc": 1, "Tất cả": 5},
        {"Chưa báo cáo": 1, "Tất cả": 2},
    ]
    assert all("below=306" in way for way, _words, _n in re.findall(tabs, page.text))
    assert ("Nhắc tất cả (4)" in whole.text, "Nhắc tất cả (1)" in page.text) == (True, True)
    assert ("Đằng Hải" in page.context["words"], "Núi Đèo" in page.context["words"]) == (True, False)
    assert '<input type="hidden" name="below" value="306">' in page.text
    with f.without_triggers():
        Reminder.objects.all().delete()
    sent = remind(client, "31", below="306")
    assert sent.url == "/units/31/board/2020-08-21/?below=306"
    assert [reminder.unit for reminder in Reminder.objects.select_related("unit")] == [cast.commune]


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_arrivals_are_all_that_came_also_from_who_owed_nothing(is_withdrawn, client, cast, afternoon):
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
    [residents, _agencies] = page.context["board"].streams
    assert (residents.reported, residents.expected) == (1, 3)
    assert [(hour.ends_at, hour.today, hour.before) for hour in page.context["arrivals"].hours] == [(17, 2, 1)]
    assert "17h00 · hạn 17h00" in " ".join(page.text.split())
    client.cookies["django_language"] = "en"
    assert "17:00 · due 17:00" in " ".join(look(client, "31").text.split())
    f.make_report(cast.island, by=cast.island_officer, arrived_at=f.at("2020-08-21 16:15"))
    f.make_report(cast.stranger, by=cast.stranger_officer, arrived_at=f.at("2020-08-21 16:20"))
    f.make_report(cast.agency, by=cast.focal_person, arrived_at=f.at("2020-08-21 16:05"))
    assert look(client, "31").context["board"].complete_at == f.at("2020-08-21 16:20")
    f.make_exempt_day(cast.city, f.DAY)
    assert "due 17:00" not in look(client, "31").text


def remind(client, code="306", day=f.DAY, /, **sent):
    return client.post(url("remind", code, day), sent)


def test_remind_one_or_all_of_the_silent(clerk, cast):
    f.make_report(cast.neighbour, by=cast.neighbour_officer)
    page = remind(clerk)
    assert (page.status_code, page.url) == (302, url())
    assert [(r.unit.code, r.day, r.at, r.by) for r in Reminder.objects.select_related("unit", "by")] == [
        ("11416", f.DAY, AT, cast.district_clerk)
    ]
    again = remind(clerk, code="11416")  # within ten minutes
    assert (again.status_code, Reminder.objects.count()) == (422, 1)
    assert "Hai lần nhắc cách nhau ít nhất 10 phút." in again.text
    with frozen("2020-08-21 16:40"):
        remind(clerk, code="11416")
        assert look(clerk).context["board"].awaited[0].reminded.times == 2


def test_refused_reminder_names_its_unit_on_the_part_that_was_looked_at(client, cast):
    with time_machine.travel(f.at("2020-08-29 08:00"), tick=False):
        client.force_login(cast.city_clerk)
        page = remind(client, "31", code="11470", below="311")
    assert (page.status_code, Reminder.objects.count()) == (422, 0)
    assert (page.context["below"], codes(page)) == ("311", ["11470"])
    [summary] = re.findall(r'<div class="summary".*?</div>', page.text, re.DOTALL)
    assert re.findall("<li>(.*?)</li>", summary)[0].startswith('<a href="#reminding">Thị trấn Núi Đèo: ')


@pytest.mark.parametrize("sent", [{"below": "999"}, {"below": "999", "code": "11416"}, {"below": "\x00 306"}])
def test_filter_that_is_none_reminds_nobody(sent, client, cast, afternoon):
    client.force_login(cast.city_clerk)
    assert remind(client, "31", **sent).status_code == 404
    assert Reminder.objects.count() == 0


def test_unit_of_another_filter_is_not_said_to_have_reported(client, cast, afternoon):
    client.force_login(cast.city_clerk)
    assert remind(client, "31", below="311", code="11416").status_code == 404
    assert Reminder.objects.count() == 0
    f.make_report(cast.stranger, by=cast.stranger_officer)
    sent = client.post(url("remind", "31"), {"below": "311", "code": "11470"}, follow=True)  # it has, in its own
    assert (sent.status_code, "không còn phải chờ báo cáo" in sent.text) == (200, True)
    assert remind(client, "31", below="306", code="11416").status_code == 302
    assert [reminder.unit for reminder in Reminder.objects.select_related("unit")] == [cast.commune]


# The lateness record.


def discipline(code="306"):
    return reverse("reporting:discipline", args=[code])


def test_record_of_a_district(clerk, cast):
    f.make_report(cast.commune, by=cast.officer)
    page = clerk.get(discipline())
    found = page.context["lateness"]
    assert [(row.code, row.on_time, row.missing) for row in found.below] == [("11407", 0, 15), ("11416", 1, 15)]
    calendar = page.context["calendar"]
    assert (len(calendar["days"]), calendar["statuses"]) == (16, ["on_time", "missing"])
    assert [statuses[:2] for _name, statuses in calendar["lines"]] == [[None, "missing"], ["on_time", "missing"]]
    assert page.text.count('href="/units/11416/discipline/?from=2020-08-06&amp;to=2020-08-21"') == 1


def test_record_of_a_commune_lists_its_days(client, cast, afternoon):
    client.force_login(cast.officer)
    page = client.get(discipline("11416"), {"from": "20/08/2020", "to": "2020-08-21"})
    assert page.text.count('class="status status-missing"') == 1  # the day before; today is not due yet
    assert page.context["lateness"].own.due == 1


def test_city_finds_any_commune_and_turns_the_pages(client, cast, afternoon):
    for number in range(49):
        f.make_unit(f"2{number:04d}", parent=cast.district, name=f"Số {number}")
    client.force_login(cast.city_clerk)
    page = client.get(discipline("31"))
    assert (len(page.context["listed"]), page.context["further_table"].paginator.num_pages) == (52, 2)
    assert page.context["called"] in page.text[page.text.index('id="further-title"') :]
    second = client.get(discipline("31"), {"further-page": "2"})
    shown = [row.record.code for row in second.context["further_table"].paginated_rows]
    assert shown == [record.code for record in page.context["listed"]][50:]
    found = client.get(discipline("31"), {"q": "cat bi"})
    assert [record.code for record in found.context["listed"]] == ["11407"]
    none = client.get(discipline("31"), {"q": "không có"})
    assert (none.status_code, none.context["listed"]) == (200, [])
    assert "Không có đơn vị nào tên như vậy" in none.text or "Không có đơn vị" in none.text


def test_of_many_units_right_below_those_most_often_on_time_are_folded(client, cast, afternoon):
    for number in range(49):
        f.make_unit(f"2{number:04d}", parent=cast.district, name=f"Số {number}")
    f.make_report(cast.neighbour, installs=5)
    client.force_login(cast.district_clerk)
    page = client.get(discipline())
    lines = re.findall(r'<tr(?: class="(folded)")? data-code="(\w+)"', page.text)
    assert ([class_ for class_, _code in lines], lines[-1]) == ([""] * 50 + ["folded"], ("folded", "11407"))
    assert 'class="chart folded"' in page.text  # one line per unit
    assert "Xem 1 đơn vị còn lại" in page.text
    f.make_report(cast.commune, installs=5)
    client.force_login(cast.officer)
    assert "folded" not in client.get(discipline("11416")).text


def test_folded_district_is_shown_with_all_its_units_or_not_at_all(cast, client, afternoon, monkeypatch):
    monkeypatch.setattr("reporting.views.board.MOST_ROWS", 1)
    client.force_login(cast.city_clerk)
    page = look(client, code="31", show="all")
    folded = [(group, rows) for group, rows in page.context["shown"] if group.is_folded]
    assert {group.code: {row.code for row, _contacts in rows} for group, rows in folded} == {"306": {"11416", "11407"}}
    assert page.context["left"] > 0
