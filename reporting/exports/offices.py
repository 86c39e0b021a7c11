"""The offices that issue forms, bulletins and the day's paper, with place and signature.

A city's papers are issued by its Department of Information and Communications, those of a district or commune by its
People's Committee. An agency issues its own.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _, pgettext

from ..models import Office, Unit
from ..models.levels import OfALevel
from ..site import usual_office
from ..text import unit_kinds

DEPARTMENT = "Sở "  # the start of a department's name; it is managed by the city's People's Committee


def has_a_committee(unit: OfALevel) -> bool:
    """Whether a People's Committee issues the unit's papers."""
    return not (unit.is_city or unit.is_agency or unit.is_country)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The head of a form or a bulletin."""

    managing: str  # the office above, such as "UBND THÀNH PHỐ HẢI PHÒNG"; may be empty
    issuing: str  # the office that issues the form
    place: str  # "Hải Phòng", before the date


def letterhead(unit: OfALevel, *, name: str, city: str, office: Office | None = None) -> Letterhead:
    """The head for a unit called `name` in a city called `city`: "Quận Hải An", "Thành phố Hải Phòng".

    `office` has the names set by the city's office; without it, the usual names are used. Departments are managed by
    the city's People's Committee, other agencies are not.
    """
    above = pgettext("managing body", "People's Committee of %(unit)s") % {"unit": city}
    if unit.is_city:
        managing, issuing = above, _("Department of Information and Communications")
        if office:
            managing, issuing = office.managing, office.name
    elif has_a_committee(unit):
        managing, issuing = "", pgettext("issuing body", "People's Committee of %(unit)s") % {"unit": name}
    else:
        managing, issuing = above if name.startswith(DEPARTMENT) else "", name
    return Letterhead(managing.upper(), issuing.upper(), place=unit_kinds.bare_name(city))


@dataclass(frozen=True, kw_only=True)
class IssuingOffice:
    """The office that issues the day's paper, in the wordings that the parts of the paper need."""

    name: str  # in a sentence: "Ủy ban nhân dân quận Hải An"
    managing: str  # the office above, empty for a People's Committee
    issuing: tuple[str, ...]  # the lines of its name in the head
    symbol: str  # in the number of the paper, after the digits
    place: str
    area: str  # in a sentence: "quận Hải An"
    whole: str  # "toàn quận"
    recipients: str  # one per line
    signature: str  # the lines above the place for the signature
    signer: str = ""  # the name below it
    number: str = ""  # of the paper; empty: left blank
    copies: tuple[str, ...]  # the first lines of “Nơi nhận”, who gets a copy


def issuing_office(unit: Unit, superior: Unit | None, office: Office | None = None) -> IssuingOffice:
    """The office of a unit that issues papers. Unit and superior come from `named()`; `office` as in `letterhead`.

    The director signs for the Department of Information and Communications. A People's Committee is a collective: the
    chairman signs on its behalf.
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
            recipients=office.recipients or committee,
            signature=office.signature or _("DIRECTOR"),
            signer=office.signer,
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
        recipients=f"{above}\n{(office or usual_office(superior)).name}" if superior.is_city else above,
        signature="\n".join([_("ON BEHALF OF THE PEOPLE'S COMMITTEE"), _("CHAIRMAN")]),
        copies=(_("As above"), chairmen, steering),
        **common,
    )


def issues_papers(unit: Unit) -> bool:
    """Whether the unit issues daily papers: a country does not, and neither does a district or commune at the top."""
    return unit.is_city or (has_a_committee(unit) and unit.parent_id is not None)


def area(unit: Unit) -> str:
    """The name within a sentence: "quận Hải An"."""
    return f"{unit.kind or ''} {unit.name or unit.code}".strip()
