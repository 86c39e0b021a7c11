"""Days, hours, moments and telephone numbers as people type them."""

from datetime import date, time

import pytest

from reporting.text import parsing

AUGUST, NEW_YEAR = date(2020, 8, 21), date(2021, 1, 5)


@pytest.mark.parametrize(
    ("text", "near", "day"),
    [
        ("20/08/2020", None, date(2020, 8, 20)),
        ("20-8-2020", None, date(2020, 8, 20)),
        (" 20.8.2020 ", None, date(2020, 8, 20)),
        ("2020-08-20", None, date(2020, 8, 20)),
        ("20 Aug 2020", None, date(2020, 8, 20)),
        ("20 Áug 2020", None, None),
        ("20/8", None, None),
        ("20/8", AUGUST, date(2020, 8, 20)),
        ("22.08", AUGUST, date(2020, 8, 22)),
        ("2-9", AUGUST, date(2020, 9, 2)),
        ("31/12", NEW_YEAR, date(2020, 12, 31)),
        ("3/1", NEW_YEAR, date(2021, 1, 3)),
        ("29/2", NEW_YEAR, date(2020, 2, 29)),
        ("29/2", date(2022, 8, 1), None),
        ("31/2/2020", AUGUST, None),
        ("8/20", AUGUST, None),
        ("20/8/20", AUGUST, None),
        ("20 8", AUGUST, None),
        ("", AUGUST, None),
    ],
)
def test_day_is_read_as_it_is_written(text, near, day):
    assert parsing.day(text, near=near) == day


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("17h00", time(17)),
        ("17:30", time(17, 30)),
        ("9h", time(9)),
        ("09:05:06", time(9, 5, 6)),
        ("24h00", None),
        ("17", None),
        ("x", None),
    ],
)
def test_hour_is_read_as_it_is_written(text, hour):
    assert parsing.hour(text) == hour


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("21/08/2020 17h00", "2020-08-21 17:00:00"),
        ("17h30 21/8", "2020-08-21 17:30:00"),
        ("21/8", None),
        ("17h30", None),
        ("21/8 17h30 x", None),
    ],
)
def test_moment_is_a_day_and_an_hour(text, moment):
    found = parsing.moment(text, near=AUGUST)
    assert (str(found) if found else None) == moment


PHONES = ["0912345678", "0912 345 678", "0912.345.678", "+84 912 345 678", "84912345678", "0225 3842 000"]
PHONES += ["(0225) 3.842.000", "024-38-220-000", "19001234", "1900 9095", "18001119"]
NONE = ["20200814", "10000000000000000", "912345678", "0.5", "12", "113", "0012345678", "+1 202 555 0123", "091234567"]
NONE += ["091234567890", "mobile", "0912 345 678 ext", "٠٩١٢٣٤٥٦٧٨", "²912345678", "14/08/2020", "1900", "-0912345678x"]


@pytest.mark.parametrize(("text", "is_one"), [*((text, True) for text in PHONES), *((text, False) for text in NONE)])
def test_telephone_number_is_one_that_can_be_rung_in_viet_nam(text, is_one):
    assert parsing.is_phone(text) == is_one
