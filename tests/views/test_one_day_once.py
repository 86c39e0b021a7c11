"""Over HTTP: a day that would be counted twice is answered with 409, the other figure and the way on."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting import acts
from reporting.figures import standings
from reporting.models import LateRequest, Reminder

from .. import factories as f
from .visits import words_of

DAY, EVE = f.DAY, f.DAY - timedelta(days=1)
EVENING = f.at("2020-08-21 18:00")


@pytest.fixture
def covered(cast, client):
    """20/08 is in the 30 that Đằng Hải reported for 21/08; a request of 12 for 20/08 arrived at the same time."""
    f.make_report(cast.commune, EVE - timedelta(days=1), 10, opening=100)
    asked = acts.send_late_request(
        unit=cast.commune, day=EVE, installs=12, reason="x", by=cast.officer, at=f.at("2020-08-21 08:00")
    )
    with f.without_triggers():
        LateRequest.objects.update(withdrawn_at=f.at("2020-08-21 09:00"))
        f.make_report(cast.commune, DAY, 30, covers_from=EVE)
        LateRequest.objects.update(withdrawn_at=None)
    client.force_login(cast.district_clerk)
    with time_machine.travel(EVENING, tick=False):
        yield asked


def post(client, name, day=EVE, code="306", **sent):
    return client.post(reverse(f"reporting:{name}", args=[code, day]), sent)


def total(cast):
    return standings.standing_of(cast.commune, DAY + timedelta(days=1)).cumulative_before


BOTH = "Số liệu ngày này đã gộp vào báo cáo ngày 21/08/2020 (30 máy cài mới)"


def test_request_for_a_covered_day_is_not_accepted(covered, cast, client):
    page = post(client, "decide", request=covered.pk, decision="accepted")
    assert (page.status_code, total(cast), BOTH in words_of(page)) == (409, 140, True)
    page = client.post(reverse("reporting:decide", args=["306", EVE]), {"request": "all"}, follow=True)
    assert (total(cast), BOTH in words_of(page)) == (140, True)
    assert post(client, "void", DAY, unit="11416", base_version="1", reason="nhập lại").status_code == 302
    assert post(client, "decide", request=covered.pk, decision="accepted").status_code == 302
    assert total(cast) == 122


def test_request_that_covers_what_is_reported_by_now(cast, client):
    f.make_report(cast.commune, EVE - timedelta(days=1), 10, opening=100)
    evening = {"by": cast.officer, "reason": "x", "at": EVENING, "unit": cast.commune}
    asked = acts.send_late_request(day=DAY, installs=30, covers_from=EVE, **evening)
    f.make_report(cast.commune, EVE, 12)
    client.force_login(cast.district_clerk)
    with time_machine.travel(EVENING, tick=False):
        page = post(client, "decide", DAY, request=asked.pk, decision="accepted")
        assert page.status_code == 409
        assert "Ngày 20/08/2020 (12 máy cài mới) đã có báo cáo riêng" in words_of(page)
    assert total(cast) == 122


def test_grid_on_a_covered_day(covered, cast, client):
    row = {"11416-installs": "12", "11416-base_version": "0", "reason": "điện thoại"}
    page = post(client, "entry", **row)
    assert (page.status_code, total(cast)) == (409, 140)
    assert BOTH in words_of(page)
    assert 'value="12"' in page.text


def test_officer_is_told_and_led_to_the_later_report(covered, cast, client):
    LateRequest.objects.update(withdrawn_at=EVENING)
    f.make_reopening(cast.commune, cast.district_clerk, EVE, opened_at=f.at("2020-08-21 17:30"))
    client.force_login(cast.officer)
    page = post(client, "report", code="11416", installs="12", base_version="0")
    assert (page.status_code, BOTH in words_of(page), total(cast)) == (409, True, 140)
    way = reverse("reporting:late_request", args=["11416", DAY])
    assert f'href="{way}"' in page.text


def test_officer_asks_for_a_covered_day(covered, cast, client):
    LateRequest.objects.update(withdrawn_at=EVENING)
    client.force_login(cast.officer)
    own = f'href="{reverse("reporting:late_request", args=["11416", EVE])}"'
    for address in (reverse("reporting:late_request", args=["11416", EVE]), f"/units/11416/?day={EVE.isoformat()}"):
        page = client.get(address)
        assert "Số liệu ngày này đã gộp vào báo cáo ngày 21/08/2020 (30 máy cài mới)" in words_of(page)
        assert f'href="{reverse("reporting:late_request", args=["11416", DAY])}"' in page.text
        assert ("Gọi ngay" in words_of(page), own in page.text) == (False, False)
    page = post(client, "late_request", code="11416", installs="12", base_version="0", reason="mất điện")
    assert (page.status_code, BOTH in words_of(page)) == (422, True)


def test_superiors_pages_name_the_report_that_covers_a_day(cast, client):
    f.make_report(cast.commune, EVE - timedelta(days=1), 10, opening=100)
    f.make_report(cast.commune, DAY, 30, covers_from=EVE)
    client.force_login(cast.district_clerk)
    with time_machine.travel(EVENING, tick=False):
        board = client.get(reverse("reporting:board", args=["306", EVE]))
        review = client.get(reverse("reporting:review", args=["306", EVE]))
        entry = client.get(reverse("reporting:entry", args=["306", EVE]))
        sent = client.post(reverse("reporting:remind", args=["306", EVE]))
    for page, row in ((board, "row-11416"), (review, "unit-11416"), (entry, "row-11416")):
        own = page.text.partition(f'id="{row}"')[2][:1500]
        assert "đã gộp vào 21/08" in " ".join(own.split())
    assert [set(page.context["boxes"]) for page in (board, review)] == [{"11407"}] * 2
    assert "Cát Bi" in board.context["words"]
    assert "Đằng Hải" not in board.context["words"]
    assert sent.status_code == 302
    assert [reminder.unit for reminder in Reminder.objects.select_related("unit")] == [cast.neighbour]
