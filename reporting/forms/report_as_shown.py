"""What a page asks of an officer's form: where the day stands, what is folded away, what is usual."""

from __future__ import annotations

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _

from ..days import state
from ..days.status import DayStatus
from ..figures import rules
from ..figures.fields import BESIDE, beside
from ..hours import permissions
from ..hours.permissions import Act
from ..models import LateRequest
from ..people import access

BESIDE_THE_FIGURE = {"installs", "cumulative", "note", *(count.column for count in BESIDE)}


class ReportAsShown:
    """Of a form with `unit`, `day`, `user`, `standing` and `day_state`."""

    @property
    def counts_beside(self) -> list[tuple[forms.BoundField, int | None, int | None]]:
        """What is asked for beside the installs: each field, what stands and what was typed."""
        cleaned, standing = getattr(self, "cleaned_data", {}), beside(self.standing.report)
        return [(self[name], standing[name], cleaned.get(name)) for name in standing if name in self.fields]

    @property
    def closed_words(self) -> str:
        """Why the day is closed to the officer."""
        return self.day_state.explained(is_reported=self.has_report)

    @property
    def has_report(self) -> bool:
        """Whether the day is reported: what is sent now changes figures that stand."""
        return self.standing.report is not None and self.standing.report.installs is not None

    @property
    def standing_status(self) -> DayStatus | None:
        """What the day is for the unit as things stand."""
        waiting = LateRequest.objects.waiting().filter(unit=self.unit, day=self.day)
        return self.day_state.status(
            self.standing.report if self.has_report else None,
            is_waiting=not self.has_report and self.day_state.is_over and waiting.exists(),
            at=self.arrived_at,
        )

    @property
    def usual_at_most(self) -> int | None:
        """The largest number of the day that the preview does not call unusual."""
        return rules.usual_at_most(self.standing.known, mean=self.standing.mean)

    @property
    def has_more(self) -> bool:
        """Whether anything beside the main figure is filled in or refused: then it is not folded away."""
        main = "cumulative" if self.unit.is_agency else "installs"
        folded = [self[name] for name in self.fields if name in BESIDE_THE_FIGURE and name != main]
        if self.unit.is_agency and "covers" in self.errors:
            return True
        return any(field.errors or field.value() not in (None, "") for field in folded)

    @property
    def owes_opening(self) -> bool:
        """Until it is there, the form also asks for the installs before the campaign."""
        return self.standing.opening is None

    @property
    def may_request(self) -> bool:
        """Whether figures that come too late may still be sent to be taken in by the superior."""
        return permissions.may(access.role(self.user, self.unit), Act.REQUEST, self.day_state.situation)

    @property
    def request_words(self) -> str:
        """What such a sending is called."""
        return _("Ask for a correction") if self.has_report else _("Send a late report")

    @property
    def is_too_late(self) -> bool:
        """Whether the figures were refused by the hour, and by nothing else."""
        return self.has_error(NON_FIELD_ERRORS, state.Code.AFTER_DEADLINE)

    @property
    def adjustment(self) -> int:
        return self.standing.known.adjustment
