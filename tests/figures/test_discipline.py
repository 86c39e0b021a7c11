"""The record of discipline: which days count, which are excused, and which never count against a unit."""

from datetime import date, timedelta

import pytest

from reporting.days.status import DayStatus
from reporting.figures import discipline
from reporting.models import Report, Unit
from reporting.tables import DisciplineTable

from .. import factories as f

DAY = f.DAY
BEFORE, AFTER, LATER = DAY - timedelta(days=1), DAY + timedelta(days=1), f.at("2020-08-22 08:00")


@pytest.mark.parametrize(
    ("at", "life", "days"),
    [
        (f.at("2020-08-21 16:59:59.999"), {}, ()),
        (f.at("2020-08-21 17:00"), {}, ((DAY, "missing"),)),
        (LATER, {"opened_on": DAY}, ((DAY, "missing"),)),
        (LATER, {"opened_on": AFTER}, ()),
        (LATER, {"closed_on": DAY}, ()),
        (LATER, {"closed_on": AFTER}, ((DAY, "missing"),)),
    ],
)
def test_day_counts_once_it_is_over_while_the_unit_is_there(cast, at, life, days):
    Unit.objects.filter(pk=cast.commune.pk).update(**life)
    own = discipline_of(cast.commune, at=at).own
    assert (own.days if own else ()) == days


def test_record_counts_exempt_days_apart(cast):
    days = [DAY - timedelta(days=back) for back in range(5, -1, -1)]
    for day in days[:4] + days[5:]:
        f.make_report(cast.commune, day, installs=1, by=cast.officer)
    Report.objects.filter(day=days[1]).update(received_at=f.at(f"{days[1]} 18:00"))
    f.make_exempt_day(cast.city, days[4])
    own = discipline_of(cast.commune, first=days[0]).own
    assert (own.on_time, own.late, own.missing, own.excused, own.due) == (4, 1, 0, 1, 5)
    assert str(own.on_time_share) == "0.8000"


def test_parent_counts_only_before_it_has_communes(cast):
    Unit.objects.filter(parent=cast.district).update(opened_on=DAY)
    found = discipline_of(cast.district, first=BEFORE)
    assert found.own.days == ((BEFORE, "missing"),)
    assert [record.days for record in found.below] == [((DAY, "missing"),)] * 2


def discipline_of(unit, first=DAY, last=DAY, at=LATER):
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return discipline.discipline(unit, days, at=at)


def test_city_lists_districts_as_sums_and_agencies_apart(cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    f.make_report(cast.agency, installs=8, by=cast.focal_person)
    found = discipline_of(cast.city)
    assert [(row.code, row.on_time, row.missing) for row in found.below] == [
        ("318", 0, 1),
        ("306", 1, 1),
        ("311", 0, 1),
    ]
    assert (found.total.due, [row.code for row in found.agencies], found.agency_total.on_time) == (4, ["SYT"], 1)


def test_covered_day_is_still_missing(cast):
    f.make_report(cast.commune, DAY, installs=88, by=cast.officer, covers_from=DAY - timedelta(days=1))
    own = discipline_of(cast.commune, first=DAY - timedelta(days=1)).own
    assert own.days == ((DAY - timedelta(days=1), DayStatus.MISSING), (DAY, DayStatus.ON_TIME))


def test_days_before_the_campaign_do_not_count(cast):
    assert discipline_of(cast.commune, first=date(2020, 8, 1), last=f.FIRST_DAY).own.due == 1


def test_units_without_a_due_day_come_after_those_that_were_always_on_time(cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    f.make_exempt_day(cast.neighbour, DAY)
    f.make_unit("11499", parent=cast.district)
    found = discipline_of(cast.district)
    table = DisciplineTable(found.below, total=found.total, first=DAY, last=DAY, order_by="on_time_share")
    assert [row.record.code for row in table.rows][:3] == ["11499", "11416", "11407"]
