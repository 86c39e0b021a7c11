"""Files that come in as Excel or CSV: read, shown cell by cell, and applied under the lock, all of it or nothing.

A kind of import is a description: its columns, what it plans, what it writes. The way that all of them go is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from types import ModuleType

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts, clock, gate
from ..acts import locking
from ..acts.unit_register import BadFile
from ..clock import Now
from ..files import apart, spreadsheets
from ..files.cells import Cell
from ..files.spreadsheets import Book
from ..models import Unit, User
from ..people import access
from ..text import formatting
from . import layout
from .columns import CUMULATIVE, DAILY, PASSED_OVER, Column, key_of
from .kinds import base, mergers, ministry, people, report_lines, reports, units
from .layout import Found, Table
from .layout import problems as problems
from .named_units import Directory
from .plan import Plan, Sent
from .plan import RowOutcome as RowOutcome

FIGURES = (DAILY, CUMULATIVE, report_lines.OPENING)
TRIES = 3  # of an apply whose records changed between the check and the lock


@dataclass(frozen=True)
class Kind:
    """One kind of import; `options` are asked for beside the file."""

    name: str
    title: str | Promise
    about: str | Promise
    columns: Sequence[Column]
    plan: Callable[[Table, Sent], Plan]
    write: Callable[..., object]  # what it makes for whoever goes on with it: `Plan.done`
    scope: Callable[[Sent, set[date]], tuple[list[Unit], Directory]] | None = None  # whom a template is filled for
    check: Callable[[Table], None] | None = None
    make_ready: Callable[[list, Sent], object] | None = None  # of what is written, all that is done outside the lock
    known: Callable[[Sent], list[dict]] | None = None  # the lines of a template that is sent back as it is
    options: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()  # groups of keys: beside what is required, a file has one of each
    has_days: bool = False
    is_for_districts: bool = False
    hands_out: bool = False  # slips
    has_own_page: bool = False  # beside what it belongs to, not on the page of the imports


def _code(kind: ModuleType) -> dict:
    """The columns and functions of a kind: some it may lack."""
    own = {name: getattr(kind, name, None) for name in ("scope", "check", "make_ready", "known")}
    return {"columns": kind.COLUMNS, "plan": kind.plan, "write": kind.apply, **own}


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "reports",
            gettext_lazy("Reports of days gone by"),
            gettext_lazy("New installs or cumulative figures of units and days, and the numbers before the campaign."),
            **_code(reports),
            options=("reason", reports.ZEROS),
            needs=(("code", "name"), FIGURES),
            has_days=True,
            is_for_districts=True,
        ),
        Kind(
            "base-figures",
            gettext_lazy("Base figures"),
            gettext_lazy("Population, smartphone users and households of the units, with day and source."),
            **_code(base),
            options=("effective_on", "source"),
            needs=(("code", "name"),),
        ),
        Kind(
            "units",
            gettext_lazy("Units"),
            gettext_lazy("Codes, names, levels and superiors of new units, and what is to be corrected in known ones."),
            **_code(units),
            needs=units.NEEDS,
            options=("effective_on",),
        ),
        Kind(
            "official-figures",
            gettext_lazy("Figures of the ministry"),
            gettext_lazy("Downloads, accounts and active devices as the ministry counts them, beside our own figures."),
            **_code(ministry),
            options=("day", "source"),
            needs=(("code", "name"),),
        ),
        Kind(
            "people",
            gettext_lazy("Accounts"),
            gettext_lazy("Who works in which unit: new accounts with their slips, and what changes in known ones."),
            **_code(people),
            options=("reissue",),
            needs=(("code", "name"),),
            is_for_districts=True,
            hands_out=True,
        ),
        Kind(
            "mergers",
            gettext_lazy("Mergers, splits and renames"),
            "",
            **_code(mergers),
            options=("effective_on", "source"),
            has_own_page=True,
        ),
    )
}


class NotDone(acts.NotWritten):
    """`plan` is what would be done now."""

    def __init__(self, plan: Plan):
        self.plan = plan


class Changed(NotDone):
    """What would be done now is not what was shown."""


class NothingToDo(NotDone):
    """The plan holds an error, or changes nothing."""


class NotExplained(NotDone):
    """The plan holds what is usually a mistake, and nothing says why it is right."""


def can_import(user: User) -> bool:
    """The clerks of units that have others below them; a country's bring in nothing."""
    if not user.is_active or user.is_viewer or user.unit_id is None:
        return False
    if not user.unit.is_superior_level:
        return False
    return user.unit.is_sealing or (user.unit.is_under_seal and user.has_units_below)


