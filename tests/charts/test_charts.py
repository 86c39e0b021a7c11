"""Charts, read back from their markup: lengths and points are the rows, whatever the language."""

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
from reporting.charts import ProgressDay, share_bar
from reporting.charts.svg import FORMS as DRAWN
from reporting.charts.svg import LINE, Sign, brief, legend, width_of
from reporting.days.status import DayStatus
from reporting.figures.comparison import SeriesPoint
from reporting.figures.discipline import Record
from reporting.figures.pace import Projection
from reporting.models import OfficialFigure
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
    """The wide and the narrow picture, read."""
    return {picture.get("class"): picture for picture in ElementTree.fromstring(f"<div>{chart.picture}</div>")}


def form(chart, key="wide"):
    return forms(chart)[f"chart-{key}"]


def having(picture, class_):
    """The elements of the picture with the class; of a sign in the legend, which follows all the rest, too."""
    return [element for element in picture.iter() if class_ in (element.get("class") or "").split()]


def hints(picture):
    """What is said where one points, in order."""
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


def address(row):
    return f"/units/{row.code}/?day=2020-08-21&x=1"


def make_map(**districts):
    districts = {code.strip("d"): {"population": 1000, **fields} for code, fields in districts.items()}
    return charts.tile_map(make_city(districts).children, address=address)


STATUSES = [status for status in DayStatus if status is not DayStatus.NOT_DUE_YET]  # of a day that has passed


def make_record(name="Phường Đằng Hải", statuses=(DayStatus.ON_TIME,)):
    days = tuple((back(len(statuses) - 1 - number), status) for number, status in enumerate(statuses))
    return Record(code="11416", path="", level="commune", name=name, sort_key="", days=days)


AHEAD = Projection(
    start=DAY,
    until=DAY + timedelta(days=20),
    share=Fraction(29, 100),
    required=Fraction(60, 100),
    expected=Fraction(41, 100),
    slowest=Fraction(35, 100),
    fastest=Fraction(50, 100),
)


EVERYTHING = {
    "map": lambda: make_map(
        d303={"cumulative": 333, "installs": 3, "name": NASTY},
        d304={"cumulative": 700, "installs": None, "carried_from": back(1)},
        d318={},
    ),
    "progress": lambda: charts.progress(
        [
            ProgressDay(day=back(2), share=None, installs=None),
            ProgressDay(day=back(1), share=Decimal("0.2512"), installs=1234, mean=Fraction(2469, 2)),
            ProgressDay(day=DAY, share=Decimal("0.2899"), installs=0, due=3, is_under_way=True),
        ],
        target_share=SIXTY,
        projection=AHEAD,
    ),
    "calendar": lambda: charts.discipline_calendar([make_record(NASTY, STATUSES * 12), make_record()]),
}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", EVERYTHING)
def test_each_form_has_title_and_description_of_its_own(name, language):
    with translation.override(language):
        chart = EVERYTHING[name]()
    found = forms(chart)
    assert list(found) == [f"chart-{key}" for key in FORMS]
    for key, picture in zip(FORMS, found.values(), strict=True):
        title, description = picture[0], picture[1]
        assert (title.tag, description.tag) == ("title", "desc")
        assert (title.text, bool(description.text)) == (chart.title, True)
        assert (title.get("id"), description.get("id")) == (f"{name}-{key}-title", f"{name}-{key}-desc")
        assert picture.get("aria-labelledby") == f"{name}-{key}-title"
        assert picture.get("aria-describedby") == f"{name}-{key}-desc"
        assert picture.get("role") == ("group" if name == "map" else "img")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", EVERYTHING)
def test_coordinates_have_points_and_no_style_is_inline(name, language):
    with translation.override(language):
        picture = EVERYTHING[name]().picture
    elements = list(ElementTree.fromstring(f"<div>{picture}</div>").iter())
    written = [element.get(name) for element in elements for name in COORDINATES if element.get(name)]
    assert any("." in value for value in written)
    assert [value for value in written if not re.fullmatch(r"[-0-9. MLHVZmlhvaz]+", value)] == []
    assert [element for element in elements if "style" in element.attrib or element.tag == "style"] == []


