"""“Hoàn tác” in the message of an act that can be withdrawn, and only there."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting import acts
from reporting.models import Extension, LateRequest, SignOff

from .. import factories as f

EVENING = f.at("2020-08-21 17:20")
NOTICE = re.compile(r'<div class="notice notice-success" role="status">(.*?)</div>', re.DOTALL)


@pytest.fixture
def clock():
    with time_machine.travel(EVENING, tick=False) as clock:
        yield clock


@pytest.fixture
def district(cast, client, clock):
    f.make_report(cast.commune, installs=88, opening=100, by=cast.officer)
    f.make_report(cast.neighbour, installs=8, opening=100, by=cast.neighbour_officer)
    client.force_login(cast.district_clerk)
    return client


def offered(page):
    """Where the message's “Hoàn tác” leads, and by which method; None without it."""
    (said,) = NOTICE.findall(page.text)
    found = re.search(r'(?:method="(post)" action|href)="([^"]+)"', said)
    return found and (found[1] or "get", found[2])


def sent_by(page):
    """What the message's button “Hoàn tác” posts."""
    (said,) = NOTICE.findall(page.text)
    return dict(re.findall(r'name="(shown|undo)" value="([^"]*)"', said))


def post(client, name, *args, **sent):
    return client.post(reverse(f"reporting:{name}", args=args), sent, follow=True)


def confirm(client, cast):
    versions = acts.versions_below(cast.district, f.DAY)
    return post(client, "sign_off", "306", f.DAY, **{f"version-{code}": number for code, number in versions.items()})


def test_confirmation_is_taken_back_at_once_without_another_reason(district, cast):
    page = confirm(district, cast)
    assert offered(page) == ("post", reverse("reporting:withdraw", args=["306", f.DAY]))
    page = post(district, "withdraw", "306", f.DAY, **sent_by(page))
    signed = SignOff.objects.get()
    assert (page.status_code, offered(page)) == (200, None)
    assert (signed.withdrawn_by, signed.withdrawal_reason) == (
        cast.district_clerk,
        "hoàn tác ngay sau khi xác nhận",
    )
    assert signed.table != ""  # the confirmed version stays


@pytest.mark.parametrize("case", ["another's", "ten minutes ago", "sealed"])
def test_other_confirmations_are_not_undone(case, district, cast, clock):
    sent = sent_by(confirm(district, cast))
    if case == "another's":
        district.force_login(f.make_user("306b", cast.district))
    elif case == "ten minutes ago":
        clock.shift(timedelta(minutes=10, seconds=1))
    else:
        f.make_seal(cast.city, cast.city_clerk, at=f.at("2020-08-21 17:20:30"))
    page = post(district, "withdraw", "306", f.DAY, **sent)
    assert (page.status_code, SignOff.objects.get().withdrawn_at) == (422, None)


def test_seal_undone_already_is_said_to_be(cast, client, clock):
    client.force_login(cast.city_clerk)
    shown = client.get(reverse("reporting:seal", args=["31", f.DAY])).context["sealing"].digest
    sent = sent_by(post(client, "seal", "31", f.DAY, reason="Sớm", shown=shown))
    for _press in range(2):
        page = post(client, "seal_undo", "31", f.DAY, **sent)
        assert (page.status_code, "Đã hoàn tác chốt" in page.text, "người khác" in page.text) == (200, True, False)
        assert "Chưa chốt được số liệu ngày" not in page.text
    waiting = client.get(reverse("reporting:inbox"))
    assert waiting.context["inbox"].seals == [f.DAY]
    assert "1 ngày đã hủy chốt, chưa chốt lại" in waiting.text
    client.force_login(f.make_user("31-2", cast.city))
    page = post(client, "seal_undo", "31", f.DAY, **sent)
    assert (page.status_code, "người khác" in page.text, "Chưa chốt được" in page.text) == (409, True, False)


def by_way(way, old):
    """What a page that was opened earlier posts."""
    return {"undo": old, "reason": {"shown": old["shown"], "reason": "Sai số"}, "unnamed": {"undo": "1"}}[way]


