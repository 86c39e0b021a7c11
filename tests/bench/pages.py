"""How much CPU pages and sending a report take.

Compared with the same person's password page.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.test import Client

from reporting.models import Report, Unit

from .measures import CITY, DISTRICT_OF_37, Measure, compare, history_of, signed_in, visit

PASSWORD_PAGE = "/accounts/password_change/"
BY_CPU_TIME = {"pairs": 25, "warming_up": 2, "clock": time.process_time}


def pages(today) -> Iterator[Measure]:
    """With a year of history, each compared with the password page of the same person."""
    eve = today - timedelta(days=1)
    with history_of("year"):
        not_reported = (
            Unit.objects.filter(level=Unit.Level.COMMUNE).exclude(reports__day=today).order_by("code").first().code
        )
    then = f"/units/{CITY}/?day={eve}"
    compared = {
        "city page": (CITY, f"/units/{CITY}/", 4),
        "page of 37 communes": (DISTRICT_OF_37, f"/units/{DISTRICT_OF_37}/", 3),
        "board of 37 communes": (DISTRICT_OF_37, f"/units/{DISTRICT_OF_37}/board/{today}/", 3),
        "commune's home": (not_reported, f"/units/{not_reported}/", 2),
        "form": (not_reported, f"/units/{not_reported}/report/{today}/", 2),
    }
    with history_of("year"):
        for name, (person, address, goal) in compared.items():
            client = signed_in(person, "year")
            ratio, note = compare(_get(client, address), _get(client, PASSWORD_PAGE), **BY_CPU_TIME)
            yield Measure(f"{name} : bare page", ratio, goal, note=note)
        client = signed_in(not_reported, "year")
        ratio, note = compare(_post(client, not_reported, today), _get(client, PASSWORD_PAGE), **BY_CPU_TIME)
        yield Measure("sending the form : bare page", ratio, 2.5, note=note)
        client = signed_in(CITY, "year")
        ratio, note = compare(_get(client, f"{then}&as_of={eve}T18:00"), _get(client, then), **BY_CPU_TIME)
        yield Measure("city page as of an instant : of now", ratio, 2, note=note)


def _get(client: Client, address: str) -> Callable[[int], object]:
    return lambda number: visit(client, address)


def _post(client: Client, code: str, today) -> Callable[[int], object]:
    def send(number):
        report = Report.objects.filter(unit__code=code, day=today).first()
        figures = {"installs": str(3 + number % 2), "base_version": str(report.version if report else 0)}
        sent = client.post(f"/units/{code}/report/{today}/", figures, headers={"host": "localhost"})
        assert sent.status_code == 302, sent.status_code

    return send
