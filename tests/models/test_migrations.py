"""No migration is missing, and a database of 0.8 needs no first one."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from reporting.operation.readiness import waiting_migrations


def test_no_migration_is_missing(db):
    output = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=output)
    assert output.getvalue() == "No changes detected\n"


def test_page_of_models_is_current():
    root = Path(__file__).resolve().parent.parent.parent
    drawn = subprocess.run([sys.executable, root / ".ci/draw_models.py"], capture_output=True, text=True, check=True)
    assert drawn.stdout == (root / "docs/models.md").read_text(encoding="utf-8")


def test_database_of_0_8_has_the_first_migration_behind_it(db):
    recorder = MigrationRecorder(connection)
    own = sorted(name for app, name in recorder.applied_migrations() if app == "reporting" and name < "0082")
    assert (own[0], waiting_migrations()) == ("0001_initial", [])
    for name in own:
        recorder.record_unapplied("reporting", name)
    assert waiting_migrations() == [f"reporting.{name}" for name in own[1:]]
    recorder.record_unapplied("reporting", "0082_known_heads")
    assert waiting_migrations() == [f"reporting.{name}" for name in own]
