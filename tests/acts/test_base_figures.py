"""Base figures: a doubtful population needs an explanation, from any form or file; a wrong one can be withdrawn."""

from datetime import date, timedelta

import pytest

from reporting import acts
from reporting.acts import base_figures
from reporting.figures import doubts, ranges, rollup, since_seal, verification
from reporting.figures.doubts import Doubt, Doubtful
from reporting.models import BaseFigure
from tests import factories as f
from tests.prepared import prepared

NOON, SEALED_AT, EVENING = (f.at(f"2020-08-21 {hour}") for hour in ("12:00", "17:10", "18:00"))
FAR, BELOW = Doubt.FAR, Doubt.BELOW_INSTALLS


@prepared
def world(cast):
    """The commune has 19.748 people and 7.088 phones."""
    f.make_report(cast.commune, installs=88, opening=7000)
    return cast


def test_a_fifth_and_the_phones_are_the_bounds():
    def of(population, before=1000, cumulative=700):
        return [one.doubt for one in doubts.population_doubts(population, before=before, cumulative=cumulative)]

    assert [of(n) for n in (1000, 1200, 1201, 800, 799)] == [[], [], [FAR], [], [FAR]]
    assert [of(n) for n in (700, 699)] == [[FAR], [FAR, BELOW]]
    assert [of(n, before=None) for n in (5, 700)] == [[BELOW], []]
    assert of(1, before=None, cumulative=None) == []


def base(cast, population, *, on=f.DAY, explanation=""):
    return BaseFigure(
        unit=cast.commune,
        effective_on=on,
        population=population,
        source="Chi cục Thống kê",
        explanation=explanation,
        by=cast.city_clerk,
    )


def record(cast, *args, at=NOON, **kwargs):
    added = base(cast, *args, **kwargs)
    acts.record_setting(added, top=cast.city, now=lambda: at)
    return added


def withdraw(cast, added, at=EVENING, reason="Gõ nhầm", by=None):
    return acts.withdraw_setting(record=added, reason=reason, **f.stamp(by or cast.city_clerk, at))


def own(cast, as_of=None, unit=None):
    row = rollup.rows(unit or cast.city, f.DAY, as_of).by_code["11416"]
    return row.population, row.share


def test_each_of_several_is_asked_about_beside_its_own_day(world):
    """Each is compared within its own unit; a unit without a figure has nothing to compare with."""
    eve, morrow = f.DAY - timedelta(days=1), f.DAY + timedelta(days=1)
    record(world, 23000, on=morrow)
    new = f.make_unit("11997", parent=world.district, opened_on=morrow)
    bases = [base(world, 24000), base(world, 24000, on=morrow), base(world, 24000, on=eve)]
    bases += [BaseFigure(unit=unit, effective_on=morrow, population=5) for unit in (world.neighbour, new)]
    asked = base_figures.base_doubts(bases, top=world.city, today=f.DAY)
    assert asked == [[Doubtful(FAR, 19748)], [], [Doubtful(FAR, 19748)], [Doubtful(FAR, 14350)], []]
    assert base_figures.base_doubts([], top=world.city, today=f.DAY) == []


def test_withdrawn_figure_counts_no_more_and_what_was_sealed_stays(world):
    wrong = record(world, 5000, explanation="x")
    seal = acts.seal(unit=world.city, day=f.DAY, **f.stamp(None, SEALED_AT))
    sealed = own(world, seal.at)
    assert sealed[0] == 5000
    withdraw(world, wrong)
    wrong.refresh_from_db()
    assert (wrong.withdrawn_at, wrong.withdrawal_reason) == (EVENING, "Gõ nhầm")
    assert own(world)[0] == own(world, EVENING)[0] == own(world, unit=world.commune)[0] == 19748
    assert own(world, seal.at) == own(world, EVENING - timedelta(seconds=1)) == sealed
    line = since_seal.changes(world.city, rollup.rows(world.city, f.DAY), seal).own
    assert (line.sealed.population, line.now.population, line.difference) == (24974, 39722, 0)
    for as_of, population in ((None, 19748), (seal.at, 5000)):
        [then] = ranges.by_day(world.commune, f.DAY, f.DAY, at=EVENING, as_of=as_of)
        assert [row.population for row in then.reporting] == [population]
    checks = (verification.seals, verification.histories)
    assert [found for check in checks for found in check()] == []


def test_what_is_sent_twice_is_recorded_once(world):
    """Otherwise a duplicate would stay in force after the figure is withdrawn."""
    wrong = record(world, 20000)
    with pytest.raises(acts.Refusal, match="đã được ghi"):
        record(world, 20000)
    record(world, 20001)
    record(world, 20000)  # not in force any more, so it is recorded again
    assert BaseFigure.objects.filter(unit=world.commune, population=wrong.population).count() == 2


def test_unit_is_not_left_without_people_nor_a_reorganisation_without_its_figure(world):
    [only] = BaseFigure.objects.filter(unit=world.commune)
    with pytest.raises(acts.Refusal, match="không còn số dân"):
        withdraw(world, only)
    later = record(world, 20000, on=date(2020, 8, 25))
    earlier = record(world, 20100, on=date(2020, 8, 23))
    withdraw(world, earlier)
    assert BaseFigure.objects.in_force(world.commune, date(2020, 8, 24)) == only
    assert BaseFigure.objects.in_force(world.commune, date(2020, 8, 25)) == later
    came = {"effective_on": date(2020, 8, 27), "recorded_at": NOON, "source": "Nghị quyết 872"}
    brought_by = f.make_reorganisation(**came)
    along = BaseFigure.objects.create(unit=world.commune, population=30000, reorganisation=brought_by, **came)
    with pytest.raises(acts.Refusal, match="đi cùng đợt sắp xếp"):
        withdraw(world, along)
    assert BaseFigure._base_manager.exclude(withdrawn_at=None).count() == 1
