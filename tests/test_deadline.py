"""The day in Hai Phong, and a unit's deadline on it: orders, extensions, exempt days and downtimes combined."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from types import SimpleNamespace

import pytest
from hypothesis import given, strategies as st

from reporting import deadline
from reporting.deadline import DayHours, Kind, Phase, Setting, hours_of, order_in_force, urgency_of

from .factories import DAY, FIRST_DAY, at
from .players import played

CITY, DISTRICT, COMMUNE, NEIGHBOUR = "31/", "31/306/", "31/306/11416/", "31/306/11407/"
OTHER_DISTRICT, STRANGER, AGENCY = "31/311/", "31/311/11470/", "31/SYT/"
PATHS = [CITY, DISTRICT, COMMUNE, NEIGHBOUR, OTHER_DISTRICT, STRANGER, AGENCY]
GENERATED = played(400)


def order(pk=1, first=FIRST_DAY, last=None, report=time(17), signoff=time(17, 30), days=7):
    return SimpleNamespace(
        pk=pk,
        effective_from=first,
        effective_until=last,
        report_deadline=report,
        signoff_deadline=signoff,
        correction_days=days,
    )


def today(text):
    return at(f"2020-08-21 {text}")


def until(path, text):
    return Setting(Kind.EXTENSION, path, DAY, extended_to=today(text), reason="Mất điện")


def exempt(path, reason="Lễ", day=DAY):
    return Setting(Kind.EXEMPT_DAY, path, day, reason=reason)


def away(starts_at, ends_at):
    return Setting(Kind.DOWNTIME, starts_at=today(starts_at), ends_at=today(ends_at))


def lapsed(path, since, ended_at):
    return Setting(Kind.EXEMPT_DAY, path, DAY, today(since), ended_at=today(ended_at))


def on_day(*settings, by=None):
    return DayHours(day=DAY, order=by or order(), settings=settings)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (at("2020-08-21 00:00"), DAY),
        (at("2020-08-21 23:59:59.999"), DAY),
        (datetime(2020, 8, 20, 16, 59, 59, tzinfo=UTC), date(2020, 8, 20)),
        (datetime(2020, 8, 20, 17, 0, tzinfo=UTC), DAY),
        (datetime(2020, 8, 20, 12, 0, tzinfo=timezone(timedelta(hours=-5))), DAY),
        (datetime(2020, 12, 31, 17, 0, tzinfo=UTC), date(2021, 1, 1)),
    ],
)
def test_reporting_day_is_the_day_in_hai_phong_wherever_the_server_stands(instant, day, elsewhere):
    assert deadline.reporting_day(instant) == day


@pytest.mark.parametrize(
    ("extended", "path", "closes", "last", "signs", "seals"),
    [
        ([], COMMUNE, "17:00", "17:00", "17:30", "17:02"),
        ([until(CITY, "20:00")], COMMUNE, "20:00", "20:00", "20:30", "20:02"),
        ([until(CITY, "16:00")], COMMUNE, "17:00", "17:00", "17:30", "17:02"),  # no act sets an earlier deadline
        ([until(CITY, "20:00"), until(COMMUNE, "18:00")], COMMUNE, "20:00", "20:00", "20:30", "20:02"),
        ([until(COMMUNE, "18:30")], COMMUNE, "18:30", "18:30", "19:00", "18:32"),
        ([until(COMMUNE, "18:30")], NEIGHBOUR, "17:00", "17:00", "17:30", "17:02"),
        ([until(COMMUNE, "18:30")], DISTRICT, "17:00", "18:30", "19:00", "18:32"),
        ([until(COMMUNE, "18:30")], OTHER_DISTRICT, "17:00", "17:00", "17:30", "17:02"),
        ([until(COMMUNE, "18:30"), until(AGENCY, "19:00")], CITY, "17:00", "19:00", "19:30", "19:02"),
        ([until(DISTRICT, "18:00"), until(COMMUNE, "18:30")], DISTRICT, "18:00", "18:30", "19:00", "18:32"),
        ([until("31/30/", "18:30")], DISTRICT, "17:00", "17:00", "17:30", "17:02"),  # 30 is not 306
    ],
)
def test_hours_of_a_unit(extended, path, closes, last, signs, seals):
    found = on_day(*extended)
    answers = (found.closes_at(path), found.last_closes_at(path), found.signs_off_at(path), found.seals_from(path))
    assert answers == (today(closes), today(last), today(signs), today(seals))


def test_confirmation_has_waited_for_a_later_hour_that_was_taken_back_after_it():
    for ended_at, signs in (("18:29", "17:30"), ("18:30", "19:00")):
        found = on_day(until(COMMUNE, "18:30")._replace(ended_at=today(ended_at)))
        assert [found.signs_off_at(path) for path in (DISTRICT, OTHER_DISTRICT)] == [today(signs), today("17:30")]
        assert found.closes_at(COMMUNE) == today("17:00")


def test_extension_after_the_confirmation_or_below_a_nearer_order_does_not_excuse_it():
    given_after = until(CITY, "20:00")._replace(recorded_at=today("20:30"), ended_at=today("20:40"))
    ordered = Setting(Kind.UNIT_HOUR, CITY, FIRST_DAY, hour=time(18), ended_at=today("20:00"))
    nearer = Setting(Kind.UNIT_HOUR, DISTRICT, FIRST_DAY, hour=time(15))
    for settings, signs in (([given_after], "17:30"), ([ordered], "18:30"), ([ordered, nearer], "17:30")):
        assert on_day(*settings).signs_off_at(DISTRICT) == today(signs)


def test_without_an_order_there_is_no_deadline_and_the_count_ends_at_17():
    found = DayHours(day=DAY, settings=[until(CITY, "20:00"), away("16:00", "17:10")])
    hour = (found.closes_at(CITY), found.last_closes_at(CITY), found.signs_off_at(CITY), found.seals_from(CITY))
    assert (*hour, found.open_until(CITY)) == (None,) * 5
    night = today("23:00")
    answers = [found.is_due(CITY), found.is_over(CITY, night), found.is_late(CITY, night), found.is_excused(CITY)]
    answers += [found.is_last_over(CITY, night), found.is_late_to_sign_off(CITY, night)]
    assert answers == [False] * 6
    assert found.figures_until(CITY, at=night) == today("17:00")
    of_district = DayHours(day=DAY, settings=[ordered(DISTRICT, "16:00")])
    assert of_district.figures_until(COMMUNE, at=night) == today("16:00")
    assert found.corrections_end == at("2020-08-29 00:00")


def test_exempt_day_comes_down_and_stays_open_for_corrections():
    found = on_day(until(COMMUNE, "18:30"), exempt(COMMUNE, "Sáp nhập"), exempt(DISTRICT), by=order(days=2))
    assert [found.is_due(path) for path in PATHS] == [True, False, False, False, True, True, True]
    assert found.exemption(COMMUNE) == exempt(DISTRICT)
    assert found.open_until(COMMUNE) == found.corrections_end == at("2020-08-24 00:00")
    assert found.open_until(STRANGER) == found.closes_at(COMMUNE) - timedelta(minutes=90) == today("17:00")
    assert [found.is_past_corrections(at(text)) for text in ("2020-08-23 23:59:59.999", "2020-08-24 00:00")] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("downtime", "path", "is_excused"),
    [
        (("16:30", "16:40"), NEIGHBOUR, True),
        (("12:00", "16:00:00.000001"), NEIGHBOUR, True),
        (("12:00", "16:00"), NEIGHBOUR, False),
        (("16:59:59.999999", "19:00"), NEIGHBOUR, True),
        (("17:00", "17:10"), NEIGHBOUR, False),
        (("17:00", "17:10"), COMMUNE, False),  # its last hour begins at 17:30
        (("17:25", "17:31"), COMMUNE, True),
    ],
)
def test_downtime_excuses_those_whose_last_hour_it_took(downtime, path, is_excused):
    found = on_day(until(COMMUNE, "18:30"), away(*downtime))
    assert found.is_excused(path) is is_excused
    assert found.is_due(path)
    assert found.closes_at(NEIGHBOUR) == today("17:00")


def test_order_in_force_is_the_newest_that_covers_the_day():
    orders = [
        order(1, date(2020, 8, 6)),
        order(2, date(2020, 8, 10), report=time(16)),
        order(3, date(2020, 8, 10), last=date(2020, 8, 12), report=time(15)),
    ]
    days = [date(2020, 8, number) for number in (5, 6, 9, 10, 12, 13)]
    assert [found and found.pk for found in (order_in_force(orders, day) for day in days)] == [None, 1, 1, 3, 3, 2]
    found = hours_of(days, orders, [until(CITY, "20:00")._replace(day=days[4]), exempt(CITY, day=days[1])])
    assert list(found) == days
    assert [one.ordered.hour for one in found.values()] == [17, 17, 17, 15, 15, 16]
    assert [len(one.extensions) for one in found.values()] == [0, 0, 0, 0, 1, 0]
    assert [one.is_due(CITY) for one in found.values()] == [False, False, True, True, True, True]
    assert {one.campaign_start for one in found.values()} == {date(2020, 8, 6)}


def ordered(path, text, first=DAY, last=None, recorded="2020-08-20 08:00"):
    return Setting(Kind.UNIT_HOUR, path, first, at(recorded), hour=time.fromisoformat(text), last=last)


def test_nearest_order_of_a_unit_decides_and_an_extension_comes_on_top():
    orders = [ordered(DISTRICT, "16:00"), ordered(COMMUNE, "18:00"), ordered(STRANGER, "15:00", last=DAY)]
    orders.append(ordered(DISTRICT, "16:30", recorded="2020-08-20 09:00"))  # on the same day the later record
    orders.insert(0, ordered(DISTRICT, "15:30", first=DAY - timedelta(days=1), recorded="2020-08-20 10:00"))
    found = hours_of([DAY, DAY + timedelta(days=1)], [order()], [*orders, until(CITY, "16:45")])
    today_, tomorrow = found.values()
    hours = {path: f"{today_.closes_at(path):%H:%M}" for path in PATHS}
    assert hours == dict.fromkeys(PATHS, "17:00") | {
        DISTRICT: "16:45",
        COMMUNE: "18:00",
        NEIGHBOUR: "16:45",
        STRANGER: "16:45",
    }
    assert [f"{tomorrow.closes_at(path):%H:%M}" for path in (STRANGER, NEIGHBOUR)] == ["17:00", "16:30"]
    assert [f"{today_.signs_off_at(path):%H:%M}" for path in (DISTRICT, OTHER_DISTRICT)] == ["18:30", "17:30"]
    assert f"{today_.seals_from(CITY):%H:%M}" == "18:02"


def test_day_that_was_exempt_when_its_hour_passed_is_never_due():
    for since, until_, is_exempt in (("08:00", "17:00", True), ("08:00", "16:59", False), ("17:00", "18:00", False)):
        found = on_day(lapsed(DISTRICT, since, until_))
        assert (found.is_due(COMMUNE), found.is_excused(COMMUNE)) == (not is_exempt, is_exempt)
        assert (found.is_due(STRANGER), found.is_excused(STRANGER)) == (True, False)
        assert found.open_until(COMMUNE) == found.closes_at(COMMUNE)  # it is not open any more
    found = on_day(until(COMMUNE, "18:00"), lapsed(DISTRICT, "08:00", "17:30"))  # each unit by its own deadline
    assert [found.is_exempt(path) for path in (COMMUNE, NEIGHBOUR)] == [False, True]


def test_count_of_a_day_begins_where_that_of_the_day_before_ends():
    """By the orders of the day before; without one, it starts a day before the day's own deadline."""
    eve, morrow = DAY - timedelta(days=1), DAY + timedelta(days=1)
    orders = [order(first=eve, last=DAY, report=time(16)), order(pk=2, first=DAY + timedelta(days=3))]
    unit_orders = [ordered(DISTRICT, "15:00", first=eve, last=eve), ordered(DISTRICT, "15:30")]
    found = hours_of([eve, DAY, morrow, DAY + timedelta(days=2)], orders, unit_orders)
    counted = {day: [hours_.counts_from(path) for path in (COMMUNE, CITY)] for day, hours_ in found.items()}
    assert counted == {
        eve: [at("2020-08-19 15:00"), at("2020-08-19 16:00")],
        DAY: [at("2020-08-20 15:00"), at("2020-08-20 16:00")],
        morrow: [at("2020-08-21 15:30"), at("2020-08-21 16:00")],
        DAY + timedelta(days=2): [at("2020-08-22 15:30"), at("2020-08-22 17:00")],
    }
    assert [hours_.before and hours_.before.day for hours_ in found.values()] == [None, eve, DAY, None]
    assert hours_of([DAY], [])[DAY].before is None


