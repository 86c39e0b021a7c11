"""The forms of an import: upload, what the file is, consent, undo."""

import secrets
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext as _, gettext_lazy
from openpyxl.utils import get_column_letter

from .. import deadline, imports
from ..acts import new_units
from ..files import spreadsheets
from ..files.cells import Sheet
from ..files.spreadsheets import Book
from ..imports import layout, proposal
from ..imports.columns import CUMULATIVE, DAILY, DATED, columns_by_head
from ..imports.layout import SKIP, SheetLayout, SheetLine
from ..models import ImportFile, KnownLayouts, User
from ..text import formatting, names
from .fields import CleanTextField, DayField, SentFileField

ROWS_SHOWN = 40  # of a sheet
MOST_LABELS = 60  # lines that are no unit, which the clerk may skip
SAID = ("mode", "opening", "measure")  # of all sheets together
OTHER = "other"  # another day than those that are offered
NO_TABLE = gettext_lazy("The file has no table.")
MOST_KEPT = 5  # waiting files per person


class UploadForm(forms.Form):
    """A file of one kind. `save` stores its cells for the preview."""

    file = SentFileField(
        accept=".xlsx,.csv",
        label=gettext_lazy("File (.xlsx or .csv)"),
        help_text=gettext_lazy("At most 5 MB. You will see what the file changes before anything is recorded."),
    )
    effective_on = DayField(label=gettext_lazy("Effective from"))
    source = CleanTextField(
        required=False,
        max_length=200,
        label=gettext_lazy("Source"),
        help_text=gettext_lazy("For lines that name no source."),
    )
    reason = CleanTextField(
        max_length=300,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For example: reports on paper of the first days. Kept with each figure."),
    )

    def __init__(self, data=None, files=None, *, kind: imports.Kind, by: User, at: datetime, said: dict | None = None):
        """`said` has fields of the layout that are said already: the day and unit of a table pasted into a grid."""
        self.kind, self.by, self.at, self.today = kind, by, at, deadline.reporting_day(at)
        self.said = said or {}
        initial = {}
        if kind.name == "units" and new_units.has_begun(self.today):
            initial["effective_on"] = new_units.first_day(self.today)
        super().__init__(data, files, initial=initial)
        self.fields = {name: f for name, f in self.fields.items() if name in ("file", *kind.options)}

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            file = cleaned["file"]
            try:
                book = imports.open_book(file.read(), file.name, is_apart=True)
                self.kept = self._kept(book, {name: cleaned[name] for name in self.kind.options})
                self._recognise(book)
            except spreadsheets.Unreadable as error:
                self.add_error("file", ValidationError(str(error), code="unreadable"))
        return cleaned

    def _recognise(self, book: Book) -> None:
        """Our own file, a known layout, or what the clerk will be asked about. Raises `Unreadable`."""
        known = KnownLayouts.of(self.by.unit, self.kind.name)
        said = proposal.own_layouts(self.kind, book, self.today) or proposal.known_layouts(known, book)
        layouts = said or {name: asdict(one) for name, one in proposal.proposals(self.kind, book, self.today).items()}
        if not layouts:
            raise spreadsheets.Unreadable(NO_TABLE)
        for sheet in (sheet for sheet in book.sheets if self.said and sheet.name in layouts):
            one = layouts[sheet.name]
            named = {day for day, _where in proposal.offered_days(sheet, SheetLayout(**one), book, self.today)}
            more = self.said if named <= {self.said["day"]} else {**self.said, "day": ""}  # its title has another day
            one |= {name: value for name, value in more.items() if not one[name]}
        self.kept.options |= {"layouts": layouts}
        self.table = table_of(self.kept, book)
        self.is_said = bool(said) and not self.table.questions

    def _kept(self, book: Book, options: dict) -> ImportFile:
        options = {name: v.isoformat() if isinstance(v, date) else v for name, v in options.items()}
        if self.kind.hands_out:
            options["seed"] = secrets.token_urlsafe(32)
        source, table = imports.source_of(book), book.packed()
        return ImportFile(kind=self.kind.name, source=source, table=table, options=options, sent_at=self.at, by=self.by)

    def save(self) -> ImportFile:
        """Store the file; if its columns are clear, also its plan."""
        ImportFile.objects.dead(self.at).delete()
        if self.is_said:
            store_plan(self.kept, self.at, self.table)
        else:
            self.kept.save()
        waiting = ImportFile.objects.filter(by=self.by, done_at=None).values_list("pk", flat=True)
        ImportFile.objects.filter(pk__in=list(waiting[MOST_KEPT:])).delete()
        return self.kept


