"""The steps of one report: numbered, each saying what it changed, the last being what the report says now.

Pure: the steps of a report are its revisions in order, each with what its report says (`report__...`).
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from django.utils.translation import gettext as _

from ...days.status import arrival
from ...hours import deadline
from ...models import Report, Revision
from ...text import formatting
from .. import fields

Problem = tuple[str, dict]  # words, and what they speak of
FIGURES = fields.REPORTED
KINDS_OF_OPENING = {Revision.Kind.OPENING, Revision.Kind.IMPORT, Revision.Kind.CORRECTION}


def name(code: str, day: date) -> str:
    return f"{code} {formatting.day(day)}"


def label(column: str) -> str:
    """What the column of a report is called, for people."""
    return next(str(one.verbose_name) for one in Report._meta.concrete_fields if one.name == column)


def problems(steps: Sequence[dict]) -> Iterator[str]:
    """What is wrong with the history of one report, in words."""
    of = name(steps[0]["report__unit__code"], steps[0]["report__day"])
    for found in (_numbers, _changes, _kinds, _moments, _arrival, _end):
        for words, values in found(steps):
            yield words % {"report": of, **values}


def _numbers(steps: Sequence[dict]) -> Iterator[Problem]:
    version = steps[0]["report__version"]
    if [step["number"] for step in steps] != list(range(1, version + 1)):
        yield _("%(report)s: its revisions are not 1 to %(version)s"), {"version": version}


def _changes(steps: Sequence[dict]) -> Iterator[Problem]:
    """Each step changed the cumulative by what it says."""
    counted = 0
    for step in steps:
        contribution = (step["installs"] or 0) + step["adjustment"]
        if contribution - counted != step["delta"]:
            words = _("%(report)s: revision %(number)s says a change of %(says)s, its figures one of %(is)s")
            yield words, {"number": step["number"], "says": step["delta"], "is": contribution - counted}
        counted = contribution


def _kinds(steps: Sequence[dict]) -> Iterator[Problem]:
    """Each step is of a kind that its report and its figures can have."""
    before = None
    for step in steps:
        if not _is_kind_possible(step, before):
            kind = Revision.Kind(step["kind"]).label if step["kind"] in Revision.Kind else step["kind"]
            yield _("%(report)s: revision %(number)s cannot be “%(kind)s”"), {"number": step["number"], "kind": kind}
        before = step["installs"]


def _is_kind_possible(step: dict, before: int | None) -> bool:
    kind, installs = step["kind"], step["installs"]
    if (step["report__kind"] == Report.Kind.OPENING) != (kind == Revision.Kind.OPENING):
        return step["report__kind"] == Report.Kind.OPENING and kind in KINDS_OF_OPENING
    if kind == Revision.Kind.VOID:
        return installs is None and before is not None
    if kind == Revision.Kind.ADJUSTMENT:
        return installs == before
    return installs is not None


def _moments(steps: Sequence[dict]) -> Iterator[Problem]:
    """No step counts before the one it follows, or before it arrived; and nothing arrives before its day."""
    for earlier, later in pairwise(steps):
        if later["counted_at"] < earlier["counted_at"]:
            words = _("%(report)s: revision %(number)s counts from before the one it follows")
            yield words, {"number": later["number"]}
    for step in steps:
        number = {"number": step["number"]}
        if step["counted_at"] < step["received_at"]:
            yield _("%(report)s: revision %(number)s counts from before it arrived"), number
        is_early = deadline.reporting_day(step["received_at"]) < step["report__day"]
        if is_early and step["report__kind"] == Report.Kind.DAILY:
            yield _("%(report)s: revision %(number)s arrived before its day"), number


def _arrival(steps: Sequence[dict]) -> Iterator[Problem]:
    """The report arrived with its first figures; after a void with the first that its unit sent itself, if any."""
    told = [(step["kind"], step["installs"], step["received_at"]) for step in steps]
    says, is_really = arrival(told) or steps[0]["received_at"], steps[0]["report__received_at"]
    if says != is_really:
        words = _("%(report)s: arrived at %(is)s, its revisions say %(says)s")
        yield words, {"is": formatting.exact(is_really), "says": formatting.exact(says)}


def _end(steps: Sequence[dict]) -> Iterator[Problem]:
    """The report is what its last step says."""
    last = steps[-1]
    for field in FIGURES:
        says, is_really = last[field], last[f"report__{field}"]
        if says != is_really:
            words = _("%(report)s: %(field)s is %(is)s, its last revision says %(says)s")
            yield words, {"field": label(field), "is": is_really, "says": says}
