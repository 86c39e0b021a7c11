import subprocess
import sys
from io import StringIO
from pathlib import Path

from django.core.management import call_command


def test_no_migration_is_missing(db):
    output = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=output)
    assert output.getvalue() == "No changes detected\n"


def test_page_of_models_is_current():
    root = Path(__file__).resolve().parent.parent.parent
    drawn = subprocess.run([sys.executable, root / ".ci/draw_models.py"], capture_output=True, text=True, check=True)
    assert drawn.stdout == (root / "docs/models.md").read_text(encoding="utf-8")
