"""Which unit a line speaks of: by its code, or by its name as people write it, within the district where one is given.

Only the units that the person may import for are known here: of any other nothing is said but that it is unknown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches

from django.utils.translation import gettext as _

from ..models import Unit, UnitName
from ..models.units import full_name
from ..text import names, unit_kinds

# Kinds as offices write and shorten them, folded.
KINDS = {
    names.fold(written).removesuffix("."): kind for kind, short in unit_kinds.SHORT.items() for written in (kind, short)
}
COMMUNES = {names.fold(kind) for kind in unit_kinds.OF_COMMUNES}
DISTRICTS = {names.fold(kind) for kind in unit_kinds.OF_DISTRICTS}
LONGEST_FIRST = sorted(KINDS, key=len, reverse=True)
KIND = re.compile(r"(?:ubnd\s+)?(" + "|".join(LONGEST_FIRST) + r")(?:\.\s*|\s+)(?=\S)")


def readings(text: str) -> list[tuple[str, str, str]]:
    """The ways to read a text, as a whole and without what looks like its kind.

    Each with the kind, and the rest with accents and without.
    """
    loose = names.fold(text)
    read = [("", names.sort_key(text), loose)]
    if found := KIND.match(loose):
        words = found[0].count(" ") + ("." in found[0] and not found[0].endswith(" "))
        rest = re.split(r"[.\s]+", text.strip(), maxsplit=max(words, 1))[-1]
        read.append((names.fold(KINDS[found[1]]), names.sort_key(rest), loose[found.end() :]))
    return read


class Unknown(Exception):
    """No unit, or more than one: the exception's text says which."""


class Directory:
    """The units that a file may speak of, found under every name they have or had."""

    def __init__(self, units: Iterable[Unit], superiors: Iterable[Unit]):
        self.by_code = {unit.code: unit for unit in units}
        self.superiors = {unit.code: unit for unit in superiors}
        everyone = self.by_code | self.superiors
        self.by_exact, self.by_loose = defaultdict(set), defaultdict(set)
        known_as = UnitName.objects.filter(unit__code__in=everyone).order_by().values_list("unit__code", "kind", "name")
        self.kinds, self.longest = defaultdict(set), 0
        for code, kind, name in known_as:
            self.kinds[code].add(names.fold(kind))
            self.longest = max(self.longest, len(full_name(kind, name)) + len("UBND thành phố "))
            for text in {name, full_name(kind, name)}:
                self.by_exact[names.sort_key(text)].add(code)
                self.by_loose[names.fold(text)].add(code)

    def find(self, code: str, name: str, district: Unit | None = None) -> Unit:
        """The unit of a line. Raises `Unknown`, with the candidates where there are several."""
        if code:
            found = self.coded(code, self.by_code)
            if found is None:
                raise Unknown(_("There is no unit with the code “%(code)s”.") % {"code": code[:50]})
            if name and found.code not in self._codes(name, self.by_code):
                raise Unknown(
                    _("Code %(code)s is that of %(unit)s, not of “%(name)s”.")
                    % {"code": code, "unit": found.full_name, "name": name[:100]}
                )
            return found
        candidates = self._codes(name, self.by_code)
        if district is not None:
            candidates = {c for c in candidates if self.by_code[c].path.startswith(district.path)}
        if not candidates:
            raise Unknown(self._unknown(name, district))
        if len(candidates) > 1:
            raise self._asked(name, candidates, self.by_code)
        return self.by_code[candidates.pop()]

    def _unknown(self, name: str, district: Unit | None) -> str:
        """That nobody is called so, and who is nearly called so."""
        words = _("There is no unit with the name “%(name)s”.") % {"name": name[:100]}
        if len(name) > self.longest:
            return words
        _kind, _exact, bare = readings(name)[-1]
        near = get_close_matches(bare, self.by_loose, n=3, cutoff=0.75)
        codes = {code for found in near for code in self.by_loose[found] if code in self.by_code}
        units = [u for u in map(self.by_code.get, sorted(codes)) if not district or u.path.startswith(district.path)]
        if not units:
            return words
        return f"{words} " + _("Did you mean %(units)s?") % {"units": ", ".join(map(self._described, units[:3]))}

    def coded(self, code: str, among: dict[str, Unit]) -> Unit | None:
        """The unit of a code, also of one whose zeros Excel has dropped. Raises `Unknown` where it may be two."""
        if code.upper() in among or not code.isdecimal():
            return among.get(code.upper())
        found = [known for known in among if known.isdecimal() and known.lstrip("0") == code.lstrip("0")]
        if len(found) > 1:
            words = _("Code “%(code)s” may be %(codes)s: write it with its zeros.")
            raise Unknown(words % {"code": code[:50], "codes": ", ".join(sorted(found))})
        return among[found[0]] if found else None

    def superior(self, text: str) -> Unit | None:
        """The district or city that the text names; None if it is neither. Raises `Unknown` where it may be two."""
        if by_code := self.coded(text, self.superiors):
            return by_code
        found = self._codes(text, self.superiors)
        if len(found) > 1:
            raise self._asked(text, found, self.superiors)
        return self.superiors[found.pop()] if found else None

    def _asked(self, name: str, candidates: set[str], among: dict[str, Unit]) -> Unknown:
        listed = ", ".join(self._described(among[code]) for code in sorted(candidates)[:6])
        words = _("“%(name)s” may be %(units)s: give the code or the unit above.")
        return Unknown(words % {"name": name[:100], "units": listed})

    def _codes(self, text: str, among: dict[str, Unit]) -> set[str]:
        """With the accents as written if that names any, otherwise without; the kind decides where it can."""
        if len(text) > self.longest:
            return set()
        ways = readings(text)
        of_exact = [(kind, self.by_exact.get(exact, set())) for kind, exact, _loose in ways]
        of_loose = [(kind, self.by_loose.get(loose, set())) for kind, _exact, loose in ways]
        for kind, codes in of_exact + of_loose:
            found = codes & among.keys()
            of_kind = {code for code in found if kind in self.kinds[code]}
            if found := of_kind or {code for code in found if self._is_of_level(code, kind)}:
                return found
        return set()

    def _is_of_level(self, code: str, kind: str) -> bool:
        """A ward may be called a commune; the township Cát Hải is not the district of that name."""
        return not kind or any({kind} & level and self.kinds[code] & level for level in (COMMUNES, DISTRICTS))

    def _described(self, unit: Unit) -> str:
        above = self.superiors.get(unit.codes[-2]) if len(unit.codes) > 1 else None
        return f"{unit.full_name} ({above.full_name}, {unit.code})" if above else f"{unit.full_name} ({unit.code})"