@pytest.mark.parametrize(
    ("moment", "of_report", "of_confirmation"),
    [
        ("16:59:59.999999", "later", "later"),
        ("17:00", "soon", "later"),
        ("17:29:59.999999", "soon", "later"),
        ("17:30", "soon", "soon"),
        ("17:59:59.999999", "soon", "soon"),
        ("18:00", "overdue", "soon"),
        ("18:29:59.999999", "overdue", "soon"),
        ("18:30", "overdue", "overdue"),
    ],
)
def test_what_is_owed_is_urgent_in_its_last_hour_and_overdue_after_it(moment, of_report, of_confirmation):
    found = on_day(until(DISTRICT, "18:00"))
    assert found.urgency(DISTRICT, today(moment)) == of_report
    assert urgency_of(found.signs_off_at(DISTRICT), today(moment)) == of_confirmation
    assert DayHours(day=DAY).urgency(DISTRICT, today(moment)) == "later"  # without a deadline


@pytest.mark.parametrize(
    ("moment", "unsigned"),
    [
        ("2020-08-21 00:00", Phase.BEFORE),
        ("2020-08-21 18:29:59.999999", Phase.BEFORE),  # a unit below is given until 18:30
        ("2020-08-21 18:30", Phase.TO_CONFIRM),
        ("2020-08-28 23:59:59.999999", Phase.TO_CONFIRM),
        ("2020-08-29 00:00", Phase.OVER),
    ],
)
def test_phase_of_a_day_goes_by_the_last_hour_below_until_it_is_signed(moment, unsigned):
    hours = on_day(until(COMMUNE, "18:30"))
    phases = [
        hours.phase(DISTRICT, at(moment), is_confirmed=is_confirmed, is_sealed=is_sealed)
        for is_confirmed, is_sealed in ((False, False), (True, False), (False, True), (True, True))
    ]
    assert phases == [unsigned, Phase.CONFIRMED, Phase.SEALED, Phase.SEALED]
    assert DayHours(day=DAY).phase(DISTRICT, at(moment), is_sealed=True) is Phase.NOT_DUE


