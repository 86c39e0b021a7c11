"""The progress chart, parsed from its markup: two plots above the same days."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from django.utils import translation

from reporting import charts
from reporting.figures.pace import PastDay

from ..factories import DAY
from .test_charts import AHEAD, back, form, having, hints, words

SIXTY = Decimal("0.6")
FORMS = ["wide", "narrow"]


def day(back_by, share, installs, missing=0, **fields):
    sent = {"installs": installs, "due": missing + 1, "reported": 1}
    return PastDay(day=back(back_by), share=share and Decimal(share), **sent, **fields)


DAYS = [
    day(3, "0.20", 100, missing=1),
    day(2, "0.25", 25),
    day(1, "0.25", None),
    day(0, "0.30", 0, missing=2),
]


def drawn(**about):
    return charts.progress(DAYS, provisional="provisional, 1/3", target_share=SIXTY, **about)


def plots(picture):
    """Left and right edge, then top and bottom of the plot of shares and of the plot of installs."""
    lines = [line for line in picture.findall("line") if line.get("class") == "chart-line"]
    heights = [float(line.get("y1")) for line in lines]
    cut = next(n for n in range(1, len(heights)) if heights[n] > heights[n - 1])
    left, right = float(lines[0].get("x1")), float(lines[0].get("x2"))
    return left, right, (heights[cut - 1], heights[0]), (heights[-1], heights[cut])


def points(element):
    return [tuple(map(float, point.split())) for point in element.get("d").strip("Mz").split("L")]


@pytest.mark.parametrize("key", FORMS)
def test_shares_and_installs_are_drawn_to_scale_over_one_line_of_days(key):
    picture = form(drawn(), key)
    left, right, (top, bottom), (low_top, low_bottom) = plots(picture)
    slot = (right - left) / 4
    shares = [0.20, 0.25, 0.25, 0.30]
    line = having(picture, "chart-series")[0]
    expected = [(left + (n + 0.5) * slot, bottom - share / 0.6 * (bottom - top)) for n, share in enumerate(shares)]
    assert points(line) == [pytest.approx(point, abs=0.02) for point in expected]
    columns = having(picture, "chart-column")[:3]
    assert [float(column.get("height")) for column in columns] == [
        pytest.approx(low_bottom - low_top, abs=0.02),
        pytest.approx((low_bottom - low_top) / 4, abs=0.02),
        2,  # zero is a mark on the line
    ]
    middles = [float(column.get("x")) + float(column.get("width")) / 2 for column in columns]
    assert middles == [pytest.approx(left + (n + 0.5) * slot, abs=0.02) for n in (0, 1, 3)]


@pytest.mark.parametrize("key", FORMS)
def test_what_lies_ahead_begins_at_the_last_day_and_ends_at_the_date(key):
    picture = form(drawn(projection=AHEAD), key)
    left, right, (top, bottom), low = plots(picture)
    slot = (right - left) / 24

    def at(days, share):
        return pytest.approx((left + (days + 0.5) * slot, bottom - float(share) / 0.6 * (bottom - top)), abs=0.03)

    start = at(3, AHEAD.share)
    assert points(having(picture, "chart-required")[0]) == [start, at(23, AHEAD.required)]
    assert points(having(picture, "chart-expected")[0]) == [start, at(23, AHEAD.expected)]
    assert points(having(picture, "chart-range")[0]) == [start, at(23, AHEAD.fastest), at(23, AHEAD.slowest)]
    [needed] = having(picture, "chart-needed")
    assert [float(needed.get(name)) for name in ("y1", "y2")] == [pytest.approx(low[0], abs=0.02)] * 2  # 200 of 200
    assert {"cần đạt" if key == "narrow" else "cần đạt 60,00%", "dự báo 41,00%", "cần 200"} <= set(words(picture))


@pytest.mark.parametrize("share", [2, 30])
@pytest.mark.parametrize("expected", [31, 58, 62])
@pytest.mark.parametrize("days_left", [3, 60])
def test_on_a_phone_no_line_and_no_other_name_crosses_a_name(share, expected, days_left):
    until = DAY + timedelta(days=days_left)
    about = {"share": Fraction(share, 100), "expected": Fraction(expected, 100), "until": until}
    last = replace(DAYS[-1], share=Decimal(share) / 100)
    ahead = replace(AHEAD, slowest=about["expected"], fastest=about["expected"], **about)
    picture = form(
        charts.progress([*DAYS[:-1], last], target_share=SIXTY, projection=ahead),
        "narrow",
    )
    boxes = [box(label) for label in having(picture, "chart-label") if label.text != "Máy cài mới mỗi ngày"]
    assert len(boxes) == 4
    for one, other in combinations(boxes, 2):
        assert one[1] <= other[0] or other[1] <= one[0] or abs(one[2] - other[2]) >= 10, (one, other)
    for name in ("chart-required", "chart-expected"):
        (x1, y1), (x2, y2) = points(having(picture, name)[0])
        for left, right, baseline in boxes[2:]:
            crossed = [y1 + (x - x1) * (y2 - y1) / (x2 - x1) for x in (max(left, x1), min(right, x2))]
            assert not any(baseline - 7 < y < baseline for y in crossed), (name, crossed, baseline)


def box(label):
    """Left, right and baseline of a label, whose letters are a little wider than the mean."""
    x, width = float(label.get("x")), charts.svg.width_of(label.text) * 1.05
    left = x - width * {"start": 0, "middle": 0.5, "end": 1}[label.get("text-anchor")]
    return left, left + width, float(label.get("y"))


def test_what_leads_above_the_plot_is_cut_at_its_edges():
    steep = replace(AHEAD, expected=Fraction(65, 100), fastest=Fraction(3), slowest=Fraction(62, 100))
    picture = form(drawn(projection=steep))
    left, right, (top, bottom), _low = plots(picture)
    [box] = picture.findall("svg")
    assert [float(box.get(name)) for name in ("x", "y", "width", "height")] == [
        pytest.approx(value, abs=0.02) for value in (left, top, right - left, bottom - top)
    ]
    assert box.find("path").get("class") == "chart-range"


@pytest.mark.parametrize("key", FORMS)
def test_bar_of_a_provisional_day_is_hatched_and_no_other(key):
    """Not pale: a photocopy and a dark screen show it too."""
    picture = form(drawn(), key)
    [pattern] = picture.findall("pattern")
    fills = [column.get("fill") for column in having(picture, "chart-column")]
    assert fills == [None, None, f"url(#{pattern.get('id')})"]
    assert [one.findall("pattern") for one in [form(charts.progress(DAYS, target_share=SIXTY), key)]] == [[]]


def test_hints_and_table_say_what_was_missing():
    with translation.override("en"):
        chart = drawn()
        said = hints(form(chart))
    assert said == [
        "18 Aug 2020: 20.00%, new 100, 1 unit has not reported",
        "19 Aug 2020: 25.00%, new 25",
        "20 Aug 2020: 25.00%, new –",
        "21 Aug 2020: 30.00%, new 0, provisional, 1/3, 2 units have not reported",
    ]
    assert [row[:3] for row in chart.rows][:2] == [
        ["21 Aug 2020", "30.00%", "0"],
        ["20 Aug 2020", "25.00%", "–"],
    ]
