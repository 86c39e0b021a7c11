"""The record of the days: what counts, what is excused, what never counts against anyone."""

from datetime import date, time, timedelta

import pytest

from reporting import acts
from reporting.days.status import DayStatus
from reporting.figures import discipline
from reporting.hours import hours
from reporting.hours.hours import Kind, Setting
from reporting.models import Directive, Extension, Report, Unit

from .. import factories as f

DAY = f.DAY
BEFORE, LATER = DAY - timedelta(days=1), f.at("2020-08-22 08:00")
PATH = "31/306/11416/"


def ward(code="11416", path=PATH, **life):
    unit = Unit(code=code, path=path, level="commune", **life)
    unit.name, unit.kind = "", ""
    return unit


WARD = ward()


def hours_of(*days, **recorded):
    """The hours of days under one order."""
    return hours.of_days(days, [Directive(effective_from=f.FIRST_DAY, report_deadline=time(17))], **recorded)


def statuses(*, sent="", at=LATER, unit=WARD, waiting=False, **recorded):
    """Of one unit on one day: `sent` is when its report arrived, if it did."""
    place = unit.code, DAY
    received = {place: f.at(f"2020-08-21 {sent}")} if sent else {}
    found = discipline.records([unit], hours_of(DAY, **recorded), received, {place} if waiting else (), at=at)
    return [status for record in found for _day, status in record.days]


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        # of the rest: days/test_status.py
        ({"waiting": True}, "waiting"),
        ({"at": f.at("2020-08-21 16:59:59.999")}, None),
        ({"at": f.at("2020-08-21 17:00")}, "missing"),
        # the unit's life
        ({"unit": ward(opened_on=DAY)}, "missing"),
        ({"unit": ward(opened_on=DAY + timedelta(days=1))}, None),
        ({"unit": ward(closed_on=DAY)}, None),
        ({"unit": ward(closed_on=DAY + timedelta(days=1))}, "missing"),
    ],
)
def test_status_of_a_day(facts, status):
    assert statuses(**facts) == ([status] if status else [])


def test_record_counts_and_its_streak_skips_exempt_days():
    days = [DAY - timedelta(days=back) for back in range(5, -1, -1)]
    sent = {("11416", day): f.at(f"{day} {hour}") for day, hour in zip(days, (10, 18, 10, 10, 10, 10), strict=True)}
    del sent["11416", days[4]]
    exempt = hours_of(*days, settings=[Setting(Kind.EXEMPT_DAY, "31/", days[4])])
    (record,) = discipline.records([WARD], exempt, sent, at=LATER)
    counts = (record.on_time, record.late, record.missing, record.excused, record.due, record.streak)
    assert counts == (4, 1, 0, 1, 5, 3)
    assert str(record.on_time_share) == "0.8000"


def test_parent_counts_only_before_it_has_communes():
    district = ward("306", "31/306/")
    commune = ward(opened_on=DAY)
    found = discipline.records([district, commune], hours_of(DAY - timedelta(days=1), DAY), {}, at=LATER)
    assert {record.code: [day for day, _status in record.days] for record in found} == {
        "306": [DAY - timedelta(days=1)],
        "11416": [DAY],
    }


def test_day_without_an_order_does_not_count():
    assert discipline.records([WARD], hours.of_days([DAY], []), {}, at=LATER) == []


def moment(clock):
    return {"at": f.at(f"2020-08-21 {clock}"), "now": lambda: f.at(f"2020-08-21 {clock}")}


def of(unit, first=DAY, last=DAY, at=LATER):
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return discipline.discipline(unit, days, at=at)


