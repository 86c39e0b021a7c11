"""The pages of a country of 10,600 communes with a year of history: `make bench-nation`, on PostgreSQL.

On a busy machine the wall clock measures the load. So this measures the CPU time of the process and of its database
connection's process; on a quiet machine their sum is the time of the page.
"""

import os
import statistics
import time
from collections.abc import Iterator
from datetime import date

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reporting.models import Report, Unit, User

from . import country
from .measures import Measure, cpu_of_the_server, visit
from .pages import PASSWORD_PAGE

TIMES = 7


def pages(today: date) -> Iterator[Measure]:
    commune, district, city, top = "1-1-1", "1-1", "1", country.TOP
    asked = {
        "bare page (password change)": (commune, PASSWORD_PAGE, None),
        "country's page": (top, f"/units/{top}/", None),
        "country's ranking": (top, f"/units/{top}/ranking/", None),
        "country's bulletin": (top, f"/units/{top}/bulletin/{today}/", None),
        "city's page": (city, f"/units/{city}/", 100),
        "district's page": (district, f"/units/{district}/", 100),
        "commune's home": (commune, f"/units/{commune}/", 50),
        "form": (commune, f"/units/{commune}/report/{today}/", None),
        "board of a district": (district, f"/units/{district}/board/{today}/", 300),
        "board of a city": (city, f"/units/{city}/board/{today}/", 300),
        "board of the country": (top, f"/units/{top}/board/{today}/", None),
    }
    for name, (person, address, goal) in asked.items():
        yield page(name, person, address, goal)


def page(name: str, person: str, address: str, goal: float | None) -> Measure:
    client = Client()
    client.force_login(User.objects.get(username=person))
    visit(client, address)
    walls, ours, servers = [], [], []
    for _round in range(TIMES):
        moments = time.perf_counter(), time.process_time(), cpu_of_the_server()
        visit(client, address)
        walls.append((time.perf_counter() - moments[0]) * 1000)
        ours.append((time.process_time() - moments[1]) * 1000)
        servers.append((cpu_of_the_server() - moments[2]) * 1000)
    with CaptureQueriesContext(connection) as queries:
        visit(client, address)
    own, server, wall = (statistics.median(column) for column in (ours, servers, walls))
    note = f"{own:.0f} ms of ours + {server:.0f} of the database, {len(queries)} queries; wall {wall:.0f} ms"
    return Measure(name, own + server, goal, " ms", note)


def sizes() -> Iterator[Measure]:
    """The disk space of the country."""
    if connection.vendor != "postgresql":
        return
    yield Measure("reports", Report.objects.count() / 1e6, unit=" million", note=f"{Unit.objects.count()} units")
    with connection.cursor() as cursor:
        for table in ("report", "revision"):
            name = f"reporting_{table}"
            cursor.execute("SELECT pg_table_size(%s::regclass), pg_indexes_size(%s::regclass)", [name, name])
            rows, indexes = (size / 2**20 for size in cursor.fetchone())
            yield Measure(f"size of {name}", rows + indexes, unit=" MiB", note=f"{indexes:.0f} of it indexes")
        cursor.execute("SELECT pg_database_size(current_database())")
        yield Measure("size of the database", cursor.fetchone()[0] / 2**20, unit=" MiB")


def measures(today: date, *, cities: int, days: int) -> list[Measure]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # an improvement would not be visible
            cursor.execute("SET max_parallel_workers_per_gather = 0")
    start = time.perf_counter()
    country.fill(days=days, today=today, cities=cities)
    made = Measure("the country, made", time.perf_counter() - start, unit=" s", note=f"load {os.getloadavg()[0]:.1f}")
    return [made, *sizes(), *pages(today)]
