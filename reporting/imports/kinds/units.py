"""Units, their names, superiors and base figures, from a workbook or a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ... import clock
from ...acts import new_units, unit_register
from ...acts.new_units import name_and_code
from ...acts.unit_register import COUNTS, BadFile, UnitLine
from ...clock import Now
from ...figures import rollup
from ...files import spreadsheets
from ...hours import deadline
from ...models import BaseFigure, Unit, User
from ...models.levels import Level
from ...models.units import full_name
from ...text import formatting, unit_kinds
from ...text.formatting import number
from .. import layout
from ..columns import CODE, HOUSEHOLDS, NAME, POPULATION, SMARTPHONES, Column
from ..layout import SheetLine, Table
from ..plan import LineReader, Plan, Row, RowOutcome, Sent, figure, left_out, state_of
from . import unit_codes, unit_levels
from .base import told_figures

CATALOGUE = {
    Level.CITY: ("tinh thanh pho; ten tinh thanh pho", "ma tp; ma tinh"),
    Level.DISTRICT: ("quan huyen; ten quan huyen", "ma qh; ma huyen"),
    Level.COMMUNE: ("phuong xa; xa phuong; ten phuong xa", "ma px; ma xa"),
}
COLUMNS = (
    replace(CODE, heads="ma don vi; ma; ma so; ma dvhc; unit code"),
    replace(
        NAME,
        title=gettext_lazy("Name of the unit"),
        heads="ten; ten don vi; don vi; ho ten; ten dvhc; ten don vi hanh chinh; name of the unit; unit",
        note=gettext_lazy("Without its kind: “Tân Lập”, not “Xã Tân Lập”."),
    ),
    Column(
        "kind",
        gettext_lazy("Kind of unit"),
        "loai; loai don vi; loai hinh; kind of unit",
        choices=unit_kinds.KINDS,
    ),
    Column("level", gettext_lazy("Level"), "cap; cap don vi", choices=unit_levels.OFFERED),
    Column(
        "parent_code",
        gettext_lazy("Code of the superior"),
        "ma don vi cap tren; ma cap tren; ma don vi chu quan; code of the superior; superior; parent code",
        width=12,
        is_text=True,
    ),
    POPULATION,
    Column(
        "population_source",
        gettext_lazy("Source of the population"),
        "nguon; nguon dan so; nguon so lieu; source; source of the population",
        width=24,
    ),
    SMARTPHONES,
    HOUSEHOLDS,
    Column("phone", gettext_lazy("Telephone"), "dien thoai; so dien thoai; telephone", width=16, is_text=True),
    Column(
        "region",
        gettext_lazy("Region"),
        "khu vuc; vung; vung khu vuc",
        note=gettext_lazy("Many units right below one are grouped by it. Left empty, a known unit keeps its own."),
        width=18,
    ),
    Column(
        "map_column",
        gettext_lazy("Column on the map"),
        "cot tren ban do; cot ban do; column on the map",
        is_number=True,
        note=gettext_lazy("From the west, beginning with 1. Left empty, a known unit stays where it lies."),
    ),
    Column(
        "map_line",
        gettext_lazy("Line on the map"),
        "hang tren ban do; hang ban do; dong tren ban do; line on the map",
        is_number=True,
        note=gettext_lazy("From the north, beginning with 1."),
    ),
    # The catalogue of the statistics office: in each line a commune, its district and its province.
    *(
        Column(f"{level}_{part}", title, heads, is_text=True, is_only_compared=True)
        for level, heads_of in CATALOGUE.items()
        for part, title, heads in zip(("name", "code"), (NAME.title, CODE.title), heads_of, strict=True)
    ),
)
NEEDS = (("code", "commune_code"), ("name", "commune_name"), ("level", "commune_code"))
TITLES = {column.key: column.title for column in COLUMNS}
NAMED = 5  # units without a population
ON_THE_MAP = ("map_column", "map_line")
PLACES = {"region": "region", "place": "map_column"}  # by what a unit has the column that says it


def import_units(
    data: bytes,
    *,
    by: User | None = None,
    effective_on: date | None = None,
    name: str = "",
    explanation: str = "",
    is_asking: bool = False,
    now: Now = clock.now,
) -> unit_register.RegisterChanges:
    """Bring the tree up to a file, without a preview: for the first units of all.

    By default it takes effect on the first day that a new unit may open. With `is_asking` a code whose zeros may be
    lost needs an explanation, as on the page. Raises `spreadsheets.Unreadable`, or `BadFile` with every error found.
    """
    table = layout.find(spreadsheets.read_book(data, name), COLUMNS, needs=NEEDS)
    if not table.is_clear:
        raise spreadsheets.Unreadable(" ".join(layout.problems(table)))
    lines, rows, doubted = read_units(table)
    errors = [(row.place[0], f"{row.what}: {row.words}") for row in rows if row.outcome is RowOutcome.ERROR]
    if errors:
        raise BadFile(errors)
    on = effective_on or new_units.first_day(deadline.reporting_day(now()))
    beside = {"by": by, "effective_on": on, "explanation": explanation}
    if is_asking and doubted and not explanation.strip():
        unit_register.import_lines(lines, **beside, is_dry_run=True, now=now)  # what is plainly wrong comes first
        raise BadFile([*doubted.items()])
    return unit_register.import_lines(lines, **beside, now=now)


def plan(table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now."""
    on, today = sent.options["effective_on"], deadline.reporting_day(sent.at)
    found = state_of([])
    lines, rows, doubted = read_units(table)
    by_row = {line.number: line for line in table.lines}
    if not any(row.outcome is RowOutcome.ERROR for row in rows):
        checked = unit_register.Checked(lines, by=sent.by, effective_on=on, today=today)
        for number, words in checked.errors:
            line = by_row[number]
            called = line.text("name") or line.text("code")
            rows.append(Row(line.where("code"), called, "", RowOutcome.ERROR, words=words))
    if any(row.outcome is RowOutcome.ERROR for row in rows):
        return Plan(sorted(rows, key=lambda row: row.place), [], [], found)
    beside = (lines, by_row, on, checked.asked(), doubted)
    told, is_changed = _told(*beside, is_of_the_past=on <= today and new_units.has_begun(today))
    rows = sorted(rows + told, key=lambda row: row.place)
    return Plan(rows, lines if is_changed else [], [], found, outlook=_outlook(lines, on, sent.by.unit))