def test_city_lists_districts_as_sums_and_agencies_apart(cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    f.make_report(cast.agency, installs=8, by=cast.focal_person)
    found = of(cast.city)
    assert [(row.code, row.on_time, row.missing, row.streak) for row in found.below] == [
        ("318", 0, 1, 0),
        ("306", 1, 1, None),
        ("311", 0, 1, None),
    ]
    assert (found.total.due, [row.code for row in found.agencies], found.agency_total.on_time) == (4, ["SYT"], 1)


def test_city_lists_all_communes_least_often_on_time_first_and_finds_them_by_name(cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    f.make_report(cast.stranger, installs=88)
    Report.objects.filter(unit=cast.stranger, day=DAY).update(received_at=f.at("2020-08-21 18:00"))
    f.make_report(cast.agency, installs=8, by=cast.focal_person)
    further = of(cast.city).further
    assert [(row.code, row.superior, row.on_time_share) for row in further] == [
        ("11407", "Quận Hải An", 0),  # nothing sent stands before what came late
        (cast.stranger.code, "Huyện Thuỷ Nguyên", 0),
        ("11416", "Quận Hải An", 1),
    ]
    assert [row.code for row in discipline.named(further, "DANG hai")] == ["11416"]
    assert [row.code for row in discipline.named(further, "thuy nguyen")] == [cast.stranger.code]
    assert (of(cast.district).further, of(cast.commune).further) == ([], [])


def test_covered_day_is_still_missing(cast):
    f.make_report(cast.commune, DAY, installs=88, by=cast.officer, covers_from=DAY - timedelta(days=1))
    own = of(cast.commune, first=DAY - timedelta(days=1)).own
    assert own.days == ((DAY - timedelta(days=1), DayStatus.MISSING), (DAY, DayStatus.ON_TIME))


def test_reports_of_one_minute_are_alike_whoever_accepted_them_and_when(cast):
    """Three of 17:40: one is taken in by its district at once, the others by the extension, which is taken back."""
    units = {cast.commune: cast.officer, cast.neighbour: cast.neighbour_officer, cast.stranger: cast.stranger_officer}
    for unit, by in units.items():
        asked = {"installs": 8, "opening": 0, "reason": "Mất điện", "at": f.at("2020-08-21 17:40")}
        waiting = acts.request(unit=unit, day=DAY, by=by, **asked)
        if unit == cast.commune:
            acts.decide(late_request=waiting, is_accepted=True, by=cast.district_clerk, **moment("18:00"))

    def found():
        return [of(unit).own.days[0][1] for unit in units]

    assert found() == ["late", "waiting", "waiting"]
    hour = {"day": DAY, "until": f.at("2020-08-21 18:30"), "reason": "Mất điện", "by": cast.city_clerk}
    acts.extend(unit=cast.city, **hour, **moment("18:00"))
    assert found() == ["on_time"] * 3
    acts.withdraw(record=Extension.objects.get(), reason="Nhầm", by=cast.city_clerk, **moment("19:00"))
    assert found() == ["late"] * 3
    then = [
        discipline.discipline(unit, [DAY], at=LATER, as_of=f.at("2020-08-21 18:40")).own.days[0][1] for unit in units
    ]
    assert then == ["on_time"] * 3


@pytest.mark.parametrize(
    ("sent_first", "status"), [("own", "on_time"), ("after_the_hour", "on_time"), ("by_others", "late")]
)
def test_void_leaves_a_unit_the_arrival_of_what_it_sent_itself(sent_first, status, cast):
    """Entered again in the evening: a superior's mistake makes nobody late, and a mistaken entry nobody on time."""
    about = {"unit": cast.commune, "day": DAY, "reason": "Nhầm", "by": cast.district_clerk}
    f.make_report(cast.commune, BEFORE, installs=1, by=cast.officer)
    if sent_first == "own":
        f.make_report(cast.commune, installs=88, by=cast.officer, hour=time(15))
    elif sent_first == "after_the_hour":
        asked = acts.request(**about | {"by": cast.officer}, installs=88, at=f.at("2020-08-21 17:10"))
        acts.decide(late_request=asked, is_accepted=True, by=cast.district_clerk, **moment("17:15"))
    else:
        acts.enter(installs=88, base_version=0, **about, **moment("15:00"))
    acts.void(base_version=1, **about, **moment("18:05"))
    acts.enter(installs=87, base_version=2, **about, **moment("18:10"))
    f.make_extension(cast.city, until=f.at("2020-08-21 17:30"))
    assert of(cast.commune).own.days[-1] == (DAY, status)
    assert discipline.discipline(cast.commune, [DAY], at=LATER, as_of=LATER).own.days == ((DAY, status),)


def test_days_before_the_campaign_do_not_count(cast):
    assert of(cast.commune, first=date(2020, 8, 1), last=f.FIRST_DAY).own.due == 1