@pytest.mark.parametrize("name", ["map", "calendar"])
def test_name_with_markup_in_it_stays_text(name):
    chart = EVERYTHING[name]()
    assert [row[0] for row in chart.rows if NASTY in row] == [NASTY]
    assert any(NASTY in hint for hint in hints(form(chart)))
    assert "<b>" not in chart.picture


@pytest.mark.parametrize("name", EVERYTHING)
def test_table_of_the_figures_has_a_cell_for_each_heading(name):
    chart = EVERYTHING[name]()
    page = ElementTree.fromstring(render_to_string("reporting/_chart_table.html", {"chart": chart}))
    assert [cell.text for cell in page.findall(".//thead//th")] == list(chart.headings)
    lines = [[cell.text or "" for cell in line] for line in page.findall(".//tbody/tr")]
    assert lines == [list(row) for row in chart.rows]
    assert {len(row) for row in chart.rows} == {len(chart.headings)}


@pytest.mark.parametrize(
    "chart",
    [
        lambda: charts.tile_map([], address=address),
        lambda: charts.progress([ProgressDay(day=DAY, share=None, installs=None)], target_share=SIXTY),
        lambda: charts.discipline_calendar([]),
        lambda: charts.discipline_calendar([make_record(statuses=[])]),
    ],
)
def test_nothing_to_draw_is_no_chart(chart):
    assert chart() is None


# The map


def tiles(chart, key="wide"):
    """By address: class, position, texts, hint of each tile."""
    found = {}
    for tile in form(chart, key).findall("a"):
        ground = tile.find("rect")
        found[tile.get("href")] = (
            tile.get("class").removeprefix("map-tile "),
            (float(ground.get("x")), float(ground.get("y"))),
            [line.text for line in tile.findall("text")],
            tile.find("title").text,
        )
    return found


def test_tile_is_a_link_with_name_share_and_what_has_not_reported():
    with translation.override("en"):
        found = tiles(make_map(d306={"cumulative": 289, "installs": 8}, d311={"cumulative": 600, "installs": None}))
    assert found == {
        "/units/306/?day=2020-08-21&x=1": (
            "map-0",
            (482.67, 70.0),
            ["Hải An", "28.90%"],
            "Quận Hải An: 28.90%, installed 289, reported 1/1",
        ),
        "/units/311/?day=2020-08-21&x=1": (
            "map-4 is-reached",
            (0.0, 0.0),
            ["Thuỷ Nguyên", "60.00%", "✓ – 1"],
            "Huyện Thuỷ Nguyên: 60.00%, installed 600, reported 0/1, target reached",
        ),
    }


def classes(*shares):
    """The class of each tile, of districts with these shares of ten thousand people."""
    rows = {
        f"d{code}": {"cumulative": share, "population": 10_000} for code, share in zip(PLACES, shares, strict=False)
    }
    found = tiles(make_map(**rows))
    return [found[f"/units/{code.strip('d')}/?day=2020-08-21&x=1"][0] for code in rows]


def test_classes_of_the_map_are_fitted_to_the_shares_of_the_day():
    assert classes(2474, 2569, 2799, 3011, 3460) == ["map-0", "map-0", "map-1", "map-2", "map-3"]
    assert classes(0, 1999, 2000, 5999, 9999) == ["map-0", "map-0", "map-1", "map-2", "map-4 is-reached"]
    assert classes(2810, 2890) == ["map-0", "map-0"]
    assert classes(5999, 6000, 15_000) == ["map-0", "map-0 is-reached", "map-4 is-reached"]
    assert classes(None, 100) == ["map-unknown", "map-0"]


def test_map_holds_every_district_at_its_place_and_leaves_none_out():
    districts = {code: {"cumulative": 1} for code in DISTRICTS}
    assert (set(districts), len(PLACES)) == (set(PLACES), 15)
    for key in FORMS:
        found = tiles(charts.tile_map(make_city(dict(districts)).children, address=address), key)
        at = {code: found[f"/units/{code}/?day=2020-08-21&x=1"][1] for code in PLACES}
        columns, lines = (sorted({position[axis] for position in at.values()}) for axis in (0, 1))
        assert {code: (columns.index(x) + 1, lines.index(y) + 1) for code, (x, y) in at.items()} == PLACES


