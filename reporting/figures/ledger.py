"""The ledger: a digest of every row that decides a figure, a right or a paper; a later check names what is gone.

A database cannot prove that nothing was removed: whoever drops its triggers can make all its copies agree. Yesterday's
ledger can. Its rows must still be there. A column may have changed only if it was empty and is filled once, or if an
access record explains the change. New rows must have later dates. Each model lists its columns (`models.history`).

The file is compressed text:

    bluezone-ledger 2
    at 2020-08-21T11:00:00+00:00
    table reporting_revision
    columns id report_id number ...
    filled
    recorded
    1 <digest> - 11416 21/08/2020 1
    rows 1 <running digest>
    day 2020-08-20 <code of the chain>
    end <digest of all lines before>

A row has its key, the first digits of its digests, and a label for people. There is a digest of its columns, one of
the columns filled once ("-" while empty), and one of each group of recorded columns. The digits find a changed row; the
running digest proves all rows. Only columns that the ledger names are compared. One row at a time is in memory.

Each day that is over has a code: the digest of the previous code, the day, and what was recorded, filled or ended on
it. A code kept on paper proves all dated rows up to its day, without the file (docs/tampering.md).
"""

import hashlib
import heapq
import json
import lzma
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from .. import deadline
from ..models import AccessRecord, Reorganisation, Unit, User
from . import sealed_table

FORMAT = "bluezone-ledger 2"
UNTOUCHED = "-"
LOCATES, PROVES = 6, 16  # digits kept of a digest: with a running digest beside it, and without
# A row is dated by the first of these columns that never changes.
MOMENTS = ("recorded_at", "counted_at", "asked_at", "opened_at", "given_at", "at", "received_at")
KNOWN_BY = (
    "username", "code", "unit__code", "report__unit__code", "day", "report__day", "effective_on", "effective_from",
    "number", "kind",
)  # fmt: skip
# A row is dated by the request's arrival, but becomes visible when the act ends: at most so much later.
LONGEST_ACT = timedelta(minutes=10)


class LedgerUnreadable(Exception):
    """The file is no ledger, or was changed; the message says so."""

    def __init__(self) -> None:
        super().__init__(_("The file is not a ledger, or was changed after it was written."))


@dataclass
class Page:
    """A table, and its columns in the ledger."""

    table: str
    columns: list[str]
    filled: list[str]
    recorded: list[list[str]]
    digest: str = ""  # the running digest of the rows, after they have been read


@dataclass(frozen=True, slots=True)
class LedgerRow:
    key: int
    frozen: str
    filled: str
    recorded: tuple[str, ...]
    label: str
    at: datetime | None = None  # its date, if it was read from the database
    ended_at: datetime | None = None

    def proof(self, filled: str) -> bytes:
        return f"{self.key} {self.frozen} {filled}\n".encode()


def models_by_table() -> dict[str, Any]:
    """The models with a `history`, by table name."""
    own = apps.get_app_config("reporting").get_models()
    return {model._meta.db_table: model for model in own if hasattr(model, "history")}


# Writing.


def write(path: Path | None, at: datetime) -> tuple[list[tuple[str, int, str]], dict[date, str]]:
    """Write a ledger of the present database to the file, if any; the caller reads the clock (`at`) first.

    Returns each table's name, number of rows and running digest; and the codes by day.
    """
    whole = hashlib.sha256()
    days: defaultdict[date, Any] = defaultdict(hashlib.sha256)
    with _opened(path, "wt") if path else open(os.devnull, "w") as file:

        def put(*words: object) -> None:
            line = f"{' '.join(map(str, words))}\n"
            whole.update(line.encode())
            file.write(line)

        put(FORMAT)
        put("at", at.astimezone(UTC).isoformat())
        tables = [_write_table(model, at, put, days) for model in models_by_table().values()]
        over = deadline.reporting_day(at - LONGEST_ACT)
        links = (f"{day} {days[day].hexdigest()}" for day in sorted(days) if day < over)
        codes = {date.fromisoformat(link[:10]): code for link, code in sealed_table.chain_codes(links)}
        for day, code in codes.items():
            put("day", day, code)
        put("end", whole.hexdigest())
    return tables, codes


