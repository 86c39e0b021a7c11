"""Whose paper it is: the bodies that an official form names at its top, left, and where it is signed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ..models import Unit

DEPARTMENT = "Sở "  # an agency whose managing body is the People's Committee of its city


@dataclass(frozen=True, slots=True)
class Letterhead:
    managing: str  # the body above, as "UBND THÀNH PHỐ HẢI PHÒNG"; empty where none is named
    issuing: str  # the body whose form it is
    place: str  # "Hải Phòng", before the date


def letterhead(*, level: str, name: str, city: str) -> Letterhead:
    """Of a unit called `name` in a city called `city`, both with their kinds: "Quận Hải An", "Thành phố Hải Phòng".

    The city's form is issued by its Department of Information and Communications, the form of a district or a commune
    by its own People's Committee. Of agencies only departments stand below the city's People's Committee: mass
    organisations do not.
    """
    managing = pgettext("managing body", "People's Committee of %(unit)s") % {"unit": city}
    if level == Unit.Level.CITY:
        issuing = _("Department of Information and Communications")
    elif level == Unit.Level.AGENCY:
        managing, issuing = managing if name.startswith(DEPARTMENT) else "", name
    else:
        managing, issuing = "", pgettext("issuing body", "People's Committee of %(unit)s") % {"unit": name}
    return Letterhead(managing.upper(), issuing.upper(), place=bare_name(city))


def bare_name(city: str) -> str:
    """ "Thành phố Hải Phòng" is signed in Hải Phòng."""
    for kind in ("Thành phố ", "Tỉnh "):
        city = city.removeprefix(kind)
    return city
