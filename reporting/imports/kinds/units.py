"""Units, their names, superiors and base figures.

Codes are text. Excel turns "00271" into 271: the import restores the zeros or asks about them. The national catalogue
numbers each level separately: 01, 001 and 00001 are three units. Within a level, codes differ by more than zeros.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from ... import clock, deadline
from ...acts import base_figures, new_units, unit_register
from ...acts.base_figures import COUNTS
from ...acts.locking import lock_all
from ...acts.new_units import name_and_code
from ...acts.unit_register import BadFile, UnitLine
from ...clock import Now
from ...figures.fields import full_sum
from ...files import spreadsheets
from ...files.cells import Cell
from ...models import BaseFigure, Unit, User
from ...models.levels import Level
from ...models.units import full_name
from ...text import formatting, names, unit_kinds
from ..columns import CODE, HEADS, HOUSEHOLDS, NAME, PHONE, POPULATION, SMARTPHONES, Column, Kind, Number, names_of
from ..layout import SheetLine, Table, clear_table_of
from ..plan import LineReader, Plan, Row, RowOutcome, Sent, figure, rows_of, state_of, unchanged
from ..unit_lines import KINDS, Directory, Unknown
from .figures import read_base_figure, tell_base_figures, write_base_figures

WRITTEN_KINDS = KINDS | dict.fromkeys(("thanh pho thuoc tinh", "thanh pho truc thuoc trung uong"), "thành phố")
EITHER = "thanh pho"  # may be a city or a district
WRITTEN_LEVELS = {
    Level.COMMUNE: "cấp xã",
    Level.DISTRICT: "cấp huyện",
    Level.CITY: "cấp tỉnh",
    Level.COUNTRY: "trung ương",
    Level.AGENCY: "sở, ban, ngành",
}
LEVEL_OF_KIND = {kind: level for level, kinds in unit_kinds.OF_LEVELS.items() for kind in kinds}
LEVELS = {written: LEVEL_OF_KIND[kind] for written, kind in KINDS.items()}
LEVELS |= {written: level for level in Level for written in names_of(HEADS[f"level.{level}"])}
WIDTHS = {Level.CITY: 2, Level.DISTRICT: 3, Level.COMMUNE: 5}  # digits in the catalogue of the statistics office
RANKS = new_units.FROM_THE_TOP
CATALOGUE = RANKS[1:]  # the levels that each line of the statistics office's catalogue names
ANY = "any level"
Codes = defaultdict[tuple[str, str], set[str]]  # full codes by level, or `ANY`, and number without zeros
COLUMNS = (
    replace(CODE, heads=HEADS["units.code"]),
    replace(
        NAME,
        title=gettext_lazy("Name of the unit"),
        heads=HEADS["units.name"],
        note=gettext_lazy("Without its kind: “Tân Lập”, not “Xã Tân Lập”."),
    ),
    Column("kind", gettext_lazy("Kind of unit"), note="; ".join(unit_kinds.KINDS)),
    Column("level", gettext_lazy("Level"), note="; ".join(WRITTEN_LEVELS.values())),
    Column("parent_code", gettext_lazy("Code of the superior")),
    POPULATION,
    Column("source", gettext_lazy("Source of the population"), HEADS["units.source"]),
    SMARTPHONES,
    HOUSEHOLDS,
    PHONE,
    Column(
        "region",
        gettext_lazy("Region"),
        note=gettext_lazy("Groups the units if there are many. If empty, a known unit keeps its region."),
    ),
    Number(
        "map_column",
        gettext_lazy("Column on the map"),
        note=gettext_lazy("Counted from the west, starting at 1. If empty, a known unit keeps its place."),
    ),
    Number("map_line", gettext_lazy("Line on the map"), note=gettext_lazy("Counted from the north, starting at 1.")),
    *(
        Column(f"{level}_{part}", title, note=level.label, in_template=False)
        for level in CATALOGUE
        for part, title in (("name", NAME.title), ("code", CODE.title))
    ),
)
REGISTERED = {"code", "name", "kind", "level", "parent_code"}
TEXTS = ("code", "name", "kind", "parent_code", "phone", "region")


def import_units(
    data: bytes,
    *,
    by: User | None = None,
    effective_on: date | None = None,
    name: str = "",
    is_asking: bool = False,
    now: Now = clock.now,
) -> Plan:
    """Import a file of units without a preview, to set up the first units; with `is_asking`, doubts are refused.

    Raises `spreadsheets.Unreadable`, or `BadFile` with every error.
    """
    table, at = clear_table_of(KIND, spreadsheets.read_book(data, name)), now()
    options = {"effective_on": effective_on or new_units.first_day(deadline.reporting_day(at))}
    sent = Sent(by=by, at=at, source=name, options=options)
    with transaction.atomic():
        for top in Unit.objects.tops():  # there is none before the first import
            lock_all(top)
        planned = plan(table, sent)
        asked = planned.doubtful if is_asking else []
        if problems := errors_by_line(planned.errors) or [(row.place[0], " ".join(row.asked)) for row in asked]:
            raise BadFile(problems)
        if planned.writes:
            write(planned.writes, sent, now=at)
    return planned


def errors_by_line(errors: Iterable[Row]) -> list[tuple[int, str]]:
    """Pairs of line number and error; the error names the column."""
    return [(row.place[0], f"{row.what}: {row.words}" if row.what else row.words) for row in errors]


def plan(table: Table, sent: Sent) -> Plan:
    still_stands, on = unchanged(state_of), sent.options["effective_on"]
    lines, readers, rows = read_units(table, on)
    checked = unit_register.Checked(lines, by=sent.by, effective_on=on, today=deadline.reporting_day(sent.at))
    in_force = base_figures.in_force_by_day(checked.known.values())
    bases = {}
    for line, reader in zip(lines, readers, strict=True):
        reader.unit = checked.known.get(line.code) or Unit(code=line.code)
        bases[line.code] = read_base_figure(reader, sent, in_force)
    parts = _parts(checked, bases, lambda unit: in_force(unit, on))
    if not any(reader.is_refused for reader in readers):
        reader_of = dict(zip((line.line for line in lines), readers, strict=True))
        for number, words in checked.errors or _wrong_sums(lines, bases, parts):
            reader_of[number].refuse("code", words, what="")
    if any(reader.is_refused for reader in readers):
        return Plan(rows + rows_of(readers), [])
    for line, reader in zip(lines, readers, strict=True):
        _tell(reader, line, checked)
    given = [(reader, bases[line.code]) for line, reader in zip(lines, readers, strict=True) if line.code not in parts]
    recorded = tell_base_figures([(reader, base) for reader, base in given if base.population], sent, in_force)
    for line, reader in zip(lines, readers, strict=True):
        if not reader.rows:
            reader.tell("code", RowOutcome.UNCHANGED, what=line.code)
    rows += rows_of(readers)
    is_changed = any(row.outcome in (RowOutcome.NEW, RowOutcome.CHANGED) for row in rows)
    return Plan(rows, [lines, recorded] if is_changed else [], still_stands, outlook=_outlook(checked, bases))


def _parts(
    checked: unit_register.Checked, bases: Mapping[str, BaseFigure], in_force: Callable[[Unit], BaseFigure | None]
) -> dict[str, list[BaseFigure | None]]:
    """The base figures of the units below each superior, by its code: from the file, or stored if it has no line."""
    known = [unit for unit in checked.known.values() if unit.parent and unit.is_open_on(checked.effective_on)]
    superiors = {unit.code: unit.parent.code for unit in known if not unit.is_agency}
    superiors |= {line.code: line.parent_code for line in checked.lines if not line.is_agency}
    parts = defaultdict(list)
    for code, superior in superiors.items():
        parts[superior].append(bases.get(code) or in_force(checked.known[code]))
    return parts


def _wrong_sums(
    lines: Iterable[UnitLine], bases: Mapping[str, BaseFigure], parts: Mapping[str, list[BaseFigure | None]]
) -> Iterator[tuple[int, str]]:
    for line in lines:
        for key in COUNTS if line.code in parts else ():
            given = getattr(bases[line.code], key)
            total = full_sum([getattr(part, key, None) for part in parts[line.code]])
            if given and total is not None and total != given:
                words = _("%(name)s: %(title)s %(given)s, the sum of its parts is %(sum)s.")
                about = {"name": line.name, "title": BaseFigure._meta.get_field(key).verbose_name}
                yield line.line, words % (about | {"given": formatting.number(given), "sum": formatting.number(total)})


def read_units(table: Table, on: date) -> tuple[list[UnitLine], list[LineReader], list[Row]]:
    """The units of the lines, a reader for each, and the rows of the lines of sums."""
    stored = dict(Unit.objects.values_list("code", "level"))
    open_units = Unit.objects.open_on(on).named(on).select_related("parent")
    register = Directory.of_units(open_units, lambda _unit, _is_superior: True)
    lines, readers, sums = [], [], []
    for line in _plain_lines(table):
        if line.total and not line.text("code"):
            sums.append(LineReader(line, line.total))
            sums[-1].tell("name", RowOutcome.LEFT_OUT, words=_("A line of sums: it is left out."), what="")
        else:
            readers.append(LineReader(line, line.text("name") or line.text("code")))
            lines.append(_read(readers[-1], register, stored))
    lines, codes = _with_full_codes(lines, stored)
    words = _("the codes %(code)s and %(other)s differ only by leading zeros: write the full code.")
    for line, reader in zip(lines, readers, strict=True):
        if others := codes[line.level, bare_number(line.code)] - {line.code}:
            reader.refuse("code", words % {"code": line.code, "other": min(others)}, what=line.code)
    return lines, readers, rows_of(sums)


def _plain_lines(table: Table) -> Iterator[SheetLine]:
    """The lines; one of the statistics office's catalogue is a line for each unit that no earlier line names."""
    taken = set()
    for line in table.lines:
        if line.total or "commune_code" not in line.letters:
            yield line
            continue
        superior, named = "", [level for level in CATALOGUE if line.text(f"{level}_code")]
        for level in named:
            code, letter = line.text(f"{level}_code"), line.letters[f"{level}_code"]
            code = code.zfill(WIDTHS[level]) if bare_number(code) else code
            texts = {"code": code, "name": line.text(f"{level}_name"), "level": str(level), "parent_code": superior}
            cells = {key: Cell("", text) for key, text in texts.items()}
            cells = line.cells | cells if level == named[-1] else cells  # the figures are those of the lowest unit
            if (level, code) not in taken or any(key in cells for key in line.numbers):
                yield replace(line, cells=cells, letters={**line.letters, **dict.fromkeys(REGISTERED, letter)})
            taken.add((level, code))
            superior = code