@pytest.mark.parametrize(
    ("had", "has", "moment", "is_taken"),
    [
        ("18:00", "17:00", "16:31", True),
        ("18:00", "17:00", "16:30", False),  # the notice is left
        ("18:00", "17:00", "18:00", False),  # its day was over
        ("17:00", "18:00", "16:59", False),
        ("17:00", "17:00", "16:59", False),
    ],
)
def test_hours_take_nothing_away_from_who_is_left_the_notice(had, has, moment, is_taken):
    before, after = on_day(until(COMMUNE, had)), on_day(until(COMMUNE, has))
    assert after.takes_away(COMMUNE, before, today(moment), timedelta(minutes=30)) is is_taken
    assert not after.takes_away(NEIGHBOUR, before, today(moment), timedelta(minutes=30))
    freed = on_day(exempt(COMMUNE))
    assert on_day().takes_away(COMMUNE, freed, today("16:59"), timedelta(minutes=30))
    assert not DayHours(day=DAY).takes_away(COMMUNE, freed, today("16:59"), timedelta(minutes=30))


MOMENTS = st.integers(0, 24 * 60 - 1).map(lambda minutes: at("2020-08-21 00:00") + timedelta(minutes=minutes))
EXTENSION = st.builds(
    lambda path, moment: until(path, "17:00")._replace(extended_to=moment), st.sampled_from(PATHS), MOMENTS
)
EXEMPTIONS = st.lists(st.builds(exempt, st.sampled_from(PATHS)), max_size=2)
DOWNTIMES = st.lists(
    st.builds(
        lambda start, length: Setting(Kind.DOWNTIME, starts_at=start, ends_at=start + length),
        MOMENTS,
        st.timedeltas(timedelta(0), timedelta(1)),
    ),
    max_size=2,
)
UNIT_ORDERS = st.lists(
    st.builds(lambda path, hour: ordered(path, "00:00")._replace(hour=hour), st.sampled_from(PATHS), st.times()),
    max_size=3,
    unique_by=lambda order: order.path,
)
ORDERS = st.tuples(st.times(), st.times()).map(sorted).map(lambda both: order(report=both[0], signoff=both[1]))


