"""The content of the day's official workbook, which is the annex to the paper. All figures are as of one instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .. import acts, site
from ..acts import Confirmations, Difficulty
from ..figures import history, sealed_table
from ..figures.rollup import DayRollup, Row
from ..models import Seal, Unit
from .offices import Letterhead, letterhead


@dataclass(frozen=True, kw_only=True)
class Annex:
    """The data of the workbook of a unit's day."""

    figures: DayRollup
    printed_at: datetime
    letterhead: Letterhead
    confirmed: Confirmations
    difficulties: Sequence[Difficulty]
    of_several_days: Sequence[tuple[Row, date]]  # units whose report covers several days, with the first day
    digest: str  # of the canonical table of the figures
    seal: Seal | None = None  # the day's newest

    @property
    def is_sealed(self) -> bool:
        """Whether the figures are those of the seal."""
        return self.seal is not None and self.seal.at == self.figures.as_of


def printed_annex(unit: Unit, figures: DayRollup, *, at: datetime, seal: Seal | None = None) -> Annex:
    """The annex for a day's rollup of the unit, printed at `at`."""
    own, place = figures.own, site.site_of(unit, figures.day)
    return Annex(
        figures=figures,
        printed_at=at,
        letterhead=letterhead(own, name=own.name, city=place.full_name, office=place.own_office),
        confirmed=acts.confirmations(figures),
        difficulties=acts.day_difficulties(figures),
        of_several_days=history.multi_day_reports(figures),
        digest=seal.digest
        if seal and seal.at == figures.as_of
        else sealed_table.digest(sealed_table.canonical_table(figures)),
        seal=seal,
    )
