import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
django.setup()

from . import run  # noqa: E402 - models can be imported only now

run.main()