def known(sent: Sent) -> list[dict[str, str | int | None]]:
    """The lines of the template: the current data of the person's unit and all units below it."""
    day = new_units.first_day(deadline.reporting_day(sent.at))
    units = Unit.objects.below(sent.by.unit).open_on(day).named(day).select_related("parent")
    bases = BaseFigure.objects.in_force_of(units, day)
    own, lines = ("code", "name", "kind", "phone", "region", "map_column", "map_line"), []
    for unit in sorted(units, key=lambda unit: (unit.is_agency, unit.path)):
        base = bases.get(unit.pk)
        lines.append(
            {
                **{key: getattr(unit, key) for key in own},
                **{count: base and getattr(base, count) for count in COUNTS},
                "level": WRITTEN_LEVELS[unit.level],
                "parent_code": unit.parent.code if unit.parent else None,
                "source": base and base.source,
            }
        )
    return lines


def write(writes: list, sent: Sent, *, now: datetime) -> None:
    """Write the units and figures. Raises `BadFile` if the lines can no longer be written, `Doubted`."""
    lines, bases = writes
    unit_register.import_lines(lines, by=sent.by, effective_on=sent.options["effective_on"], now=lambda: now)
    opened = Unit.objects.in_bulk([base.unit.code for base in bases if not base.unit.pk], field_name="code")
    for base in bases:
        base.unit = opened.get(base.unit.code, base.unit)
    write_base_figures(bases, sent, now=now)


