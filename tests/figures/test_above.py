"""What a unit is told of those above it: of now as of any moment, and nothing else."""

from datetime import date, timedelta

from reporting.figures import above
from reporting.figures.ranking import Place
from reporting.models import BaseFigure, Report, Unit
from tests.prepared import prepared

from .. import factories as f

LATER = f.at("2999-01-01 00:00")  # a moment by which all that is known now was known


@prepared
def reported(cast):
    f.make_report(cast.commune, installs=88, opening=1000)
    f.make_report(cast.neighbour, installs=40, opening=3000)
    return cast


def test_place_says_the_rank_and_how_many_and_agencies_have_none(reported):
    def place(unit):
        return above.of(unit, f.DAY).place

    assert place(reported.neighbour) == Place(1, 2)
    assert place(reported.commune) == Place(2, 2)
    assert place(reported.district) == Place(1, 1)  # the others have no share yet
    assert place(reported.stranger) is None
    assert place(reported.agency) is None


def test_sums_of_now_are_those_of_the_tree_rolled_up(reported):
    """The database's sums beside the rollup of all that was recorded, whatever became of the units."""
    agency = f.make_unit("SGD", level="agency", parent=reported.district, population=50)
    f.make_report(agency, installs=7, opening=0)
    f.make_unit("N", parent=reported.district, name="Nam Hải", kind="phường")
    f.make_unit("L", parent=reported.other_district, population=900, opened_on=f.DAY + timedelta(days=3))
    f.make_base(reported.commune, population=30_000, effective_on=f.DAY + timedelta(days=1))
    assert differing() == []
    reported.neighbour.close(on=f.DAY + timedelta(days=1), into=reported.commune)
    reported.stranger.close(on=f.DAY + timedelta(days=2), into=reported.neighbour)
    reported.agency.close(on=f.DAY, into=reported.commune)  # of another stream: it goes on nowhere
    f.make_report(reported.stranger, f.DAY - timedelta(days=1), installs=5, opening=11)
    Report.objects.filter(unit=reported.commune, day=f.DAY).update(installs=None)
    assert differing() == []


def differing() -> list[tuple[str, date]]:
    days = [f.FIRST_DAY - timedelta(days=5), *(f.DAY + timedelta(days=number) for number in range(-2, 5))]
    asked = [(unit, day) for unit in Unit.objects.all() for day in days if unit.is_open_on(day)]
    return [(unit.code, day) for unit, day in asked if above.of(unit, day) != above.of(unit, day, LATER)]


def test_shares_follow_what_is_written_to_the_tree_or_a_base_figure(reported):
    base = f.make_base(reported.commune, population=30_000, effective_on=f.DAY)
    for change in (
        lambda: None,
        lambda: withdraw(base),
        lambda: f.make_unit("N", parent=reported.district, name="Nam Hải", kind="phường"),
        lambda: f.make_base(Unit.objects.get(code="N"), population=9000),
        lambda: reported.neighbour.close(on=f.DAY, into=reported.commune),
    ):
        change()
        assert above.of(reported.commune, f.DAY) == above.of(reported.commune, f.DAY, LATER)


def withdraw(base):
    withdrawal = f.withdraw(base, LATER - timedelta(days=1))
    BaseFigure.objects.filter(pk=base.pk).update(withdrawal=withdrawal)
