"""Templates and style sheets one can read; djhtml sees to the indentation of the former."""

import re

import pytest
from django.conf import settings

TEMPLATES = sorted(settings.BASE_DIR.glob("templates/**/*.html"))
STYLES = sorted(settings.BASE_DIR.glob("static/**/*.css"))
WIDTH = 120
# A picture written as an address has no place where it could be broken.
ADDRESS_OF_A_PICTURE = re.compile(r'\s*href="data:image/svg\+xml,[^"]*"')

# What begins a line of its own; the rest are words and marks within one.
BLOCKS = (
    "html head body header main nav section article div p ul ol li dl dt dd table thead tbody tr th td caption form "
    "fieldset legend h1 h2 h3 details summary figure figcaption meta link script style"
)
BLOCK = re.compile(rf"<(?:{BLOCKS.replace(' ', '|')})(?=[\s>{{])")
TAG_WITH_AN_END = re.compile(r"{% (?:if|for|with|block|elif|else|empty|end\w+)\b")
WORDS_TO_TRANSLATE = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}")
ATTRIBUTES = re.compile(r"<[a-z][a-z0-9]*(?:{%.*?%}|{{.*?}}|\"[^\"]*\"|[^>\"])*>")
TITLE = re.compile(r"<title>.*</title>")


def faults(line: str) -> list[str]:
    """What is wrong with a line of a template."""
    found = []
    if len(line) > WIDTH and not ADDRESS_OF_A_PICTURE.fullmatch(line):
        found.append("too long")
    if len(BLOCK.findall(line)) > 1:
        found.append("two elements")
    text = ATTRIBUTES.sub("<>", WORDS_TO_TRANSLATE.sub("", TITLE.sub("", line)))
    if BLOCK.search(line) and re.match(r"\s*{% (?!translate|url)", line):
        found.append("an element beside a tag")
    if line.lstrip().startswith("{% block ") and "endblock" not in line and not line.rstrip().endswith("%}"):
        found.append("a block that begins within a line")
    if TAG_WITH_AN_END.match(text.strip()) and re.search(r"%}\s*<>", text):
        found.append("an element on the line of its condition")
    if line != line.rstrip() or "\t" in line:
        found.append("spaces")
    return found


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("<p>" + "x" * 120, "too long"),
        ('<link href="data:image/svg+xml,x"' + " " * 90 + 'rel="icon">', "too long"),
        ("<tr><td>1</td></tr>", "two elements"),
        ("<td>1</td><td>2</td>", "two elements"),
        ("{% if form %}<p>", "an element beside a tag"),
        ('{% for row in rows %}<a href="/">{{ row }}</a>{% endfor %}', "an element on the line of its condition"),
        ("{% endif %}<span>1</span>", "an element on the line of its condition"),
        ("{% block content %}<div>", "an element beside a tag"),
        ("<p> ", "spaces"),
    ],
)
def test_fault_is_found(line, fault):
    assert fault in faults(line)


@pytest.mark.parametrize(
    "line",
    [
        "<details{% if form.errors %} open{% endif %}>",
        '<p><a class="button" href="/">{% translate "Back" %}</a></p>',
        "{% if row %}{{ row.name }}{% else %}–{% endif %}",
        "<h2>{% blocktranslate count n=rows|length %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}</h2>",
        "{% block title %}{{ unit.full_name }} · {{ day|day }}{% endblock %}",
    ],
)
def test_line_that_is_as_it_should_be_has_no_fault(line):
    assert faults(line) == []


def test_templates_hold_one_element_a_line_and_none_is_too_long():
    found = [
        f"{path.relative_to(settings.BASE_DIR)}:{number}: {', '.join(faults(line))}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if faults(line)
    ]
    assert (len(TEMPLATES) > 50, found) == (True, [])


def test_templates_end_with_one_line_feed():
    assert [path.name for path in TEMPLATES if not re.search(r"\S\n\Z", path.read_text())] == []


def test_style_sheets_hold_one_declaration_a_line():
    a_line = re.compile(r"|[@:.#*\w\[][^;{}]*(?:[{,]|;)|\s+[^;{}]*(?:[{,;])|\s*}|/\*.*\*/|/\*.*|.*\*/")
    wrong = [
        f"{path.name}:{number}: {line}"
        for path in STYLES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if not a_line.fullmatch(line) or len(line) > WIDTH
    ]
    assert (len(STYLES) > 10, wrong) == (True, [])
