"""“Hoàn tác tệp này”: what was before comes back; what was changed since stays and is named."""

from datetime import timedelta

import pytest
from django.utils import translation

from reporting import acts, imports
from reporting.figures import rollup, verification
from reporting.imports import undo
from reporting.models import BaseFigure, Import, Report, Revision, Unit, User

from .. import clerk, factories as f, sheets
from .test_imports import D1, EVENING, NEXT, REPORTS, UNIT_HEAD, UNITS, disagreements, sent

PEOPLE = imports.KINDS["people"]
LATER = EVENING + timedelta(hours=1)
DAYS = [D1 + timedelta(days=n) for n in range(14)]
REPORT_HEAD = ["Mã đơn vị", "Loại số liệu", "Số máy đã cài trước đợt"]


def recorded(kind, rows, by, **options):
    """The import, as the page records it."""
    table, source = clerk.read_table(kind, sheets.workbook(*rows), "a.xlsx")
    done = imports.apply(kind, table, sent(by, seed="x", **options), now=lambda: EVENING)
    return f.make_import(by.unit, by, kind=kind.name, source=source, count=done.count, rows=done.made.rows)


def undone(record, by):
    with translation.override("vi"):
        return undo.undo(record, by=by, at=LATER, reason="Nhầm ngày", now=lambda: LATER)


def faces(top, days=DAYS):
    """What the pages show of every unit and day."""
    return [
        [(row.code, row.installs, row.cumulative, row.population) for row in rollup.rows(top, day).by_code.values()]
        for day in days
    ]


def problems():
    return [*disagreements(), *verification.covers()]


def test_three_figures_are_undone(cast):
    f.make_report(cast.commune, D1, 5, opening=100)
    before = faces(cast.city)
    rows = [[*REPORT_HEAD, *DAYS[:2]], ["11416", "mới", 100, 6, 7], ["11407", "mới", 0, 3, None]]
    record = recorded(REPORTS, rows, cast.city_clerk)
    assert (record.count, faces(cast.city) != before) == (4, True)
    undone(record, cast.city_clerk)
    assert (faces(cast.city), record_of(record).left, problems()) == (before, [], [])
    steps = Revision.objects.filter(report__unit=cast.commune, report__day=D1).values_list("installs", "kind")
    assert list(steps) == [(5, "own"), (6, "import"), (5, "correction")]
    words = Revision.objects.filter(report__unit=cast.commune).last().reason
    assert words == "Hoàn tác tệp a.xlsx; Nhầm ngày"
    with pytest.raises(acts.AlreadyWithdrawn):
        undone(record, cast.city_clerk)
    recorded(REPORTS, rows, cast.city_clerk)  # the right file may follow
    assert problems() == []


def record_of(record):
    return Import.objects.get(pk=record.pk)


@pytest.mark.matrix
def test_fortnight_of_a_city_is_undone_but_for_what_was_changed_since(cast):
    units = [f.make_unit(f"2{n:04}", parent=cast.district, name=f"Tổ {n}", population=9000) for n in range(229)]
    units += [cast.commune, cast.neighbour, cast.stranger]
    for unit in units[:30]:
        f.make_report(unit, D1, 2, opening=10)
    before = faces(cast.city)
    lines = [[unit.code, "mới", 10, *[n % 9 for n in range(14)]] for unit in units]
    record = recorded(REPORTS, [[*REPORT_HEAD, *DAYS], *lines], cast.city_clerk)
    assert record.count > 3200
    changed = []
    for unit in units[:20]:
        report = Report.objects.get(unit=unit, day=DAYS[3])
        about = {"unit": unit, "day": DAYS[3], "installs": 77, "base_version": report.version, "reason": "Đếm lại"}
        changed.append(acts.enter(**about, by=cast.city_clerk, at=EVENING + timedelta(minutes=5)).report)
    done = undone(record, cast.city_clerk)
    assert len(done.left) == 20
    assert done.left[0] == "Tổ 0, 09/08/2020: đã được sửa sau đó"
    after = faces(cast.city)
    assert sum(day != other for day, other in zip(before, after, strict=True)) == 11  # since the day that was changed
    kept = Report.objects.filter(day=DAYS[3], installs=77).values_list("unit", flat=True)
    assert {*kept} == {report.unit_id for report in changed}
    assert Report.objects.filter(unit=units[100], installs__isnull=False).count() == 0
    assert problems() == []


def test_base_figures_are_undone(cast):
    codes = [f"2{n:04}" for n in range(92)]
    for code in codes:
        f.make_unit(code, parent=cast.district, name=f"Tổ {code}", kind="phường", population=9000)
    before = faces(cast.city)
    lines = [[code, f"Tổ {code}", "phường", "cấp xã", "306", 9500] for code in codes]
    record = recorded(UNITS, [UNIT_HEAD, *lines], cast.city_clerk)
    assert (record.count, faces(cast.city) != before) == (92, True)
    undone(record, cast.city_clerk)
    assert (faces(cast.city), BaseFigure.objects.filter(population=9500).count(), problems()) == (before, 0, [])


def test_units_not_yet_in_force_are_undone(cast):
    rows = [UNIT_HEAD, ["11999", "Tràng Cát", "phường", "cấp xã", "306", 9000, "x"]]
    record = recorded(UNITS, rows, cast.city_clerk, effective_on=NEXT)
    assert Unit.objects.get(code="11999").is_open_on(NEXT)
    undone(record, cast.city_clerk)
    assert not Unit.objects.get(code="11999").is_open_on(NEXT)
    recorded(UNITS, rows, cast.city_clerk, effective_on=NEXT)  # the code is free again
    assert problems() == []


def test_accounts_are_undone_but_for_those_who_signed_in(cast):
    lines = [["11416", f"Lê Văn {chr(65 + n)}", f"09123456{n:02}"] for n in range(30)]
    rows = [["Mã đơn vị", "Họ và tên", "Điện thoại"], *lines]
    record = recorded(PEOPLE, rows, cast.city_clerk)
    User.objects.filter(username__in=[line[2] for line in lines[:3]]).update(first_signed_in_at=EVENING)
    done = undone(record, cast.city_clerk)
    active = User.objects.filter(username__startswith="09123456", is_active=True)
    assert (active.count(), len(done.left)) == (3, 3)
    assert done.left[0].endswith("đã đăng nhập")
    assert recorded(PEOPLE, rows, cast.city_clerk).count == 27  # the file may follow again
    assert active.count() == 30


@pytest.mark.parametrize("person", ["district_clerk", "officer", "leader"])
def test_only_the_office_that_imported_undoes(person, cast):
    record = f.make_import(cast.city, cast.city_clerk)
    with pytest.raises(undo.NotUndone):
        undone(record, getattr(cast, person))
