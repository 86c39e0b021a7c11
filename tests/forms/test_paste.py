"""Cells pasted from a spreadsheet find their rows, or the page says why not."""

import csv
from pathlib import Path

import pytest

import reporting
from reporting.forms import entry
from reporting.models import Unit
from reporting.text import names


def unit(code, kind, name):
    found = Unit(code=code)
    found.kind, found.name = kind, name
    return found


def thuy_nguyen():
    path = Path(reporting.__file__).parent / "data" / "haiphong-2020-units.csv"
    lines = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    units = [unit(line["code"], line["kind"], line["name"]) for line in lines if line["parent_code"] == "311"]
    return sorted(units, key=lambda unit: names.sort_key(unit.name))


UNITS = thuy_nguyen()
FIRST = [unit.code for unit in UNITS[:3]]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("5\n6\n7", dict(zip(FIRST, "567", strict=True))),
        ("5\r\n\r\n7\r\n", {FIRST[0]: "5", FIRST[2]: "7"}),
        ("\r\n5\r\n7\r\n", {FIRST[1]: "5", FIRST[2]: "7"}),
        ("\n\n7\n\n", {FIRST[2]: "7"}),
        ("\n" * 36 + "5", {UNITS[36].code: "5"}),
        ("\r\n\r\nAn Lư\t5\r\n", {"11533": "5"}),
        ("\n11533\t5", {"11533": "5"}),
        ("\n\n", {}),
        ("1.234", {FIRST[0]: "1.234"}),
        ("1 234\n1\u00a0234\u00a0567", {FIRST[0]: "1 234", FIRST[1]: "1\u00a0234\u00a0567"}),
        ("x", {FIRST[0]: "x"}),
        ("", {}),
        ("11533\t5", {"11533": "5"}),
        ("Xã An Lư\t5\nThị trấn Núi Đèo\t6", {"11533": "5", "11470": "6"}),
        ("An Lư;5", {"11533": "5"}),
        ("x. an lu\t5\nTT.Núi Đèo\t6\nTT Minh Đức\t7", {"11533": "5", "11470": "6", "11473": "7"}),
        ("XÃ THỦY SƠN\t5\nXã Thủy Đường\t6\nHòa  Bình\t7", {"11560": "5", "11563": "6", "11527": "7"}),
        ("1\tXã An Lư\t5\n2\tXã An Sơn\t6", {"11533": "5", "11479": "6"}),
    ],
)
def test_cells_find_their_rows(text, cells):
    pasted = entry.lay_out(text, UNITS)
    assert ({code: figure for code, (figure,) in pasted.cells.items()}, pasted.problems) == (cells, [])


TWO = {unit.code: 2 for unit in UNITS}


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("Xã An Lư\t5\t12\nThị trấn Núi Đèo\t6\t7", {"11533": ["5", "12"], "11470": ["6", "7"]}),
        ("11533\t5\t12", {"11533": ["5", "12"]}),
        ("1;Xã An Lư;5;12\n2;Xã An Sơn;6", {"11533": ["5", "12"], "11479": ["6"]}),
        ("Xã An Lư\t\t12", {"11533": ["", "12"]}),
        ("Xã An Lư\t\t\t12", {"11533": ["12"]}),
        ("Xã An Lư\t12a\t7", {"11533": ["12a", "7"]}),
        ("5\t12\n6\t7", {FIRST[0]: ["5", "12"], FIRST[1]: ["6", "7"]}),
        ("5;12\n\n\t7", {FIRST[0]: ["5", "12"], FIRST[2]: ["", "7"]}),
        ("5\t12\n1a\t7\nhai chục\t9\n4\t4\n5\t5", {UNITS[2].code: ["hai chục", "9"]}),
        ("5\n6", {FIRST[0]: ["5"], FIRST[1]: ["6"]}),
        ("\t\r\n5\t6\r\n", {FIRST[1]: ["5", "6"]}),
    ],
)
def test_two_figures_of_a_unit_find_their_places(text, cells):
    pasted = entry.lay_out(text, UNITS, TWO)
    assert ({code: pasted.cells[code] for code in cells}, pasted.problems) == (cells, [])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Xã An Lư\t5\t12\t3\nXã An Sơn\t6\t7", ["Xã An Lư\t5\t12\t3"]),
        ("5\t12\t3\n6\t7", ["5\t12\t3"]),
        ("An Lư\t5\nCộng Hiền\t5\t6", ["Cộng Hiền\t5\t6"]),
        ("88 12 15\n6", ["88 12 15"]),  # spaces do not separate cells
        ("88 12\n6\t7", ["88 12"]),
        ("An Lư\t88 12\nAn Sơn\t6", ["An Lư\t88 12"]),
        ("Xã An Lư 88\nXã An Sơn 6", ["Xã An Lư 88", "Xã An Sơn 6"]),
        ("12 máy\n5", ["12 máy"]),
        ("Xã Không Có\t5\t6\n\nXã An Lư", ["Xã Không Có\t5\t6", "Xã An Lư"]),
    ],
)
def test_lines_that_are_not_understood_are_kept_as_they_were_pasted(text, left):
    pasted = entry.lay_out(text, UNITS, TWO)
    assert (pasted.left, len(pasted.problems)) == (left, len(left))


