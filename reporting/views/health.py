from django.conf import settings
from django.db import Error
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from ..operation import readiness

TEXT = "text/plain; charset=utf-8"


@require_safe
def healthz(request):
    """200 when the database answers and every migration is applied, with the release that runs; otherwise 503."""
    try:
        waiting = readiness.waiting_migrations()
    except Error:
        return HttpResponse("database does not answer\n", status=503, content_type=TEXT)
    if waiting:
        return HttpResponse("migrations are not applied\n", status=503, content_type=TEXT)
    return HttpResponse(f"ok\n{settings.RELEASE}\n", content_type=TEXT)
