"""A year of the city taken as a backup and put back, on the database of the bench; each row against the ledger."""

import io
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from reporting.models import Report

from . import data
from .measures import ROOT, Measure

DAYS = 365


def backup_and_restore(today) -> list[Measure]:
    """Fills the default database with a year. Seconds of the backup, of its restore, of the proof after it."""
    data.fill(days=DAYS, today=today)
    data.fix(days=DAYS, today=today)
    before = Report.objects.count()
    with tempfile.TemporaryDirectory(prefix="bluezone-kept-") as folder:
        began = time.perf_counter()
        said = io.StringIO()
        call_command("backup", folder, stdout=said)
        took = time.perf_counter() - began
        [name] = re.findall(r"^(/[^:]*): ", said.getvalue(), re.MULTILINE)
        size, rows = re.findall(r": ([\d.]+) MiB, (\d+) rows", said.getvalue())[0]
        connection.close()
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "manage.py", "restore", name, "--over"],
            cwd=ROOT, env={**os.environ, "DATABASE_URL": _address()}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        both = time.perf_counter() - began
    assert done.returncode == 0, done.stdout + done.stderr
    [restored] = re.findall(r"^restored in ([\d.]+) s", done.stdout, re.MULTILINE)
    assert before == Report.objects.count()
    print(done.stdout.splitlines()[-1])
    return [
        Measure("a year taken as a backup", took, unit=" s", note=f"{size} MiB, {Path(name).name}, {rows} rows"),
        Measure("put back", float(restored), unit=" s"),
        Measure("proved: every row against the ledger, and seals", both - float(restored), unit=" s"),
    ]


def _address() -> str:
    parts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{parts['NAME']}"
    return f"postgres://{parts['USER']}:{parts['PASSWORD']}@/{parts['HOST']}/{parts['NAME']}"