def test_legend_of_the_map_gives_the_bounds_in_words():
    with translation.override("en"):
        picture = form(make_map(d306={"cumulative": 246, "installs": 1}, d311={"cumulative": 610, "installs": 1}))
    assert [text.text for text in picture.findall("text")] == [
        "24% to below 32%",
        "56% to below 64%",
        "target of 60% reached",
    ]


# The calendar


def test_calendar_has_a_sign_for_each_day_of_each_unit():
    statuses = [*STATUSES, DayStatus.ON_TIME]
    late = make_record("Xã An Hưng", [DayStatus.LATE])
    with translation.override("en"):
        chart = charts.discipline_calendar([make_record(statuses=statuses), late])
    for key in FORMS:
        picture = form(chart, key)
        colours = ["on_time", "late", "waiting", "missing", "exempt"]
        marks = [sum(e.get("d").count("M") for e in having(picture, f"day-{colour}")) // 2 for colour in colours]
        assert marks == [2 + 1, 2 + 1, 1 + 1, 1 + 1, 2 + 2]  # one more of each status in the legend
    signs = [e.get("d").split("m", 1)[1].split("M")[0] for e in having(form(chart), "day-sign")]
    assert len(set(signs)) == len(STATUSES)
    assert hints(form(chart)) == [
        "Phường Đằng Hải: on time on 2 of 5 days",
        "Phường Đằng Hải, 16 Aug 2020: late",
        "Phường Đằng Hải, 17 Aug 2020: waiting to be taken in",
        "Phường Đằng Hải, 18 Aug 2020: not reported",
        "Phường Đằng Hải, 19 Aug 2020: excused",
        "Phường Đằng Hải, 20 Aug 2020: exempt",
        "Xã An Hưng: on time on 0 of 1 days",
        "Xã An Hưng, 21 Aug 2020: late",
    ]
    bad = "16 Aug late, 17 Aug waiting to be taken in, 18 Aug not reported"
    assert chart.rows == [
        ["Phường Đằng Hải", "2", "1", "1", "1", "1", "1", bad],
        ["Xã An Hưng", "0", "1", "0", "0", "0", "0", "21 Aug late"],
    ]


@pytest.mark.parametrize(("key", "days"), [("wide", 31), ("narrow", 14)])
def test_calendar_shows_as_many_days_as_have_room_and_its_table_the_same(key, days):
    chart = charts.discipline_calendar([make_record(statuses=[DayStatus.ON_TIME] * 40)])
    ground, _sign, *_legend = having(form(chart, key), "day-on_time")
    assert ground.get("d").count("M") == days
    assert chart.rows == [["Phường Đằng Hải", "31", "0", "0", "0", "0", "0", ""]]


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["Phường Cát Bi", "Xã An Hưng"], ["Phường Cát Bi", "Xã An Hưng"]),
        (["Phường Hoàng Văn Thụ", "Thị trấn An Lão"], ["P. Hoàng Văn Thụ", "TT. An Lão"]),
        (["Sở Nông nghiệp và Phát triển nông thôn"], ["Sở Nông nghiệp…"]),
        ([], []),
    ],
)
def test_names_are_shortened_alike(names, short):
    assert brief(names, 110) == short


def plot(picture):
    """Left, top, right and bottom of the ground, by its lines."""
    lines = picture.findall("line")
    heights = [float(line.get("y1")) for line in lines]
    return float(lines[0].get("x1")), min(heights), float(lines[0].get("x2")), max(heights)


# Ours and the ministry's.


def series(*points, last=DAY):
    """Days in a row up to `last`, each with ours and the ministry's."""
    first = last - timedelta(days=len(points) - 1)
    return [
        SeriesPoint(
            day=first + timedelta(days=number),
            claimed=claimed,
            official=None if value is None else OfficialFigure(value=value, source=NASTY),
        )
        for number, (claimed, value) in enumerate(points)
    ]


