"""Pictures small enough for a cell of a table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..text.formatting import percent, whole_percent
from ..text.markup import format_html
from .svg import element, place

BAR_WIDTH = 100  # of the bar's own coordinates
SPARK_HEIGHT = 24
SPARK_SLOT = 7


def share_bar(share: Decimal | None, target_share: Decimal) -> SafeString:
    """A bar from 0 to 100 % with a tick at the target. A share above 100 % fills the bar, None draws none."""
    filled = min(float(share or 0), 1.0) * BAR_WIDTH
    tick = float(target_share) * BAR_WIDTH
    is_reached = share is not None and share >= target_share
    return format_html(
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<rect class="bar-ground" x="0" y="1" width="100" height="10"/>'
        '<rect class="bar-fill{reached}" x="0" y="1" width="{filled}" height="10"/>'
        '<path class="bar-tick" d="M{tick} 0V12"/></svg>',
        label=_("%(share)s of %(target)s") % {"share": percent(share), "target": whole_percent(target_share)},
        reached=" is-reached" if is_reached else "",
        filled=f"{filled:.2f}",
        tick=f"{tick:.2f}",
    )


def sparkline(installs: Sequence[int | None], *, label: str = "") -> SafeString:
    """A column for each day, oldest first, as high as the most of them; one stands on the line even for 0.

    A day without a report (None) has a pale band in place of a column. Without a label the picture is decoration for
    figures that stand beside it.
    """
    if not installs:
        return SafeString("")
    most = max([count for count in installs if count is not None], default=0) or 1
    columns = "".join(
        _column(number, 1 + count / most * (SPARK_HEIGHT - 1))
        for number, count in enumerate(installs)
        if count is not None
    )
    bands = "".join(_column(number, SPARK_HEIGHT) for number, count in enumerate(installs) if count is None)
    named = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return element(
        "svg",
        element("path", class_="spark-gap", d=bands) if bands else "",
        element("path", class_="spark-column", d=columns) if columns else "",
        hint=label,
        class_="spark",
        viewBox=f"0 0 {len(installs) * SPARK_SLOT} {SPARK_HEIGHT}",
        **named,
    )


def _column(number: int, height: float) -> str:
    left, width = number * SPARK_SLOT + 1, SPARK_SLOT - 2
    return f"M{left} {SPARK_HEIGHT}v-{place(height)}h{width}v{place(height)}z"
