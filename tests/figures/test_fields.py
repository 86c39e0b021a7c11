"""The figures have the names of the models' fields; missing is not zero."""

from dataclasses import fields as fields_of

import pytest

from reporting.figures import fields
from reporting.models import Report
from reporting.models.reports import Figures


def test_report_says_what_its_model_holds():
    assert tuple(field.name for field in Figures._meta.local_fields) == fields.REPORTED
    empty = {name: Report._meta.get_field(name).get_default() for name in fields.REPORTED if name != "adjustment"}
    assert empty == fields.EMPTIED


def test_classes_have_the_figures_of_the_tuples():
    assert [(one.name, one.default) for one in fields_of(fields.Summed)] == [
        (one.name, one.nothing) for one in fields.SUMMED
    ]
    assert [one.name for one in fields_of(fields.Extras)] == [count.column for count in fields.EXTRAS]


@pytest.mark.parametrize(
    ("parts", "known", "whole"),
    [([1, 2], 3, 3), ([1, None], 1, None), ([None, None], None, None), ([0, None], 0, None), ([0], 0, 0)],
)
def test_sum_of_what_is_known_and_of_the_whole(parts, known, whole):
    assert (fields.known_sum(parts), fields.full_sum(parts)) == (known, whole)
