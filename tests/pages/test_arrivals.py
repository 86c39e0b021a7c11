"""How the reports come in by the hour, beside those of the day before; agencies never among the others."""

from datetime import timedelta

from django.utils import translation

from reporting import charts
from reporting.pages.arrivals import Hour, arrivals

from .. import factories as f

EVE = f.DAY - timedelta(days=1)
AT = f.at("2020-08-21 16:30")


def seen(cast, *received, at=AT, of_agencies=False):
    return arrivals(cast.city, f.DAY, received, of_agencies=of_agencies, at=at)


def test_hours_count_what_had_arrived_by_then(cast):
    f.make_report(cast.commune, EVE, arrived_at=f.at("2020-08-20 09:30"))
    f.make_report(cast.neighbour, EVE, arrived_at=f.at("2020-08-20 16:45"))
    f.make_report(cast.agency, EVE, arrived_at=f.at("2020-08-20 08:00"))
    found = seen(cast, f.at("2020-08-21 08:10"), None, f.at("2020-08-21 16:10"))
    by_hour = {hour.ends_at: (hour.today, hour.before) for hour in found.hours}
    assert list(by_hour) == list(range(6, 25))
    counts = [(0, 0), (1, 0), (1, 1), (1, 1), (2, 2), (None, 2), (None, 2)]
    assert [by_hour[hour] for hour in (8, 9, 10, 16, 17, 18, 24)] == counts
    assert found.words == "Đến 16h30 có 2 báo cáo, cùng giờ hôm trước 1."
    assert seen(cast, of_agencies=True).hours[-1] == Hour(24, None, 1, is_over=False)


def test_picture_says_nothing_of_an_hour_that_has_not_passed(cast):
    """At 16h30 what has come by now stands beside nothing of 17h00: only its column grows."""
    f.make_report(cast.neighbour, EVE, arrived_at=f.at("2020-08-20 16:45"))
    with translation.override("vi"):
        picture = charts.arrivals(seen(cast, f.at("2020-08-21 08:10"), f.at("2020-08-21 16:10")).hours)
        early = charts.arrivals(seen(cast, at=f.at("2020-08-21 05:30")).hours)
    said = str(picture.picture)
    assert "Đến 16h00 đã có 1 báo cáo" in said
    assert "Đến 17h00" not in said
    by_hour = {hour: rest for hour, *rest in picture.rows}
    assert (by_hour["16h00"], by_hour["17h00"]) == (["1", "0"], ["–", "1"])
    assert "Chưa hết giờ nào của ngày." in str(early.picture)


def test_day_that_has_passed_is_seen_at_its_end(cast):
    found = seen(cast, f.at("2020-08-21 08:10"), f.at("2020-08-22 09:00"), at=f.at("2020-08-22 10:00"))
    assert (found.now, found.hours[-1]) == (1, Hour(24, 1, 0, is_over=True))
    assert found.words == "Cả ngày có 1 báo cáo, hôm trước 0."


def test_nothing_of_either_day_is_no_picture(cast):
    assert seen(cast) is None
