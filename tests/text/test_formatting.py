from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from reporting.text import formatting

from ..factories import DAY, at

AFTERNOON = at("2020-08-21 15:36:07.9")
CLOSES_AT = at("2020-08-21 17:00")


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (999, "999"), (1000, "1.000"), (1234567, "1.234.567"), (-1234, "-1.234")]
)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_number_is_grouped_as_the_language_writes_it(language, value, text):
    with translation.override(language):
        assert formatting.number(value) == (text.replace(".", ",") if language == "en" else text)


@pytest.mark.parametrize(
    ("written", "values"),
    [
        (formatting.signed, {None: "–", 0: "0", 88: "+88", 1234: "+1.234", -72: "-72"}),
        (
            formatting.percent,  # cut, never rounded up
            {None: "–", "0": "0,00%", "0.289955": "28,99%", "0.599999999": "59,99%", "0.6": "60,00%", "12": "1200,00%"},
        ),
        (
            formatting.whole_percent,  # only the decimals that exist
            {None: "–", "0.6000": "60%", "0.625": "62,5%", "1": "100%", "0.05": "5%", "0.1234": "12,34%"},
        ),
        (
            formatting.signed_percent,
            {None: "–", "0": "0,00%", "0.0523": "+5,23%", "0.05239": "+5,23%", "-0.05239": "-5,23%", "1.5": "+150,00%"},
        ),
        (
            formatting.points,
            {"0.0049": "+0,49", "-0.0101": "-1,01", "0.0000": "0,00", "0.2049": "+20,49", None: "–"},
        ),
        (
            formatting.decimal,
            {"2.4": "2,4", Fraction(12345, 10): "1.234,5", Fraction(2, 3): "0,7", 0: "0,0", None: "–"},
        ),
    ],
)
def test_figure_is_written(written, values):
    asked = {value: Decimal(value) if isinstance(value, str) else value for value in values}
    assert {value: written(number) for value, number in asked.items()} == values


def test_days_are_day_month_year():
    assert formatting.day(DAY) == "21/08/2020"
    assert formatting.day(date(2020, 8, 5)) == "05/08/2020"
    assert formatting.day(None) == "–"
    assert formatting.short_day(date(2020, 8, 5)) == "05/08"


def test_long_day_names_the_weekday():
    week = [date(2020, 8, 17) + timedelta(days=number) for number in range(7)]
    named = [formatting.long_day(day).removesuffix(f"{day: %d/%m/%Y}") for day in week]
    assert named == ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"]
    assert formatting.long_day(DAY) == "Thứ Sáu 21/08/2020"


@pytest.mark.parametrize("instant", [AFTERNOON, AFTERNOON.astimezone(UTC)])
def test_instants_are_those_of_hai_phong(instant):
    assert formatting.hour(instant) == "15h36"
    assert formatting.moment(instant) == "15h36 ngày 21/08/2020"
    assert formatting.exact(instant) == "15:36:07 21/08/2020"


def test_instant_after_midnight_is_of_the_next_day():
    assert formatting.exact(datetime(2020, 12, 31, 17, 30, tzinfo=UTC)) == "00:30:00 01/01/2021"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2020-08-21 15:36", "còn 1 giờ 24 phút"),
        ("2020-08-21 15:00", "còn 2 giờ 0 phút"),
        ("2020-08-21 16:00:01", "còn 59 phút"),
        ("2020-08-21 16:59", "còn 1 phút"),
        ("2020-08-21 16:59:01", "còn chưa đầy 1 phút"),
        ("2020-08-21 17:30", "còn chưa đầy 1 phút"),
    ],
)
def test_time_left_is_cut_to_the_minute(moment, text):
    assert formatting.until(CLOSES_AT, at(moment)) == text


@pytest.mark.parametrize(
    ("names", "words"),
    [("", ""), ("A", "A"), ("AB", "A, B"), ("ABC", "A, B và 1 đơn vị khác"), ("ABCD", "A, B và 2 đơn vị khác")],
)
def test_long_list_of_names_counts_the_rest(names, words):
    assert formatting.listed(list(names), 2) == words


def test_english_pages_write_figures_days_and_hours_in_english():
    with translation.override("en"):
        assert formatting.percent(Decimal("0.289955")) == "28.99%"
        assert formatting.decimal(Decimal("1234.56")) == "1,234.6"
        assert (formatting.day(DAY), formatting.short_day(DAY)) == ("21 Aug 2020", "21 Aug")
        assert formatting.moment(CLOSES_AT) == "17:00 on 21 Aug 2020"
