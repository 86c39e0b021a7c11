from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from reporting.forms.day import DayForm
from reporting.forms.fields import CleanTextField, NumberField
from reporting.forms.report import ReportForm

from ..factories import DAY, at, make_directive, make_unit_hour

NOON = at("2020-08-21 12:00")


@pytest.mark.parametrize("stored", [0, 7, 88, 1000, 12345, 1234567, 999999999])
def test_number_field_reads_again_what_it_shows(stored):
    field = NumberField()
    assert field.clean(field.prepare_value(stored)) == stored


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Mất điện từ 15h", "Mất điện từ 15h"),
        ("a\x00b\x07c\x1fd\x7fe\x85f", "abcdef"),
        ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree\tfour"),
        ("a\ufffeb\uffffc\ufdd0d\U0001fffee\U0010fffff", "abcdef"),
        ("a\ud800b\udfffc", "abc"),
        ("\U0001f4f1", "\U0001f4f1"),
        ("Hải", "H\N{LATIN SMALL LETTER A WITH HOOK ABOVE}i"),
        ("Ha\N{COMBINING HOOK ABOVE}i", "H\N{LATIN SMALL LETTER A WITH HOOK ABOVE}i"),
        ("Ha\x00\N{COMBINING HOOK ABOVE}i", "H\N{LATIN SMALL LETTER A WITH HOOK ABOVE}i"),
        ("  \n ", ""),
        (None, ""),
    ],
)
def test_clean_text_field_keeps_only_what_can_be_printed(typed, text):
    assert CleanTextField(required=False).clean(typed) == text


@pytest.mark.parametrize("typed", ["a" * 99, f"ab{' ' * 99}c"])
def test_far_too_long_text_is_refused_before_cleaning_and_not_shown_whole(typed):
    field = CleanTextField(max_length=5)
    assert len(field.bound_data(typed, "")) == 20
    with pytest.raises(ValidationError):
        field.to_python(typed)


@pytest.mark.parametrize(
    ("picked", "before", "after"),
    [
        ("2020-08-06", None, date(2020, 8, 7)),
        ("2020-08-20", date(2020, 8, 19), DAY),
        ("20/8", date(2020, 8, 19), DAY),
        ("20/08/2020", date(2020, 8, 19), DAY),
        ("2020-08-21", date(2020, 8, 20), None),
    ],
)
def test_day_form_steps_stay_within_the_campaign(picked, before, after, db):
    make_directive()
    form = DayForm({"day": picked}, at=NOON)
    assert form.is_valid()
    assert (form.day_before, form.day_after) == (before, after)


def test_report_form_counts_from_the_hour_of_the_day_before(cast):
    """No hour counts twice or not at all if an order changes the deadline, for all or for one unit."""
    make_directive(DAY, number="2/CV", report_deadline=time(20), signoff_deadline=time(21))
    make_unit_hour(cast.neighbour, time(15), DAY)
    expected = [
        (cast.commune, -1, "From 17:00 on 19 Aug to 17:00 on 20 Aug."),
        (cast.commune, 0, "From 17:00 on 20 Aug to 20:00 on 21 Aug."),
        (cast.commune, 1, "From 20:00 on 21 Aug to 20:00 on 22 Aug."),
        (cast.neighbour, -1, "From 17:00 on 19 Aug to 17:00 on 20 Aug."),
        (cast.neighbour, 0, "From 17:00 on 20 Aug to 15:00 on 21 Aug."),
        (cast.neighbour, 1, "From 15:00 on 21 Aug to 15:00 on 22 Aug."),
    ]
    with translation.override("en"):
        for unit, days, words in expected:
            form = ReportForm(unit=unit, day=DAY + timedelta(days=days), at=NOON, user=cast.officer)
            assert form.fields["installs"].help_text.startswith(words)
