"""Doubtful figures sent before the deadline: the person who sent them last may confirm them after it.

For each unit and day only the last set of figures sent before the deadline is stored, whoever sent it. So nobody can
choose among several after the deadline. The revision keeps the time of the confirmation in `confirmed_at`.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta

from ..days.other_records import other_records
from ..figures.rules import SentFigures
from ..models import Report, Seal, UnconfirmedReport, Unit, User
from .store import Stamp

CONFIRMED_WITHIN = timedelta(minutes=10)
FORGOTTEN = timedelta(days=1)


def store_unconfirmed(unit: Unit, day: date, by: User, answers: Sequence[SentFigures], *, at: datetime) -> None:
    """Store doubtful figures that arrived before the deadline, in place of earlier ones.

    `answers` are the figures as sent and, if the form offered to read the number as the total, those too.
    """
    UnconfirmedReport.objects.filter(sent_at__lt=at - FORGOTTEN).delete()
    values = {"by": by, "sent_at": at, "figures": [_as_json(answer) for answer in answers]}
    stored, is_new = UnconfirmedReport.objects.get_or_create(unit=unit, day=day, defaults=values)
    if not is_new:
        UnconfirmedReport.objects.filter(pk=stored.pk, sent_at__lte=at).update(**values)


def delete_unconfirmed(unit: Unit, day: date, *, at: datetime) -> None:
    """Delete the stored figures: something else was sent before the deadline, so they cannot be confirmed."""
    if other_records(unit, day, at=at).has_unconfirmed:
        UnconfirmedReport.objects.filter(unit=unit, day=day, sent_at__lte=at).delete()


def find_sent(
    unit: Unit, day: date, by: User | None, figures: SentFigures, *, at: datetime
) -> UnconfirmedReport | None:
    """The stored figures that are confirmed if `figures` arrive at `at`."""
    stored = open_question(unit, day, by, at=at)
    return stored if stored and _as_json(figures) in stored.figures else None


def open_question(unit: Unit, day: date, by: User | None, *, at: datetime) -> UnconfirmedReport | None:
    """What the person was asked about within ten minutes, for a day with no report and no seal."""
    stored = UnconfirmedReport.objects.filter(unit=unit, day=day, by=by, sent_at__gte=at - CONFIRMED_WITHIN).first()
    if stored is None or stored.sent_at > at:
        return None
    is_reported = Report.objects.filter(unit=unit, day=day, installs__isnull=False).exists()
    is_sealed = Seal.objects.filter(unit__code__in=unit.codes, day=day).exists()
    return None if is_reported or is_sealed else stored


def stamp_as_sent(stamp: Stamp, unit: Unit, day: date, figures: SentFigures) -> Stamp:
    """The stamp, with the earlier arrival if `figures` confirm stored ones. Call it inside the lock."""
    stored = find_sent(unit, day, stamp.by, figures, at=stamp.at)
    return replace(stamp, at=stored.sent_at, confirmed_at=stamp.at) if stored else stamp


def _as_json(figures: SentFigures) -> dict:
    if figures.cumulative is not None:  # the act finds the days that a total covers, so they are not compared
        figures = replace(figures, covers_from=None)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(figures).items()}