def table_of(kept: ImportFile, book: Book | None = None) -> imports.Table:
    """The table of a stored file, as its layouts say."""
    book, near = book or Book.unpacked(kept.table), deadline.reporting_day(kept.sent_at)
    return imports.table_of(imports.KINDS[kept.kind], book, kept.options["layouts"], near=near)


def sent_file(kept: ImportFile, *, at: datetime, **more: str | None) -> imports.Sent:
    days = {name: date.fromisoformat(kept.options[name]) for name in ("effective_on",) if name in kept.options}
    return imports.Sent(by=kept.by, at=at, source=kept.source, options=kept.options | days, **more)


def store_plan(kept: ImportFile, at: datetime, table: imports.Table | None = None) -> None:
    """Store the file's plan."""
    kept.plan = imports.preview(imports.KINDS[kept.kind], table or table_of(kept), sent_file(kept, at=at)).packed()
    kept.save()


class LayoutForm(forms.Form):
    """“Tệp này là gì”: the clerk says how each sheet is read. What is offered comes from `imports.proposal`."""

    mode = forms.ChoiceField(
        required=False,
        label=gettext_lazy("The columns of the days are"),
        choices=[
            ("", "–"),
            (DAILY, gettext_lazy("new installs of each day")),
            (CUMULATIVE, gettext_lazy("cumulative figures")),
        ],
    )
    opening = forms.ChoiceField(
        required=False,
        label=gettext_lazy("If the figures are cumulative"),
        choices=[
            ("", "–"),
            (layout.WITH, gettext_lazy("they count the installs before the campaign")),
            (layout.WITHOUT, gettext_lazy("they do not count the installs before the campaign")),
        ],
    )
    measure = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=0,
        label=gettext_lazy("The figures count"),
        choices=[("", "–"), (1, gettext_lazy("phones, people, households")), (1000, gettext_lazy("thousands"))],
    )

    def __init__(self, data=None, *, kept: ImportFile, kind: imports.Kind, at: datetime):
        self.kept, self.kind, self.today = kept, kind, deadline.reporting_day(at)
        self.book = Book.unpacked(kept.table)
        self.table = table_of(kept, self.book)
        self.layouts = {name: SheetLayout(**one) for name, one in kept.options["layouts"].items()}
        self.sheets = [sheet for sheet in self.book.sheets if sheet.name in self.layouts]
        first = next(iter(self.layouts.values()))
        super().__init__(data, initial={name: getattr(first, name) or "" for name in SAID})
        for name in SAID if kind.hands_out else () if kind.is_of_reports else SAID[:2]:
            del self.fields[name]
        self.of_all = [self[name] for name in SAID if name in self.fields]
        self.directory = imports.directory_of(kind, sent_file(kept, at=at))
        self.parts = [self._part(order, sheet) for order, sheet in enumerate(self.sheets)]
        lines = [line for line in self.table.lines if kind.is_of_reports and not self._is_unit(line)]
        self.labels = {names.fold(line.label): line.label for line in lines[:MOST_LABELS] if line.label}
        skipped = [label for one in self.layouts.values() for label in one.skip]
        self.labels = {label: label for label in skipped} | self.labels
        if self.labels:
            self.fields["skip"] = forms.MultipleChoiceField(
                required=False,
                initial=skipped,
                choices=[*self.labels.items()],
                widget=forms.CheckboxSelectMultiple,
                label=_("These lines are no unit: tick those that are skipped"),
            )

    def _is_unit(self, line: SheetLine) -> bool:
        name = line.text("name")
        is_known = self.directory.knows(name) or bool(name and self.directory.codes(name, self.directory.everyone))
        return is_known or bool(line.text("code")) or bool(line.total) or not name

    def _part(self, order: int, sheet: Sheet) -> dict:
        """Add a sheet's fields; return what the page shows of the sheet."""
        said, rows = self.layouts[sheet.name], [*sheet.rows][:ROWS_SHOWN]
        words = _("Read the sheet “%(name)s”") % {"name": sheet.name}
        used = sorted({n for row in sheet.rows.values() for n in row})
        usual = [("", "–"), (SKIP, _("Skip")), *((one.key, one.title) for one in self.kind.columns)]
        usual += [(DATED, _("Figure of the day in the head"))] if self.kind.is_of_reports else []
        columns = []
        for n in used:
            letters = get_column_letter(n)
            called = _("Column %(letters)s") % {"letters": letters}
            columns.append((letters, self._choice(f"c-{order}-{n}", called, usual, said.columns.get(str(n), ""))))
        shown = [
            {
                "number": row,
                "is_head": row == said.head,
                "mark": sheet.marks.get(row, ""),
                "cells": [cell.text[:60] if (cell := sheet.rows[row].get(n)) else "" for n in used],
            }
            for row in rows
        ]
        return {
            "name": sheet.name,
            "tick": self._add(f"read-{order}", forms.BooleanField(required=False, initial=said.is_read, label=words)),
            "head": self._choice(f"head-{order}", _("Row of the head"), [(n, n) for n in (0, *rows)], said.head),
            "columns": columns,
            "rows": shown,
            "row": said.head,
            "unit": self._unit(order, said),
            **(self._day(order, sheet, said) if self.kind.is_of_reports else {}),
        }

    def _day(self, order: int, sheet: Sheet, said: SheetLayout) -> dict:
        """Where the days are: in the head of each column, in each line; or one of those that the file names."""
        in_heads = [day for n in said.columns if (day := layout.day_of_column(sheet, said.head, int(n), self.today))]
        days = {"days": layout.first_few([*map(formatting.day, in_heads)])}
        choices = [(layout.BY_HEADS, _("of each column, in its head: %(days)s") % days)] if in_heads else []
        choices.append((layout.BY_LINES, _("of each line, in the column of the day")))
        choices += proposal.offered_days(sheet, said, self.book, self.today)
        choices.append((OTHER, _("another day:")))
        field = self._choice(f"day-{order}", _("Day of the figures"), choices, said.day, widget=forms.RadioSelect)
        return {"day": field, "other": self._add(f"other-{order}", DayField(required=False, label=_("another day")))}

    def _unit(self, order: int, said: SheetLayout) -> BoundField | None:
        """The choice of one unit for all lines, or of the superior of their units."""
        offered, words = self.directory.by_code, _("Unit of all lines")
        if {*said.columns.values()} & layout.LABELS:
            offered = {code: one for code, one in self.directory.superiors.items() if one.is_under_seal}
            offered, words = offered if len(offered) > 1 else {}, _("All units are below")
        units = sorted(offered.values(), key=lambda one: (one.is_agency, one.path))
        choices = [("", "–"), *((one.code, self.directory.described(one)) for one in units)]
        return (
            self._choice(f"unit-{order}", words, choices, said.unit if said.unit in offered else "") if units else None
        )

    def _choice(self, name: str, label: str, choices: list, initial: Any, **more: Any) -> BoundField:
        more |= {"label": label, "choices": choices, "initial": initial}
        return self._add(name, forms.ChoiceField(required=False, **more))

    def _add(self, name: str, field: forms.Field) -> BoundField:
        self.fields[name] = field
        return self[name]

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        layouts = {sheet.name: asdict(self._said(order, sheet)) for order, sheet in enumerate(self.sheets)}
        self.kept.options = {**self.kept.options, "layouts": layouts}
        self.is_moved = any(layouts[name]["head"] != one.head for name, one in self.layouts.items())
        try:
            self.table = table_of(self.kept, self.book)
        except spreadsheets.Unreadable as error:
            self.add_error(None, ValidationError(str(error), code="unreadable"))
            return cleaned
        orders = {sheet.name: order for order, sheet in enumerate(self.sheets)}
        for question in () if self.is_moved else self.table.questions:  # the new columns are shown first
            named = (f"{question.field}-{orders[question.sheet]}", question.field)
            field = next((name for name in named if name in self.fields), None)
            self.add_error(field, ValidationError(question.words, code="unclear"))
        if not self.table.sheets:
            self.add_error(None, ValidationError(_("Choose at least one sheet."), code="unclear"))
        return cleaned

    def _said(self, order: int, sheet: Sheet) -> SheetLayout:
        cleaned, before, prefix = self.cleaned_data, self.layouts[sheet.name], f"c-{order}-"
        head, day = int(cleaned[f"head-{order}"] or 0), cleaned.get(f"day-{order}", "")
        columns = {name.removeprefix(prefix): cleaned[name] for name in self.fields if name.startswith(prefix)}
        if head != before.head:
            columns = proposal.offered_columns(self.kind, sheet, head, columns_by_head(self.kind), self.today)
        if day == OTHER:
            day = other.isoformat() if (other := cleaned[f"other-{order}"]) else ""
        said = {name: cleaned.get(name, getattr(before, name)) for name in SAID}
        said |= {"skip": cleaned.get("skip", []), "unit": cleaned.get(f"unit-{order}", "")}
        return replace(before, **said, head=head, is_read=cleaned[f"read-{order}"], columns=columns, day=day)

    def save(self, at: datetime) -> None:
        """Plan the file as the clerk has said, and remember how files of these layouts are read."""
        if self.is_moved:
            self.kept.plan = None
            self.kept.save()
            return
        store_plan(self.kept, at, self.table)
        said = {name: SheetLayout(**one) for name, one in self.kept.options["layouts"].items()}
        layouts = [proposal.layout_to_keep(sheet, said[sheet.name]) for sheet in self.sheets]
        KnownLayouts.add(self.kept.by.unit, self.kind.name, layouts)


class ConsentForm(forms.Form):
    """The ticks of a plan, such as that figures are replaced; for figures with doubts also the reason."""

    explanation = CleanTextField(
        max_length=150,
        label=gettext_lazy("Explanation"),
        help_text=gettext_lazy("Kept with these figures."),
        error_messages={"required": gettext_lazy("Explain why the figures are right.")},
    )

    def __init__(self, data=None, *, plan: imports.Plan):
        super().__init__(data)
        self.plan = plan
        if not plan.doubtful:
            del self.fields["explanation"]
        self.ticks = [self._tick(name, words) for name, words in plan.consents.items()]

    def _tick(self, name: str, words: str) -> BoundField:
        unticked = {"required": _("Check this and tick here.")}
        self.fields[f"consent-{name}"] = forms.BooleanField(label=words, error_messages=unticked)
        return self[f"consent-{name}"]

    @property
    def given(self) -> dict[str, Any]:
        """The explanation and the ticks; nothing if the form is not valid."""
        if not self.is_valid():
            return {}
        return {"explanation": self.cleaned_data.get("explanation", ""), "consents": frozenset(self.plan.consents)}


class UndoForm(forms.Form):
    reason = CleanTextField(max_length=300, label=gettext_lazy("Reason for undoing"))
