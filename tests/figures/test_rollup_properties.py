"""The sums, over generated trees: holes, closed units, successors, districts without communes, agencies."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reporting.figures.rollup import roll_up

from ..factories import make_figure
from ..players import played

GENERATED = played(100)
SUMS = ("installs", "households", "cumulative")
NEEDED_OF_ALL = ("population", "smartphone_users")
COUNTS = ("expected", "reported", "on_time", "late", "carried_forward", "adjustment")

figures_of_a_day = st.fixed_dictionaries(
    {
        "installs": st.none() | st.integers(0, 500),
        "adjustment": st.integers(-20, 20),
        "households": st.none() | st.integers(0, 300),
        "cumulative": st.none() | st.integers(0, 5000),
        "is_late": st.booleans(),
        "is_exempt": st.booleans(),
        "population": st.sampled_from([None, *range(1000, 9000, 1000)]),
        "smartphone_users": st.none() | st.integers(0, 900),
    }
)


@dataclass
class Tree:
    """Units of a city on one day; `is_due` unless no directive is in force."""

    units: list
    is_due: bool

    def rows(self, root="31/"):
        """What the query finds for the root, rolled up."""
        found = [unit for unit in self.units if unit.path.startswith(root) or unit.successor_id is not None]
        return roll_up(found, root=root, target_share=Decimal("0.6"), is_due=self.is_due)

    def open_children(self, path):
        return [unit for unit in self.units if unit.is_open and parent(unit.path) == path]

    def heir(self, unit):
        """Where the chain of successors ends: an open unit, or None, also for a chain that runs in a circle."""
        for _ in self.units:
            if unit is None or unit.is_open:
                return unit
            unit = next((other for other in self.units if other.unit_id == unit.successor_id), None)
        return None


@st.composite
def trees(draw):
    units = []

    def grow(path, depth, is_open):
        is_open = is_open and (depth == 0 or draw(st.integers(0, 4)) > 0)
        units.append(make_figure(path, is_open=is_open, **draw(figures_of_a_day)))
        for number in range(draw(st.integers(0, 3)) if depth < 3 else 0):
            grow(f"{path}{number}{'ABC'[depth]}{len(units)}/", depth + 1, is_open)

    grow("31/", 0, is_open=True)
    for number in range(draw(st.integers(0, 3))):
        is_open = draw(st.booleans())
        units.append(make_figure(f"31/SO{number}/", level="agency", is_open=is_open, **draw(figures_of_a_day)))
    return Tree([draw(settled(unit, units)) for unit in units], is_due=draw(st.booleans()))


@st.composite
def settled(draw, unit, units):
    """What a real unit may be: parents report nothing, a closed one may have a successor that counts for itself."""
    above = {parent(other.path) for other in units if other.is_open}
    if unit.is_open:
        return (
            replace(unit, installs=None, adjustment=0, households=None, cumulative=None) if unit.path in above else unit
        )
    heirs = [other.unit_id for other in units if other is not unit and not (other.is_open and other.path in above)]
    return replace(unit, successor_id=draw(st.none() | st.sampled_from(heirs)) if heirs else None)


def parent(path):
    return "".join(f"{code}/" for code in path.split("/")[:-2])


def is_agency(unit):
    return unit.level == "agency"


def plus(values, *, is_all_needed=False):
    known = [value for value in values if value is not None]
    return None if not known or (is_all_needed and len(known) < len(values)) else sum(known)


def naive(tree, unit):
    """The unit's figures, counted by walking down the tree from it."""
    children = tree.open_children(unit.path)
    if children:
        parts = [naive(tree, child) for child in children if is_agency(child) == is_agency(unit)]
        return {
            **{name: sum(part[name] for part in parts) for name in COUNTS},
            **{name: plus([part[name] for part in parts]) for name in SUMS},
            **{name: plus([part[name] for part in parts], is_all_needed=True) for name in NEEDED_OF_ALL},
        }
    inherited = [
        other.cumulative
        for other in tree.units
        if not other.is_open and is_agency(other) == is_agency(unit) and tree.heir(other) is unit
    ]
    owes = tree.is_due and not unit.is_exempt
    reported = unit.installs is not None
    return {
        "expected": int(owes),
        "reported": int(owes and reported),
        "on_time": int(owes and reported and not unit.is_late),
        "late": int(owes and reported and unit.is_late),
        "carried_forward": int(not reported and unit.cumulative is not None),
        "installs": unit.installs,
        "adjustment": unit.adjustment,
        "households": unit.households,
        "cumulative": plus([unit.cumulative, *inherited]),
        "population": unit.population,
        "smartphone_users": unit.smartphone_users,
    }