def _write_table(
    model: Any, at: datetime, put: Callable[..., None], days: defaultdict[date, Any]
) -> tuple[str, int, str]:
    history, running, count = model.history, hashlib.sha256(), 0
    groups = [list(group) for group in history.recorded]
    page = Page(model._meta.db_table, history.frozen_of(model), list(history.once), groups)
    put("table", page.table)
    put("columns", *page.columns)
    put("filled", *page.filled)
    put("recorded", *map(",".join, page.recorded))
    for row in _rows(model, page, at):
        count += 1
        running.update(row.proof(row.filled))
        for moment, digest in ((row.at, row.frozen), (row.ended_at, row.filled)):
            if moment:
                days[deadline.reporting_day(moment)].update(f"{page.table} {row.key} {digest}\n".encode())
        recorded = (digest[:PROVES] for digest in row.recorded)
        put(row.key, row.frozen[:LOCATES], row.filled[:LOCATES], *recorded, row.label)
    put("rows", count, running.hexdigest())
    return page.table, count, running.hexdigest()


def _rows(model: type[models.Model], page: Page, at: datetime) -> Iterator[LedgerRow]:
    """The table's rows as they are, in the order of their keys, with whole digests.

    Units that have not opened by `at` are left out with their reports: they may still be withdrawn and made again.
    """
    names = {column.name for column in model._meta.concrete_fields}
    known_by = [name for name in KNOWN_BY if name.split("__")[0] in names]
    dated_by = [name for name in MOMENTS if name in page.columns][:1]
    ends = [name for name in page.filled if isinstance(model._meta.get_field(name), models.DateTimeField)]
    groups = [["pk"], page.columns, page.filled, *page.recorded, known_by, dated_by, ends]
    rows = model._base_manager.order_by("pk")
    if model.__name__ in ("Report", "Unit"):
        opened = Unit.objects.opened_by(deadline.reporting_day(at)).order_by()
        rows = rows.filter(**{"pk__in" if model is Unit else "unit__in": opened.values("pk")})
    for record in rows.values_list(*(name for group in groups for name in group)).iterator():
        values = iter(record)
        [key], frozen, filled, *recorded, label, dated, ended = [[next(values) for _ in group] for group in groups]
        yield LedgerRow(
            key=key,
            frozen=_digest(frozen),
            filled=UNTOUCHED if all(value in (None, "") for value in filled) else _digest(filled),
            recorded=tuple(map(_digest, recorded)),
            label=" ".join(map(_label_part, label)),
            at=next(iter(dated), None),
            ended_at=min(filter(None, ended), default=None),
        )


