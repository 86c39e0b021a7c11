"""The replay of the history comes to what a rollup as of each instant sums anew."""

from datetime import timedelta

from reporting import acts
from reporting.figures import rollup, sealed_table
from reporting.figures.verification.replay import Replay
from reporting.models import Revision, Unit
from tests.prepared import prepared

from .. import factories as f

MINUTE = timedelta(minutes=1)


@prepared
def reported(cast):
    f.make_report(cast.commune, f.DAY - timedelta(days=1), installs=30, opening=500, households_visited=3)
    f.make_report(cast.neighbour, f.DAY - timedelta(days=1), installs=7, opening=100)
    f.make_report(cast.commune, installs=88)
    f.make_report(cast.agency, installs=9, opening=50)
    return cast


def differing(path=""):
    """Where and when the two say something else: around each instant at which anything counted."""
    instants = {at for counted_at in Revision.objects.values_list("counted_at", flat=True) for at in around(counted_at)}
    replay, found = Replay(path), []
    for at in sorted({*instants, f.RECORDED_AT - MINUTE, f.at("2021-01-01 00:00")}):
        for unit in Unit.objects.filter(path__startswith=path).superior_levels():
            for day in (f.FIRST_DAY, *(f.DAY + timedelta(days=number) for number in (-1, 0, 1))):
                again, whole = replay.rows(unit, day, at), rollup.rows(unit, day, at)
                if sealed_table.table(again) != sealed_table.table(whole):
                    found.append((unit.code, day, at))
    return found


def around(at):
    return at - timedelta(microseconds=1), at


def test_replay_is_the_rollup_as_of_each_instant(reported):
    stamp = {"by": reported.district_clerk, "at": f.at("2020-08-21 18:00"), "now": lambda: f.at("2020-08-21 18:00")}
    acts.enter(unit=reported.neighbour, day=f.DAY, installs=3, reason="Điện thoại", base_version=0, **stamp)
    day = f.DAY - timedelta(days=1)
    acts.enter(unit=reported.commune, day=day, installs=31, reason="Đếm lại", base_version=1, **stamp)
    acts.void(unit=reported.commune, day=f.DAY, reason="Nhập nhầm", base_version=1, **stamp)
    f.make_exempt_day(reported.other_district, f.DAY)
    f.make_base(reported.commune, population=30_000, effective_on=f.DAY)
    assert differing() == []
    assert differing(reported.city.path) == []


def test_replay_when_units_end_and_begin(reported):
    reported.neighbour.close(on=f.DAY, into=reported.stranger)  # of another district
    reported.stranger.close(on=f.DAY + timedelta(days=1), into=reported.commune)
    reported.agency.close(on=f.DAY, into=reported.commune)
    f.make_unit("NEW", parent=reported.district, population=900, opened_on=f.DAY + timedelta(days=1))
    assert differing() == []
    assert differing(reported.other_district.path) == []