TEXTS = ("code", "name", "kind", "parent_code", "population_source", "phone", "region")


def read_units(table: Table) -> tuple[list[UnitLine], list[Row], dict[int, str]]:
    """The lines of units, typed; what is wrong with their cells, or left out; and by line a doubt about it."""
    lines, rows, taken = [], [], set()
    for line in table.lines:
        if line.total and not line.text("code"):
            words = _("A line of sums: it is left out.")
            rows.append(Row(line.where("name"), line.total, "", RowOutcome.LEFT_OUT, words=words))
        elif "commune_code" in table.columns:
            lines += _of_the_catalogue(line, taken)
        else:
            unit_line, told = _read(line)
            rows += told
            lines.append(unit_line)
    by_row = {line.number: line for line in table.lines}
    lines, unsettled = unit_levels.settle(lines, {number: line.text("kind") for number, line in by_row.items()})
    for line in unsettled:
        asked = unit_levels.question(line)
        rows.append(Row(by_row[line.line].where("level"), line.name, line.code, RowOutcome.ERROR, words=asked))
    lines, refused, doubted = unit_codes.with_zeros(lines)
    for line, words in refused:
        rows.append(Row(by_row[line.line].where("code"), line.name, line.code, RowOutcome.ERROR, words=words))
    doubts = {line.line: words for line, words in doubted}
    for line in lines:
        if unit_kinds.kind_of(line.name):
            words = _("The name “%(name)s” begins with a kind of unit beside the kind “%(kind)s”.")
            doubts.setdefault(line.line, words % {"name": line.name, "kind": line.kind})
    return lines, rows, doubts


