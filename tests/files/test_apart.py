"""A file read in a process of its own: the same cells, the same refusals, and an end to what takes too long."""

import io
import re
import time
import zipfile

import pytest
from django.utils import translation

from reporting.files import apart, spreadsheets, xlsx
from reporting.files.cells import LONGEST_TEXT, Unreadable
from reporting.text import parsing

from .. import sheets
from .test_spreadsheets import PLAIN


def with_part(name, change):
    """The plain workbook with one of its parts changed."""
    before, after = zipfile.ZipFile(io.BytesIO(PLAIN)), io.BytesIO()
    with zipfile.ZipFile(after, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in before.namelist():
            text = before.read(part)
            archive.writestr(part, change(text.decode()) if part == name else text)
    return after.getvalue()


def with_formats(*codes):
    formats = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(codes))
    return with_part("xl/styles.xml", lambda text: re.sub(r"<numFmts.*?</numFmts>|<numFmts[^>]*/>", "", text).replace(
        "<fonts", f"<numFmts>{formats}</numFmts><fonts", 1))  # fmt: skip


def with_columns(columns):
    def change(text):
        return text.replace("<sheetData", f"<cols>{columns}</cols><sheetData", 1)

    return with_part("xl/worksheets/sheet1.xml", change)


def with_styles(text):
    return text.replace("<cellXfs", f"<cellXfs>{'<xf/>' * (xlsx.MAX_STYLES + 1)}</cellXfs><x", 1)


def with_long_text(text):
    return re.sub(r"<v>.*?</v>", f"<v>{'1' * (LONGEST_TEXT + 1)}</v>", text, count=1)


@pytest.mark.parametrize(
    "data", [PLAIN, "mã,ngày\n11416,05/08/2020\n".encode(), sheets.workbook(["a", "b"], [1, 2.5], ["x", None])]
)
def test_cells_are_those_of_the_reader_itself(data):
    assert apart.read(data, "tháng 8.xlsx") == spreadsheets.read(data, "tháng 8.xlsx")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", PLAIN[:200], b"\xff" * 10, b"x" * (spreadsheets.MAX_BYTES + 1)])
def test_refusal_is_told_in_the_words_of_the_reader(data):
    told = []
    for reader in (apart, spreadsheets):
        with pytest.raises(Unreadable) as refusal, translation.override("vi"):
            reader.read(data, "a.xlsx")
        with translation.override("vi"):
            told.append(str(refusal.value))
    assert told[0] == told[1]
    with translation.override("en"):
        assert str(refusal.value) != told[0]


def test_what_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(apart, "SECONDS", 0.01)
    with pytest.raises(Unreadable, match="0"):
        apart.read(PLAIN, "a.xlsx")


def test_what_takes_too_much_memory_is_ended(monkeypatch):
    """The limit is the process's own: with a tenth of it the reader does not even start."""
    code = "import reporting.files.apart as a; a.MEMORY = 2 * 1024**2; a.main()"
    command = [apart.sys.executable, "-c", code]
    run = apart.subprocess.run
    monkeypatch.setattr(apart.subprocess, "run", lambda _command, **options: run(command, **options))
    with pytest.raises(Unreadable):
        apart.read(PLAIN, "a.xlsx")


HOSTILE = {
    "format of a million brackets": lambda: with_formats("[" * 1_500_000),
    "thousands of formats": lambda: with_formats(*["0.0"] * (xlsx.MAX_FORMATS + 1)),
    "styles": lambda: with_part("xl/styles.xml", with_styles),
    "spans of columns": lambda: with_columns('<col min="1" max="400" hidden="1"/>' * 100_000),
    "one long text": lambda: with_part("xl/worksheets/sheet1.xml", with_long_text),
    "marks in CSV": lambda: ("mã,a\n" + "a" + "\u0301\u0327" * 40_000).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_before_it_costs_anything(name):
    data = HOSTILE[name]()
    started = time.process_time()
    with pytest.raises(Unreadable):
        spreadsheets.read(data, "a.xlsx")
    assert time.process_time() - started < 20  # the first took half a minute before; benchmarks tell the rest


def test_format_of_a_day_is_looked_at_once():
    book = spreadsheets.read(with_formats("dd/mm/yyyy"), "a.xlsx")
    assert book.sheets[0].rows


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_marks_of_one_letter_are_no_more_than_any_writing_has(form):
    text = "a" + "\u0301\u0327" * 500_000
    composed = parsing.composed(text, form)
    assert (len(composed) <= 32, composed[:1].isalpha()) == (True, True)
    assert parsing.composed("Thủy Nguyên: Hải Phòng", form) == __import__("unicodedata").normalize(
        form, "Thủy Nguyên: Hải Phòng"
    )
