"""Printed pages for many new accounts: slips to cut out, and for each district a hand-over list to sign.

A password is printed only on its slip, not on the list; the database stores only its hash.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import segno
from django.utils.translation import gettext as _

from .. import deadline, site
from ..models import Unit
from ..people.accounts import Slip
from ..text import formatting
from .offices import letterhead

SLIPS_ON_A_SHEET = 8  # an A4, two by four


def handover(slips: Sequence[Slip], *, issuer: Unit, address: str, at: datetime) -> dict[str, Any]:
    """The context of the printed pages. The slips are in tree order; `address` is the address of this site."""
    day = deadline.reporting_day(at)
    units = [issuer, *(slip.person.unit for slip in slips)]
    codes = {code for unit in units for code in unit.codes}
    named = {unit.code: unit for unit in Unit.objects.filter(code__in=codes).named(day)}
    issuer, place = named[issuer.code], site.site_of(issuer, day)
    head = letterhead(issuer, name=issuer.full_name, city=place.full_name, office=place.own_office)
    groups = []  # of slips handed over together: of each district, of the city's office, of the agencies
    for code, group in groupby(slips, key=lambda slip: _group(slip.person.unit, named)):
        title, batch = named[code].full_name if code else _("Departments, agencies, mass organisations"), list(group)
        sheets = [batch[start : start + SLIPS_ON_A_SHEET] for start in range(0, len(batch), SLIPS_ON_A_SHEET)]
        groups.append({"title": title, "slips": batch, "sheets": sheets})
    qr = segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff", dark="#000")
    about = {"head": head, "place_and_day": formatting.place_and_day(head.place, day), "address": address, "code": qr}
    return {**about, "expires_at": slips[0].expires_at, "groups": groups, "count": len(slips)}


def _group(unit: Unit, named: Mapping[str, Unit]) -> str:
    """The code of the district or city; empty for agencies."""
    if unit.is_agency:
        return ""
    depth = next((depth for depth, code in enumerate(unit.codes) if named[code].is_sealing), 0)
    return unit.codes[: depth + 2][-1]
