"""Finds the unit of each line by code or name, in the district that the file gives; checks lines of sums."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import lru_cache
from operator import itemgetter

from django.utils.translation import gettext as _

from ..models import Unit, UnitName
from ..models.units import full_name
from ..text import formatting, names, parsing, unit_kinds
from ..text.unit_kinds import OF_COMMUNES, OF_DISTRICTS
from .layout import SheetLine, Table, is_number
from .plan import BadCell, LineReader, Row, RowOutcome, figure, rows_of

LONGEST_NAME = 120  # characters; a longer text names no unit
MOST_SUGGESTIONS = 100  # for unknown names of one file; each takes 4 ms
# Kinds of units as offices write and abbreviate them, folded.
KINDS = {
    names.fold(written).removesuffix("."): kind for kind, short in unit_kinds.SHORT.items() for written in (kind, short)
}
LONGEST_FIRST = sorted(KINDS, key=len, reverse=True)
WITH_SUPERIOR = re.compile(r"([^,(–]+?)(?:,| [-–]| \() ?([^,()]+)\)?")  # "Phường Cát Bi, quận Hải An"
KIND = re.compile(r"(?:ubnd )?(" + "|".join(LONGEST_FIRST) + r") (?=\S)")


@lru_cache(maxsize=4096)  # a name is looked up several times
def folded_words(text: str) -> str:
    """The words without accents and punctuation, numbers without zeros at the start: "p cat bi" for "P.Cát Bi"."""
    return " ".join(word.lstrip("0") or word for word in re.findall(r"\w+", names.fold(text)))


@lru_cache(maxsize=4096)
def readings(text: str) -> list[tuple[str, str]]:
    """Pairs of kind and name: the whole text, and what follows a kind at its start, which may be part of the name."""
    words = re.findall(r"\w+", parsing.composed(re.sub(r"^\d+[.)]\s*", "", text)))
    read = [("", " ".join(words))]
    if match := KIND.match(folded_words(read[0][1])):
        read.append((KINDS[match[1]], " ".join(words[match[0].count(" ") :])))
    return read


class Unknown(Exception):
    """The text names no known unit, or more than one."""


class Directory:
    """The units that a file may name, searched by all names that they have or had."""

    def __init__(self, units: Iterable[Unit], is_meant: Callable[[Unit, bool], bool]):
        """A line may be of the units that are meant: asked with a unit and whether it has units below."""
        units = list(units)
        parents = {unit.parent_id for unit in units}
        self.by_code = {unit.code: unit for unit in units if is_meant(unit, unit.pk in parents)}
        self.superiors = {unit.code: unit for unit in units if unit.pk in parents}
        self.everyone = self.by_code | self.superiors
        self.suggestions = 0
        self.by_name = defaultdict(set)  # code, kind and name with accents
        stored = UnitName.objects.filter(unit__code__in=self.everyone).order_by()
        for code, kind, name in stored.values_list("unit__code", "kind", "name"):
            for text in (name, full_name(kind, name)):
                self.by_name[folded_words(text)].add((code, kind, names.sort_key(text)))

    def knows(self, text: str) -> bool:
        """Whether the text is a code or a name of at least one unit."""
        return text.upper() in self.by_code or bool(self.codes(text, self.by_code))

    def coded(self, code: str, among: Mapping[str, Unit]) -> Unit | None:
        """The unit of a code that may lack its leading zeros. Raises `Unknown` if several match."""
        if code.upper() in among or not code.isdecimal():
            return among.get(code.upper())
        bare = code.lstrip("0")
        return self.only(code, [known for known in among if known.isdecimal() and known.lstrip("0") == bare])

    def only(self, text: str, codes: Collection[str]) -> Unit | None:
        """The unit that the text names, or None. Raises `Unknown`, with the candidates, if there are several."""
        units = [self.everyone[code] for code in sorted(codes)]
        if len(units) > 1:
            words = _("“%(name)s” may be %(units)s: give the code or the unit above.")
            raise Unknown(words % {"name": text[:100], "units": ", ".join(map(self.described, units[:6]))})
        return units[0] if units else None

    def superior(self, text: str) -> Unit:
        """The district or city with that code or name. Raises `Unknown`."""
        unit = self.coded(text, self.superiors) or self.only(text, self.codes(text, self.superiors))
        if unit is None:
            raise Unknown(_("There is no superior unit with the name “%(name)s”.") % {"name": text[:100]})
        return unit

    def codes(self, text: str, among: Mapping[str, Unit]) -> set[str]:
        """The codes of the units that the text may name. The same accents count first, then the same kind."""
        found = defaultdict(set)
        for written_kind, name in readings(text) if len(text) <= LONGEST_NAME else ():
            for code, kind, exact in self.by_name.get(folded_words(name), ()):
                if code in among and (not written_kind or _is_same_level(written_kind, kind)):
                    found[exact == names.sort_key(name), written_kind in ("", kind)].add(code)
        return found[max(found)] if found else set()

    def of_code(self, code: str, name: str, above: Unit | None, among: Mapping[str, Unit]) -> Unit:
        """The unit of a code, whose name and superior must not say otherwise. Raises `Unknown`."""
        unit = self.coded(code, self.by_code) or self.coded(code, among)
        if unit is None:
            raise Unknown(_("There is no unit with the code “%(code)s”.") % {"code": code[:50]})
        is_of_name = not name or unit.code in self.codes(name, among)
        if not is_of_name or not (above is None or unit.path.startswith(above.path)):
            words = _("Code %(code)s is that of %(unit)s, not of “%(name)s”.")
            other = above.full_name if is_of_name else name[:100]
            raise Unknown(words % {"code": code, "unit": self.described(unit), "name": other})
        return unit

    def unknown(self, name: str) -> Unknown:
        """The error, with similar names."""
        words, near = _("There is no unit with the name “%(name)s”.") % {"name": name[:100]}, []
        self.suggestions += 1
        if len(name) <= LONGEST_NAME and self.suggestions <= MOST_SUGGESTIONS:
            near = get_close_matches(folded_words(readings(name)[-1][1]), self.by_name, n=3, cutoff=0.75)
        codes = sorted({code for similar in near for code, *_rest in self.by_name[similar]} & self.by_code.keys())
        similar = ", ".join(self.described(self.by_code[code]) for code in codes[:3])
        return Unknown(f"{words} " + _("Did you mean %(units)s?") % {"units": similar} if similar else words)

    def described(self, unit: Unit) -> str:
        above = self.superiors.get(unit.codes[-2]) if len(unit.codes) > 1 else None
        return f"{unit.full_name} ({above.full_name}, {unit.code})" if above else f"{unit.full_name} ({unit.code})"


def _is_same_level(kind: str, other: str) -> bool:
    """Whether units of both kinds may be confused: a ward may be called a commune, not a district."""
    return kind == other or any({kind, other} <= {*level} for level in (OF_COMMUNES, OF_DISTRICTS))


def resolve(table: Table, directory: Directory, *, has_groups: bool = True) -> tuple[list[LineReader], list[Row]]:
    """A reader for each line of a unit, and the rows for all other lines. `has_groups`: a district's line is a sum."""
    units, sums, others = [], [], []
    within: dict[int, Unit | None] = {}  # the district of the last group, by sheet
    for line in table.lines:
        said, reader = directory.superiors.get(line.within), LineReader(line, line.label)
        if line.total and not directory.knows(line.text("name")):
            sums.append(reader)
            continue
        try:
            unit = _unit(line, directory, said or within.get(line.sheet), has_groups=has_groups)
        except Unknown as error:
            key = "code" if line.text("code") else "name"
            if not line.numbers or any(is_number(line.cells.get(number)) for number in line.numbers):
                reader.refuse(key, str(error), what="")
            elif line.label:  # the head of a group, perhaps of another district, or a signature
                reader.tell(key, RowOutcome.LEFT_OUT, words=_("No unit and no figure: the line is left out."), what="")
                within[line.sheet] = None
            others.append(reader)
        else:
            is_of_unit = unit.code in directory.by_code
            (units if is_of_unit else sums).append(LineReader(line, unit=unit))
            if not is_of_unit:
                within[line.sheet] = unit if unit.is_under_seal else None
    for reader in units:
        reader.left_out()
    _tell_sums(sums, units)
    return units, rows_of([*others, *sums])


