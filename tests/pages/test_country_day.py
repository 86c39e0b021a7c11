"""A country's pages show its day as the last round computed it, and say of which minute that is."""

import re
from datetime import timedelta

import pytest

from reporting.figures import country, rollup
from reporting.models import CountryDay
from reporting.pages import trends
from tests.prepared import prepared

from .. import factories as f
from ..views.visits import look

ROUND = f.at("2020-08-21 16:30")
SOON, LATE = "2020-08-21 16:32", "2020-08-21 16:50"


@prepared
def stored_country():
    """Đằng Hải has reported when the round runs, Núi Đèo a minute later."""
    nation = f.make_nation()
    f.make_report(nation.commune, f.DAY - timedelta(days=1), installs=5, opening=1000)
    f.make_report(nation.commune, installs=88, arrived_at=f.at("2020-08-21 16:20"))
    f.make_report(nation.agency, installs=9, opening=50)
    country.store_days(ROUND, trends.trend_days)
    f.make_report(nation.stranger, installs=7, opening=0, arrived_at=f.at("2020-08-21 16:31"))
    return nation


def page(nation, name, *days, **more):
    found = look(nation.country_clerk, name, "VN", *days, **more)
    assert found.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", found.text.partition("<main")[2]).split())


@pytest.mark.parametrize(("name", "days"), [("unit", ()), ("ranking", ()), ("board", (f.DAY,)), ("bulletin", (f.DAY,))])
def test_page_says_of_which_minute_it_is(name, days, stored_country):
    """It is not computed for each visitor; later reports appear with the next round."""
    assert "16h30 ngày 21/08/2020" in page(stored_country, name, *days, moment=SOON)
    assert "16h50 ngày 21/08/2020" in page(stored_country, name, *days, moment=LATE)  # without a round it was computed


def test_rows_that_were_kept_are_those_of_the_rollup_of_that_minute(stored_country):
    exact = rollup.rows(stored_country.country, f.DAY, ROUND)
    for top_alone in (False, True):
        found = country.rows(stored_country.country, f.DAY, at=f.at(SOON), top_alone=top_alone)
        assert found.worked_out_at == ROUND
        assert found.own == exact.own
        assert (found.agency_total, found.children) == (exact.agency_total, exact.children)
    assert country.rows(stored_country.country, f.DAY, at=f.at(SOON)).by_code == exact.by_code


def test_days_before_that_were_kept_are_those_of_that_minute(stored_country):
    """The trend, and the days that the ranking compares with."""
    found, exact = (
        country.rows(stored_country.country, f.DAY, at=f.at(SOON)),
        rollup.rows(stored_country.country, f.DAY, ROUND),
    )
    shown, then = (trends.trend(stored_country.country, figures, at=f.at(SOON)) for figures in (found, exact))
    assert (shown.recent, shown.pace) == (then.recent, then.pace)
    assert shown.recent.rates.by_code["31"].reports == 1
    yesterday, week_ago = trends.earlier_cumulatives(stored_country.country, found)
    assert (yesterday["11416"], week_ago["11416"]) == (1005, 1000)


def test_look_back_is_worked_out_exactly(stored_country):
    found = country.rows(stored_country.country, f.DAY, f.at("2020-08-21 16:31"), at=f.at(SOON))
    assert (found.worked_out_at, found.own.reported) == (None, 2)


def test_round_that_was_overtaken_changes_nothing(stored_country):
    before = CountryDay.objects.values_list("day", "at", "rows").order_by("day")
    stood = list(before)
    country.store_days(ROUND - timedelta(minutes=1), trends.trend_days)
    assert list(before) == stood
