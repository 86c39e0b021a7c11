"""What opens without a line: an empty form that says nothing of anybody, and the worker that keeps it on a device."""

import hashlib
import json

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

SHELL = ("reporting/reporting.css", "reporting/offline.js", "reporting/form.js")


@require_safe
def offline(request):
    """The empty form, the same for everybody; `?language=` as the worker asks for it, without any cookie."""
    asked = request.GET.get("language")
    with override(asked if asked in dict(settings.LANGUAGES) else get_language()):
        return render(request, "reporting/offline.html")


@require_safe
def worker(request):
    """The worker at the top of the site, so that it may answer for all pages when the line is dead."""
    page = f"{reverse('reporting:offline')}?language={get_language()}"
    shell = [page, *map(static, SHELL)]
    text = render(request, "reporting/worker.js", {"shell": json.dumps(shell), "page": json.dumps(page)}).content
    version = hashlib.sha256(text).hexdigest()[:12]
    named = text.replace(b"{version}", version.encode())
    return HttpResponse(named, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@require_safe
def icon(request):
    """What a browser asks for beside a page that names no icon: the administrator's, a failure, a file."""
    return redirect(static("reporting/icons/192.png"))


@require_safe
def emblem(request):
    """The picture beside the office's name, open to everybody: the sign-in page shows it."""
    if settings.EMBLEM is None or not settings.EMBLEM.is_file():
        raise Http404
    headers = {"Cache-Control": "public, max-age=3600"}
    response = FileResponse(settings.EMBLEM.open("rb"), content_type="image/png", headers=headers)
    response.is_kept = True
    return response


@require_safe
def manifest(request):
    """What a phone's home screen shows."""
    return render(request, "reporting/manifest.webmanifest", content_type="application/manifest+json")
