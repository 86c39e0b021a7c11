"""Charts, parsed from their markup: lengths and points match the rows in every language."""

import csv
import re
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import translation

import reporting
from reporting import charts
from reporting.charts import share_bar
from reporting.figures.pace import PastDay, Projection
from reporting.models.map_place import MapPlace
from reporting.models.units import full_name

from ..factories import DAY, make_day_rollup, make_figure

SIXTY = Decimal("0.6000")
FORMS = ["wide", "narrow"]
DATA = Path(reporting.__file__).with_name("data") / "haiphong-2020-units.csv"
UNITS = list(csv.DictReader(DATA.read_text(encoding="utf-8").splitlines()))
DISTRICTS = {unit["code"]: full_name(unit["kind"], unit["name"]) for unit in UNITS if unit["level"] == "district"}
PLACES = {
    unit["code"]: MapPlace(int(unit["map_column"]), int(unit["map_line"])) for unit in UNITS if unit["map_column"]
}
NASTY = """Huyện <b>"An" & 'Bình'"""
COORDINATES = ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height", "d", "viewBox")


@pytest.mark.parametrize(
    ("share", "width", "kind", "words"),
    [
        (None, "0", "bar-fill", "–"),
        (Decimal(0), "0", "bar-fill", "0,00%"),
        (Decimal("0.30"), "50", "bar-fill", "30,00%"),
        (Decimal("0.5999"), "99.98", "bar-fill", "59,99%"),
        (Decimal("0.6000"), "100", "bar-fill is-reached", "60,00%"),
        (Decimal("1.5"), "100", "bar-fill is-reached", "150,00%"),
    ],
)
def test_share_bar_goes_from_zero_to_the_target_with_a_tick_at_the_mean(share, width, kind, words):
    picture = ElementTree.fromstring(share_bar(share, SIXTY, Decimal("0.45")))
    fill = {"class": kind, "width": width, "height": "8"}
    assert [part.attrib for part in picture] == [fill, {"class": "bar-mean", "d": "M75 0V8"}]
    assert picture.attrib["aria-label"] == f"{words}, chỉ tiêu 60%"
    assert [part.attrib for part in ElementTree.fromstring(share_bar(share, SIXTY))] == [fill]


# What all charts share


def back(days):
    return DAY - timedelta(days=days)


def forms(chart):
    """The parsed wide and narrow pictures."""
    return {picture.get("class"): picture for picture in ElementTree.fromstring(f"<div>{chart.picture}</div>")}


def form(chart, key="wide"):
    return forms(chart)[f"chart-{key}"]


def having(picture, class_):
    """The elements of the picture with the class."""
    return [element for element in picture.iter() if class_ in (element.get("class") or "").split()]


def hints(picture):
    """The tooltips, in order."""
    return [element.text for element in picture.findall(".//title")][1:]


def words(picture):
    return [element.text for element in picture.iter("text")]


def make_city(districts):
    """A city with districts of one commune each: by code the figures of the commune."""
    figures = []
    for code, fields in districts.items():
        name = fields.pop("name", DISTRICTS.get(code, code))
        figures.append(make_figure(f"31/{code}/", name=name, place=PLACES.get(code)))
        figures.append(make_figure(f"31/{code}/{code}1/", **fields))
    return make_day_rollup(make_figure("31/"), *figures)


def make_map(**districts):
    districts = {code.strip("d"): {"population": 1000, **fields} for code, fields in districts.items()}
    return charts.tile_map(make_city(districts).children)


AHEAD = Projection(
    start=DAY,
    until=DAY + timedelta(days=20),
    share=Fraction(29, 100),
    required=Fraction(60, 100),
    expected=Fraction(41, 100),
    slowest=Fraction(35, 100),
    fastest=Fraction(50, 100),
)


def make_progress():
    return charts.progress(
        [
            PastDay(day=back(2), share=None, installs=None),
            PastDay(day=back(1), share=Decimal("0.2512"), installs=1234),
            PastDay(day=DAY, share=Decimal("0.2899"), installs=0, due=3),
        ],
        provisional="tạm tính, 1/3",
        target_share=SIXTY,
        projection=AHEAD,
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_coordinates_have_points_and_no_style_is_inline(language):
    with translation.override(language):
        picture = make_progress().picture
    elements = list(ElementTree.fromstring(f"<div>{picture}</div>").iter())
    written = [element.get(name) for element in elements for name in COORDINATES if element.get(name)]
    assert any("." in value for value in written)
    assert [value for value in written if not re.fullmatch(r"[-0-9. MLHVZmlhvaz]+", value)] == []
    assert [element for element in elements if "style" in element.attrib or element.tag == "style"] == []


def test_table_of_the_figures_has_a_cell_for_each_heading():
    chart = make_progress()
    page = ElementTree.fromstring(render_to_string("reporting/_chart.html", {"chart": chart}))
    assert [cell.text for cell in page.findall(".//thead//th")] == list(chart.headings)
    lines = [[cell.text or "" for cell in line] for line in page.findall(".//tbody/tr")]
    assert lines == [list(row) for row in chart.rows]
    assert {len(row) for row in chart.rows} == {len(chart.headings)}


@pytest.mark.parametrize(
    "chart",
    [
        lambda: charts.tile_map([]),
        lambda: charts.progress([PastDay(day=DAY)], target_share=SIXTY),
    ],
)
def test_nothing_to_draw_is_no_chart(chart):
    assert chart() is None


# The map


def test_tile_is_a_link_with_name_share_and_what_has_not_reported():
    with translation.override("en"):
        page = ElementTree.fromstring(
            render_to_string(
                "reporting/_tile_map.html",
                {
                    "map": make_map(
                        d306={"cumulative": 289, "installs": 8, "name": NASTY},
                        d311={"cumulative": 600, "installs": None},
                    ),
                    "day": DAY,
                },
            )
        )
    assert [
        (cell.get("class"), cell.find("a").get("href"), " ".join("".join(cell.itertext()).split()))
        for cell in page.iter("td")
        if cell.get("class")
    ] == [
        ("map-4", "/units/311/?day=2020-08-21", "Thuỷ Nguyên 60.00% ✓ – 1"),
        ("map-0", "/units/306/?day=2020-08-21", "<b>\"An\" & 'Bình' 28.90%"),
    ]


def shades(*shares):
    """The shade of each tile, for districts with these shares of ten thousand people."""
    rows = {
        f"d{code}": {"cumulative": share, "population": 10_000} for code, share in zip(PLACES, shares, strict=False)
    }
    found = {row.code: shade for line in make_map(**rows).lines for row, shade in line if row}
    return "".join(found[code.strip("d")][0] for code in rows)


def test_shades_of_the_map_are_fitted_to_the_shares_of_the_day():
    assert shades(2474, 2569, 2799, 3011, 3460) == "00123"
    assert shades(0, 1999, 2000, 5999, 9999) == "00124"
    assert shades(2810, 2890) == "00"
    assert shades(5999, 6000, 15_000) == "004"
    assert shades(None, 100) == "u0"


def test_map_holds_every_district_at_its_place_and_leaves_none_out():
    districts = {code: {"cumulative": 1} for code in DISTRICTS}
    assert (set(districts), len(PLACES)) == (set(PLACES), 15)
    lines = charts.tile_map(make_city(districts).children).lines
    at = {row.code: (x, y) for y, line in enumerate(lines, 1) for x, (row, _shade) in enumerate(line, 1) if row}
    assert at == PLACES
