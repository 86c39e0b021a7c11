"""Finds the unit of each line by code or name, in the district that the file gives; checks lines of sums."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import lru_cache

from django.utils.translation import gettext as _

from ..models import Unit, UnitName
from ..models.levels import Level
from ..models.units import full_name
from ..text import names, parsing, unit_kinds
from ..text.unit_kinds import OF_COMMUNES, OF_DISTRICTS
from .columns import PROVINCE
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

    def __init__(self, units: Iterable[Unit], superiors: Iterable[Unit]):
        self.by_code = {unit.code: unit for unit in units}
        self.superiors = {unit.code: unit for unit in superiors}
        self.everyone = self.by_code | self.superiors
        self.suggestions = 0
        stored = UnitName.objects.filter(unit__code__in=self.everyone).order_by()
        self.by_name = defaultdict(set)  # code, kind and name with accents
        for code, kind, name in stored.values_list("unit__code", "kind", "name"):
            for text in (name, full_name(kind, name)):
                self.by_name[folded_words(text)].add((code, kind, names.sort_key(text)))

    @classmethod
    def of_units(
        cls, units: Iterable[Unit], is_meant: Callable[[Unit, bool], bool] = lambda _unit, is_superior: not is_superior
    ) -> Directory:
        """By default it has the units without units below; `is_meant` gets a unit and whether it has units below."""
        units = list(units)
        parents = {unit.parent_id for unit in units}
        superiors = [unit for unit in units if unit.pk in parents]
        return cls([unit for unit in units if is_meant(unit, unit.pk in parents)], superiors)

    def find(
        self, code: str, name: str, district: Unit | None = None, *, among: Mapping[str, Unit] | None = None
    ) -> Unit:
        """The unit, by default not one of the superiors. Raises `Unknown`; its text lists the candidates if several."""
        among = self.by_code if among is None else among
        unit = self.coded(code, among) if code else self.named(name, among, district)
        if unit is None:
            words = _("There is no unit with the code “%(code)s”.") % {"code": code[:50]}
            raise Unknown(words if code else self._unknown(name, district))
        is_of_name = not name or unit.code in self.codes(name, among)
        if code and not (is_of_name and (not district or unit.path.startswith(district.path))):
            words = _("Code %(code)s is that of %(unit)s, not of “%(name)s”.")
            other = district.full_name if is_of_name else name[:100]
            raise Unknown(words % {"code": code, "unit": self.described(unit), "name": other})
        return unit

    def knows(self, text: str) -> bool:
        """Whether the text is a code or a name of at least one unit."""
        return text.upper() in self.by_code or bool(self.codes(text, self.by_code))

    def _unknown(self, name: str, district: Unit | None) -> str:
        """The error, with similar names."""
        words = _("There is no unit with the name “%(name)s”.") % {"name": name[:100]}
        self.suggestions += 1
        if len(name) > LONGEST_NAME or self.suggestions > MOST_SUGGESTIONS:
            return words
        near = get_close_matches(folded_words(readings(name)[-1][1]), self.by_name, n=3, cutoff=0.75)
        codes = {code for similar in near for code, _kind, _exact in self.by_name[similar] if code in self.by_code}
        units = [u for u in map(self.by_code.get, sorted(codes)) if not district or u.path.startswith(district.path)]
        if not units:
            return words
        return f"{words} " + _("Did you mean %(units)s?") % {"units": ", ".join(map(self.described, units[:3]))}

    def coded(self, code: str, among: Mapping[str, Unit]) -> Unit | None:
        """The unit of a code that may lack its leading zeros. Raises `Unknown` if several match."""
        if code.upper() in among or not code.isdecimal():
            return among.get(code.upper())
        bare = code.lstrip("0")
        return self._only(code, [known for known in among if known.isdecimal() and known.lstrip("0") == bare], among)

    def named(self, name: str, among: Mapping[str, Unit], district: Unit | None = None) -> Unit | None:
        """The only one of the units that the text may name, or None. Raises `Unknown` if there are several."""
        codes = self.codes(name, among)
        if district:
            codes = {code for code in codes if among[code].path.startswith(district.path)}
        return self._only(name, codes, among)

    def _only(self, text: str, codes: Collection[str], among: Mapping[str, Unit]) -> Unit | None:
        units = [among[code] for code in sorted(codes)]
        if len(units) > 1:
            words = _("“%(name)s” may be %(units)s: give the code or the unit above.")
            raise Unknown(words % {"name": text[:100], "units": ", ".join(map(self.described, units[:6]))})
        return units[0] if units else None

    def superior(self, text: str) -> Unit | None:
        """The district or city with that code or name, or None. Raises `Unknown` if several match."""
        return self.coded(text, self.superiors) or self.named(text, self.superiors)

    def codes(self, text: str, among: Mapping[str, Unit]) -> set[str]:
        """The codes of the units that the text may name. The same accents count first, then the same kind."""
        found = defaultdict(set)
        for written_kind, name in readings(text) if len(text) <= LONGEST_NAME else ():
            for code, kind, exact in self.by_name.get(folded_words(name), ()):
                if code in among and (not written_kind or _is_same_level(written_kind, kind)):
                    found[exact == names.sort_key(name), written_kind in ("", kind)].add(code)
        return found[max(found)] if found else set()

    def described(self, unit: Unit) -> str:
        above = self.superiors.get(unit.codes[-2]) if len(unit.codes) > 1 else None
        return f"{unit.full_name} ({above.full_name}, {unit.code})" if above else f"{unit.full_name} ({unit.code})"


def _is_same_level(kind: str, other: str) -> bool:
    """Whether units of both kinds may be confused: a ward may be called a commune, not a district."""
    return kind == other or any({kind, other} <= {*level} for level in (OF_COMMUNES, OF_DISTRICTS))


def resolve(table: Table, directory: Directory, *, has_groups: bool = True) -> tuple[list[LineReader], list[Row]]:
    """A reader for each line of a unit, and the rows for all other lines. `has_groups`: a district's line is a sum."""
    readers, sums, others = [], [], []
    for reader in _readers(table, directory, has_groups=has_groups):
        is_sum = reader.line.total or (reader.unit and reader.unit.code not in directory.by_code)
        if is_sum or reader.unit or reader.rows:
            (others if reader.rows else sums if is_sum else readers).append(reader)
    _refuse_namesakes(readers if has_groups else (), directory)
    for reader in readers:
        reader.left_out()
    _tell_sums(sums, readers)
    return readers, rows_of([*others, *sums])


