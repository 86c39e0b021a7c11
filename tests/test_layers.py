"""A room imports only rooms above it, a feature no other feature; the clock is read in one place."""

import ast
import shutil
import subprocess
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import reporting

PACKAGE = Path(reporting.__file__).parent
# From the ground up; a name is a folder or a file of `reporting/`. Rooms on one line do not import each other.
ROOMS = """
checks clock read_cache refusal
gate triggers
text
files
deadline
permissions
models
site
days
figures
people
outbox
acts
operation
charts
pages exports
imports
papers
mails
tables
forms
context_processors middleware templatetags
demo
api
views
apps management
urls
"""
# A feature is a folder. Each of its files belongs to the room whose name it has: `ministry/acts.py` to `acts`.
# The core imports a feature only where it is named here.
FEATURES = {
    "ministry": {"api.operations", "demo", "urls"},
    "reorganisation": {"urls"},
}
ALSO_OF = {"draft": "acts"}  # a file that has another name than its room
ORDER = {name: number for number, line in enumerate(ROOMS.split("\n")) for name in line.split()}
FACES = [
    "charts",
    "tables",
    "exports/paper_sentences",
    "exports/workbook",
    "exports/csv_file",
    "exports/tidy",
    "api",
]
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
THE_CLOCKS = {"now", "utcnow", "today", "localdate", "time", "time_ns", "monotonic"}
OF_THE_CLOCK = [path for path in FILES if path.relative_to(PACKAGE).parts[0] not in ("clock.py", "management")]


def room(name: str) -> str:
    """The first part of a dotted name below `reporting`; in a feature, the second."""
    parts = name.split(".")
    name = parts[1] if parts[0] in FEATURES and len(parts) > 1 else parts[0]
    return ALSO_OF.get(name, name)


def feature(name: str) -> str:
    first = name.split(".")[0]
    return first if first in FEATURES else ""


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


MODULES = {dotted(path): path for path in FILES if path != PACKAGE / "__init__.py"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """The modules of `reporting` that the file imports, or names in them, with dots."""
    package = path.relative_to(PACKAGE).parent.parts
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.removeprefix("reporting.") for alias in node.names if alias.name[:10] == "reporting."}
        if not isinstance(node, ast.ImportFrom):
            continue
        parts = tuple((node.module or "").split(".")) if node.module else ()
        if node.level:
            parts = package[: len(package) - node.level + 1] + parts
        elif parts[0] == "reporting":
            parts = parts[1:]
        else:
            continue
        names |= {".".join((*parts, alias.name)) for alias in node.names}
    found = {name if name in MODULES else name.rpartition(".")[0] for name in names}
    return {name for name in found if name}


def of_files(rule) -> dict[str, list[str]]:
    """The findings of a rule by file; files without findings are left out."""
    found = {dotted(path): rule(path) for path in FILES}
    return {name: lines for name, lines in found.items() if lines}


def test_every_name_of_the_package_is_in_the_order():
    assert {room(name) for name in MODULES} == {*ORDER, *FEATURES}


def test_a_room_imports_only_what_stands_before_it():
    def too_high(path):
        own = room(dotted(path) or "urls")
        others = [name for name in imported(path) if room(name) != own]
        return sorted(name for name in others if ORDER[room(name)] >= ORDER[own])

    assert of_files(too_high) == {}


def test_a_feature_imports_no_other_and_the_core_asks_it_in_few_places():
    borders = {(name, feature(asked)) for name, path in MODULES.items() for asked in imported(path) if feature(asked)}
    crossing = {(name, asked) for name, asked in borders if feature(name) != asked}
    assert crossing == {(name, asked) for asked, seams in FEATURES.items() for name in seams}


def test_files_do_not_import_in_a_circle_not_even_for_types():
    graph = {name: imported(path) - {name} for name, path in MODULES.items()}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(MODULES)


def test_what_acts_offers_is_taken_from_acts_and_not_from_its_files():
    def names(path, module):
        nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
        return {alias.name for node in nodes if module(node.module or "") for alias in node.names}

    offered = names(PACKAGE / "acts/__init__.py", lambda module: True)
    others = [path for path in FILES if path.parent != PACKAGE / "acts"]
    assert len(offered) > 30
    for path in others:
        assert names(path, lambda module: "acts." in module) & offered == set(), path


def test_no_import_hides_in_a_function():
    def hidden(path):
        functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        return [node.lineno for f in functions for node in ast.walk(f) if isinstance(node, ast.Import | ast.ImportFrom)]

    assert of_files(hidden) == {}


def test_only_the_clock_reads_the_clock():
    def readings(path):
        return [
            f"{node.lineno}: {ast.unparse(node)}"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Attribute) and node.attr in THE_CLOCKS and is_a_clock(node.value)
        ]

    def by_name(path):
        nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
        names = {alias.name for n in nodes if n.module in ("django.utils.timezone", "time") for alias in n.names}
        return sorted(names & THE_CLOCKS)

    assert readings(PACKAGE / "clock.py") != []
    assert {dotted(path): readings(path) for path in OF_THE_CLOCK if readings(path)} == {}
    assert {dotted(path): by_name(path) for path in OF_THE_CLOCK if by_name(path)} == {}
    assert [path for path in FILES if "auto_now" in path.read_text(encoding="utf-8")] == []


def is_a_clock(owner: ast.expr) -> bool:
    return ast.unparse(owner).split(".")[-1] in ("timezone", "datetime", "date", "time")


@pytest.mark.parametrize("name", FACES)
def test_faces_receive_rows_and_never_query(name):
    place = PACKAGE / name
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    nodes = [node for path in files for node in ast.walk(tree(path))]
    assert [ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute) and node.attr == "objects"] == []
    errors = {"DatabaseError", "InterfaceError", "OperationalError"}  # in `api`, to say that it is away
    named = [n for n in nodes if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("django.db")]
    assert [n.module for n in named if {alias.name for alias in n.names} != errors] == []


@pytest.mark.skipif(not ((PACKAGE.parent / ".git").exists() and shutil.which("git")), reason="no checkout")
def test_nothing_that_is_ignored_is_tracked():
    """A link to an environment is ignored as the environment is: checked out, it would take the place of one."""
    asked = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    found = subprocess.run(asked, cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


DEADLINES = {"closes_at", "last_closes_at", "open_until", "signs_off_at", "seals_from", "corrections_end"}


def test_deadline_alone_compares_a_moment_with_a_deadline():
    """`DayHours` answers (`is_open_at`, `is_over`, `phase` ...), so that no other rule can differ by an instant."""

    def is_before_or_after(node):
        return isinstance(node, ast.Compare) and {type(sign) for sign in node.ops} & {ast.Lt, ast.LtE, ast.Gt, ast.GtE}

    comparing = {
        path.relative_to(PACKAGE).as_posix()
        for path in FILES
        for node in filter(is_before_or_after, ast.walk(tree(path)))
        for part in ast.walk(node)
        if getattr(part, "attr", getattr(part, "id", "")) in DEADLINES
    }
    assert comparing == {"deadline.py"}
