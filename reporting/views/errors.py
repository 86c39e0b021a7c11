"""Error pages in the reader's language, each with a way on. That of a failure (500) needs no database."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def permission_denied(request, exception=None):
    return render(request, "403.html", status=403)


def page_not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    return HttpResponse(render_to_string("500.html"), status=500)  # no request: its context would ask the database


def csrf_failure(request, reason=""):
    """What was sent was not saved: say so, and lead back to the page that it came from."""
    return render(request, "403_csrf.html", {"back": request.path}, status=403)
