"""The arrivals of the reports by hour, beside those of the day before; agencies are counted apart."""

from datetime import timedelta

from reporting import acts
from reporting.pages.arrivals import Hour, arrivals

from .. import factories as f

EVE = f.DAY - timedelta(days=1)
AT = f.at("2020-08-21 16:30")


def seen(cast, *received, at=AT, of_agencies=False, closing_hour=None):
    return arrivals(cast.city, f.DAY, received, of_agencies=of_agencies, at=at, closing_hour=closing_hour)


def test_hours_count_what_had_arrived_by_then(cast):
    f.make_report(cast.commune, EVE, arrived_at=f.at("2020-08-20 09:30"))
    f.make_report(cast.neighbour, EVE, arrived_at=f.at("2020-08-20 16:45"))
    f.make_report(cast.agency, EVE, arrived_at=f.at("2020-08-20 08:00"))
    found = seen(cast, f.at("2020-08-21 08:10"), None, f.at("2020-08-21 16:10"), closing_hour=18)
    assert found.hours == [
        Hour(9, 1, 0, is_over=True),
        Hour(10, 1, 1, is_over=True),
        Hour(17, 2, 2, is_over=False),
        Hour(18, None, 2, is_over=False, is_due=True),
    ]
    assert found.words == "Đến 16h30 có 2 báo cáo, cùng giờ hôm trước 1."
    assert seen(cast, of_agencies=True).hours == [Hour(8, 0, 1, is_over=True)]


def test_day_that_has_passed_is_seen_at_its_end(cast):
    found = seen(cast, f.at("2020-08-21 08:10"), f.at("2020-08-22 09:00"), at=f.at("2020-08-22 10:00"))
    assert found.hours == [Hour(9, 1, 0, is_over=True)]
    assert found.words == "Cả ngày có 1 báo cáo, hôm trước 0."


def test_nothing_of_either_day_is_no_picture(cast):
    assert seen(cast) is None


def test_look_back_counts_the_day_before_as_it_was_known(cast):
    """A report of the day before that is voided later stays in what was seen before."""
    report = f.make_report(cast.commune, EVE, arrived_at=f.at("2020-08-20 09:30"))
    f.make_report(cast.neighbour, EVE, arrived_at=f.at("2020-08-20 09:45"))
    void = {"unit": cast.commune, "day": EVE, "reason": "nhầm", "base_version": report.version}
    acts.void(**void, **f.stamp(cast.district_clerk, f.at("2020-08-21 18:00")))
    now, then = (arrivals(cast.city, f.DAY, [], of_agencies=False, at=AT, as_of=as_of) for as_of in (None, AT))
    assert (now.words, then.words) == (
        "Đến 16h30 có 0 báo cáo, cùng giờ hôm trước 1.",
        "Đến 16h30 có 0 báo cáo, cùng giờ hôm trước 2.",
    )
