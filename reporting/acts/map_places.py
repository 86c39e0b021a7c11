"""Where the units right below another lie on its map, arranged by who keeps the units."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy

from ..hours.permissions import Act, Situation
from ..models import Unit, User
from ..models.levels import Level
from ..models.map_place import MOST, MapPlace
from . import locking
from .campaign import may_set
from .errors import CONFLICT, NotAllowed, NotWritten


class Rearranged(NotWritten):
    text = gettext_lazy(
        "Somebody else has changed the map since you opened this page. Open it again and repeat your changes."
    )
    status = CONFLICT


def on_the_map(unit: Unit) -> QuerySet[Unit]:
    """Those right below that are not closed: the tiles of its map, agencies apart."""
    return Unit.objects.filter(parent=unit, closed_on=None).residents()


def with_a_map(top: Unit) -> QuerySet[Unit]:
    """The units at and below `top` whose units right below are as many as a map holds."""
    on_it = Count("children", filter=Q(children__closed_on=None) & ~Q(children__level=Level.AGENCY))
    return Unit.objects.below(top).filter(closed_on=None).annotate(on_map=on_it).filter(on_map__gte=1, on_map__lte=MOST)


def as_text(units: Iterable[Unit]) -> str:
    """Where each of the units lies, to be compared with what it was."""
    return " ".join(f"{one.code}:{one.map_column or ''}.{one.map_line or ''}" for one in units)


def arrange(*, unit: Unit, places: Mapping[str, MapPlace | None], shown: str, by: User) -> list[Unit]:
    """Put the units right below `unit` where `places` says, by code; returns those that have moved.

    `shown` is, `as_text`, where the person saw them. Raises `NotAllowed`, `Rearranged`.
    """
    with transaction.atomic():
        locking.lock_all(unit)
        if not may_set(by, unit):
            raise NotAllowed(Act.EXTEND, Situation.NOT_DUE)
        units = list(on_the_map(unit))
        if as_text(units) != shown:
            raise Rearranged
        moved = [one for one in units if one.place != places[one.code]]
        for one in moved:
            one.map_column, one.map_line = places[one.code] or (None, None)
        Unit.objects.bulk_update(moved, ["map_column", "map_line"])
    return moved
