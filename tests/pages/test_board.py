"""The board: who has not reported since when, whom to call, who was reminded, and the text to send."""

from datetime import timedelta

import pytest
from django.utils import translation

from reporting import acts
from reporting.pages import board
from reporting.pages.board import Contact
from reporting.text import formatting

from .. import factories as f

AFTERNOON = f.at("2020-08-21 16:30")
EVENING = f.at("2020-08-21 17:20")
NIGHT = f.at("2020-08-21 18:00")


def back(days):
    return f.DAY - timedelta(days=days)


BEFORE = "Please send the Bluezone report of 21 Aug before %s:00."
WAS_DUE = "The Bluezone report of 21 Aug is overdue since %s:00. Please send it as a late report."


def seen(unit, at=AFTERNOON, day=f.DAY):
    return board.day_board(unit, day, at=at)


def row_of(unit, superior, **when):
    return next(row for row in seen(superior, **when).rows if row.code == unit.code)


@pytest.mark.parametrize(
    ("reported", "exempt", "at", "missed"),
    [
        ([1], [], AFTERNOON, 0),  # before the deadline today does not count as missed
        ([1], [], EVENING, 1),
        ([3], [], EVENING, 3),
        ([3], [1], EVENING, 2),
        ([], [], EVENING, 16),
        ([15], [], AFTERNOON, 14),
    ],
)
def test_missed_days_in_a_row(reported, exempt, at, missed, cast):
    for days in reported:
        f.make_report(cast.commune, back(days), by=cast.officer)
    for days in exempt:
        f.make_exempt_day(cast.city, back(days))
    assert row_of(cast.commune, cast.district, at=at).missed_days == missed


def test_missed_days_begin_with_the_life_of_the_unit(cast):
    young = f.make_unit("11999", parent=cast.district, opened_on=back(2))
    assert row_of(young, cast.district, at=EVENING).missed_days == 3


def test_contacts_are_the_duty_telephone_and_the_active_accounts(cast):
    ward = f.make_unit("11999", parent=cast.district, phone="0225 000 1999")
    f.make_user("a", ward, phone="0225 0001999", last_name="Trần", first_name="An")
    f.make_user("b", ward, phone="+84 912 000 001", last_name="Lê", first_name="Bình")
    f.make_user("c", ward, phone="0912 000 002", is_active=False)
    f.make_user("d", ward)
    found = board.contacts([row_of(ward, cast.district)])[ward.code]
    assert found == [Contact("0225 0001999", "Trần An"), Contact("+84 912 000 001", "Lê Bình")]
    assert [formatting.dial(contact.phone) for contact in found] == ["02250001999", "+84912000001"]


def test_waiting_and_reminded_units_are_found(cast):
    acts.remind(units=[cast.commune], day=f.DAY, by=cast.district_clerk, at=AFTERNOON)
    later = AFTERNOON + timedelta(minutes=10)
    acts.remind(units=[cast.commune], day=f.DAY, by=cast.city_clerk, at=later)
    acts.send_late_request(
        unit=cast.neighbour, day=f.DAY, installs=3, opening=0, reason="x", by=cast.neighbour_officer, at=EVENING
    )
    reminded = row_of(cast.commune, cast.district, at=EVENING).reminded
    assert (reminded.times, reminded.at, reminded.by_name) == (2, later, "31")
    assert row_of(cast.neighbour, cast.district).waiting_since == EVENING


def test_city_counts_by_district_and_calls_its_own_units_and_the_agencies(cast):
    f.make_report(cast.commune, by=cast.officer)
    f.make_report(cast.island, by=cast.island_officer)
    city = seen(cast.city)
    assert [(one.row.name, one.row.reported, one.row.expected) for one in city.districts] == [
        ("Quận Hải An", 1, 2),
        ("Huyện Thuỷ Nguyên", 0, 1),
    ]
    called = [(row.code, row.superior and row.superior.code) for row in city.rows]
    assert called == [("11407", "306"), ("11416", "306"), ("11470", "311"), ("318", None), ("SYT", None)]


def words(unit, at=AFTERNOON, day=f.DAY):
    with translation.override("en"):
        return board.reminder_words(seen(unit, at, day), at=at)


def test_reminder_names_the_silent(cast):
    f.make_report(cast.commune, by=cast.officer)
    assert words(cast.district) == (
        "16:30 on 21 Aug: 1 of 2 phường have not reported Bluezone: Cát Bi. "
        "Please send the Bluezone report of 21 Aug before 17:00."
    )


def test_reminder_names_the_excused_once_and_not_among_the_missing(cast):
    f.make_extension(cast.commune)
    f.make_downtime(starts_at=f.at("2020-08-21 16:30"), ends_at=f.at("2020-08-21 17:00"))
    assert words(cast.district, at=EVENING) == (
        "17:20 on 21 Aug: 1 of 2 phường have not reported Bluezone: Đằng Hải. Please send the Bluezone report of "
        "21 Aug. It will not count as late. Phường Đằng Hải: Please send the Bluezone report of 21 Aug before 18:00."
    )
    f.make_report(cast.commune, by=cast.officer)
    assert words(cast.district, at=EVENING) == ""


@pytest.mark.parametrize(
    ("extended", "at", "texts"),
    [
        (["city"], AFTERNOON, [BEFORE % 18]),
        (["commune"], AFTERNOON, [BEFORE % 17, f"Phường Đằng Hải: {BEFORE % 18}"]),
        (["commune"], EVENING, [WAS_DUE % 17, f"Phường Đằng Hải: {BEFORE % 18}"]),
        (["commune"], NIGHT, [WAS_DUE % 17, f"Phường Đằng Hải: {WAS_DUE % 18}"]),
        (["stranger"], f.at("2020-08-22 08:00"), [WAS_DUE % 17]),
    ],
)
def test_reminder_asks_of_each_of_the_silent_what_holds_for_it(extended, at, texts, cast):
    for name in extended:
        f.make_extension(getattr(cast, name))
    assert words(cast.district, at=at).endswith(f": Cát Bi, Đằng Hải. {' '.join(texts)}")


@pytest.mark.parametrize(
    ("until", "hour"), [("2020-08-21 19:00", "19:00"), ("2020-08-22 09:30", "09:30 22 Aug")], ids=["today", "tomorrow"]
)
def test_text_to_a_unit_whose_day_is_open_again_names_until_when(until, hour, cast):
    f.make_reopening(cast.commune, cast.district_clerk, opened_at=f.at("2020-08-21 17:10"), until=f.at(until))
    assert words(cast.district, at=EVENING).endswith(
        f"Cát Bi, Đằng Hải. {WAS_DUE % 17} Phường Đằng Hải: Please send the Bluezone report of 21 Aug before {hour}."
    )


def test_days_whose_reports_wait_were_not_missed(cast):
    f.make_report(cast.commune, back(3), installs=1, opening=0)
    for day, missed in ((back(1), 2), (f.DAY, 1)):
        f.make_late_request(cast.commune, cast.officer, day, received_at=f.at("2020-08-21 17:05"))
        assert row_of(cast.commune, cast.district, at=EVENING).missed_days == missed
