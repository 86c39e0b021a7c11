"""The plan of an import: what will happen to each cell. Also reads the values of cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, Sum
from django.utils.translation import gettext as _, gettext_lazy

from ..files.cells import GREYED, HIDDEN, STRUCK, Cell
from ..models import LateRequest, Reopening, Report, Seal, SignOff, Unit, User
from ..models.campaign import recorded_models
from ..text import formatting, parsing
from .layout import AFTER_A_FIGURE, SheetLine

DASHES = {"", "-", "–", "—"}  # "no figure" in printed tables
# What people write if there is no figure. "không" may mean "unknown", so it is never read as 0.
NOTHING = DASHES | {"…", "...", "x", "n/a", "#n/a", "na", "không", "không có", "ko", "chưa", "chưa có", "chưa báo cáo"}
MARKS = {STRUCK: gettext_lazy("struck through"), HIDDEN: gettext_lazy("hidden row"), GREYED: gettext_lazy("grey row")}


class RowOutcome(StrEnum):
    ERROR = "error"
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SUM = "sum"  # a line of sums: `before` is what the file says, `after` what was read
    LEFT_OUT = "left_out"  # a line without a unit, a text where a figure is expected

    @classmethod
    def between(cls, before: object, after: object) -> RowOutcome:
        """NEW if `before` is None, UNCHANGED if both are equal, otherwise CHANGED."""
        if before is None:
            return cls.NEW
        return cls.UNCHANGED if before == after else cls.CHANGED


@dataclass(frozen=True)
class Row:
    """What will happen to one figure of the file, or to a line without figures."""

    address: str
    unit: str
    what: str  # the day, or the name of the figure
    outcome: RowOutcome
    before: str = ""
    after: str = ""
    words: str = ""
    asked: Sequence[str] = ()  # its doubts in words; they must be explained before it is recorded
    covers_from: str = ""  # the first day, if the figure covers several days
    mark: str = ""  # of the row in the file, if it is recorded: struck, hidden or grey

    @property
    def place(self) -> tuple[int, str, str]:
        """A sort key: rows in the order of the sheet."""
        sheet, _sign, cell = self.address.rpartition("!")
        return int("".join(filter(str.isdigit, cell)) or 0), sheet, f"{len(cell):02}{cell}"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The person who imports, and the options sent with the file."""

    by: User
    at: datetime
    source: str  # the file's name and digest, as history stores them
    options: dict[str, Any] = field(default_factory=dict)
    address: str | None = None  # IP address
    explanation: str = ""  # of the doubts
    consents: frozenset[str] = frozenset()  # the keys of `Plan.consents` that the person has ticked


@dataclass(frozen=True)
class Plan:
    """Only a plan without an error can be applied."""

    rows: list[Row]
    writes: list
    still_stands: Callable[[], bool] = bool  # true if no record has changed since the check; called in the lock
    notes: Sequence[str] = ()  # what was read from the file and what was not
    outlook: Sequence[str] = ()  # sentences on the overall effect
    consents: dict[str, str] = field(default_factory=dict)  # sentences that the person must tick
    digest: str = ""  # equal to the digest of the plan that was shown, if nothing differs
    made: Made | None = None  # what `write` returned

    def packed(self) -> dict:
        """The parts that the preview shows, as JSON. `apply` makes a new plan from the file."""
        shown = {name: getattr(self, name) for name in ("notes", "outlook", "consents", "digest")}
        return {**shown, "rows": [[*vars(row).values()] for row in self.rows], "writes": [None] * bool(self.writes)}

    @classmethod
    def unpacked(cls, packed: dict) -> Plan:
        return cls(**{**packed, "rows": [Row(*values) for values in packed["rows"]]})

    @property
    def counts(self) -> Counter:
        return Counter(row.outcome for row in self.rows)

    @property
    def count(self) -> int:
        """The number of figures that it records."""
        return self.counts[RowOutcome.NEW] + self.counts[RowOutcome.CHANGED]

    @property
    def errors(self) -> list[Row]:
        return [row for row in self.rows if row.outcome == RowOutcome.ERROR]

    @property
    def doubtful(self) -> list[Row]:
        return [row for row in self.rows if row.asked]

    @property
    def can_be_applied(self) -> bool:
        return bool(self.writes) and not self.errors


@dataclass(frozen=True)
class Made:
    """What an import has written: rows from which it can be undone, and the user names of who gets a slip."""

    rows: list[list]
    slips: Sequence[str] = ()


class BadCell(Exception):
    """The text says what is wrong with the cell."""


