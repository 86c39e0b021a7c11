"""What every page knows."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from . import access, inbox


def product(request) -> dict:
    user = getattr(request, "user", None)
    can_act = user is not None and inbox.can_act(user)
    return {
        "is_demo": settings.DEMO,
        "arrived_at": request.arrived_at,
        "home_unit": access.home_unit(user) if user and user.is_authenticated else None,
        "can_act": can_act,
        "manages_people": can_act and access.can_manage_people(user),
        "inbox_count": SimpleLazyObject(lambda: inbox.count(user, at=request.arrived_at)) if can_act else 0,
    }
