"""What opens without a line: an empty form that says nothing of anybody, and the worker that keeps it on a device."""

import hashlib
import json

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

SHELL = ("reporting/reporting.css", "reporting/offline.js", "reporting/form.js")
ICONS = {192: "any", 512: "any maskable"}  # side in pixels: what it is for
RED = "#b3141b"


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
def manifest(request):
    """What a phone's home screen shows."""
    icons = [
        {
            "src": static(f"reporting/icons/{side}.png"),
            "sizes": f"{side}x{side}",
            "type": "image/png",
            "purpose": purpose,
        }
        for side, purpose in ICONS.items()
    ]
    described = {
        "name": _("Bluezone installation reports"),
        "short_name": "Bluezone",
        "lang": get_language(),
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f5f2",
        "theme_color": RED,
        "icons": icons,
    }
    return JsonResponse(described, content_type="application/manifest+json")
