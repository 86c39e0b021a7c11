"""Reminders to the units below, and their difficulties, which a superior sends up to the city."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from ..days import state
from ..figures import rollup
from ..figures.query import last_by
from ..models import PassedUp, Reminder, Report, Revision, Unit, User
from ..permissions import Act
from ..text import formatting
from . import locking
from .refusals import Refusal, ensure_clerk_may, ensure_may

REMINDED_AGAIN_AFTER = timedelta(minutes=10)


def remind(*, units: Iterable[Unit], day: date, by: User, at: datetime) -> list[Reminder]:
    """Record and return a reminder for each unit that had none in the last ten minutes.

    Raises `NotAllowed`, and `Refusal` if all units were reminded within ten minutes.
    """
    with transaction.atomic():
        chosen = Unit.objects.filter(pk__in=[unit.pk for unit in units])
        locked = list(chosen.select_for_update(no_key=True).order_by("pk"))
        states = state.day_states(locked, day, at=at)
        for unit in locked:
            ensure_may(by, unit, Act.REMIND, states[unit.pk])
        lately = Reminder.objects.filter(unit__in=locked, day=day, at__gt=at - REMINDED_AGAIN_AFTER)
        fresh = {reminder.unit_id: reminder for reminder in lately.select_related("by")}
        to_remind = [unit for unit in locked if unit.pk not in fresh]
        if fresh and not to_remind:
            last = max(fresh.values(), key=attrgetter("at"))
            words = _("%(name)s sent a reminder at %(hour)s. Wait at least ten minutes between two reminders.")
            raise Refusal(words % {"hour": formatting.hour(last.at), "name": last.by.display_name})
        return Reminder.objects.bulk_create(Reminder(unit=unit, day=day, by=by, at=at) for unit in to_remind)


def pass_up(*, unit: Unit, day: date, reports: Iterable[Report], by: User, at: datetime) -> None:
    """Send the difficulties in reports of units right below up to the city, unless the same words were sent already.

    Raises `NotAllowed`.
    """
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        ensure_clerk_may(by, unit, Act.PASS_UP, state.superior_phase(unit, day, at=at))
        known_at = locking.known_from(at)
        chosen = Report.objects.filter(pk__in=[report.pk for report in reports], unit__parent=unit, day=day)
        sent = {pk: last.note for pk, last in last_sent_up(PassedUp.objects.filter(report__in=chosen)).items()}
        new = [report for report in chosen.exclude(note="") if sent.get(report.pk) != report.note]
        PassedUp.objects.bulk_create(PassedUp(report=report, by=by, at=known_at) for report in new)


@dataclass(frozen=True)
class SentUp:
    """The words of a report when they were last sent up."""

    at: datetime
    note: str


def last_sent_up(sent: QuerySet[PassedUp]) -> dict[int, SentUp]:
    """The words that were last sent up, by report key, even if the report was rewritten since."""
    steps = Revision.objects.filter(report=OuterRef("report"), counted_at__lte=OuterRef("at")).order_by("-number")
    words = sent.annotate(note=Subquery(steps.values("note")[:1])).order_by("at", "pk")
    last = {report_id: SentUp(at, note) for report_id, at, note in words.values_list("report_id", "at", "note")}
    return {report_id: sent_last for report_id, sent_last in last.items() if sent_last.note}


@dataclass(frozen=True)
class Difficulty:
    """A difficulty in a unit's report of the day. One that was sent up has the words that were sent."""

    superior: rollup.Row | None  # which sent it up; None for a unit right below
    row: rollup.Row
    note: str
    passed_up_at: datetime | None
    is_rewritten: bool = False  # after it was sent up


def day_difficulties(figures: rollup.DayRollup) -> list[Difficulty]:
    """The difficulties of the rollup's day, as of its instant: of the units right below, then what districts sent up.

    Nobody sends difficulties up to a country.
    """
    reports = {code: report for code, *report in _reports_with_words(figures)}
    sent = last_sent_up(_sent(figures)) if any(was_sent for *_report, was_sent in reports.values()) else {}
    difficulties = []
    for superior in [None, *figures.below(figures.unit_code)]:
        for row in figures.below(superior.code if superior else figures.unit_code):
            if row.code not in reports:
                continue
            note, report_id, installs, _was_sent = reports[row.code]
            last = sent.get(report_id)
            words = note if superior is None else last.note if last else ""
            if words and installs is not None:
                is_rewritten = last is not None and last.note != note
                difficulties.append(Difficulty(superior, row, words, last.at if last else None, is_rewritten))
    return difficulties


def _sent(figures: rollup.DayRollup) -> QuerySet[PassedUp]:
    sent = PassedUp.objects.filter(_below(figures.unit_code), report__day=figures.day)
    return sent if figures.as_of is None else sent.filter(at__lte=figures.as_of)


def _reports_with_words(figures: rollup.DayRollup) -> QuerySet:
    """The reports with words one or two levels below: unit code, words, key, installs and whether they were sent."""
    daily = {"report__day": figures.day, "report__kind": Report.Kind.DAILY}
    revisions = Revision.objects.filter(_below(figures.unit_code), **daily)
    newest = last_by(revisions, figures.as_of) if figures.as_of else revisions.filter(number=F("report__version"))
    newest = newest.annotate(was_sent=Exists(PassedUp.objects.filter(report=OuterRef("report")))).order_by()
    with_words = newest.filter(~Q(note="") | Q(was_sent=True))
    return with_words.values_list("report__unit__code", "note", "report_id", "installs", "was_sent")


def _below(code: str) -> Q:
    return Q(report__unit__parent__code=code) | Q(report__unit__parent__parent__code=code)