def _of_the_catalogue(line: SheetLine, taken: set[tuple[str, str]]) -> list[UnitLine]:
    """The units of a line that are not known from one above it: each lies below the one before."""
    found, superior = [], ""
    for level in CATALOGUE:
        code, name = line.text(f"{level}_code"), line.text(f"{level}_name")
        code = code.zfill(unit_codes.WIDTHS[level]) if unit_codes.number(code) else code
        if code and (level, code) not in taken:
            taken.add((level, code))
            empty = dict.fromkeys(("population", "smartphone_users", "households"))
            texts = {"name": unit_kinds.bare(name), "kind": unit_kinds.kind_of(name), "level": str(level)}
            beside = {"population_source": "", "phone": "", "parent_code": superior}
            found.append(UnitLine(line=line.number, code=code, **texts, **beside, **empty))
        superior = code or superior
    return found


def known(sent: Sent) -> list[dict[str, str | int | None]]:
    """The units at and below the person's own by the keys of the columns: sent back as they are, nothing changes."""
    day = new_units.first_day(deadline.reporting_day(sent.at))
    units = Unit.objects.below(sent.by.unit).open_on(day).named(day).select_related("parent")
    bases = BaseFigure.objects.in_force_of(units, day)
    return [_as_written(unit, bases.get(unit.pk)) for unit in sorted(units, key=lambda u: (u.is_agency, u.path))]


def _as_written(unit: Unit, base: BaseFigure | None) -> dict[str, str | int | None]:
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "level": unit_levels.WRITTEN[unit.level],
        "parent_code": unit.parent.code if unit.parent else None,
        "population_source": base and base.source,
        "phone": unit.phone,
        "region": unit.region,
        **{count: base and getattr(base, count) for count in COUNTS},
        **{key: getattr(unit, key) for key in ON_THE_MAP},
    }


def apply(writes: list, sent: Sent, *, now: datetime) -> None:
    """Write what was planned, inside the lock. Raises `BadFile` where it can be done no more."""
    beside = {"effective_on": sent.options["effective_on"], "explanation": sent.explanation}
    unit_register.import_lines(writes, by=sent.by, **beside, now=lambda: now)


def _read(line: SheetLine) -> tuple[UnitLine, list[Row]]:
    reader = LineReader(line, line.text("name"), TITLES)
    counts = {key: reader.take(figure, key) for key in (*COUNTS, *ON_THE_MAP)}
    texts = reader.texts(TEXTS)
    told = [row for key in counts for row in left_out(line.cells.get(key), line.text("name"), str(TITLES[key]))]
    texts["kind"] = unit_levels.kind(texts["kind"])
    written = unit_kinds.kind_of(texts["name"])  # "Xã Tân Lập" is the xã Tân Lập
    if written and texts["kind"] in ("", written):
        texts |= {"kind": written, "name": unit_kinds.bare(texts["name"])}
    level = unit_levels.level(line.text("level"))
    if level == Level.CITY and not texts["parent_code"]:
        texts["parent_code"] = Unit.objects.filter(level=Level.COUNTRY).values_list("code", flat=True).first() or ""
    return UnitLine(line=line.number, level=level, **texts, **counts), reader.rows + told


def _told(
    lines: list[UnitLine],
    by_row: dict[int, SheetLine],
    on: date,
    asked: dict[int, list[str]],
    doubted: dict[int, str],
    *,
    is_of_the_past: bool,
) -> tuple[list[Row], bool]:
    """New units, new names, new figures; a unit of which nothing changes has one row that says so."""
    known = {unit.code: unit for unit in Unit.objects.named(on) if not unit.was_never_open}
    called = {code: name_and_code(unit.kind, unit.name, code) for code, unit in known.items()}
    called |= {line.code: name_and_code(line.kind, line.name, line.code) for line in lines}
    parents = {line.parent_code for line in lines if not line.is_agency}
    parents |= set(Unit.objects.residents().values_list("parent__code", flat=True))
    since = _("from %(day)s") % {"day": formatting.day(on)}
    rows, is_changed = [], False
    for given in lines:
        line, unit = by_row[given.line], known.get(given.code)
        name = full_name(given.kind, given.name)
        own = _named(given, line, unit, since, called, doubted)
        if given.population and given.code not in parents:
            said = f"{since}, {given.population_source}"
            if unit is not None and is_of_the_past:
                said += "; " + _("the shares of the days since then change too")
            own += _figures(given, line, unit, name, on, said, asked.get(given.line, ()))
        for key, title in (("region", str(TITLES["region"])), ("place", _("Place on the map"))):
            before, after = getattr(unit, key, None), getattr(given, key)
            if after and after != before:
                outcome, where = (RowOutcome.CHANGED if before else RowOutcome.NEW), line.where(PLACES[key])
                own.append(Row(where, name, title, outcome, str(before or ""), str(after)))
        is_changed |= bool(own)
        rows += own or [Row(line.where("code"), name, given.code, RowOutcome.UNCHANGED)]
    return rows, is_changed


