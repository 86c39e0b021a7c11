"""Which methods a view answers; anybody who has not signed in is led to the sign-in page.

That page carries along the figures that were sent without a session, and they are back in the form afterwards.
"""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..people import kept_through_sign_in
from .sign_in import page_with_figures


def read_view(view):
    """A page or a file: it is looked at, and nothing is sent to it."""
    return require_safe(_signed_in(view))


def post_view(view):
    """An act: only a form leads to it."""
    return require_POST(_signed_in(view))


def form_view(view):
    """A page with a form that is sent to the same address."""
    return require_http_methods(["GET", "HEAD", "POST"])(_signed_in(view))


def _signed_in(view):
    redirecting = login_required(view)

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated or not kept_through_sign_in.is_carried(request):
            return redirecting(request, *args, **kwargs)
        return page_with_figures(request)

    return guarded
