"""The levels of the tree, and what its level says of a unit and of every row that stands for one."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    COUNTRY = "country", _("country")
    CITY = "city", _("province or city")
    DISTRICT = "district", _("district")
    COMMUNE = "commune", _("commune")
    AGENCY = "agency", _("agency")


# Beside agencies.
BELOW: dict[str, str] = {Level.COUNTRY: Level.CITY, Level.CITY: Level.DISTRICT, Level.DISTRICT: Level.COMMUNE}
NOBODY_BELOW = (Level.COMMUNE, Level.AGENCY)


class OfALevel:
    """What is asked of whatever has a `level`: a unit, a figure, a row of a table."""

    __slots__ = ()  # so that a row with slots keeps to them

    level: str

    @property
    def is_agency(self) -> bool:
        """Whether its people are an office's staff: a stream of their own beside the residents, never in their sum."""
        return self.level == Level.AGENCY

    @property
    def is_city(self) -> bool:
        return self.level == Level.CITY

    @property
    def is_commune(self) -> bool:
        return self.level == Level.COMMUNE

    @property
    def is_country(self) -> bool:
        """Whether it stands above the cities: it reads what they seal, and decides nothing for them."""
        return self.level == Level.COUNTRY

    @property
    def is_superior_level(self) -> bool:
        """Whether units are meant to lie below it, even if none does yet."""
        return self.level not in NOBODY_BELOW