KIND = Kind(
    "units",
    gettext_lazy("Units"),
    gettext_lazy("Codes, names, levels and superiors of new units, and corrections of known ones."),
    COLUMNS,
    plan,
    write,
    known=known,
    options=("effective_on", "source"),
    needs=(("code", "name", "commune_code"),),
)


def _read(reader: LineReader, register: Directory, stored: Mapping[str, str]) -> UnitLine:
    """The unit of a line. What has no column in the file is as `register` has it; `stored` has the levels by code."""
    line, texts = reader.line, reader.texts((*TEXTS, "level"))
    places = {key: reader.take(figure, key) for key in ("map_column", "map_line")}
    reader.left_out()
    texts["kind"] = read_kind(texts["kind"])
    written = unit_kinds.kind_of(texts["name"])  # "Xã Tân Lập" is the xã Tân Lập
    if written and texts["kind"] in ("", written):
        texts |= {"kind": written, "name": unit_kinds.bare_name(texts["name"])}
    if not line.letters.keys() >= REGISTERED:
        texts |= _registered(reader, register)
    level = read_level(texts.pop("level"))
    if level == EITHER:
        level = stored.get(texts["code"], EITHER)
    if level == EITHER:
        words = _(
            "“%(name)s”: a “thành phố” may be right below the country or at district level. Write “cấp tỉnh” or "
            "“cấp huyện” as its level."
        )
        reader.refuse("level", words % {"name": texts["name"]}, what=texts["code"])
    if level == Level.CITY and not texts["parent_code"]:
        texts["parent_code"] = Unit.objects.filter(level=Level.COUNTRY).values_list("code", flat=True).first() or ""
    reader.called = full_name(texts["kind"], texts["name"])
    return UnitLine(line=line.number, level=level, **texts, **places)