def _readers(table: Table, directory: Directory, *, has_groups: bool) -> Iterator[LineReader]:
    """A reader for each line, with its unit, district or city; without a known unit, its rows say so."""
    cities = {code: unit for code, unit in directory.everyone.items() if unit.level == Level.CITY}
    within: dict[int, Unit | None] = {}  # the district of the last group, by sheet
    for line in table.lines:
        said, reader = directory.superiors.get(line.within), LineReader(line, line.label)
        key = "code" if line.text("code") else "name"
        if line.total and not directory.knows(line.text("name")):
            pass
        elif PROVINCE in line.letters and not {"code", "name"} & line.letters.keys():
            if city := directory.named(line.text(PROVINCE), cities):
                reader = LineReader(line, unit=city)
            else:
                words = _("Another province: the line is left out.")
                reader.tell(PROVINCE, RowOutcome.LEFT_OUT, words=words, what="")
        else:
            line.total = ""
            try:
                unit = _unit(line, directory, said or within.get(line.sheet), has_groups=has_groups)
                reader = LineReader(line, unit=unit)
                if unit.code not in directory.by_code:
                    within[line.sheet] = unit if unit.is_under_seal else None
            except Unknown as error:
                if not line.numbers or any(is_number(line.cells.get(number)) for number in line.numbers):
                    reader.refuse(key, str(error), what="")
                elif line.label:  # the head of a group, or a signature
                    words = _("No unit and no figure: the line is left out.")
                    reader.tell(key, RowOutcome.LEFT_OUT, words=words, what="")
                    within[line.sheet] = None  # it may head another district's group
        yield reader


