"""Entry on behalf of the units directly below: a row for each reporting unit, each saved by a separate act."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django import forms
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from .. import acts, permissions
from ..days import state
from ..figures import standings
from ..figures.fields import EXTRAS, Count
from ..imports.layout import TOTAL
from ..imports.unit_lines import Directory, Unknown
from ..models import LateRequest, Report, Revision, Unit, User
from ..people import access
from ..permissions import Act
from ..text import formatting, names, parsing
from .fields import CleanTextField
from .figures import FIGURES, EntryRow, GridLine

# Cells pasted from a spreadsheet. Figures alone fill the rows downwards. With a column of names or codes, each line
# fills the row of its unit, found as in an import. The first figure is the installs, the second another count. A line
# that fits no row is kept with the reason. Spaces do not separate cells: “1 234” is one figure.

SEPARATOR = re.compile(r"[\t;]")
DIGIT = re.compile(r"[0-9]")


class Line:
    def __init__(self, text: str):
        self.text, self.cells = text, [cell.strip() for cell in SEPARATOR.split(text)]
        self.filled = [cell for cell in self.cells if cell]
        self.words = {"text": " ".join(self.filled)}
        self.has_digits = bool(DIGIT.search(text))


@dataclass
class Pasted:
    """Figures as text by unit code, and the lines that fit no row."""

    cells: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # lines that fit no row, as pasted
    skipped: list[str] = field(default_factory=list)  # messages about left-out heads and totals

    def put(self, line: Line, code: str, cells: list[str], most: int) -> None:
        """Store one unit's figures. If there are more than `most` cells, empty ones are dropped."""
        if any(cells[most:]):
            cells = list(filter(None, cells))
        if any(cells[most:]):
            self.leave(line, _("More figures than the grid has columns: “%(text)s”") % line.words)
        elif any(map(_holds_several, cells)):
            words = _("More than one figure in a cell. Separate them with a tab or a semicolon: “%(text)s”")
            self.leave(line, words % line.words)
        else:
            self.cells[code] = cells[:most]

    def leave(self, line: Line, problem: str) -> None:
        self.problems.append(problem)
        self.left.append(line.text)


def lay_out(
    text: str,
    units: Sequence[Unit],
    counts: Mapping[str, int] | None = None,
    first: str = "",
    hidden: Collection[str] = (),
) -> Pasted:
    """Match the pasted text to the units, which are in the grid's row order.

    `counts` is the number of figures by unit code, by default one. Figures without names go downwards from the unit
    with the code `first`, by default from the top. They skip the units in `hidden`, whose rows were not shown. An empty
    line is an empty cell.
    """
    if not text.strip():
        return Pasted()
    counts = counts or {unit.code: 1 for unit in units}
    lines = [Line(line) for line in text.rstrip("\r\n").splitlines()]
    directory = Directory(units, [], names_of=[(unit.code, unit.kind, unit.name or unit.code) for unit in units])
    column = _name_column(lines, directory)
    if column is not None:
        return _by_name([line for line in lines if line.filled], column, directory, counts)
    shown = [unit.code for unit in units if unit.code == first or unit.code not in hidden]
    return _downwards(lines, shown[shown.index(first) if first in shown else 0 :], counts)


def _name_column(lines: list[Line], directory: Directory) -> int | None:
    """The column with names or text before the figures in at least half of the lines, or None."""
    several, counts = [line.cells for line in lines if len(line.filled) > 1], Counter()
    for cells in several:
        for column, cell in enumerate(cells):
            is_text = bool(cell) and not DIGIT.search(cell)
            if (is_text or directory.knows(cell)) and any(map(DIGIT.search, cells[column + 1 :])):
                counts[column] += 1
    return next((column for column, n in counts.most_common(1) if 2 * n >= len(several)), None)


def _downwards(lines: list[Line], codes: Sequence[str], counts: Mapping[str, int]) -> Pasted:
    pasted, filled = Pasted(), [place for place, line in enumerate(lines) if line.filled]
    head, below = (lines[filled[0]], lines[filled[0] + 1 :]) if filled else (None, [])
    if head and not head.has_digits and (len(below) >= len(codes) or len(head.cells) > 1):
        pasted.skipped.append(_("Left out, not a figure: “%(text)s”") % head.words)
        lines = below
    for place, line in enumerate(lines):
        if line.filled and place >= len(codes):
            pasted.leave(line, _("Left out, more lines than units: “%(text)s”") % line.words)
        elif line.filled:
            pasted.put(line, codes[place], line.cells, counts[codes[place]])
    return pasted


