"""The situation of a superior's own day, without the records of other superiors."""

from datetime import timedelta

import pytest

from reporting.days.state import has_units_below, superior_days, superior_situation
from reporting.models import Unit
from reporting.permissions import Situation

from .. import factories as f

BEFORE, AFTER = f.DAY - timedelta(days=1), f.DAY + timedelta(days=1)
NOON, EVENING = f.at("2020-08-21 12:00"), f.at("2020-08-21 18:00")


def situation(unit, day=f.DAY, moment=EVENING):
    return superior_situation(unit, day, at=moment)


@pytest.mark.parametrize(
    ("day", "moment", "found"),
    [
        (f.DAY, "2020-08-20 23:59:59", Situation.NOT_DUE),
        (f.DAY, "2020-08-21 00:00", Situation.OPEN),
        (f.DAY, "2020-08-21 16:59:59", Situation.OPEN),
        (f.DAY, "2020-08-21 17:00", Situation.AFTER_HOUR),
        (f.DAY, "2020-08-28 23:59:59", Situation.AFTER_HOUR),
        (f.DAY, "2020-08-29 00:00", Situation.BEYOND),
        (f.FIRST_DAY - timedelta(days=1), "2020-08-21 12:00", Situation.NOT_DUE),
    ],
)
def test_superiors_day_through_the_campaign(day, moment, found, cast):
    assert situation(cast.district, day, f.at(moment)) is found


def test_day_is_nobodys_to_confirm_who_seals_or_has_nobody_below(cast):
    units = (cast.city, cast.island, cast.commune, cast.agency)
    assert [situation(unit) for unit in units] == [Situation.NOT_DUE] * 4


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "found"),
    [
        (None, f.DAY, Situation.NOT_DUE),
        (None, AFTER, Situation.AFTER_HOUR),
        (AFTER, None, Situation.NOT_DUE),
        (f.DAY, None, Situation.AFTER_HOUR),
    ],
)
def test_day_is_confirmed_for_units_that_are_there_on_it(opened_on, closed_on, found, cast):
    f.make_unit("11999", parent=cast.island, opened_on=opened_on, closed_on=closed_on)
    assert situation(cast.island) is found


def test_day_of_a_superior_that_has_ended_is_not_due(cast):
    cast.other_district.close(on=f.DAY, into=cast.district)
    ended = Unit.objects.get(pk=cast.other_district.pk)
    assert [situation(ended, day) for day in (BEFORE, f.DAY)] == [Situation.AFTER_HOUR, Situation.NOT_DUE]


def test_day_waits_for_the_last_hour_below(cast):
    f.make_extension(cast.commune, until=f.at("2020-08-21 18:30"))
    found = [situation(unit) for unit in (cast.district, cast.other_district)]
    assert found == [Situation.OPEN, Situation.AFTER_HOUR]


def test_seal_comes_before_confirmation_and_both_before_the_end_of_corrections(cast):
    late = f.at("2020-08-30 08:00")
    f.make_sign_off(cast.district, cast.district_clerk)
    assert [situation(cast.district), situation(cast.district, moment=late)] == [Situation.SIGNED] * 2
    f.make_seal(cast.city, cast.city_clerk)
    assert [situation(cast.district), situation(cast.district, moment=late)] == [Situation.SEALED] * 2


def test_records_of_another_day_or_superior_say_nothing(cast):
    f.make_sign_off(cast.district, cast.district_clerk, day=BEFORE)
    f.make_sign_off(cast.other_district, cast.other_clerk)
    f.make_seal(cast.city, cast.city_clerk, day=AFTER)
    days = superior_days([cast.district, cast.other_district], [BEFORE, f.DAY], at=EVENING)
    assert {place: found.situation for place, found in days.items()} == {
        (cast.district.pk, BEFORE): Situation.SIGNED,
        (cast.district.pk, f.DAY): Situation.AFTER_HOUR,
        (cast.other_district.pk, BEFORE): Situation.AFTER_HOUR,
        (cast.other_district.pk, f.DAY): Situation.SIGNED,
    }


def test_last_confirmation_that_was_taken_back_is_kept_beside(cast):
    def taken_back(moment, **fields):
        withdrawn = {"withdrawn_at": f.at("2020-08-21 17:50"), "withdrawal_reason": "Sai số liệu"}
        return f.make_sign_off(cast.district, cast.district_clerk, at=f.at(moment), **withdrawn, **fields)

    last = taken_back("2020-08-21 17:25")
    taken_back("2020-08-21 17:10")
    taken_back("2020-08-21 17:40", day=BEFORE)
    found = superior_days([cast.district], [f.DAY], at=EVENING)[cast.district.pk, f.DAY]
    assert (found.situation, found.withdrawn) == (Situation.AFTER_HOUR, last)
    other = superior_days([cast.other_district], [f.DAY], at=EVENING)[cast.other_district.pk, f.DAY]
    assert other.withdrawn is None
    f.make_sign_off(cast.district, cast.district_clerk)
    found = superior_days([cast.district], [f.DAY], at=EVENING)[cast.district.pk, f.DAY]
    assert (found.situation, found.withdrawn) == (Situation.SIGNED, last)


def test_unit_has_others_below_it_on_the_days_on_which_they_are_open(cast):
    f.make_unit("11998", parent=cast.island, opened_on=f.DAY, closed_on=AFTER)
    assert [has_units_below(cast.island, day) for day in (BEFORE, f.DAY, AFTER)] == [False, True, False]
    assert has_units_below(cast.district, BEFORE)
