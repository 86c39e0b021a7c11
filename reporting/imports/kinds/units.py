"""Units, their names and superiors; their population, smartphone users and households from the day given with the file.

Codes are text. Excel turns "00271" into 271: the import restores the zeros. The national catalogue numbers each level
separately: 01, 001 and 00001 are three units. Within a level, codes differ by more than zeros.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from ... import clock, deadline
from ...acts import base_figures, locking, new_units, unit_register
from ...acts.base_figures import COUNTS
from ...acts.new_units import name_and_code
from ...acts.unit_register import BadFile, UnitLine
from ...clock import Now
from ...files import spreadsheets
from ...models import BaseFigure, Unit, User
from ...models.levels import Level
from ...models.units import full_name
from ...people import access
from ...text import formatting, names, unit_kinds
from ..columns import CODE, HEADS, HOUSEHOLDS, NAME, PHONE, POPULATION, SMARTPHONES, Column, Kind, names_of
from ..layout import Table, table_of
from ..plan import LineReader, Made, Plan, RowOutcome, Sent, figure, rows_of, state_of, unchanged
from ..proposal import own_layouts
from ..unit_lines import KINDS

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
WIDTHS = {Level.COMMUNE: 5, Level.DISTRICT: 3, Level.CITY: 2}  # digits in the catalogue of the statistics office
MAX_SOURCE = 200  # characters
TEXTS = ("code", "name", "kind", "level", "parent_code", "phone")


def import_units(
    data: bytes, *, by: User | None = None, effective_on: date | None = None, now: Now = clock.now
) -> Plan:
    """Import one of our own files without a preview. Raises `BadFile` with every error."""
    at = now()
    today, book = deadline.reporting_day(at), spreadsheets.read_book(data, "")
    table = table_of(KIND, book, own_layouts(KIND, book, today), near=today)
    sent = Sent(by=by, at=at, source="", options={"effective_on": effective_on or new_units.first_day(today)})
    with transaction.atomic():
        for top in Unit.objects.tops():  # there is none before the first import
            locking.lock_all(top)
        planned = plan(table, sent)
        if problems := [(row.place[0], f"{row.what}: {row.words}".removeprefix(": ")) for row in planned.errors]:
            raise BadFile(problems)
        if planned.writes:
            write(planned.writes, sent, now=at)
    return planned


def plan(table: Table, sent: Sent) -> Plan:
    still_stands, on = unchanged(state_of), sent.options["effective_on"]
    readers = [LineReader(line, line.text("name") or line.text("code")) for line in table.lines]
    sums = [reader for reader in readers if reader.line.total and not reader.line.text("code")]
    for reader in sums:
        reader.tell("name", RowOutcome.LEFT_OUT, words=_("A line of sums: it is left out."), what="")
    readers = [reader for reader in readers if reader not in sums]
    lines = _with_full_codes([_read(reader) for reader in readers])
    checked = unit_register.Checked(lines, by=sent.by, effective_on=on, today=deadline.reporting_day(sent.at))
    for line, reader in zip(lines, readers, strict=True):
        reader.unit = checked.known.get(line.code) or Unit(code=line.code)
    by_number = {reader.line.number: reader for reader in readers}
    for number, words in checked.errors:
        by_number[number].refuse("code", words, what="")
    superiors = {line.parent_code for line in lines}
    superiors |= {unit.parent.code for unit in checked.known.values() if unit.parent and unit.is_open_on(on)}
    lowest = [reader for reader in readers if reader.unit.code not in superiors]
    recorded = _changed_base_figures(lowest, sent)
    if any(reader.is_refused for reader in readers):
        return Plan(rows_of([*sums, *readers]), [])
    for reader in readers:
        _tell(reader, checked)
        if not reader.rows:
            reader.tell("code", RowOutcome.UNCHANGED, what=reader.unit.code)
    new = {line.code for line in lines if line.code not in checked.known and not line.is_agency}
    new -= {base.unit.code for base in recorded}
    lacking = [reader.called for reader in lowest if reader.unit.code in new]
    words = _("%(names)s: no population is given. From that day on, the share of the units above is unknown.")
    outlook = [words % {"names": formatting.listed(lacking, 5)}] if lacking else []
    planned = Plan(rows_of([*sums, *readers]), [lines, recorded], still_stands, outlook=outlook)
    return planned if planned.count else replace(planned, writes=[])


def known(sent: Sent) -> list[dict[str, str | int | None]]:
    """The lines of the template: the current data of the person's unit and all units below it."""
    day = new_units.first_day(deadline.reporting_day(sent.at))
    units = Unit.objects.below(sent.by.unit).open_on(day).named(day).select_related("parent")
    bases = BaseFigure.objects.in_force_of(units, day)
    own, lines = ("code", "name", "kind", "phone"), []
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
    units, known_at = (
        Unit.objects.in_bulk([base.unit.code for base in bases], field_name="code"),
        locking.known_from(now),
    )
    for base in bases:  # tables sealed or confirmed earlier do not change
        base.unit, base.recorded_at = units[base.unit.code], known_at
    base_figures.store_base_figures(bases, top=access.top_of(sent.by), today=deadline.reporting_day(known_at))
    rows = [[line.code] for line in lines if line.code not in known]
    return Made([*rows, *([base.unit.code, base.pk] for base in bases)])


