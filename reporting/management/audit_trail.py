"""The audit trail of a unit's day: everything recorded about it, in words, in time order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from operator import itemgetter

from django.db import models
from django.utils.translation import gettext as _

from ..figures import rollup, sealed_table, verification
from ..models import LateRequest, PassedUp, Reminder, Reopening, Report, Seal, SignOff, Unit, User
from ..pages import receipts
from ..templatetags import reporting as tags
from ..text import formatting

Entry = tuple[datetime, str]
OF_A_REVISION = (
    *("covers_from", "holds_from", "by_name", "counted_at", "confirmed_at"),
    *("reason", "paper_ref", "paper_at", "source", "note"),
)
ENDS = (  # fields: when a record ended, by whom, and why
    ("withdrawn_at", "withdrawn_by", "withdrawal_reason"),
    ("decided_at", "decided_by", "decision", "decision_note"),
    ("closed_at",),
)
FIGURES = ("status", "installs", "adjustment", "cumulative")


def entries(unit: Unit, day: date, *, at: datetime) -> list[Entry]:
    """Returns the moment and text of each record in time order; the last entry is the figures as of `at`."""
    trail = [*_revisions(unit, day), *_records(unit, day)]
    if unit.is_open_on(day):
        table = sealed_table.canonical_table(rollup.rows(unit, day, at=at))
        trail.append((at, _joined(_("Current figures"), _figures_in(table, unit))))
    return sorted(trail, key=itemgetter(0))


def _revisions(unit: Unit, day: date) -> Iterator[Entry]:
    report = Report.objects.prefetch_related("revisions").filter(unit=unit, day=day).first()
    for step in receipts.steps_as_of(report, None) if report else []:
        number, kind = _("Submission %(number)s") % {"number": step.number}, step.get_kind_display()
        words = [*tags.extra_words(step), *_fields(step, *OF_A_REVISION), getattr(step, "remark", "")]
        yield step.received_at, _joined(number, kind, tags.revision_words(step), *words)


def _records(unit: Unit, day: date) -> Iterator[Entry]:
    """Late requests, acts of superiors, sign-offs and seals, and how each ended."""
    own, above = {"unit": unit, "day": day}, {"unit__code__in": unit.codes, "day": day}
    for records, moment, *names in (
        (LateRequest.objects.filter(**own).select_related("unit"), "received_at", "by_name", "reason"),
        (Reopening.objects.filter(**own), "opened_at", "by", "is_return", "until", "reason"),
        (Reminder.objects.filter(**own), "at", "by"),
        (PassedUp.objects.filter(report__unit=unit, report__day=day), "at", "by"),
        (SignOff.objects.filter(**above).select_related("unit"), "at", "by", "is_after_deadline", "reason"),
        (Seal.with_withdrawn.filter(**above).select_related("unit"), "at", "by", "reason"),
    ):
        for record in records.select_related("by"):
            what = str(record._meta.verbose_name)
            yield getattr(record, moment), _joined(what, *_contents(record, unit), *_fields(record, *names))
            for ended, *others in ENDS:
                if getattr(record, ended, None):
                    yield getattr(record, ended), _joined(what, *_fields(record, ended, *others))


def _contents(record: models.Model, unit: Unit) -> Iterator[str]:
    """The figures of a request, sign-off or seal, and whether the history still gives the same figures."""
    if isinstance(record, LateRequest):
        yield tags.request_words(record)
    elif isinstance(record, SignOff | Seal):
        yield record.unit.code
        yield _figures_in(record.table, unit)
        check = sealed_table.check_table(record, record.unit)
        own = replace(check, differences=[one for one in check.differences if one.path in (unit.path, "")])
        yield from verification.problems(record, own)
        if own.is_right:
            yield f"{_('agrees')} ({_('recomputed from the history')})"
    if isinstance(record, Seal):
        if record.by is None:
            yield _("by the timer")
        yield f"{_('Check code')} {record.short_digest}"
        yield f"{_('Chain code')} {formatting.in_fours(sealed_table.seal_chain(record.unit_id)[record])}"


def _figures_in(table: str, unit: Unit) -> str:
    """The unit's figures in a canonical table."""
    line = sealed_table.read_table(table).get(unit.path, {})
    known = [name for name in FIGURES if line.get(name, sealed_table.UNKNOWN) != sealed_table.UNKNOWN]
    return ", ".join(f"{sealed_table.WORDS[name]} {tags.table_field(line[name])}" for name in known)


def _fields(record: models.Model, *names: str) -> Iterator[str]:
    """The filled fields of the record, each with its name."""
    for name in names:
        value, label = getattr(record, name), str(record._meta.get_field(name).verbose_name)
        match value:
            case None | False | "":
                continue
            case True:
                yield label
            case datetime():
                yield f"{label} {formatting.exact(value)}"
            case date():
                yield f"{label} {formatting.day(value)}"
            case User():
                yield f"{_('by')}: {value.display_name}"
            case _:
                yield f"{label}: {getattr(record, f'get_{name}_display', lambda value=value: value)()}"


def _joined(*parts: str) -> str:
    return "; ".join(" ".join(part.split()) for part in parts if part)
