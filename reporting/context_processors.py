"""What every page knows."""

from django.conf import settings

from . import access


def product(request) -> dict:
    user = getattr(request, "user", None)
    return {
        "is_demo": settings.DEMO,
        "arrived_at": request.arrived_at,
        "home_unit": access.home_unit(user) if user and user.is_authenticated else None,
    }
