"""`python -m tests.bench`: the product's own benchmark on the database of DATABASE_URL; see docs/benchmarks.md."""

import argparse
import logging
import os

from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from reporting import clock
from reporting.hours import deadline

from . import data, dead_servers, files, flood, kept, measures, nation, pages, peers, rush


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--suite", action="store_true", help="also time the test suite on SQLite, without the browser")
    parser.add_argument("--pages", action="store_true", help="pages, reports and the peer alone")
    parser.add_argument("--rush", action="store_true", help="every officer of the city within five seconds, alone")
    parser.add_argument("--restore", action="store_true", help="backup and restore of a year alone")
    parser.add_argument("--nation", type=int, metavar="CITIES", help="a country of so many cities alone, 63 at most")
    options = parser.parse_args()
    table = [measures.suite()] if options.suite else []
    logging.disable()  # an address that does not exist is asked for on purpose
    today = deadline.reporting_day(clock.now())
    created = setup_databases(verbosity=0, interactive=False)
    try:
        if options.rush:
            data.fill(days=30, today=today)
            table += rush.measures(today)
        elif options.restore:
            table += kept.backup_and_restore(today)
        elif options.nation:
            table += nation.measures(today, cities=options.nation, days=365)
        else:
            table += city(today, only_pages=options.pages)
    finally:
        teardown_databases(created, verbosity=0)
    show(table)


def city(today, *, only_pages: bool) -> list[measures.Measure]:
    print("a month of history ...", flush=True)
    data.fill(days=30, today=today)
    print("a year of history, confirmed and sealed ...", flush=True)
    with measures.history_of("year"):
        data.fill(days=365, today=today)
        data.fix(days=365, today=today)
    print("three years of history ...", flush=True)
    with measures.history_of("years"):
        data.fill(days=3 * 365, today=today)
    table = [*pages.pages(today), *pages.peers()]
    return table if only_pages else table + others(today)


def others(today) -> list[measures.Measure]:
    return [
        measures.rollup_after_years(today),
        *measures.city_page(),
        measures.page_as_of(today),
        measures.nightly_check(),
        measures.old_correction(today),
        *measures.sign_ins(),
        measures.import_of_a_fortnight(today),
        *measures.import_of_people(today),
        *measures.hostile_files(),
        *rush.measures(today),
        *flood.sign_in_flood(),
        dead_servers.report_while_senders_wait(),
        *files.day_workbook(today),
        files.many_days(today),
        *files.range_files(today),
        *peers.workbooks(today),
    ]


def show(table: list[measures.Measure]) -> None:
    print(f"\n{connection.vendor}, {os.cpu_count()} cores; medians of ratios within this run")
    for measure in table:
        figure = f"{measure.figure:.2f}{measure.unit}"
        goal = f"<= {measure.goal:g}{measure.unit}" if measure.goal else ""
        print(f"{measure.name:55} {figure:>10} {goal:>8}  {measure.verdict:5} {measure.note}")