def _registered(reader: LineReader, register: Directory) -> dict[str, str]:
    """The texts of the known unit that the line names by code, or by name if the file has no codes."""
    line, code = reader.line, reader.line.text("code")
    try:
        unit = register.find(code, "" if code else line.text("name"))
    except Unknown as error:
        if not {"code", "level"} <= line.letters.keys():
            words = _("A new unit needs a code and a level: add these columns to the file.")
            reader.refuse("name", f"{error} {words}", what="")
        return {}
    own = {"parent_code": unit.parent.code if unit.parent else ""}
    own |= {key: getattr(unit, key) for key in REGISTERED - own.keys()}
    return {key: value for key, value in own.items() if not (code and key in line.letters)}


def _tell(reader: LineReader, given: UnitLine, checked: unit_register.Checked) -> None:
    """Add a row for each change of the unit, except its figures."""
    unit, since = checked.known.get(given.code), _("from %(day)s") % {"day": formatting.day(checked.effective_on)}
    if unit is None:
        words = since
        if given.parent_code:
            superior = name_and_code(checked.known.get(given.parent_code) or checked.by_code[given.parent_code])
            words = _("a new unit below %(superior)s") % {"superior": superior} + f", {since}"
        reader.tell(
            "code", RowOutcome.NEW, "", reader.called, words, what=given.code, asked=_doubts(given, is_new=True)
        )
    elif (unit.name, unit.kind) != (given.name, given.kind):
        asked = _doubts(given, is_new=False)
        reader.tell("name", RowOutcome.CHANGED, unit.full_name, reader.called, since, asked=asked)
    for key, title, name in (("region", None, "region"), ("map_column", _("Place on the map"), "place")):
        before, after = getattr(unit, name, None), getattr(given, name)
        if after and after != before:
            outcome = RowOutcome.CHANGED if before else RowOutcome.NEW
            reader.tell(key, outcome, str(before or ""), str(after), what=title)
    if unit is not None and given.phone not in ("", unit.phone):
        words = _("The telephone of a known unit is changed by an administrator, not by a file: it is left out.")
        reader.tell("phone", RowOutcome.LEFT_OUT, unit.phone, given.phone, words)


