"""What the lines of an import of reports say: which unit, which day, which figure, daily or cumulative."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...figures.rules import NotWritten
from ...files.cells import Cell
from ...models import Unit
from ...text.formatting import day as written_day
from ...text.formatting import number, short_day
from ..columns import (
    CUMULATIVE,
    CUMULATIVES,
    DAILY,
    DAY,
    INSTALLS,
    MODES,
    OPENING,
    POPULATION,
    SHARE,
    STATUS,
    UNIT,
    Column,
    Number,
    key_of,
)
from ..layout import DayColumn, SheetLine, Table
from ..plan import BadCell, LineReader, RowOutcome, day, figure

COLUMNS = (
    *UNIT,
    Column(
        "mode",
        gettext_lazy("Kind of figures"),
        "loai so lieu; kieu so lieu; kind of figures; kind",
        note=gettext_lazy("“mới”: new installs of the day. “lũy kế”: all installs up to the day."),
        choices=("mới", "lũy kế"),
        width=11,
    ),
    Number(
        OPENING,
        gettext_lazy("Installed before the campaign"),
        "so may da cai truoc dot; da cai truoc dot; truoc dot; so may truoc dot; so da cai truoc dot;"
        "before the campaign; installed before the campaign",
        note=gettext_lazy("Once for each unit; 0 if there were none."),
        width=12,
    ),
    DAY,
    INSTALLS,
    CUMULATIVES,
    STATUS,
    SHARE,
    replace(POPULATION, is_only_compared=True),
)
# What a table says of a unit that sent nothing that counts; folded.
NOT_REPORTED = {
    *("not_due_yet", "waiting"),  # as days.csv has them
    *("not due yet", "waiting to be taken in", "not reported", "excused", "exempt", "missing"),
    *("chua den han", "cho tiep nhan", "chua bao cao", "khong tinh", "khong yeu cau", "khong bao cao", "chua gui"),
    *("chua gui bao cao", "chua nop", "chua co bao cao", "thieu"),
}


@dataclass(frozen=True)
class Entry:
    """One figure of the file; `day` is None of the number before the campaign."""

    reader: LineReader
    key: str  # of its column
    day: date | None
    mode: str
    value: int
    share: Cell | None = None  # that the line gives beside it

    @property
    def unit(self) -> Unit:
        return self.reader.unit

    @property
    def what(self) -> str:
        return written_day(self.day) if self.day else self.reader.line.title(OPENING)

    def tell(
        self,
        outcome: RowOutcome,
        before: int | None,
        after: int,
        words: str = "",
        *,
        asked: Sequence[str] = (),
        covers_from: date | None = None,
    ) -> None:
        """What becomes of it."""
        said = [_("cumulative %(total)s") % {"total": number(self.value)}] if self.mode == CUMULATIVE else []
        if covers_from:
            said.append(_("with the days from %(day)s on, not reported") % {"day": short_day(covers_from)})
        told, beside = "; ".join(filter(None, [*said, words])), {"asked": asked, "covers_from": covers_from or ""}
        self.reader.tell(self.key, outcome, before, after, told, what=self.what, **beside)

    def refuse(self, why: NotWritten | str) -> None:
        words = why if isinstance(why, str) else why.words
        self.reader.refuse(self.key, words, what=self.what, after=self.value)


def entries_of(table: Table, readers: Sequence[LineReader]) -> list[Entry]:
    """The figures of each line, with what they are; a unit and day stands once in a file.

    Its daily and its cumulative figure may stand beside each other.
    """
    first, kept = {}, []
    for entry in (entry for reader in readers for entry in _entries(reader, table.days)):
        line, other = entry.reader.line, first.setdefault((entry.unit.pk, entry.day, entry.mode), entry)
        if other is entry:
            kept.append(entry)
        elif entry.value != other.value or line.sheet == other.reader.line.sheet:
            words = _("The figure of this unit and day stands in %(cell)s already.")
            entry.refuse(words % {"cell": other.reader.line.where(other.key)})
    return kept


def _leave_out(reader: LineReader) -> None:
    """The line of a silent unit: its cumulative is carried forward. New installs beside it are a contradiction."""
    line = reader.line
    said, on = {"status": line.text(STATUS.key)}, line.text("day")
    if reader.take(figure, DAILY):
        reader.refuse(DAILY, _("The line says “%(status)s” and names new installs.") % said, what=on)
    elif not reader.is_refused:
        words = _("“%(status)s”: the line is no report, and is left out.") % said
        reader.tell(STATUS.key, RowOutcome.LEFT_OUT, words=words, what=on)


def _entries(reader: LineReader, days: Sequence[DayColumn]) -> Iterator[Entry]:
    """In columns for the days, or new installs and cumulative of the one day that the line names."""
    if key_of(reader.line.text(STATUS.key)) in NOT_REPORTED:
        _leave_out(reader)
        return
    line = reader.line
    own = {column.key: column for column in days if column.key in line.cells}
    newest = max((column.day for column in own.values()), default=None)
    for key in (OPENING, *own, DAILY, CUMULATIVE):
        if key not in line.cells:
            continue
        try:
            value = figure(line.cells[key])
            if value is not None:
                on, mode = _day_and_mode(line, key, own.get(key))
                has_share = key != OPENING and (key not in own or on == newest)
                share = line.cells.get(SHARE.key) if has_share else None
                yield Entry(reader, key, on, mode, value, share)
        except BadCell as error:
            reader.refuse(key, str(error), what=line.text("day") if key in (DAILY, CUMULATIVE) else None)


def _day_and_mode(line: SheetLine, key: str, column: DayColumn | None) -> tuple[date | None, str]:
    if key == OPENING:
        return None, OPENING
    if column:
        return column.day, column.mode or _mode(line)
    of_day = day(line.cells.get("day"))
    if of_day is None:
        raise BadCell(_("The line names no day."))
    return of_day, key


def _mode(line: SheetLine) -> str:
    text = line.text("mode")
    if not text:
        raise BadCell(_("Nothing says whether the figure is of the day (“mới”) or cumulative (“lũy kế”)."))
    mode = MODES.get(key_of(text))
    if mode is None:
        raise BadCell(_("“%(text)s” is neither “mới” nor “lũy kế”.") % {"text": text[:40]})
    return mode
