"""A day counted by itself and in a later report: who meets the collision says which of the two gives way."""

from dataclasses import replace
from datetime import date

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from ..days import state
from ..figures import rules, standings
from ..figures.rules import Covered, Figures, ReportedAlone, Span
from ..hours.permissions import Act
from ..models import Report, Revision, Unit
from ..text import formatting
from .demands import demand
from .write import Stamp, write


def settle(unit: Unit, day: date, figures: Figures, apart: int | None, act: Act, stamp: Stamp) -> Figures:
    """The figures to store, once the answer about two figures that overlap is carried out.

    Inside the lock. `apart` is the version of the later report as it was shown, where it stands already; None without
    an answer. Whoever answers needs the right to `act` on its day. Raises `Covered` again when the later report has
    changed since it was shown, `NotAllowed`.
    """
    if apart is None:
        return figures
    stored = standings.stored(unit, day, says_a_total=figures.cumulative is not None)
    for collision in rules.collisions(stored, figures):
        match collision:
            case Covered(span=span):
                make_alone(unit, day, span, apart, act, stamp)
            case ReportedAlone():
                figures = replace(figures, covers_from=None, holds_from=None)
    return figures


def make_alone(unit: Unit, day: date, span: Span, version: int, act: Act, stamp: Stamp) -> None:
    """The later report becomes one of its own day alone, its number left as it is.

    It may be of a unit that this one has ended in; the lock reaches over its days too.
    """
    if span.version != version:
        raise Covered(span)
    whose = unit if span.unit_id is None else Unit.objects.get(pk=span.unit_id)
    demand(stamp.by, whose, act, state.day_state(whose, span.day, at=stamp.at))
    with translation.override(settings.LANGUAGE_CODE):  # kept as written, whatever the writer reads
        reason = _("the number is of its own day alone: %(day)s has a report of its own") % {"day": formatting.day(day)}
    stamp = replace(stamp, kind=Revision.Kind.CORRECTION, reason=reason, paper_ref="", paper_at=None)
    write(Report.objects.get(unit=whose, day=span.day), {"covers_from": None, "holds_from": None}, stamp)
