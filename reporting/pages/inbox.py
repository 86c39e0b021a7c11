"""The inbox of a person: the notices of their own unit, and what the units below need.

`TASKS` lists what can wait: the inbox shows it, the header of every page shows how many there are, and the mail at the
deadline names some.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import product

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import ngettext_lazy

from .. import deadline
from ..days import hours_in_force, state
from ..days.other_records import NEWS_FOR, OtherRecords, other_records
from ..days.state import SuperiorDay
from ..deadline import DayHours, Phase
from ..models import (
    LateRequest,
    Message,
    Reminder,
    Reopening,
    Report,
    Revision,
    Seal,
    SignOff,
    Token,
    Unit,
    User,
)
from ..people import tokens
from ..text import formatting


@dataclass(frozen=True)
class Notices:
    """The notices of a unit, for all its days or for one."""

    reopenings: list[Reopening] = field(default_factory=list)  # in force: reopened, or returned to be corrected
    reminders: list[Reminder] = field(default_factory=list)  # today's, while it is unanswered
    waiting: list[LateRequest] = field(default_factory=list)
    decided: list[LateRequest] = field(default_factory=list)
    entered: list[Revision] = field(default_factory=list)  # what others entered or corrected for the unit
    ended: list[Unit] = field(default_factory=list)  # closed units that it answers for, named as on their last day

    def on_day(self, day: date) -> Notices:
        """The notices of one day."""
        return Notices(
            reopenings=[notice for notice in self.reopenings if notice.day == day],
            reminders=[notice for notice in self.reminders if notice.day == day],
            waiting=[notice for notice in self.waiting if notice.day == day],
            decided=[notice for notice in self.decided if notice.day == day],
            entered=[revision for revision in self.entered if revision.report.day == day],
        )

    @property
    def count(self) -> int:
        """The number of notices that ask for an act."""
        return len(self.reopenings) + len(self.reminders)

    def __bool__(self) -> bool:
        return any((self.reopenings, self.reminders, self.waiting, self.decided, self.entered, self.ended))


@dataclass
class ToConfirm:
    """A day that a superior has not confirmed, or whose confirmation was withdrawn."""

    unit: Unit
    day: date
    withdrawn: SignOff | None = None  # the last confirmation, withdrawn by a change or by hand


@dataclass(frozen=True)
class Lookup:
    """The unit and the moment of a search; `days` are read once for all tasks."""

    unit: Unit
    at: datetime

    @property
    def today(self) -> date:
        return deadline.reporting_day(self.at)

    @cached_property
    def days(self) -> Mapping[date, DayHours]:
        return hours_in_force.hours_of_days(hours_in_force.days_of_corrections(self.at))

    @property
    def other_records(self) -> OtherRecords:
        return other_records(self.unit, self.today, at=self.at)


@dataclass(frozen=True)
class Task:
    """A kind of task that waits: its query, and its sentence in a mail."""

    name: str  # of the list in the inbox
    find: Callable[[Lookup], QuerySet | list]
    mail: str = ""  # the kind of mail
    words: Promise | str = ""  # with placeholders

    def number(self, lookup: Lookup) -> int:
        waiting = self.find(lookup)
        return waiting.count() if isinstance(waiting, QuerySet) else len(waiting)


def can_act(user: User) -> bool:
    """Whether the user has an inbox: readers and administrators without a unit have none."""
    return user.is_authenticated and user.is_active and user.unit_id is not None and not user.is_viewer


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """What waits for a person: the notices of the own unit, and a list for each task."""

    notices: Notices
    requests: list[LateRequest]
    days: list[ToConfirm]
    districts: list[ToConfirm]
    seals: list[date]
    tokens: list[Token]

    @property
    def count(self) -> int:
        return self.notices.count + sum(len(getattr(self, task.name)) for task in TASKS)


def inbox(user: User, *, at: datetime) -> Inbox:
    """What waits for the user. The number of queries is constant."""
    lookup = Lookup(user.unit, at)
    lists = {task.name: list(task.find(lookup)) for task in TASKS}
    for name in ("requests", "districts"):
        lists[name] = _named(lists[name], lookup.today)
    return Inbox(notices=notices(user.unit, at=at, days=lookup.days), **lists)


def count(user: User, *, at: datetime) -> int:
    """The number of things to do, for the head of every page."""
    lookup = Lookup(user.unit, at)
    own = _to_do(user.unit, at) if user.unit.is_under_seal else 0
    return own + sum(task.number(lookup) for task in TASKS)


def mail_sentences(kind: str, unit: Unit, *, at: datetime) -> list[str]:
    """The sentences of this kind of mail: one for each kind of task that waits."""
    lookup = Lookup(unit, at)
    named = [(task.words, task.number(lookup)) for task in TASKS if task.mail == kind]
    return [words % {"number": number, "n": formatting.number(number)} for words, number in named if number]


def _to_do(unit: Unit, at: datetime) -> int:
    """The number of the unit's own tasks: reopened and returned days, and a reminder.

    For most units a single query says that there is nothing.
    """
    records = other_records(unit, deadline.reporting_day(at), at=at)
    own = Reopening.objects.in_force(at).filter(unit=unit).count() if records.is_reopened else 0
    return own + (len(_reminders(unit, at)) if records.is_reminded else 0)


def notices(unit: Unit, *, at: datetime, days: Collection[date] | None = None) -> Notices:
    """The notices of the unit now; `days` are the days open to corrections, if they have been read already."""
    days = days or hours_in_force.days_of_corrections(at)
    records = other_records(unit, deadline.reporting_day(at), at=at)
    requests = _asked(unit, at) if records.has_request else []
    reopened = Reopening.objects.in_force(at).filter(unit=unit)
    return Notices(
        reopenings=list(reopened.select_related("by").order_by("-day")) if records.is_reopened else [],
        reminders=_reminders(unit, at) if records.is_reminded else [],
        waiting=[request for request in requests if request.decided_at is None],
        decided=[request for request in requests if request.decided_at],
        entered=_entered(unit, at) if records.is_entered_by_others else [],
        ended=_ended_in(unit, at, days),
    )


def _asked(unit: Unit, at: datetime) -> list[LateRequest]:
    """The unit's requests that wait or were recently decided."""
    requests = LateRequest.objects.filter(unit=unit, withdrawn_at=None).select_related("decided_by")
    return list(requests.filter(Q(decided_at=None) | Q(decided_at__gte=at - NEWS_FOR)).order_by("-day", "-id"))


