"""What a refused act is told to the person: one sentence for each, and its HTTP status."""

from __future__ import annotations

from functools import singledispatch

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import site
from ..figures import rules
from ..hours.permissions import Act, Situation
from ..text.formatting import day, moment, number, signed
from . import errors, map_places, ministry, questions, reorganisation

CONFLICT = 409
REFUSED = 422


FASTER = (  # someone else was
    errors.Conflict,
    errors.Changed,
    errors.AlreadyDecided,
    errors.AlreadyWaiting,
    errors.Collision,
    errors.AlreadyWithdrawn,
    errors.AskedAnew,
    errors.ConfirmedAnew,
    ministry.AlreadyAsked,
    ministry.AlreadyAnswered,
    ministry.NotMarked,
    map_places.Rearranged,
)


def status(error: errors.NotWritten) -> int:
    """409 when someone else was faster, 422 when the act itself is refused."""
    return CONFLICT if isinstance(error, FASTER) else REFUSED


def words(error: errors.NotWritten) -> str:
    """Why nothing was written, and what to do."""
    known = next((kind for kind in type(error).__mro__ if kind in WORDS), None)
    return str(WORDS[known]) if known else _with_what_it_met(error)


WORDS = {
    errors.Conflict: gettext_lazy(
        "The report was changed by someone else meanwhile. Look at it again and decide anew."
    ),
    errors.OpeningMissing: gettext_lazy(
        "The unit has not yet said how many phones had the application before the campaign."
    ),
    errors.ReasonMissing: gettext_lazy("A reason is required."),
    errors.AlreadyWaiting: gettext_lazy("A request for this day is waiting already; withdraw it to send another."),
    errors.AlreadyDecided: gettext_lazy("The request has been decided or withdrawn meanwhile."),
    errors.AskedAnew: gettext_lazy(
        "Another request has been sent since this page was opened; that one goes on waiting. Look at it first."
    ),
    errors.ConfirmedAnew: gettext_lazy(
        "The day has been confirmed anew since this page was opened; that confirmation stands. Look at it first."
    ),
    errors.NotConfirmedAnyMore: gettext_lazy("The confirmation has been withdrawn already."),
    errors.NothingThere: gettext_lazy("There is no report to take back."),
    errors.Needed: gettext_lazy(
        "Without this report the cumulative number would fall below zero, because an adjustment of this day or of a "
        "later one takes more away. Set that adjustment right first, then take the report back."
    ),
    errors.Impossible: gettext_lazy(
        "This does not go together with what is recorded already. Nothing was changed; check what was typed."
    ),
    errors.BadMoment: gettext_lazy(
        "Choose a moment of the same day that is later than now and later than the present deadline."
    ),
    errors.AlreadyExempt: gettext_lazy("This day is exempt already."),
    errors.AlreadyInForce: gettext_lazy("This very base figure has been recorded already."),
    errors.AlreadyWithdrawn: gettext_lazy("It has been withdrawn meanwhile."),
    errors.HasBegun: gettext_lazy(
        "The reorganisation has taken effect: it is not withdrawn any more, another one has to follow it."
    ),
    errors.BuiltUpon: gettext_lazy(
        "What was recorded later builds on it: another reorganisation, to be withdrawn first, or a unit put below."
    ),
    errors.OnlyBaseFigure: gettext_lazy(
        "Without this figure the unit would have no population from that day on: record the right one instead."
    ),
    errors.OfReorganisation: gettext_lazy(
        "This figure came with a reorganisation and stands as long as that: record the right one instead."
    ),
    errors.TooManyDays: gettext_lazy("A day may be corrected for 366 days at most."),
    errors.TargetPassed: gettext_lazy("The target would have to be reached before the order takes effect."),
    errors.NotLater: gettext_lazy("An order takes effect on a later day than it is recorded."),
    errors.NoTimeToReport: gettext_lazy(
        "With a deadline of 00h00 the day would be over before it begins. Choose a later hour."
    ),
    errors.NotAllReported: gettext_lazy(
        "Before the deadline the day can be confirmed only when all units have reported."
    ),
    map_places.Rearranged: gettext_lazy(
        "Somebody else has arranged the map since this page was opened. Open it again and arrange anew."
    ),
    ministry.NotCounted: gettext_lazy("The ministry counts the phones of a place, not those of an agency."),
    ministry.NoSource: gettext_lazy("The source is required."),
    ministry.NotMarked: gettext_lazy(
        "The unit does not claim more than the ministry counts, or no longer by more than the threshold."
    ),
    ministry.AlreadyAsked: gettext_lazy("An explanation has been asked for already; its answer is awaited."),
    ministry.AlreadyAnswered: gettext_lazy("The explanation has been given meanwhile; it is not changed any more."),
    reorganisation.NotLater: gettext_lazy("A reorganisation takes effect on a later day than it is recorded."),
}


@singledispatch
def _with_what_it_met(error: errors.NotWritten) -> str:
    """The refusals that name a number, a day or an hour, each by its class."""
    return _("Nothing was changed.")


@_with_what_it_met.register
def _day_closed(error: errors.DayClosed) -> str:
    return error.day_state.explanation


