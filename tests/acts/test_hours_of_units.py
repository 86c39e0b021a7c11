"""Two hours of units: another one that the city orders decides, an earlier one that a district asks for does not."""

from datetime import time, timedelta

import pytest
from django.utils import translation

from reporting import acts
from reporting.acts import refusals
from reporting.days import hours_in_force, state
from reporting.models import AskedHour, Directive, Report, UnitHour
from reporting.pages import follow_up, reminder_text
from tests.prepared import undone

from .. import factories as f

NEXT = f.DAY + timedelta(days=1)
NOON = f.at("2020-08-21 12:00")


def order(cast, unit, hour, day=NEXT, moment=NOON):
    added = UnitHour(unit=unit, effective_from=day, report_deadline=hour, reason="CV 5", by=cast.city_clerk)
    acts.record(added, top=cast.city, at=moment, now=lambda: moment)
    return added


def ask(cast, hour, *, by=None, unit=None, moment=NOON):
    by, unit = by or cast.district_clerk, unit or cast.district
    return acts.ask_by(unit=unit, hour=hour, by=by, at=moment, now=lambda: moment)


def is_open(unit, day, text):
    return state.day_state(unit, day, at=f.at(text)).is_open


def test_order_of_another_hour_decides_from_its_day_on(cast):
    order(cast, cast.district, time(16))
    assert is_open(cast.commune, f.DAY, "2020-08-21 16:59")
    assert not is_open(cast.commune, NEXT, "2020-08-22 16:00")
    assert is_open(cast.stranger, NEXT, "2020-08-22 16:59:59")
    words = state.day_state(cast.commune, NEXT, at=f.at("2020-08-22 16:00")).explanation
    assert "16h00 22/08/2020" in words
    f.make_report(cast.commune, NEXT, hour=time(15, 59))
    assert Report.objects.get(unit=cast.commune, day=NEXT).is_late is False


def test_order_takes_effect_on_a_later_day_and_is_the_citys_to_withdraw(cast):
    with pytest.raises(acts.NotLater):
        order(cast, cast.district, time(18), day=f.DAY)
    later = order(cast, cast.district, time(18))
    with pytest.raises(acts.NotAllowed):
        acts.withdraw(record=later, reason="x", by=cast.district_clerk, at=NOON)
    running = f.at("2020-08-22 17:30")
    with pytest.raises(acts.StillRunning):
        acts.withdraw(record=later, reason="x", by=cast.city_clerk, at=running, now=lambda: running)
    evening = f.at("2020-08-22 18:00")
    f.make_report(cast.commune, NEXT, hour=time(17, 40))
    acts.withdraw(record=later, reason="x", by=cast.city_clerk, at=evening, now=lambda: evening)
    assert hours_in_force.of_day(NEXT).closes_at(cast.commune.path) == f.at("2020-08-22 17:00")
    assert Report.objects.get(unit=cast.commune, day=NEXT).is_late is False  # in time by the hour that stood


def test_midnight_is_nobodys_hour(cast):
    """A day that is over before it begins leaves no moment to report it in."""
    with pytest.raises(acts.NoTimeToReport), undone():
        order(cast, cast.district, time(0))
    with pytest.raises(acts.NoTimeToReport), undone():
        ask(cast, time(0))
    directive = Directive(
        number="2/CV",
        issuer="UBND",
        title="Bluezone",
        issued_on=f.DAY,
        effective_from=NEXT,
        report_deadline=time(0),
        recorded_at=NOON,
    )
    with pytest.raises(acts.NoTimeToReport) as refused, undone():
        acts.record(directive, top=cast.city, at=NOON, now=lambda: NOON)
    with translation.override("vi"):
        assert "00h00" in refusals.words(refused.value)
    assert not UnitHour.objects.exists()
    assert not AskedHour.objects.exists()
    assert Directive.objects.count() == 1


def test_hour_that_a_district_asks_for_is_shown_and_decides_nothing(cast):
    ask(cast, time(16, 30))
    for unit, asked in ((cast.commune, "16:30"), (cast.stranger, None), (cast.district, None)):
        found = state.day_state(unit, f.DAY, at=NOON).asked_at
        assert (found and f"{found:%H:%M}") == asked
    assert is_open(cast.commune, f.DAY, "2020-08-21 16:59")
    f.make_report(cast.commune, hour=time(16, 45))
    assert Report.objects.get(unit=cast.commune, day=f.DAY, kind="daily").is_late is False
    with translation.override("vi"):
        board = follow_up.day_board(cast.district, f.DAY, at=NOON)
        assert reminder_text.due_words(board, at=NOON) == "hạn: trước 17h00; đề nghị gửi trước 16h30"
        assert "Đề nghị gửi trước 16h30." in reminder_text.reminder_words(board, at=NOON)
        assert "16h30" in board.missing[0].sms
        after = f.at("2020-08-21 16:40")
        assert "17h00" in follow_up.day_board(cast.district, f.DAY, at=after).missing[0].sms


def test_district_asks_for_an_earlier_hour_only_and_may_ask_no_longer(cast):
    for hour in (time(17), time(18)):
        with pytest.raises(acts.NotEarlier):
            ask(cast, hour)
    for by, unit in (
        (cast.city_clerk, None),
        (cast.city_clerk, cast.city),
        (cast.officer, cast.commune),
        (cast.other_clerk, None),
    ):
        with pytest.raises(acts.NotAllowed), undone():
            ask(cast, time(16), by=by, unit=unit)
    assert ask(cast, None) is None
    ask(cast, time(16))
    assert ask(cast, time(16)) is None
    ask(cast, None, moment=NOON + timedelta(minutes=1))
    assert AskedHour.objects.count() == 2
    then, now = (hours_in_force.of_day(f.DAY, as_of).asked_by(cast.commune.path) for as_of in (NOON, None))
    assert (f"{then:%H:%M}", now) == ("16:00", None)
