"""Fails if the Vietnamese catalogue lacks a text of the code, or has one that the code no longer has."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("reporting/locale/vi/LC_MESSAGES/django.po")


def extracted() -> polib.POFile:
    """Returns a new catalogue made from the code."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("bluezone_report", "reporting", "templates"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "static").mkdir()
        for name in ("manage.py", "pyproject.toml"):
            shutil.copy(ROOT / name, copy)
        command = ["manage.py", "makemessages", "-l", "vi", "--no-obsolete", "--no-location", "--no-wrap", "-v0"]
        subprocess.run([sys.executable, *command], cwd=copy, check=True, env={**os.environ, "SECRET_KEY": "messages"})
        return polib.pofile(str(copy / CATALOGUE))


def main() -> None:
    committed = polib.pofile(str(ROOT / CATALOGUE))
    wanted = {(entry.msgctxt, entry.msgid) for entry in extracted()}
    present = {(entry.msgctxt, entry.msgid) for entry in committed}
    problems = [f"not in the catalogue: {msgid}" for _, msgid in sorted(wanted - present, key=str)]
    problems += [f"no longer in the code: {msgid}" for _, msgid in sorted(present - wanted, key=str)]
    if problems:
        sys.exit("\n".join([*problems, "Run `make messages` and translate what is new."]))
    print(f"{len(present)} texts, the same in code and catalogue")


if __name__ == "__main__":
    main()
