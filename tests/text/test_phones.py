"""What is a telephone number of Viet Nam, and what a number, a day or a word that stands in its column."""

import pytest

from reporting.text import parsing

PHONES = ["0912345678", "0912 345 678", "0912.345.678", "+84 912 345 678", "84912345678", "0225 3842 000"]
PHONES += ["(0225) 3.842.000", "024-38-220-000", "19001234", "1900 9095", "18001119"]
NONE = ["20200814", "10000000000000000", "912345678", "0.5", "12", "113", "0012345678", "+1 202 555 0123", "091234567"]
NONE += ["091234567890", "mobile", "0912 345 678 ext", "٠٩١٢٣٤٥٦٧٨", "²912345678", "14/08/2020", "1900", "-0912345678x"]


@pytest.mark.parametrize("text", PHONES)
def test_number_that_can_be_rung_is_one(text):
    assert parsing.is_phone(text)


@pytest.mark.parametrize("text", NONE)
def test_what_nobody_can_ring_is_none(text):
    assert not parsing.is_phone(text)
