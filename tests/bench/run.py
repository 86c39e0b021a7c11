"""`python -m tests.bench`: the product's own benchmark on the database of DATABASE_URL; see docs/benchmarks.md."""

import argparse
import logging
import os
from collections.abc import Iterator

from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from reporting import clock, deadline

from . import attack, data, measures, nation, pages, rush


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--pages", action="store_true", help="pages and reports alone")
    parser.add_argument("--rush", action="store_true", help="every officer of the city within five seconds, alone")
    parser.add_argument("--attack", type=int, metavar="SECONDS", help="each attack for so long, alone; needs nginx")
    parser.add_argument("--nation", type=int, metavar="CITIES", help="a country of so many cities alone, 63 at most")
    parser.add_argument("--named", default="", help="only attacks with these words in their name")
    options = parser.parse_args()
    logging.disable()  # one request for a missing address is intended
    today = deadline.reporting_day(clock.now())
    created = setup_databases(verbosity=0, interactive=False)
    print(f"{connection.vendor}, {os.cpu_count()} cores; medians of ratios within this run", flush=True)
    try:
        for measure in chosen(options, today):
            show(measure)  # at once, so that a later failure loses no result
    finally:
        teardown_databases(created, verbosity=0)


def chosen(options: argparse.Namespace, today) -> Iterator[measures.Measure]:
    if options.rush:
        data.fill(days=30, today=today)
        yield from rush.measures(today)
    elif options.attack:
        data.fill(days=30, today=today)
        yield from attack.measures(today, options.attack, options.named)
    elif options.nation:
        yield from nation.measures(today, cities=options.nation, days=365)
    else:
        yield from city(today, only_pages=options.pages)


def city(today, *, only_pages: bool) -> Iterator[measures.Measure]:
    """With a month of history, with a year confirmed and sealed, and with three years."""
    data.fill(days=30, today=today)
    with measures.history_of("year"):
        data.fill(days=365, today=today)
        data.fix(days=365, today=today)
    yield from pages.pages(today)
    if only_pages:
        return
    with measures.history_of("years"):
        data.fill(days=3 * 365, today=today)
    yield measures.rollup_after_years(today)
    yield measures.old_correction(today)
    yield measures.import_of_a_fortnight(today)
    with measures.history_of("rush"):  # nothing of it has been corrected meanwhile
        data.fill(days=30, today=today)
        yield from rush.measures(today)


def show(measure: measures.Measure) -> None:
    figure = f"{measure.figure:.2f}{measure.unit}"
    goal = f"<= {measure.goal:g}{measure.unit}" if measure.goal else ""
    print(f"{measure.name:55} {figure:>10} {goal:>8}  {measure.verdict:5} {measure.note}", flush=True)
