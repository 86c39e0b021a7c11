"""The forms of an import: upload, meaning of columns, explanation, template."""

import secrets
from collections import Counter
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext as _, gettext_lazy
from openpyxl.utils import get_column_letter

from .. import deadline, imports
from ..acts import new_units
from ..files import spreadsheets
from ..files.spreadsheets import Book
from ..imports.layout import MAX_DAYS, SKIP, SheetTable
from ..models import ImportFile, KnownHeads, OfficialFigure, User
from ..text import names
from .day import RangeForm
from .fields import CleanTextField, DayField, ExplainedForm, SentFileField

MOST_KEPT = 5  # waiting files per person
MODES = (("mới", gettext_lazy("new installs of each day")), ("lũy kế", gettext_lazy("cumulative figures")))


class UploadForm(forms.Form):
    """A file of one kind. `save` stores its cells for the preview."""

    file = SentFileField(
        accept=".xlsx,.csv",
        label=gettext_lazy("File (.xlsx or .csv)"),
        help_text=gettext_lazy("At most 5 MB. You will see what the file changes before anything is recorded."),
    )
    effective_on = DayField(label=gettext_lazy("Effective from"))
    day = DayField(label=gettext_lazy("Day"), help_text=gettext_lazy("For lines that name no day."))
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
    zeros = forms.BooleanField(
        required=False,
        label=gettext_lazy("Count an unchanged cumulative as a report of 0"),
        help_text=gettext_lazy("Only if every unit has reported every day. Otherwise such a figure is left out."),
    )
    reissue = forms.BooleanField(
        required=False,
        label=gettext_lazy("New slips for people who have never signed in"),
        help_text=gettext_lazy("Their old slips stop working. Use this for slips that were lost or never printed."),
    )

    def __init__(self, data=None, files=None, *, kind: imports.Kind, by: User, at: datetime):
        self.kind, self.by, self.at, self.today = kind, by, at, deadline.reporting_day(at)
        initial = {}
        if kind.name == "units" and new_units.has_begun(self.today):
            initial["effective_on"] = new_units.first_day(self.today)
        if kind.name == "official-figures":
            initial["source"] = OfficialFigure.USUAL_SOURCE
        super().__init__(data, files, initial=initial)
        self.fields = {name: f for name, f in self.fields.items() if name in ("file", *kind.options)}

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            file = cleaned["file"]
            try:
                book = imports.open_book(file.read(), file.name, is_apart=True)
                self.kept = self._kept(book, {name: cleaned[name] for name in self.kind.options})
                self.table = table_of(self.kept, book)
                directory = imports.directory_of(self.kind, self.table, sent_file(self.kept, at=self.at))
                imports.refuse_turned(self.table, directory, self.today)
            except spreadsheets.Unreadable as error:
                self.add_error("file", ValidationError(str(error), code="unreadable"))
        return cleaned

    def _kept(self, book: Book, options: dict) -> ImportFile:
        options = {name: v.isoformat() if isinstance(v, date) else v for name, v in options.items()}
        if self.kind.hands_out:
            options["seed"] = secrets.token_urlsafe(32)
        source, table = imports.source_of(book), book.packed()
        return ImportFile(kind=self.kind.name, source=source, table=table, options=options, sent_at=self.at, by=self.by)

    def save(self) -> ImportFile:
        """Store the file; if its columns are clear, also its plan."""
        ImportFile.objects.dead(self.at).delete()
        if not imports.problems(self.table):
            self.kept.plan = imports.preview(self.kind, self.table, sent_file(self.kept, at=self.at)).packed()
        self.kept.save()
        waiting = ImportFile.objects.filter(by=self.by, done_at=None).values_list("pk", flat=True)
        ImportFile.objects.filter(pk__in=list(waiting[MOST_KEPT:])).delete()
        return self.kept


def table_of(kept: ImportFile, book: Book | None = None) -> imports.Table:
    """The table of a stored file, with the chosen meaning of its columns."""
    book, options = book or Book.unpacked(kept.table), _options(kept)
    chosen = {name: options.get(name) for name in ("day", "choices")}
    return imports.table_of(imports.KINDS[kept.kind], book, near=deadline.reporting_day(kept.sent_at), **chosen)


def sent_file(kept: ImportFile, *, at: datetime, **more: str | None) -> imports.Sent:
    return imports.Sent(by=kept.by, at=at, source=kept.source, options=_options(kept), **more)


def _options(kept: ImportFile) -> dict:
    days = {name: date.fromisoformat(kept.options[name]) for name in ("effective_on", "day") if name in kept.options}
    return kept.options | days


