"""The city's seal page, the page of changes since a seal, and a page as of the seal or another moment."""

import hashlib
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from reporting import acts, clock, triggers
from reporting.days import look_back
from reporting.figures import rollup, sealed_table
from reporting.models import Revision, Seal
from reporting.operation import readiness
from tests.prepared import prepared

from .. import factories as f
from .visits import frozen, look

BEFORE = f.DAY - timedelta(days=1)
EVENING, MORNING = "2020-08-21 17:40", "2020-08-22 08:00"


@prepared
def reported(cast):
    """Hải An and the agency have reported; Núi Đèo has not since the day before, the island has never reported."""
    f.make_report(cast.commune, BEFORE, installs=20, opening=500)
    f.make_report(cast.commune, installs=30)
    f.make_report(cast.neighbour, installs=7, opening=100)
    f.make_report(cast.stranger, BEFORE, installs=4, opening=60)
    f.make_report(cast.agency, installs=9, opening=5000)
    return cast


@prepared
def sealed(reported):
    reported.seal = seal(reported)
    return reported


def seal(cast, moment=EVENING, *, day=f.DAY, reason="Sớm"):
    at = f.at(moment)
    return acts.seal(unit=cast.city, day=day, reason=reason, **f.stamp(cast.city_clerk, at))


def test_day_exempt_for_the_whole_city_waits_for_nobody(reported, client):
    f.make_exempt_day(reported.city, f.DAY)
    client.force_login(reported.city_clerk)
    with frozen(EVENING):
        sealing = client.get(reverse("reporting:seal", args=["31", f.DAY])).context["sealing"]
        city = client.get(reverse("reporting:unit", args=["31"]), {"state": "result"})
    assert (sealing.unsigned, sealing.needs_reason) == ([], False)
    assert city.context["the_day"].clock.about == "Ngày này không đơn vị nào phải báo cáo."
    assert "Chưa xác nhận" not in city.text


def correct(cast, moment="2020-08-21 18:00", installs=35, version=1):
    at = f.at(moment)
    return acts.enter(
        unit=cast.commune,
        day=f.DAY,
        installs=installs,
        reason="Đếm lại",
        base_version=version,
        **f.stamp(cast.district_clerk, at),
    )


def see(user, moment=EVENING, *, day=f.DAY, code="31"):
    return look(user, "seal", code, day, moment=moment)


def post(user, moment=EVENING, *, day=f.DAY, code="31", **sent):
    client = Client()
    with frozen(moment):
        client.force_login(user)
        page = client.get(reverse("reporting:seal", args=[code, day]))
        shown = {"shown": page.context["sealing"].digest} if page.status_code == 200 else {}
        return client.post(page.request["PATH_INFO"], shown | sent)


@pytest.mark.parametrize("name", ["review", "seal", "changes"])
def test_page_of_a_day_as_it_is_now_shows_no_other_moment(name, sealed):
    page = look(sealed.city_clerk, name, "31", f.DAY, moment=EVENING, query="?as_of=2020-08-21T17:00")
    assert (page.status_code, "as_of: Không có tham số này." in page.text) == (422, True)
    assert look(sealed.city_clerk, name, "31", f.DAY, moment=EVENING, query="?as_of=").status_code == 200


