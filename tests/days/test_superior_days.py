"""The phase of a superior's own day, without the records of other superiors."""

from datetime import timedelta

import pytest

from reporting.days.state import has_units_below, superior_days, superior_phase
from reporting.deadline import Phase
from reporting.models import Unit

from .. import factories as f

BEFORE, AFTER = f.DAY - timedelta(days=1), f.DAY + timedelta(days=1)
NOON, EVENING = f.at("2020-08-21 12:00"), f.at("2020-08-21 18:00")


def phase(unit, day=f.DAY, moment=EVENING):
    return superior_phase(unit, day, at=moment)


@pytest.mark.parametrize(
    ("day", "moment", "found"),
    [
        (f.DAY, "2020-08-20 23:59:59", Phase.NOT_DUE),
        (f.DAY, "2020-08-21 00:00", Phase.BEFORE),
        (f.DAY, "2020-08-21 16:59:59", Phase.BEFORE),
        (f.DAY, "2020-08-21 17:00", Phase.TO_CONFIRM),
        (f.DAY, "2020-08-28 23:59:59", Phase.TO_CONFIRM),
        (f.DAY, "2020-08-29 00:00", Phase.OVER),
        (f.FIRST_DAY - timedelta(days=1), "2020-08-21 12:00", Phase.NOT_DUE),
    ],
)
def test_superiors_day_through_the_campaign(day, moment, found, cast):
    assert phase(cast.district, day, f.at(moment)) is found


def test_day_is_nobodys_to_confirm_who_seals_or_has_nobody_below(cast):
    units = (cast.city, cast.island, cast.commune, cast.agency)
    assert [phase(unit) for unit in units] == [Phase.NOT_DUE] * 4


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "found"),
    [
        (None, f.DAY, Phase.NOT_DUE),
        (None, AFTER, Phase.TO_CONFIRM),
        (AFTER, None, Phase.NOT_DUE),
        (f.DAY, None, Phase.TO_CONFIRM),
    ],
)
def test_day_is_confirmed_for_units_that_are_there_on_it(opened_on, closed_on, found, cast):
    f.make_unit("11999", parent=cast.island, opened_on=opened_on, closed_on=closed_on)
    assert phase(cast.island) is found


def test_day_of_a_superior_that_has_ended_is_not_due(cast):
    cast.other_district.close(on=f.DAY, into=cast.district)
    ended = Unit.objects.get(pk=cast.other_district.pk)
    assert [phase(ended, day) for day in (BEFORE, f.DAY)] == [Phase.TO_CONFIRM, Phase.NOT_DUE]


def test_day_waits_for_the_last_hour_below(cast):
    f.make_extension(cast.commune, until=f.at("2020-08-21 18:30"))
    found = [phase(unit) for unit in (cast.district, cast.other_district)]
    assert found == [Phase.BEFORE, Phase.TO_CONFIRM]


def test_seal_comes_before_confirmation_and_both_before_the_end_of_corrections(cast):
    late = f.at("2020-08-30 08:00")
    f.make_sign_off(cast.district, cast.district_clerk)
    assert [phase(cast.district), phase(cast.district, moment=late)] == [Phase.CONFIRMED] * 2
    f.make_seal(cast.city, cast.city_clerk)
    assert [phase(cast.district), phase(cast.district, moment=late)] == [Phase.SEALED] * 2


def test_records_of_another_day_or_superior_say_nothing(cast):
    f.make_sign_off(cast.district, cast.district_clerk, day=BEFORE)
    f.make_sign_off(cast.other_district, cast.other_clerk)
    f.make_seal(cast.city, cast.city_clerk, day=AFTER)
    days = superior_days([cast.district, cast.other_district], [BEFORE, f.DAY], at=EVENING)
    assert {place: found.phase for place, found in days.items()} == {
        (cast.district.pk, BEFORE): Phase.CONFIRMED,
        (cast.district.pk, f.DAY): Phase.TO_CONFIRM,
        (cast.other_district.pk, BEFORE): Phase.TO_CONFIRM,
        (cast.other_district.pk, f.DAY): Phase.CONFIRMED,
    }


def test_last_confirmation_that_was_taken_back_is_kept_beside(cast):
    def taken_back(moment, **fields):
        withdrawn = {"withdrawn_at": f.at("2020-08-21 17:50"), "withdrawal_reason": "Sai số liệu"}
        return f.make_sign_off(cast.district, cast.district_clerk, at=f.at(moment), **withdrawn, **fields)

    last = taken_back("2020-08-21 17:25")
    taken_back("2020-08-21 17:10")
    taken_back("2020-08-21 17:40", day=BEFORE)
    found = superior_days([cast.district], [f.DAY], at=EVENING)[cast.district.pk, f.DAY]
    assert (found.phase, found.withdrawn) == (Phase.TO_CONFIRM, last)
    other = superior_days([cast.other_district], [f.DAY], at=EVENING)[cast.other_district.pk, f.DAY]
    assert other.withdrawn is None
    f.make_sign_off(cast.district, cast.district_clerk)
    found = superior_days([cast.district], [f.DAY], at=EVENING)[cast.district.pk, f.DAY]
    assert (found.phase, found.withdrawn) == (Phase.CONFIRMED, last)


def test_unit_has_others_below_it_on_the_days_on_which_they_are_open(cast):
    f.make_unit("11998", parent=cast.island, opened_on=f.DAY, closed_on=AFTER)
    assert [has_units_below(cast.island, day) for day in (BEFORE, f.DAY, AFTER)] == [False, True, False]
    assert has_units_below(cast.district, BEFORE)
