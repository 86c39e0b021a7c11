"""Which later report already contains a missing day: one of the same unit, or one of the unit that took it over."""

from datetime import date

from reporting.figures import query, succession
from reporting.figures.succession import Succession
from reporting.models import Report

from .. import factories as f


def day(number):
    return date(2020, 8, number)


def report_with(unit, number, installs=5, **fields):
    """A report of the day; `installs` is None if it was voided."""
    values = {name: value and day(value) for name, value in fields.items()}
    report = f.make_report(unit, day(number), installs=installs or 5, opening=100)
    if installs is None:
        revise(report, installs=None)
    for name, value in values.items():
        revise(report, **{name: value})
    return report


def revise(report, **changes):
    Report.objects.filter(pk=report.pk).update(**changes)


def test_days_are_covered_by_the_first_later_report_that_says_so(cast):
    report_with(cast.commune, 12, covers_from=10)
    report_with(cast.commune, 14, covers_from=9)
    report_with(cast.neighbour, 12, covers_from=11)
    report_with(cast.stranger, 13, installs=None, covers_from=10)  # voided
    report_with(cast.island, 11)
    assert query.covered_on(cast.city, day(9)) == {"11416": (day(9), day(14))}
    assert query.covered_on(cast.city, day(10)) == {"11416": (day(10), day(12))}
    assert query.covered_on(cast.city, day(11)) == {"11416": (day(10), day(12)), "11407": (day(11), day(12))}
    assert query.covered_on(cast.city, day(12)) == {"11416": (day(9), day(14))}
    assert query.covered_on(cast.neighbour, day(11)) == {"11407": (day(11), day(12))}
    assert query.covered_on(cast.other_district, day(11)) == {}


def write_total(unit, number, *, installs, **fields):
    """Writes a report with a total directly, because the rules would refuse it."""
    received_at = f.at(f"2020-08-{number} 10:00")
    Report.objects.create(
        unit=unit, day=day(number), installs=installs, cumulative=installs, received_at=received_at, **fields
    )


def test_first_total_of_the_successor_includes_a_closed_units_day(cast):
    """The ward merges into the commune on the 12th, and both into the town on the 16th."""
    report_with(cast.stranger, 17, holds_from=10)
    cast.neighbour.close(on=day(12), into=cast.commune)
    cast.commune.close(on=day(16), into=cast.stranger)
    ward = cast.neighbour.pk

    def total_with(number):
        return succession.included_by_successors([ward], day(number), Succession()).get(ward)

    assert (total_with(9), total_with(17)) == (None, None)
    total = total_with(10)
    assert (total.day, total.installs) == (day(17), 5)
    assert (total.code, total.name) == (cast.stranger.code, "Thị trấn Núi Đèo")
    write_total(cast.commune, 14, installs=7, holds_from=day(11), version=3)
    assert [total_with(number).day for number in (10, 11)] == [day(17), day(14)]
    assert total_with(11).installs == 7
    revise(Report.objects.get(unit=cast.stranger, day=day(17)), holds_from=day(8))
    write_total(cast.stranger, 13, installs=9, holds_from=day(9), version=1)  # the ward has not merged into it yet
    assert total_with(10).day == day(17)
