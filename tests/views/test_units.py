"""Home, the page of a unit at each level, and the unit's days."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from reporting import acts
from reporting.figures.shares_above import ShareAbove
from reporting.models import Unit

from .. import factories as f
from .visits import look

DAY, FIRST_DAY = f.DAY, f.FIRST_DAY
YESTERDAY = DAY - timedelta(days=1)


TOTAL = "pinned-row"


def cells(page, row) -> list[str]:
    """The words in each cell of the page's first table row that contains `row`."""
    rows = re.findall(r"<tr.*?</tr>", page.text, re.DOTALL)
    found = next(markup for markup in rows if row in markup)
    texts = [re.sub(r"<[^>]+>", " ", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", found, re.DOTALL)]
    return [" ".join(text.split()) for text in texts]


def test_unit_of_a_commune_shows_its_figures_and_the_form(cast):
    f.make_report(cast.commune, YESTERDAY, 88, opening=3324)
    page = look(cast.officer, "unit", "11416")
    own = page.context["figures"].own
    assert (own.status, own.installs, own.cumulative, own.share) == ("not_due_yet", None, 3412, Decimal("0.1727"))
    assert [line.day for line in page.context["lines"]] == [DAY - timedelta(days=back) for back in range(14)]
    assert page.text.count('<form class="report"') == 1
    assert page.text.count('<strong class="big">17,27%</strong>') == 1


def test_unit_of_a_commune_after_the_hour_says_so_and_whom_to_ring(cast):
    page = look(cast.officer, "unit", "11416", moment="2020-08-21 17:00")
    assert page.context["form"].day_state.code == "after_deadline"
    assert page.text.count('<form class="report"') == 0
    main = page.text.partition("<footer")[0]  # which has the number at any hour
    assert main.count('<a href="tel:02250000306">0225 000 0306</a>') == 1


def test_units_of_a_state_are_shown_with_the_total_of_all(cast):
    f.make_report(cast.neighbour, DAY, 12, opening=5000)
    page = look(cast.district_clerk, "unit", "306", query="?only=missing")
    assert re.findall(r'<tr data-code="(\w+)"', page.text) == ["11416"]
    assert cells(page, TOTAL)[-1] == "1/2"
    assert [(one.name, len(one.rows)) for one in page.context["filters"]] == [("all", 2), ("missing", 1), ("late", 0)]
    page = look(cast.city_clerk, "unit", "31", query="?only=unconfirmed")
    assert re.findall(r'<tr data-code="(\w+)"', page.text)[:2] == ["311", "306"]
    assert [one.name for one in page.context["filters"]] == ["all", "missing", "unconfirmed"]


def cards_of(page):
    """Of each card of the day: its figure and words, its urgency, and whether it leads anywhere."""
    return {card.name: (card.figure, card.words, card.urgency and card.urgency.value) for card in page.context["cards"]}


def test_day_is_said_in_four_cards(cast):
    f.make_report(cast.neighbour, DAY, 12, opening=5000)
    f.make_report(cast.agency, installs=500, opening=5000)
    assert cards_of(look(cast.city_clerk, "unit", "31", moment="2020-08-21 15:43")) == {
        "deadline": ("17h00", "còn 1 giờ 17 phút", "later"),
        "reports": ("1/4", "chưa báo cáo: 3; sở, ngành 1/1", "later"),
        "confirmation": ("0/2", "2 chưa xác nhận", "later"),
        "seal": ("Chưa chốt", "chốt được từ 17h02", None),
    }


def test_confirmation_and_seal_are_said_and_lead_to_their_pages(cast):
    def seen(person, code, hour):
        page = look(person, "unit", code, moment=f"2020-08-21 {hour}")
        return cards_of(page), page.text.partition('<ul class="cards">')[2].partition("</ul>")[0]

    cards, text = seen(cast.district_clerk, "306", "17:30")
    assert (cards["confirmation"][2], "/units/306/review/2020-08-21/#confirm" in text) == ("overdue", True)
    assert "/review/" not in seen(cast.leader, "306", "17:30")[1]
    cards, text = seen(cast.city_clerk, "31", "17:02")
    assert (cards["seal"], "/units/31/seal/2020-08-21/" in text) == (
        ("Chưa chốt", "chốt được từ bây giờ", "soon"),
        True,
    )
    f.make_seal(cast.city, cast.city_clerk, reason="Họp sớm")
    cards, text = seen(cast.district_clerk, "306", "20:00")  # no link to what is over
    assert cards["confirmation"] == ("Không có", "thành phố đã chốt số liệu ngày", None)
    assert "/review/" not in text
    assert "Lý do chốt: Họp sớm" in look(cast.district_clerk, "unit", "306", moment="2020-08-21 20:00").text
    cards, _text = seen(cast.city_clerk, "31", "20:00")
    assert cards["confirmation"] == ("0/2", "đã chốt, không xác nhận được nữa", None)


def test_who_is_farthest_from_the_target_is_named_with_a_message(cast):
    f.make_directive(f.FIRST_DAY, target_date=DAY + timedelta(days=20), number="2/CV")
    for back in range(1, 8):
        f.make_report(cast.commune, DAY - timedelta(days=back), 20, opening=100 if back == 7 else 0)
        f.make_report(cast.neighbour, DAY - timedelta(days=back), 40, opening=9000 if back == 7 else 0)
    Unit.objects.filter(code="11416").update(phone="0225 000 0416")
    page = look(cast.district_clerk, "unit", "306")
    first, second = page.context["laggards"]
    assert [first.row.code, second.row.code] == ["11416", "11407"]
    own = look(cast.district_clerk, "unit", "11416").context["history"].verdict
    assert first.rates.facts["mean"].value == 20
    assert (first.rates.words(), first.factor.words()) == (own.rates.words(), own.advice[-1].words())
    assert first.message.startswith("Bluezone: Phường Đằng Hải đạt ")
    assert first.message.endswith("Đề nghị gửi trước 17h00.")
    evening = look(cast.district_clerk, "unit", "306", moment="2020-08-21 17:20").context["laggards"]
    assert evening[0].message.endswith("Đề nghị gửi ngay.")
    assert "sms:02250000416?body=" in page.text
    [district] = look(cast.city_clerk, "unit", "31").context["laggards"]
    assert "Cát Bi, Đằng Hải" in district.message  # whatever the order in which the database gives them


@pytest.mark.parametrize(
    ("person", "code", "hour", "leads_to"),
    [
        ("city_clerk", "31", "15:43", "/units/31/board/2020-08-21/"),
        ("city_clerk", "31", "17:10", "/units/31/seal/2020-08-21/"),
        ("district_clerk", "306", "15:43", "/units/306/board/2020-08-21/"),
        ("district_clerk", "306", "17:10", "/units/306/review/2020-08-21/"),
        ("leader", "31", "17:10", "/units/31/board/2020-08-21/"),
    ],
)
def test_one_filled_button_leads_to_what_comes_next(person, code, hour, leads_to, cast):
    page = look(getattr(cast, person), "unit", code, moment=f"2020-08-21 {hour}")
    assert page.context["next_act"]["address"] == leads_to
    assert len(re.findall(r'class="button fill(?: wide)?"', page.text)) == 1


def test_unit_shows_of_the_units_above_their_names_and_shares_and_nothing_else(cast):
    f.make_report(cast.commune, installs=88, opening=3324)
    f.make_report(cast.neighbour, installs=1111, opening=5555, note="Mất điện")
    page = look(cast.officer, "unit", "11416")
    assert page.context["above"] == [
        ShareAbove("Quận Hải An", Decimal("0.2955")),
        ShareAbove("Thành phố Hải Phòng", Decimal("0.2537")),
    ]
    main = page.text.partition("<main")[2]
    names = ["Quận Hải An", "Xếp thứ 2/2 của Quận Hải An", "Quận Hải An 29,55%"]
    assert re.findall(r"(?:Xếp thứ 2/2 của )?Quận Hải An(?: [0-9,]+%)?", main) == names
    assert re.findall(r"Thành phố Hải Phòng(?: [0-9,]+%)?", main) == [
        "Thành phố Hải Phòng",
        "Thành phố Hải Phòng 25,37%",
    ]
    # figures, telephone, address and children of the units above exist, so that there is something to hide
    hidden = ["/units/306/", "/units/31/", "10.078", "34.098", "39.722", "0225 000 0306", "Cát Bi", "6.666", "Mất điện"]
    page_itself = page.text.partition("<footer")[0]  # the footer has the duty telephone of the unit above
    assert [text for text in hidden if text in page_itself] == []


@pytest.mark.parametrize(("moment", "day"), [("2020-08-21 23:30", DAY), ("2020-08-22 00:30", DAY + timedelta(days=1))])
def test_unit_opens_at_today_in_hai_phong(moment, day, cast):
    assert look(cast.officer, "unit", "11416", moment=moment).context["day"] == day


def test_unit_on_a_day_when_it_did_not_exist_says_so(cast):
    f.make_unit("11000", parent=cast.district, name="Tràng Cát", kind="phường", closed_on=YESTERDAY)
    page = look(cast.district_clerk, "unit", "11000")
    assert (page.status_code, page.templates[0].name) == (200, "reporting/unit_closed.html")
    assert page.text.count("<h1>Phường Tràng Cát</h1>") == 1


def test_look_back_at_a_moment_at_which_a_request_waited_says_so(cast):
    """As the page said then: not before it was sent, and not after it was decided."""
    asked = f.make_late_request(cast.commune, cast.officer, opening=0, received_at=f.at("2020-08-21 17:30"))
    evening = f.at("2020-08-21 18:00")

    def head(hour):
        query = f"?day=2020-08-21&as_of=2020-08-21T{hour}"
        page = look(cast.officer, "unit", "11416", moment="2020-08-21 19:00", query=query)
        return " ".join(re.sub(r"<[^>]+>", " ", re.search(r'"state-line">(.*?)</p>', page.text, re.DOTALL)[1]).split())

    acts.decide(late_request=asked, is_accepted=True, **f.stamp(cast.district_clerk, evening))
    assert head("17:20") == "– Chưa báo cáo Thứ Sáu 21/08/2020"
    assert head("17:31").startswith("⧗ Chờ tiếp nhận gửi lúc 17h30")
    assert "Chờ tiếp nhận" not in head("18:01")


def test_report_list_shows_every_day_newest_first(cast):
    f.make_report(cast.commune, YESTERDAY, 88, opening=3324)
    page = look(cast.officer, "report_list", "11416")
    lines = page.context["lines"]
    assert [line.day for line in lines] == [DAY - timedelta(days=back) for back in range((DAY - FIRST_DAY).days + 1)]
    assert [(line.row.installs, line.row.cumulative, line.row.status) for line in lines[:3]] == [
        (None, 3412, "not_due_yet"),
        (88, 3412, "on_time"),
        (None, 3324, "missing"),
    ]
    assert re.findall(r'href="(/units/11416/reports/\d[^"]*)"', page.text) == ["/units/11416/reports/2020-08-20/"]


def test_kept_cumulative_that_was_corrected_since_says_so(cast):
    """It is not that of the named day: after the day's report is voided, the adjustment stays."""
    f.make_report(cast.commune, DAY - timedelta(days=1), installs=100, opening=1000, by=cast.officer)
    f.make_report(cast.commune, DAY, installs=5, by=cast.officer)
    signed = f.stamp(cast.district_clerk, f.at("2020-08-21 16:30"))
    acts.adjust(unit=cast.commune, day=DAY, adjustment=-40, reason="Trùng", base_version=1, **signed)
    acts.void(unit=cast.commune, day=DAY, reason="Nhầm", base_version=2, **signed)
    words = "ùng lũy kế đến ngày 20/08/2020, có điều chỉnh"
    assert words in " ".join(look(cast.officer, "unit", "11416", moment="2020-08-21 16:40").text.split())
    assert words in look(cast.district_clerk, "review", "306", DAY, moment="2020-08-21 16:40").text