def kinds_for(user: User) -> dict[str, Kind]:
    """What the person may import: a district the reports and the people of its communes, the city all."""
    if not can_import(user):
        return {}
    is_sealing = access.is_sealing_clerk(user, user.unit)
    kinds = {name: kind for name, kind in KINDS.items() if not kind.has_own_page}
    return {name: kind for name, kind in kinds.items() if is_sealing or kind.is_for_districts}


def open_book(data: bytes, name: str, *, is_apart: bool = False) -> Book:
    """The cells of a file. Raises `spreadsheets.Unreadable`.

    What somebody sends is read in a process of its own, unless the settings say otherwise, and takes a turn: raises
    `gate.Busy`.
    """
    with gate.turn(gate.IMPORT) if is_apart else nullcontext():
        return (apart if is_apart and settings.READ_FILES_APART else spreadsheets).read_book(data, name)


def source_of(book: Book) -> str:
    """How history names the file."""
    return f"{book.name[-120:]} sha256:{book.digest}"


def table_of(kind: Kind, book: Book, *, near: date | None = None, choices: Mapping | None = None) -> Table:
    """What the book says for a kind of import, as far as it is clear. Raises `spreadsheets.Unreadable`."""
    needs = [(column.key,) for column in kind.columns if column.is_required and not column.is_only_compared]
    beside = {"has_days": kind.has_days, "near": near, "choices": choices}
    table = layout.find(book, kind.columns, needs=[*needs, *kind.needs], **beside)
    if table.is_clear and not table.lines:
        raise spreadsheets.Unreadable(_("There is no line below the head of the sheet."))
    if kind.check:
        kind.check(table)
    return table


def read_table(kind: Kind, data: bytes, name: str, *, is_apart: bool = False) -> tuple[Table, str]:
    """The table of a file that leaves nothing to be asked, and its source. Raises `spreadsheets.Unreadable`."""
    book = open_book(data, name, is_apart=is_apart)
    table = table_of(kind, book)
    if not table.is_clear:
        raise spreadsheets.Unreadable(" ".join(problems(table)))
    return table, source_of(book)


def preview(kind: Kind, table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now; nothing is written."""
    return kind.plan(table, sent)


def apply(
    kind: Kind,
    table: Table,
    sent: Sent,
    *,
    shown: str | None = None,
    now: Now = clock.now,
    keep: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """Do what was shown, all of it or nothing; `shown` is the digest of the plan that the person has seen.

    `keep` stores what came of it, in the same transaction.

    The check is made outside the lock; inside it only that nothing it went by has changed, and the writing. Raises
    `Changed` when something else would be done than was shown, `NothingToDo` when there is an error in it,
    `NotExplained` when it holds doubts and `sent` no explanation.
    """
    for _try in range(TRIES):
        planned = kind.plan(table, sent)
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
                    done = planned.done(kind.write(ready, sent, now=now()))
                    keep(done)
                    return done
        except BadFile:
            continue  # what it will be told when it is looked at again
    raise Changed(planned)


def notes(table: Table) -> list[str]:
    """What was read and what was not: sheets, hidden rows and columns, heads that nobody knows."""
    said = []
    for found in table.read:
        sheet = found.sheet
        words = _("Read: the sheet “%(sheet)s”, its head in row %(row)s.")
        said.append(words % {"sheet": sheet.name, "row": found.head_row})
        if sheet.is_hidden:
            said.append(_("This sheet is hidden in the workbook."))
        if found.title_day and any(line.cells.get("day") == Cell("", found.title_day) for line in table.lines):
            said.append(_("The day is that of the title: %(day)s.") % {"day": formatting.day(found.title_day)})
        if hidden := [row for row in sheet.hidden_rows if row > found.head_row]:
            said.append(_("Hidden rows were read too: %(rows)s.") % {"rows": _listed(hidden)})
        if sheet.hidden_columns:
            said.append(_("Hidden columns were read too: %(columns)s.") % {"columns": _listed(sheet.hidden_columns)})
        if unknown := [found.heads[n] for n, meaning in found.columns.items() if not meaning or _is_left_out(found, n)]:
            said.append(_("Columns that were not read: %(names)s.") % {"names": _listed(unknown)})
    if others := [found.sheet.name for found in table.sheets if not found.is_read]:
        said.append(_("Not read: the sheets %(names)s.") % {"names": _listed(others)})
    return said


def _is_left_out(found: Found, number: int) -> bool:
    """Whether a column is passed over that is more than the numbers of the lines."""
    return found.columns[number] == layout.SKIP and key_of(found.heads[number]) not in PASSED_OVER | {""}


def _listed(names: Sequence, most: int = 12) -> str:
    words = ", ".join(f"“{name}”" if isinstance(name, str) and len(name) > 3 else str(name) for name in names[:most])
    return f"{words} …" if len(names) > most else words