def places_of(picture, class_):
    """(x, y) of the points of the line of that class."""
    lines = having(picture, class_)
    return (
        [tuple(map(float, point.split())) for point in lines[0].get("d").removeprefix("M").split("L")] if lines else []
    )


@pytest.mark.parametrize("key", FORMS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_both_series_are_drawn_to_one_scale(key, language):
    given = [(None, None), (0, 100), (250, None), (500, 900), (900, 800)]
    with translation.override(language):
        picture = form(charts.two_series(series(*given), metric="lượt tải"), key)
    left, top, right, bottom = plot(picture)
    slot = (right - left) / len(given)

    def expected(which):
        return [
            pytest.approx((left + (n + 0.5) * slot, bottom - pair[which] / 1000 * (bottom - top)), abs=0.01)
            for n, pair in enumerate(given)
            if pair[which] is not None
        ]

    assert places_of(picture, "chart-series") == expected(0)
    assert places_of(picture, "chart-official") == expected(1)
    circles = [(float(c.get("cx")), float(c.get("cy"))) for c in picture.findall(".//circle")]
    assert circles[:-1] == expected(0)  # the last is the legend's
    squares = [
        (float(s.get("x")) + float(s.get("width")) / 2, float(s.get("y")) + float(s.get("height")) / 2)
        for s in having(picture, "chart-official-point")
    ]
    assert squares[:-1] == expected(1)


def test_ministrys_series_stands_alone_where_nobody_has_reported():
    picture = form(charts.two_series(series((None, 0), (None, 5)), metric="lượt tải"))
    assert (places_of(picture, "chart-series"), len(places_of(picture, "chart-official"))) == ([], 2)


@pytest.mark.parametrize(("ours", "theirs"), [(900, 800), (800, 900), (850, 850), (0, 0), (0, 900), (900, 0)])
def test_last_figures_of_both_never_lie_on_one_another(ours, theirs):
    for key in FORMS:
        picture = form(charts.two_series(series((ours, theirs)), metric="lượt tải"), key)
        labels = [label for label in picture.findall("text") if "chart-label" in label.get("class")]
        first, second = sorted(float(label.get("y")) for label in labels)
        assert second - first >= 12  # the size of the type
        assert 0 < first < second <= plot(picture)[3]


def test_table_of_both_series_has_difference_and_source_and_no_markup():
    chart = charts.two_series(series((10, None), (1500, 1400)), metric=NASTY)
    assert [list(row) for row in chart.rows] == [
        ["21/08/2020", "1.500", "1.400", "+100", NASTY],
        ["20/08/2020", "10", "–", "–", ""],
    ]
    assert NASTY in form(chart).find("title").text


def test_no_label_of_a_day_reaches_beyond_the_picture():
    days = tuple((DAY - timedelta(days=number), DayStatus.ON_TIME) for number in reversed(range(14)))
    record = Record(code="1", path="1/", level="commune", name="Phường Đằng Hải", sort_key="d", on_time=14, days=days)
    picture = charts.discipline_calendar([record]).picture
    ends = [float(x) + width_of("21/08") / 2 for x in re.findall(r'<text[^>]* x="([\d.]+)"[^>]*>21/08<', picture)]
    assert [end <= form.width for end, form in zip(ends, DRAWN, strict=True)] == [True, True]


def test_words_of_a_legend_that_are_longer_than_a_line_go_on_in_the_next():
    words = "tạm tính: chưa có số hôm nay, dùng lũy kế trước đó, và còn dài hơn một dòng của điện thoại"
    key = legend([Sign(lambda x, y: "", words), Sign(lambda x, y: "", "đúng hạn")], form=DRAWN[1], top=0)
    lines = re.findall(r"<text[^>]*>(.*?)</text>", "".join(key.parts))
    assert " ".join(lines[:-1]) == words
    assert (len(lines), lines[-1]) == (4, "đúng hạn")
    assert all(width_of(line) <= DRAWN[1].width - 24 for line in lines)
    assert key.height == 4 * LINE
