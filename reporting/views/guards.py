"""Decorators for views: the HTTP methods, the required sign-in, and locks.

The sign-in page keeps figures that were sent without a session; after the sign-in the form shows them again.
"""

from contextlib import ExitStack
from functools import wraps
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import gate
from ..forms.people import SignInForm
from ..models import User
from ..people.kept_through_sign_in import is_carried, page_of
from .sign_in import sign_in_page


def read_view(view):
    """Answers GET and HEAD: a page or a file."""
    return require_safe(_signed_in(view))


def post_view(view):
    """Answers POST: an act."""
    return require_POST(_signed_in(view))


def form_view(view):
    """Answers GET, HEAD and POST: a page and its form."""
    return require_http_methods(["GET", "HEAD", "POST"])(_signed_in(view))


def _signed_in(view):
    redirecting = login_required(view)

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated or request.method != "POST":
            return redirecting(request, *args, **kwargs)
        if is_carried(request):
            return sign_in_page(request, form=SignInForm(request), status=403, next=page_of(request))
        return redirect_to_login(_page_before(request))

    return guarded


def _page_before(request) -> str:
    """The page from which the form was sent, or "/". The address itself accepts only POST."""
    address = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    return urlsplit(address)._replace(scheme="", netloc="").geturl()


def one_press(view):
    """A second press of a button waits for the first and sees what it has written. Put it closest to the view."""

    @wraps(view)
    def waiting(request, *args, **kwargs):
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
            return view(request, *args, **kwargs)

    return waiting


def takes_a_file_turn(view):
    """Few files are made at once: a request waits for its turn, or gets a 429 (`GateMiddleware`).

    A streamed file keeps its place until it is sent completely.
    """

    @wraps(view)
    def taking(request, *args, **kwargs):
        with ExitStack() as turn:
            gate.take_turn(turn, gate.FILE)
            response = view(request, *args, **kwargs)
            if response.streaming:
                response._resource_closers.append(turn.pop_all().close)
            return response

    taking.takes_a_file_turn = True
    return taking
