"""Imports from Excel or CSV: a file is read, previewed cell by cell, and applied under the lock, all or nothing."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from operator import attrgetter

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from .. import acts, clock, deadline
from ..acts import locking
from ..acts.unit_register import BadFile
from ..clock import Now
from ..files import separate_process, spreadsheets
from ..files.cells import GREYED
from ..files.spreadsheets import Book
from ..models import User
from ..people import access
from ..text import formatting
from .columns import Kind
from .kinds import people, reports, units
from .layout import SKIP, WITHOUT, Table, first_few, table_of as table_of
from .plan import Plan, RowOutcome as RowOutcome, Sent
from .unit_lines import Directory

KINDS = {kind.name: kind for kind in (reports.KIND, units.KIND, people.KIND)}
RECORDED = (RowOutcome.NEW, RowOutcome.CHANGED)
MOST_SENTENCES = 12  # about sums that differ
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
    """A tick or the explanation of doubts is missing: the form says so."""

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


def directory_of(kind: Kind, sent: Sent) -> Directory:
    """The units that a file may name; none if it makes units."""
    return kind.scope(sent, {deadline.reporting_day(sent.at)}) if kind.scope else Directory([], lambda *_unit: False)


def preview(kind: Kind, table: Table, sent: Sent) -> Plan:
    """The plan for the file, its rows in the order of the cells."""
    plan = kind.plan(table, sent)
    rows = sorted(plan.rows, key=attrgetter("place"))
    shown = [[*vars(row).values()] for row in rows]
    digest = hashlib.sha256(repr([shown, *((line.row, line.cells) for line in table.lines)]).encode()).hexdigest()
    consents, recorded = dict(plan.consents), [row for row in rows if row.outcome in RECORDED]
    marked = [row for row in recorded if row.mark]
    if marked and not (len(marked) == len(recorded) and {row.mark for row in marked} == {GREYED}):
        words = _("Record also the rows that are struck through, hidden or grey: %(rows)s")
        consents["marked"] = words % {"rows": first_few([*dict.fromkeys(str(row.place[0]) for row in marked)])}
    if days := table.months_apart:
        words = _("These days are a month apart; the day is written before the month: %(days)s")
        consents["months"] = words % {"days": first_few([*map(formatting.day, days)])}
    if doubts := len(plan.doubtful):
        words = _("Unusual figures: %(n)s. I have checked them: they are right")
        consents["doubts"] = words % {"n": formatting.number(doubts)}
    outlook = [*plan.outlook, *(row.words for row in rows if row.outcome == RowOutcome.SUM and row.words)]
    more = {"notes": notes(table), "outlook": outlook[:MOST_SENTENCES], "consents": consents}
    return replace(plan, rows=rows, digest=digest, **more)


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
        if planned.consents.keys() - sent.consents or (planned.doubtful and not sent.explanation.strip()):
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
    """Sentences on how the file was read: its sheets, what the figures are, what was not read."""
    texts = []
    for part in table.sheets:
        said, row = part.layout, {"sheet": part.sheet.name, "row": part.layout.head}
        day = formatting.day(date.fromisoformat(said.day)) if len(said.day) == len("2020-08-20") else ""
        unread = [head for n, head in part.heads.items() if part.columns.get(n, SKIP) in ("", SKIP)]
        texts += [
            said.head and _("Read: the sheet “%(sheet)s”, its head in row %(row)s.") % row,
            not said.head and _("Read: the sheet “%(sheet)s”, which has no head.") % row,
            part.sheet.is_hidden and _("This sheet is hidden in the workbook."),
            day and _("The figures are of %(day)s.") % {"day": day},
            said.measure > 1 and _("The figures are thousands of phones."),
            said.opening == WITHOUT
            and _("The cumulatives do not count the installs before the campaign: these are added."),
            said.skip and _("Lines that are no unit, not read: %(names)s.") % {"names": first_few(said.skip)},
            unread and _("Columns that were not read: %(names)s.") % {"names": first_few(unread)},
        ]
    texts.append(table.others and _("Not read: the sheets %(names)s.") % {"names": first_few(table.others)})
    return [text for text in texts if text]
