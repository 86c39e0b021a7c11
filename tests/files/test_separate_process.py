"""A file read in a separate process: the same cells, the same refusals, and an end to one that takes too long."""

import resource

import pytest
from django.utils import translation

from reporting.files import separate_process, spreadsheets
from reporting.files.cells import Unreadable

from .. import factories as f, sheets
from ..some import some
from . import hostile
from .hostile import PLAIN
from .test_spreadsheets import BAD


@pytest.mark.parametrize(
    "data", [sheets.workbook(["a", f.DAY], [1, 2.5], ["x", None], merged=["A2:A3"]), "mã,ngày\n11416,05/08\n".encode()]
)
def test_cells_are_those_of_the_reader_itself(data):
    assert separate_process.read_book(data, "tháng 8.xlsx") == spreadsheets.read_book(data, "tháng 8.xlsx")


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"x" * (spreadsheets.MAX_BYTES + 1)])
def test_refusal_is_told_in_the_words_of_the_reader(data):
    told = []
    for reader in (separate_process, spreadsheets):
        with pytest.raises(Unreadable) as refusal, translation.override("vi"):
            reader.read_book(data, "a.xlsx")
        with translation.override("vi"):
            told.append(str(refusal.value))
    assert told[0] == told[1]
    with translation.override("en"):
        assert str(refusal.value) != told[0]


def test_what_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(separate_process, "PATIENCE", 0.01)
    with pytest.raises(Unreadable, match="4"):
        separate_process.read_book(PLAIN, "a.xlsx")


def test_what_takes_too_much_memory_is_ended(monkeypatch):
    """The limit applies to the process: with a tenth of it the reader does not even start."""
    code = "import reporting.files.separate_process as a; a.MEMORY = 2 * 1024**2; a.main()"
    command = [separate_process.sys.executable, "-c", code]
    run = separate_process.subprocess.run
    monkeypatch.setattr(separate_process.subprocess, "run", lambda _command, **options: run(command, **options))
    with pytest.raises(Unreadable):
        separate_process.read_book(PLAIN, "a.xlsx")


BROKE_IT = {"format of a million brackets", "100,000 spans of columns", "marks in CSV"}  # an earlier reader


def read_apart(data):
    """The answer about the file, and the CPU seconds of the process that read it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        said = str(len(separate_process.read_book(data, "a.xlsx").sheets))
    except Unreadable as error:
        said = str(error)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return said, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


BOMBS = ("zip bomb", "zip bomb beside", "60,000 members", "100,000 rows")
MAKERS = hostile.REFUSED | {name: BAD[name][0] for name in BOMBS} | hostile.HARMLESS


@pytest.mark.parametrize("name", some(MAKERS, {*BROKE_IT, "zip bomb"}))
def test_hostile_file_costs_little_whether_it_is_read_or_refused(name):
    said, seconds = read_apart(MAKERS[name]())
    is_read = name in hostile.HARMLESS
    assert (said == "1", seconds < 5) == (is_read, True), (said, seconds)
