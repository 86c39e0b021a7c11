"""The canonical table: the product writes the example in docs/canonical-table.md."""

import hashlib
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reporting.figures import sealed_table
from reporting.figures.rollup import DayStatus
from reporting.models import Seal

from .. import factories as f

DOCS = (Path(__file__).resolve().parent.parent.parent / "docs" / "canonical-table.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```text\n(.*?)```", DOCS, re.DOTALL)[1]
PRINTED_DIGEST = re.search(r"SHA-256: `([0-9a-f]+)`", DOCS)[1]
PRINTED_CODE = re.search(r"Check code: `([0-9a-f ]+)`", DOCS)[1]


def small_tree():
    """The city of the example; the figures in no particular order."""
    return f.make_day_rollup(
        f.make_figure("31/"),
        f.make_figure("31/SYT/", level="agency", population=7420, installs=0, cumulative=5120),
        f.make_figure("31/318/", population=624, is_exempt=True),
        f.make_figure(
            "31/306/11416/",
            population=19748,
            installs=88,
            households=46,
            adjustment=-12,
            cumulative=3488,
            is_late=True,
        ),
        f.make_figure("31/306/"),
        f.make_figure("31/306/11407/", population=14350, cumulative=2011, carried_from=date(2020, 8, 20)),
    )


def test_a_small_tree_gives_the_text_of_the_docs():
    assert sealed_table.canonical_table(small_tree()) == EXAMPLE


def test_digest_and_check_code_of_the_docs_are_those_of_their_example():
    assert hashlib.sha256(EXAMPLE.encode("utf-8")).hexdigest() == PRINTED_DIGEST
    assert sealed_table.digest(EXAMPLE) == PRINTED_DIGEST
    assert Seal(digest=PRINTED_DIGEST).short_digest == PRINTED_CODE


def test_chain_code_of_the_docs_is_that_of_its_line():
    line, code = re.search(r"## The chain.*?```text\n(.*?\n)```.*?Chain code: `([0-9a-f ]+)`", DOCS, re.DOTALL).groups()
    [(_link, found)] = sealed_table.chain_codes([line.strip()])
    assert found == hashlib.sha256(line.encode()).hexdigest()[:32] == code.replace(" ", "")


def test_format_never_changes_without_a_new_number():
    """To change the text, raise the format's number, document both formats, then change this test."""
    known = {"bluezone-table 2": "ec356f568653bb22132af3ddecd5102c1f917623cf4c97cb2aaee0ad17caa91f"}
    assert sealed_table.digest(sealed_table.canonical_table(small_tree())) == known[sealed_table.FORMAT]
    assert f"`{sealed_table.FORMAT}`" in DOCS


def test_docs_name_the_fields_in_their_order_and_every_status():
    assert re.findall(r"^\| `(\w+)` \|", DOCS, re.MULTILINE) == list(sealed_table.COLUMNS)
    line = re.search(r"^\| `status` \|.*", DOCS, re.MULTILINE)[0]
    assert set(re.findall(r"`(\w+)`", line)) - {"status"} == set(DayStatus)


def test_order_is_that_of_the_paths_whatever_the_names():
    figures = [f.make_figure("31/")]
    figures += [f.make_figure(f"31/{code}/", name=name) for code, name in (("9", "An"), ("10", "Ỷ"), ("A", "Ăn"))]
    paths = list(sealed_table.read_table(sealed_table.canonical_table(f.make_day_rollup(*figures))))
    assert paths == ["31/", "31/10/", "31/9/", "31/A/"]


@pytest.mark.parametrize("name", [column for column in sealed_table.COLUMNS if column != "path"])
def test_every_field_that_changes_is_a_difference_of_its_line_and_of_the_digest(name):
    figures = small_tree()
    changed = {**figures.by_code, "11416": replace(figures.by_code["11416"], **{name: 4242})}
    text = sealed_table.canonical_table(replace(figures, by_code=changed))
    fixed = sealed_table.read_table(EXAMPLE)["31/306/11416/"][name]
    assert sealed_table.differences(EXAMPLE, text) == [sealed_table.Difference("31/306/11416/", name, fixed, "4242")]
    assert sealed_table.digest(text) != PRINTED_DIGEST


LINE = "31/318/ exempt 0 0 0 0 - 0 - - 624"


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        (EXAMPLE.replace(f"{LINE}\n", ""), [("318", "", LINE, None)]),
        (EXAMPLE + "31/T/ - 0 0 0 0 - 0 - - -\n", [("T", "", None, "31/T/ - 0 0 0 0 - 0 - - -")]),
        (EXAMPLE.replace("table 2", "table 3"), [("", "head", "bluezone-table 2", "bluezone-table 3")]),
        (EXAMPLE.replace("08-21", "08-22"), [("", "head", "day 2020-08-21", "day 2020-08-22")]),
        (EXAMPLE.replace(LINE, f"{LINE} 7"), [("318", "population", "624", "624 7")]),
        (EXAMPLE.removesuffix("\n"), [("", "", EXAMPLE, EXAMPLE.removesuffix("\n"))]),
    ],
    ids=["a line less", "a line more", "another format", "another day", "a field more", "no end of line"],
)
def test_whatever_else_differs_is_named_too(changed, found):
    differences = sealed_table.differences(EXAMPLE, changed)
    assert [(one.code, one.column, one.fixed, one.computed) for one in differences] == found
