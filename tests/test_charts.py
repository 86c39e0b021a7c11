from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.utils import translation

from reporting.charts import share_bar

SIXTY = Decimal("0.6000")


def parse(share, target=SIXTY):
    """The bar's (ground, fill, tick) and the picture itself."""
    picture = ElementTree.fromstring(share_bar(share, target))
    assert picture.tag == "svg"
    return picture, [dict(rectangle.attrib) for rectangle in picture]


def test_share_bar_is_drawn_to_scale():
    picture, rectangles = parse(Decimal("0.2899"))
    assert picture.attrib == {
        "class": "bar",
        "viewBox": "0 0 100 12",
        "preserveAspectRatio": "none",
        "role": "img",
        "aria-label": "28,99%, chỉ tiêu 60%",
    }
    assert rectangles == [
        {"class": "bar-ground", "x": "0", "y": "1", "width": "100", "height": "10"},
        {"class": "bar-fill", "x": "0", "y": "1", "width": "28.99", "height": "10"},
        {"class": "bar-tick", "x": "60.00", "y": "0", "width": "1", "height": "12"},
    ]


@pytest.mark.parametrize(
    ("share", "width", "kind"),
    [
        (None, "0.00", "bar-fill"),
        (Decimal(0), "0.00", "bar-fill"),
        (Decimal("0.5999"), "59.99", "bar-fill"),
        (Decimal("0.6000"), "60.00", "bar-fill is-reached"),
        (Decimal("1.5"), "100.00", "bar-fill is-reached"),
    ],
)
def test_share_bar_fills_as_far_as_the_share_goes(share, width, kind):
    _, (_, fill, _) = parse(share)
    assert (fill["width"], fill["class"]) == (width, kind)


@pytest.mark.parametrize(("target", "x"), [("0.625", "62.50"), ("1", "100.00")])
def test_share_bar_has_its_tick_at_the_target(target, x):
    _, (_, _, tick) = parse(Decimal("0.3"), Decimal(target))
    assert tick["x"] == x


@pytest.mark.parametrize("language", ["vi", "en"])
def test_share_bar_has_points_in_its_coordinates_and_no_inline_style(language):
    with translation.override(language):
        picture, rectangles = parse(Decimal("0.2899"))
    assert [rectangle["width"] for rectangle in rectangles] == ["100", "28.99", "1"]
    assert all("style" not in element.attrib for element in picture.iter())


def test_share_bar_says_that_nothing_is_known():
    picture, _ = parse(None)
    assert picture.attrib["aria-label"] == "–, chỉ tiêu 60%"
