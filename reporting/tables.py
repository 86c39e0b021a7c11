"""Tables of units, made from rollup rows; the total is pinned at the bottom."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import django_tables2 as tables
from django.forms.utils import flatatt
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from .figures.discipline import LatenessRecord
from .figures.pace import Pace
from .figures.ranking import LevelRanking
from .figures.rollup import Row
from .models import SignOff
from .text import formatting, status_marks, unit_kinds
from .text.markup import format_html, join

LINE_CELL = {"td": {"class": "line-cell"}, "th": {"class": "line-cell"}}


class FigureColumn(tables.Column):
    """A count (1.234.567, or a dash if unknown), or a figure in another format."""

    def __init__(self, *args, also: str = "", written=formatting.number, **kwargs):
        super().__init__(*args, attrs={key: {"class": f"figure{also}"} for key in ("td", "th")}, **kwargs)
        self.empty_values, self.written = (), written

    def render(self, value):
        return self.written(value)


class TotalledTable(tables.Table):
    """Rows with codes, and their total."""

    class Meta:
        attrs = {"class": "units"}
        order_by = "name"

    def __init__(self, rows: Sequence[Row | LatenessRecord], *, total: Row | LatenessRecord, **kwargs):
        self.total = replace(total, name=_("Total"))
        super().__init__(list(rows), **kwargs)

    def get_bottom_pinned_data(self):
        return [self.total]

    def lines(self):
        """Each row for the template: its attributes, its first cell, and the markup of the other cells.

        The library's own rendering took half of the page's time.
        """
        name, *others = self.columns
        labels = ["" if column.name == "line" else column.header for column in others]
        of_cells = [flatatt(column.column.attrs.get("td", {})) for column in others]
        attributes = [format_html('{} data-label="{}"', *pair) for pair in zip(of_cells, labels, strict=True)]
        for row in self.paginated_rows:
            record = row.record
            cells = [self._cell(column, record) for column in others]
            yield (
                flatatt(self._attributes(record)),
                self._cell(name, record),
                join(format_html("<td{}>{}</td>", *pair) for pair in zip(attributes, cells, strict=True)),
            )

    def _attributes(self, record: Row | LatenessRecord) -> dict[str, str]:
        return {"class": "pinned-row"} if record is self.total else {"data-code": record.code}

    def _cell(self, column, record: Row | LatenessRecord) -> str:
        render = getattr(self, f"render_{column.name}", None)
        return render(record) if render else column.column.render(getattr(record, column.name))


class UnitTable(TotalledTable):
    """The children, lowest share first: how far each is from the target, and what is missing today."""

    name = tables.Column(gettext_lazy("Unit"), order_by=("sort_key", "code"))
    share = FigureColumn(gettext_lazy("Share"), written=formatting.percent, order_by=("share", "sort_key"))
    line = tables.Column(gettext_lazy("Recent days"), accessor="share", orderable=False, attrs=LINE_CELL)
    needed = FigureColumn(gettext_lazy("Must rise (times)"), accessor="share", orderable=False)
    installs = FigureColumn(gettext_lazy("New"), order_by=("-installs", "sort_key"))
    state = tables.Column(
        gettext_lazy("Reported"),
        accessor="not_reported",
        order_by=("-not_reported", "sort_key"),
        attrs={"td": {"class": "state"}},
    )
    signed = tables.Column(
        gettext_lazy("Confirmed"), empty_values=(), orderable=False, attrs={"td": {"class": "signed"}}
    )

    cumulative = FigureColumn(gettext_lazy("Cumulative"), also=" aside", order_by=("-cumulative", "sort_key"))
    people = FigureColumn(
        gettext_lazy("Population"), also=" aside", accessor="population", order_by=("-population", "sort_key")
    )

    class Meta:
        attrs = {"class": "overview"}
        order_by = "share"
        per_page = 40

    def __init__(
        self,
        rows: Sequence[Row],
        *,
        total: Row,
        day: date,
        signed: Mapping[str, SignOff] | None = None,
        returned: Collection[str] = (),
        missing_urgencies: Mapping[str, str] = MappingProxyType({}),
        confirmation_urgencies: Mapping[str, str] = MappingProxyType({}),
        query: str = "",
        paces: Mapping[str, Pace | None] = MappingProxyType({}),
        lines: Mapping[str, str] = MappingProxyType({}),
        **kwargs,
    ):
        """`signed` are the sign-offs in force by code, None if nobody signs; `returned` are codes to be corrected.

        `missing_urgencies` and `confirmation_urgencies` are by code. `query` is what a look back adds to every address;
        `paces` are by code, also the total's; `lines` are the small pictures of the last days.
        """
        self.day, self.query, self.paces = day, query, paces
        self.returned, self.signed, self.shown_lines = returned, signed, lines
        self.missing_urgencies, self.confirmation_urgencies = missing_urgencies, confirmation_urgencies
        hidden = [*(["signed"] if signed is None else []), *([] if paces else ["needed"]), *([] if lines else ["line"])]
        super().__init__(rows, total=total, exclude=[*kwargs.pop("exclude", []), *hidden], **kwargs)

    def render_name(self, record):
        if record is self.total:
            return record.name
        address = reverse("reporting:unit", args=[record.code])
        bare = unit_kinds.bare_name(record.name)
        name = format_html('<span class="wide">{}</span>{}', record.name.removesuffix(bare), bare)
        return format_html('<a href="{}?day={}{}">{}</a>', address, self.day.isoformat(), self.query, name)

    def render_state(self, record):
        if record.is_reporting:
            return format_html(
                "{}{}",
                status_marks.status_mark(record.status, self.missing_urgencies.get(record.code, "overdue")),
                format_html(" {}", status_marks.returned_mark()) if record.code in self.returned else "",
            )
        mark = status_marks.mark("late", "!", status_marks.late_words(record.late))
        late = format_html(" {}", mark) if record.late else ""
        colour = status_marks.urgency_colour(self.missing_urgencies.get(record.code) if record.not_reported else None)
        return format_html(
            '<span class="status status-{}">{}/{}</span>{}', colour, record.reported, record.expected, late
        )

    def render_signed(self, record):
        if record is self.total:
            return f"{len(self.signed)}/{len(self.signed.keys() | self.confirmation_urgencies.keys())}"
        sign_off, urgency = self.signed.get(record.code), self.confirmation_urgencies.get(record.code)
        if sign_off is None and urgency is None:  # it owes no confirmation
            return ""
        return status_marks.sign_off_sign(sign_off, urgency or "overdue")

    def render_line(self, record):
        return self.shown_lines.get(record.code, "") if record is not self.total else ""

    def render_people(self, record):
        return formatting.number(record.population)

    def render_needed(self, record):
        pace = self.paces.get(record.code)
        return formatting.decimal(pace.factor) if pace and pace.factor else formatting.NOT_KNOWN


class AgencyTable(UnitTable):
    """Agencies count their staff: they are never in the total of the residents."""

    name = tables.Column(gettext_lazy("Agency"), order_by=("sort_key", "code"))
    share = FigureColumn(gettext_lazy("Share of staff"), written=formatting.percent, order_by=("share", "sort_key"))

    class Meta(UnitTable.Meta):
        pass


class DisciplineTable(TotalledTable):
    """How the units reported over a range of days."""

    name = tables.Column(gettext_lazy("Unit"), order_by=("sort_key", "code"))
    on_time = FigureColumn(gettext_lazy("On time"), order_by=("-on_time", "sort_key"))
    late = FigureColumn(gettext_lazy("Late"), order_by=("-late", "sort_key"))
    waiting = FigureColumn(gettext_lazy("Waiting for acceptance"), order_by=("-waiting", "sort_key"))
    missing = FigureColumn(gettext_lazy("Not reported"), order_by=("-missing", "sort_key"))
    due = FigureColumn(gettext_lazy("Days due"), also=" aside")
    on_time_share = FigureColumn(
        gettext_lazy("Share on time"), also=" first", written=formatting.percent, order_by=("punctuality", "sort_key")
    )
    excused = FigureColumn(gettext_lazy("Excused"), also=" aside")

    class Meta(TotalledTable.Meta):
        attrs = {"class": "units record"}

    def __init__(self, records: Sequence[LatenessRecord], *, total: LatenessRecord, first: date, last: date, **kwargs):
        self.span = f"from={first.isoformat()}&to={last.isoformat()}"
        hidden = [] if total.waiting else ["waiting"]
        super().__init__(records, total=total, exclude=hidden, **kwargs)

    def render_name(self, record):
        if record is self.total:
            return record.name
        address = reverse("reporting:discipline", args=[record.code])
        return format_html('<a href="{}?{}">{}</a>', address, self.span, record.name)


class RankingTable(tables.Table):
    """The ranking of the units of one level, best first."""

    rank = FigureColumn(gettext_lazy("Rank"), accessor="order")
    name = tables.Column(gettext_lazy("Unit"), order_by=("row__sort_key", "row__code"))
    share = tables.Column(gettext_lazy("Share"), order_by=("-share", "order"))
    growth_day = FigureColumn(gettext_lazy("Growth in 1 day (points)"), order_by=("-growth_day", "order"))
    growth_week = FigureColumn(gettext_lazy("Growth in 7 days (points)"), order_by=("-growth_week", "order"))
    cumulative = FigureColumn(gettext_lazy("Cumulative"), order_by=("-row__cumulative", "order"))
    people = FigureColumn(gettext_lazy("Population"), order_by=("-row__population", "order"))

    class Meta:
        attrs = {"class": "ranking"}
        per_page = 50

    def __init__(self, ranking: LevelRanking):
        self.ranking = ranking
        super().__init__(ranking.lines, prefix=f"{ranking.level}-")
        if ranking.is_agencies:
            self.columns["people"].column.verbose_name = _("Staff")

    @property
    def labels(self) -> dict[str, str]:
        """The heads of the columns, which each cell repeats on a phone."""
        return {column.name: column.header for column in self.columns}
