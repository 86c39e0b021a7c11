"""Units, their names, superiors and base figures.

Codes are text. Excel turns "00271" into 271: the import restores the zeros or asks about them. The national catalogue
numbers each level separately: 01, 001 and 00001 are three units. Within a level, codes differ by more than zeros.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
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
RANKS = (Level.COUNTRY, Level.CITY, Level.DISTRICT, Level.COMMUNE)
CATALOGUE = RANKS[1:]  # the levels that each line of the statistics office's catalogue names
Codes = defaultdict[tuple[str, str], set[str]]  # full codes by level and number without zeros
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
    lines, readers, doubted = read_units(table, on)
    lowest = {line.line: line.code for line in lines}  # a line of a catalogue names its superiors too
    stored = Unit.objects.in_bulk([*lowest.values()], field_name="code")
    in_force = base_figures.in_force_by_day(stored.values())
    for number, code in lowest.items():
        readers[number].unit = stored.get(code)
    given = {code: read_base_figure(readers[number], sent, in_force) for number, code in lowest.items()}
    bases = {line.code: given.get(line.code) or BaseFigure() for line in lines}
    if not any(reader.is_refused for reader in readers.values()):
        checked = unit_register.Checked(lines, by=sent.by, effective_on=on, today=deadline.reporting_day(sent.at))
        in_force = base_figures.in_force_by_day(checked.known.values())
        parts = _parts(checked, bases, lambda unit: in_force(unit, on))
        for number, words in checked.errors or _wrong_sums(lines, bases, parts):
            readers[number].refuse("code", words, what="")
    rows = rows_of(readers.values())
    if any(reader.is_refused for reader in readers.values()):
        return Plan(rows, [])
    by_number, populated, told = {line.number: line for line in table.lines}, [], []
    for line in lines:
        reader, base = _told(line, checked, by_number[line.line], doubted.get(line.line)), bases[line.code]
        told.append(reader)
        if base.population and line.code not in parts:
            base.unit = checked.known.get(line.code) or Unit(code=line.code)
            populated.append((reader, base))
    recorded = tell_base_figures(populated, sent)
    for line, reader in zip(lines, told, strict=True):
        if not reader.rows:
            reader.tell("code", RowOutcome.UNCHANGED, what=line.code)
    changes = rows_of(told)
    is_changed = any(row.outcome in (RowOutcome.NEW, RowOutcome.CHANGED) for row in changes)
    return Plan(rows + changes, [lines, recorded] if is_changed else [], still_stands, outlook=_outlook(checked, bases))


def _parts(
    checked: unit_register.Checked, bases: Mapping[str, BaseFigure], in_force: Callable[[Unit], BaseFigure | None]
) -> dict[str, list[BaseFigure | None]]:
    """The base figures of the units below each superior, by its code: from the file, or stored if it has no line."""
    parts = defaultdict(list)
    for line in checked.lines:
        if not line.is_agency:
            parts[line.parent_code].append(bases[line.code])
    for unit in checked.known.values():
        is_left_out = not unit.is_agency and unit.is_open_on(checked.effective_on) and unit.code not in bases
        if is_left_out and unit.parent and unit.parent.code in bases:
            parts[unit.parent.code].append(in_force(unit))
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


def read_units(table: Table, on: date) -> tuple[list[UnitLine], dict[int, LineReader], dict[int, str]]:
    """The units of the lines; by line number, their readers and their doubts."""
    lines, readers, taken, register = [], {}, set(), None
    if any(not line.letters.keys() >= REGISTERED for line in table.lines if "commune_code" not in line.letters):
        known = Unit.objects.open_on(on).named(on).select_related("parent")
        register = Directory.of_units(known, lambda _unit, _is_superior: True)
    for line in table.lines:
        is_sum = bool(line.total and not line.text("code"))
        called = line.total if is_sum else line.text("name") or line.text("commune_name") or line.text("code")
        reader = readers[line.number] = LineReader(line, called)
        if is_sum:
            reader.tell("name", RowOutcome.LEFT_OUT, words=_("A line of sums: it is left out."), what="")
        elif "commune_code" in line.letters:
            lines += _catalogue_units(line, taken)
        else:
            lines.append(_read(reader, register))
    lines, refused, doubts = _settled(lines)
    for line, key, words in refused:
        readers[line.line].refuse(key, words, what=line.code)
    for line in lines:
        if unit_kinds.kind_of(line.name):
            words = _("The name “%(name)s” begins with a kind of unit, but its kind is “%(kind)s”.")
            doubts.setdefault(line.line, words % {"name": line.name, "kind": line.kind})
    return lines, readers, doubts


def _catalogue_units(line: SheetLine, taken: set[tuple[str, str]]) -> list[UnitLine]:
    """The units of a line that no earlier line names; each is below the one before it."""
    lines, superior = [], ""
    for level in CATALOGUE:
        code, name = line.text(f"{level}_code"), line.text(f"{level}_name")
        code = code.zfill(WIDTHS[level]) if bare_number(code) else code
        if code and (level, code) not in taken:
            taken.add((level, code))
            texts = {"name": unit_kinds.bare_name(name), "kind": unit_kinds.kind_of(name), "level": str(level)}
            lines.append(UnitLine(line=line.number, code=code, parent_code=superior, **texts))
        superior = code or superior
    return lines


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


def _read(reader: LineReader, register: Directory | None) -> UnitLine:
    """The unit of a line. What has no column in the file is as `register` has it."""
    line, texts = reader.line, reader.texts((*TEXTS, "level"))
    places = {key: reader.take(figure, key) for key in ("map_column", "map_line")}
    reader.left_out()
    texts["kind"] = read_kind(texts["kind"])
    written = unit_kinds.kind_of(texts["name"])  # "Xã Tân Lập" is the xã Tân Lập
    if written and texts["kind"] in ("", written):
        texts |= {"kind": written, "name": unit_kinds.bare_name(texts["name"])}
    if register:
        texts |= _registered(reader, register)
    level = read_level(texts.pop("level"))
    if level == Level.CITY and not texts["parent_code"]:
        texts["parent_code"] = Unit.objects.filter(level=Level.COUNTRY).values_list("code", flat=True).first() or ""
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


def _told(given: UnitLine, checked: unit_register.Checked, line: SheetLine, doubt: str | None) -> LineReader:
    """A reader with a row for each change of the unit, except its figures."""
    unit, reader = checked.known.get(given.code), LineReader(line, full_name(given.kind, given.name))
    since, doubts = _("from %(day)s") % {"day": formatting.day(checked.effective_on)}, [doubt] if doubt else []
    if unit is None:
        words = since
        if given.parent_code:
            superior = name_and_code(checked.known.get(given.parent_code) or checked.by_code[given.parent_code])
            words = _("a new unit below %(superior)s") % {"superior": superior} + f", {since}"
        reader.tell("code", RowOutcome.NEW, "", reader.called, words, what=given.code, asked=doubts)
    elif (unit.name, unit.kind) != (given.name, given.kind):
        reader.tell("name", RowOutcome.CHANGED, unit.full_name, reader.called, since, asked=doubts)
    for key, title, name in (("region", None, "region"), ("map_column", _("Place on the map"), "place")):
        before, after = getattr(unit, name, None), getattr(given, name)
        if after and after != before:
            outcome = RowOutcome.CHANGED if before else RowOutcome.NEW
            reader.tell(key, outcome, str(before or ""), str(after), what=title)
    if unit is not None and given.phone not in ("", unit.phone):
        words = _("The telephone of a known unit is changed by an administrator, not by a file: it is left out.")
        reader.tell("phone", RowOutcome.LEFT_OUT, unit.phone, given.phone, words)
    return reader


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


def _settled(lines: list[UnitLine]) -> tuple[list[UnitLine], list[tuple[UnitLine, str, str]], dict[int, str]]:
    """The lines with their levels and full codes; the refused ones with column and reason; the doubts by line."""
    known = dict(Unit.objects.values_list("code", "level"))
    lines = [replace(line, level=known.get(line.code, EITHER)) if line.level == EITHER else line for line in lines]
    words = _(
        "“%(name)s”: a “thành phố” may be right below the country or at district level. Write “cấp tỉnh” or "
        "“cấp huyện” as its level."
    )
    refused = [(line, "level", words % {"name": line.name}) for line in lines if line.level == EITHER]
    stored = _by_number(known.items())
    # If one code of a level has the catalogue's width, the level uses the catalogue.
    numbers = [*stored.items(), *_by_number((line.code, line.level) for line in lines).items()]
    catalogued = {level for (level, _n), codes in numbers if WIDTHS.get(level) in map(len, codes)}
    renamed = {line.code: _full_code(line, stored, catalogued) for line in lines}
    lines = [replace(line, code=_full_code(line, stored, catalogued)) for line in lines]
    codes = _by_number([*known.items(), *((line.code, line.level) for line in lines)])
    lines = [replace(line, parent_code=_superior(line, codes, renamed)) for line in lines]
    words = _("the codes %(code)s and %(other)s differ only by leading zeros: write the full code.")
    doubt = _("Code %(code)s: the catalogue writes %(full)s at this level. Did Excel drop zeros?")
    doubts = {}
    for line in lines:
        others = sorted(codes[line.level, bare_number(line.code)] - {line.code}) if bare_number(line.code) else []
        if others:
            refused.append((line, "code", words % {"code": line.code, "other": others[0]}))
        if line.code not in known and _lacks_zeros(line):
            doubts[line.line] = doubt % {"code": line.code, "full": line.code.zfill(WIDTHS[line.level])}
    return lines, refused, doubts


def _folded(text: str) -> str:
    return names.fold(text).replace(",", "").removesuffix(".")


def bare_number(code: str) -> str:
    """The code as Excel keeps it, without leading zeros; empty if it is no number."""
    return (code.lstrip("0") or "0") if code.isascii() and code.isdecimal() else ""


def _by_number(codes: Iterable[tuple[str, str]]) -> Codes:
    by_number = defaultdict(set)
    for code, level in codes:
        if bare_number(code):
            by_number[level, bare_number(code)].add(code)
    return by_number


def _lacks_zeros(line: UnitLine) -> bool:
    return bool(bare_number(line.code)) and not line.code.startswith("0") and len(line.code) < WIDTHS.get(line.level, 0)


def _full_code(line: UnitLine, stored: Codes, catalogued: Collection[str]) -> str:
    same = stored[line.level, bare_number(line.code)]
    if not _lacks_zeros(line) or line.code in same:
        return line.code
    if len(same) == 1:
        return next(iter(same))
    return line.code.zfill(WIDTHS[line.level]) if line.level in catalogued else line.code


def _superior(line: UnitLine, codes: Codes, renamed: Mapping[str, str]) -> str:
    """The superior's full code, from the nearest level above that has exactly one code with that number."""
    above = RANKS[: RANKS.index(line.level)] if line.level in RANKS else ()
    same = [codes[level, bare_number(line.parent_code)] for level in reversed(above)]
    if any(line.parent_code in same_number for same_number in same):
        return line.parent_code
    known = (next(iter(same_number)) for same_number in same if len(same_number) == 1)
    return next(known, renamed.get(line.parent_code, line.parent_code))
