"""What a refused act is told to the person: one sentence for each, and its HTTP status."""

from __future__ import annotations

from django.utils.translation import gettext as _

from . import official, reorganisation, review, submissions
from .acts import Situation
from .formatting import moment, number

CONFLICT = 409
REFUSED = 422


def status(error: submissions.NotWritten) -> int:
    """409 when someone else was faster, 422 when the act itself is refused."""
    faster = (
        submissions.Conflict,
        reorganisation.PlanChanged,
        review.Changed,
        review.AlreadyDecided,
        review.AlreadyWaiting,
        official.AlreadyAsked,
        official.AlreadyAnswered,
        official.NotMarked,
    )
    return CONFLICT if isinstance(error, faster) else REFUSED


def words(error: submissions.NotWritten) -> str:
    """Why nothing was written, and what to do."""
    match error:
        case submissions.DayClosed(day_state=day_state):
            return day_state.explanation
        case submissions.Conflict():
            return _("The report was changed by someone else meanwhile. Look at it again and decide anew.")
        case submissions.LimitExceeded(population=population):
            return _("More than the %(population)s people of the unit. Check the number.") % {
                "population": number(population)
            }
        case submissions.BelowCumulative(cumulative=cumulative):
            return _("The cumulative number would fall below zero or below %(cumulative)s. Check the number.") % {
                "cumulative": number(cumulative)
            }
        case submissions.OpeningMissing():
            return _("The unit has not yet said how many phones had the application before the campaign.")
        case review.ReasonMissing():
            return _("A reason is required.")
        case review.AlreadyWaiting():
            return _("A request for this day is waiting already; withdraw it to send another.")
        case review.AlreadyDecided():
            return _("The request has been decided or withdrawn meanwhile.")
        case review.NothingThere():
            return _("There is no report to take back.")
        case review.Covered(day=day):
            return _("The figures of this day are already in the report of %(day)s.") % {"day": f"{day:%d/%m/%Y}"}
        case review.BadMoment():
            return _("Choose a moment of the same day that is later than now and later than the present deadline.")
        case review.NotAllReported():
            return _("Before the deadline the day can be confirmed only when all units have reported.")
        case review.Changed(differences=differences):
            return _("Reports were changed since the page was opened: %(codes)s. Look at them again, then confirm.") % {
                "codes": ", ".join(sorted(differences))
            }
        case review.NothingChanged():
            return _("Nothing has changed since the last seal.")
        case review.TooEarly(opens_at=opens_at):
            return _("The day can be sealed from %(moment)s on.") % {"moment": moment(opens_at)}
        case review.NotAllowed(situation=situation):
            return _not_allowed(situation)
        case official.NotYours():
            return _("Only the city records and asks; only the unit that is asked answers.")
        case official.NotCounted():
            return _("The ministry counts the phones of a place, not those of an agency.")
        case official.NoSource():
            return _("The source is required.")
        case official.NotMarked():
            return _("The unit does not claim more than the ministry counts, or no longer by more than the threshold.")
        case official.AlreadyAsked():
            return _("An explanation has been asked for already; its answer is awaited.")
        case official.AlreadyAnswered():
            return _("The explanation has been given meanwhile; it is not changed any more.")
        case reorganisation.NotLater():
            return _("A reorganisation takes effect on a later day than it is recorded.")
        case reorganisation.PlanChanged():
            return _("The units have changed since the preview. Look at it again.")
    return _("Nothing was changed.")


def _not_allowed(situation: Situation) -> str:
    match situation:
        case Situation.OPEN:
            return _("Not while the day is open: send or change the report in the ordinary way.")
        case Situation.REOPENED:
            return _("The day has been reopened for the unit: its answer is awaited.")
        case Situation.BEYOND:
            return _("The days for corrections are over: only the city may still act on this day.")
        case Situation.SEALED:
            return _("The city has sealed this day.")
        case Situation.SIGNED:
            return _("The day has been confirmed: withdraw the confirmation first.")
        case Situation.AFTER_HOUR:
            return _("The deadline has passed.")
    return _("This is not possible for the unit on this day.")
