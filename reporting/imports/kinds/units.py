"""Units, their names, superiors and base figures.

Codes are text. Excel turns "00271" into 271: the import restores the zeros or asks about them. The national catalogue
numbers each level separately: 01, 001 and 00001 are three units. Within a level, codes differ by more than zeros.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

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
from ..layout import SheetLine, Table, table_of
from ..plan import LineReader, Made, Plan, Row, RowOutcome, Sent, figure, rows_of, state_of, unchanged
from ..proposal import NOT_OURS, own_layouts
from ..unit_lines import KINDS, Directory, Unknown
from .figures import read_base_figure, tell_base_figures, write_base_figures

WRITTEN_KINDS = KINDS | dict.fromkeys(("thanh pho thuoc tinh", "thanh pho truc thuoc trung uong"), "thành phố")
WRITTEN_LEVELS = {
    Level.COMMUNE: "cấp xã",
    Level.DISTRICT: "cấp huyện",
    Level.CITY: "cấp tỉnh",
    Level.COUNTRY: "trung ương",
    Level.AGENCY: "sở, ban, ngành",
}
LEVEL_OF_KIND = {kind: level for level, kinds in unit_kinds.OF_LEVELS.items() for kind in kinds}
LEVELS = {written: LEVEL_OF_KIND[kind] for written, kind in KINDS.items() if kind != "thành phố"}
LEVELS |= {written: level for level in Level for written in names_of(HEADS[f"level.{level}"])}
WIDTHS = {Level.CITY: 2, Level.DISTRICT: 3, Level.COMMUNE: 5}  # digits in the catalogue of the statistics office
CATALOGUE = tuple(WIDTHS)  # the levels that each of its lines names
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
TEXTS = (*sorted(REGISTERED), "phone")


def import_units(
    data: bytes,
    *,
    by: User | None = None,
    effective_on: date | None = None,
    name: str = "",
    is_asking: bool = False,
    layouts: Mapping[str, Any] | None = None,
    now: Now = clock.now,
) -> Plan:
    """Import a file of units without a preview, to set up the first units; with `is_asking`, doubts are refused.

    It is one of our own files, or `layouts` say how its sheets are read.

    Raises `spreadsheets.Unreadable`, or `BadFile` with every error.
    """
    at = now()
    today = deadline.reporting_day(at)
    book = spreadsheets.read_book(data, name)
    layouts = layouts or own_layouts(KIND, book, today)
    if not layouts:
        raise spreadsheets.Unreadable(NOT_OURS)
    table = table_of(KIND, book, layouts, near=today)
    sent = Sent(by=by, at=at, source=name, options={"effective_on": effective_on or new_units.first_day(today)})
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
    for line, reader in zip(lines, readers, strict=True):
        reader.unit = checked.known.get(line.code) or Unit(code=line.code)
    bases = {reader.unit.code: read_base_figure(reader, sent, in_force) for reader in readers}
    superiors = {line.parent_code for line in checked.lines}
    superiors |= {unit.parent.code for unit in checked.known.values() if unit.parent and unit.is_open_on(on)}
    if not any(reader.is_refused for reader in readers):
        by_number = {reader.line.number: reader for reader in readers}
        for number, words in checked.errors:
            by_number[number].refuse("code", words, what="")
    if any(reader.is_refused for reader in readers):
        return Plan(rows + rows_of(readers), [])
    for reader in readers:
        _tell(reader, checked)
    lowest = [(reader, bases[reader.unit.code]) for reader in readers if reader.unit.code not in superiors]
    recorded = tell_base_figures([(reader, base) for reader, base in lowest if base.population], sent, in_force)
    parts = _parts(checked, bases, in_force)
    for reader in readers:
        _tell_sums(reader, bases[reader.unit.code], parts.get(reader.unit.code, ()))
        if not reader.rows:
            reader.tell("code", RowOutcome.UNCHANGED, what=reader.unit.code)
    planned = Plan(rows + rows_of(readers), [lines, recorded], still_stands, outlook=_outlook(checked, bases))
    return planned if planned.count else replace(planned, writes=[])


def _parts(
    checked: unit_register.Checked, bases: Mapping[str, BaseFigure], in_force: Callable[[Unit, date], BaseFigure | None]
) -> dict[str, list[BaseFigure | None]]:
    """The base figures of the units below each superior, by its code: from the file, or stored if it has no line."""
    known, on = checked.known, checked.effective_on
    superiors = {unit.code: unit.parent.code for unit in known.values() if unit.parent and unit.is_open_on(on)}
    superiors |= {line.code: line.parent_code for line in checked.lines}
    agencies = {named.code for named in (*known.values(), *checked.lines) if named.is_agency}
    parts = defaultdict(list)
    for code in superiors.keys() - agencies:
        parts[superiors[code]].append(bases.get(code) or in_force(known[code], on))
    return parts


def _tell_sums(reader: LineReader, base: BaseFigure, parts: Sequence[BaseFigure | None]) -> None:
    """Add a row for each figure of a superior that is not the sum of its parts, which counts."""
    for key in COUNTS if parts else ():
        given, total = getattr(base, key), full_sum([getattr(part, key, None) for part in parts])
        if given and total not in (None, given):
            words = _("The sum of the file differs from what was read.")
            reader.tell(key, RowOutcome.SUM, given, total, words)


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
    lines, numbers = _with_zeros(lines, stored), defaultdict(set)
    for code, level in [*stored.items(), *((line.code, line.level) for line in lines)]:
        numbers[level, code.lstrip("0")].add(code)
    words = _("the codes %(code)s and %(other)s differ only by leading zeros: write the full code.")
    for line, reader in zip(lines, readers, strict=True):
        if others := numbers[line.level, line.code.lstrip("0")] - {line.code}:
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
            code, letter = padded(line.text(f"{level}_code"), WIDTHS[level]), line.letters[f"{level}_code"]
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
    own, lines = ("code", "name", "kind", "phone", "map_column", "map_line"), []
    for unit in sorted(units, key=lambda unit: (unit.is_agency, unit.path)):
        base = bases.get(unit.pk)
        lines.append(
            {
                **{key: getattr(unit, key) for key in own},
                **{key: base and getattr(base, key) for key in (*COUNTS, "source")},
                "level": WRITTEN_LEVELS[unit.level],
                "parent_code": unit.parent.code if unit.parent else None,
            }
        )
    return lines


def write(writes: list, sent: Sent, *, now: datetime) -> Made:
    """Write the units and figures. Raises `BadFile` if the lines can no longer be written, `Doubted`.

    Its rows: code of each new unit; code and key of each base figure.
    """
    lines, bases = writes
    known = {*Unit.objects.filter(code__in=[line.code for line in lines]).values_list("code", flat=True)}
    unit_register.import_lines(lines, by=sent.by, effective_on=sent.options["effective_on"], now=lambda: now)
    units = Unit.objects.in_bulk([base.unit.code for base in bases], field_name="code")
    for base in bases:
        base.unit = units[base.unit.code]  # a new unit is stored now
    made = write_base_figures(bases, sent, now=now)
    return Made([[line.code] for line in lines if line.code not in known] + made.rows)


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
    line, texts = reader.line, reader.texts(TEXTS)
    places = {key: reader.take(figure, key) for key in ("map_column", "map_line")}
    reader.left_out()
    texts["kind"] = read_kind(texts["kind"])
    written = unit_kinds.kind_of(texts["name"])  # "Xã Tân Lập" is the xã Tân Lập
    if written and texts["kind"] in ("", written):
        texts |= {"kind": written, "name": unit_kinds.bare_name(texts["name"])}
    if not line.letters.keys() >= REGISTERED:
        texts |= _registered(reader, register)
    level = read_level(texts.pop("level"))
    level = level if level in Level.values else stored.get(texts["code"], level)  # "thành phố" may be two levels
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


def _tell(reader: LineReader, checked: unit_register.Checked) -> None:
    """Add a row for each change of the unit, except its figures."""
    unit, given = reader.unit, checked.by_code[reader.unit.code]
    since, asked = _("from %(day)s") % {"day": formatting.day(checked.effective_on)}, []
    if unit_kinds.kind_of(given.name):
        words = _("The name “%(name)s” begins with a kind of unit, but its kind is “%(kind)s”.")
        asked = [words % {"name": given.name, "kind": given.kind}]
    full = padded(given.code, WIDTHS.get(given.level, 0))
    if full != given.code and not any(known.level == given.level for known in checked.known.values()):
        words = _("Code %(code)s: the catalogue writes %(full)s at this level. Did Excel drop zeros?")
        asked.append(words % {"code": given.code, "full": full})
    if not unit.pk:
        words = since
        if given.parent_code:
            superior = name_and_code(checked.known.get(given.parent_code) or checked.by_code[given.parent_code])
            words = _("a new unit below %(superior)s") % {"superior": superior} + f", {since}"
        reader.tell("code", RowOutcome.NEW, "", reader.called, words, what=given.code, asked=asked)
    elif (unit.name, unit.kind) != (given.name, given.kind):
        reader.tell("name", RowOutcome.CHANGED, unit.full_name, reader.called, since, asked=asked)
    for key, title, name in (("phone", None, "phone"), ("map_column", _("Place on the map"), "place")):
        before, after = getattr(unit, name), getattr(given, name)
        if after and after != before:
            outcome = RowOutcome.CHANGED if before else RowOutcome.NEW
            reader.tell(key, outcome, str(before or ""), str(after), what=title)


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
    """The level that the text names. Other texts, such as “thành phố”, which may be two levels, are returned as is."""
    return LEVELS.get(_folded(text), text)


def _folded(text: str) -> str:
    return names.fold(text).replace(",", "").removesuffix(".")


def padded(code: str, width: int) -> str:
    """The code with the zeros that Excel dropped. A text that begins with a zero dropped none."""
    return code.zfill(width) if code.isdecimal() and not code.startswith("0") else code


def _with_zeros(lines: list[UnitLine], stored: Mapping[str, str]) -> list[UnitLine]:
    """The lines with full codes: as long as in the catalogue if it is used, otherwise as the longest stored one."""
    of_catalogue = [(line.code, line.level) for line in lines if len(line.code) == WIDTHS.get(line.level)]
    codes = [*stored.items(), *of_catalogue]
    widths = {}
    for level, width in WIDTHS.items():
        lengths = [len(code) for code, of_level in codes if of_level == level and code.isdecimal()]
        widths[level] = min(width, max(lengths, default=0))  # 0: nothing tells it, see `_tell`
    full = []
    for line in lines:
        code = line.code if stored.get(line.code) == line.level else padded(line.code, widths.get(line.level, 0))
        full.append(replace(line, code=code))
    known = {*stored, *(line.code for line in full)}
    return [replace(line, parent_code=_superior(line, widths, known)) for line in full]


def _superior(line: UnitLine, widths: Mapping[Level, int], codes: Container[str]) -> str:
    """The superior's full code, of the nearest level above that has it. For an agency, only if one level has it."""
    own = CATALOGUE.index(line.level) if line.level in CATALOGUE else 0
    levels = [*reversed(CATALOGUE[:own]), *CATALOGUE[own:]]
    known = [code for level in levels if (code := padded(line.parent_code, widths[level])) in codes]
    if line.parent_code in codes or not known or (line.is_agency and len(known) > 1):
        return line.parent_code
    return known[0]
