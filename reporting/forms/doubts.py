"""Numbers that cannot be, and numbers that are usually a mistake: asked about before they are taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ..figures.standings import Standing
from ..models import Unit
from ..text.formatting import number

SMALL_TOTAL = 50  # a number up to this is not taken for a total
SMALL_NUMBER = 10  # nor is one up to this ever called unusual, however quiet the days before
STAMP_LIFE = timedelta(minutes=10)
STAMP_SALT = "reporting.first-arrival"


def more_than(unit: Unit, population: int) -> ValidationError:
    """More installs than the unit has people: never taken."""
    message = (
        _("More than the %(population)s staff of the unit. Check the number.")
        if unit.is_agency
        else _("More than the %(population)s people of the unit. Check the number.")
    )
    return ValidationError(message % {"population": number(population)}, code="more_than_population")


def is_like_a_total(installs: int, before: int) -> bool:
    """Whether a number typed as the day's looks like the cumulative: 80 % of what is installed so far, or more."""
    return installs > SMALL_TOTAL and before > 0 and installs * 5 >= before * 4


def questions(
    unit: Unit, standing: Standing, *, installs: int, opening: int = 0, is_total: bool = False, days: int = 1
) -> list[str]:
    """What is asked before `installs` of the day is taken.

    `is_total` when it was computed from a cumulative; `days` that it covers, those missed before included.
    """
    before = standing.cumulative_before + opening
    adjustment = standing.report.adjustment if standing.report else 0
    population = standing.base.population if standing.base else None
    total, asked = before + adjustment + installs, []
    if not is_total and is_like_a_total(installs, before):
        asked.append(
            _("%(installs)s is close to or above the %(before)s installed so far: is it the total, not the day's?")
            % {"installs": number(installs), "before": number(before)}
        )
    if population and total > population:
        asked.append(
            (
                _("The total of %(total)s would be more than the %(population)s staff of the unit.")
                if unit.is_agency
                else _("The total of %(total)s would be more than the %(population)s people of the unit.")
            )
            % {"total": number(total), "population": number(population)}
        )
    if standing.mean is not None and installs > SMALL_NUMBER and installs > standing.mean * 5 * days:
        asked.append(
            _("%(installs)s is more than five times the usual %(mean)s a day of the last reported days.")
            % {"installs": number(installs), "mean": number(round(standing.mean))}
        )
    return asked


def same_as_returned() -> str:
    return _("These are the very figures that were returned. If they are right, send them all the same and explain.")


def stamp(payload: dict, at: datetime) -> str:
    """Proof that these figures first arrived at `at`."""
    return signing.dumps({**payload, "arrived_at": at.isoformat()}, salt=STAMP_SALT)


def first_arrival(stamped: str, payload: dict, *, at: datetime) -> datetime:
    """A question answered within ten minutes counts from the first time the very same figures arrived."""
    try:
        known = signing.loads(stamped or "", salt=STAMP_SALT)
        first = datetime.fromisoformat(known.pop("arrived_at"))
    except (signing.BadSignature, ValueError, KeyError, AttributeError):
        return at
    return first if known == payload and timedelta(0) <= at - first <= STAMP_LIFE else at
