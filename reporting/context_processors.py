"""What every page knows."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from . import access, imports, inbox
from .models import Unit


def product(request) -> dict:
    user = getattr(request, "user", None)
    can_act = user is not None and inbox.can_act(user)
    return {
        "is_demo": settings.DEMO,
        "arrived_at": request.arrived_at,
        "home_unit": access.home_unit(user) if user and user.is_authenticated else None,
        "can_act": can_act,
        "can_import": can_act and imports.can_import(user),
        "covers": SimpleLazyObject(lambda: _covers(user)) if can_act else [],
        "manages_people": can_act and access.can_manage_people(user),
        "inbox_count": SimpleLazyObject(lambda: inbox.count(user, at=request.arrived_at)) if can_act else 0,
    }


def _covers(user) -> list:
    """The covers that the person holds today, each with its unit named."""
    held = access.covers(user)
    if held:
        units = Unit.objects.named(user.acts_on).in_bulk([cover.unit_id for cover in held])
        for cover in held:
            cover.unit = units[cover.unit_id]
    return held
