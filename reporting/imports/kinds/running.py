"""One unit's reports in the order of the days, those of the file among them: what its next figure builds on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ...figures import held, standings
from ...models import Report, Unit


class Running:
    """`merged` are the closed units that end in it, with their reports."""

    def __init__(self, unit: Unit, merged: Mapping[Unit, Sequence[Report]]):
        self.unit, self.merged = unit, merged
        self.total = 0  # its own sum so far
        self.last: date | None = None  # the last day that has a report, that of before the campaign included
        self.reported: list[standings.Reported] = []
        self.all: list[Report] = []  # as they will stand

    def take(self, report: Report | None) -> None:
        """Go on to the next day. A report that was taken back has an adjustment at most."""
        if report is None:
            return
        self.total += report.contribution
        if report.installs is None:
            return
        self.last = report.day
        self.all.append(report)
        if not report.is_opening:
            self.reported.append(_reported(report))

    def mean(self, on: date) -> float | None:
        """Installs a day of the last reported days before, those of the units that have ended in it included."""
        ended = [report for part, reports in self.merged.items() if part.closed_on <= on for report in reports]
        counted = [r for r in ended if r.day < on and r.installs is not None and not r.is_opening]
        return standings.mean_of([*self.reported, *map(_reported, counted)])

    def missing_from(self, on: date, start: date | None) -> date | None:
        """The first of the days before, and of those of what has ended in it, that no report is of."""
        if start is None:
            return None
        ended = {part: reports for part, reports in self.merged.items() if part.closed_on <= on}
        return held.missing_from(on, start, {self.unit: self.all, **ended})


def _reported(report: Report) -> standings.Reported:
    return standings.Reported(report.day, report.covers_from or report.day, report.installs)
