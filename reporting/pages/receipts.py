"""The receipt of a day's report, now or as it stood, and what was said of each step."""

from __future__ import annotations

from datetime import datetime

from ..figures import fields
from ..models import LateRequest, Report, Revision


def as_it_stood(report: Report, as_of: datetime | None) -> list[Revision]:
    """The report's steps up to the instant, oldest first, none if it was not there yet; the report says the last one.

    None is now. The report is not to be saved after this.
    """
    revisions = list(report.revisions.all())
    _remark(report, revisions)
    if as_of is None:
        return revisions
    known = [revision for revision in revisions if revision.counted_at <= as_of]
    if known:
        for name in (*fields.REPORTED, "is_late"):
            setattr(report, name, getattr(known[-1], name))
        report.version = known[-1].number
        report.cumulative = sum(revision.delta for revision in known)  # of an opening report: all that there was
    return known


def _remark(report: Report, revisions: list[Revision]) -> None:
    """Beside the sender's reason what the superior said who took the step in, which may have dropped an adjustment."""
    if not any(revision.source for revision in revisions):
        return
    accepted = LateRequest.objects.filter(unit=report.unit_id, day=report.day, decision=LateRequest.Decision.ACCEPTED)
    said = dict(accepted.exclude(decision_note="").values_list("decided_at", "decision_note"))
    for revision in revisions:
        revision.remark = said.get(revision.counted_at, "") if revision.source else ""
