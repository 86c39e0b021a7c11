"""The workbook of a day and of a year by django-import-export, over the same tables: what an office could have at once.

One sheet of the units' reports with name, population and share: no sums, no checks, no charts, no head, no notes.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import translation
from import_export import resources
from import_export.fields import Field
from import_export.formats.base_formats import XLSX
from import_export.widgets import DateTimeWidget, DateWidget, IntegerWidget, NumberWidget

from reporting.exports import printed_day, workbook
from reporting.figures import rollup
from reporting.hours import deadline
from reporting.models import BaseFigure, Report, Unit

from .measures import CITY, Measure, history_of
from .pages import compare

A_YEAR = 365


def _number(name: str) -> Field:
    return Field(attribute=name, column_name=name, widget=IntegerWidget(coerce_to_string=False))


class ReportResource(resources.ModelResource):
    code = Field(attribute="unit__code", column_name="code")
    unit_name = Field(attribute="unit_name", column_name="unit")
    day = Field(attribute="day", column_name="day", widget=DateWidget(coerce_to_string=False))
    received_at = Field(attribute="received_at", column_name="received_at", widget=DateTimeWidget())
    installs, adjustment = _number("installs"), _number("adjustment")
    cumulative, households_visited, population = map(_number, ("cumulative", "households_visited", "population"))
    share = Field(column_name="share", widget=NumberWidget(coerce_to_string=False))

    class Meta:
        model = Report
        fields = (
            "code",
            "unit_name",
            "day",
            "installs",
            "adjustment",
            "cumulative",
            "households_visited",
            "population",
            "share",
            "received_at",
        )

    def dehydrate_share(self, report: Report) -> float | None:
        return report.cumulative / report.population if report.population else None


def reports(first: date, last: date) -> QuerySet[Report]:
    named = Unit.objects.named(last).filter(pk=OuterRef("unit"))
    people = BaseFigure.objects.filter(unit=OuterRef("unit"), effective_on__lte=last).order_by("-effective_on", "-id")
    found = Report.objects.filter(day__range=(first, last)).select_related("unit").order_by("day", "unit__sort_key")
    return found.annotate(
        unit_name=Subquery(named.values("name")[:1]), population=Subquery(people.values("population")[:1])
    )


def _by_the_peer(first: date, last: date) -> Callable[[int], object]:
    def export(number):
        content = XLSX().export_data(ReportResource().export(reports(first, last)))
        assert len(content) > 10_000

    return export


def workbooks(today: date) -> Iterator[Measure]:
    """How many times as much of the process's CPU the peer takes as we do."""
    with history_of("year"), translation.override("vi"):
        city = Unit.objects.named(today).get(code=CITY)

        def of_the_day(number):
            annex = printed_day.of(city, rollup.rows(city, today))
            workbook.day_workbook(annex, until=deadline.closes_at(today))

        ratio, note = compare(_by_the_peer(today, today), of_the_day, times=7)
        yield Measure("django-import-export : day workbook", ratio, note=note)
        first = today - timedelta(days=A_YEAR - 1)
        with tempfile.TemporaryDirectory() as folder:

            def of_the_year(number):
                file = str(Path(folder, "year.xlsx"))
                asked = (CITY, first.isoformat(), today.isoformat(), file)
                call_command("export_range", *asked, stdout=io.StringIO(), stderr=io.StringIO())

            ratio, note = compare(_by_the_peer(first, today), of_the_year, times=1, warming_up=0)
        yield Measure("django-import-export : year workbook", ratio, note=note)
