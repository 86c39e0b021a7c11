"""The city records the ministry's figures and asks for explanations, given once: each act and its refusals."""

from datetime import timedelta

import pytest

from reporting import acts
from reporting.ministry import acts as ministry
from reporting.models import ExplanationRequest, Metric, OfficialFigure
from tests.prepared import prepared

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


# Asking.


@prepared
def claiming(cast):
    """Commune, district, island and city claim 1.000, 1.500, 250 and 1.750, each more than the ministry counts."""
    f.make_report(cast.commune, installs=50, opening=950)
    f.make_report(cast.neighbour, installs=20, opening=480)
    f.make_report(cast.island, installs=0, opening=250)
    for unit, counted in ((cast.commune, 900), (cast.district, 1400), (cast.island, 200), (cast.city, 1600)):
        f.make_official(unit, counted)
    return cast


def ask(cast, unit, *, by="city_clerk", day=f.DAY, metric=Metric.DOWNLOADS, question="Vì sao cao hơn?", at=EVENING):
    about = {"unit": getattr(cast, unit), "day": day, "metric": metric, "question": question}
    return ministry.ask_why(**about, by=getattr(cast, by), now=lambda: at)


def test_question_is_of_the_day_that_the_ministry_speaks_of(claiming):
    f.make_report(claiming.stranger, BEFORE, installs=30, opening=70)
    f.make_official(claiming.stranger, 50, BEFORE)
    asked = ask(claiming, "stranger")
    assert (asked.day, asked.claimed, asked.counted) == (BEFORE, 100, 50)


def test_the_same_is_asked_once_at_a_time(claiming):
    asked = ask(claiming, "district")
    with pytest.raises(ministry.AlreadyAsked):
        ask(claiming, "district", question="Vì sao?")
    ask(claiming, "commune")  # another unit
    f.make_official(claiming.district, 1000, metric=Metric.ACCOUNTS)
    ask(claiming, "district", metric=Metric.ACCOUNTS)  # another metric
    answer(claiming, asked)
    ask(claiming, "district", question="Còn gì nữa?", at=LATER)
    assert ExplanationRequest.objects.filter(unit=claiming.district, metric=Metric.DOWNLOADS).count() == 2


# Answering.


def answer(cast, asked, *, by="district_clerk", words="Đếm cả máy của người tạm trú", at=LATER):
    return ministry.explain(request=asked, words=words, by=getattr(cast, by), now=lambda: at)


def test_answer_without_words_is_refused(claiming):
    asked = ask(claiming, "district")
    with pytest.raises(acts.ReasonMissing):
        answer(claiming, asked, words=" ")
    assert not ExplanationRequest.objects.get().is_answered()
