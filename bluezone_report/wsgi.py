"""The WSGI application that gunicorn serves."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from .server import RefusesWhenFull
from .whole_bodies import WholeBodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bluezone_report.settings")

SHORTEST_KEY = 50  # characters
GUNICORN_BOOT_ERROR = 3  # gunicorn then stops and starts no new worker

try:
    if len(settings.SECRET_KEY) < SHORTEST_KEY and not settings.DEBUG:
        raise ImproperlyConfigured(
            f"SECRET_KEY has fewer than {SHORTEST_KEY} characters: set it to a long random text."
        )
    if settings.NO_DATABASE:
        raise ImproperlyConfigured(settings.NO_DATABASE)
    application = RefusesWhenFull(WholeBodies(get_wsgi_application()))
    get_resolver().url_patterns  # noqa: B018 - loads all views now: the code may be newer later
except ImproperlyConfigured as error:
    print(f"bluezone_report: {error}", file=sys.stderr)
    sys.exit(GUNICORN_BOOT_ERROR)
