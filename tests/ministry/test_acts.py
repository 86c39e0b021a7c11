"""The city records the ministry's figures and each wrong row is refused."""

from datetime import timedelta

import pytest

from reporting import acts
from reporting.ministry import acts as ministry
from reporting.models import Metric, OfficialFigure

from .. import factories as f

BEFORE = f.DAY - timedelta(days=1)
FIVE, EVENING, LATER = f.at("2020-08-21 17:00"), f.at("2020-08-21 18:00"), f.at("2020-08-21 19:00")
SOURCE = "Cục Tin học hóa, công văn 12"


def count(unit, value=1000, **fields):
    values = {"day": f.DAY, "metric": Metric.DOWNLOADS, "counted_at": FIVE, "source": SOURCE, **fields}
    return OfficialFigure(unit=unit, value=value, **values)


def record(cast, *rows, by="city_clerk", at=EVENING, top=None):
    by = getattr(cast, by) if by else None
    return ministry.record_official(top=top or cast.city, rows=rows, **f.stamp(by, at))


def values():
    return list(OfficialFigure.objects.order_by("id").values_list("unit__code", "metric", "value"))


# Recording.


@pytest.mark.parametrize(
    "change", [{"value": 1001}, {"source": "Báo cáo khác"}, {"counted_at": FIVE - timedelta(minutes=1)}]
)
def test_figure_that_differs_in_anything_supersedes(change, cast):
    record(cast, count(cast.city))
    assert len(record(cast, count(cast.city, **change), at=LATER)) == 1
    assert len(record(cast, count(cast.city), at=LATER)) == 1  # and set back again


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda cast: count(cast.agency), "theo địa bàn"),
        (lambda cast: count(f.make_unit("99", level="city", name="Tỉnh khác")), "theo địa bàn"),
        (lambda cast: count(cast.district, source=" "), "nguồn"),
        (
            lambda cast: count(cast.district, counted_at=EVENING + timedelta(microseconds=1)),
            "Chỉ ghi nhận việc đã xảy ra",
        ),
        (lambda cast: count(cast.district, counted_at=f.at("2020-08-20 23:59:59.999999")), "ngày báo cáo chưa bắt đầu"),
    ],
)
def test_one_wrong_row_keeps_all_of_them_out(wrong, words, cast):
    with pytest.raises(acts.Refusal, match=words):
        record(cast, count(cast.city), wrong(cast))
    assert OfficialFigure.objects.count() == 0


def test_what_is_recorded_is_known_to_no_table_that_was_fixed_before(cast):
    f.make_seal(cast.city, cast.city_clerk, at=LATER)
    record(cast, count(cast.city), at=EVENING)  # the clock had been set back
    assert OfficialFigure.objects.get().recorded_at == LATER + timedelta(microseconds=1)