@_with_what_it_met.register
def _limit_exceeded(error: errors.LimitExceeded) -> str:
    words = (
        _("More than the %(population)s staff of the unit. Check the number.")
        if error.counts_staff
        else _("More than the %(population)s people of the unit. Check the number.")
    )
    return words % {"population": number(error.population)}


@_with_what_it_met.register
def _below_cumulative(error: errors.BelowCumulative) -> str:
    return _("The cumulative number would fall below zero or below %(cumulative)s. Check the number.") % {
        "cumulative": number(error.cumulative)
    }


@_with_what_it_met.register
def _reported_alone(error: errors.ReportedAlone) -> str:
    alone = error.alone
    return _alone_words(alone) % {"unit": alone.name, "day": day(alone.day), "installs": number(alone.installs)}


@_with_what_it_met.register
def _adjusted(error: errors.Adjusted) -> str:
    return _(
        "Since this was asked for, the adjustment of the day has become %(stands)s (it was %(before)s); asked "
        "for are %(asked)s new installs instead of %(installs)s. Of one and the same error both would correct "
        "it twice. Choose, and give the reason."
    ) % {
        "stands": signed(error.stands),
        "before": signed(error.before),
        "asked": number(error.asked),
        "installs": number(error.installs),
    }


@_with_what_it_met.register
def _covered(error: errors.Covered) -> str:
    span = error.span
    if span.name:
        return _(
            "The figures of this day are already in the total that %(unit)s, in which the unit has ended, reported "
            "for %(day)s (%(installs)s new installs)."
        ) % {"unit": span.name, "day": day(span.day), "installs": number(span.installs)}
    return _(
        "The figures of this day are already in the report of %(day)s: %(installs)s, counted from %(first)s on."
    ) % {"day": day(span.day), "installs": number(span.installs), "first": day(span.first)}


@_with_what_it_met.register
def _doubted(error: errors.Doubted) -> str:
    return " ".join(questions.of_a_base_figure(error.population, one) for one in error.asked)


@_with_what_it_met.register
def _nothing_changed(error: errors.NothingChanged) -> str:
    by, sealed_at = error.seal.by, moment(error.seal.at)
    if by is None:
        return _("The day was sealed by the timer at %(moment)s; nothing has changed since.") % {"moment": sealed_at}
    words = _("The day was sealed by %(name)s at %(moment)s; nothing has changed since.")
    return words % {"name": by.display_name, "moment": sealed_at}


@_with_what_it_met.register
def _changed(error: errors.Changed) -> str:
    return _("Reports were changed since the page was opened: %(codes)s. Look at them again, then confirm.") % {
        "codes": ", ".join(sorted(error.differences))
    }


@_with_what_it_met.register
def _still_running(error: errors.StillRunning) -> str:
    return _("Units may still send until %(moment)s by it, and nobody's hour is shortened: withdraw it afterwards.") % {
        "moment": moment(error.until)
    }


@_with_what_it_met.register
def _without_order(error: errors.WithoutOrder) -> str:
    return ngettext(
        "%(n)s day that has reports, a confirmation or a seal would be left without any order and could not be "
        "seen any more: this order stays. A new order replaces it by itself from its own first day on.",
        "%(n)s days that have reports, confirmations or a seal would be left without any order and could not "
        "be seen any more: this order stays. A new order replaces it by itself from its own first day on.",
        error.days,
    ) % {"n": number(error.days)}


@_with_what_it_met.register
def _too_early(error: errors.TooEarly) -> str:
    return _("The day can be sealed from %(moment)s on.") % {"moment": moment(error.opens_at)}


@_with_what_it_met.register
def _not_yours(error: ministry.NotYours) -> str:
    return _("Only the %(top)s records and asks; only the unit that is asked answers.") % _top()


@_with_what_it_met.register
def _not_allowed(error: errors.NotAllowed) -> str:
    if error.act is Act.WITHDRAW_SIGN and error.situation in (Situation.OPEN, Situation.AFTER_HOUR):
        return _("The day has not been confirmed: there is nothing to withdraw.")
    match error.situation:
        case Situation.OPEN:
            return _("Not while the day is open: send or change the report in the ordinary way.")
        case Situation.REOPENED:
            return _("The day has been reopened for the unit: its answer is awaited.")
        case Situation.BEYOND:
            return _("The days for corrections are over: only the %(top)s may still act on this day.") % _top()
        case Situation.SEALED:
            return _("The %(top)s has sealed this day.") % _top()
        case Situation.SIGNED:
            return _("The day has been confirmed: withdraw the confirmation first.")
        case Situation.AFTER_HOUR | Situation.EXEMPT:
            return _("The deadline has passed.")
    return _("This is not possible for the unit on this day.")


def _alone_words(alone: rules.Alone) -> str:
    if alone.name:
        return _(
            "The report of %(unit)s, which has ended in this unit, for %(day)s (%(installs)s) waits to be taken in: "
            "a total would count it twice. Nothing was stored. Give the number of the day alone."
        )
    if alone.is_waiting:
        return _(
            "The report of %(day)s (%(installs)s) waits to be taken in: with that day in this number it would be "
            "counted twice. Nothing was stored. Give the number of the day alone."
        )
    return _(
        "%(day)s has been reported by itself (%(installs)s): with it in this number it would be counted twice. "
        "Nothing was stored. Give the number of the day alone."
    )


def _top() -> dict[str, str]:
    return {"top": site.current().top}
