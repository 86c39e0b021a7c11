"""The city's own page: directive, hours, extensions, exempt days, downtime."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reporting.models import Directive, Downtime, ExemptDay, Extension

from .. import factories as f

EVENING = f.at("2020-08-21 17:20")


@pytest.fixture
def city(cast, client):
    client.force_login(cast.city_clerk)
    with time_machine.travel(EVENING, tick=False):
        yield client


def add(client, form, /, **fields):
    """What the form shows first, and then, if it can be done, its being done."""
    address, sent = reverse("reporting:campaign_add", args=[form]), {f"{form}-{k}": v for k, v in fields.items()}
    page = client.post(address, sent)
    if page.status_code != 200:
        return page
    return client.post(address, sent | {f"{form}-shown": page.context["bound"].data[f"{form}-shown"]})


def test_page_is_the_citys_alone(cast, client):
    for person, status in [(cast.city_clerk, 200), (cast.leader, 403), (cast.district_clerk, 403), (cast.officer, 403)]:
        client.force_login(person)
        assert client.get(reverse("reporting:campaign")).status_code == status
        assert add(client, "downtime").status_code == (422 if status == 200 else 403)
    assert Downtime.objects.count() == 0


def test_page_lists_without_a_query_for_each_unit(cast, city):
    def look():
        with CaptureQueriesContext(connection) as queries:
            response = city.get(reverse("reporting:campaign"))
        return len(queries), response.content.decode()

    for unit in (cast.city, cast.district):
        f.make_exempt_day(unit, f.DAY)
    few, _page = look()
    for unit in (cast.commune, cast.neighbour, cast.island, cast.agency):
        f.make_exempt_day(unit, f.DAY)
    many, page = look()
    assert (many, "Phường Đằng Hải" in page) == (few, True)


def test_extension_is_recorded(cast, city):
    response = add(city, "extension", unit=cast.district.pk, day="21/08/2020", hour="18h00", reason="Mất điện")
    assert response.status_code == 302
    recorded = Extension.objects.get()
    assert (recorded.unit, recorded.until, recorded.by) == (cast.district, f.at("2020-08-21 18:00"), cast.city_clerk)


@pytest.mark.parametrize("hour", ["17h00", "16h00", "25h00", "tối"])
def test_extension_that_extends_nothing_is_refused(cast, city, hour):
    response = add(city, "extension", unit=cast.district.pk, day="21/08/2020", hour=hour, reason="Mất điện")
    assert (response.status_code, Extension.objects.count()) == (422, 0)
    assert response.context["bound"]["reason"].value() == "Mất điện"


def test_exempt_day_is_recorded_once(cast, city):
    for status in (302, 422):
        response = add(city, "exempt", unit=cast.city.pk, day="02/09/2020", reason="Quốc khánh")
        assert response.status_code == status
    assert ExemptDay.objects.get().day.isoformat() == "2020-09-02"


def test_downtime_is_recorded(city):
    assert (
        add(
            city, "downtime", day="21/08/2020", from_hour="16h30", to_hour="17h10", reason="Mất điện máy chủ"
        ).status_code
        == 302
    )
    assert Downtime.objects.get().ends_at == f.at("2020-08-21 17:10")


@pytest.mark.parametrize(("from_hour", "to_hour"), [("17h00", "16h00"), ("18h00", "19h00")])
def test_downtime_backwards_or_to_come_is_refused(city, from_hour, to_hour):
    response = add(city, "downtime", day="21/08/2020", from_hour=from_hour, to_hour=to_hour, reason="x")
    assert (response.status_code, Downtime.objects.count()) == (422, 0)


DIRECTIVE = {
    "kind": "letter",
    "number": "2/CV",
    "issuer": "UBND thành phố",
    "title": "Nâng chỉ tiêu",
    "grounds": "",
    "issued_on": "21/08/2020",
    "target_share": "0,65",
    "target_date": "",
    "report_deadline": "16h30",
    "signoff_deadline": "17h00",
    "correction_days": "7",
    "official_threshold": "0,1",
}


def test_directive_takes_effect_on_a_later_day(city):
    assert add(city, "directive", **DIRECTIVE, effective_from="21/08/2020").status_code == 422
    assert add(city, "directive", **DIRECTIVE, effective_from="22/08/2020").status_code == 302
    assert Directive.objects.in_force(f.DAY).number == "1/CV"
    newest = Directive.objects.first()
    assert (newest.number, str(newest.target_share), newest.report_deadline.hour) == ("2/CV", "0.6500", 16)
    assert str(newest.official_threshold) == "0.1000"


@pytest.mark.parametrize("threshold", ["", "-0,01", "1,01", "0,00001", "năm"])
def test_directive_without_a_threshold_that_is_a_share_is_refused(threshold, city):
    sent = {**DIRECTIVE, "official_threshold": threshold, "effective_from": "22/08/2020"}
    assert add(city, "directive", **sent).status_code == 422
    assert Directive.objects.count() == 1


def test_form_of_the_next_directive_starts_from_the_threshold_in_force(city):
    page = city.get("/campaign/")
    assert str(page.context["forms"]["directive"]["official_threshold"].value()) == "0.0500"


def test_directive_with_its_hours_the_wrong_way_round_is_refused(city):
    sent = {**DIRECTIVE, "signoff_deadline": "16h00", "effective_from": "22/08/2020"}
    assert add(city, "directive", **sent).status_code == 422
    assert Directive.objects.count() == 1


def test_unknown_kind_is_not_found(city):
    assert add(city, "anything").status_code == 404
