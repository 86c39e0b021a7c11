"""Bars for the cells of tables."""

from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..text.formatting import percent, whole_percent
from ..text.markup import format_html
from .svg import place


def share_bar(share: Decimal | None, target_share: Decimal, mean: Decimal | None = None) -> SafeString:
    """A bar from 0 to the target, full from there on, with a dotted tick at the mean if there is one."""
    is_reached = share is not None and share >= target_share
    tick = "" if mean is None else format_html('<path class="bar-mean" d="M{} 0V8"/>', _place(mean, target_share))
    return format_html(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<rect class="bar-fill{reached}" width="{filled}" height="8"/>{tick}</svg>',
        label=_("%(share)s of %(target)s") % {"share": percent(share), "target": whole_percent(target_share)},
        reached=" is-reached" if is_reached else "",
        filled=_place(share or Decimal(0), target_share),
        tick=tick,
    )


def _place(share: Decimal, target_share: Decimal) -> str:
    return place(min(float(share / target_share), 1.0) * 100)


def rates_bar(value: float, most: float) -> SafeString:
    """A bar of the length value / most; decoration for the figure beside it."""
    return format_html(
        '<svg class="bar-rate" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="8"/></svg>',
        place(value / most * 100 if most else 0),
    )


def bar_scale(mean: Decimal | None, target_share: Decimal) -> SafeString:
    """The head of a column of bars: the meaning of their ends and their tick."""
    return format_html(
        '<span class="scale"><span>0</span><span>{}</span><span>{}</span></span>',
        _("mean %(share)s") % {"share": percent(mean)},
        _("target %(target)s") % {"target": whole_percent(target_share)},
    )
