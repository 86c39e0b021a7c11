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
        self.reports: list[Report] = []  # as they will stand, that of before the campaign included

    def take(self, report: Report) -> None:
        """Go on to the next day. A report that was taken back has an adjustment at most."""
        self.total += report.contribution
        if report.installs is not None:
            self.reports.append(report)

    def mean(self, on: date) -> float | None:
        """Installs a day of the last reported days before, those of the units that have ended in it included."""
        ended = [r for own in self._ended(on).values() for r in own if r.day < on and r.installs is not None]
        counted = [report for report in [*self.reports, *ended] if not report.is_opening]
        return standings.mean_of([standings.Reported(r.day, r.covers_from or r.day, r.installs) for r in counted])

    def missing_from(self, on: date, start: date | None) -> date | None:
        """The first of the days before, and of those of what has ended in it, that no report is of."""
        return held.missing_from(on, start, {self.unit: self.reports, **self._ended(on)}) if start else None

    def _ended(self, on: date) -> dict[Unit, Sequence[Report]]:
        return {part: reports for part, reports in self.merged.items() if part.closed_on <= on}
