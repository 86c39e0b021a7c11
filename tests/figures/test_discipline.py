"""The lateness record: what counts, what is excused, what never counts against anyone."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reporting import acts
from reporting.figures import discipline
from reporting.figures.discipline import Facts, Office, Outcome
from reporting.hours import hours
from reporting.hours.hours import Away, Exempted, Extended
from reporting.models import Directive, Downtime, Report

from .. import factories as f

DAY = f.DAY
LATER = f.at("2020-08-22 08:00")
PATH = "31/306/11416/"


def office(code="11416", path=PATH, **life):
    return Office(code=code, path=path, **life)


WARD = office()


def hours_of(*days, hour=time(17), **recorded):
    """The hours of days under one order."""
    return hours.of_days(days, [Directive(effective_from=f.FIRST_DAY, report_deadline=hour)], **recorded)


def outcomes(*, sent=None, at=LATER, office=WARD, **recorded):
    """Of one unit on one day: `sent` is None without a report, else whether it was late."""
    reports = {} if sent is None else {(office.code, DAY): sent}
    found = discipline.records(Facts(offices=[office], hours=hours_of(DAY, **recorded), sent=reports), at=at)
    return [outcome for record in found for _day, outcome in record.days]


def downtime(first, last):
    return {"away": [Away(f.at(f"2020-08-21 {first}"), f.at(f"2020-08-21 {last}"))]}


EXTENDED = {"extended": [(DAY, Extended("31/306/", f.at("2020-08-21 18:00")))]}
EXEMPT = {"exempted": [(DAY, Exempted("31/"))]}


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"sent": False}, Outcome.ON_TIME),
        ({"sent": True}, Outcome.LATE),
        ({}, Outcome.MISSING),
        # the hour
        ({"at": f.at("2020-08-21 16:59:59.999")}, None),
        ({"at": f.at("2020-08-21 17:00")}, Outcome.MISSING),
        ({"at": f.at("2020-08-21 16:00"), "sent": False}, Outcome.ON_TIME),
        ({"at": f.at("2020-08-21 17:30"), **EXTENDED}, None),
        ({"at": f.at("2020-08-21 18:00"), **EXTENDED}, Outcome.MISSING),
        (
            {"at": f.at("2020-08-21 17:30"), "extended": [(DAY, Extended("31/311/", f.at("2020-08-21 18:00")))]},
            Outcome.MISSING,
        ),
        # exempt days
        (EXEMPT, Outcome.EXCUSED),
        ({"sent": False, **EXEMPT}, Outcome.EXCUSED),
        ({"exempted": [(DAY, Exempted("31/311/"))]}, Outcome.MISSING),
        ({"exempted": [(DAY - timedelta(days=1), Exempted("31/"))]}, Outcome.MISSING),
        # the product was away in the last hour
        (downtime("16:30", "16:40"), Outcome.EXCUSED),
        (downtime("12:00", "16:00:01"), Outcome.EXCUSED),
        (downtime("16:59:59", "19:00"), Outcome.EXCUSED),
        (downtime("12:00", "16:00"), Outcome.MISSING),
        (downtime("17:00", "19:00"), Outcome.MISSING),
        ({"sent": True, **downtime("16:30", "17:30")}, Outcome.EXCUSED),
        ({"sent": False, **downtime("16:30", "17:30")}, Outcome.ON_TIME),
        ({**EXTENDED, **downtime("17:10", "17:20")}, Outcome.EXCUSED),
        ({**EXTENDED, **downtime("16:10", "16:20")}, Outcome.MISSING),
        # the unit's life
        ({"office": office(opened_on=DAY)}, Outcome.MISSING),
        ({"office": office(opened_on=DAY + timedelta(days=1))}, None),
        ({"office": office(closed_on=DAY)}, None),
        ({"office": office(closed_on=DAY + timedelta(days=1))}, Outcome.MISSING),
        # another hour by order
        ({"at": f.at("2020-08-21 16:00"), "hour": time(15)}, Outcome.MISSING),
    ],
)
def test_outcome_of_a_day(facts, outcome):
    assert outcomes(**facts) == ([outcome] if outcome else [])


def test_record_counts_and_its_streak_skips_excused_days():
    days = [DAY - timedelta(days=back) for back in range(5, -1, -1)]
    sent = dict(zip([("11416", day) for day in days], [False, True, False, False, None, False], strict=True))
    del sent["11416", days[4]]
    exempt = hours_of(*days, exempted=[(days[4], Exempted("31/"))])
    facts = Facts(offices=[office()], hours=exempt, sent=sent)
    record = discipline.records(facts, at=LATER)[0]
    counts = (record.on_time, record.late, record.missing, record.excused, record.due, record.streak)
    assert counts == (4, 1, 0, 1, 5, 3)
    assert str(record.on_time_share) == "0.8000"


def test_streak_ends_at_a_missing_day():
    days = [DAY - timedelta(days=1), DAY]
    facts = Facts(offices=[office()], hours=hours_of(*days), sent={("11416", days[0]): False})
    assert discipline.records(facts, at=LATER)[0].streak == 0


def test_parent_counts_only_before_it_has_communes():
    district = office("306", "31/306/")
    commune = office(opened_on=DAY)
    facts = Facts(offices=[district, commune], hours=hours_of(DAY - timedelta(days=1), DAY))
    found = discipline.records(facts, at=LATER)
    assert {record.code: [day for day, _outcome in record.days] for record in found} == {
        "306": [DAY - timedelta(days=1)],
        "11416": [DAY],
    }


def test_day_without_an_order_does_not_count():
    assert discipline.records(Facts(offices=[office()], hours=hours.of_days([DAY], [])), at=LATER) == []


def of(unit, first=DAY, last=DAY, at=LATER):
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return discipline.of(unit, days, at=at)


def test_district_lists_its_communes_and_their_sum(cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    found = of(cast.district)
    assert [(row.code, row.on_time, row.missing) for row in found.below] == [("11407", 0, 1), ("11416", 1, 0)]
    assert (found.total.on_time, found.total.missing, found.total.streak, found.own) == (1, 1, None, None)


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
    Report.objects.filter(unit=cast.stranger, day=DAY).update(is_late=True)
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
    assert own.days == ((DAY - timedelta(days=1), Outcome.MISSING), (DAY, Outcome.ON_TIME))


def test_void_report_is_missing_again(cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    at = f.at("2020-08-21 17:30")
    acts.void(unit=cast.commune, day=DAY, reason="nhầm", base_version=1, by=cast.district_clerk, at=at, now=lambda: at)
    assert of(cast.commune).own.missing == 1


def test_late_report_inside_an_extension_is_on_time(cast):
    at = f.at("2020-08-21 17:20")
    waiting = acts.request(unit=cast.commune, day=DAY, installs=8, opening=0, reason="Mất điện", by=cast.officer, at=at)
    evening = f.at("2020-08-21 19:00")
    acts.decide(late_request=waiting, is_accepted=True, by=cast.district_clerk, at=evening, now=lambda: evening)
    assert of(cast.commune).own.late == 1
    acts.extend(
        unit=cast.district,
        day=DAY,
        until=f.at("2020-08-21 18:00"),
        reason="Mất điện",
        by=cast.city_clerk,
        at=evening,
        now=lambda: evening,
    )
    assert (of(cast.commune).own.late, of(cast.commune).own.on_time) == (0, 1)


def test_downtime_and_exempt_days_are_read_from_the_database(cast):
    Downtime.objects.create(
        starts_at=f.at("2020-08-21 16:30"), ends_at=f.at("2020-08-21 16:45"), reason="Lỗi", recorded_at=LATER
    )
    f.make_exempt_day(cast.district, DAY - timedelta(days=1))
    assert of(cast.commune, first=DAY - timedelta(days=1)).own.excused == 2


def test_corrections_do_not_change_the_record(cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    evening = f.at("2020-08-21 19:00")
    acts.enter(
        unit=cast.commune,
        day=DAY,
        installs=80,
        base_version=1,
        reason="nhầm",
        by=cast.district_clerk,
        at=evening,
        now=lambda: evening,
    )
    assert Report.objects.get(day=DAY).version == 2
    assert of(cast.commune).own.on_time == 1


def test_days_before_the_campaign_do_not_count(cast):
    assert of(cast.commune, first=date(2020, 8, 1), last=f.FIRST_DAY).own.due == 1


@pytest.mark.parametrize("communes", [6, 37])
def test_queries_do_not_grow_with_the_units(communes, cast):
    for number in range(communes):
        f.make_report(f.make_unit(f"2{number:04d}", parent=cast.district), by=cast.officer)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        of(cast.city, first=f.FIRST_DAY)
    assert len(queries) == 4
