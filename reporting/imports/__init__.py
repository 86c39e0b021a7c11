"""Imports from Excel or CSV: a file is read, previewed cell by cell, and applied under the lock, all or nothing."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy
from openpyxl.utils import get_column_letter

from .. import acts, clock, deadline
from ..acts import locking
from ..acts.unit_register import BadFile
from ..clock import Now
from ..files import separate_process, spreadsheets
from ..files.cells import Cell, Unreadable
from ..files.spreadsheets import Book
from ..ministry import imports as ministry
from ..models import User
from ..people import access
from ..text import formatting, parsing
from .columns import CUMULATIVES, INSTALLS, Kind, is_passed_over
from .kinds import figures, people, reports, units
from .layout import SKIP, Table, clear_table_of, problems as problems, table_of as table_of
from .plan import Plan, RowOutcome as RowOutcome, Sent
from .unit_lines import Directory, unit_of_sheet as unit_of_sheet

KINDS = {kind.name: kind for kind in (reports.KIND, figures.BASE_FIGURES, units.KIND, ministry.KIND, people.KIND)}
TRIES = 3  # times that `apply` makes a plan, if records change between the check and the lock


class NotDone(acts.Refusal):
    """The import was not applied; `plan` is the current plan."""

    def __init__(self, plan: Plan):
        self.plan = plan


class Changed(NotDone):
    """The current plan differs from the one that was shown."""

    text = gettext_lazy("Something has changed since the preview. Check what will happen now, then record it.")
    status = acts.CONFLICT


class NothingToDo(NotDone):
    """The plan has an error, or changes nothing."""

    text = gettext_lazy("Nothing was recorded: correct the file and send it again.")


class NotExplained(NotDone):
    """The plan has doubts, and nobody explained them: the form says so."""

    text = ""


def can_import(user: User) -> bool:
    """Whether the user is a clerk of a unit with units below it; a country's clerk may not import."""
    if not user.is_active or user.is_viewer or user.unit_id is None or not user.unit.is_superior_level:
        return False
    return user.unit.is_sealing or (user.unit.is_under_seal and user.has_units_below)


def kinds_for(user: User) -> dict[str, Kind]:
    """A city may import all kinds; a district the reports and accounts of its communes."""
    if not can_import(user):
        return {}
    is_sealing = access.is_sealing_clerk(user, user.unit)
    return {name: kind for name, kind in KINDS.items() if is_sealing or kind.is_for_districts}


def open_book(data: bytes, name: str, *, is_apart: bool = False) -> Book:
    """The cells of a file; `is_apart` allows a process of its own, see settings. Raises `spreadsheets.Unreadable`."""
    return (separate_process if is_apart and settings.READ_FILES_APART else spreadsheets).read_book(data, name)


def source_of(book: Book) -> str:
    """The file's name and digest, as the history stores them."""
    return f"{book.name[-120:]} sha256:{book.digest}"


def read_table(kind: Kind, data: bytes, name: str) -> tuple[Table, str]:
    """The table and source of a file. Raises `spreadsheets.Unreadable`, also if columns are unclear."""
    book = open_book(data, name)
    return clear_table_of(kind, book), source_of(book)


def directory_of(kind: Kind, table: Table, sent: Sent) -> Directory | None:
    """The units that one of may be chosen for a sheet without a column of units; None if no sheet is without."""
    if not any(part.has_no_units for part in table.sheets):
        return None
    return kind.scope(sent, table.all_days or {deadline.reporting_day(sent.at)})


def refuse_turned(table: Table, directory: Directory | None, today: date) -> None:
    """Raise `Unreadable` if a head has a column for each unit, or for each day where the lines should name it."""
    for part in table.used_sheets if directory else ():
        heads = part.heads.values() if part.has_no_units else ()
        days = [head for head in heads if not part.kind.has_days and parsing.day(head, near=today)]
        if len(days) + sum(map(directory.knows, heads)) > 1:
            words = _(
                "Row %(row)s of the sheet “%(sheet)s” has a column for each unit or day; this import reads a line for "
                "each. Turn the table in Excel: Copy, Paste Special, Transpose. Then send the file again."
            )
            raise Unreadable(words % {"row": part.head_row, "sheet": part.sheet.name})


