"""docs/adding-a-figure.md is right: in a copy of the product its steps add a second count everywhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDE = (ROOT / "docs" / "adding-a-figure.md").read_text(encoding="utf-8")
COPIED = ("bluezone_report", "reporting", "templates", "static")  # and the release, which pyproject.toml names
CATALOGUE = Path("reporting/locale/vi/LC_MESSAGES/django.po")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


def follow_the_guide(copy):
    for block in blocks("diff"):
        name, *hunks = re.split(r"^@@.*\n", block, flags=re.MULTILINE)
        for hunk in hunks:
            change(copy / name.removeprefix("--- ").strip(), hunk.splitlines())
    catalogue = polib.pofile(str(copy / CATALOGUE))
    catalogue.extend(polib.pofile("".join(blocks("po"))))
    catalogue.save_as_mofile(str(copy / CATALOGUE.with_suffix(".mo")))


def change(file, hunk):
    """The lines of a diff without line numbers, which would change too often. The product may have them already."""
    text = file.read_text(encoding="utf-8")
    before, after = ("".join(f"{line[1:]}\n" for line in hunk if line[0] in signs) for signs in (" -", " +"))
    if after not in text:
        assert text.count(before) == 1, before
        file.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.matrix  # slow: migrates and tests a copy of the product
def test_second_count_reaches_the_workbook(tmp_path):
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    follow_the_guide(tmp_path)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'figures.sqlite3'}",
    }
    command = [sys.executable, "-m", "tests.figures.another_count"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "reporting" / "migrations").glob("*people_advised.py"))) == 1
    assert json.loads(done.stdout) == {
        "stored": [1205, 1205],
        "receipt": True,
        "rows": {"306": 1205, "11416": 1205, "11407": None},
        "tile": True,
        "csv": "1205",
        "workbook": 1205,
        "form": "1.205",
        "sealed": "31/306/11416/ on_time 1 1 0 0 88 0 46 3500 19748",
        "problems": [],
    }


def test_guide_asks_for_a_dozen_files_at_most():
    files = re.findall(r"^\| `", GUIDE, re.MULTILINE)
    assert 5 <= len(files) <= 12