def _unit(line: SheetLine, directory: Directory, within: Unit | None, *, has_groups: bool) -> Unit:
    """The unit of the line: in the district of its column, of the text after its name, or `within`.

    With `has_groups`, it may also be a district or city. Raises `Unknown`.
    """
    code, name, above = line.text("code"), line.text("name"), line.text("district")
    among = directory.everyone if has_groups else directory.by_code
    if not (code or name):
        raise Unknown(_("The line names no unit."))
    if not (code or above or directory.knows(name)) and (both := WITH_SUPERIOR.fullmatch(name)):
        name, above = both.groups()
    district = directory.superior(above) if above else None
    if code:
        return directory.of_code(code, name, district, among)
    codes = directory.codes(name, among)
    if area := district or within:
        inside = {code for code in codes if among[code].path.startswith(area.path)} - {area.code}
        beside = [code in directory.superiors or among[code].parent_id == area.parent_id for code in codes]
        # The next group, or a district without communes that is listed below another.
        codes = inside or (codes if all(beside) and not district else set())
    unit = directory.only(name, codes)
    if unit is None:
        raise directory.unknown(name)
    return unit


def _tell_sums(sums: Sequence[LineReader], units: Sequence[LineReader]) -> None:
    """Say of each sum of the file what was read: of the units below its unit, since the last sum, or of the sheet."""
    below, so_far, since = Counter(), Counter(), Counter()  # by sheet, column and day; `below` also by superior
    lines = [(reader.line.number, False, reader) for reader in units] + [(one.line.number, True, one) for one in sums]
    for reader in units if sums else ():
        for about, value in _counted(reader):
            below.update({(*about, code): value for code in reader.unit.codes})
    for _number, is_sum, reader in sorted(lines if sums else (), key=itemgetter(0)):
        if not is_sum:
            for about, value in _counted(reader):
                so_far[about] += value
                since[about] += value
            continue
        line = reader.line
        for key, total in _figures(line).items():
            place = line.sheet, key, "" if line.text("day") == line.total else line.text("day")
            read = [below[*place, reader.unit.code]] if reader.unit else [since[place], so_far[place]]
            nearest = min(read, key=lambda value: abs(value - total))
            words = _("Cell %(cell)s (%(unit)s, %(what)s): the sum of the file is %(given)s, read were %(read)s.")
            about = {"cell": line.where(key), "unit": reader.called, "what": line.title(key)}
            about |= {"given": formatting.number(total), "read": formatting.number(nearest)}
            reader.tell(key, RowOutcome.SUM, total, nearest, "" if nearest == total else words % about)
        if not reader.rows:
            reader.tell("name", RowOutcome.LEFT_OUT, words=_("A line of sums: it is left out."), what="")
        since.clear()


def _counted(reader: LineReader) -> Iterator[tuple[tuple, int]]:
    """The figures of a unit's line by sheet, column and day; for sums of all days also without the day."""
    for key, value in _figures(reader.line).items():
        for day in {"", reader.line.text("day")}:
            yield (reader.line.sheet, key, day), value


def _figures(line: SheetLine) -> dict[str, int]:
    """The figures of the line that can be read, by key."""
    found = {}
    for key in line.cells.keys() & {*line.numbers}:
        with suppress(BadCell):
            found[key] = figure(line.cells[key])
    return {key: value for key, value in found.items() if value is not None}
