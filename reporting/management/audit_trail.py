"""The audit trail of one figure: all that was recorded of a unit's day, in the order in which it happened, in words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from operator import itemgetter

from django.db import models
from django.utils.translation import gettext as _

from ..days.look_back import newest_seal
from ..figures import rollup, sealed_table, since_seal, verification
from ..models import LateRequest, PassedUp, Reminder, Reopening, Report, Seal, SignOff, Unit, User
from ..pages import receipts
from ..templatetags import reporting as tags
from ..text import formatting

Entry = tuple[datetime, str]
OF_A_REVISION = (
    *("covers_from", "holds_from", "by_name", "counted_at", "confirmed_at"),
    *("reason", "paper_ref", "paper_at", "source", "note"),
)
ENDS = (  # of a record: when, by whom, and what is said of it
    ("withdrawn_at", "withdrawn_by", "withdrawal_reason"),
    ("decided_at", "decided_by", "decision", "decision_note"),
    ("closed_at",),
)
FIGURES = ("status", "installs", "adjustment", "cumulative")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def entries(unit: Unit, day: date, *, at: datetime) -> list[Entry]:
    """Moment and words of each thing that was recorded, and last what the day's table says now, at `at`."""
    found = [*_revisions(unit, day), *_records(unit, day)]
    if unit.is_open_on(day):
        figures = rollup.rows(unit, day, at=at)
        now = _joined(_("Figures of now"), _of_table(sealed_table.table(figures), unit))
        found += [*_around(unit, figures), (at, now)]
    return sorted(found, key=itemgetter(0))


def _revisions(unit: Unit, day: date) -> Iterator[Entry]:
    report = Report.objects.prefetch_related("revisions").filter(unit=unit, day=day).first()
    for step in receipts.as_it_stood(report, None) if report else []:
        number, kind = _("Sending %(number)s") % {"number": step.number}, step.get_kind_display()
        said = [*tags.beside_words(step), *_said(step, *OF_A_REVISION), getattr(step, "remark", "")]
        yield step.received_at, _joined(number, kind, tags.revision_words(step), *said)


def _records(unit: Unit, day: date) -> Iterator[Entry]:
    """What is kept beside the report: requests, what superiors did, what they confirmed and sealed; and its end."""
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
            yield getattr(record, moment), _joined(what, *_of_record(record, unit), *_said(record, *names))
            for ended, *said in ENDS:
                if getattr(record, ended, None):
                    yield getattr(record, ended), _joined(what, *_said(record, ended, *said))


def _of_record(record: models.Model, unit: Unit) -> Iterator[str]:
    """What was asked for, confirmed or sealed of the unit, and whether that comes out of the history again."""
    if isinstance(record, LateRequest):
        yield tags.asked_words(record)
    elif isinstance(record, SignOff | Seal):
        yield record.unit.code
        yield _of_table(record.table, unit)
        check = sealed_table.check(record, record.unit)
        own = replace(check, differences=[one for one in check.differences if one.path in (unit.path, "")])
        yield from verification.problems(record, own)
        if own.is_right:
            yield f"{_('agrees')} ({_('computed again from the history')})"
    if isinstance(record, Seal):
        if record.by is None:
            yield _("by the timer")
        yield f"{_('Check code')} {record.short_digest}"
        yield f"{_('Chain code')} {formatting.in_fours(sealed_table.chain(record.unit_id)[record])}"


def _around(unit: Unit, figures: rollup.DayRollup) -> Iterator[Entry]:
    """What was set up for the day, and what changed it after its seal: other days' reports, base figures, names."""
    seal, notes = newest_seal(unit, figures.day), set(since_seal.set_up_notes(figures, BEGINNING))
    if seal:
        changes = since_seal.changes(unit, figures, seal)
        notes.update(changes.notes)
        for step in changes.own.steps:
            revision, of = step.revision, step.revision.report
            if (of.unit_id, of.day) != (unit.pk, figures.day):
                what = f"{step.code} {formatting.day(of.day)}"
                words = _joined(what, step.words, tags.revision_words(revision), revision.by_name, revision.reason)
                yield revision.counted_at, words
    for note in notes:
        yield note.at, _joined(note.unit_name, note.words, note.by_name)


def _of_table(table: str, unit: Unit) -> str:
    """The unit's figures in a canonical table."""
    line = sealed_table.read_table(table).get(unit.path, {})
    said = ((name, line[name]) for name in FIGURES if line.get(name, sealed_table.UNKNOWN) != sealed_table.UNKNOWN)
    return ", ".join(f"{sealed_table.WORDS[name]} {tags.table_field(text)}" for name, text in said)


def _said(record: models.Model, *names: str) -> Iterator[str]:
    """What the record says in these fields, each behind its name; of an empty one nothing."""
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
