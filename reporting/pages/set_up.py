"""The preview of a change of the set-up, in sentences."""

from datetime import date, datetime

from django.utils.translation import gettext as _, ngettext

from .. import deadline
from ..acts.campaign import DaySummary, Preview
from ..models import BaseFigure, Unit
from ..text import formatting

MOST_NAMES = 6


def preview_sentences(foreseen: Preview, *, at: datetime) -> list[str]:
    """A sentence for each change on the day, and one about reports already sent."""
    before, after, day = foreseen.before, foreseen.after, formatting.day(foreseen.day)
    sentences = [*_units(before, after, day), *_due(before, after, day)]
    sentences += [*_hour(before, after, day), *_arrived(before, after), *_target(before, after)]
    if not sentences:
        sentences = [_("Nothing changes for any unit on %(day)s.") % {"day": day}]
    back = (deadline.reporting_day(at) - foreseen.day).days if foreseen.is_of_all_later_days else 0
    sent = foreseen.reports
    return sentences + _counted(
        {
            ngettext("It also changes %(n)s past day.", "It also changes %(n)s past days.", back): back,
            ngettext("%(n)s report already sent still counts.", "%(n)s reports already sent still count.", sent): sent,
        }
    )


def _counted(numbers: dict[str, int], **values: str) -> list[str]:
    """The sentences whose number is above 0, filled in."""
    return [words % {**values, "n": formatting.number(n)} for words, n in numbers.items() if n > 0]


def scope_words(unit: Unit, day: date) -> str:
    """The units of a change. Names repeat across districts, so the parent is named."""
    above = Unit.objects.named(day).filter(pk=unit.parent_id).first()
    names = [unit.full_name, *([above.full_name] if above else [])]
    return _("For %(unit)s and all below it.") % {"unit": ", ".join(names)}


def base_figure_words(base: BaseFigure, before: BaseFigure | None, after: BaseFigure | None) -> str:
    """The change of a unit's population by a base figure or its withdrawal."""
    return _("%(unit)s, from %(day)s: population %(before)s → %(after)s.") % {
        "unit": base.unit.full_name,
        "day": formatting.day(base.effective_on),
        "before": formatting.number(before.population if before else None),
        "after": formatting.number(after.population if after else None),
    }


def _units(before: DaySummary, after: DaySummary, day: str) -> list[str]:
    """Sentences on a reorganisation's old and new units."""
    added, removed = sorted(after.units - before.units), sorted(before.units - after.units)
    sentences = []
    if removed:
        words = _("They no longer report on %(day)s: %(units)s.")
        sentences.append(words % {"day": day, "units": formatting.listed(removed, MOST_NAMES)})
    if added:
        words = _("They report on %(day)s instead: %(units)s.") if removed else _("They report on %(day)s: %(units)s.")
        sentences.append(words % {"day": day, "units": formatting.listed(added, MOST_NAMES)})
    return sentences


def _due(before: DaySummary, after: DaySummary, day: str) -> list[str]:
    fewer, excused, lapsed = before.due - after.due, after.excused - before.excused, after.lapsed - before.lapsed
    numbers = {
        ngettext(
            "%(n)s unit does not have to report on %(day)s.", "%(n)s units do not have to report on %(day)s.", fewer
        ): fewer,
        ngettext("%(n)s unit has to report on %(day)s.", "%(n)s units have to report on %(day)s.", -fewer): -fewer,
        ngettext(
            "%(n)s unit did not have to report on %(day)s when its deadline passed: that stays. What it sends now "
            "waits for acceptance.",
            "%(n)s units did not have to report on %(day)s when their deadline passed: that stays. What they send "
            "now waits for acceptance.",
            lapsed,
        ): lapsed,
        ngettext(
            "%(n)s unit counts neither as late nor as missing in the reporting discipline of %(day)s; until it "
            "reports, board and papers still list it as not reported.",
            "%(n)s units count neither as late nor as missing in the reporting discipline of %(day)s; until they "
            "report, board and papers still list them as not reported.",
            excused,
        ): excused,
        ngettext(
            "%(n)s unit is no longer excused on %(day)s.", "%(n)s units are no longer excused on %(day)s.", -excused
        ): -excused,
    }
    return _counted(numbers, day=day)


def _hour(before: DaySummary, after: DaySummary, day: str) -> list[str]:
    if before.closes_at and after.closes_at is None:
        words = _(
            "No order covers %(day)s and the days after it any more. They have no deadline, and units cannot send "
            "reports until another order takes effect."
        )
        return [words % {"day": day}]
    if after.closes_at is None or before.closes_at == after.closes_at:
        return []
    values = {"day": day, "after": formatting.hour(after.closes_at), "n": formatting.number(after.due)}
    if before.closes_at is None:
        return [_("The deadline of %(day)s is %(after)s.") % values]
    words = _("The deadline of %(day)s: %(before)s → %(after)s, for %(n)s units.")
    return [words % {**values, "before": formatting.hour(before.closes_at)}]


def _arrived(before: DaySummary, after: DaySummary) -> list[str]:
    forgiven = before.late - after.late
    numbers = {
        ngettext("%(n)s late report counts as on time.", "%(n)s late reports count as on time.", forgiven): forgiven,
        ngettext("%(n)s report counts as late again.", "%(n)s reports count as late again.", -forgiven): -forgiven,
    }
    return _counted(numbers)


def _target(before: DaySummary, after: DaySummary) -> list[str]:
    if before.target_share == after.target_share:
        return []
    values = {"before": formatting.percent(before.target_share), "after": formatting.percent(after.target_share)}
    return [_("Target: %(before)s → %(after)s.") % values]
