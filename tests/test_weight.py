"""The pages are light: they also load on a phone with a weak connection."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from bluezone_report.static_files import with_imports
from reporting import demo
from reporting.imports.kinds.units import import_units
from reporting.models import Unit

from .factories import DAY, RECORDED_AT, make_directive, make_report, make_user
from .views.visits import look

STYLE_AND_SCRIPT_AT_MOST, FORM_AT_MOST, CITY_AT_MOST = 29_184, 18_944, 60_000  # bytes over the wire


def weigh():
    """The bytes over the wire of each style sheet and script, by name."""
    static = settings.BASE_DIR / "static"
    names = [path.relative_to(static).as_posix() for path in static.glob("reporting/*") if path.is_file()]
    texts = {name: with_imports(name, lambda part: (static / part).read_text()) for name in names}
    return {name: len(gzip.compress(text.encode())) for name, text in texts.items()}


def test_style_and_scripts_together_are_light():
    weights = weigh()
    assert {"reporting/reporting.css", "reporting/form.js"} <= set(weights)
    assert weights["reporting/reporting.css"] > 5_000  # includes its parts
    assert sum(weights.values()) < STYLE_AND_SCRIPT_AT_MOST, weights


@pytest.mark.parametrize("name", ["unit", "report"])
def test_pages_are_sent_compressed(name, cast):
    args = ("11416",) if name == "unit" else ("11416", DAY)
    page = look(cast.officer, name, *args, headers={"accept-encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.content) < len(gzip.decompress(page.content)) / 2
    weights = weigh()
    style, script = weights["reporting/reporting.css"], weights["reporting/form.js"]
    assert len(page.content) + style + script < FORM_AT_MOST
    text = gzip.decompress(page.content).decode()
    assert re.findall(r'"(/static/[^"]+)"', text) == ["/static/reporting/reporting.css", "/static/reporting/form.js"]
    assert "\n  " not in text  # no indents
    assert re.search(r'rel="icon"[^>]*?href="data:', text)  # not loaded later either


@pytest.mark.matrix
def test_pages_of_the_whole_city_are_light_with_all_their_charts(db):
    for name in ("haiphong-2020-units.csv", "haiphong-agencies.csv"):
        import_units(Path(demo.DATA, name).read_bytes(), now=lambda: RECORDED_AT)
    make_directive()
    for number, unit in enumerate(Unit.objects.filter(children=None).order_by("code")):
        make_report(unit, DAY - timedelta(days=1), installs=number % 5, opening=10 + number % 20)
    clerk = make_user("31", Unit.objects.get(parent=None))
    weights = {}
    for name, args in [("unit", ["31"]), ("ranking", ["31"]), ("bulletin", ["31", DAY]), ("bulletin", ["311", DAY])]:
        page = look(clerk, name, *args, headers={"accept-encoding": "gzip"})
        assert gzip.decompress(page.content).count(b"<svg") >= 2
        weights[name, args[0]] = len(page.content)
    assert max(weights.values()) < CITY_AT_MOST, weights