def _digest(values: Iterable) -> str:
    """A digest that every database gives: instants in UTC, decimals as text."""
    text = json.dumps([_plain(value) for value in values], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str | int | None:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case Decimal():
            return str(value.normalize())
        case None | bool() | int() | str():
            return value
        case bytes() | memoryview():  # varies by database
            return bytes(value).hex()
    return str(value)


def _label_part(value: Any) -> str:
    if value is None:
        return UNTOUCHED
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else "".join(str(value).split())


# Reading.


def written_at(path: Path) -> datetime:
    """When the ledger was written. Raises `LedgerUnreadable` if the file was changed since."""
    whole, at, last = hashlib.sha256(), "", ""
    with _opened(path) as file:
        try:
            for number, line in enumerate(file):
                if (number == 0 and line.strip() != FORMAT) or last.startswith("end "):
                    break
                whole.update(last.encode())
                at, last = line.removeprefix("at ").strip() if number == 1 else at, line
        except (EOFError, UnicodeDecodeError, lzma.LZMAError):
            last = ""
    if last != f"end {whole.hexdigest()}\n":
        raise LedgerUnreadable
    return datetime.fromisoformat(at)


def _opened(path: Path, mode: str = "rt") -> Any:
    return lzma.open(path, mode, preset=1 if mode == "wt" else None, encoding="utf-8", newline="\n")


def _pages(file: Iterator[str]) -> Iterator[tuple[Page, Iterator[LedgerRow]]]:
    """Each table with its rows; the caller reads them before the next table."""
    for line in file:
        if line.startswith("table "):
            columns, filled = (next(file).split()[1:] for _line in range(2))
            groups = [group.split(",") for group in next(file).split()[1:]]
            page = Page(line.split()[1], columns, filled, groups)
            yield page, _read_rows(file, page)


def _read_rows(file: Iterator[str], page: Page) -> Iterator[LedgerRow]:
    for line in file:
        word, *words = line.rstrip("\n").split(" ")
        if word == "rows":
            page.digest = words[1]
            return
        frozen, filled, *rest = words
        recorded, label = rest[: len(page.recorded)], rest[len(page.recorded) :]
        yield LedgerRow(int(word), frozen, filled, tuple(recorded), " ".join(label))


# Comparing.


def compare_ledger(path: Path) -> Iterator[str]:
    """What was deleted or changed since the ledger was written, or added with an earlier date, in words."""
    known, at = models_by_table(), written_at(path)
    with _opened(path) as file:
        for page, rows in _pages(file):
            model = known.get(page.table)
            if model is None:  # a later release has no such table
                list(rows)
                continue
            columns = {*page.columns, *page.filled, *chain.from_iterable(page.recorded)}
            if columns <= {one.attname for one in model._meta.concrete_fields}:
                yield from _differences(model, page, rows, at)
            else:
                yield _("%(table)s lacks columns that the ledger has") % {"table": page.table}
                list(rows)


def changes_since(path: Path, model: type[models.Model]) -> Iterator[tuple[LedgerRow | None, LedgerRow | None]]:
    """Each row of the table that differs from the ledger, as it was and as it is. Raises `LedgerUnreadable`."""
    at = written_at(path)
    with _opened(path) as file:
        for page, rows in _pages(file):
            if models_by_table().get(page.table) is model:
                pairs = _paired(rows, _rows(model, page, at))
                yield from ((old, now) for old, now in pairs if not (old and now and now.frozen.startswith(old.frozen)))
                return
            list(rows)
    raise LedgerUnreadable


def _differences(model: Any, page: Page, old_rows: Iterator[LedgerRow], at: datetime) -> Iterator[str]:
    since, running, is_any = at - LONGEST_ACT, hashlib.sha256(), False
    explained = [_recorded_keys(model, model.history.recorded.get(tuple(group), ()), since) for group in page.recorded]
    added = _recorded_keys(model, ("person_added",), since) if model is User else None
    for old, now in _paired(old_rows, _rows(model, page, at)):
        words = ""
        if old and now:
            words = _change(old, now, explained, since)
            running.update(now.proof(now.filled if old.filled != UNTOUCHED else UNTOUCHED))
        elif old:
            words = _("%(row)s: was deleted")
        elif now:
            words = _addition(now, since, added)
        row = old or now
        if words and row:
            is_any = True
            yield words % {"row": f"{page.table} {row.key} ({row.label})"}
    if not is_any and running.hexdigest() != page.digest:
        yield _("%(table)s: a row was changed so that the ledger cannot tell which") % {"table": page.table}


def _paired(old: Iterator[LedgerRow], now: Iterator[LedgerRow]) -> Iterator[tuple[LedgerRow | None, LedgerRow | None]]:
    """The old and the present row of each key; None for one that is missing."""
    both = heapq.merge(((row.key, 0, row) for row in old), ((row.key, 1, row) for row in now), key=itemgetter(0, 1))
    for _key, alike in groupby(both, key=itemgetter(0)):
        found = {which: row for _key, which, row in alike}
        yield found.get(0), found.get(1)


def _change(old: LedgerRow, now: LedgerRow, explained: list[set[int]], since: datetime) -> str:
    if not now.frozen.startswith(old.frozen) or not (old.filled == UNTOUCHED or now.filled.startswith(old.filled)):
        return _("%(row)s: was changed")
    groups = zip(old.recorded, now.recorded, explained, strict=True)
    if any(not after.startswith(before) and old.key not in keys for before, after, keys in groups):
        return _("%(row)s: was changed, and no record says by whom")
    if old.filled == UNTOUCHED and now.ended_at and now.ended_at < since:
        return _("%(row)s: was ended after the ledger was written, but is dated earlier")
    return ""


def _addition(now: LedgerRow, since: datetime, added: set[int] | None) -> str:
    """What is wrong with a row that the ledger does not know: it must be newer, and an account needs a record."""
    if now.at and now.at < since:
        return _("%(row)s: was added after the ledger was written, but is dated earlier")
    if added is not None and now.key not in added:
        return _("%(row)s: was added after the ledger was written, and no record says by whom")
    return ""


def _recorded_keys(model: type[models.Model], kinds: tuple[str, ...], since: datetime) -> set[int]:
    """The keys of the rows that an access record of these kinds, or a reorganisation, explains since then."""
    records = AccessRecord.objects.filter(kind__in=kinds, at__gte=since).order_by()
    if model is User:  # a record without `about` is about its author
        return set(records.values_list(Coalesce("about_id", "by_id"), flat=True))
    if kinds == Unit.REORGANISED:
        texts = Reorganisation.objects.filter(Q(recorded_at__gte=since) | Q(withdrawn_at__gte=since))
        codes = re.findall(r"[^\s,;]+", " ".join(texts.values_list("table", flat=True)))
        return set(Unit.objects.filter(code__in=codes).values_list("pk", flat=True))
    paths = set(records.filter(unit__isnull=False).values_list("unit__path", flat=True))
    return {pk for pk, path in Unit.objects.values_list("pk", "path") if path.startswith(tuple(paths))}
