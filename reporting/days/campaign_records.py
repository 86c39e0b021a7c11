"""What was set up as far as it reaches a unit: for it, above it or below it; what was taken back is among it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from ..models import Directive, Downtime, ExemptDay, Extension, Unit, UnitHour


@dataclass(frozen=True)
class CampaignRecords:
    first_day: date | None
    directives: Sequence[Directive]
    extensions: Sequence[Extension]
    exempt_days: Sequence[ExemptDay]
    unit_hours: Sequence[UnitHour]
    downtimes: Sequence[Downtime]


def reaching(unit: Unit) -> CampaignRecords:
    here = Q(unit__path__startswith=unit.path) | Q(unit__code__in=unit.codes)
    return CampaignRecords(
        first_day=Directive.objects.campaign_start(),
        directives=list(Directive.objects.all()),
        extensions=list(Extension.objects.filter(here).select_related("unit")),
        exempt_days=list(ExemptDay.objects.filter(here).select_related("unit")),
        unit_hours=list(UnitHour.objects.filter(here).select_related("unit")),
        downtimes=list(Downtime.objects.all()),
    )
