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

    __slots__ = ()  # else rows with slots would have a dict

    level: str

    @property
    def is_agency(self) -> bool:
        """Whether it counts an office's staff, which is never added to the residents."""
        return self.level == Level.AGENCY

    @property
    def is_city(self) -> bool:
        return self.level == Level.CITY

    @property
    def is_commune(self) -> bool:
        return self.level == Level.COMMUNE

    @property
    def is_country(self) -> bool:
        """Whether it is above the cities: it reads their figures and decides nothing."""
        return self.level == Level.COUNTRY

    @property
    def is_superior_level(self) -> bool:
        """Whether units of its level can have units below them."""
        return self.level not in NOBODY_BELOW