def _doubts(line: UnitLine, *, is_new: bool) -> Iterator[str]:
    """The doubts about the code of a new unit, and about a name."""
    if is_new and _lacks_zeros(line):
        words = _("Code %(code)s: the catalogue writes %(full)s at this level. Did Excel drop zeros?")
        yield words % {"code": line.code, "full": line.code.zfill(WIDTHS[line.level])}
    if unit_kinds.kind_of(line.name):
        words = _("The name “%(name)s” begins with a kind of unit, but its kind is “%(kind)s”.")
        yield words % {"name": line.name, "kind": line.kind}


def _outlook(checked: unit_register.Checked, bases: Mapping[str, BaseFigure]) -> list[str]:
    """A sentence that names the new reporting units without a population."""
    not_asked = {*checked.known, *(line.parent_code for line in checked.lines)}
    lacking = [
        full_name(line.kind, line.name)
        for line in checked.lines
        if not (line.code in not_asked or line.is_agency or bases[line.code].population)
    ]
    words = _("%(names)s: no population is given. From that day on, the share of the units above is unknown.")
    return [words % {"names": formatting.listed(lacking, 5)}] if lacking else []


# Levels, kinds and codes as offices write them.


def read_kind(text: str) -> str:
    return WRITTEN_KINDS.get(_folded(text), text)


def read_level(text: str) -> str:
    """The level that the text names, or `EITHER`. Other texts are returned unchanged."""
    folded = _folded(text)
    return EITHER if folded in (EITHER, "tp") else LEVELS.get(folded, text)


def _folded(text: str) -> str:
    return names.fold(text).replace(",", "").removesuffix(".")


def bare_number(code: str) -> str:
    """The code as Excel keeps it, without leading zeros; empty if it is no number."""
    return code.lstrip("0") if code.isascii() and code.isdecimal() else ""


def _by_number(codes: Iterable[tuple[str, str]]) -> Codes:
    by_number = defaultdict(set)
    for code, level in codes:
        if number := bare_number(code):
            by_number[level, number].add(code)
            by_number[ANY, number].add(code)
    return by_number


def _lacks_zeros(line: UnitLine) -> bool:
    return line.code == bare_number(line.code) and 0 < len(line.code) < WIDTHS.get(line.level, 0)


def _known_code(code: str, levels: Iterable[str], codes: Codes) -> str:
    """The code, if it is one of the levels; otherwise the only one with its number at the first level that has one."""
    same = [codes[level, bare_number(code)] for level in levels]
    if any(code in of_level for of_level in same):
        return code
    return next((full for of_level in same if len(of_level) == 1 for full in of_level), "")


def _with_full_codes(lines: list[UnitLine], stored: Mapping[str, str]) -> tuple[list[UnitLine], Codes]:
    """The lines with the zeros of their codes and superiors; all codes, those of the lines included."""
    by_number = _by_number(stored.items())
    given = [*stored.items(), *((line.code, line.level) for line in lines)]
    # If one code of a level has the catalogue's width, the level uses the catalogue.
    catalogued = {level for code, level in given if bare_number(code) and len(code) == WIDTHS.get(level)}
    for n, line in enumerate(lines):
        if _lacks_zeros(line):
            padded = line.code.zfill(WIDTHS[line.level]) if line.level in catalogued else line.code
            lines[n] = replace(line, code=_known_code(line.code, [line.level], by_number) or padded)
    by_number = _by_number([*stored.items(), *((line.code, line.level) for line in lines)])
    for n, line in enumerate(lines):
        above = RANKS[: RANKS.index(line.level)] if line.level in RANKS else []
        superior = _known_code(line.parent_code, [*reversed(above), ANY], by_number)
        lines[n] = replace(line, parent_code=superior or line.parent_code)
    return lines, by_number
