"""Whose site it is: the unit that seals over the one who looks, or the top of the tree, and the office that runs it.

Like the language, it holds for a request: a middleware sets who looks, and nothing is read before a page asks.
No page, paper or file says the name of a place, or what its units are called, but by this.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from datetime import date
from functools import cache, cached_property
from operator import attrgetter

from django.db import connection
from django.utils.translation import gettext as _

from . import clock
from .hours import deadline
from .models import Unit
from .models.levels import Level
from .models.units import named_line
from .text import level_words


@dataclass(frozen=True, slots=True)
class OfficeNames:
    """What the office calls itself, where nothing was set up what such an office is usually called."""

    name: str  # "Sở Thông tin và Truyền thông"
    short_name: str  # "Sở TT&TT"
    managing: str  # "UBND tỉnh Hà Giang"; empty where none stands above
    symbol: str  # "STTTT", in the number of its papers
    phone: str


OF_AN_OFFICE = tuple(field.name for field in fields(OfficeNames))
# In SQL, for every page shows them: put together anew for each, the statement took fifty times what it takes itself.
SET_SQL = """
    SELECT o.name, o.short_name, o.managing, o.symbol, o.phone, e.digest
    FROM (SELECT 1) one
    LEFT JOIN (
        SELECT name, short_name, managing, symbol, phone FROM reporting_office WHERE unit_id = %(unit)s
        ORDER BY recorded_at DESC, id DESC LIMIT 1
    ) o ON TRUE
    LEFT JOIN (
        SELECT digest FROM reporting_emblem WHERE unit_id = %(unit)s ORDER BY recorded_at DESC, id DESC LIMIT 1
    ) e ON TRUE
"""


def usual_office(unit: Unit | None) -> OfficeNames:
    """The Department of Information and Communications of a province; below it, the People's Committee's office."""
    if unit is None:
        return OfficeNames("", "", "", "", "")
    if unit.is_country:
        return OfficeNames(unit.full_name, unit.full_name, "", "", unit.phone)
    committee = _("P.C. of %(area)s") % {"area": f"{unit.kind or ''} {unit.name or unit.code}".strip()}
    if not unit.is_city:
        return OfficeNames(_("Culture and information office"), committee, committee, "UBND", unit.phone)
    name, short = _("Department of Information and Communications"), _("ICT department")
    return OfficeNames(name, short, committee, "STTTT", unit.phone)


class Site:
    """The place as pages name it, of a unit named on the day; None while there are no units yet."""

    def __init__(self, unit: Unit | None, day: date):
        self.unit, self.day = unit, day

    @property
    def level(self) -> str:
        return self.unit.level if self.unit else Level.CITY

    @property
    def name(self) -> str:
        """ "Hải Phòng", without its kind."""
        return self.unit.name or self.unit.code if self.unit else ""

    @property
    def full_name(self) -> str:
        """ "Thành phố Hải Phòng"."""
        return self.unit.full_name if self.unit else ""

    @property
    def in_a_sentence(self) -> str:
        """ "thành phố Hải Phòng"."""
        return f"{self.unit.kind or ''} {self.name}".strip() if self.unit else ""

    @cached_property
    def kinds(self) -> dict[str, set[str]]:
        """By level the kinds of the units that are open on the day."""
        found = defaultdict(set)
        if self.unit:
            units = Unit.objects.below(self.unit).open_on(self.day).named(self.day)
            for level, kind in units.order_by().values_list("level", "kind").distinct():
                found[level].add(kind or "")
        return found

    def units(self, level: str, count: int = 2) -> str:
        return level_words.units(level, self.kinds[level], count=count)

    @property
    def top(self) -> str:
        """The unit that seals: "thành phố", "tỉnh", or "tỉnh, thành phố" for who stands above them."""
        if self.unit is None or self.unit.is_country:
            return self.units(Level.CITY, 1)
        return level_words.units(self.level, [self.unit.kind or ""], count=1)

    @property
    def whole(self) -> str:
        """ "toàn thành phố"."""
        return level_words.whole(self.level, (self.unit.kind if self.unit else "") or "")

    @property
    def districts(self) -> str:
        return self.units(Level.DISTRICT)

    @property
    def district(self) -> str:
        return self.units(Level.DISTRICT, 1)

    @property
    def communes(self) -> str:
        return self.units(Level.COMMUNE)

    @property
    def commune(self) -> str:
        return self.units(Level.COMMUNE, 1)

    @cached_property
    def _set(self) -> dict[str, str | None]:
        """What the office has set: its newest names, and the digest of its newest emblem; one query for both."""
        if self.unit is None:
            return dict.fromkeys((*OF_AN_OFFICE, "emblem"))
        with connection.cursor() as cursor:
            cursor.execute(SET_SQL, {"unit": self.unit.pk})
            return dict(zip((*OF_AN_OFFICE, "emblem"), cursor.fetchone(), strict=True))

    @property
    def own_office(self) -> OfficeNames | None:
        """What the office has set as its names, in the one language that it has them; None if nothing was set."""
        found = {key: self._set[key] for key in OF_AN_OFFICE}
        if found["name"] is None:
            return None
        return OfficeNames(**found | {"phone": found["phone"] or self.unit.phone})

    @property
    def emblem(self) -> str:
        """The digest of the picture beside the office's name; empty without one."""
        return self._set["emblem"] or ""

    @property
    def office(self) -> OfficeNames:
        """The same, or what such an office is usually called."""
        return self.own_office or usual_office(self.unit)

    @property
    def head(self) -> str:
        """The line above all pages: the body above, and the office; "UBND TỈNH HÀ GIANG · SỞ TT&TT"."""
        office = self.office
        return " · ".join(words for words in dict.fromkeys((office.managing, office.short_name)) if words).upper()


_holding: ContextVar[Callable[[], Site] | None] = ContextVar("site", default=None)


def current() -> Site:
    """Of the request that is being answered; outside of one, of the top of the tree as things stand."""
    found = _holding.get()
    return found() if found else of_the_top(deadline.reporting_day(clock.now()))


@contextmanager
def holding(find: Callable[[], Site]) -> Iterator[None]:
    """Within, `current` is what `find` finds when it is first asked."""
    token = _holding.set(cache(find))
    try:
        yield
    finally:
        _holding.reset(token)


def over(unit: Unit, day: date) -> Site:
    """Of the unit that seals over `unit`, or the country where it is that or above."""
    line = sorted(named_line(tuple(unit.codes), day, None).values(), key=attrgetter("path"))
    return Site(next((one for one in line if one.is_sealing), line[0]), day)


def of_the_top(day: date) -> Site:
    """Of the unit at the top of the tree: for who has not signed in."""
    return Site(Unit.objects.tops().open_on(day).named(day).order_by("code").first(), day)
