"""Whose site a request sees: of the unit that seals over the person; of the top for who has not signed in."""

from .. import site
from ..hours import deadline


def current_site(get_response):
    """Sets what `site.current` answers while the request is answered; nothing is read before a page asks for it."""

    def middleware(request):
        with site.holding(lambda: _of(request)):
            return get_response(request)

    return middleware


def _of(request) -> site.Site:
    day = deadline.reporting_day(request.arrived_at)
    unit = request.user.unit if request.user.is_authenticated else None
    return site.over(unit, day) if unit else site.of_the_top(day)
