"""Where and from when a unit may be added: the same rules for imports and reorganisations.

No unit lies below a unit that reports. Once the campaign has begun, a unit opens after the day it is recorded, so
past days keep their figures.
"""

import re
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from ..days import hours_in_force
from ..models import Report, Unit
from ..models.levels import NOBODY_BELOW, Level
from ..models.units import CODE_PATTERN, full_name
from ..text.characters import is_printable
from ..text.formatting import day as written_day

LONGEST = {"code": 20, "name": 150, "kind": 30, "phone": 30}  # characters
CENSUS_DAY = date(2019, 4, 1)
FROM_THE_TOP = [Level.COUNTRY, Level.CITY, Level.DISTRICT, Level.COMMUNE]  # with residents


def has_begun(today: date) -> bool:
    """Whether the campaign has begun: a unit opened earlier would change figures of past days."""
    start = hours_in_force.campaign_start()
    return start is not None and start <= today


def first_day(today: date) -> date:
    """The earliest day for a new unit: tomorrow; before the campaign begins, the day of the census."""
    return today + timedelta(days=1) if has_begun(today) else CENSUS_DAY


def code_problem(code: str) -> str:
    """Why a text is not a valid code; empty if it is. Whether it is taken is not checked."""
    if re.match(CODE_PATTERN, code):
        return ""
    words = _("“%(code)s” is not a code: use digits, capital letters and, after the first, “-” and “.”.")
    return words % {"code": code}


def text_problem(line: object) -> str:
    """Why the line's texts cannot be stored; empty if they can. Invisible characters would make names look equal."""
    for column, limit in LONGEST.items():
        text = getattr(line, column)
        if len(text) > limit:
            return _("the text in %(column)s is too long.") % {"column": column}
        if not is_printable(text):
            return _("the text in %(column)s contains an invisible character.") % {"column": column}
    return ""


class Places:
    """The units on the day when new ones open."""

    def __init__(self, day: date):
        self.day = day
        self.units = {unit.code: unit for unit in Unit.objects.named(day).select_related("parent")}
        self.start = hours_in_force.campaign_start()
        self.superiors = {
            unit.parent.code for unit in self.units.values() if unit.parent is not None and unit.is_open_on(day)
        }

    def day_problem(self, today: date) -> str:
        """Why no unit recorded today can open on the day; empty if one can."""
        if self.day > today or self.start is None or self.start > today:
            return ""
        words = _("a new unit opens on %(day)s at the earliest: the days before keep their figures.")
        return words % {"day": written_day(today + timedelta(days=1))}

    def problem(self, level: str, superior: Unit | None, *, above: str, called: str) -> str:
        """Why no unit of the level can be put below another; empty if one can.

        `superior` is None if it opens on the same day, `above` is its level, `called` its name.
        """
        if superior is not None:
            if problem := self.standing_problem(superior):
                return problem
            if self.reports(superior):
                return _("%(superior)s reports for itself: no unit can be put below it.") % {"superior": called}
        return level_problem(level, above=above, called=called)

    def standing_problem(self, unit: Unit) -> str:
        """Why a unit cannot take part in a change on the day; empty if it can."""
        if unit.closed_on:
            words = _("%(unit)s is closed, or will be, on %(day)s.")
            return words % {"unit": name_and_code(unit), "day": written_day(unit.closed_on)}
        return "" if unit.is_open_on(self.day) else self.opened_only(unit)

    def opened_only(self, unit: Unit) -> str:
        words = _("%(unit)s opens on %(day)s.")
        return words % {"unit": name_and_code(unit), "day": written_day(unit.opened_on)}

    def reports(self, unit: Unit) -> bool:
        """Whether the unit itself has reports, or owed one the day before. Units below would displace its figures."""
        if unit.code in self.superiors:
            return False
        before = self.day - timedelta(days=1)
        is_asked = self.start is not None and self.start <= before and unit.is_open_on(before)
        return is_asked or Report.objects.filter(unit=unit).exists()


def level_problem(level: str, *, above: str, called: str) -> str:
    """Why a unit of the level cannot lie right below a unit of the level `above`; empty if it can."""
    if above in NOBODY_BELOW:
        return _("no unit can be put below %(superior)s.") % {"superior": called}
    if (level == Level.CITY) != (above == Level.COUNTRY):
        return _("only provinces and cities can be right below the country, and they cannot be anywhere else.")
    if level == Level.AGENCY or level in FROM_THE_TOP[FROM_THE_TOP.index(Level(above)) + 1 :]:
        return ""
    words = {"level": Level(level).label if level in Level.values else level, "superior": called}
    return _("“%(level)s” is not a level below %(superior)s.") % words


def name_and_code(named: Any) -> str:
    """Name and code of a unit or line, "Phường Cát Bi (11407)"; the code if it has no name on the day."""
    return f"{full_name(named.kind or '', named.name)} ({named.code})" if named.name else named.code
