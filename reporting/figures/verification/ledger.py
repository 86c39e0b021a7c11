"""The ledger: a digest of every row that is only added to, kept elsewhere, by which a later reading names what is gone.

A database cannot prove that nothing was taken out of it: whoever lifts its triggers can make all its copies agree. A
ledger of yesterday can: what was there then is there now, unchanged but for the columns that are filled once, and what
came since is dated since. The tables are those of `triggers.APPEND_ONLY`, and of a report what never changes of it.

The file is text, a table after another:

    bluezone-ledger 1
    at 2020-08-21T11:00:00+00:00
    table reporting_revision
    columns id report_id number ...
    filled
    1 <digest> - 11416 21/08/2020 1
    rows 1 <running digest>
    end <digest of all the lines before>

A row is its key, the digest of its columns, that of those filled once ("-" while they are empty), and words by which
people know it. The columns are written down: those that a later release adds are left out of the comparison.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from ... import triggers
from ...hours import deadline
from ...models import Unit
from .progress import EVERY

FORMAT = "bluezone-ledger 1"
NEVER_CHANGED = {  # of what is written over, the columns that are not
    "Report": ("id", "unit_id", "day", "kind"),
    "Unit": ("id", "code", "level", "parent_id", "path", "split_from_id", "handed_over"),
}
UNTOUCHED = "-"
MOMENTS = ("recorded_at", "counted_at", "asked_at", "at", "withdrawn_at")  # the first that a table has dates its rows
KNOWN_BY = (
    "unit__code",
    "report__unit__code",
    "day",
    "report__day",
    "effective_on",
    "effective_from",
    "number",
    "kind",
)
# A row may be dated so much before it is to be seen: from a request's arrival to the end of a long import.
LONGEST_ACT = timedelta(minutes=10)


class Unreadable(Exception):
    """The file is no ledger, or not as it was written; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A row as the ledger has it."""

    frozen: str
    filled: str
    label: str


@dataclass
class Page:
    """One table: its columns, and its entries by key."""

    table: str
    columns: list[str]
    filled: list[str]
    entries: dict[int, Entry] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The running digest of the entries, in the order of their keys."""
        running = hashlib.sha256()
        for key in sorted(self.entries):
            entry = self.entries[key]
            running.update(f"{key} {entry.frozen} {entry.filled}\n".encode())
        return running.hexdigest()


@dataclass
class Ledger:
    at: datetime
    pages: list[Page]


def tables() -> dict[str, type[models.Model]]:
    """What a ledger is of, by the tables' names."""
    guarded = [apps.get_model("reporting", name) for name in (*NEVER_CHANGED, *triggers.APPEND_ONLY)]
    return {model._meta.db_table: model for model in guarded}


def taken(at: datetime) -> Ledger:
    """The ledger of the database as it is; `at` is read before."""
    return Ledger(at, [page_of(model, at) for model in tables().values()])


def page_of(
    model: type[models.Model], at: datetime, columns: list[str] | None = None, filled: list[str] | None = None
) -> Page:
    """A table as it is, for a ledger of `at`; of other columns than its own, where an older ledger has others.

    Of units that had not opened by then nothing is known for good: they may be taken back, and made anew elsewhere.
    """
    if columns is None:
        filled = list(triggers.FILLED_ONCE.get(model.__name__, ()))
        own = [column.attname for column in model._meta.concrete_fields]
        columns = list(NEVER_CHANGED.get(model.__name__, [name for name in own if name not in filled]))
    page = Page(model._meta.db_table, columns, filled)
    known_by = [name for name in KNOWN_BY if _has(model, name)]
    rows = model._base_manager.order_by("pk").values_list("pk", *columns, *filled, *known_by)
    if model.__name__ in NEVER_CHANGED:
        opened = Unit.objects.opened_by(deadline.reporting_day(at)).order_by()
        rows = rows.filter(**{"pk__in" if model is Unit else "unit__in": opened.values("pk")})
    end = 1 + len(columns)
    for key, *row in rows.iterator(EVERY):
        values, once = row[: end - 1], row[end - 1 : end - 1 + len(filled)]
        label = " ".join(_said(value) for value in row[end - 1 + len(filled) :])
        is_empty = all(value is None or value == "" for value in once)
        page.entries[key] = Entry(_digest(values), UNTOUCHED if is_empty else _digest(once), label)
    return page


def _has(model: type[models.Model], name: str) -> bool:
    names = {one.name for one in model._meta.concrete_fields}
    return name.split("__")[0] in names