def preview(kind: Kind, table: Table, sent: Sent) -> Plan:
    """The plan for the file, its rows in the order of the cells."""
    plan = kind.plan(table, sent)
    rows = sorted(plan.rows, key=attrgetter("place"))
    planned = [(row.address, row.unit, row.outcome, row.unformatted, row.covers_from, len(row.asked)) for row in rows]
    digest = hashlib.sha256(repr([planned, *((line.row, line.cells) for line in table.lines)]).encode()).hexdigest()
    return replace(plan, rows=rows, notes=notes(table), digest=digest)


def apply(
    kind: Kind,
    table: Table,
    sent: Sent,
    *,
    shown: str | None = None,
    now: Now = clock.now,
    keep: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """Write the whole file or nothing. `shown` is the digest of the plan that the person has seen.

    The plan is made outside the lock; inside it, no record may have changed. `keep` stores the result in the same
    transaction. Raises `Changed`, `NothingToDo`, `NotExplained`.
    """
    for _try in range(TRIES):
        planned = preview(kind, table, sent)
        if shown is not None and planned.digest != shown:
            raise Changed(planned)
        if not planned.can_be_applied:
            raise NothingToDo(planned)
        if planned.doubtful and not sent.explanation.strip():
            raise NotExplained(planned)
        ready = kind.make_ready(planned.writes, sent) if kind.make_ready else planned.writes
        try:
            with transaction.atomic():
                locking.lock_all(access.top_of(sent.by))
                if planned.still_stands():
                    done = replace(planned, made=kind.write(ready, sent, now=now()))
                    keep(done)
                    return done
        except BadFile:
            continue  # plan again: the next preview shows the errors
    raise Changed(planned)


def notes(table: Table) -> list[str]:
    """Sentences on what was read and what was not: sheets, hidden rows, unknown heads."""
    texts = []
    for part in table.used_sheets:
        sheet = part.sheet
        words = _("Read: the sheet “%(sheet)s”, its head in row %(row)s.")
        texts.append(words % {"sheet": sheet.name, "row": part.head_row})
        if sheet.is_hidden:
            texts.append(_("This sheet is hidden in the workbook."))
        if part.title_day and any(line.cells.get("day") == Cell("", part.title_day) for line in table.lines):
            texts.append(_("The day is taken from the title: %(day)s.") % {"day": formatting.day(part.title_day)})
        if part.title_mode and any(line.cells.get("mode") == Cell("", part.title_mode) for line in table.lines):
            titles = {column.key: column.title for column in (INSTALLS, CUMULATIVES)}
            texts.append(_("The title says what the figures are: %(title)s.") % {"title": titles[part.title_mode]})
        if part.unit:
            texts.append(_("All lines of this sheet are of the unit that you chose: %(unit)s.") % {"unit": part.unit})
        if hidden := [row for row in sheet.hidden_rows if row > part.head_row]:
            texts.append(_("Hidden rows were read too: %(rows)s.") % {"rows": _listed(hidden)})
        unread = {n: head for n, head in part.heads.items() if n not in part.meanings}
        unread = [head for n, head in unread.items() if part.columns[n] != SKIP or not is_passed_over(head)]
        unread += map(get_column_letter, sorted(part.numeric - part.heads.keys()))
        if unread:
            texts.append(_("Columns that were not read: %(names)s.") % {"names": _listed(unread)})
    if others := [part.sheet.name for part in table.sheets if not part.is_read]:
        texts.append(_("Not read: the sheets %(names)s.") % {"names": _listed(others)})
    return texts


def _listed(names: Sequence, most: int = 12) -> str:
    words = ", ".join(f"“{name}”" if isinstance(name, str) and len(name) > 3 else str(name) for name in names[:most])
    return f"{words} …" if len(names) > most else words
