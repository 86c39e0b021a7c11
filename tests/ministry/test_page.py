"""The page with our figures beside the ministry's: what it shows to whom, and the form that records."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from reporting.models import Metric, OfficialFigure
from tests.prepared import prepared

from .. import factories as f
from ..views.visits import frozen, look

BEFORE = f.DAY - timedelta(days=1)
EVENING = "2020-08-21 18:00"
MARK = "Địa phương báo cáo cao hơn Cục Tin học hóa"


@prepared
def claiming(cast):
    """The commune claims 1.000 where the ministry counts 900; the district 1.500 where it counts 1.600."""
    f.make_report(cast.commune, BEFORE, installs=10, opening=940)
    f.make_report(cast.commune, installs=50)
    f.make_report(cast.neighbour, BEFORE, installs=20, opening=480)
    f.make_official(cast.commune, 900)
    f.make_official(cast.district, 1600)
    return cast


def page(user, unit, *, day=f.DAY, moment=EVENING, query=""):
    return look(user, "official", unit.code, day, moment=moment, query=query)


def post(user, act, unit, /, *, day=f.DAY, moment=EVENING, follow=False, **typed):
    client = Client()
    with frozen(moment):
        client.force_login(user)
        return client.post(reverse(f"reporting:official_{act}", args=[unit.code, day]), typed, follow=follow)


def cells(response, code):
    """The words of a unit's line."""
    line = re.search(rf'<tr id="unit-{code}".*?</tr>', response.text, re.DOTALL)[0]
    found = re.findall(r"<t[hd].*?</t[hd]>", line, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in found]


# What is shown.


def test_each_line_has_ours_the_ministrys_and_the_difference(claiming):
    shown = page(claiming.district_clerk, claiming.district)
    assert cells(shown, "11416")[:5] == ["Phường Đằng Hải", "1.000", "900", "+100", "+11,11%"]
    assert cells(shown, "11416")[5] == f"▲ {MARK}"
    assert cells(shown, "11407") == ["Phường Cát Bi", "500", "–", "–", "–", ""]
    assert cells(shown, "306") == ["Quận Hải An", "1.500", "1.600", "-100", "-6,25%", ""]
    assert "Số liệu của Cục Tin học hóa: đếm lúc 17h00 ngày 21/08/2020, nguồn: Cục Tin học hóa." in unescape(shown.text)
    assert "<title>Đối chiếu với Cục Tin học hóa · Quận Hải An · 21/08/2020</title>" in shown.text


def test_metrics_are_shown_apart(claiming):
    f.make_official(claiming.commune, 1100, metric=Metric.ACCOUNTS)
    client = Client()
    address = reverse("reporting:official", args=["306", f.DAY])
    with frozen(EVENING):
        client.force_login(claiming.district_clerk)
        assert cells(client.get(address), "11416")[2] == "900"
        assert cells(client.get(f"{address}?show=accounts"), "11416")[2] == "1.100"
        assert cells(client.get(f"{address}?show=devices"), "11416")[2] == "–"
        assert cells(client.get(f"{address}?show=installs"), "11416")[2] == "900"  # no unit with that name


def posting(shown):
    return re.search("<main.*</main>", shown.text, re.DOTALL)[0].count('method="post"')


def test_look_back_shows_what_was_known_and_no_form(claiming):
    f.make_official(claiming.commune, 950, recorded_at=f.at("2020-08-21 17:30"))
    then = page(claiming.city_clerk, claiming.district, query="?as_of=2020-08-21T17:10")
    assert (cells(then, "11416")[2], posting(then)) == ("900", 0)
    assert "không phải số hiện tại" in then.text
    now = page(claiming.city_clerk, claiming.district)
    assert (cells(now, "11416")[2], posting(now)) == ("950", 1)


def test_link_is_there_for_the_city_first_and_for_all_once_the_ministry_has_a_figure(cast):
    def links(*people):
        asked = {"moment": EVENING, "query": "?state=result"}
        pages = [look(getattr(cast, person), "unit", "306", **asked).text for person in people]
        return ["/official/" in page for page in pages]

    assert links("city_clerk", "district_clerk") == [True, False]
    f.make_official(cast.commune, 900)
    assert links("city_clerk", "district_clerk") == [True, True]


# Recording.

FIGURE = {
    "unit_code": "306",
    "metric": "downloads",
    "value": "1.650",
    "counted_day": "21/08/2020",
    "counted_hour": "17h00",
    "source": "Công văn 12",
}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"value": ""}, {"value": ["required"]}),
        ({"value": "-5"}, {"value": ["not_a_number"]}),
        ({"unit_code": "SYT"}, {"unit_code": ["invalid_choice"]}),
        ({"unit_code": "11416"}, {"unit_code": ["invalid_choice"]}),  # not right below the city
        ({"metric": "installs"}, {"metric": ["invalid_choice"]}),
        ({"source": " "}, {"source": ["required"]}),
        ({"counted_hour": "18h01"}, {"counted_hour": ["refused"]}),
        ({"counted_day": "20/08/2020"}, {"counted_hour": ["refused"]}),
        ({"counted_day": "hôm qua"}, {"counted_day": ["invalid"]}),
    ],
)
def test_figure_that_cannot_be_is_refused_and_kept_in_the_form(change, wrong, claiming):
    before = OfficialFigure.objects.count()
    answer = post(claiming.city_clerk, "record", claiming.city, **{**FIGURE, **change})
    form = answer.context["record"]
    assert (answer.status_code, OfficialFigure.objects.count()) == (422, before)
    found = {field: [error.code for error in raised] for field, raised in form.errors.as_data().items()}
    assert found == wrong
    assert [form[name].value() for name in FIGURE] == list({**FIGURE, **change}.values())
