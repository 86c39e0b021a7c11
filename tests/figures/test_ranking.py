"""The ranking: ties, units without a rank, growth, and what a unit may see of a table above it."""

from dataclasses import fields
from decimal import Decimal

import pytest

from reporting.figures import ranking
from reporting.figures.ranking import UnitRank

from ..factories import DAY, make_day_rollup, make_figure

CITY = make_figure("31/")


def make_table(shares, *, populations=None):
    """The rollup of a city whose districts have these installs for 10.000 people each."""
    districts = [
        make_figure(
            f"31/{code}/",
            name=f"Quận {code}",
            cumulative=installs,
            population=(populations or {}).get(code, 10_000),
        )
        for code, installs in shares.items()
    ]
    return make_day_rollup(CITY, *districts)


def order(lines):
    return [(line.row.code, line.rank) for line in lines]


def by_code(lines):
    return {line.row.code: line for line in lines}


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"A": 3000, "B": 5000, "C": 4000}, [("B", 1), ("C", 2), ("A", 3)]),
        ({"A": 3000, "B": 5000, "C": 3000, "D": 1}, [("B", 1), ("A", 2), ("C", 2), ("D", 4)]),
        ({"A": 1, "B": 1, "C": 1}, [("A", 1), ("B", 1), ("C", 1)]),
        ({"A": 0, "B": None, "C": 0, "D": 7}, [("D", 1), ("A", 2), ("C", 2), ("B", None)]),
        ({"C": None, "A": None}, [("A", None), ("C", None)]),
        ({}, []),
    ],
)
def test_ties_share_a_rank_and_units_without_a_share_come_last_by_name(shares, expected):
    assert order(ranking.ranked_units(make_table(shares), level="district")) == expected


def test_shares_that_are_printed_alike_tie():
    table = make_table({"A": 300_001, "B": 300_002}, populations={"A": 1_000_000, "B": 1_000_000})
    assert order(ranking.ranked_units(table, level="district")) == [("A", 1), ("B", 1)]


def test_growth_is_the_difference_of_the_printed_shares():
    today = make_table({"A": 3049, "B": 3000, "C": 2000})
    yesterday = {"A": 3000, "B": 2999, "C": 2000}
    week_ago = {"A": 1000, "B": 2500, "C": 1999}
    found = by_code(ranking.ranked_units(today, level="district", yesterday=yesterday, week_ago=week_ago))
    growth = {code: (line.growth_day, line.growth_week) for code, line in found.items()}
    assert growth == {
        "A": (Decimal("0.0049"), Decimal("0.2049")),
        "B": (Decimal("0.0001"), Decimal("0.0500")),
        "C": (None, Decimal("0.0001")),  # nobody has reported: that is not zero
    }


def test_unit_that_did_not_exist_a_week_ago_has_nothing_to_compare():
    today = make_table({"A": 3000, "N": 4000})
    yesterday, week_ago = {"A": 3000, "N": 10}, {"A": 2000}
    found = by_code(ranking.ranked_units(today, level="district", yesterday=yesterday, week_ago=week_ago))
    new, old = found["N"], found["A"]
    assert (new.growth_week, old.growth_week) == (None, Decimal("0.1"))


@pytest.mark.parametrize(
    ("population", "is_small"), [(319, True), (624, True), (999, True), (1000, False), (None, False)]
)
def test_very_small_unit_is_marked(population, is_small):
    (line,) = ranking.ranked_units(make_table({"A": 5}, populations={"A": population}), level="district")
    assert line.is_small is is_small


def make_tree():
    return make_day_rollup(
        CITY,
        make_figure("31/303/"),
        make_figure("31/303/1/", cumulative=10, population=100),
        make_figure("31/303/2/", cumulative=30, population=100),
        make_figure("31/304/"),
        make_figure("31/304/3/", cumulative=20, population=100),
        make_figure("31/318/", cumulative=60, population=100),
        make_figure("31/SYT/", level="agency", cumulative=90, population=100),
    )


def test_days_are_compared_by_todays_people():
    """Growth shows new installs only, even if the population has changed since."""
    (line,) = ranking.ranked_units(make_table({"A": 3000}), level="district", yesterday={"A": 2100})
    assert line.growth_day == Decimal("0.0900")


@pytest.mark.parametrize(("code", "place"), [("2", UnitRank(1, 3)), ("3", UnitRank(2, 3)), ("1", UnitRank(3, 3))])
def test_own_place_says_rank_and_number_of_units_and_nothing_of_others(code, place):
    assert ranking.place(make_tree(), code) == place
    assert [field.name for field in fields(place)] == ["rank", "units"]


def test_own_place_of_a_unit_without_a_share_is_none():
    assert ranking.place(make_table({"A": None, "B": 5}), "A") == UnitRank(None, 1)


def test_tables_go_down_from_the_nearest_level_and_agencies_come_last():
    agency = make_figure("31/SYT/", level="agency", cumulative=9, population=100)
    tree = make_day_rollup(
        CITY, make_figure("31/303/"), make_figure("31/303/1/", cumulative=10, population=100), agency
    )
    assert [(table.level, len(table.lines)) for table in ranking.by_level(tree)] == [
        ("district", 1),
        ("commune", 1),
        ("agency", 1),
    ]


def test_unit_further_down_names_its_superior_and_each_source_is_named_once():
    of_day = {"population": 100, "population_on": DAY}
    sources = {"1": "census-2019", "2": "census-2019", "3": "UBND"}
    communes = [make_figure(f"31/303/{code}/", population_source=source, **of_day) for code, source in sources.items()]
    agency = make_figure("31/SYT/", level="agency", population_source="SNV", **of_day)
    tree = make_day_rollup(CITY, make_figure("31/303/", name="Quận C"), *communes, agency)
    districts, communes, agencies = ranking.by_level(tree)
    assert [line.superior for line in districts.lines] == [None]
    assert [line.superior.name for line in communes.lines] == ["Quận C"] * 3
    assert districts.sources == communes.sources == [("UBND", DAY), ("census-2019", DAY)]
    assert agencies.sources == [("SNV", DAY)]
    populations = [line.row.population for line in (*districts.lines, *communes.lines)]
    assert populations == [300, 100, 100, 100]