class ColumnsForm(forms.Form):
    """Asks what each column of each sheet means, and offers what the office chose for the same head before."""

    mode = forms.ChoiceField(
        required=False,
        label=gettext_lazy("The figures of the days are"),
        choices=[("", "–"), ("daily", gettext_lazy("new installs of each day")), ("cumulative", MODES[1][1])],
    )
    day = DayField(required=False, label=gettext_lazy("Day of the figures"))
    source = UploadForm.base_fields["source"]

    def __init__(self, data=None, *, kept: ImportFile, kind: imports.Kind, at: datetime):
        self.kept, self.kind, self.table, self.today = kept, kind, table_of(kept), deadline.reporting_day(at)
        choices = kept.options.get("choices", {})
        initial = {name: choices.get(name) for name in ("mode", "day")} | {"source": kept.options.get("source")}
        super().__init__(data, initial=initial)
        self.directory = imports.directory_of(kind, self.table, sent_file(kept, at=at))
        known = KnownHeads.objects.filter(unit=kept.by.unit, kind=kind.name).first()
        self.remembered = known.meanings if known and not choices else {}
        self.guessed: dict[str, tuple[str, str]] = {}  # folded head and meaning by number of sheet and column
        self.parts = [self._part(f"{order}", part) for order, part in enumerate(self.table.sheets)]
        for name, lacks in (("mode", self.table.lacks_mode), ("day", self.table.lacks_day)):
            if not lacks and not choices.get(name):
                del self.fields[name]
        if "source" not in kind.options:
            del self.fields["source"]

    def _part(self, order: str, part: SheetTable) -> dict:
        """Add a sheet's fields; return what the page shows of the sheet."""
        words, columns = _("Read the sheet “%(name)s”") % {"name": part.sheet.name}, []
        tick = self._add(f"read-{order}", forms.BooleanField(required=False, initial=part.is_read, label=words))
        unit = None
        if part.has_no_units and self.directory:
            named = part.unit or imports.unit_of_sheet(part, self.directory, self.kept.by.unit)
            units = sorted(self.directory.by_code.values(), key=lambda one: (one.is_agency, one.path))
            offered = [("", _("Choose …")), *((one.code, self.directory.described(one)) for one in units)]
            field = forms.ChoiceField(required=False, initial=named, choices=offered, label=_("Unit of all lines"))
            unit = self._add(f"u-{order}", field)
        usual = [("", _("Choose …")), (SKIP, _("Skip")), *((one.key, one.title) for one in self.kind.columns)]
        for number, head in part.heads.items():
            meaning, day, folded = part.columns[number], None, names.fold(head)
            offered = usual if meaning in dict(usual) else [*usual, (meaning, head)]  # figures of one day
            remembered = self.remembered.get(folded, "")
            remembered = remembered if remembered in dict(offered) else ""
            self.guessed[f"{order}-{number}"] = folded, meaning
            chosen = forms.ChoiceField(required=False, initial=remembered or meaning, choices=offered, label=head)
            if self.kind.has_days and number in part.unclear:
                asked = DayField(required=False, label=_("Day of “%(head)s”") % {"head": head[:60]})
                day = self._add(f"d-{order}-{number}", asked)
            columns.append(
                {
                    "letters": get_column_letter(number),
                    "head": head,
                    "samples": part.samples(number),
                    "field": self._add(f"c-{order}-{number}", chosen),
                    "day": day,
                    "is_unclear": part.is_read and number in part.unclear and not remembered,
                    "is_remembered": bool(remembered),
                }
            )
        return {"name": part.sheet.name, "tick": tick, "unit": unit, "columns": columns}

    def _add(self, name: str, field: forms.Field) -> BoundField:
        self.fields[name] = field
        return self[name]

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        chosen = {}
        for order, part in enumerate(self.table.sheets):
            meanings = {str(number): self._meaning(order, number) for number in part.heads}
            chosen[part.sheet.name] = meanings if cleaned[f"read-{order}"] else None
        day = cleaned.get("day")
        units = {part.sheet.name: cleaned.get(f"u-{order}", "") for order, part in enumerate(self.table.sheets)}
        choices = {"sheets": chosen, "units": units, "mode": cleaned.get("mode", ""), "day": f"{day or ''}"}
        source = {"source": cleaned["source"]} if "source" in cleaned else {}
        self.kept.options = {**self.kept.options, **source, "choices": choices}
        try:
            self.table = table_of(self.kept)
        except spreadsheets.Unreadable as error:
            self.add_error(None, ValidationError(str(error), code="unreadable"))
            return cleaned
        for part in self.table.used_sheets:
            if len({*part.meanings.values()}) < len(part.meanings):
                words = _("Two columns of the sheet “%(sheet)s” cannot be the same.")
                self.add_error(None, ValidationError(words % {"sheet": part.sheet.name}, code="twice"))
        for words in imports.problems(self.table):
            self.add_error(None, ValidationError(words, code="unclear"))
        return cleaned

    def _meaning(self, order: int, number: int) -> str:
        meaning = self.cleaned_data.get(f"c-{order}-{number}") or ""
        on = self.cleaned_data.get(f"d-{order}-{number}")
        return f"{on.isoformat()} {meaning}" if on and meaning in ("daily", "cumulative") else meaning

    def save(self, at: datetime) -> None:
        self.kept.plan = imports.preview(self.kind, self.table, sent_file(self.kept, at=at)).packed()
        self.kept.save()
        cleaned, chosen = self.cleaned_data, {}
        heads = Counter(head for head, _meaning in self.guessed.values())
        for place, (head, meaning) in self.guessed.items():
            is_same = cleaned[f"c-{place}"] in ("", meaning) or heads[head] > 1
            if not is_same and not cleaned.get(f"d-{place}"):  # a day of this file is not that of the next
                chosen[head] = cleaned[f"c-{place}"]
        if chosen:
            KnownHeads.add(self.kept.by.unit, self.kind.name, chosen)


class ExplanationForm(ExplainedForm):
    """A tick and a reason for a file with doubts."""

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["explanation"].help_text = _("Kept with these figures.")

    def clean(self) -> dict:
        cleaned = super().clean()
        self.demand_explanation(cleaned)
        return cleaned

    @property
    def words(self) -> str:
        """The explanation; empty if the form is not valid."""
        return self.cleaned_data["explanation"] if self.is_bound and self.is_valid() else ""


class TemplateForm(RangeForm):
    """The days of a template for reports, and whether its figures are new or cumulative."""

    longest = MAX_DAYS

    def __init__(self, data, *, at: datetime):
        super().__init__({name: data[name] for name in ("from", "to", "mode") if name in data}, at=at)
        self.fields["mode"] = forms.ChoiceField(label=gettext_lazy("Kind of figures"), choices=MODES)
        self.data.setdefault("mode", MODES[0][0])
