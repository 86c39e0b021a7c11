"""What is said of the target: whether it is reached, by which day, and at what pace. In Vietnamese and English."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.utils import translation

from reporting.figures import pace, statements
from reporting.figures.pace import TargetDay
from reporting.figures.rates import Rate
from reporting.figures.statements import Subject

from ..factories import DAY, at, make_day_rollup, make_figure

SEALED_AT = at("2020-08-20 17:40")
BEFORE = DAY - timedelta(days=1)


def row(cumulative):
    """30,000 people in three wards, which have all reported."""
    wards = [
        make_figure(f"31/{n}/", cumulative=part, population=10_000, installs=1)
        for n, part in enumerate((cumulative, 0, 0))
    ]
    return make_day_rollup(make_figure("31/"), *wards).own


def verdict(cumulative=8000, *, per_day=200, target_date=date(2020, 9, 10), **changed):
    rate = Rate() if per_day is None else Rate(per_day=Fraction(per_day), reports=7, of_reports=7, known=1)
    found = row(cumulative)
    about = {"cumulative": cumulative, "target": 18_000, "target_date": target_date, "day": DAY, "is_hour_over": True}
    known = pace.pace_of(**about | {"rate": rate} | changed)
    return statements.verdict(Subject(day=DAY, instant=None, row=found, pace=known))


def then(cumulative, **fields):
    return TargetDay(day=BEFORE, row=row(cumulative), **fields)


TO_MISS = "Dự báo đến hết 10/09 chỉ đạt 40,00%, thấp hơn chỉ tiêu 60%. Mỗi ngày cần 500 máy, hiện 200."
CASES = [
    ({"cumulative": 18_000}, "Đã đạt 60%.", "60% reached."),
    (
        {"cumulative": 19_500},
        "Đã đạt 60%. Vượt chỉ tiêu 1.500 máy.",
        "60% reached. 1,500 installs more than the target.",
    ),
    ({}, TO_MISS, "Forecast for 10 Sep: 40.00%, below the target of 60%. 500 installs a day needed, 200 now."),
    (
        {"per_day": 600},
        "Kịp 60%: mỗi ngày cần 500 máy, hiện 600.",
        "On course for 60%: 500 installs a day needed, 600 now.",
    ),
    (
        {"per_day": None},
        "Chưa đủ số liệu để dự báo: chưa có báo cáo của các ngày trước. Mỗi ngày cần 500 máy.",
        "Too early for a forecast: no report of the days before. 500 installs a day needed.",
    ),
    ({"target_date": None}, "Dự kiến đạt 60% vào 10/10.", "60% expected on 10 Oct."),
    ({"target_date": None, "per_day": 20}, "Dự kiến đạt 60% vào 03/01/2022.", "60% expected on 3 Jan 2022."),
    ({"target_date": None, "per_day": 0}, "Tốc độ hiện nay không thể đạt 60%.", "60% is out of reach at this pace."),
    # On the target date.
    ({"target_date": DAY}, "Ngày 21/08: 26,66%, không đạt.", "21 Aug: 26.66%, target not reached."),
    (
        {"target_date": DAY, "is_hour_over": False},
        "21/08 là ngày cuối: còn thiếu 10.000 máy.",
        "21 Aug is the last day: 10,000 installs are still missing.",
    ),
    (
        {"target_date": DAY, "is_hour_over": False, "cumulative": 17_999},
        "21/08 là ngày cuối: còn thiếu 1 máy.",
        "21 Aug is the last day: 1 install is still missing.",
    ),
    (
        {"cumulative": 18_001},
        "Đã đạt 60%. Vượt chỉ tiêu 1 máy.",
        "60% reached. 1 install more than the target.",
    ),
    # After it: what stood on the date, and what stands now.
    (
        {"target_date": BEFORE, "cumulative": 17_451, "then": then(18_117, sealed_at=SEALED_AT, is_corrected=True)},
        "Ngày 20/08: 60,39%, đạt. Đến 21/08, sau điều chỉnh: 58,17%.",
        "20 Aug: 60.39%, target reached. By 21 Aug, after corrections: 58.17%.",
    ),
    (
        {"target_date": BEFORE, "cumulative": 17_990, "then": then(17_835)},
        "Ngày 20/08: 59,45%, không đạt. Đến 21/08: 59,96%.",
        "20 Aug: 59.45%, target not reached. By 21 Aug: 59.96%.",
    ),
    (
        {"target_date": BEFORE, "cumulative": 18_060, "then": then(17_835, reached_on=DAY)},
        "Ngày 20/08: 59,45%, không đạt. Đạt ngày 21/08, chậm 1 ngày.",
        "20 Aug: 59.45%, target not reached. Reached on 21 Aug, 1 day late.",
    ),
    (
        {"target_date": BEFORE, "cumulative": 18_060, "then": then(17_835)},
        "Ngày 20/08: 59,45%, không đạt. Đến 21/08: 60,20%.",
        "20 Aug: 59.45%, target not reached. By 21 Aug: 60.20%.",
    ),
]


@pytest.mark.parametrize(("fields", "vietnamese", "english"), CASES)
def test_verdict_in_one_sentence(fields, vietnamese, english):
    found = verdict(**fields)
    assert found.sentence() == vietnamese
    with translation.override("en"):
        assert found.sentence() == english


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Với tốc độ này đến 10/10 mới đạt 60%, chậm 30 ngày. Phải tăng 2,5 lần."),
        ({"per_day": 600}, "Với tốc độ này đến 07/09 đạt 60%."),
        ({"per_day": 0}, ""),
        ({"cumulative": 18_000}, ""),
        ({"target_date": DAY}, ""),
    ],
)
def test_advice_says_when_and_how_much_faster(fields, words):
    assert verdict(**fields).advice_words() == words


def test_rates_that_differ_by_less_than_an_install_are_not_said():
    """12.97 a day reach what 13 a day need; printed as 12 and 13 they would contradict the title."""
    found = verdict(18_000 - 20 * 12, per_day=Fraction(1297, 100), target_date=DAY + timedelta(days=19))
    assert found.sentence() == "Kịp 60%."


def test_basis_says_of_how_many_reports_the_mean_is_and_what_is_still_to_come():
    some = Rate(per_day=Fraction(200), reports=5, of_reports=7, known=1, to_come=Fraction(40))
    assert [one.words() for one in verdict(rate=some).basis] == [
        "bình quân 7 ngày liền trước 200 máy mỗi ngày (5/7 báo cáo)",
        "dự báo đã cộng khoảng 40 máy của các đơn vị chưa báo cáo",
    ]


def test_share_of_an_incomplete_day_is_provisional_until_the_seal():
    found = replace(row(8000), expected=218, reported=132, name="Quận Hải An")
    about = Subject(day=DAY, instant=None, row=found)
    assert (
        str(statements.standing(about)) == "Bluezone: Quận Hải An đạt 26,66% (tạm tính, 132/218) dân số, chỉ tiêu 60%"
    )
    assert str(about.provisional) == "tạm tính, 132/218"
    assert replace(about, is_sealed=True).provisional is replace(about, row=row(8000)).provisional is None