KIND = Kind(
    "units",
    gettext_lazy("Units"),
    gettext_lazy("Codes, names and superiors of new units, corrections of known ones, and the population of all."),
    (
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
        replace(POPULATION, note=gettext_lazy("Of the lowest units; a superior's is their sum.")),
        Column("source", gettext_lazy("Source of the population"), HEADS["units.source"]),
        SMARTPHONES,
        HOUSEHOLDS,
        PHONE,
    ),
    plan,
    write,
    known=known,
    options=("effective_on", "source"),
    needs=(("code",), ("name",), ("kind",), ("parent_code",)),
)


def _read(reader: LineReader) -> UnitLine:
    """The unit of a line, with its code as written."""
    texts = {key: reader.line.text(key) for key in TEXTS}
    reader.left_out()
    texts["kind"] = read_kind(texts["kind"])
    written = unit_kinds.kind_of(texts["name"])  # "Xã Tân Lập" is the xã Tân Lập
    if written and texts["kind"] in ("", written):
        texts |= {"kind": written, "name": unit_kinds.bare_name(texts["name"])}
    texts["level"] = read_level(texts["level"] or texts["kind"])
    reader.called = full_name(texts["kind"], texts["name"])
    return UnitLine(line=reader.line.number, **texts)


def _tell(reader: LineReader, checked: unit_register.Checked) -> None:
    """Add a row for each change of the unit, except its figures."""
    unit, given = reader.unit, checked.by_code[reader.unit.code]
    since = _("from %(day)s") % {"day": formatting.day(checked.effective_on)}
    if not unit.pk:
        words = since
        if given.parent_code:
            superior = name_and_code(checked.known.get(given.parent_code) or checked.by_code[given.parent_code])
            words = _("a new unit below %(superior)s") % {"superior": superior} + f", {since}"
        reader.tell("code", RowOutcome.NEW, "", reader.called, words, what=given.code)
    elif (unit.name, unit.kind) != (given.name, given.kind):
        reader.tell("name", RowOutcome.CHANGED, unit.full_name, reader.called, since)
    if given.phone not in ("", unit.phone):
        reader.tell("phone", RowOutcome.CHANGED if unit.phone else RowOutcome.NEW, unit.phone, given.phone)


# Levels, kinds and codes as offices write them.


def read_kind(text: str) -> str:
    return WRITTEN_KINDS.get(_folded(text), text)


def read_level(text: str) -> str:
    """The level that the text names. Other texts, such as “thành phố”, which may be two levels, are returned as is."""
    return LEVELS.get(_folded(text), text)


def _folded(text: str) -> str:
    return names.fold(text).replace(",", "").removesuffix(".")


def _with_full_codes(lines: Iterable[UnitLine]) -> list[UnitLine]:
    """The lines with the zeros that Excel dropped from their codes, and from those of their superiors."""
    stored = dict(Unit.objects.values_list("code", "level"))
    full_code = partial(_full_code, numbers={(level, code.lstrip("0")): code for code, level in stored.items()})
    full = [replace(line, code=full_code(line.code, line.level)) for line in lines]
    levels = stored | {line.code: line.level for line in full}
    return [replace(line, parent_code=_superior(line, full_code, levels)) for line in full]


