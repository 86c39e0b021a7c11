"""The site of a request: the sealing unit above the signed-in person, or the top of the tree, with its office.

A middleware sets it for each request. Nothing is read before a page asks. Every page, paper and file takes the names of
the place from here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache, cached_property
from operator import attrgetter

from django.utils.translation import gettext as _

from . import clock, deadline
from .models import Office, Unit
from .models.levels import Level
from .models.units import named_line
from .text import unit_kinds


def usual_office(unit: Unit | None) -> Office:
    """The usual names: a province's department; below a province, an office of the People's Committee."""
    if unit is None:
        return Office()
    if unit.is_country:
        return Office(name=unit.full_name, short_name=unit.full_name, phone=unit.phone)
    committee = _("People's Committee, %(area)s") % {"area": f"{unit.kind or ''} {unit.name or unit.code}".strip()}
    if not unit.is_city:
        names = {"name": _("Culture and information office"), "short_name": committee, "symbol": "UBND"}
    else:
        name, short = _("Department of Information and Communications"), _("ICT department")
        names = {"name": name, "short_name": short, "symbol": "STTTT"}
    return Office(**names, managing=committee, phone=unit.phone)


class Site:
    """The names of a place. `unit` comes from `named()`; it is None while there are no units."""

    def __init__(self, unit: Unit | None):
        self.unit = unit
        self.kind = (unit.kind if unit else None) or ""  # "thành phố"; a country has none

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
        return f"{self.kind} {self.name}".strip()

    @property
    def top(self) -> str:
        """The kind of the unit that seals: "thành phố", "tỉnh", or for a country "tỉnh, thành phố"."""
        if self.level == Level.COUNTRY:
            return unit_kinds.level_words(Level.CITY, unit_kinds.OF_TOPS, count=1)
        return unit_kinds.level_words(self.level, [self.kind], count=1)

    @property
    def whole(self) -> str:
        """ "toàn thành phố"."""
        return unit_kinds.whole_unit(self.level, self.kind)

    @cached_property
    def own_office(self) -> Office | None:
        """The names that the office set last, in the one language that it uses; None if it set nothing."""
        office = Office.objects.filter(unit=self.unit).first() if self.unit else None
        if office and not office.phone:
            office.phone = self.unit.phone
        return office

    @property
    def office(self) -> Office:
        """The names that the office set, or else the usual ones."""
        return self.own_office or usual_office(self.unit)

    @property
    def head(self) -> str:
        """The line above all pages: managing body and office, "UBND TỈNH HÀ GIANG · SỞ TT&TT"."""
        office = self.office
        return " · ".join(words for words in dict.fromkeys((office.managing, office.short_name)) if words).upper()


_current: ContextVar[Callable[[], Site] | None] = ContextVar("site", default=None)


def current() -> Site:
    """The request's site; outside a request, that of the top of the tree today."""
    find = _current.get()
    return find() if find else top_site(deadline.reporting_day(clock.now()))


@contextmanager
def use_site(find: Callable[[], Site]) -> Iterator[None]:
    """Makes `current` return the site that `find` returns. `find` is called at most once."""
    token = _current.set(cache(find))
    try:
        yield
    finally:
        _current.reset(token)


def site_of(unit: Unit, day: date) -> Site:
    """The site of the sealing unit, which is `unit` or a superior; a country has a site of its own."""
    line = sorted(named_line(tuple(unit.codes), day, None).values(), key=attrgetter("path"))
    return Site(next((one for one in line if one.is_sealing), line[0]))


def top_site(day: date) -> Site:
    """The site of the top of the tree, for people who have not signed in."""
    found = Site(Unit.objects.tops().open_on(day).named(day).order_by("code").first())
    found.own_office  # noqa: B018 - reads it now: strangers' pages store the site for a minute
    return found
