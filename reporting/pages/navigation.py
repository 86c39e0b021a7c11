"""A person's navigation and guide, by the level of their unit, without a query."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, pgettext

from .. import permissions
from ..models import User
from ..people import access
from ..permissions import Act

Where = Literal["both", "desk", "phone"]  # a phone shows four links, the menu has the rest
# Pictures of 24 x 24, drawn as lines.
SIGNS = {
    "report": "M6 3h9l4 4v14H6zM9 12h7M9 16h7",
    "report_list": "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
    "inbox": "M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5",
    "unit": "M5 20v-9M12 20V4M19 20v-6M3 20h18",
    "ranking": "M4 20v-6h5v6M9 20V8h6v12M15 20v-9h5v9",
    "unit_search": "M10 4a6 6 0 1 0 0 12a6 6 0 0 0 0-12zM15 15l6 6",
}


@dataclass(frozen=True)
class Link:
    words: str
    address: str
    leads_to: frozenset[str]  # names of the pages under this link
    where: Where
    sign: str  # the picture on a phone; empty if it is not shown there


def links(user: User) -> list[Link]:
    """The main links of the person; empty without a unit."""
    if user.unit_id is None:
        return []
    is_superior = user.unit.is_superior_level and user.has_units_below
    return list(_superior_links(user) if is_superior else _officer_links(user))


def _officer_links(user: User) -> Iterator[Link]:
    own = [user.unit.code]
    also = ("home", "report", "report_detail", "late_request", "ranking", "discipline", "changes", "official")
    yield _link(pgettext("way", "Report"), "unit", own, *also, sign="report")
    yield _link(pgettext("way", "Days"), "report_list", own)
    if not user.is_viewer:
        yield _link(_("To do"), "inbox", [])


def _superior_links(user: User) -> Iterator[Link]:
    own = [user.unit.code]
    may_review = permissions.may_ever(access.role_below(user, user.unit), Act.DECIDE)
    of_day = ("home", "board", "review", "seal", "entry", "bulletin", "changes", "discipline", "official")
    yield _link(pgettext("way", "Today"), "unit", own, *of_day, "report", "late_request", "report_detail")
    yield _link(_("Ranking"), "ranking", own)
    yield _link(_("Reports and downloads"), "report_list", own, where="desk")
    if may_review and user.unit.is_sealing:
        also = ("reorganise", "campaign_add", "campaign_withdraw")
        yield _link(pgettext("way", "Set-up"), "campaign", [], *also, where="desk")
    yield _link(pgettext("way", "Find"), "unit_search", [], where="phone")


def _link(words: str, route: str, args: list, *also: str, where: Where = "both", sign: str = "") -> Link:
    leads_to = frozenset(f"reporting:{page}" for page in (route, *also))
    return Link(words, reverse(f"reporting:{route}", args=args), leads_to, where, SIGNS.get(sign or route, ""))


# Titles by role. The steps are in templates/reporting/guide_<role>.html, hints for a first visit in _hints.html.
GUIDE_TITLES = {
    "officer": gettext_lazy("For communes and agencies"),
    "district": gettext_lazy("For districts"),
    "city": gettext_lazy("For the unit that seals"),
    "leader": gettext_lazy("For leaders"),
}


def guide_role(user: User) -> str:
    """The role whose guide fits the person; "officer" without an account."""
    if not user.is_authenticated or user.unit_id is None:
        return "city" if user.is_authenticated else "officer"
    if not (user.unit.is_superior_level and user.has_units_below):
        return "officer"
    if user.is_viewer or user.unit.is_country:
        return "leader"
    return "city" if user.unit.is_sealing else "district"