def _digest(values: Iterable) -> str:
    """The same on every database: instants in UTC, decimals and days as they are written."""
    text = json.dumps([_plain(value) for value in values], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value):
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case Decimal():
            return str(value.normalize())
        case None | bool() | int() | str():
            return value
        case bytes() | memoryview():  # of one and the same column, by the database
            return bytes(value).hex()
    return str(value)


def _said(value) -> str:
    if value is None:
        return UNTOUCHED
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else "".join(str(value).split())


# The file.


def lines(ledger: Ledger) -> Iterator[str]:
    """The lines of the file, each with its line feed."""
    whole = hashlib.sha256()
    for line in _lines(ledger):
        whole.update(f"{line}\n".encode())
        yield f"{line}\n"
    yield f"end {whole.hexdigest()}\n"


def _lines(ledger: Ledger) -> Iterator[str]:
    yield FORMAT
    yield f"at {ledger.at.astimezone(UTC).isoformat()}"
    for page in ledger.pages:
        yield f"table {page.table}"
        yield " ".join(["columns", *page.columns])
        yield " ".join(["filled", *page.filled])
        for key, entry in page.entries.items():
            yield f"{key} {entry.frozen} {entry.filled} {entry.label}"
        yield f"rows {len(page.entries)} {page.digest}"


def read(text: str) -> Ledger:
    """The ledger of a file. Raises `Unreadable`, also where the file is not as it was written."""
    body, _end, last = text.removesuffix("\n").rpartition("\nend ")
    if not text.startswith(f"{FORMAT}\n") or last != hashlib.sha256(f"{body}\n".encode()).hexdigest():
        raise Unreadable(_("The file is no ledger, or was changed since it was written."))
    _format, at, *rest = body.split("\n")
    pages: list[Page] = []
    for line in rest:
        word, *words = line.split(" ")
        match word:
            case "table":
                pages.append(Page(words[0], [], []))
            case "columns":
                pages[-1].columns = words
            case "filled":
                pages[-1].filled = words
            case "rows":
                pass  # for who reads the file; the end speaks for all of it
            case key:
                frozen, filled, *label = words
                pages[-1].entries[int(key)] = Entry(frozen, filled, " ".join(label))
    return Ledger(datetime.fromisoformat(at.removeprefix("at ")), pages)


# The comparison.


def against(old: Ledger) -> Iterator[str]:
    """What was deleted or changed since the ledger was taken, and what came since and is dated before, in words."""
    known = tables()
    for page in old.pages:
        model = known.get(page.table)
        if model is None or not set(page.columns + page.filled) <= {one.attname for one in model._meta.concrete_fields}:
            yield _("%(table)s no longer has what the ledger knows of it") % {"table": page.table}
            continue
        now = page_of(model, old.at, page.columns, page.filled)
        yield from _gone_or_changed(page, now)
        yield from _dated_before(model, page, now, old.at - LONGEST_ACT)


def _gone_or_changed(old: Page, now: Page) -> Iterator[str]:
    for key, entry in old.entries.items():
        words = {"row": f"{old.table} {key} ({entry.label})"}
        standing = now.entries.get(key)
        if standing is None:
            yield _("%(row)s: was deleted") % words
        elif standing.frozen != entry.frozen or entry.filled not in (UNTOUCHED, standing.filled):
            yield _("%(row)s: was changed") % words


def _dated_before(model: type[models.Model], old: Page, now: Page, before: datetime) -> Iterator[str]:
    """What the ledger does not know cannot have been there before it: rows, and what is filled once."""
    names = {one.attname for one in model._meta.concrete_fields}
    dated_by = next((name for name in MOMENTS if name in names), None)
    if dated_by:
        for key in (
            model._base_manager.filter(**{f"{dated_by}__lt": before}).order_by("pk").values_list("pk", flat=True)
        ):
            if key not in old.entries and key in now.entries:
                row = f"{old.table} {key} ({now.entries[key].label})"
                yield _("%(row)s: was added since, but is dated before") % {"row": row}
    for name in old.filled:
        if isinstance(model._meta.get_field(name), models.DateTimeField):
            for key in (
                model._base_manager.filter(**{f"{name}__lt": before}).order_by("pk").values_list("pk", flat=True)
            ):
                entry = old.entries.get(key)
                if entry and entry.filled == UNTOUCHED:
                    row = f"{old.table} {key} ({entry.label})"
                    yield _("%(row)s: was ended since, but is dated before") % {"row": row}
