"""Which methods a view answers; anybody who has not signed in is led to the sign-in page."""

from django.contrib.auth.decorators import login_required
from django.views.decorators.http import require_http_methods, require_POST, require_safe


def read_view(view):
    """A page or a file: it is looked at, and nothing is sent to it."""
    return require_safe(login_required(view))


def post_view(view):
    """An act: only a form leads to it."""
    return require_POST(login_required(view))


def form_view(view):
    """A page with a form that is sent to the same address."""
    return require_http_methods(["GET", "HEAD", "POST"])(login_required(view))
