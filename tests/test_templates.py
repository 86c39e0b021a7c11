"""Templates and style sheets are readable; djhtml checks the templates' indentation."""

import re

import pytest
from django.conf import settings

TEMPLATES = sorted(settings.BASE_DIR.glob("templates/**/*.html"))
STYLES = sorted(settings.BASE_DIR.glob("static/**/*.css"))
# A picture inside an address has no place for a line break.
ADDRESS_OF_A_PICTURE = re.compile(r'\s*href="data:image/svg\+xml,[^"]*"')


@pytest.mark.parametrize("files", [TEMPLATES, STYLES], ids=["templates", "styles"])
def test_no_line_is_too_long(files):
    found = [
        f"{path.name}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 120 and not ADDRESS_OF_A_PICTURE.fullmatch(line)
    ]
    assert (len(files) > 10, found) == (True, [])
