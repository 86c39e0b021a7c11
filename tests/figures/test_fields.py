"""What is counted is named once, and the names are those of the models."""

import pytest

from reporting.figures import fields
from reporting.figures.query import Figure
from reporting.figures.rollup import Row
from reporting.models import BaseFigure, LateRequest, Report, Revision
from reporting.models.reports import Figures


def test_report_says_what_its_model_holds():
    assert tuple(field.name for field in Figures._meta.local_fields) == fields.REPORTED
    empty = {name: Report._meta.get_field(name).get_default() for name in fields.REPORTED if name != "adjustment"}
    assert empty == fields.EMPTIED


def test_columns_are_there():
    counted = {field.column for field in fields.OF_DAY}
    for model in (Report, Revision, LateRequest):
        assert counted <= {field.name for field in model._meta.get_fields()}
    assert {sum_.column for sum_ in fields.RUNNING} <= {field.name for field in Report._meta.get_fields()}
    assert {base.column for base in fields.BASES} <= {field.name for field in BaseFigure._meta.get_fields()}


def test_rows_have_every_figure_by_name_and_nothing_is_missing_not_zero():
    for row in (Figure, Row):
        assert set(fields.NAMES) <= set(row.__dataclass_fields__)
    nothing = fields.Summed()
    sums = {"adjustment": 0, "households_so_far": 0}
    said = {"installs", "households", "cumulative", "population", "smartphone_users", "households_base", *sums}
    assert said <= set(fields.NAMES)
    assert {name: getattr(nothing, name) for name in fields.NAMES} == dict.fromkeys(fields.NAMES) | sums


@pytest.mark.parametrize(
    ("parts", "known", "whole"),
    [([1, 2], 3, 3), ([1, None], 1, None), ([None, None], None, None), ([0, None], 0, None), ([0], 0, 0)],
)
def test_sum_of_what_is_known_and_of_the_whole(parts, known, whole):
    assert (fields.known(parts), fields.whole(parts)) == (known, whole)


def test_count_is_read_by_the_name_that_the_record_has():
    (households,) = [count for count in fields.BESIDE if count.name == "households"]
    assert households.value(Report(households_visited=46)) == 46
    assert households.value(fields.Summed(households=9)) == 9
    nothing = dict.fromkeys(count.column for count in fields.BESIDE)
    assert fields.beside(Revision(households_visited=0)) == nothing | {"households_visited": 0}
    assert fields.beside(None) == nothing
