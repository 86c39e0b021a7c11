"""A rate is a sum over the units: the same in a list and on a unit's own page, and steady while reports come in."""

from datetime import date, timedelta

from hypothesis import given, settings, strategies as st

from reporting.figures.rates import Span, rates

from ..factories import make_day_rollup, make_figure

DAY = date(2020, 8, 21)
GENERATED = settings(max_examples=100, deadline=None, derandomize=True)


def reports(*installs):
    """A report a day up to the day before, None without one; a pair is (days that it covers, installs)."""
    found = []
    for back, sent in enumerate(reversed(installs)):
        if sent is not None:
            day, (days, count) = DAY - timedelta(days=back + 1), sent if isinstance(sent, tuple) else (1, sent)
            found.append(Span(day - timedelta(days=days - 1), day, count))
    return found


def rates_of(*of_units, silent=()):
    """The rates of a district with these units; those at the places `silent` have sent no report of the day."""
    figures = [make_figure("1/", level="district")]
    for number in range(len(of_units)):
        installs = None if number in silent else 1
        figures.append(make_figure(f"1/{number + 10}/", level="commune", installs=installs, cumulative=9))
    rollup = make_day_rollup(*figures)
    by_key = {rollup.by_code[str(number + 10)].unit_id: sent for number, sent in enumerate(of_units)}
    return rates(rollup.senders, by_key, top=rollup.own, day=DAY, days_due=lambda row: 7)


def mean_of(*installs):
    return rates_of(reports(*installs)).by_code["1"].mean


def test_usual_number_is_the_mean_over_the_reported_of_the_last_seven_days():
    assert mean_of(10, 20, 30) == 20
    assert mean_of(10, None, 20, 30) == 20
    assert mean_of(None, None, (3, 90)) == 30
    assert mean_of(10, 20) is None  # too few


def test_rate_of_a_superior_is_the_sum_of_its_units():
    found = rates_of(reports(*[10] * 7), reports(*[20, None] * 3))
    assert [found.by_code[code].mean for code in ("1", "10", "11")] == [30, 10, 20]
    assert (found.by_code["1"].reports, found.by_code["1"].of_reports) == (10, 14)


def test_rate_is_not_known_if_that_of_a_quarter_of_the_units_is_not():
    full = reports(*[10] * 7)
    assert rates_of(full, full, full, []).by_code["1"].mean == 30
    assert rates_of(full, full, []).by_code["1"].mean is None


def test_silent_units_are_expected_to_add_their_usual_number():
    found = rates_of(reports(*[10] * 7), reports(*[20] * 7), silent=[1])
    assert {code: rate.to_come for code, rate in found.by_code.items()} == {"1": 20, "10": 0, "11": 20}


def test_slowest_day_counts_silent_units_with_their_usual_number():
    found = rates_of(reports(*[10] * 6, 40), reports(*[20] * 5, None, 20))
    assert (found.slowest, found.fastest) == (30, 60)


units = st.lists(
    st.lists(st.none() | st.integers(0, 500), min_size=7, max_size=7).map(lambda counts: reports(*counts)),
    min_size=1,
    max_size=4,
)


@GENERATED
@given(units, st.sets(st.integers(0, 3)))
def test_sum_of_the_parts_is_the_whole(of_units, silent):
    by_code = rates_of(*of_units, silent=silent).by_code
    whole, parts = by_code.pop("1"), by_code.values()
    for name in ("per_day", "to_come", "reports", "of_reports", "units", "known"):
        assert getattr(whole, name) == sum(getattr(part, name) for part in parts)
