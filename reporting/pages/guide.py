"""The guide for each role; `make screenshots` makes its pictures."""

from django.utils.translation import gettext_lazy as _

from ..models import User

# By role, the title; the steps are templates/reporting/guide_<role>.html, the hints for a first visit in _hints.html.
TITLES = {
    "officer": _("For who reports: communes and agencies"),
    "district": _("For districts"),
    "city": _("For the unit that seals"),
    "leader": _("For leaders"),
}


def role_of(user: User) -> str:
    """The role whose guide fits the person; without an account the officer's."""
    if not user.is_authenticated or user.unit_id is None:
        return "city" if user.is_authenticated else "officer"
    if not (user.unit.is_superior_level and user.has_units_below):
        return "officer"
    if user.is_viewer or user.unit.is_country:
        return "leader"
    return "city" if user.unit.is_sealing else "district"
