"""A country's day with few of its rows says what the day rolled up whole says, sum by sum."""

from datetime import timedelta

import pytest

from reporting import acts
from reporting.figures import overall, rollup
from reporting.models import BaseFigure, Report, Unit

from .. import factories as f
from .whole import differing


@pytest.fixture
def nation(db):
    cast = f.make_nation()
    f.make_report(cast.commune, installs=88, opening=1000, households_visited=5, by=cast.officer)
    f.make_report(cast.stranger, f.DAY - timedelta(days=2), installs=7, opening=30)
    f.make_report(cast.agency, installs=9, opening=50)
    f.make_report(cast.foreigner, installs=4, opening=10)
    return cast


def test_few_rows_are_those_of_the_whole(nation):
    assert differing(f.DAY) == []
    assert set(overall.few(nation.country, f.DAY).by_code) < set(rollup.rows(nation.country, f.DAY).by_code)


def test_few_rows_when_units_end_and_begin(nation):
    nation.neighbour.close(on=f.DAY, into=nation.commune)
    nation.stranger.close(on=f.DAY, into=nation.neighbour)
    nation.agency.close(on=f.DAY - timedelta(days=1), into=nation.commune)  # of another stream: it goes on nowhere
    f.make_unit("NEW", parent=nation.other_district, population=900, opened_on=f.DAY + timedelta(days=1))
    agency = f.make_unit("SGD", level="agency", parent=nation.country, population=50)
    f.make_report(agency, installs=7, opening=0)
    for day in (f.DAY - timedelta(days=1), f.DAY, f.DAY + timedelta(days=1)):
        assert differing(day) == []


def test_few_rows_of_a_day_on_which_something_was_not_due(nation):
    f.make_exempt_day(nation.district, f.DAY)
    assert differing(f.DAY) == []
    assert differing(f.FIRST_DAY - timedelta(days=3)) == []


def test_few_rows_of_a_day_that_was_exempt_when_its_hour_passed(nation):
    """It was withdrawn afterwards: who was silent then owes nothing."""
    exempt = f.make_exempt_day(nation.district, f.DAY)
    evening = f.at("2020-08-21 18:00")
    acts.withdraw(record=exempt, reason="Nhầm", by=nation.city_clerk, at=evening, now=lambda: evening)
    assert differing(f.DAY) == []


def test_few_rows_without_populations_and_with_several_sources(nation):
    f.make_base(nation.commune, population=30_000, effective_on=f.DAY)
    f.make_unit("NONE", parent=nation.district)
    f.make_report(Unit.objects.get(code="NONE"), installs=1, opening=0)
    assert differing(f.DAY) == []
    assert overall.few(nation.city, f.DAY).own.population is None
    assert BaseFigure.objects.filter(unit=nation.commune).count() == 2


def test_few_rows_after_a_void_and_a_late_report(nation):
    stamp = {"by": nation.district_clerk, "at": f.at("2020-08-21 18:00"), "now": lambda: f.at("2020-08-21 18:00")}
    acts.enter(unit=nation.neighbour, day=f.DAY, installs=3, opening=0, reason="Điện thoại", base_version=0, **stamp)
    acts.void(unit=nation.commune, day=f.DAY, reason="Nhập nhầm", base_version=1, **stamp)
    assert Report.objects.get(unit=nation.neighbour, day=f.DAY).is_late
    assert differing(f.DAY) == []


def test_page_of_a_country_has_few_rows_now_and_all_as_of_an_instant(nation):
    now, then = (overall.rows(nation.country, f.DAY, as_of) for as_of in (None, f.at("2020-08-22 08:00")))
    assert now.own == then.own
    assert len(now.by_code) < len(then.by_code)
    assert overall.rows(nation.city, f.DAY) == rollup.rows(nation.city, f.DAY)