@pytest.mark.parametrize(
    ("text", "skipped", "cells"),
    [
        ("Số máy cài mới\n" + "\n".join(["5"] * 37), ["Số máy cài mới"], 37),
        ("\n\nSố máy cài mới\n" + "\n".join(["5"] * 37), ["Số máy cài mới"], 37),
        ("Số máy\tSố hộ\n5\t12", ["Số máy Số hộ"], 1),
        ("\t\n\t", [], 0),
        ("Đơn vị\tMới\nAn Lư\t5\nTổng cộng\t5", ["Đơn vị Mới", "Tổng cộng 5"], 1),
        ("STT\tTên\tMới\n1\tAn Lư\t5\n\tCộng\t5", ["STT Tên Mới", "Cộng 5"], 1),
    ],
)
def test_head_and_total_are_said_and_need_nothing(text, skipped, cells):
    """They are recognised as no unit's lines: nobody has to remove them from the box."""
    pasted = entry.lay_out(text, UNITS, TWO)
    assert [words.split("“")[1].rstrip("”") for words in pasted.skipped] == skipped
    assert (len(pasted.cells), pasted.problems, pasted.left) == (cells, [], [])


def test_agency_is_asked_for_one_figure():
    asked = {**TWO, UNITS[0].code: 1}
    assert entry.lay_out("5\t12\n6\t7", UNITS, asked).left == ["5\t12"]


@pytest.mark.parametrize(
    ("text", "problems", "cells"),
    [
        ("Xã Không Có\t5\nAn Lư\t6", ["Xã Không Có"], 1),
        ("Xã An Lư\t5\nAn Lư\t6", ["An Lư 6"], 1),
        ("Xã An Lư\t5\t6", ["Xã An Lư 5 6"], 0),  # of one figure per unit
        ("Xã An Lư\t5\nXã An Sơn", ["Xã An Sơn"], 1),
        ("\n".join(str(number) for number in range(39)), ["37", "38"], 37),
        ("\n" + "\n".join(str(number) for number in range(37)), ["36"], 36),  # an empty cell is not a head
    ],
)
def test_what_finds_no_place_is_said(text, problems, cells):
    pasted = entry.lay_out(text, UNITS)
    assert [problem.split("“")[1].partition("”")[0] for problem in pasted.problems] == problems
    assert len(pasted.cells) == cells


def test_two_units_of_one_name_need_their_kind_or_code():
    units = [unit("1", "xã", "An Lư"), unit("2", "thị trấn", "An Lư")]
    pasted = entry.lay_out("An Lư\t5\nThị trấn An Lư\t6\n1\t7", units)
    assert pasted.cells == {"2": ["6"], "1": ["7"]}
    assert len(pasted.problems) == 1
