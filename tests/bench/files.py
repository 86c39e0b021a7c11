"""The files that are downloaded, against the barest way to write the same cells and lines."""

from __future__ import annotations

import csv
import gc
import io
import itertools
import multiprocessing
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connections
from django.utils import translation
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from reporting import clock
from reporting.exports import printed_day, range_csv, workbook
from reporting.figures import fields, ranges, rollup
from reporting.hours import deadline
from reporting.models import Report, Unit

from .measures import CITY, Measure, compare, history_of

DAYS_OF_A_YEAR = 365
ROUNDS = 7
OF_A_REPORT = ("day", "unit_id", "kind", "received_at", *(field.column for field in fields.OF_DAY))
WITH_A_FORMAT = ("dd/mm/yyyy", "0.00%")  # of the cells of a range that have one of their own


def day_workbook(today: date) -> Iterator[Measure]:
    """The city's official workbook, and a bare one with the same values in the same places."""
    with history_of("years"), translation.override("vi"):
        city = Unit.objects.named(today).get(code=CITY)
        figures = rollup.rows(city, today)
        until = deadline.closes_at(today)
        content = workbook.day_workbook(printed_day.of(city, figures), until=until)
        values = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in _opened(content)]
        times = []
        for _round in range(ROUNDS):
            moments = [time.perf_counter()]
            beside = printed_day.of(city, figures)
            moments.append(time.perf_counter())
            workbook.day_workbook(beside, until=until)
            moments.append(time.perf_counter())
            _bare_day(values)
            moments.append(time.perf_counter())
            times.append([(after - before) * 1000 for before, after in itertools.pairwise(moments)])
    read, written, bare = (statistics.median(column) for column in zip(*times, strict=True))
    more = statistics.median(written - bare for _read, written, bare in times)
    note = f"{written:.0f} ms : {bare:.0f} ms; what stands beside the rows is read in {read:.0f} ms"
    yield Measure("day workbook, more than a bare one of its cells", more, 100, " ms", note)


def range_files(today: date) -> Iterator[Measure]:
    """A year of the city by the command, and the same lines as CSV."""
    first = today - timedelta(days=DAYS_OF_A_YEAR - 1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "year.xlsx")
        growth = _growth_of_a_process("export_range", CITY, first.isoformat(), today.isoformat(), str(file))
        sheets, rows = _cells(file)
        gc.freeze()  # the values kept for the bare loop are no burden to either side

        def by_command(number):
            with history_of("years"):
                call_command(
                    "export_range", CITY, first.isoformat(), today.isoformat(), str(file), stdout=io.StringIO(),
                    stderr=io.StringIO(),
                )  # fmt: skip

        def by_bare_loop(number):
            _bare_range(sheets, Path(folder, "bare.xlsx"))

        ratio, note = compare(by_command, by_bare_loop, pairs=3)
        gc.unfreeze()
        yield Measure("year of the city as a workbook, growth of the process", growth, 40, " MiB", f"{rows} rows")
        yield Measure("year of the city as a workbook : bare write-only loop", ratio, 1.3, note=note)
        ratio, note = _csv(first, today, Path(folder, "year.csv"))
        yield Measure("year of the city as CSV : bare csv loop over its reports", ratio, 2, note=note)


def _csv(first: date, today: date, file: Path) -> tuple[float, str]:
    def lines(number):
        with history_of("years"), file.open("wb") as stream:
            city = Unit.objects.named(today).get(code=CITY)
            stream.writelines(range_csv.range_csv(ranges.days(city, first, today, at=clock.now()), at=clock.now()))

    def bare(number):
        with history_of("years"), file.open("w", encoding="utf-8-sig", newline="") as stream:
            reports = Report.objects.filter(unit__path__startswith=f"{CITY}/", day__range=(first, today))
            found = reports.order_by("day").values_list(*OF_A_REPORT).iterator()
            csv.writer(stream, delimiter=";").writerows(found)

    return compare(lines, bare, pairs=7)


def _opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def _bare_day(sheets: list[list[list]]) -> None:
    book = Workbook()
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(io.BytesIO())


def _cells(file: Path) -> tuple[list[list[list]], int]:
    """Every row of every sheet as values, one with a format of its own as a pair; and how many days of units."""
    book = load_workbook(file, read_only=True)
    sheets = []
    for sheet in book:
        rows = [
            [(cell.value, cell.number_format) if cell.number_format in WITH_A_FORMAT else cell.value for cell in row]
            for row in sheet.iter_rows()
        ]
        sheets.append(rows)
    book.close()
    return sheets, max(map(len, sheets))


def _bare_range(sheets: list[list[list]], file: Path) -> None:
    book = Workbook(write_only=True)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append([_formatted(sheet, *value) if type(value) is tuple else value for value in row])
    book.save(file)


def _formatted(sheet, value: object, number_format: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = number_format
    return cell


def _growth_of_a_process(*command: str) -> float:
    """By how many MiB a process of its own grows, at its highest, while it runs the command."""
    connections.close_all()  # a connection is of one process
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_grow, args=(theirs, command))
    process.start()
    growth = ours.recv()
    process.join()
    return growth


def _grow(answer, command) -> None:
    before = _memory("VmRSS")
    with history_of("years"):
        call_command(*command, stdout=io.StringIO(), stderr=io.StringIO())
        connections.close_all()
    answer.send((_memory("VmHWM") - before) / 1024)


def _memory(name: str) -> int:
    """Of this process, in KiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1])
