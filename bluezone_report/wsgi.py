"""The WSGI application that gunicorn serves."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bluezone_report.settings")

GUNICORN_BOOT_ERROR = 3  # gunicorn stops, instead of starting the worker again and again

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    print(f"bluezone_report: {error}", file=sys.stderr)
    sys.exit(GUNICORN_BOOT_ERROR)