def _entered(unit: Unit, at: datetime) -> list[Revision]:
    """Recent steps for the unit by others: neither its own people nor those of its successor."""
    heir = unit.closed_on and Unit.objects.heirs(deadline.reporting_day(at)).get(unit.pk)
    by_others = Revision.objects.filter(report__unit=unit, counted_at__gte=at - NEWS_FOR, by__isnull=False)
    by_others = by_others.exclude(by__unit__in=[unit.pk, heir or unit.pk]).exclude(report__kind=Report.Kind.OPENING)
    return list(by_others.select_related("report").order_by("-counted_at", "-id"))


def returned_codes(unit: Unit, day: date, *, at: datetime, as_of: datetime | None = None) -> set[str]:
    """The codes of the units at or below `unit` whose report of the day is returned, or was at `as_of`."""
    if as_of is None and not other_records(unit, deadline.reporting_day(at), at=at).any_reopened:
        return set()
    standing = Reopening.objects.in_force(at) if as_of is None else Reopening.objects.in_force_then(as_of)
    returned = standing.filter(is_return=True, day=day, unit__path__startswith=unit.path)
    return set(returned.order_by().values_list("unit__code", flat=True))


def _requests(lookup: Lookup) -> QuerySet[LateRequest]:
    """The requests that the unit decides: those of its children.

    After the days for corrections only the city decides, for all units.
    """
    unit, waiting = lookup.unit, LateRequest.objects.waiting().select_related("unit", "by")
    if unit.is_commune or unit.is_country or not lookup.other_records.any_request:
        return waiting.none()
    is_within = Q(day__in=lookup.days)
    if unit.is_sealing:
        return waiting.filter(Q(unit__parent=unit) | ~is_within, unit__path__startswith=unit.path).exclude(unit=unit)
    ended = Unit.objects.ending_at(unit, max(lookup.days))
    return waiting.filter(is_within, Q(unit__parent=unit) | Q(unit__parent__in=ended))


def _to_confirm(
    units: list[Unit], days: Collection[date], superior_days: Mapping[tuple[int, date], SuperiorDay]
) -> Iterator[ToConfirm]:
    """Days without a confirmation after their deadline; before it, only those whose confirmation was withdrawn."""
    for unit, day in product(units, days):
        own = superior_days[unit.pk, day]
        is_owed = own.phase is Phase.TO_CONFIRM and not own.is_exempt
        if is_owed or (own.withdrawn and own.phase in (Phase.TO_CONFIRM, Phase.BEFORE)):
            yield ToConfirm(unit, day, own.withdrawn)