def _unit(line: SheetLine, directory: Directory, within: Unit | None, *, has_groups: bool) -> Unit:
    """The unit of the line: in the district of its column, of the text after its name, or `within`.

    With `has_groups`, it may also be a district or city. Raises `Unknown`.
    """
    code, name, above = line.text("code"), line.text("name"), line.text("district")
    if not {"code", "name"} & line.letters.keys() and not code and above:
        unit = directory.superior(above)
        if unit is None:
            raise Unknown(_("There is no superior unit with the name “%(name)s”.") % {"name": above[:100]})
        return unit
    if not (code or name):
        raise Unknown(_("The line names no unit."))
    if has_groups and not (code or above or within) and (unit := directory.named(name, directory.everyone)):
        return unit  # "An Lão" alone may be the town or its district
    if not above and not directory.knows(name) and (both := WITH_SUPERIOR.fullmatch(name)):
        name, above = both.groups()
    district = directory.superior(above) if above else within
    if above and district is None:
        raise Unknown(_("There is no superior unit with the name “%(name)s”.") % {"name": above[:100]})
    with suppress(Unknown):
        unit = directory.find(code, name)
        is_beside = within and unit.parent_id == within.parent_id  # a district without communes, listed below another
        if not above and (is_beside or not within):
            return unit
    try:
        return directory.find(code, name, district if above or not code else None)
    except Unknown:
        with suppress(Unknown):
            if has_groups and (code or not directory.codes(name, directory.by_code)):
                return directory.find(code, name, district if above else None, among=directory.superiors)
        raise


def _refuse_namesakes(readers: Iterable[LineReader], directory: Directory) -> None:
    """Refuse “An Lão” where another line says “TT. An Lão”: it may be the line of the district of that name."""
    names_of = defaultdict(set)
    for reader in readers:
        names_of[reader.line.sheet, reader.unit.pk].add(folded_words(reader.line.text("name")))
    for reader in readers:
        if len(names_of[reader.line.sheet, reader.unit.pk]) > 1 and not reader.line.text("code"):
            try:
                district = directory.superiors.get(reader.unit.codes[-2])
                directory.named(reader.line.text("name"), directory.everyone, district)
            except Unknown as error:
                reader.refuse("name", str(error), what="")


def _tell_sums(sums: Sequence[LineReader], readers: Sequence[LineReader]) -> None:
    """Say of each sum of the file what was read: of the units below its unit, since the last sum, or of the sheet."""
    below: Counter = Counter()  # by sheet, column, day and code of a unit or superior
    running = defaultdict(lambda: ([0], [0]))  # by sheet, column and day: numbers of lines, and sums up to each
    for reader in readers if sums else ():
        for key, value in _figures(reader.line).items():
            for day in {"", reader.line.text("day")}:
                about = (reader.line.sheet, key, day)
                below.update({(*about, code): value for code in reader.unit.codes})
                numbers, so_far = running[about]
                numbers.append(reader.line.number)
                so_far.append(so_far[-1] + value)
    since = 0
    for reader in sums:
        line = reader.line
        day = "" if line.text("day") == line.total else line.text("day")
        for key, total in _figures(line).items():
            numbers, so_far = running[line.sheet, key, day]
            first, last = (so_far[bisect(numbers, number) - 1] for number in (since, line.number))
            read = [below[line.sheet, key, day, reader.unit.code]] if reader.unit else [last - first, so_far[-1]]
            nearest = min(read, key=lambda value: abs(value - total))
            words = "" if nearest == total else _("The sum of the file differs from what was read.")
            reader.tell(key, RowOutcome.SUM, total, nearest, words)
        if not reader.rows:
            reader.tell("name", RowOutcome.LEFT_OUT, words=_("A line of sums: it is left out."), what="")
        since = line.number


def _figures(line: SheetLine) -> dict[str, int]:
    """The figures of the line that can be read, by key."""
    found = {}
    for key in line.cells.keys() & {*line.numbers}:
        with suppress(BadCell):
            found[key] = figure(line.cells[key])
    return {key: value for key, value in found.items() if value is not None}
