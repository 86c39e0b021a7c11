"""The sums over generated trees: gaps, closed and split units, successors, districts without communes, agencies."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hypothesis import given, strategies as st

from reporting.figures.rollup import DayStatus, parent_path, roll_up

from ..factories import make_figure
from ..players import played

GENERATED = played(100)
SUMS = ("installs", "households", "cumulative")
REPORTED = ("installs", "adjustment", "households", "households_so_far")
NEEDED_OF_ALL = ("population", "smartphone_users")
UNITS = ("expected", "reported", "on_time", "late", "waiting", "excused", "carried_forward")
COUNTS = (*UNITS, "adjustment", "households_so_far")
SHARE = Decimal("0.6")

SENT = [DayStatus.ON_TIME, DayStatus.LATE, DayStatus.EXCUSED, DayStatus.EXEMPT]
said = st.fixed_dictionaries({"installs": st.integers(0, 500), "status": st.sampled_from(SENT)})
unsaid = st.fixed_dictionaries(
    {"status": st.sampled_from([*[status for status in DayStatus if status not in SENT[:2]], None])}
)
figures_of_a_day = st.fixed_dictionaries(
    {
        "adjustment": st.integers(-20, 20),
        "households": st.none() | st.integers(0, 300),
        "cumulative": st.none() | st.integers(0, 5000),
        "households_so_far": st.integers(0, 900),
        "is_owed": st.booleans(),
        "population": st.sampled_from([None, *range(1000, 9000, 1000)]),
        "smartphone_users": st.none() | st.integers(0, 900),
    }
)
EMPTY = {"installs": None, "adjustment": 0, "households": None, "cumulative": None, "households_so_far": 0}


@dataclass
class Tree:
    """Units of a city on one day."""

    units: list

    def rows(self, root="31/", only=None):
        """The rollup of what the query returns for the root."""
        found = [unit for unit in self.units if unit.path.startswith(root) or unit.successor_id or unit.handed_over]
        return roll_up(found, root=root, target_share=SHARE, only=only)

    def open_children(self, path):
        return [unit for unit in self.units if unit.is_open and parent(unit.path) == path]

    def by_id(self, unit_id):
        return next((unit for unit in self.units if unit.unit_id == unit_id), None)

    def heir(self, unit):
        """The end of the chain of successors: an open unit, or None, also for a chain in a circle."""
        for _ in self.units:
            if unit is None or unit.is_open:
                return unit
            unit = self.by_id(unit.successor_id)
        return None


@st.composite
def trees(draw):
    units = []

    def add(path, **fields):
        units.append(make_figure(path, **draw(figures_of_a_day), **draw(said | unsaid), **fields))

    def grow(path, depth, is_open):
        is_open = is_open and (depth == 0 or draw(st.integers(0, 4)) > 0)
        add(path, is_open=is_open)
        for number in range(draw(st.integers(0, 3)) if depth < 3 else 0):
            grow(f"{path}{number}{'ABC'[depth]}{len(units)}/", depth + 1, is_open)

    grow("31/", 0, is_open=True)
    for number in range(draw(st.integers(0, 3))):
        add(f"31/SO{number}/", level="agency", is_open=draw(st.booleans()))
        for part in range(draw(st.integers(0, 2)) if units[-1].is_open else 0):
            add(f"31/SO{number}/P{number}{part}/", level="agency", is_open=draw(st.booleans()))
    return Tree([draw(settled(unit, units)) for unit in units])


@st.composite
def settled(draw, unit, units):
    """Figures that real units can have: parents report nothing; successors and split units report for themselves."""
    above = {parent(other.path) for other in units if other.is_open}
    if unit.is_open and unit.path in above:
        return replace(unit, **EMPTY)
    others = [other for other in units if other is not unit and not (other.is_open and other.path in above)]
    sources = [other.unit_id for other in others if not is_agency(other) and not is_agency(unit)]
    if sources and draw(st.integers(0, 3)) == 0:
        unit = replace(unit, split_from_id=draw(st.sampled_from(sources)), handed_over=draw(st.integers(1, 400)))
    if unit.is_open or not others:
        return unit
    return replace(unit, successor_id=draw(st.none() | st.sampled_from([other.unit_id for other in others])))


def parent(path):
    return "".join(f"{code}/" for code in path.split("/")[:-2])


def is_agency(unit):
    return unit.level == "agency"


def plus(values, *, is_all_needed=False):
    known = [value for value in values if value is not None]
    return None if not known or (is_all_needed and len(known) < len(values)) else sum(known)


def summed(parts):
    return {
        **{name: sum(part[name] for part in parts) for name in COUNTS},
        **{name: plus([part[name] for part in parts]) for name in SUMS},
        **{name: plus([part[name] for part in parts], is_all_needed=True) for name in NEEDED_OF_ALL},
    }


def naive(tree, unit):
    """The unit's figures, counted by walking down the tree from it."""
    children = tree.open_children(unit.path)
    if children:
        return summed([naive(tree, child) for child in children if is_agency(child) == is_agency(unit)])
    ended = [
        other
        for other in tree.units
        if not other.is_open
        and other.cumulative is not None
        and is_agency(other) == is_agency(unit)
        and tree.heir(other) is unit
    ]
    handed = [
        sign * new.handed_over
        for new in tree.units
        for sign, side in ((1, new), (-1, tree.by_id(new.split_from_id)))
        if new.handed_over and tree.heir(side) is unit
    ]
    has_reported, is_owed = unit.installs is not None, unit.is_owed
    return {
        "expected": int(is_owed),
        "reported": int(is_owed and has_reported),
        "on_time": int(is_owed and unit.status == "on_time"),
        "late": int(is_owed and unit.status == "late"),
        "waiting": int(is_owed and unit.status == "waiting"),
        "excused": int(is_owed and not has_reported and unit.status == "excused"),
        "carried_forward": int(not has_reported and unit.cumulative is not None),
        "cumulative": plus([unit.cumulative, *(other.cumulative for other in ended), *handed]),
        **{name: plus([getattr(one, name) for one in (unit, *ended)]) for name in REPORTED},
        **{name: getattr(unit, name) for name in NEEDED_OF_ALL},
    }


