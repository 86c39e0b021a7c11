"""A country as the benchmark makes it, of one province with 168 communes: few rows, the same sums."""

import pytest

from reporting.figures import overall, rollup
from reporting.figures.verification import sums
from reporting.models import DaySum, Report, Unit, User

from . import factories as f
from .bench import country
from .figures.whole import differing_of
from .views.visits import look


@pytest.fixture
def nation(db):
    country.fill(days=3, today=f.DAY, cities=1)
    return {code: Unit.objects.get(code=code) for code in (country.TOP, "1", "1-1", "1-1-1")}


def test_country_of_a_province(nation):
    assert (Unit.objects.count(), DaySum.objects.count()) == (1 + 1 + 11 + 168, 5 * 11)
    assert Report.objects.count() > 4 * 168
    assert list(sums(lambda done, total: None)) == []
    assert [found for unit in nation.values() for found in differing_of(unit, f.DAY)] == []
    few, whole = (rows(nation["VN"], f.DAY) for rows in (overall.rows, rollup.rows))
    silent = sum(row.installs is None for row in whole.by_code.values() if row.is_reporting)
    assert len(few.by_code) == 2 + silent < len(whole.by_code)
    page = look(User.objects.get(username="VN"), "unit", "VN", moment="2020-08-21 16:00")
    assert 2 < page.text.count("<tr") < 50
