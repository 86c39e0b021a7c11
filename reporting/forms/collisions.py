"""A day that would be counted twice, on a form: both figures are said, and how one of them gives way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .. import acts
from ..days import state
from ..figures import rules
from ..figures.standings import Standing
from ..text import parsing
from ..text.formatting import number, short_day


class Colliding:
    """What a form keeps of the collision that it met; `apart`, where it has the field, answers it.

    That is the version of the later report, as it was shown, that is to be of its own day alone.
    """

    collision: acts.Collision | None = None

    @property
    def status(self) -> int:
        """Of a form that was not taken: 409 where a day would be counted twice."""
        return acts.CONFLICT if self.collision else acts.REFUSED

    @property
    def collision_words(self) -> str:
        return self.collision.words

    @property
    def covering(self) -> rules.Span | None:
        """The later report that holds the day's figures already, once that was met."""
        return self.collision.span if isinstance(self.collision, acts.Covered) else None

    @property
    def apart_label(self) -> str:
        """The answer that its number is of its own day alone."""
        if self.covering is None:
            return ""
        words = _("The %(installs)s reported for %(day)s are of %(day)s alone")
        return words % {"installs": number(self.covering.installs), "day": short_day(self.covering.day)}

    @property
    def may_set_apart(self) -> bool:
        """Whether a unit's own officer settles it himself: while the later day is open to him."""
        later = self.covering and state.day_state(self.unit, self.covering.day, at=self.arrived_at)
        return bool(later) and later.is_open

    def is_settled(self, refusal: acts.NotWritten) -> bool:
        """Whether the answer has been given already."""
        return isinstance(refusal, acts.Covered) and refusal.span.version == self.cleaned_data.get("apart")

    def keep(self, error: acts.NotWritten | None) -> None:
        self.collision = error if isinstance(error, acts.Collision) else None


def demand_that_still_missed(form: forms.Form, standing: Standing) -> None:
    """The answer that a number includes days before names the first of these; none may have a report by now.

    It is answered with the question what the number is, and not dropped: raises `ValidationError`, and the form keeps
    the collision.
    """
    name = form.add_prefix("covers")
    first, last = parsing.day(form.data.get(name, "")), standing.last
    if first and last and first <= last.day:
        form.data = form.data.copy()
        del form.data[name]
        form.keep(acts.ReportedAlone(last))
        raise ValidationError(form.collision_words, code="reported_alone")


def words_of_missed(missed: Sequence[date]) -> tuple[str, str]:
    """That the days have not been reported, and that a number includes them as well."""
    first, last = missed[0], missed[-1]
    if first == last:
        days = {"day": short_day(first)}
        return _("%(day)s has not been reported.") % days, _("includes %(day)s as well") % days
    if (last - first).days + 1 == len(missed):
        days = {"first": short_day(first), "last": short_day(last)}
        said = _("%(first)s to %(last)s have not been reported.")
        return said % days, _("includes %(first)s to %(last)s as well") % days
    days = {"days": ", ".join(map(short_day, missed))}  # with days between them that were not due
    return _("%(days)s have not been reported.") % days, _("includes %(days)s as well") % days


def words_to_choose(*, is_total: bool) -> str:
    """What the number covers is to be chosen; that of a total is no choice."""
    if is_total:
        return _(
            "A total holds the days before that were not reported as well. Choose that, or give only the number of the "
            "day."
        )
    return _("Choose one. The report counts from the moment it first arrived, if you answer within ten minutes.")