def _by_name(lines: list[Line], column: int, directory: Directory, counts: Mapping[str, int]) -> Pasted:
    pasted = Pasted()
    for line in lines:
        name, figures = "".join(line.cells[column : column + 1]), line.cells[column + 1 :]
        is_code = name.upper() in directory.by_code
        try:
            code = directory.find(name if is_code else "", "" if is_code else name).code
        except Unknown as error:
            is_head = line is lines[0] and not line.has_digits
            if is_head or any(TOTAL.fullmatch(names.fold(cell)) for cell in line.cells):
                pasted.skipped.append(_("Left out, names no unit: “%(text)s”") % line.words)
            else:
                pasted.leave(line, str(error))
            continue
        if not any(figures):
            pasted.leave(line, _("No figure beside the name: “%(text)s”") % line.words)
        elif code in pasted.cells:
            pasted.leave(line, _("The unit is named twice: “%(text)s”") % line.words)
        else:
            pasted.put(line, code, figures, counts[code])
    return pasted


def _holds_several(cell: str) -> bool:
    """Whether spaces separate several figures or words in the cell: “88 12”, “An Lư 88”; not “1 234”."""
    try:
        parsing.whole_number(cell)
    except parsing.NotANumber:
        return bool(DIGIT.search(cell) and re.search(r"\s", cell))
    except parsing.TooLarge:
        pass  # the field shows the error
    return False


class EntryHead(forms.Form):
    """The fields of the whole grid."""

    reason = CleanTextField(
        required=False,
        max_length=300,
        label=gettext_lazy("Reason for entering after the deadline"),
        help_text=gettext_lazy("For example: phoned in, power cut. Stored with each saved figure."),
    )
    paste = CleanTextField(
        required=False,
        max_length=20000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        label=gettext_lazy("Paste from Excel"),
        help_text=gettext_lazy(
            "One or two columns of figures (new installs, households visited), in the order of the units above or "
            "after a column of names or codes. What is not understood stays in this box."
        ),
    )


@dataclass(frozen=True)
class Change:
    name: str
    before: str
    after: str


