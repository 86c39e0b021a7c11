"""What a person does with a browser at one moment: open a page, send the form, send the page's form again."""

import re
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from reporting.deadline import ZONE
from reporting.figures import rollup
from reporting.models import Report, Revision
from tests.factories import DAY, at

NOON = "2020-08-21 12:00"


def frozen(moment: str, *, zone=ZONE):
    """The clock stands at `moment`, Hai Phong time, in a process with the time zone `zone`."""
    return time_machine.travel(at(moment).astimezone(zone), tick=False)


def city_at(moment):
    """A fixture: the city clerk's browser at the moment."""

    @pytest.fixture
    def city(cast, client):
        client.force_login(cast.city_clerk)
        with time_machine.travel(moment, tick=False):
            yield client

    return city


def look(user, name, *args, moment=NOON, query="", **options):
    """Opens the page of that route name as the person, at the moment."""
    client = Client(**options)
    with frozen(moment):
        client.force_login(user)
        return client.get(reverse(f"reporting:{name}", args=args) + query)


def send(user, unit, moment=NOON, *, day=DAY, headers=None, zone=ZONE, **typed):
    """Post the form of `day`; fields that are not given get the values of a first report."""
    figures = {"installs": "88", "opening": "0", "base_version": "0", **typed}
    client = Client()
    with frozen(moment, zone=zone):
        client.force_login(user)
        return client.post(reverse("reporting:report", args=[unit.code, day]), figures, headers=headers)


def send_again(user, unit, page, moment=NOON, *, day=DAY, **typed):
    """Post the form as the page shows it, with some changes."""
    return send(user, unit, moment, day=day, **{"opening": "", **inputs(page), **typed})


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def words_of(page) -> str:
    """The page's words, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def markup(page) -> str:
    """The page's HTML with each run of whitespace as one space, so that a line break in a template does not matter."""
    return " ".join(page.text.split())


def inputs(page) -> dict[str, str]:
    """Names and values of the report form's filled inputs."""
    form = re.search(r'<form class="report".*?</form>', page.text, re.DOTALL)[0]
    tags = re.findall(r'<input[^>]* name="(\w+)"[^>]*? value="([^"]*)"', form)
    return {name: unescape(value) for name, value in tags if name != "csrfmiddlewaretoken"}


def errors(page) -> dict[str, list[str]]:
    """The codes of the form's errors by field."""
    return {field: [error.code for error in errors] for field, errors in page.context["form"].errors.as_data().items()}


def status_of(unit, day=DAY) -> str | None:
    """The unit's status of the day once it is over, in one word."""
    return rollup.rows(unit, day).own.status


def written() -> tuple[int, int]:
    """The numbers of reports and of revisions."""
    return Report.objects.count(), Revision.objects.count()
