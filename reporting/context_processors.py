"""The context of every page."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from . import clock, imports, site
from .models import Unit
from .pages import inbox, navigation
from .people import access, second_factor, sessions, wrong_passwords


def product(request) -> dict:
    user = getattr(request, "user", None)
    shared = {
        "is_demo": settings.DEMO,
        "is_drill": settings.DRILL,
        "version": settings.VERSION,
        "arrived_at": request.arrived_at,
        "the_site": SimpleLazyObject(site.current),
    }
    if user is None or not user.is_authenticated:
        return shared
    ends = request.session.get_expiry_date()
    shared |= {"session_ends": ends, "session_left": int((ends - clock.machine()).total_seconds())}
    if second_factor.owes_code(user):  # could be anybody who knows the password
        return shared | {"owes_code": True}
    can_act = inbox.can_act(user)
    page = request.resolver_match.view_name if request.resolver_match else ""
    return shared | {
        "has_first_password": user.must_change_password and page != "password_change",
        "home_unit": access.home_unit(user),
        "can_act": can_act,
        "can_import": can_act and imports.can_import(user),
        "covers": SimpleLazyObject(lambda: _covers(user)) if can_act else [],
        "manages_people": access.can_manage_people(user),
        "inbox_count": SimpleLazyObject(lambda: inbox.count(user, at=request.arrived_at)) if can_act else 0,
        "offers_second_factor": not settings.DEMO and second_factor.reaches_far(user) and not user.second_factor_at,
        "offers_passkey": not (
            settings.DEMO or sessions.BY_PASSKEY in request.session or wrong_passwords.has_passkey(request)
        ),
        "second_factor_required": second_factor.is_demanded_of(user),
        # The links of header, trail and footer.
        "main_links": navigation.links(user),
        "page_name": page,
        "can_search": user.unit_id is None or (user.unit.is_superior_level and user.has_units_below),
        "duty_phone": user.unit_id and SimpleLazyObject(lambda: _duty_phone(user.unit)),
    }


def _duty_phone(unit: Unit) -> str:
    """The superior's telephone; the office's for the top unit and those right below it."""
    if unit.is_under_seal and not unit.parent.is_sealing:
        return unit.parent.phone
    return site.current().office.phone


def _covers(user) -> list:
    """The person's covers of today, with the names of their units."""
    covers = access.covers(user)
    if covers:
        units = Unit.objects.named(user.acts_on).in_bulk([cover.unit_id for cover in covers])
        for cover in covers:
            cover.unit = units[cover.unit_id]
    return covers