@dataclass
class EntryGrid:
    """A superior's grid for a day. The number of queries does not depend on the number of units."""

    unit: Unit
    day: date
    user: User
    at: datetime
    data: Mapping | None = None
    saved: list[EntryRow] = field(default_factory=list)
    failed: list[EntryRow] = field(default_factory=list)
    changes: list[Change] | None = None  # made by a paste; not saved yet
    problems: list[str] = field(default_factory=list)  # about pasted lines still in the box
    left: list[str] = field(default_factory=list)  # the lines that stay in the box
    skipped: list[str] = field(default_factory=list)  # about lines without a unit
    is_typed: bool = False  # true if it shows what was typed before the sign-in
    opened: str = ""  # the code of the row that `?row=` names
    remaining: int = 0  # units still without a report after the save

    def __post_init__(self):
        self.head = EntryHead(self.data)
        self.lines = self._grid_lines()
        self.rows = [self._row(line, self.data) for line in self.lines]
        for row in self.rows:
            row.is_opened = row.unit.code == self.opened

    @property
    def saved_codes(self) -> list[str]:
        """The codes of all units saved since the page was opened."""
        before = (self.data or {}).get("saved_rows", "").split()
        failed = {row.unit.code for row in self.failed}
        saved = {*before, *(row.unit.code for row in self.saved)} - failed
        return [line.unit.code for line in self.lines if line.unit.code in saved]

    @property
    def only_asks(self) -> bool:
        """Whether every failed row only needs an answer to a question."""
        return bool(self.failed) and all(row.mark == "is-asked" for row in self.failed)

    @property
    def status(self) -> int:
        """HTTP status: 409 if all failed rows are conflicts, 422 if others failed or lines are left."""
        if not self.failed:
            return acts.REFUSED if self.left and self.changes is None else 200
        return acts.CONFLICT if all(row.status == acts.CONFLICT for row in self.failed) else acts.REFUSED

    @property
    def owes_reason(self) -> bool:
        """Whether any row is late and so needs the common reason."""
        return any(line.is_allowed and line.state.is_late(self.at) for line in self.lines)

    @property
    def asks_opening(self) -> bool:
        """Whether the grid has the column of openings; a row sent alone keeps the columns of its page."""
        return any(row.asks_opening for row in self.rows) or "asks_opening" in (self.data or {})

    @property
    def counts_beside(self) -> tuple[Count, ...]:
        """The columns of the counts beside the installs."""
        return () if all(line.unit.is_agency for line in self.lines) else EXTRAS

    @property
    def quiet(self) -> list[EntryRow]:
        """The rows that are hidden at first; none if that would hide all."""
        rows = [row for row in self.rows if row.is_quiet]
        return rows if len(rows) < len(self.rows) and self.changes is None else []

    @property
    def is_allowed(self) -> bool:
        return any(line.is_allowed for line in self.lines)

    @property
    def state(self) -> state.DayState:
        return self.lines[0].state

    @property
    def saves_by_row(self) -> bool:
        """Whether a row is saved when the cursor leaves it; not on a confirmed or sealed day."""
        return self.is_allowed and not (self.state.seal or self.state.sign_off)

    def save(self, code: str = "") -> None:
        """Save each changed row, or only that of the unit `code`. Failed rows keep what was typed, with their error."""
        self.head.is_valid()
        reason = self.head.cleaned_data.get("reason", "").strip()
        for row in self.rows:
            if code not in ("", row.unit.code) or not row.is_touched:
                continue
            if not row.errors and row.line.is_allowed and row.is_late and not reason:
                row.waits_for_reason = True
            elif not row.errors:
                try:
                    row.save(reason)
                    row.is_saved = True
                except acts.Refusal as error:
                    row.refuse(error)
            (self.saved if row.is_saved else self.failed).append(row)
        if any(row.waits_for_reason for row in self.failed) and "reason" not in self.head.errors:
            self.head.add_error("reason", acts.ReasonMissing.text)
        self._report_lines_left()
        self.lines = self._grid_lines()  # units may have reported meanwhile
        self.remaining = sum(not line.standing.is_reported and not line.state.owes_nothing for line in self.lines)
        if self.failed or self.left or code:
            self._show_again()

    def show_typed(self, typed: Mapping) -> None:
        """Fill in what was typed before the sign-in; nothing is saved."""
        self.data, self.is_typed = typed, True
        self.head = EntryHead(initial={name: typed.get(name, "") for name in ("reason", "paste")})
        self.rows = [self._filled(line, []) for line in self.lines]

    def paste(self) -> None:
        """Fill in the pasted figures and list the changes; nothing is saved."""
        self.head.is_valid()
        pasted = self._pasted()
        refused = self.head.errors.get("paste", [])
        self.problems, self.skipped, self.changes = [*refused, *pasted.problems], pasted.skipped, []
        self._keep(self.data.get("paste", "").splitlines() if refused else pasted.left)
        self.rows = [self._filled(line, pasted.cells.get(line.unit.code, [])) for line in self.lines]

    def _pasted(self) -> Pasted:
        counts = {line.unit.code: len(self._columns(line)) for line in self.lines}
        units = [line.unit for line in self.lines]
        text, first = self.head.cleaned_data.get("paste", ""), self.data.get("paste_row", "")
        # Figures skip the hidden rows; the page or the script names them.
        shows_all = self.data.get("shows_sent") and "paste_column" not in self.data
        hidden = set() if shows_all else set(self.data.get("hidden_rows", "").split())
        return lay_out(text, units, counts, first, hidden)

    def _columns(self, line: GridLine) -> tuple[str, ...]:
        """The fields that a pasted line fills: all figures of the unit, or the column that was pasted into."""
        if not line.is_allowed:
            return ()
        figures = FIGURES[:1] if line.unit.is_agency else FIGURES
        match self.data.get("paste_column"):
            case "opening":
                return ("opening",) if line.standing.opening is None else ()
            case column if column in FIGURES[1:]:
                return (column,) if column in figures else ()
        return figures

    def _report_lines_left(self) -> None:
        """Report the lines that are still in the box at the save."""
        text = self.head.cleaned_data.get("paste", "")
        lines = [line for line in text.splitlines() if line.strip()]
        pasted = self._pasted()
        placed = len(lines) - len(pasted.left)
        if placed:
            words = ngettext(
                "%(n)s pasted line is not in the grid yet. Choose “Put into the grid”.",
                "%(n)s pasted lines are not in the grid yet. Choose “Put into the grid”.",
                placed,
            )
            self.problems.append(words % {"n": placed})
        self.problems += pasted.problems
        self._keep(text.rstrip().splitlines())

    def _keep(self, lines: list[str]) -> None:
        """Leave the lines in the box; empty lines keep their places."""
        self.left = [line for line in lines if line.strip()]
        self.head.data = {"reason": self.data.get("reason", ""), "paste": "\n".join(lines)}

    def _show_again(self) -> None:
        """Show the rows as stored now, and failed rows as typed."""
        typed = {row.unit.pk: row for row in self.failed}
        saved = {row.unit.pk for row in self.saved}
        self.rows = [typed.get(line.unit.pk) or self._row(line, None) for line in self.lines]
        for row, line in zip(self.rows, self.lines, strict=True):
            row.line, row.is_saved = line, row.unit.pk in saved

    @property
    def words_of_row(self) -> str:
        """The message about a row that was sent alone."""
        if self.failed:
            return _("Not saved: %(unit)s. Look at its row.") % {"unit": self.failed[0].unit.full_name}
        return self.saved_words if self.saved else ""

    @property
    def saved_words(self) -> str:
        """Which units were saved, and how many are still to report."""
        if not self.saved:
            return _("No figure was changed: nothing had to be saved.")
        names = ", ".join(row.unit.full_name for row in self.saved)
        stored = ngettext("%(n)s unit saved: %(names)s.", "%(n)s units saved: %(names)s.", len(self.saved))
        words = [stored % {"n": len(self.saved), "names": names}]
        if self.remaining:
            still = ngettext("%(n)s unit has not reported yet.", "%(n)s units have not reported yet.", self.remaining)
            words.append(still % {"n": self.remaining})
        else:
            words.append(_("All have reported."))
        return " ".join(words)

    def _filled(self, line: GridLine, cells: list[str]) -> EntryRow:
        prefix = f"{line.unit.code}-"
        typed = {
            name: self.data.get(f"{prefix}{name}") for name in EntryRow.base_fields if f"{prefix}{name}" in self.data
        }
        pasted = {name: cell for name, cell in zip(self._columns(line), cells, strict=False) if cell} if cells else {}
        row = EntryRow(line=line, user=self.user, at=self.at, initial=line.figures | typed | pasted)
        for name, cell in pasted.items():
            before = typed.get(name, row.stored(name))
            if cell != before:
                label = "" if name == FIGURES[0] else f", {row.fields[name].label.lower()}"
                self.changes.append(Change(f"{row.unit.full_name}{label}", before or formatting.number(None), cell))
        return row

    def _row(self, line: GridLine, data: Mapping | None) -> EntryRow:
        return EntryRow(data, line=line, user=self.user, at=self.at)

    def _grid_lines(self) -> Sequence[GridLine]:
        day, role = self.day, access.role_below(self.user, self.unit)
        units = list(self.unit.children.open_on(day).named(day))
        states = state.day_states(units, day, at=self.at)
        units = [unit for unit in units if states[unit.pk].code is not state.Code.NOT_REPORTING]
        before = standings.standings_of(units, day)
        reports = Report.objects.filter(unit__in=units, kind=Report.Kind.DAILY)
        yesterday = dict(reports.filter(day=day - timedelta(days=1)).values_list("unit_id", "installs"))
        requests = LateRequest.objects.waiting().filter(unit__in=units, day=day).select_related("unit")
        waiting = {request.unit_id: request for request in requests}
        revisions: dict[int, dict[int, Revision]] = {unit.pk: {} for unit in units}
        for revision in Revision.objects.filter(report__in=reports.filter(day=day)).select_related("report"):
            revisions[revision.report.unit_id][revision.number] = revision
        return [
            GridLine(
                unit=unit,
                day=day,
                state=states[unit.pk],
                standing=before[unit.pk],
                revisions=revisions[unit.pk],
                yesterday=yesterday.get(unit.pk),
                waiting=waiting.get(unit.pk),
                is_allowed=permissions.may(role, Act.ENTER, states[unit.pk].situation),
                at=self.at,
                urgency=states[unit.pk].urgency(self.at),
            )
            for unit in units
        ]