class LineReader:
    """Reads the cells of one line. `rows` say what will happen to them."""

    def __init__(self, line: SheetLine, called: str = "", unit: Unit | None = None):
        self.line, self.unit, self.called = line, unit, unit.full_name if unit else called
        self.rows: list[Row] = []
        self.is_refused = False

    def tell(
        self,
        key: str,
        outcome: RowOutcome,
        before: int | str | None = None,
        after: int | str | None = None,
        words: str = "",
        *,
        what: str | None = None,
        asked: Iterable[str] = (),
        covers_from: date | str = "",
    ) -> None:
        """Add a row for the cell of the column; by default, `what` is the title of the column."""
        shown = [formatting.number(value) if isinstance(value, int) else str(value or "") for value in (before, after)]
        about = self.line.title(key) if what is None else what
        mark = self.line.mark if outcome in (RowOutcome.NEW, RowOutcome.CHANGED) else ""
        words = "; ".join(filter(None, [str(MARKS.get(mark, "")), words]))
        about_file = self.line.where(key), self.called, about, outcome
        self.rows.append(Row(*about_file, *shown, words, tuple(asked), str(covers_from), mark))

    def refuse(self, key: str, words: str, *, what: str | None = None, after: int | None = None) -> None:
        self.is_refused = True
        self.tell(key, RowOutcome.ERROR, after=after, words=words, what=what)

    def take(self, read: Callable[[Cell | None], Any], key: str) -> Any:
        """Read the cell of the column; None if it is refused."""
        try:
            return read(self.line.cells.get(key))
        except BadCell as error:
            self.refuse(key, str(error))
            return None

    def left_out(self) -> None:
        """Add a row for each text where a figure is expected; a dash needs none."""
        for key in self.line.numbers:
            written = self.line.text(key)
            if written.lower() in NOTHING - DASHES:
                words = _("“%(text)s” is not a figure: the cell is left out.") % {"text": written}
                self.tell(key, RowOutcome.LEFT_OUT, words=words)


def rows_of(readers: Iterable[LineReader]) -> list[Row]:
    return [row for reader in readers for row in reader.rows]


def figure(cell: Cell | None) -> int | None:
    """A count of at most nine digits, or None. Raises `BadCell`."""
    value = _value(cell)
    if isinstance(value, float):
        raise BadCell(
            _("%(value)s is not a whole number. If Excel took a dot for a decimal point, type it without the dot.")
            % {"value": f"{value:.15g}".replace(".", ",")}
        )
    if isinstance(value, int) and value < 0:
        raise BadCell(_("%(value)s is less than zero.") % {"value": value})
    if value is None or str(value).lower() in NOTHING:
        return None
    try:
        return parsing.whole_number(AFTER_A_FIGURE.sub("", str(value)))
    except parsing.TooLarge as error:
        raise BadCell(_("This number is too large.")) from error
    except parsing.NotANumber as error:
        words = _("“%(value)s” is not a whole number.")
        if "," in str(value):
            words = _("“%(value)s” is not a whole number. Type it without the comma.")
        raise BadCell(words % {"value": str(value)[:40]}) from error


def day(cell: Cell | None) -> date | None:
    """A day: an Excel date, or text like 05/08/2020. Raises `BadCell`."""
    value = _value(cell, is_day=True)
    if value is None or isinstance(value, date):
        return value
    read = parsing.day(str(value))
    if read is None:
        raise BadCell(_("“%(value)s” is not a day like 05/08/2020.") % {"value": str(value)[:40]})
    return read


def text(cell: Cell | None) -> str:
    """The text of a cell. Raises `BadCell`."""
    value = _value(cell)
    return "" if value is None else str(value)


def _value(cell: Cell | None, *, is_day: bool = False) -> Any:
    """The value of a cell. Raises `BadCell`; if no day is expected, also for a day, or a cell of several lines."""
    if cell is None:
        return None
    if cell.problem == "formula":
        raise BadCell(_("The formula has no stored result: open the file in Excel and save it."))
    if cell.problem == "date":
        raise BadCell(_("This is not a day."))
    if cell.problem.startswith("error:"):
        raise BadCell(_("Excel shows an error here: %(error)s.") % {"error": cell.problem.removeprefix("error:")})
    if cell.merged and not is_day:
        raise BadCell(_("The merged cells %(area)s give one value to several lines.") % {"area": cell.merged})
    if isinstance(cell.value, date) and not is_day:
        raise BadCell(_("%(value)s is a day.") % {"value": formatting.day(cell.value)})
    return cell.value


def unchanged(state: Callable[[], tuple]) -> Callable[[], bool]:
    """A function that says whether `state()` still returns what it returns now."""
    before = state()
    return lambda: state() == before


def state_of(units: Sequence[Unit] = ()) -> tuple:
    """Counts of all records that a check reads.

    Records are never deleted: every change adds a row, fills an empty column, or raises the version of a report.
    """
    state = [Report.objects.filter(unit__in=units).aggregate(versions=Sum("version"))["versions"]]
    for model in (Unit, Reopening, LateRequest, SignOff, Seal, *recorded_models()):
        columns = [column.name for column in model._meta.concrete_fields if column.null]
        state += model._base_manager.aggregate(Count("pk"), *map(Count, columns)).values()
    return tuple(state)
