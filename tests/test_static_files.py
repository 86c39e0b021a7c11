"""The style sheet is written in parts and sent as one file."""

import re
from pathlib import Path

from django.conf import settings as configured
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from bluezone_report.static_files import NOT_SENT, with_imports

STATIC = configured.BASE_DIR / "static"
SHEET = "reporting/reporting.css"
SHEETS = [SHEET, "reporting/desk.css"]


def read(name):
    return (STATIC / name).read_text()


def test_each_part_is_imported_once_and_by_the_sheets_alone():
    parts = {f"style/{path.name}" for path in (STATIC / "reporting" / "style").glob("*.css")}
    imported = re.findall(r"@import\b([^;]*);", "".join(read(sheet) for sheet in SHEETS))
    assert (len(parts) > 5, sorted(imported)) == (True, sorted(f' "{part}"' for part in parts))
    others = [path for path in STATIC.rglob("*.css") if path not in [STATIC / sheet for sheet in SHEETS]]
    assert [path.name for path in others if "@import" in path.read_text()] == []


def test_sheet_is_sent_as_one_file_with_its_parts_in_order(collected):
    got = Path(collected, staticfiles_storage.stored_name(SHEET)).read_text()
    assert got == with_imports(SHEET, read)
    parts = [Path(STATIC, "reporting", part).read_text() for part in re.findall(r'@import "(.*)";', read(SHEET))]
    assert (got.endswith("".join(NOT_SENT.sub("", part) for part in parts)), "@import" in got) == (True, False)


def test_name_of_the_sheet_changes_with_a_part(collected, settings, tmp_path_factory):
    before = staticfiles_storage.stored_name(SHEET)
    copy = tmp_path_factory.mktemp("static")
    (copy / "reporting" / "style").mkdir(parents=True)
    (copy / "reporting" / "style" / "print.css").write_text("main { color: red; }\n")
    settings.STATICFILES_DIRS = [copy, *settings.STATICFILES_DIRS]
    call_command("collectstatic", interactive=False, verbosity=0)
    after = staticfiles_storage.stored_name(SHEET)
    assert before != after
    assert Path(collected, after).read_text().endswith("main { color: red; }\n")


def test_sheet_is_sent_compressed_too(collected):
    name = staticfiles_storage.stored_name(SHEET)
    assert Path(collected, f"{name}.gz").stat().st_size < Path(collected, name).stat().st_size / 2
