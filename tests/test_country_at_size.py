"""A country as the benchmark makes it, with one province of 168 communes: few rows, the same sums."""

import pytest

from reporting.figures import rollup, verification
from reporting.models import Report, Unit, User

from . import factories as f
from .bench import country
from .figures.whole import differing_of
from .views.visits import look


@pytest.fixture
def nation(db):
    country.fill(days=3, today=f.DAY, cities=1)
    return {code: Unit.objects.get(code=code) for code in (country.TOP, "1", "1-1", "1-1-1")}


def test_country_of_a_province(nation):
    assert Unit.objects.count() == 1 + 1 + 11 + 168
    assert Report.objects.count() > 4 * 168
    assert [words for _name, check in verification.CHECKS.values() for words in check()] == []
    assert [found for unit in nation.values() for found in differing_of(unit, f.DAY)] == []
    assert len(rollup.rows(nation["VN"], f.DAY).by_code) == Unit.objects.count()
    page = look(User.objects.get(username="VN"), "unit", "VN", moment="2020-08-21 16:00")
    assert 2 <= page.text.count("<tr") < 50  # a head and the province