def _ended_in(unit: Unit, at: datetime, days: Collection[date]) -> list[Unit]:
    """The closed units that the unit answers for, the last closed first.

    It answers while one of their days may be corrected, or is reopened by the city.
    """
    today = deadline.reporting_day(at)
    if not (unit.is_under_seal and unit.is_open_on(today)):
        return []
    ended = Unit.objects.ending_at(unit, today)
    if ended.query.is_empty():
        return []
    is_shown = Q(closed_on__gt=min(days)) | Q(pk__in=Reopening.objects.in_force(at).values("unit"))
    return list(ended.filter(is_shown).named(today).order_by("-closed_on", "sort_key"))


def _reminders(unit: Unit, at: datetime) -> list[Reminder]:
    """Today's newest reminder, until the report arrives or a late request waits."""
    today = deadline.reporting_day(at)
    has_reported = Report.objects.filter(unit=OuterRef("unit"), day=today, installs__isnull=False)
    has_asked = LateRequest.objects.waiting().filter(unit=OuterRef("unit"), day=today)
    unanswered = Reminder.objects.filter(~Exists(has_reported), ~Exists(has_asked), unit=unit, day=today)
    return list(unanswered.select_related("by").order_by("-at", "-id")[:1])


def _named(waiting: list, day: date) -> list:
    """The same records, with the unit's name on `day` and its superior."""
    units = Unit.objects.filter(pk__in={one.unit.pk for one in waiting}).select_related("parent")
    by_id = {unit.pk: unit for unit in units.named(day)} if waiting else {}
    for one in waiting:
        one.unit = by_id[one.unit.pk]
    return waiting


def _days(lookup: Lookup) -> list[ToConfirm]:
    """The days that the unit still has to confirm."""
    unit = lookup.unit
    if unit.is_commune or not (unit.is_under_seal and unit.is_superior_level):
        return []
    superior_days = state.superior_days([unit], lookup.days, at=lookup.at)
    return sorted(_to_confirm([unit], lookup.days, superior_days), key=lambda one: one.day, reverse=True)


def _districts(lookup: Lookup) -> list[ToConfirm]:
    """The superiors yet to confirm today, for the unit that seals."""
    unit, today, records = lookup.unit, lookup.today, lookup.other_records
    if not unit.is_sealing or (records.is_sealed and not records.has_undone_seal):
        return []
    has_units_below = Exists(Unit.objects.filter(parent=OuterRef("pk")).open_on(today))
    hours = {today: lookup.days[today]}
    below = unit.children.filter(has_units_below).open_on(today).residents()
    if hours[today].is_uniform and not hours[today].is_last_over(unit.path, lookup.at):
        # Before the deadline only a day whose confirmation was withdrawn waits (see `_to_confirm`).
        below = below.filter(pk__in=SignOff.objects.filter(day=today, withdrawn_at__isnull=False).values("unit"))
    superiors = list(below.order_by("sort_key", "code"))
    superior_days = state.superior_days(superiors, hours, at=lookup.at, has_units_below=True)
    return list(_to_confirm(superiors, hours, superior_days))


def _undone_seals(lookup: Lookup) -> list[date]:
    """The days with an undone seal and no new one, the newest first, for the unit that seals."""
    if not lookup.unit.is_sealing or not lookup.other_records.has_undone_seal:
        return []
    of_unit = Seal.with_withdrawn.filter(unit=lookup.unit)
    sealed = of_unit.filter(withdrawn_at=None).values("day")
    return list(of_unit.exclude(day__in=sealed).order_by("-day").values_list("day", flat=True).distinct())


def _tokens(lookup: Lookup) -> QuerySet[Token]:
    """The tokens of other systems that end soon, for the unit that seals."""
    return tokens.ending_tokens(lookup.unit, lookup.at) if lookup.unit.is_sealing else Token.objects.none()


TASKS = (
    Task(
        "requests",
        _requests,
        Message.Kind.SILENT,
        ngettext_lazy("%(n)s late request waits for a decision.", "%(n)s late requests wait for a decision.", "number"),
    ),
    Task("days", _days),
    Task("districts", _districts),
    Task("seals", _undone_seals),
    Task(
        "tokens",
        _tokens,
        Message.Kind.SILENT,
        ngettext_lazy("%(n)s token of another system ends soon.", "%(n)s tokens of other systems end soon.", "number"),
    ),
)
