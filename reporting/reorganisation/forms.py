"""The form for mergers, splits and renames: one is picked by name, many are typed or pasted, one per line."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, repeat

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from .. import acts
from ..acts import unit_register
from ..acts.base_figures import COUNTS
from ..forms.campaign import PreviewedForm, UnitChoice
from ..forms.fields import CleanTextField, DayField, NumberField
from ..imports.columns import HEADS, key_of, names_of
from ..imports.kinds.units import read_kind, read_level
from ..models import Reorganisation
from ..text import names, parsing, unit_kinds
from .acts import ReorganisationNotLater, record_reorganisation
from .draft import BASE, COLUMNS as KEYS, MERGE, NEW, RENAME, Change, Draft
from .pages import outlook, sentence

PICKED = ("unit", "into", "new_name")
# As offices write them, without accents.
ACTIONS = {"sap nhap": MERGE, "nhap": MERGE, "doi ten": RENAME, "so lieu co so": BASE, "dan so": BASE}
ACTIONS |= {"thanh lap": NEW, "thanh lap moi": NEW}
FIGURES, A_FIGURE = {*COUNTS, "handed_over"}, NumberField(required=False)
BY_HEAD = {head: key for key in KEYS for head in names_of(f"{key};{HEADS.get(f'units.{key}', HEADS[key])}")}
MADE_UP = """action,code,into,name,kind,parent_code,population,split_from,handed_over
merge,11464,11458,,,,,,
rename,11458,,Hải Sơn,phường,,,,
base,11407,,,,,9000,,
new,11408,,Cát Bi 2,phường,306,5350,11407,0"""


class ReorganisationForm(PreviewedForm):
    """The typed lines, then what was picked. Recorded if `shown` is the digest of what will happen."""

    unit = into = forms.Field()
    new_name = CleanTextField(required=False, max_length=150, label=gettext_lazy("Name afterwards, if it changes"))
    effective_on = DayField(label=gettext_lazy("Effective from"))
    source = CleanTextField(
        max_length=200,
        label=pgettext_lazy("document", "Decision"),
        widget=forms.TextInput(attrs={"placeholder": "Nghị quyết số 872/NQ-UBTVQH14"}),
    )
    table = CleanTextField(
        required=False,
        max_length=100_000,
        label=gettext_lazy("One change per line"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
        help_text=gettext_lazy("Pasted from Excel, or written with commas; the first line names the columns."),
    )
    draft: Draft | None = None  # only if it has no errors

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        filled = [name for name in (*PICKED, "table") if self.data.get(name, "").strip()]
        units, is_picked = self.fields["unit"].queryset, filled != ["table"]
        is_merger = is_picked and "new_name" not in filled
        self.fields["unit"] = UnitChoice(units, required=is_picked, label=_("Unit that is merged or renamed"))
        self.fields["into"] = UnitChoice(units, required=is_merger, label=_("Merged into (empty if only renamed)"))
        words = _("Choose the unit that it is merged into, or enter its new name.")
        self.fields["into"].error_messages["required"] = words

    @property
    def _digest(self) -> str:
        return self.draft.digest if self.draft else ""

    @property
    def sentences(self) -> list[tuple[int, str]]:
        """What each line does, with its number."""
        return [(line.line, sentence(line, self.draft)) for line in self.draft.lines] if self.draft else []

    def foresee(self) -> list[str]:
        return outlook(self.draft) if self.draft else []

    def show(self) -> None:
        super().show()
        if self.draft and self.data.get("again") == "more":
            self.data.update(dict.fromkeys(PICKED, ""), table=self.draft.written)  # the next is picked

    def clean_effective_on(self) -> date:
        day = self.cleaned_data["effective_on"]
        if day <= self.today:
            raise ValidationError(ReorganisationNotLater().message, code="not_later")
        return day

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            self._check()
        return cleaned

    def save(self) -> Reorganisation:
        """Record what was shown. If it is refused, show what would happen now and raise `Refusal`."""
        typed = {name: self.cleaned_data[name] for name in ("effective_on", "source")}
        beside = {**typed, "shown": self._digest, "by": self.by, "at": self.at}
        try:
            return record_reorganisation(self.draft.lines, **beside)
        except acts.Refusal:
            self._check()
            self.show()
            raise

    def _check(self) -> None:
        """Set `draft`, or add the errors, line by line."""
        self.draft = None
        try:
            typed, errors = read_changes(self.cleaned_data["table"])
            picked = self._picked(after=typed[-1].line if typed else 1)
            if not (typed or picked):
                raise ValidationError(_("There is no line below the head of the sheet."), code="unreadable")
        except ValidationError as error:
            self.add_error("table", error)
            return
        draft = Draft([*typed, *picked], self.cleaned_data["effective_on"], by=self.by, today=self.today)
        lines = {line.line: line for line in draft.lines}
        for number, words in errors or draft.errors:
            if (line := lines[number]) in picked:
                field = "new_name" if line.action == RENAME else "into"
                self.add_error(field, ValidationError(words, code="line"))
            else:
                error = unit_register.BadFile([(number, words)])
                self.add_error("table", ValidationError(str(error), code="line"))
        if not self.errors:
            self.draft = draft

    def _picked(self, *, after: int) -> list[Change]:
        """The lines for what was picked: a merger, a new name, or both."""
        unit, into, name = map(self.cleaned_data.get, PICKED)
        changes = [Change(line=after + 1, action=MERGE, code=unit.code, into=into.code)] if into else []
        if name:
            line = after + 1 + len(changes)
            changes.append(_renamed(Change(line=line, action=RENAME, code=(into or unit).code, name=name)))
        return changes


def read_changes(text: str) -> tuple[list[Change], list[tuple[int, str]]]:
    """The changes of lines with commas, semicolons or tabs; the number and error of each line that cannot be read.

    Raises `ValidationError` if the columns are unclear.
    """
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    changes, errors = [], []
    try:
        keys = _columns_of(next(reader, []))
        for cells in filter(any, reader):
            values = dict.fromkeys(("action", "code", "level", "kind"), "")
            for key, written in zip(chain(keys, repeat("")), cells, strict=False):
                try:
                    if key:
                        values[key] = A_FIGURE.clean(written) if key in FIGURES else parsing.clean(written)
                    elif written.strip():
                        raise ValidationError(_("this column has no head."))
                except ValidationError as error:
                    errors.append((reader.line_num, f"{key or written}: {error.messages[0]}"))
            values["action"] = ACTIONS.get(names.fold(values["action"]), values["action"])
            values["level"], values["kind"] = read_level(values["level"]), read_kind(values["kind"])
            changes.append(_renamed(Change(line=reader.line_num, **values)))
    except csv.Error as error:
        words = _("Line %(line)s cannot be read.") % {"line": reader.line_num}
        raise ValidationError(words, code="unreadable") from error
    return changes, errors


def _columns_of(heads: Sequence[str]) -> list[str]:
    """The key of each column, empty without a head. Raises `ValidationError` if a head is unknown, or there twice."""
    keys = []
    for head in heads:
        folded = key_of(head)
        ways = (folded, folded.removeprefix("ten "))
        key = next((BY_HEAD[way] for way in ways if way in BY_HEAD), "")
        if head.strip() and (not key or key in keys):
            words = _("The first line names the columns. “%(head)s” is not known, or is there twice.")
            raise ValidationError(words % {"head": head[:100]}, code="unreadable")
        keys.append(key)
    return keys


def _renamed(change: Change) -> Change:
    """A new name without the kind that it begins with: “Phường Hải Sơn” is the phường Hải Sơn."""
    if change.action != RENAME or change.kind:
        return change
    return replace(change, kind=unit_kinds.kind_of(change.name), name=unit_kinds.bare_name(change.name))
