from django.conf import settings
from django.shortcuts import render

from .. import api
from .guards import read_view


@read_view
def api_docs(request):
    """What other systems can read, and how: the OpenAPI document for people, without a script ("Giao diện dữ liệu")."""
    context = {
        "described": api.description(),
        "root": request.build_absolute_uri(api.ROOT),
        "openapi": f"{api.ROOT}openapi.json",
        "per_minute": settings.TOKEN_REQUESTS_PER_MINUTE,
    }
    return render(request, "reporting/api_docs.html", context)
