"""Mergers, splits and renames, one per line. Describes what each line will do; `acts.reorganisation` does it."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _, gettext_lazy

from ... import deadline
from ...acts import reorganisation
from ...acts.reorganisation_draft import BASE, COLUMNS as KEYS, MERGE, NEW, RENAME, Change, Draft
from ...figures.doubts import Doubtful
from ...figures.fields import full_sum
from ...models import Reorganisation
from ...models.units import full_name
from ...text import names, unit_kinds
from ...text.formatting import number
from ..columns import HEADS, Column, Kind, Number
from ..layout import Table
from ..plan import LineReader, Plan, Row, RowOutcome, Sent, state_of, unchanged
from .figures import refuse_beyond_population
from .units import COLUMNS as UNIT_COLUMNS, read_kind, read_level

# As offices write them, without accents.
ACTIONS = {"sap nhap": MERGE, "nhap": MERGE, "doi ten": RENAME, "so lieu co so": BASE, "dan so": BASE}
ACTIONS |= {"thanh lap": NEW, "thanh lap moi": NEW}
COLUMNS = (
    Column("action", gettext_lazy("Action")),
    Column("code", gettext_lazy("Unit code"), HEADS["units.code"]),
    Column("into", gettext_lazy("Merged into")),
    *(column for column in UNIT_COLUMNS if column.key in KEYS and column.key != "code"),
    Column("split_from", gettext_lazy("Split from")),
    Number("handed_over", gettext_lazy("Installs handed over")),
)
MADE_UP = """action,code,into,name,kind,parent_code,population,split_from,handed_over
merge,11464,11458,,,,,,
rename,11458,,Hải Sơn,phường,,,,
base,11407,,,,,9000,,
new,11408,,Cát Bi 2,phường,306,5350,11407,0"""


def plan(table: Table, sent: Sent) -> Plan:
    day, today, still_stands = sent.options["effective_on"], deadline.reporting_day(sent.at), unchanged(state_of)
    changes, rows = read_changes(table)
    if rows:
        return Plan(rows, [])
    draft = Draft(changes, day, by=sent.by, today=today)
    if draft.errors:
        return Plan([Row(str(n), "", "", RowOutcome.ERROR, words=words) for n, words in draft.errors], [])
    doubtful = draft.doubtful()
    rows = [_row(change, draft, doubtful.get(change.line, [])) for change in changes]
    before, after = draft.people
    people, people_after = full_sum([*before.values()]), full_sum([*after.values()])
    sentences = [
        _("Units of the population that report: %(before)s → %(after)s.")
        % {"before": len(before), "after": len(after)},
        _("Population: %(before)s → %(after)s.") % {"before": number(people), "after": number(people_after)},
    ]
    if people != people_after:
        sentences.append(_("The population changes. Check the figures of the units that are split."))
    return Plan(rows, changes, still_stands, outlook=sentences)


def read_changes(table: Table) -> tuple[list[Change], list[Row]]:
    """The changes, and a row for each refused cell."""
    changes, rows = [], []
    for line in table.lines:
        reader = LineReader(line, line.text("code"))
        counts = reader.figures()
        texts = reader.texts([key for key in KEYS if key not in counts])
        if not reader.is_refused:
            refuse_beyond_population(reader, counts)
        texts["action"] = ACTIONS.get(names.fold(texts["action"]), texts["action"])
        texts["level"], texts["kind"] = read_level(texts["level"]), read_kind(texts["kind"])
        if texts["action"] == RENAME and not texts["kind"]:
            texts["kind"], texts["name"] = unit_kinds.kind_of(texts["name"]), unit_kinds.bare_name(texts["name"])
        changes.append(Change(line=line.row, **texts, **counts))
        rows += reader.rows
    return changes, rows


def write(writes: list[Change], sent: Sent, *, now: datetime) -> Reorganisation:
    """Record the changes. Raises `ReorganisationNotLater`, `Doubted`."""
    return reorganisation.record_reorganisation(
        writes,
        effective_on=sent.options["effective_on"],
        source=sent.options["source"],
        table=written(writes),
        by=sent.by,
        at=sent.at,
        explanation=sent.explanation,
        now=lambda: now,
    )


KIND = Kind(
    "mergers",
    gettext_lazy("Mergers, splits and renames"),
    "",
    COLUMNS,
    plan,
    write,
    options=("effective_on", "source"),
    needs=(("action",), ("code",)),
)


def written(changes: Sequence[Change]) -> str:
    """The changes as they are stored: CSV of the columns that are not empty."""
    used = [key for key in KEYS if key in KEYS[:2] or any(getattr(change, key) not in ("", None) for change in changes)]
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([used, *([getattr(line, key) for key in used] for line in changes)])
    return file.getvalue().rstrip("\n")


def _row(change: Change, draft: Draft, doubtful: Sequence[Doubtful]) -> Row:
    raw = f"{draft.day} {draft.counts.get(draft.ends.get(change.code, change.code))}"
    outcome = RowOutcome.CHANGED if change.code in draft.units else RowOutcome.NEW
    asked = tuple(one.question for one in doubtful)
    named, words = draft.name_of(change.code), _words(change, draft)
    return Row(str(change.line), named, "", outcome, words=words, asked=asked, unformatted=raw)


def _words(change: Change, draft: Draft) -> str:
    name, counted = draft.name_of(change.code), _counted(change.code, draft)
    if change.action == MERGE:
        words = _("%(unit)s is closed and merged into %(heir)s.") % {"unit": name, "heir": draft.name_of(change.into)}
        end = draft.ends[change.code]
        return f"{words} {draft.name_of(end)}: {_counted(end, draft)}." if end in draft.parts else words
    if change.action == RENAME:
        kind = change.kind or draft.units[change.code].kind
        return _("%(unit)s is named %(name)s.") % {"unit": name, "name": full_name(kind, change.name)}
    if change.action == BASE:
        return f"{name}: {counted}."
    superior = draft.name_of(change.parent_code)
    words = _("%(unit)s is opened below %(superior)s") % {"unit": name, "superior": superior}
    opened = f"{words}: {counted}." if counted else f"{words}."
    return f"{opened} {_handed(change, draft)}" if change.code not in draft.superiors else opened


def _handed(change: Change, draft: Draft) -> str:
    """A sentence on the part of another unit's cumulative that the new unit takes over."""
    if not change.handed_over:
        return _("It takes over no installs: earlier installs stay with the old unit.")
    words = _("%(source)s hands over %(installs)s installs of its cumulative.")
    return words % {"source": draft.name_of(change.split_from), "installs": number(change.handed_over)}


def _counted(code: str, draft: Draft) -> str:
    """The unit's figures in words; a sum also names its parts."""
    counts = draft.counts.get(code)
    if counts is None:
        return ""
    words = _("%(n)s staff") if draft.is_agency(code) else _("population %(n)s")
    phrases = [words % {"n": number(counts.population)}]
    if code in draft.parts and not any(line.code == code and line.population for line in draft.lines):
        parts = [number(draft.bases[draft.units[part].pk].population) for part in draft.parts[code]]
        phrases[0] += f" ({' + '.join(parts)})"
    more = ((_("%(n)s smartphone users"), counts.smartphone_users), (_("%(n)s households"), counts.households))
    return ", ".join(phrases + [words % {"n": number(count)} for words, count in more if count is not None])
