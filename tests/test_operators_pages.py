"""The operator's two pages say the same, and name existing things; so do developers' pages in two languages."""

import re

import pytest
from django.core.management import get_commands

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
