"""Whose site it is: the unit that seals over the one who looks, or the top of the tree, and the office that runs it.

Like the language, it holds for a request: a middleware sets who looks, and nothing is read before a page asks.
No page, paper or file says the name of a place, or what its units are called, but by this.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache, cached_property
from operator import attrgetter

from django.utils.translation import gettext as _

from . import clock
from .hours import deadline
from .models import Office, Unit
from .models.levels import Level
from .models.units import named_line
from .text import level_words


def usual_office(unit: Unit | None) -> Office:
    """What such an office is usually called: a department of a province; below it, the People's Committee's office."""
    if unit is None:
        return Office()
    if unit.is_country:
        return Office(name=unit.full_name, short_name=unit.full_name, phone=unit.phone)
    committee = _("P.C. of %(area)s") % {"area": f"{unit.kind or ''} {unit.name or unit.code}".strip()}
    if not unit.is_city:
        names = {"name": _("Culture and information office"), "short_name": committee, "symbol": "UBND"}
    else:
        name, short = _("Department of Information and Communications"), _("ICT department")
        names = {"name": name, "short_name": short, "symbol": "STTTT"}
    return Office(**names, managing=committee, phone=unit.phone)


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
    def own_office(self) -> Office | None:
        """The office's names as it set them last, in the one language that it has them; None if nothing was set."""
        office = Office.objects.filter(unit=self.unit).first() if self.unit else None
        if office and not office.phone:
            office.phone = self.unit.phone
        return office

    @property
    def office(self) -> Office:
        """The office's own names, or what such an office is usually called."""
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
