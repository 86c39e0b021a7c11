"""The pages are light: a phone at the edge of the network loads them too."""

import gzip

import pytest
from django.conf import settings

from .factories import DAY
from .views.visits import look

STYLE_AND_SCRIPT_AT_MOST, FORM_AT_MOST = 20_000, 60_000  # bytes over the wire


def test_style_and_scripts_together_are_light():
    files = [path for path in (settings.BASE_DIR / "static").rglob("*") if path.suffix in (".css", ".js")]
    weights = {path.name: len(gzip.compress(path.read_bytes())) for path in files}
    assert {"reporting.css", "form.js"} <= set(weights)
    assert sum(weights.values()) < STYLE_AND_SCRIPT_AT_MOST, weights


@pytest.mark.parametrize("name", ["unit", "report"])
def test_pages_are_sent_compressed(name, cast):
    args = ("11416",) if name == "unit" else ("11416", DAY)
    page = look(cast.officer, name, *args, headers={"accept-encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.content) < len(gzip.decompress(page.content)) / 2
    assert len(page.content) + STYLE_AND_SCRIPT_AT_MOST < FORM_AT_MOST
