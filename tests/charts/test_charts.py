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
from reporting.models.units import full_name

from ..factories import DAY, make_day_rollup, make_figure

SIXTY = Decimal("0.6000")
FORMS = ["wide", "narrow"]
DATA = Path(reporting.__file__).with_name("data") / "haiphong-2020-units.csv"
UNITS = list(csv.DictReader(DATA.read_text(encoding="utf-8").splitlines()))
DISTRICTS = {unit["code"]: full_name(unit["kind"], unit["name"]) for unit in UNITS if unit["level"] == "district"}
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
    ticks = [{"class": name, "d": "M75 0V8"} for name in ("halo", "bar-mean")]
    assert [part.attrib for part in picture] == [fill, *ticks]
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
        figures.append(make_figure(f"31/{code}/", name=name))
        figures.append(make_figure(f"31/{code}/{code}1/", **fields))
    return make_day_rollup(make_figure("31/"), *figures)


AHEAD = Projection(
    start=DAY,
    until=DAY + timedelta(days=20),
    share=Fraction(29, 100),
    required=Fraction(60, 100),
    expected=Fraction(41, 100),
    slowest=Fraction(35, 100),
    fastest=Fraction(50, 100),
    needed_per_day=200,
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
        lambda: charts.progress([PastDay(day=DAY)], target_share=SIXTY),
    ],
)
def test_nothing_to_draw_is_no_chart(chart):
    assert chart() is None


# Small multiples


def test_small_lines_have_the_lowest_first_with_share_path_and_reports():
    days = [PastDay(day=back(1), share=Decimal("0.28")), PastDay(day=DAY, share=Decimal("0.30"))]
    city = make_city(
        {
            "311": {"population": 1000, "cumulative": 450, "installs": None},
            "306": {"population": 1000, "cumulative": 300, "installs": 8, "name": NASTY},
            "318": {"population": None, "cumulative": 5},
        }
    )
    below = {"306": [Decimal("0.20"), Decimal("0.30")], "311": [None, Decimal("0.45")], "318": [None, None]}
    history = {"recent": {"days": days}}
    with translation.override("en"):
        until, provisional = DAY + timedelta(days=3), {"311": "provisional, 0/1"}
        lines = charts.multiples(city.children, days, below, until=until, provisional=provisional)
        shown = {"multiples": lines, "day": DAY, "history": history, "unit": city.own}
        page = ElementTree.fromstring(render_to_string("reporting/_multiples.html", shown))
    assert [(one.row.code, one.needed) for one in lines] == [("306", Decimal("0.3")), ("311", Decimal("0.45"))]
    said = [" ".join("".join(line.itertext()).split()) for line in page.iter("li")]
    assert said == ["<b>\"An\" & 'Bình' 1/1 30.00% 30.00%", "Thuỷ Nguyên 0/1 45.00% 45.00%"]
    first, second = having(page, "small-line")
    drawn = {part.get("class"): part.get("d") for part in first}
    assert drawn["own"] == "M0 40L130 30L130 30"
    assert drawn["needed"] == "M0 40L130 30L130 30"
    assert drawn["of-all"] == "M0 32L130 30L130 30"
    assert [second.get("aria-label"), first.get("aria-label")] == [
        "Huyện Thuỷ Nguyên: – on 20 Aug, now 45.00% (provisional, 0/1)",
        "Huyện <b>\"An\" & 'Bình': 20.00% on 20 Aug, now 30.00%",
    ]
    ends = [[part.get("d") for name in ("open", "hole") for part in having(line, name)] for line in (first, second)]
    assert ends == [[], ["M130 15L130 15"] * 2]
    assert [part.get("d") for part in having(second, "own")] == ["M130 15L130 15"]
    assert [part.get("class") for part in page.findall(".//svg[@class='dots']/path")] == ["sent", "missing", "hole"]
