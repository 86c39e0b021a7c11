"""docs/security.md against OWASP ASVS 5.0.0: every test is there, its figures are those of the code."""

import ast
import re
from functools import cache

import pytest
from django.conf import global_settings
from django.contrib.auth.password_validation import CommonPasswordValidator

import bluezone_report.settings as product
from reporting.acts import unconfirmed
from reporting.figures import discipline
from reporting.files import apart, cells, spreadsheets, xlsx
from reporting.forms import cover, imports, people
from reporting.imports.kinds import people as people_file
from reporting.middleware import LengthMiddleware
from reporting.models.imports import LIFE
from reporting.people import accounts, lockout
from reporting.text import addresses, parsing
from reporting.views import audit, download_limit

PAGE = product.BASE_DIR / "docs" / "security.md"
ROW = re.compile(r"^\| ([0-9.]+) \| ([123]) \| (.+?) \| ([a-z ]+) \| (.+?) \|(?: (.*?))? \|$", re.MULTILINE)
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows():
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


@cache
def functions(file):
    tree = ast.parse((product.BASE_DIR / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_what_is_met_has_a_test_and_everything_else_a_reason():
    for name, _level, asks, status, how, proof in rows():
        assert len(asks) >= 8, name
        assert PROOF.findall(proof) or status != "met", name
        assert len(how) >= {"met": 4, "operator": 40, "not applicable": 9}[status], name


@pytest.mark.parametrize("file", sorted({file for *_rest, proof in rows() for file, _test in PROOF.findall(proof)}))
def test_every_test_that_is_named_is_there(file):
    named = {test for *_rest, proof in rows() for found, test in PROOF.findall(proof) if found == file}
    assert named - functions(file) == set()


def anchor(heading):
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def test_page_has_the_sections_that_the_rows_refer_to():
    text = PAGE.read_text(encoding="utf-8")
    sections = {anchor(part.partition("\n")[0]): part.partition("\n")[2].strip() for part in text.split("\n## ")[1:]}
    referred = set(re.findall(r"\]\(#([\w-]+)\)", text))
    assert referred - set(sections) == set()
    assert len(referred) > 10
    assert [name for name in referred if len(sections[name]) < 200] == []
    files = re.findall(r"\]\(([\w-]+\.md)\)", text)
    assert [name for name in files if not (PAGE.parent / name).exists()] == []


def minutes(span):
    return f"{int(span.total_seconds()) // 60} minutes"


def megabytes(size):
    return f"{size / 1024**2:g} MB"


def test_page_tells_the_figures_of_the_settings():
    (length,) = [
        validator["OPTIONS"]["min_length"]
        for validator in product.AUTH_PASSWORD_VALIDATORS
        if validator["NAME"] == "reporting.people.passwords.LengthValidator"
    ]
    said = {
        "Limits": [
            f"| wrong passwords of a person at an address | {product.AXES_FAILURE_LIMIT}, then locked there for "
            f"{minutes(product.AXES_COOLOFF_TIME)} |",
            f"| wrong passwords from an address, for whatever names | {lockout.MOST_AT_AN_ADDRESS}, then locked there "
            f"for {minutes(product.AXES_COOLOFF_TIME)} |",
            f"| passwords of strangers hashed at once in a worker | {product.HASHES_AT_ONCE}, ",
            f"| changes of one's own password | {accounts.MOST_CHANGES} in an hour |",
            f"| days of a file of the access record | {audit.LONGEST_FILE} |",
            f"| people that a file names | {people_file.MOST_PEOPLE} |",
            f"| confirmation after the hour | {minutes(unconfirmed.CONFIRMED_WITHIN)}, ",
            f"| one-time password | {accounts.SERVES.days} days |",
            f"| session | {product.SESSION_LASTS.seconds // 3600} hours; of the city and administrators "
            f"{minutes(product.IDLE_LASTS)} without use |",
            f"| {megabytes(global_settings.DATA_UPLOAD_MAX_MEMORY_SIZE)}, "
            f"{global_settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields |",
            f"| body of a request with a file | {megabytes(LengthMiddleware.LONGEST)}, more is not read |",
            f"| file that is sent | {megabytes(spreadsheets.MAX_BYTES)}, ",
            f"| {imports.MOST_KEPT}, for {LIFE.seconds // 3600} hour |",
            f"| days of a workbook or of a record of lateness | {discipline.LONGEST} |",
            f"| files that one person takes away | {product.DOWNLOADS_PER_10_MINUTES} in "
            f"{minutes(download_limit.WINDOW)} ",
            f"| days of a cover | {cover.LONGEST} |",
        ],
        "Files that people send": [
            f"At most {megabytes(spreadsheets.MAX_BYTES)} as sent; a workbook at most {xlsx.MAX_MEMBERS} "
            f"parts, {megabytes(xlsx.MAX_UNZIPPED)} unpacked, {xlsx.MAX_SHEETS} sheets, "
            f"{cells.MAX_ROWS:,} rows and {cells.MAX_COLUMNS} columns, {cells.MAX_CELLS:,} filled",
            f"of {apart.SECONDS} seconds of a core and {megabytes(apart.MEMORY)}",
        ],
        "Signing in": [
            f"after {lockout.NOTED_AT_AN_ADDRESS} of an address no more records",
            f"subscriber's network (/{addresses.OF_A_SUBSCRIBER})",
            f"After {product.AXES_FAILURE_LIMIT} wrong passwords",
            f"locked there for {minutes(product.AXES_COOLOFF_TIME)}",
            f"{length} characters at least and {people.LONGEST_PASSWORD} at most",
            f"none of the {len(CommonPasswordValidator().passwords):,} of Django's list",
            f"more than {minutes(product.PASSWORD_SERVES)} ago",
            f"59 bits, {accounts.SERVES.days} days",
        ],
        "Sessions": [f"ends {product.SESSION_LASTS.seconds // 3600} hours after signing in"],
        "What may be typed": [f"at most {parsing.MAX_DIGITS} digits"],
        "Costly requests": [f"(at most {discipline.LONGEST}, "],
    }
    sections = {part.partition("\n")[0]: part for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]}
    assert [words for name, list_ in said.items() for words in list_ if words not in sections[name]] == []
