"""Settings of the test suite: a cheap hasher, a database file as in production; DATABASE_URL chooses PostgreSQL."""

import os

os.environ.setdefault("SECRET_KEY", "tests")
os.environ.setdefault("DATABASE_URL", "sqlite:///db.sqlite3")

from bluezone_report.settings import *  # noqa: F403 - settings that build on others
from bluezone_report.settings import BASE_DIR, DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "reporting.people.passwords.GatedHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}  # a page shows what a test has made
MAILS = True  # an outbox in memory: no mail leaves the process
READ_FILES_APART = False  # a process for each file would take minutes; test_separate_process.py sets it
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A database in memory has no write-ahead log and no locks; a file behaves as in production.
    DATABASES["default"]["TEST"] = {"NAME": os.environ.get("TEST_DB", BASE_DIR / "test-db.sqlite3")}
    # It need not survive a power cut, so it does not wait for the disk.
    without_waiting = DATABASES["default"]["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    DATABASES["default"]["OPTIONS"]["init_command"] = without_waiting
