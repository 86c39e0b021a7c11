"""The reports that had arrived at this hour of the day before; agencies are counted apart."""

from datetime import timedelta

from reporting.pages.board import words_of_the_day_before

from .. import factories as f

EVE = f.DAY - timedelta(days=1)
AT = f.at("2020-08-21 16:30")


def said(cast, *, at=AT, of_agencies=False):
    return words_of_the_day_before(cast.city, f.DAY, of_agencies=of_agencies, at=at)


def test_day_before_counts_what_had_arrived_by_the_same_hour(cast):
    f.make_report(cast.commune, EVE, arrived_at=f.at("2020-08-20 09:30"))
    f.make_report(cast.neighbour, EVE, arrived_at=f.at("2020-08-20 16:45"))
    f.make_report(cast.agency, EVE, arrived_at=f.at("2020-08-20 08:00"))
    assert (said(cast), said(cast, of_agencies=True)) == ("cùng giờ hôm trước 1", "cùng giờ hôm trước 1")
    assert said(cast, at=f.at("2020-08-22 10:00")) == "cùng giờ hôm trước 2"  # a day that has passed is seen at its end


def test_day_before_without_reports_is_not_mentioned(cast):
    assert said(cast) == ""
