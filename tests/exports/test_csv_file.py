"""A CSV file, in which no cell is a formula."""

import csv
import io

import pytest

from reporting.exports import csv_file


def read(content: bytes):
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_lines_read_back_as_they_were():
    content = csv_file.lines([["Nguyễn Thị Hà", 88], ['a,b\n"c"', None]])
    assert read(content) == [["Nguyễn Thị Hà", "88"], ['a,b\n"c"', ""]]


@pytest.mark.parametrize(
    "payload",
    [
        '=HYPERLINK("http://evil.example","x")',
        *("+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\uff1d1+1", "\x00=1", "\x1b-1"),
    ],
)
def test_no_text_is_a_formula(payload):
    [[found]] = read(csv_file.lines([[payload]]))
    assert found[0] == "'"
    assert found[1:].strip("\t\r\n") in payload


@pytest.mark.parametrize("text", ["Hà", "0912 345 678", "11416", "a=1", "–", "", "203.0.113.7"])
def test_other_text_stays_as_it_is(text):
    assert csv_file.cell(text) == text


def test_numbers_stay_numbers():
    assert [csv_file.cell(value) for value in (-12, 0, 1.5, None)] == [-12, 0, 1.5, ""]