def figures_of(row):
    return {name: getattr(row, name) for name in (*COUNTS, *SUMS, *NEEDED_OF_ALL)}


@GENERATED
@given(trees())
def test_rows_equal_those_of_a_naive_walk_down_the_tree(tree):
    rows, agency_total = tree.rows()
    expected = {unit.code: naive(tree, unit) for unit in tree.units if unit.is_open}
    assert {code: figures_of(row) for code, row in rows.items()} == expected
    reporting = [row for row in rows.values() if row.is_reporting]
    assert reporting == [row for row in rows.values() if not tree.open_children(row.path)]
    paths = {row.path for row in rows.values() if is_agency(row)}
    agencies = [figures_of(row) for row in rows.values() if row.path in paths and parent_path(row.path) not in paths]
    assert (agency_total and figures_of(agency_total)) == (summed(agencies) if agencies else None)


@GENERATED
@given(trees(), st.data())
def test_rows_below_any_unit_equal_those_of_the_city(tree, data):
    root = data.draw(st.sampled_from([unit.path for unit in tree.units if unit.is_open]))
    below = {code: row for code, row in tree.rows()[0].items() if row.path.startswith(root)}
    some = data.draw(st.sets(st.sampled_from([row.path for row in below.values()])))
    found, agencies = tree.rows(root)
    assert found == below
    expected = {code: row for code, row in below.items() if row.path in some}
    assert tree.rows(root, some.__contains__) == (expected, agencies)


@GENERATED
@given(trees(), st.randoms(use_true_random=False))
def test_rows_do_not_depend_on_the_order_of_the_figures(tree, random):
    shuffled = random.sample(tree.units, len(tree.units))
    assert replace(tree, units=shuffled).rows() == tree.rows()


@GENERATED
@given(trees())
def test_share_is_never_rounded_up_to_a_missed_target(tree):
    for row in tree.rows()[0].values():
        if row.share is not None and row.cumulative >= 0:
            assert 0 <= row.cumulative - row.share * row.population < row.population * Decimal("0.0001")
            assert (row.share >= row.target_share) is (row.missing_to_target == 0)


@GENERATED
@given(st.lists(st.sampled_from([None, date(2019, 4, 1), date(2020, 8, 1)]), min_size=1, max_size=4))
def test_day_and_source_of_the_population_are_shown_if_all_parts_agree(days):
    parts = [
        make_figure(f"31/{number}/", population_on=day, population_source=str(day or ""))
        for number, day in enumerate(days)
    ]
    rows, _ = roll_up([make_figure("31/"), *parts], root="31/", target_share=SHARE)
    told = days[0] if len(set(days)) == 1 else None
    assert (rows["31"].population_on, rows["31"].population_source) == (told, str(told or ""))
