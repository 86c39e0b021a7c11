"""Says who asks for expensive work, and answers those without a turn."""

from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import timedelta

from django.db import Error
from django.http import HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache

from .. import deadline, gate
from ..days import hours_in_force
from ..people.kept_through_sign_in import fields_of
from ..people.wrong_passwords import device_name


class GateMiddleware:
    """Says who asks for expensive work. Tells the gate today's deadlines, once a minute."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.asked_at = None

    def __call__(self, request):
        if self.asked_at is None or abs(request.arrived_at - self.asked_at) > timedelta(minutes=1):
            self.asked_at = request.arrived_at
            with suppress(Error):  # a page that needs no database is shown without it
                gate.set_deadlines(_deadlines(deadline.reporting_day(request.arrived_at)))
        person = f"person {request.user.pk}" if request.user.is_authenticated else ""
        with gate.asked_by(person or device_name(request)):
            try:
                with _look_back_turn(request):
                    return self.get_response(request)
            except gate.Busy as busy:
                return _busy_page(request, busy)

    def process_exception(self, request, exception):
        return _busy_page(request, exception) if isinstance(exception, gate.Busy) else None


def _deadlines(day):
    hours = hours_in_force.hours_of_day(day)
    return {hours.ordered, *(setting.closes_at(day) for setting in [*hours.unit_orders, *hours.extensions])}


def _look_back_turn(request) -> AbstractContextManager:
    """Lets a person load only one page as of an instant at a time, because it sums the history again."""
    is_asked = request.user.is_authenticated and QueryDict(request.META.get("QUERY_STRING", "")).get("as_of")
    return gate.turn(gate.LOOK_BACK) if is_asked else nullcontext()


@never_cache
def _busy_page(request, busy: gate.Busy) -> HttpResponse:
    """The page offers to send the same again, unless another site may have sent it."""
    context = {"wait": busy.seconds, "is_sent": request.method == "POST"}
    has_session = request.user.is_authenticated  # browsers send it with forms of our own pages only
    is_ours = request.headers.get("Sec-Fetch-Site", "same-origin" if has_session else "") == "same-origin"
    if context["is_sent"] and (is_ours or hasattr(request, "csrf_processing_done")):
        context |= {"path": request.get_full_path(), "fields": fields_of(request), "csrf_token": get_token(request)}
    headers = {"Retry-After": busy.seconds} | ({"Refresh": busy.seconds} if request.method == "GET" else {})
    return HttpResponse(render_to_string("reporting/busy.html", context), status=429, headers=headers)