def _named(
    given: UnitLine, line: SheetLine, unit: Unit | None, since: str, called: dict[str, str], doubted: dict[int, str]
) -> list[Row]:
    """The row of a new unit, or of a new name."""
    name, doubts = full_name(given.kind, given.name), (doubted[given.line],) if given.line in doubted else ()
    if unit is None:
        words = since
        if given.parent_code:
            words = _("a new unit below %(superior)s") % {"superior": called[given.parent_code]} + f", {since}"
        return [Row(line.where("code"), name, given.code, RowOutcome.NEW, "", name, words, doubts)]
    if (unit.name, unit.kind) != (given.name, given.kind):
        what = str(TITLES["name"])
        return [Row(line.where("name"), name, what, RowOutcome.CHANGED, unit.full_name, name, since, doubts)]
    return []


def _figures(
    given: UnitLine, line: SheetLine, unit: Unit | None, called: str, on: date, said: str, asked: Sequence[str]
) -> list[Row]:
    base = BaseFigure.objects.in_force(unit, on) if unit else None
    rows = told_figures(line, called, base, vars(given), said)
    rows = [row for row in rows if row.outcome is not RowOutcome.UNCHANGED]
    if base and not rows and base.source != given.population_source:
        what, words = str(TITLES["population_source"]), (base.source, given.population_source)
        return [Row(line.where("population_source"), called, what, RowOutcome.CHANGED, *words)]
    return [replace(row, asked=tuple(asked)) if row.what == TITLES["population"] else row for row in rows]


def _outlook(lines: list[UnitLine], on: date, top: Unit) -> Sequence[str]:
    """What becomes of the whole from the day on: how many units report, how many people they are of."""
    parents = {line.parent_code for line in lines}
    known = {unit.code for unit in Unit.objects.all() if not unit.was_never_open}
    added = [line for line in lines if line.code not in known | parents]
    if not added:
        return ()
    before = rollup.rows(top, on)
    said = [_reporting_words(before, added, on)]
    lacking = [full_name(line.kind, line.name) for line in added if not line.is_agency and not line.population]
    if lacking:
        words = _("No population is given of %(names)s: from that day on the share of the units above is not known.")
        said.append(words % {"names": formatting.listed(lacking, NAMED)})
    if before.own.population and not lacking:
        counted = [line for line in lines if line.code not in parents and not line.is_agency and line.population]
        were = sum(row.population or 0 for line in counted if (row := before.by_code.get(line.code)))
        after = before.own.population + sum(line.population for line in counted) - were
        words = _("Population: %(before)s → %(after)s.")
        said.append(words % {"before": number(before.own.population), "after": number(after)})
    return said


def _reporting_words(before: rollup.DayRollup, added: Sequence[UnitLine], on: date) -> str:
    """How many units report from the day on; agencies apart, as everywhere."""
    parts = []
    for is_agency, words in (
        (False, _("%(after)s units report instead of %(before)s")),
        (True, _("%(after)s agencies report instead of %(before)s")),
    ):
        more = sum(line.is_agency == is_agency for line in added)
        if more:
            count = sum(row.is_reporting and row.is_agency == is_agency for row in before.by_code.values())
            parts.append(words % {"before": number(count), "after": number(count + more)})
    words = _("From %(day)s on: %(counts)s; the days before stay as they are.")
    return words % {"day": formatting.day(on), "counts": "; ".join(parts)}
