"""Whose paper it is: the bodies that a form, a bulletin and the day's paper name, where and over which signature.

What a city sends out its Department of Information and Communications issues; a district's and a commune's papers are
their People's Committees', an agency's its own.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ..models import Office, Unit
from ..models.levels import OfALevel
from ..site import usual_office
from ..text import unit_kinds

DEPARTMENT = "Sở "  # an agency whose managing body is the People's Committee of its city


def has_a_committee(unit: OfALevel) -> bool:
    """Whether its People's Committee issues what it sends out; above the cities nobody issues anything."""
    return not (unit.is_city or unit.is_agency or unit.is_country)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The head of a form."""

    managing: str  # the body above, as "UBND THÀNH PHỐ HẢI PHÒNG"; empty where none is named
    issuing: str  # the body whose form it is
    place: str  # "Hải Phòng", before the date


def letterhead(unit: OfALevel, *, name: str, city: str, office: Office | None = None) -> Letterhead:
    """Of a unit called `name` in a city called `city`, both with their kinds: "Quận Hải An", "Thành phố Hải Phòng".

    `office` is what the office of the city has set as its names; None, or none set: as such offices are called.

    Of agencies only departments stand below the city's People's Committee: mass organisations do not.
    """
    above = pgettext("managing body", "People's Committee of %(unit)s") % {"unit": city}
    if unit.is_city:
        managing, issuing = _managing_and_name(office, above)
    elif has_a_committee(unit):
        managing, issuing = "", pgettext("issuing body", "People's Committee of %(unit)s") % {"unit": name}
    else:
        managing, issuing = above if name.startswith(DEPARTMENT) else "", name
    return Letterhead(managing.upper(), issuing.upper(), place=unit_kinds.bare(city))


def bulletin_head(unit: Unit, office: Office | None = None) -> list[str]:
    """The bodies at the head of the bulletin of a unit that others lie below, the issuing one last."""
    committee = _("PEOPLE’S COMMITTEE OF %(unit)s") % {"unit": unit.full_name.upper()}
    if unit.is_city:
        return [words.upper() for words in _managing_and_name(office, committee) if words]
    return [committee, _("CULTURE AND INFORMATION OFFICE")] if has_a_committee(unit) else [unit.full_name.upper()]


def _managing_and_name(office: Office | None, above: str) -> tuple[str, str]:
    return (office.managing, office.name) if office else (above, _("Department of Information and Communications"))


@dataclass(frozen=True, kw_only=True)
class IssuingOffice:
    """The office whose paper it is, as the parts of the paper name it."""

    name: str  # in a sentence: "Ủy ban nhân dân quận Hải An"
    managing: str  # above the issuing body; a People's Committee has none
    issuing: tuple[str, ...]  # its name in the head, a line each
    symbol: str  # behind the number
    place: str
    area: str  # in a sentence: "quận Hải An"
    whole: str  # "toàn quận"
    recipients: tuple[str, ...]
    signature: tuple[str, ...]  # above the place for the signature
    copies: tuple[str, ...]  # Nơi nhận, before the units below and the file


def issuing_office(unit: Unit, superior: Unit | None, office: Office | None = None) -> IssuingOffice:
    """The office of a unit that was read through `named()` and issues such papers.

    `superior` is the unit right above, named too; `office` what the office that runs the site has set as its names.
    The Department of Information and Communications, or what has taken its place, signs by its director; a People's
    Committee is a collective, on whose behalf the chairman signs.
    """
    kind = {"kind": unit.kind or ""}
    common = {"place": unit.name or unit.code, "area": area(unit), "whole": _("the whole %(kind)s") % kind}
    committee = _("People's Committee of %(area)s") % {"area": area(unit)}
    steering = _("Steering committee for COVID-19 prevention of the %(kind)s") % kind
    if unit.is_city:
        office = office or usual_office(unit)
        ministry = _("Authority of Information Technology Application (Ministry of Information and Communications)")
        return IssuingOffice(
            name=office.name,
            managing=office.managing.upper(),
            issuing=(office.name.upper(),),
            symbol=_("BC-%(symbol)s") % {"symbol": office.symbol},
            recipients=(committee,),
            signature=(_("DIRECTOR"),),
            copies=(_("As above"), steering, ministry),
            **common,
        )
    above = _("People's Committee of %(area)s") % {"area": area(superior)}
    chairmen = _("Chairman and vice-chairmen of the People's Committee of the %(kind)s") % kind
    return IssuingOffice(
        name=committee,
        managing="",
        issuing=(_("PEOPLE'S COMMITTEE"), area(unit).upper()),
        symbol=_("BC-UBND"),
        recipients=(above, (office or usual_office(superior)).name) if superior.is_city else (above,),
        signature=(_("ON BEHALF OF THE PEOPLE'S COMMITTEE"), _("CHAIRMAN")),
        copies=(_("As above"), chairmen, steering),
        **common,
    )


def issues_papers(unit: Unit) -> bool:
    """Whether there is an official paper of the unit's days: a country has none, nor has a committee at the top."""
    return unit.is_city or (has_a_committee(unit) and unit.parent_id is not None)


def area(unit: Unit) -> str:
    """ "quận Hải An", in the middle of a sentence."""
    return f"{unit.kind or ''} {unit.name or unit.code}".strip()