def figures_of(row):
    return {name: getattr(row, name) for name in (*COUNTS, *SUMS, *NEEDED_OF_ALL)}


def sum_of(rows):
    return {
        **{name: sum(getattr(row, name) for row in rows) for name in COUNTS},
        **{name: plus([getattr(row, name) for row in rows]) for name in SUMS},
        **{name: plus([getattr(row, name) for row in rows], is_all_needed=True) for name in NEEDED_OF_ALL},
    }


@GENERATED
@given(trees())
def test_rows_equal_those_of_a_naive_walk_down_the_tree(tree):
    rows, _ = tree.rows()
    expected = {unit.code: naive(tree, unit) for unit in tree.units if unit.is_open}
    assert {code: figures_of(row) for code, row in rows.items()} == expected


@GENERATED
@given(trees())
def test_every_parent_is_the_sum_of_its_children_of_its_stream(tree):
    rows, _ = tree.rows()
    for row in rows.values():
        children = [child for child in rows.values() if parent(child.path) == row.path]
        assert row.is_reporting is (not children)
        if children:
            assert figures_of(row) == sum_of([child for child in children if child.level != "agency"])


@GENERATED
@given(trees())
def test_city_is_the_sum_of_its_reporting_units_and_agencies_are_the_rest(tree):
    rows, agency_total = tree.rows()
    reporting = [row for row in rows.values() if row.is_reporting]
    residents = [row for row in reporting if row.level != "agency"]
    agencies = [row for row in reporting if row.level == "agency"]
    assert figures_of(rows["31"]) == sum_of(residents)
    assert (agency_total and figures_of(agency_total)) == (sum_of(agencies) if agencies else None)


@GENERATED
@given(trees(), st.data())
def test_rows_below_any_unit_are_the_same_as_in_the_city(tree, data):
    root = data.draw(st.sampled_from([unit.path for unit in tree.units if unit.is_open]))
    of_the_city, _ = tree.rows()
    below, _ = tree.rows(root)
    assert below == {code: row for code, row in of_the_city.items() if row.path.startswith(root)}


@GENERATED
@given(trees(), st.randoms(use_true_random=False))
def test_rows_do_not_depend_on_the_order_of_the_figures(tree, random):
    shuffled = random.sample(tree.units, len(tree.units))
    assert replace(tree, units=shuffled).rows() == tree.rows()


@GENERATED
@given(trees())
def test_share_is_never_above_what_it_is_nor_reaches_a_target_that_is_missing(tree):
    for row in tree.rows()[0].values():
        if row.share is not None:
            assert 0 <= Decimal(row.cumulative) - row.share * row.population < row.population * Decimal("0.0001")
            assert (row.share >= row.target_share) is (row.missing_to_target == 0)


@GENERATED
@given(st.lists(st.sampled_from([None, date(2019, 4, 1), date(2020, 8, 1)]), min_size=1, max_size=4))
def test_day_of_the_population_is_told_if_all_parts_share_it(days):
    parts = [make_figure(f"31/{number}/", population_on=day) for number, day in enumerate(days)]
    rows, _ = roll_up([make_figure("31/"), *parts], root="31/", target_share=Decimal("0.6"))
    known = {day for day in days if day}
    assert rows["31"].population_on == (known.pop() if len(known) == 1 else None)
