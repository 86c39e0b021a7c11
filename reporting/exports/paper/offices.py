"""Who issues the paper, to whom and over which signature: a city's department, or the People's Committee below it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ...models import Unit


@dataclass(frozen=True, kw_only=True)
class Office:
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


def office(unit: Unit, superior: Unit | None) -> Office | None:
    """The office of a unit that was read through `named()`; None for one that issues no such paper.

    `superior` is the unit right above, named too.
    """
    if unit.level == Unit.Level.CITY:
        return _department(unit)
    if unit.level in (Unit.Level.DISTRICT, Unit.Level.COMMUNE) and superior is not None:
        return _committee(unit, superior)
    return None


def area(unit: Unit) -> str:
    """ "quận Hải An", in the middle of a sentence."""
    return f"{unit.kind or ''} {unit.name or unit.code}".strip()


def _department(unit: Unit) -> Office:
    """The Department of Information and Communications signs for itself, by its director."""
    name = _("Department of Information and Communications")
    committee = _("People's Committee of %(area)s") % {"area": area(unit)}
    return Office(
        name=name,
        managing=_("P.C. of %(area)s") % {"area": area(unit).upper()},
        issuing=(name.upper(),),
        symbol=_("BC-STTTT"),
        place=unit.name or unit.code,
        area=area(unit),
        whole=_("the whole %(kind)s") % {"kind": unit.kind or ""},
        recipients=(committee,),
        signature=(_("DIRECTOR"),),
        copies=(
            _("As above"),
            _("Steering committee for COVID-19 prevention of the %(kind)s") % {"kind": unit.kind or ""},
            _("Authority of Information Technology Application (Ministry of Information and Communications)"),
        ),
    )


def _committee(unit: Unit, superior: Unit) -> Office:
    """A People's Committee is a collective: its chairman signs on its behalf."""
    kind = unit.kind or ""
    above = _("People's Committee of %(area)s") % {"area": area(superior)}
    is_below_a_city = superior.level == Unit.Level.CITY
    return Office(
        name=_("People's Committee of %(area)s") % {"area": area(unit)},
        managing="",
        issuing=(_("PEOPLE'S COMMITTEE"), area(unit).upper()),
        symbol=_("BC-UBND"),
        place=unit.name or unit.code,
        area=area(unit),
        whole=_("the whole %(kind)s") % {"kind": kind},
        recipients=(above, _("Department of Information and Communications")) if is_below_a_city else (above,),
        signature=(_("ON BEHALF OF THE PEOPLE'S COMMITTEE"), _("CHAIRMAN")),
        copies=(
            _("As above"),
            _("Chairman and vice-chairmen of the People's Committee of the %(kind)s") % {"kind": kind},
            _("Steering committee for COVID-19 prevention of the %(kind)s") % {"kind": kind},
        ),
    )