def words(text, pattern="<main.*</main>"):
    """The text of a part of the page."""
    found = re.search(pattern, text, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", " ", found[0]).split()) if found else None


def sections(page):
    """The seals on the page, newest first, each in words."""
    pattern = r'<section class="own" aria-labelledby="seal-.*?</section>'
    return [words(part, ".*") for part in re.findall(pattern, page.text, re.DOTALL)]


def stored_seals():
    return list(Seal.objects.order_by("pk").values())


# Before it is sealed.


def test_page_asks_and_names_who_can_no_longer_confirm(reported):
    page = see(reported.city_clerk)
    said = words(page.text)
    assert "Không xác nhận được nữa: Quận Hải An, Huyện Thuỷ Nguyên." in said
    assert "Chưa xác nhận 2" in said
    assert (sections(page), 'name="reason"' in page.text) == ([], True)
    assert "Chốt số liệu ngày · Thành phố Hải Phòng · 21/08/2020" in words(page.text, "<title>.*?</title>")


@pytest.mark.parametrize(("moment", "is_filled"), [("2020-08-21 17:05", False), ("2020-08-21 17:40", True)])
def test_to_follow_up_comes_before_the_seal_while_somebody_may_still_confirm(moment, is_filled, reported):
    page = see(reported.city_clerk, moment)
    assert ('id="seal-button" class="fill"' in page.text, "Nên chờ đến 17h30." in page.text) == (
        is_filled,
        not is_filled,
    )


def test_only_the_units_whose_own_hour_is_still_to_come_are_waited_for(reported):
    f.make_extension(reported.district, until=f.at("2020-08-21 17:30"))
    page = see(reported.city_clerk, "2020-08-21 17:40")
    assert "Nên chờ đến 18h00. 1 đơn vị còn thời gian xác nhận" in words(page.text)
    f.make_exempt_day(reported.district, f.DAY)
    assert "Nên chờ" not in see(reported.city_clerk, "2020-08-21 17:40").text


def test_seal_with_something_missing_takes_a_reason(reported):
    assert post(reported.city_clerk).status_code == 422
    assert (post(reported.city_clerk, reason="Họp sớm").status_code, Seal.objects.get().reason) == (302, "Họp sớm")


def test_seal_of_a_whole_day_takes_none(cast):
    for unit in (cast.commune, cast.neighbour, cast.stranger, cast.island, cast.agency):
        f.make_report(unit, installs=1)
    for unit, clerk in ((cast.district, cast.district_clerk), (cast.other_district, None)):
        f.make_sign_off(unit, by=clerk or f.make_user("311b", unit))
    assert (post(cast.city_clerk).status_code, Seal.objects.get().reason) == (302, "")


# Undoing a seal.


def undo(user, moment, shown):
    client = Client()
    with frozen(moment):
        client.force_login(user)
        return client.post(reverse("reporting:seal_undo", args=["31", f.DAY]), {"shown": shown})


def test_seal_is_undone_within_ten_minutes_and_stays_on_record(sealed):
    assert 'id="undo-seal"' in see(sealed.city_clerk, "2020-08-21 17:49:59").text
    assert undo(sealed.city_clerk, "2020-08-21 17:49:59", sealed.seal.pk).status_code == 302
    assert look_back.newest_seal(sealed.city, f.DAY) is None
    [past] = Seal.with_withdrawn.all()
    assert (past.table, past.withdrawn_by, past.withdrawal_reason) == (
        sealed.seal.table,
        sealed.city_clerk,
        "hoàn tác ngay sau khi chốt",
    )
    assert "31 hoàn tác lúc 17h49 ngày 21/08/2020." in words(see(sealed.city_clerk).text)
    assert "sign" in look(sealed.district_clerk, "review", "306", f.DAY, moment=EVENING).context["review"].may
    clocks = {}
    for as_of in ("2020-08-21T17:39", "2020-08-21T17:45", "2020-08-21T17:50"):
        page = look(sealed.city_clerk, "unit", "31", moment="2020-08-21 18:00", query=f"?as_of={as_of}")
        clocks[as_of[-5:]] = page.context["the_day"].clock.words
    assert clocks == {"17:39": "Chưa chốt", "17:45": "Đã chốt 17h40", "17:50": "Chưa chốt"}
    with frozen("2020-08-21 17:55"):
        call_command("seal_day")
        assert not Seal.objects.filter(day=f.DAY).exists()  # left to people, who get a message
        assert [city.code for city, day, _since in readiness.due_seals(clock.now()) if day == f.DAY] == ["31"]


@pytest.mark.parametrize("case", ["late", "another's", "an older page"])
def test_other_seals_are_not_undone(case, sealed):
    by = f.make_user("31b", sealed.city) if case == "another's" else sealed.city_clerk
    moment = "2020-08-21 17:50:01" if case == "late" else "2020-08-21 17:45"
    page = undo(by, moment, sealed.seal.pk + (case == "an older page"))
    assert (page.status_code, Seal.objects.count()) == (409 if case == "an older page" else 422, 1)


@pytest.mark.parametrize(
    ("moment", "extended", "until", "opens"),
    [
        ("2020-08-21 16:00", None, None, "17h02"),
        ("2020-08-21 17:01:59.999999", None, None, "17h02"),
        ("2020-08-21 17:02", None, None, None),
        ("2020-08-21 18:01:59.999999", "city", "2020-08-21 18:00", "18h02"),
        ("2020-08-21 18:02", "city", "2020-08-21 18:00", None),
        ("2020-08-21 17:02", "district", "2020-08-21 20:00", "20h02"),  # it waits for units that may still report
        ("2020-08-21 18:31:59.999999", "commune", "2020-08-21 18:30", "18h32"),
        ("2020-08-21 18:32", "commune", "2020-08-21 18:30", None),
    ],
)
def test_day_is_sealed_from_two_minutes_after_its_last_hour(moment, extended, until, opens, reported):
    if extended:
        f.make_extension(getattr(reported, extended), until=f.at(until))
    page, answer = see(reported.city_clerk, moment), post(reported.city_clerk, moment, reason="Họp sớm")
    assert (answer.status_code, Seal.objects.count()) == ((422, 0) if opens else (302, 1))
    assert ('id="seal-button"' in page.text) == (opens is None)
    if opens:
        told = f"Chốt được số liệu ngày từ {opens} ngày 21/08/2020."
        assert told in words(page.text)
        assert told in words(answer.text, '<div class="summary".*?</div>')


# Sealing.


def test_seal_fixes_table_instant_and_digest(reported):
    answer = post(reported.city_clerk, reason="Họp sớm")
    assert (answer.status_code, answer.url) == (302, f"/units/31/seal/{f.DAY}/")
    made = Seal.objects.get()
    assert made.table == sealed_table.canonical_table(rollup.rows(reported.city, f.DAY))
    assert made.digest == hashlib.sha256(made.table.encode()).hexdigest()
    assert (made.unit, made.day, made.at) == (reported.city, f.DAY, f.at(EVENING))
    assert (made.by, made.reason) == (reported.city_clerk, "Họp sớm")


def test_seal_takes_no_figures_that_its_page_did_not_show(reported):
    shown = see(reported.city_clerk).context["sealing"].digest
    correct(reported, "2020-08-21 17:39")
    for older in (shown, ""):
        answer = post(reported.city_clerk, EVENING, shown=older)
        assert (answer.status_code, Seal.objects.exists()) == (409, False)
    assert answer.context["sealing"].digest != shown
    assert post(reported.city_clerk, EVENING, reason="Sớm").status_code == 302


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_sealing_again_needs_a_reason(reason, sealed):
    correct(sealed)
    before = stored_seals()
    answer = post(sealed.city_clerk, MORNING, **({} if reason is None else {"reason": reason}))
    assert (answer.status_code, stored_seals()) == (422, before)
    assert "Phải ghi lý do." in words(answer.text)
    assert 'name="reason"' in answer.text


def test_second_seal_leaves_the_first_as_it_is_and_both_agree(sealed):
    correct(sealed)
    first = stored_seals()
    assert "Chốt lại" in see(sealed.city_clerk, MORNING).text
    assert post(sealed.city_clerk, MORNING, reason="Phường đếm lại").status_code == 302
    assert stored_seals()[:1] == first
    second = Seal.objects.last()
    assert (second.reason, second.at, second.digest != sealed.seal.digest) == ("Phường đếm lại", f.at(MORNING), True)
    shown = sections(see(sealed.city_clerk, MORNING))
    assert [section.split(" · ")[0] for section in shown] == [
        "Bản chốt lần 2 08:00:00 22/08/2020",
        "Bản chốt lần 1 17:40:00 21/08/2020",
    ]
    assert ["✓ Khớp" in section for section in shown] == [True, True]
    assert ["Lý do: Phường đếm lại" in section for section in shown] == [True, False]


def test_each_seal_leads_to_its_own_figures(sealed):
    correct(sealed)
    post(sealed.city_clerk, MORNING, reason="Phường đếm lại")
    links = re.findall(r'href="(/units/31/\?day=[^"]*as_of=[^"]*)"', see(sealed.city_clerk, MORNING).text)
    found = []
    for link in links:
        query = link.replace("&amp;", "&").partition("/?")[2]
        page = look(sealed.city_clerk, "unit", "31", moment=MORNING, query=f"?{query}")
        found.append((page.context["figures"].own.cumulative, page.context["look"].is_sealed))
    assert found == [(726, True), (721, False)]


# Checking.


@pytest.fixture
def behind_the_back(sealed):
    """The triggers are removed: what follows changes the database without the product."""
    triggers.remove()
    yield sealed
    triggers.install()


def differences(page):
    return [words(item, ".*") for item in re.findall(r"<li>\s*<strong>.*?</li>", page.text, re.DOTALL)]


def test_figure_changed_behind_the_back_is_named_by_its_lines(behind_the_back):
    cast = behind_the_back
    assert differences(see(cast.city_clerk, MORNING)) == []
    Revision.objects.filter(report__unit=cast.commune, report__day=f.DAY).update(installs=1030, delta=1030)
    page = see(cast.city_clerk, MORNING)
    assert "Không khớp" in words(page.text)
    assert "✓ Khớp" not in words(page.text)
    assert differences(page) == [
        "Thành phố Hải Phòng , Số máy cài mới: 37 → 1.037",
        "Thành phố Hải Phòng , Lũy kế: 721 → 1.721",
        "Quận Hải An , Số máy cài mới: 37 → 1.037",
        "Quận Hải An , Lũy kế: 657 → 1.657",
        "Phường Đằng Hải , Số máy cài mới: 30 → 1.030",
        "Phường Đằng Hải , Lũy kế: 550 → 1.550",
    ]


# What has changed since.


def test_changes_page_tells_figure_then_figure_now_and_the_step(sealed):
    correct(sealed)
    page = look(sealed.city_clerk, "changes", "31", f.DAY, moment=MORNING)
    assert words(page.text, '<p class="since">.*?</p>') == "Lũy kế 721 → 726, chênh +5 : 1 lần sửa số liệu +5."
    rows = [words(row, ".*") for row in re.findall("<tr.*?</tr>", page.text, re.DOTALL)[1:]]
    assert rows == [
        "Quận Hải An 657 662 +5 1,92% → 1,94% 2/2 1 thay đổi +5 Phường Đằng Hải: điều chỉnh số liệu, 35 máy "
        "(18h00 ngày 21/08/2020, 306: Đếm lại)",
        "Tổng cộng 721 726 +5 1,81% → 1,82% 2/4 1 thay đổi",
    ]
    assert words(page.text, "<title>.*?</title>") == "So với bản chốt · Thành phố Hải Phòng · 21/08/2020"


# A page of a moment, and its links.


class Links(HTMLParser):
    """Addresses of the links of a page, and the fields of its forms that are sent by GET."""

    def __init__(self, text):
        super().__init__()
        self.found, self.forms = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a":
            self.found.append(attributes["href"])
        elif tag == "form":
            self.forms.append((attributes.get("method"), []))
        elif tag == "input" and self.forms:
            self.forms[-1][1].append(attributes.get("name"))


DAY_PAGE = re.compile(r"/units/[^/]+/(\?.*)?$|/units/[^/]+/(board|workbook)/")
BAND = re.compile(r"Đang xem (số liệu tại thời điểm|bản chốt lúc) .{5} ngày ../../2020, không phải số hiện tại\.")
VISITS = [
    ("city_clerk", "unit", "31"),
    ("district_clerk", "board", "306"),
    ("stranger_officer", "unit", "11470"),  # with days missed
    ("focal_person", "unit", "SYT"),
]


@pytest.mark.parametrize(
    ("person", "name", "code"), [VISITS[0], *[pytest.param(*visit, marks=pytest.mark.matrix) for visit in VISITS[1:]]]
)
@pytest.mark.parametrize("as_of", ["seal", pytest.param("2020-08-21T17:45", marks=pytest.mark.matrix)])
def test_every_link_to_a_day_keeps_the_moment(as_of, person, name, code, sealed):
    seal(sealed, day=BEFORE, moment="2020-08-21 17:41")
    user, args = getattr(sealed, person), [code] if name == "unit" else [code, f.DAY]
    page = look(user, name, *args, moment=MORNING, query=f"?day={f.DAY}&show=all&as_of={as_of}")
    assert BAND.search(page.text)
    here = reverse(f"reporting:{name}", args=args)
    links = Links(re.search("<main.*</main>", page.text, re.DOTALL)[0])  # the bars around it lead to the current pages
    lead = [here + link if link.startswith("?") else link for link in links.found]
    to_days = [link for link in lead if DAY_PAGE.match(link)]
    now_or_seal = {f"{here}?day={f.DAY}&as_of=now", f"{here}?day={f.DAY}&as_of=seal"}
    keeping = [link for link in to_days if f"as_of={as_of.replace(':', '%3A')}" in link]
    assert set(to_days) - set(keeping) <= now_or_seal
    assert len(keeping) >= 3
    for method, fields in links.forms:
        if method == "get" and "day" in fields:
            assert "as_of" in fields
    client = Client()
    with frozen(MORNING):
        client.force_login(user)
        for link in sorted(set(keeping)):
            answer = client.get(link)
            is_unsealed = as_of == "seal" and not re.search("2020-08-2[01]", link)
            assert (link, answer.status_code) == (link, 422 if is_unsealed else 200)
            assert is_unsealed or ".xlsx" in link or BAND.search(answer.text), link