def _full_code(code: str, level: str, *, numbers: Mapping[tuple[str, str], str]) -> str:
    """The stored code that differs only by zeros, or one as long as in the catalogue."""
    if stored := numbers.get((level, code.lstrip("0"))):
        return stored
    return code.zfill(WIDTHS.get(level, 0)) if code.isdecimal() and not code.startswith("0") else code


def _superior(line: UnitLine, full_code: Callable[[str, str], str], levels: Mapping[str, str]) -> str:
    """The superior's full code: of the nearest level above that has it; of an agency, the city's."""
    above = [*WIDTHS][[*WIDTHS].index(line.level) + 1 :] if line.level in WIDTHS else [Level.CITY]
    full = [full_code(line.parent_code, level) for level in above if line.parent_code]
    known = [code for code, level in zip(full, above, strict=False) if levels.get(code) == level]
    return next(iter(known), line.parent_code)


# Base figures.


def _changed_base_figures(readers: Sequence[LineReader], sent: Sent) -> list[BaseFigure]:
    """The records to store; a line without a population makes none. Each changed figure gets a row with its doubts.

    Smartphone users or households that have no column in the file stay as they are.
    """
    on, today = sent.options["effective_on"], deadline.reporting_day(sent.at)
    in_force = BaseFigure.objects.in_force_of([reader.unit for reader in readers if reader.unit.pk], on)
    changes = []
    for reader in readers:
        known = in_force.get(reader.unit.pk)
        base = _base_figure(reader, sent, known)
        pairs = {key: (getattr(known, key, None), getattr(base, key)) for key in (*COUNTS, "source")}
        pairs = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
        if pairs and base.population is not None and not reader.is_refused:
            figures = {key: pair for key, pair in pairs.items() if key in COUNTS}
            changes.append((reader, base, figures or pairs))  # the source alone if no figure changes
    known = [base for _reader, base, _pairs in changes if base.unit.pk]  # a new unit has nothing to compare with
    doubts_of_known = iter(base_figures.base_doubts(known, top=access.top_of(sent.by), today=today) if known else ())
    is_past = new_units.has_begun(today) and on <= today
    for reader, base, pairs in changes:
        asked = [one.question for one in next(doubts_of_known)] if base.unit.pk else []
        base.explanation = sent.explanation if asked else ""
        words = _("from %(day)s, %(source)s") % {"day": formatting.day(on), "source": base.source}
        if base.unit.pk and is_past:
            words += "; " + _("the shares of the days since then change too")
        for key, pair in pairs.items():
            questions = asked if key == "population" else ()
            reader.tell(key, RowOutcome.between(*pair), *pair, words, asked=questions)
    return [base for _reader, base, _pairs in changes]


def _base_figure(reader: LineReader, sent: Sent, known: BaseFigure | None) -> BaseFigure:
    """The unsaved record of a line."""
    counts = {key: reader.take(figure, key) for key in COUNTS}
    population = counts["population"]
    if known and population is not None:
        counts |= {key: getattr(known, key) for key in COUNTS if key not in reader.line.letters}
    if population == 0:
        reader.refuse("population", _("The population cannot be 0."))
    for key in COUNTS[1:] if not reader.is_refused else ():
        if counts[key] is not None and population is None:
            reader.refuse(key, _("The population is missing."))
        elif population and (counts[key] or 0) > population:
            reader.refuse(key, _("More than the population."))
    is_changed = population is not None and any(getattr(known, key, None) != counts[key] for key in COUNTS)
    beside = known.source if known and not is_changed else sent.options.get("source", "")
    source = reader.line.text("source") or beside
    if is_changed and not source:
        reader.refuse("source", _("The figure has no source."))
    if len(source) > MAX_SOURCE:
        reader.refuse("source", _("The text is too long."))
    return BaseFigure(unit=reader.unit, by=sent.by, effective_on=sent.options["effective_on"], source=source, **counts)
