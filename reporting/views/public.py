"""Pages open to everybody, signed in or not."""

import hashlib
import json

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from ..operation import readiness
from ..pages import navigation
from .guards import post_view

TEXT = "text/plain; charset=utf-8"
MIGRATED = "migrated"  # key of the cache
SHELL = ("reporting/reporting.css", "reporting/form.js")
PATIENCE = 4000  # milliseconds that the worker waits for a form


@require_safe
def offline(request):
    """The empty offline form, the same for everybody. The service worker requests it with `?language=`, no cookie."""
    language = request.GET.get("language")
    with override(language if language in dict(settings.LANGUAGES) else get_language()):
        return render(request, "reporting/offline.html")


@require_safe
def worker(request):
    """The service worker. Its address is at the top of the site, so it may serve all pages offline."""
    pages = {language: f"{reverse('reporting:offline')}?language={language}" for language, _name in settings.LANGUAGES}
    known = {"script": static("reporting/form.js"), "pages": json.dumps(pages), "patience": PATIENCE}
    known["shell"] = json.dumps([*pages.values(), *map(static, SHELL)])
    text = render(request, "reporting/worker.js", known).content
    version = hashlib.sha256(text)
    for language in pages:
        with override(language):  # a new release of the page is a new version
            version.update(render_to_string("reporting/offline.html").encode())
    named = text.replace(b"{version}", version.hexdigest()[:12].encode())
    return HttpResponse(named, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@require_safe
def icon(request):
    """The icon for pages that name none: error pages, files."""
    return redirect(static("reporting/icons/192.png"))


@require_safe
def manifest(request):
    """The manifest for a phone's home screen."""
    return render(request, "reporting/manifest.webmanifest", content_type="application/manifest+json")


@require_safe
def guide(request, role=None):
    """The guide for a role, by default the person's own."""
    role = role or navigation.guide_role(request.user)
    if role not in navigation.GUIDE_TITLES:
        raise Http404
    context = {"role": role, "guide_title": navigation.GUIDE_TITLES[role], "titles": navigation.GUIDE_TITLES}
    return render(request, f"reporting/guide_{role}.html", context)


@post_view
def hints_close(request):
    """Close the hints of a first visit for good."""
    request.user.hints_closed = True
    request.user.save(update_fields=["hints_closed"])
    return redirect("reporting:home")


@require_safe
def healthz(request):
    """200 with the release if the database answers and every migration is applied; otherwise 503."""
    try:
        waiting = [] if cache.get(MIGRATED) else readiness.waiting_migrations()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("database does not answer\n", status=503, content_type=TEXT)
    if waiting:
        return HttpResponse("migrations are not applied\n", status=503, content_type=TEXT)
    cache.set(MIGRATED, True, None)  # migrations run while no server runs
    return HttpResponse(f"ok\n{settings.RELEASE}\n", content_type=TEXT)