@pytest.mark.parametrize("way", ["undo", "reason", "unnamed"])
def test_confirmation_withdrawn_already_is_said_to_be(way, district, cast, clock):
    old = sent_by(confirm(district, cast))
    post(district, "withdraw", "306", f.DAY, **old)
    withdrawn = SignOff.objects.get().withdrawn_at
    clock.shift(timedelta(minutes=2))
    page = post(district, "withdraw", "306", f.DAY, **by_way(way, old))
    assert page.status_code == 409
    assert "Xác nhận này đã được rút." in page.text
    assert "gửi hoặc sửa báo cáo theo cách thông thường" not in page.text
    assert SignOff.objects.get().withdrawn_at == withdrawn


@pytest.mark.parametrize("way", ["undo", "reason", "unnamed"])
def test_confirmation_given_anew_is_not_taken_back_by_an_older_page(way, district, cast, clock):
    old = sent_by(confirm(district, cast))
    post(district, "withdraw", "306", f.DAY, **old)
    clock.shift(timedelta(minutes=2))
    confirm(district, cast)
    page = post(district, "withdraw", "306", f.DAY, **by_way(way, old))
    assert page.status_code == 409
    assert "Sau khi mở trang này số liệu ngày đã được xác nhận lại; xác nhận đó vẫn giữ nguyên." in page.text
    assert [signed.at for signed in SignOff.objects.in_force()] == [EVENING + timedelta(minutes=2)]
    assert f'name="shown" value="{f.shown_sign_off(cast.district)}"' in page.text  # the page names the newest one


@pytest.mark.parametrize("way", ["undo", "unnamed"])
def test_request_sent_anew_is_not_taken_back_by_an_older_page(way, cast, client, clock):
    f.make_report(cast.commune, f.DAY - timedelta(days=1), 20, opening=100, by=cast.officer)
    client.force_login(cast.officer)
    asked = {"base_version": "0", "reason": "mất điện"}
    old = sent_by(post(client, "late_request", "11416", f.DAY, installs="88", **asked))
    post(client, "late_withdraw", "11416", f.DAY, **old)
    post(client, "late_request", "11416", f.DAY, installs="96", **asked)
    page = post(client, "late_withdraw", "11416", f.DAY, **(old if way == "undo" else {"undo": "1"}))
    assert page.status_code == 409
    assert "Sau khi mở trang này đã có báo cáo khác được gửi; báo cáo đó vẫn chờ tiếp nhận." in page.text
    assert [waiting.installs for waiting in LateRequest.objects.waiting()] == [96]
    assert f'name="shown" value="{f.shown_request(cast.commune)}"' in page.text


def set_up(client, name, **sent):
    """After the preview."""
    address = reverse("reporting:campaign_add", args=[name])
    sent = {f"{name}-{field}": value for field, value in sent.items()}
    shown = client.post(address, sent).context["bound"].data[f"{name}-shown"]
    return client.post(address, {**sent, f"{name}-shown": shown}, follow=True)


def test_extension_offers_its_withdrawal_only_once_that_would_be_accepted(cast, client, clock):
    """While units rely on it, the message says from when; half an hour before the deadline nobody does yet."""
    clock.move_to(f.at("2020-08-21 16:25"))
    client.force_login(cast.city_clerk)
    sent = {"unit": cast.city.pk, "day": "21/08/2020", "hour": "18h00", "reason": "Mất điện"}
    page = set_up(client, "extension", **sent)
    first = Extension.objects.get()
    assert offered(page) == ("get", reverse("reporting:campaign_withdraw", args=["extension", first.pk]))
    clock.move_to(f.at("2020-08-21 18:01"))
    client.force_login(cast.city_clerk)
    page = set_up(client, "extension", **{**sent, "unit": cast.neighbour.pk, "hour": "20h30"})
    (said,) = NOTICE.findall(page.text)
    assert (offered(page), "thu hồi được từ 20h30 ngày 21/08/2020" in said) == (None, True)
    assert Extension.objects.filter(withdrawn_at=None).count() == 2
