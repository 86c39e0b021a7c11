#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bluezone_report.settings")
    for patience in ("STATEMENT_TIMEOUT", "IDLE_IN_TRANSACTION_TIMEOUT"):
        os.environ.setdefault(patience, "0")  # a command takes its time, a request does not
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        settings.SECRET_KEY  # noqa: B018 - a wrong configuration is one clear line, not a traceback
    except ImproperlyConfigured as error:
        sys.exit(f"bluezone_report: {error}")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if not settings.NO_DATABASE:
            raise
        sys.exit(f"bluezone_report: {settings.NO_DATABASE} ({error})")
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") is not None:  # psycopg2 gives none without a connection
            raise
        sys.exit(f"bluezone_report: the database of DATABASE_URL does not answer: {error}".rstrip())


if __name__ == "__main__":
    main()
