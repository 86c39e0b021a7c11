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


def test_units_are_shown_with_the_total_of_all(cast):
    f.make_report(cast.neighbour, DAY, 12, opening=5000)
    page = look(cast.district_clerk, "unit", "306", query="?state=result")
    assert cells(page, TOTAL)[-3:] == ["1/2", "5.012", "34.098"]


@pytest.mark.parametrize(
    ("person", "code", "hour", "state"),
    [
        ("city_clerk", "31", "15:43", "report"),
        ("city_clerk", "31", "17:10", "confirm"),
        ("district_clerk", "306", "16:59", "report"),
        ("district_clerk", "306", "17:00", "confirm"),
        ("city_clerk", "306", "17:10", "confirm"),
    ],
)
def test_page_of_a_superior_follows_the_clock(person, code, hour, state, cast):
    page = look(getattr(cast, person), "unit", code, moment=f"2020-08-21 {hour}")
    steps = page.context["the_day"].steps
    assert page.context["state"] == state
    assert len(re.findall(r'class="(?:button )?fill"', page.text)) <= 1
    assert [step.state for step in steps if step.is_live] == [state]
    for step in steps:  # each state has its address
        assert look(getattr(cast, person), "unit", code, query=f"?state={step.state}").context["state"] == step.state


def test_page_of_a_day_that_is_signed_is_its_result(cast):
    f.make_seal(cast.city, cast.city_clerk, reason="Họp sớm")
    page = look(cast.district_clerk, "unit", "306", moment="2020-08-21 20:00")
    clock = page.context["the_day"].clock
    assert (page.context["state"], clock.is_done, clock.words[:7]) == ("result", True, "Đã chốt")
    assert "Lý do chốt: Họp sớm" in page.text


def test_who_is_slowest_is_named_to_a_leader_with_a_message_at_any_hour(cast):
    for back in range(1, 8):
        f.make_report(cast.commune, DAY - timedelta(days=back), 20, opening=100 if back == 7 else 0)
        f.make_report(cast.neighbour, DAY - timedelta(days=back), 40, opening=9000 if back == 7 else 0)
        f.make_report(cast.stranger, DAY - timedelta(days=back), 4000, opening=0)  # faster than the whole: not named
    Unit.objects.filter(code="306").update(phone="0225 000 0306")
    page = look(cast.leader, "unit", "31")
    [district] = page.context["laggards"]
    assert district.message.startswith("Bluezone: Quận Hải An đạt ")
    assert district.message.endswith("Đề nghị gửi trước 17h00.")
    assert "Cát Bi, Đằng Hải" in district.message  # whatever the order in which the database gives them
    assert str(district.provisional) in page.text
    assert "sms:02250000306?body=" in page.text
    assert page.context["numbers"] == "02250000306"  # of the message to all
    after = look(cast.leader, "unit", "31", moment="2020-08-21 17:10")
    assert after.templates[0].name == page.templates[0].name == "reporting/leader.html"
    assert after.context["laggards"][0].message.endswith("Đề nghị gửi ngay.")


def test_leader_is_told_a_sealed_day_as_it_was_sealed(cast):
    f.make_report(cast.commune, installs=88, opening=3324)
    acts.seal(unit=cast.city, day=DAY, reason="Sớm", **f.stamp(cast.city_clerk, f.at("2020-08-21 17:40")))
    by = f.stamp(cast.district_clerk, f.at("2020-08-21 18:00"))
    acts.enter(unit=cast.neighbour, day=DAY, installs=40, opening=900, reason="Gọi muộn", base_version=0, **by)
    page = look(cast.leader, "unit", "31", moment="2020-08-21 18:30")
    assert (page.context["figures"].own.cumulative, page.context["the_day"].clock.words) == (3412, "Đã chốt 17h40")
    assert "Số liệu đã chốt lúc 17h40 ngày 21/08/2020." in page.context["message"]
    now = look(cast.leader, "unit", "31", moment="2020-08-21 18:30", query="?state=result")
    assert now.context["figures"].own.cumulative == 3412 + 940


def test_unit_shows_of_the_units_above_their_names_and_shares_and_nothing_else(cast):
    f.make_report(cast.commune, installs=88, opening=3324)
    f.make_report(cast.neighbour, installs=1111, opening=5555, note="Mất điện")
    page = look(cast.officer, "unit", "11416")
    assert page.context["above"] == [
        ShareAbove("Quận Hải An", Decimal("0.2955"), is_provisional=False),
        ShareAbove("Thành phố Hải Phòng", Decimal("0.2537"), is_provisional=True),
    ]
    main = page.text.partition("<main")[2]
    names = ["Quận Hải An", "Xếp thứ 2/2 của Quận Hải An", "Quận Hải An 29,55%"]
    assert re.findall(r"(?:Xếp thứ 2/2 của )?Quận Hải An(?: [0-9,]+%)?", main) == names
    assert re.findall(r"Thành phố Hải Phòng(?: [0-9,]+%)?", main) == [
        "Thành phố Hải Phòng",
        "Thành phố Hải Phòng 25,37%",
    ]
    assert re.findall(r"[0-9,]+%\s+\(tạm tính\)", main) == ["25,37%\n(tạm tính)"]
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
