"""Charts as SVG drawn by the server: rows in, markup out. Coordinates are written here, never by a locale."""

from __future__ import annotations

from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .formatting import percent, whole_percent

BAR_WIDTH = 100  # of the bar's own coordinates


def share_bar(share: Decimal | None, target_share: Decimal) -> SafeString:
    """A bar from 0 to 100 % with a tick at the target. A share above 100 % fills the bar, None draws none."""
    filled = min(float(share or 0), 1.0) * BAR_WIDTH
    tick = float(target_share) * BAR_WIDTH
    is_reached = share is not None and share >= target_share
    return format_html(
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<rect class="bar-ground" x="0" y="1" width="100" height="10"/>'
        '<rect class="bar-fill{reached}" x="0" y="1" width="{filled}" height="10"/>'
        '<rect class="bar-tick" x="{tick}" y="0" width="1" height="12"/></svg>',
        label=_("%(share)s of %(target)s") % {"share": percent(share), "target": whole_percent(target_share)},
        reached=" is-reached" if is_reached else "",
        filled=f"{filled:.2f}",
        tick=f"{tick:.2f}",
    )
