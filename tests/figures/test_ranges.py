"""Many days of a unit have the same figures as each day's page. Files are tested in test_one_answer.py."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import translation
from openpyxl import load_workbook

from reporting import acts
from reporting.days.look_back import LookBack
from reporting.days.status import DayStatus
from reporting.exports import tidy
from reporting.exports.stamp import Range
from reporting.exports.workbook.many_days import range_workbook
from reporting.figures import discipline, fields, ranges, rollup
from reporting.models import Unit
from tests.prepared import prepared

from ..factories import (
    DAY,
    FIRST_DAY,
    at,
    make_base,
    make_downtime,
    make_exempt_day,
    make_extension,
    make_late_request,
    make_report,
    make_unit,
)

NOON = at("2020-08-21 12:00")
EVENING = at("2020-08-21 18:00")


@prepared
def fifteen_days(cast):
    return make_fifteen_days(cast)


def make_fifteen_days(cast):
    """Fifteen days with everything that changes a figure or a status."""
    officers = [cast.officer, cast.neighbour_officer, cast.stranger_officer, cast.island_officer, cast.focal_person]
    clerks = [cast.district_clerk, cast.district_clerk, cast.other_clerk, cast.city_clerk, cast.city_clerk]
    for number, (officer, clerk) in enumerate(zip(officers, clerks, strict=True)):
        for back in reversed(range(number, 15, number + 1)):
            day = DAY - timedelta(days=back)
            opening = None if officer.unit.reports.exists() else 100 * number
            if back % 5 == 3:
                late(officer, clerk, day, back + number, opening)
            else:
                make_report(officer.unit, day, installs=back + number, opening=opening, households_visited=back)
    make_exempt_day(cast.other_district, date(2020, 8, 15))
    make_extension(cast.commune, date(2020, 8, 18), until=at("2020-08-18 18:00"))
    make_downtime(starts_at=at("2020-08-14 16:30"), ends_at=at("2020-08-14 16:31"))
    make_late_request(cast.neighbour, cast.neighbour_officer, date(2020, 8, 19), received_at=at("2020-08-19 18:00"))
    make_base(cast.commune, population=20_000, effective_on=date(2020, 8, 12))
    cast.neighbour.rename(name="Cát Bi mới", kind="phường", effective_on=date(2020, 8, 14), at=at("2020-08-13 08:00"))
    merged = make_unit("11400", parent=cast.other_district, name="Phường cũ", population=900)
    make_report(merged, date(2020, 8, 9), installs=40, opening=60)
    merged.close(on=date(2020, 8, 17), into=cast.commune)
    stamp = {"by": cast.district_clerk, "at": at("2020-08-21 11:00"), "now": lambda: at("2020-08-21 11:00")}
    version = cast.commune.reports.get(day=date(2020, 8, 19)).version
    acts.adjust(
        unit=cast.commune, day=date(2020, 8, 19), adjustment=-7, reason="Trùng máy", base_version=version, **stamp
    )
    return cast


def late(officer, clerk, day, installs, opening):
    """Sent half an hour after the deadline, and accepted."""
    asked, decided = at(f"{day} 17:30"), at(f"{day} 17:40")
    asking = {"unit": officer.unit, "day": day, "installs": installs, "opening": opening, "reason": "Mất mạng"}
    waiting = acts.send_late_request(**asking, by=officer, at=asked)
    acts.decide(late_request=waiting, is_accepted=True, by=clerk, at=decided, now=lambda: decided)


def named(unit, day=DAY):
    return Unit.objects.named(day).get(pk=unit.pk)


def read(unit, first=FIRST_DAY, last=DAY, moment=NOON, as_of=None):
    return list(ranges.by_day(named(unit), first, last, at=moment, as_of=as_of))


def rows(figures):
    """The rollup without its unsummed figures, whose order varies."""
    return replace(figures, figures=(), hours=replace(figures.hours, before=None))


@pytest.mark.parametrize("as_of", [None, at("2020-08-21 10:59"), at("2020-08-13 20:00")])
def test_every_day_has_the_figures_of_its_page(as_of, fifteen_days):
    first = FIRST_DAY - timedelta(days=2)  # the day of the opening reports among them
    days = [first + timedelta(days=number) for number in range(18)]
    for unit in (fifteen_days.city, fifteen_days.commune, fifteen_days.agency):
        pages = [rollup.rows(named(unit), day, as_of, at=NOON) for day in days]
        assert [rows(then) for then in read(unit, first, as_of=as_of)] == [rows(page) for page in pages]


def test_days_are_judged_as_on_the_page_of_discipline(fifteen_days):
    days, seen = [FIRST_DAY + timedelta(days=number) for number in range(16)], set()
    for moment in (NOON, EVENING):
        superiors = (fifteen_days.city, fifteen_days.district, fifteen_days.other_district)
        records = [discipline.discipline(unit, days, at=moment) for unit in superiors]
        shown = [row for record in records for row in (*record.below, *record.agencies) if row.days]
        page = {row.code: dict(row.days) for row in shown}
        for then in read(fifteen_days.city, moment=moment):
            statuses = {row.code: row.status for row in then.reporting}
            seen |= set(statuses.values())
            assert statuses == {code: page[code].get(then.day, DayStatus.NOT_DUE_YET) for code in statuses}
    assert seen == set(DayStatus)


def shown(unit, **options):
    return Range(unit=named(unit), first=FIRST_DAY, last=DAY, at=NOON, look=LookBack(DAY), **options)


def workbook(unit):
    file = io.BytesIO()
    with translation.override("vi"):
        range_workbook(shown(unit), file)
    return load_workbook(io.BytesIO(file.getvalue()))


def test_data_sheet_is_a_table_of_all_units_and_days_with_cells_drawn_alike(fifteen_days):
    data = workbook(fifteen_days.city)["Dữ liệu"]
    [table] = data.tables.values()
    assert (table.displayName, table.ref) == ("Du_lieu", data.dimensions)
    assert table.autoFilter.ref == table.ref
    assert [column.name for column in table.tableColumns] == [cell.value for cell in data[1]]
    cells = [cell for cell in data[2] if cell.value is not None]
    assert {cell.is_date for cell in cells} == {True, False}
    assert {cell.border.left and cell.border.left.style for cell in cells} == {None}


def test_summary_sums_the_days_and_ends_with_the_figures_of_the_last(fifteen_days):
    book, then = workbook(fifteen_days.city), read(fifteen_days.city)
    assert book.sheetnames == ["Tổng hợp", "Dữ liệu"]
    lines = {line[0]: line[1:] for line in book["Tổng hợp"].iter_rows(values_only=True)}
    assert len(lines) == 2 + 1 + 2 + len(then) + len(then[0].children) + 2  # title, gap, heads, whole, agencies
    own = [figures.own for figures in then]
    shared = (own[-1].cumulative, own[-1].population, float(own[-1].share))
    for name, rows in (("21/08/2020", own[-1:]), ("Thành phố Hải Phòng", own)):
        counts = [sum(getattr(row, one.name) or 0 for row in rows) for one in fields.OF_DAY]
        reports = [sum(row.reported for row in rows), sum(row.expected for row in rows)]
        assert lines[name] == (*counts, *shared, *reports)
    assert lines["Sở ban ngành"][3] == then[-1].agency_total.cumulative


def test_summary_of_one_unit_has_no_other_units(fifteen_days):
    for unit in (fifteen_days.commune, fifteen_days.agency):
        names = [line[0] for line in workbook(unit)["Tổng hợp"].iter_rows(values_only=True)]
        assert names[names.index("Cả kỳ") + 1 :] == [read(unit)[-1].own.name]


def test_csv_is_sent_day_by_day_as_it_is_read(fifteen_days):
    parts = list(tidy.days_csv(shown(fifteen_days.city)))
    assert len(parts) == 17
    lines = csv.DictReader(io.StringIO(b"".join(parts).decode(), newline=""))
    assert {line["adjustment"] for line in lines} == {"-7", ""}  # a negative number is a number
