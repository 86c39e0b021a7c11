"""How much CPU pages and sending a report take.

Compared with the same person's password page, and with a list in Django's admin.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.template.backends.django import DjangoTemplates
from django.test import Client, RequestFactory

from reporting.models import Report, Unit, User

from .measures import CITY, DISTRICT_OF_37, Measure, compare, cpu_of_the_server, history_of, signed_in, visit

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


class DistrictAdmin(admin.ModelAdmin):
    """What Django's admin gives without further code: a list of districts with sums over the same tables."""

    list_display = ("code", "installed", "reported", "people")
    ordering = ("code",)

    def get_queryset(self, request) -> QuerySet[Unit]:
        reports = Report.objects.filter(unit__parent=OuterRef("pk")).order_by().values("unit__parent")
        people = Unit.objects.filter(parent=OuterRef("pk")).order_by().values("parent")
        return Unit.objects.filter(level=Unit.Level.DISTRICT).annotate(
            sum_of_installs=Subquery(reports.annotate(sum=Sum("installs")).values("sum")),
            reports_sent=Subquery(reports.annotate(sum=Count("pk", filter=Q(installs__isnull=False))).values("sum")),
            population=Subquery(people.annotate(sum=Sum("base_figures__population")).values("sum")),
        )

    def installed(self, unit):
        return unit.sum_of_installs

    def reported(self, unit):
        return unit.reports_sent

    def people(self, unit):
        return unit.population


def admin_beside_city_page(alias: str) -> Measure:
    """How many times the CPU of our city page the admin's list takes, the database's CPU included."""
    with history_of(alias):
        page = _get(signed_in(CITY, alias), f"/units/{CITY}/")
        cpu = {"clock": lambda: time.process_time() + cpu_of_the_server()}
        ratio, note = compare(_admin_list(), page, pairs=11, warming_up=1, **cpu)
    return Measure(f"Django admin, annotated sums : city page, {alias}", ratio, note=note)


def _admin_list() -> Callable[[int], object]:
    """Draws the list with the admin's view and templates only. Our page also passes the middleware."""
    settings = {"context_processors": ["django.template.context_processors.request"]}
    engine = DjangoTemplates({"NAME": "admin", "DIRS": [], "APP_DIRS": True, "OPTIONS": settings})
    districts = DistrictAdmin(Unit, admin.AdminSite())
    superuser = User(is_superuser=True, is_staff=True, username="superuser")

    def draw(number):
        request = RequestFactory().get("/admin/reporting/unit/")
        request.user, request.session = superuser, {}
        response = districts.changelist_view(request)
        page = engine.get_template("admin/change_list.html").render(response.context_data, request)
        assert page.count("<tr>") > 10

    return draw