@st.composite
def days_hours(draw):
    return on_day(
        *draw(st.lists(EXTENSION, max_size=4)),
        *draw(EXEMPTIONS),
        *draw(DOWNTIMES),
        *draw(UNIT_ORDERS),
        by=draw(st.one_of(ORDERS, st.just(order()))),
    )


@GENERATED
@given(days_hours(), MOMENTS)
def test_hours_of_units_above_and_below_agree(found, moment):
    for path in PATHS:
        below = [other for other in PATHS if other.startswith(path)]
        own, last = found.closes_at(path), found.last_closes_at(path)
        assert last == max(found.closes_at(other) for other in below)
        assert found.ordered_for(path) <= own
        if not any(order.path in below for order in found.unit_orders if order.path != path):
            assert own == min(found.closes_at(other) for other in below)  # an extension reaches all units below
        assert found.seals_from(path) - last == deadline.SEAL_AFTER
        assert found.signs_off_at(path) >= last
        assert found.figures_until(path, at=moment) == min(moment, last)
        assert found.is_last_over(path, moment) == all(found.is_over(other, moment) for other in below)
        assert found.is_late(path, moment) == (not found.is_excused(path) and moment >= own)
        assert found.is_due(path) or not any(found.is_due(other) for other in below)
        assert found.is_excused(path) or found.is_due(path)


@GENERATED
@given(days_hours(), EXTENSION)
def test_no_extension_shortens_anybodys_hour(found, extension):
    more = replace(found, settings=[*found.settings, extension])
    for path in PATHS:
        reaches = path.startswith(extension.path)
        assert more.closes_at(path) == (
            max(found.closes_at(path), extension.extended_to) if reaches else found.closes_at(path)
        )
        for hour in ("last_closes_at", "signs_off_at", "seals_from", "open_until"):
            assert getattr(more, hour)(path) >= getattr(found, hour)(path)
