"""What a refused act is told to the person: one sentence for each, and its HTTP status."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .. import acts
from ..hours.permissions import Situation
from ..text.formatting import moment, number
from . import errors, ministry, reorganisation

CONFLICT = 409
REFUSED = 422


def status(error: errors.NotWritten) -> int:
    """409 when someone else was faster, 422 when the act itself is refused."""
    faster = (
        errors.Conflict,
        acts.Changed,
        acts.AlreadyDecided,
        acts.AlreadyWaiting,
        ministry.AlreadyAsked,
        ministry.AlreadyAnswered,
        ministry.NotMarked,
    )
    return CONFLICT if isinstance(error, faster) else REFUSED


def words(error: errors.NotWritten) -> str:
    """Why nothing was written, and what to do."""
    match error:
        case errors.DayClosed(day_state=day_state):
            return day_state.explanation
        case errors.Conflict():
            return _("The report was changed by someone else meanwhile. Look at it again and decide anew.")
        case errors.LimitExceeded(population=population):
            return _("More than the %(population)s people of the unit. Check the number.") % {
                "population": number(population)
            }
        case errors.BelowCumulative(cumulative=cumulative):
            return _("The cumulative number would fall below zero or below %(cumulative)s. Check the number.") % {
                "cumulative": number(cumulative)
            }
        case errors.OpeningMissing():
            return _("The unit has not yet said how many phones had the application before the campaign.")
        case acts.ReasonMissing():
            return _("A reason is required.")
        case acts.AlreadyWaiting():
            return _("A request for this day is waiting already; withdraw it to send another.")
        case acts.AlreadyDecided():
            return _("The request has been decided or withdrawn meanwhile.")
        case acts.NothingThere():
            return _("There is no report to take back.")
        case acts.Covered(day=day):
            return _("The figures of this day are already in the report of %(day)s.") % {"day": f"{day:%d/%m/%Y}"}
        case acts.BadMoment():
            return _("Choose a moment of the same day that is later than now and later than the present deadline.")
        case acts.NotAllReported():
            return _("Before the deadline the day can be confirmed only when all units have reported.")
        case acts.Changed(differences=differences):
            return _("Reports were changed since the page was opened: %(codes)s. Look at them again, then confirm.") % {
                "codes": ", ".join(sorted(differences))
            }
        case acts.NothingChanged():
            return _("Nothing has changed since the last seal.")
        case acts.TooEarly(opens_at=opens_at):
            return _("The day can be sealed from %(moment)s on.") % {"moment": moment(opens_at)}
        case acts.NotAllowed(situation=situation):
            return _not_allowed(situation)
        case ministry.NotYours():
            return _("Only the city records and asks; only the unit that is asked answers.")
        case ministry.NotCounted():
            return _("The ministry counts the phones of a place, not those of an agency.")
        case ministry.NoSource():
            return _("The source is required.")
        case ministry.NotMarked():
            return _("The unit does not claim more than the ministry counts, or no longer by more than the threshold.")
        case ministry.AlreadyAsked():
            return _("An explanation has been asked for already; its answer is awaited.")
        case ministry.AlreadyAnswered():
            return _("The explanation has been given meanwhile; it is not changed any more.")
        case reorganisation.NotLater():
            return _("A reorganisation takes effect on a later day than it is recorded.")
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
