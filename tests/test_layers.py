"""Imports point one way (each layer sees those before it, never a neighbour), and the clock is read in one place."""

import ast
from pathlib import Path

import pytest

import reporting

PACKAGE = Path(reporting.__file__).parent
LAYERS = [
    {"clock", "deadline", "names", "acts", "triggers", "converters", "passwords", "typed"}
    | {"addresses", "unsent", "csv_file"},
    {"formatting", "sessions"},
    {"models", "spreadsheets"},
    {"backends", "locks"},
    {"access", "letterhead", "look_back", "figures", "pace", "state", "discipline", "unit_import"},
    {"rollup", "accounts"},
    {"second_factor"},
    {"submissions", "canonical", "board", "desk", "inbox", "ranking", "comparison"} | {"slips"},
    {"review", "ranges", "days", "changes", "reorganisation", "dashboard", "bulk"},
    {"sealing", "verification", "official", "bulletin", "annex"},
    {"refusals", "demo"},
    {"imports"},
    {"charts", "marks"},  # the pieces of a cell
    {"forms", "paper", "tables", "workbook", "range_csv"},
    {"templatetags", "middleware", "context_processors", "confirmation"},
    {"views", "admin", "management", "apps"},
    {"urls"},
]
FACES = ["charts", "marks", "paper", "tables", "workbook", "range_csv"]
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
THE_CLOCKS = {"now", "utcnow", "today", "localdate", "time", "time_ns", "monotonic"}


def part(path):
    """The file's name in the order: of a package, the package's."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path):
    """The parts of `reporting` that the file imports."""
    depth = len(path.relative_to(PACKAGE).parts)
    parts = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level == depth and module:
                parts.add(module.split(".")[0])
            elif node.level == depth or (not node.level and module == "reporting"):
                parts |= {alias.name for alias in node.names}
            elif not node.level and module.startswith("reporting."):
                parts.add(module.split(".")[1])
        elif isinstance(node, ast.Import):
            parts |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("reporting.")}
    return parts


def layer(name):
    return next(number for number, names in enumerate(LAYERS) if name in names)


def relative(path):
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_imports_point_one_way(path):
    own = part(path)
    if own == "__init__":
        assert imported(path) == set()
        return
    assert [name for name in imported(path) if name != own and layer(name) >= layer(own)] == []


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_no_import_hides_in_a_function(path):
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = [n.lineno for f in functions for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert hidden == []


@pytest.mark.parametrize("path", [path for path in MODULES if part(path) not in ("clock", "management")], ids=relative)
def test_only_the_clock_reads_the_clock(path):
    readings = [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in THE_CLOCKS and reads(node.value)
    ]
    assert readings == []


def reads(owner):
    return ast.unparse(owner).split(".")[-1] in ("timezone", "datetime", "date", "time")


@pytest.mark.parametrize("path", [path for path in MODULES if part(path) not in ("clock", "management")], ids=relative)
def test_no_reader_of_the_clock_is_imported_by_name(path):
    names = [
        alias.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module in ("django.utils.timezone", "time")
        for alias in node.names
    ]
    assert [name for name in names if name in THE_CLOCKS] == []
    assert "auto_now" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FACES)
def test_faces_receive_rows_and_never_query(name):
    nodes = [node for path in MODULES if part(path) == name for node in ast.walk(tree(path))]
    assert [ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute) and node.attr == "objects"] == []
    assert [n.module for n in nodes if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("django.db")] == []


def test_every_file_has_its_place_in_the_order():
    assert {part(path) for path in MODULES} - {"__init__"} <= set().union(*LAYERS)
