"""Tables of units: rows of the rollup in, columns out; the total is the pinned row at the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import charts, formatting
from .rollup import Row
from .templatetags.reporting import status_mark


class FigureColumn(tables.Column):
    """A count: 1.234.567, a dash where nothing is known."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, attrs={"td": {"class": "figure"}, "th": {"class": "figure"}}, **kwargs)
        self.empty_values = ()

    def render(self, value):
        return formatting.number(value)


class UnitTable(tables.Table):
    name = tables.Column(gettext_lazy("Unit"), order_by=("sort_key", "code"))
    state = tables.Column(gettext_lazy("Reported"), accessor="missing", order_by=("-missing", "sort_key"))
    installs = FigureColumn(gettext_lazy("New"))
    adjustment = FigureColumn(gettext_lazy("Adjusted"))
    cumulative = FigureColumn(gettext_lazy("Cumulative"))
    share = tables.Column(gettext_lazy("Share"), empty_values=(), attrs={"td": {"class": "share"}})
    population = FigureColumn(gettext_lazy("Population"))
    target = FigureColumn(gettext_lazy("Target"))
    missing_to_target = FigureColumn(gettext_lazy("Still missing"))
    households = FigureColumn(gettext_lazy("Households visited"))

    class Meta:
        attrs = {"class": "units"}
        row_attrs = {"data-code": lambda record: record.code}
        order_by = "name"

    def __init__(self, rows: Sequence[Row], *, total: Row, day: date, **kwargs):
        self.day = day
        self.total = replace(total, name=_("Total"))
        hidden = [] if any(row.adjustment for row in [*rows, total]) else ["adjustment"]
        super().__init__(list(rows), exclude=[*kwargs.pop("exclude", []), *hidden], **kwargs)

    def get_bottom_pinned_data(self):
        return [self.total]

    def render_name(self, value, record):
        if record is self.total:
            return value
        address = reverse("reporting:unit", args=[record.code])
        return format_html('<a href="{}?day={}">{}</a>', address, self.day.isoformat(), value)

    def render_state(self, record):
        if record.is_reporting:
            return status_mark(record.status)
        late = format_html(' <span class="status status-late">! {}</span>', record.late) if record.late else ""
        kind = "done" if record.reported == record.expected else "missing"
        return format_html(
            '<span class="status status-{}">{}/{}</span>{}', kind, record.reported, record.expected, late
        )

    def render_share(self, record):
        return format_html(
            "{}<span>{}</span>", charts.share_bar(record.share, record.target_share), formatting.percent(record.share)
        )


class AgencyTable(UnitTable):
    """Agencies count their staff; a table of its own, never in the total of the residents."""

    name = tables.Column(gettext_lazy("Agency"), order_by=("sort_key", "code"))
    share = tables.Column(gettext_lazy("Share of staff"), empty_values=(), attrs={"td": {"class": "share"}})
    population = FigureColumn(gettext_lazy("Staff"))

    class Meta(UnitTable.Meta):
        exclude = ("households",)
