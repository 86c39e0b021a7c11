"""Throw-away databases: a month of history, a year with confirmations and seals, three years, and one for the rush."""

import os
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.settings import *  # noqa: F403 - settings that build on others
from tests.settings import DATABASES, MIDDLEWARE

MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("tests.")]  # a check of the suite compares all pages
BENCH_FOLDER = Path(tempfile.gettempdir())
for alias in ("year", "years", "rush"):
    DATABASES[alias] = {**DATABASES["default"]}
for alias, database in DATABASES.items():
    is_sqlite = database["ENGINE"] == "django.db.backends.sqlite3"
    database["TEST"] = {
        "NAME": str(BENCH_FOLDER / f"bench-{alias}-{os.getpid()}.sqlite3") if is_sqlite else f"bench_{alias}"
    }
if "DEMO_OFFSET" not in os.environ:  # a separate server has its own clock; here forms are sent before the deadline
    _now = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
    DEMO_OFFSET = (_now.replace(hour=15, minute=0, second=0) - _now).total_seconds()
