"""Entry on behalf of the units directly below: a row for each reporting unit, each saved by a separate act."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import zip_longest

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _, gettext_lazy

from .. import acts, imports, permissions
from ..days import state
from ..figures import standings
from ..figures.fields import EXTRAS, Count
from ..imports import columns
from ..imports.kinds import reports
from ..models import LateRequest, Report, Revision, Unit, User
from ..people import access
from ..permissions import Act
from .fields import CleanTextField
from .figures import EntryRow, GridLine
from .imports import UploadForm

LETTER = re.compile(r"[^\W\d_]")
BEFORE_A_FIGURE = re.compile(r"[ :–-]+(?=\d[\d.]*\s*$)", re.MULTILINE)  # “Xã An Lư: 88”, as people write in messages


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
            "A column of new installs in the order of the units above; a table with names or codes, best with its "
            "head; or lines of a message, like “An Lư: 88”. You first see what it changes."
        ),
    )


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
    is_typed: bool = False  # true if it shows what was typed before the sign-in
    remaining: int = 0  # units still without a report after the save

    def __post_init__(self):
        self.head = EntryHead(self.data)
        self.lines = self._grid_lines()
        self.rows = [self._row(line, self.data) for line in self.lines]

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
        """HTTP status: 409 if all failed rows are conflicts, 422 if others failed or the box is refused."""
        if not self.failed:
            return acts.REFUSED if self.is_refused else 200
        return acts.CONFLICT if all(row.status == acts.CONFLICT for row in self.failed) else acts.REFUSED

    @property
    def is_refused(self) -> bool:
        return bool(self.failed or (self.head.is_bound and self.head.errors))

    @property
    def can_paste(self) -> bool:
        """Whether the person may import a pasted table."""
        return self.is_allowed and reports.KIND.name in imports.kinds_for(self.user)

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
        if self.head.cleaned_data.get("paste", "").strip():
            self.head.add_error("paste", _("What was pasted is not recorded yet: look at it, or empty the box."))
        self.lines = self._grid_lines()  # units may have reported meanwhile
        self.remaining = sum(not line.standing.is_reported and not line.state.owes_nothing for line in self.lines)
        if self.is_refused or code:
            self._show_again()

    def show_typed(self, typed: Mapping) -> None:
        """Fill in what was typed before the sign-in; nothing is saved."""
        self.data, self.is_typed = typed, True
        self.head = EntryHead(initial={name: typed.get(name, "") for name in ("reason", "paste")})
        self.rows = [self._filled(line) for line in self.lines]

    def paste(self) -> UploadForm | None:
        """The pasted table as a file of reports of this day; None if it is refused, with the words at its field."""
        self.head.is_valid()
        reason, text = (self.head.cleaned_data.get(name, "").rstrip() for name in ("reason", "paste"))
        self.failed = [row for row in self.rows if row.is_touched]
        if self.failed:
            self.head.add_error("paste", _("Save the figures that you typed first, then the pasted table."))
        elif not text.strip():
            self.head.add_error("paste", _("The box is empty."))
        elif self.owes_reason and not reason:
            self.head.add_error("reason", acts.ReasonMissing.text)
        if self.head.errors:
            return None
        name = _("Pasted, %(unit)s, %(day)s") % {"unit": self.unit.full_name, "day": f"{self.day:%d.%m.%Y}"}
        beside = {"reason": reason or _("Pasted into the grid")}
        files = {"file": SimpleUploadedFile(f"{name}.csv", self._table(text).encode())}
        said = {"day": self.day.isoformat(), "unit": self.unit.code if self.unit.is_under_seal else ""}
        form = UploadForm(beside, files, kind=reports.KIND, by=self.user, at=self.at, said=said)
        for error in () if form.is_valid() else form.errors["file"]:
            self.head.add_error("paste", error)
        return form if form.is_valid() else None

    def _table(self, text: str) -> str:
        """The text. Figures alone get a head, and beside them the codes of the rows that are shown, downwards."""
        lines, first = text.splitlines(), self.data.get("paste_row", "")
        codes = {line.unit.code for line in self.lines}
        named = [line for line in lines if LETTER.search(line) or codes & {*re.split("[\t;]", line)}]
        if 2 * len(named) >= len([line for line in lines if line.strip()]):
            return text if re.search("[\t;]", text) else BEFORE_A_FIGURE.sub("\t", text)
        shown = [line.unit.code for line in self.lines]
        shown = shown[shown.index(first) if first in shown else 0 :][: len(lines)]
        titles = {column.key: column.title for column in reports.KIND.columns}
        key = columns.OPENING if self.data.get("paste_column") == columns.OPENING else columns.DAILY
        filled = (f"{code}\t{line}" for code, line in zip_longest(shown, lines, fillvalue=""))
        return "\n".join([f"{titles['code']}\t{titles[key]}", *filled])

    def _show_again(self) -> None:
        """Show the rows as stored now, and failed rows as typed."""
        typed = {row.unit.pk: row for row in self.failed}
        saved = {row.unit.pk for row in self.saved}
        self.rows = [typed.get(line.unit.pk) or self._row(line, None) for line in self.lines]
        for row, line in zip(self.rows, self.lines, strict=True):
            row.line, row.is_saved = line, row.unit.pk in saved

    @property
    def saved_words(self) -> str:
        """How many units were saved since the page was opened, and how many are still to report."""
        if not self.saved:
            return "" if self.failed else _("No figure was changed: nothing had to be saved.")
        about = {"saved": len(self.saved_codes), "left": self.remaining}
        return _("Saved: %(saved)s · still to report: %(left)s") % about

    def _filled(self, line: GridLine) -> EntryRow:
        names = {name: f"{line.unit.code}-{name}" for name in EntryRow.base_fields}
        typed = {name: self.data[sent] for name, sent in names.items() if sent in self.data}
        return EntryRow(line=line, user=self.user, at=self.at, initial=line.figures | typed)

    def _row(self, line: GridLine, data: Mapping | None) -> EntryRow:
        return EntryRow(data, line=line, user=self.user, at=self.at)

    def _grid_lines(self) -> Sequence[GridLine]:
        day, role = self.day, access.role_below(self.user, self.unit)
        units = list(self.unit.children.open_on(day).named(day))
        states = state.day_states(units, day, at=self.at)
        units = [unit for unit in units if states[unit.pk].code is not state.DayCode.NOT_REPORTING]
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
                is_allowed=permissions.may(role, Act.ENTER, states[unit.pk].phase),
            )
            for unit in units
        ]
