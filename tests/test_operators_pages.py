"""The operator's two pages say the same, and name existing things; so do developers' pages in two languages."""

import pkgutil
import re
from importlib import import_module

import pytest
from django.core.management import get_commands

import reporting

from .served import ROOT

ENGLISH = (ROOT / "docs" / "operating.md").read_text()
VIETNAMESE = (ROOT / "docs" / "van-hanh.md").read_text()
WORDS_OF_TWO_PAGES = 1300
MAILS = {"truc@example.vn": "operator@example.vn"}
NAMES = {"TỆP": "FILE", "phieu.html": "slips.html", "<kho mã nguồn>": "<this repository>"}


def commands(text):
    """The operator's commands: the lines of the blocks, and text in backticks that begins with one of his programs."""
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    sentences = re.sub(r"^```\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    typed = re.findall(r"`((?:bluezone-report|systemctl|curl|timedatectl) ?[^`]*)`", sentences)
    return {line for block in blocks for line in block.splitlines()} | set(typed)


def test_every_command_of_the_short_page_stands_in_the_long_one():
    short = VIETNAMESE
    for here, there in {**MAILS, **NAMES}.items():
        short = short.replace(here, there)
    assert len(commands(short)) > 15
    assert {command for command in commands(short) if command not in ENGLISH} == set()
    assert len(VIETNAMESE.split()) <= WORDS_OF_TWO_PAGES


@pytest.mark.parametrize("page", [ENGLISH, VIETNAMESE], ids=["operating.md", "van-hanh.md"])
def test_every_command_and_file_that_is_named_is_there(page):
    named = set(re.findall(r"(?:(?:^|`)bluezone-report|manage\.py) ([a-z]+(?:_[a-z]+)*)", page, re.MULTILINE))
    assert {"first_steps", "close_campaign", "verify"} <= named <= set(get_commands())
    for path in re.findall(r"(?:/opt/bluezone-report/|`)((?:deploy|docs|tests|reporting/data)/[\w./-]+\w)", page):
        assert (ROOT / path).exists(), path


def test_long_page_links_where_something_is():
    titles = re.findall(r"^#+ (.*)$", ENGLISH, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    for page in (ENGLISH, VIETNAMESE):
        for target in re.findall(r"\]\((?:operating\.md)?#([^)]+)\)", page):
            assert target in anchors
        for file in re.findall(r"\]\(([\w-]+\.md)", page):
            assert (ROOT / "docs" / file).exists()


@pytest.mark.parametrize(
    ("english", "vietnamese"), [("architecture", "kien-truc"), ("adding-a-figure", "them-so-lieu")]
)
def test_vietnamese_page_has_the_headings_and_files_of_the_english_one(english, vietnamese):
    pages = [(ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in (english, vietnamese)]
    headings = [re.findall(r"^(#+) (\d+\.)?", page, re.MULTILINE) for page in pages]
    assert headings[0] == headings[1]
    there, here = ({*re.findall(r"`([\w/-]+(?:/|\.(?:py|js|html)))`", page)} for page in pages)
    assert (here - there, len(here) > 5) == (set(), True)


def names_in_code():
    """The names that the modules of the product define, each with what it names, and the members of all classes."""
    found, members = {}, set()
    for _finder, module, _is_package in pkgutil.walk_packages(reporting.__path__, "reporting."):
        if ".migrations" not in module:
            found[module.rpartition(".")[2]] = import_module(module)
            found |= vars(import_module(module))
    for value in found.values():
        members |= members_of(value) if isinstance(value, type) else set()
    return found, members


def members_of(value):
    hints = [getattr(one, "__annotations__", {}) for one in getattr(value, "__mro__", ())]
    return {*dir(value), *(name for of_class in hints for name in of_class)}


@pytest.mark.parametrize(("page", "glossary"), [("architecture", "## Glossary"), ("kien-truc", "## Từ dùng")])
def test_every_name_of_a_glossary_is_there(page, glossary):
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    found, members = names_in_code()
    lines = re.findall(r"\|([^|]+)\|$", text.partition(glossary)[2], re.MULTILINE)
    named = {name for line in lines for name in re.findall("`([^`]+)`", line)}
    assert len(named) > 15
    for name in sorted(named | set(re.findall(r"`([A-Z]\w+\.\w+)`", text))):
        owner, _dot, member = name.partition(".")
        if "/" in name or name.endswith(".py"):
            assert (ROOT / "reporting" / name).exists(), name
        elif member:
            assert member in members_of(found[owner]), name
        else:
            assert name in found.keys() | members, name
