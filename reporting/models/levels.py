"""The levels of the tree, and the properties of units and rows that follow from their level."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    COUNTRY = "country", _("country")
    CITY = "city", _("province or city")
    DISTRICT = "district", _("district")
    COMMUNE = "commune", _("commune")
    AGENCY = "agency", _("agency")


# The next level down; agencies may lie below each of these too.
BELOW: dict[str, str] = {Level.COUNTRY: Level.CITY, Level.CITY: Level.DISTRICT, Level.DISTRICT: Level.COMMUNE}
NOBODY_BELOW = (Level.COMMUNE, Level.AGENCY)


class OfALevel:
    """Properties of anything with a `level`: a unit, a figure, a row of a table."""

    __slots__ = ()  # so that a row with slots keeps to them

    level: str

    @property
    def is_agency(self) -> bool:
        """Whether it counts an office's staff, a stream that is never added to the residents."""
        return self.level == Level.AGENCY

    @property
    def is_city(self) -> bool:
        return self.level == Level.CITY

    @property
    def is_commune(self) -> bool:
        return self.level == Level.COMMUNE

    @property
    def is_country(self) -> bool:
        """Whether it stands above the cities. It reads their figures and decides nothing."""
        return self.level == Level.COUNTRY

    @property
    def is_superior_level(self) -> bool:
        """Whether its level has units below it, even if it has none yet."""
        return self.level not in NOBODY_BELOW
