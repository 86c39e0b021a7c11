"""The city's own page: directive, hours, extensions, exempt days, downtime."""

import re
from datetime import date, time, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from reporting.days import hours_in_force
from reporting.figures import rollup
from reporting.models import BaseFigure, Directive, Downtime, ExemptDay, Extension, Office, UnitHour
from reporting.text import formatting

from .. import factories as f
from .visits import city_at

EVENING = f.at("2020-08-21 17:20")
city = city_at(EVENING)


def add(client, form, /, **fields):
    """The form's preview, and then, if allowed, its save."""
    address, sent = reverse("reporting:campaign_add", args=[form]), {f"{form}-{k}": v for k, v in fields.items()}
    page = client.post(address, sent)
    if page.status_code != 200:
        return page
    return client.post(address, sent | {f"{form}-shown": page.context["bound"].data[f"{form}-shown"]})


def test_each_record_says_for_whom_what_and_why(cast, city):
    f.make_extension(cast.district)
    f.make_unit_hour(cast.commune, time(16), date(2020, 8, 22), effective_until=date(2020, 8, 25))
    f.make_unit_hour(cast.district, time(16, 30), date(2020, 8, 23), reason="CV 6")
    f.make_exempt_day(cast.district, f.DAY)
    f.make_downtime()
    f.make_base(cast.commune, population=19748, effective_on=f.DAY, by=cast.city_clerk)
    page = city.get(reverse("reporting:campaign")).text
    lists = re.findall('<ul class="records">(.*?)</ul>', page, re.DOTALL)[1:]  # the directives come first
    records = [record for found in lists for record in re.findall("<li>(.*?)</li>", found, re.DOTALL)]
    assert [" ".join(strip_tags(record).split()) for record in records] == [
        "Quận Hải An, 21/08/2020: đến 18h00 (Mất điện) · Thu hồi",
        "Quận Hải An, 21/08/2020 (Quốc khánh) · Thu hồi",
        "Quận Hải An, trước 16h30, từ ngày 23/08/2020 (CV 6) · Thu hồi",
        "Phường Đằng Hải, trước 16h00, từ ngày 22/08/2020 đến hết ngày 25/08/2020 (CV 5) · Thu hồi",
        "16h30 ngày 21/08/2020 – 17h10 (Mất điện máy chủ) · Thu hồi",
        "Phường Đằng Hải, từ 21/08/2020: dân số 19.748 (census-2019) · Thu hồi",
    ]
    heads = [strip_tags(head) for head in re.findall("<summary>(.*?)</summary>", page, re.DOTALL)]
    assert [head.split()[0] for head in heads if "21/08/2020: đến 18h00, Quận Hải An" in head] == ["Gia"]
    assert "16h30, từ ngày 23/08" not in "".join(heads)  # not in force yet


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
    hours = {"from_hour": "16h30", "to_hour": "17h10"}
    assert add(city, "downtime", day="21/08/2020", **hours, reason="Mất điện máy chủ").status_code == 302
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
    "target_share": "65",
    "target_date": "",
    "report_deadline": "16h30",
    "signoff_deadline": "17h00",
    "correction_days": "7",
    "official_threshold": "10 %",
}


def test_directive_takes_effect_on_a_later_day(city):
    assert add(city, "directive", **DIRECTIVE, effective_from="21/08/2020").status_code == 422
    assert add(city, "directive", **DIRECTIVE, effective_from="22/08/2020").status_code == 302
    assert hours_in_force.hours_of_day(f.DAY).order.number == "1/CV"
    at_midnight = add(city, "directive", **DIRECTIVE | {"report_deadline": "0h00"}, effective_from="23/08/2020")
    assert (at_midnight.status_code, "Với giờ hạn 00h00" in at_midnight.text) == (422, True)
    newest = Directive.objects.first()
    assert (newest.number, str(newest.target_share), newest.report_deadline.hour) == ("2/CV", "0.6500", 16)
    assert str(newest.official_threshold) == "0.1000"
    with time_machine.travel(f.at("2020-08-22 08:00"), tick=False):
        fields = dict(re.findall(r'name="directive-(\w+)" value="([^"]*)"', city.get("/campaign/").text))
    assert (fields["target_share"], fields["official_threshold"]) == ("65", "10")


def test_directive_that_no_page_could_live_with_is_refused(city):
    """Found by a tester: a date typed as the number of days made every page of the day before fail."""
    for typed in ("20200822", "9223372036854775807", "367"):
        page = add(city, "directive", **DIRECTIVE | {"correction_days": typed}, effective_from="22/08/2020")
        assert (page.status_code, Directive.objects.count()) == (422, 1), typed
    assert "tối đa 366 ngày" in page.text  # it first refuses what a PostgreSQL column cannot hold
    past = add(city, "directive", **DIRECTIVE | {"target_date": "21/08/2020"}, effective_from="22/08/2020")
    assert (past.status_code, "trước khi văn bản có hiệu lực" in past.text, Directive.objects.count()) == (422, True, 1)
    longest = add(city, "directive", **DIRECTIVE | {"correction_days": "366"}, effective_from="22/08/2020")
    assert (longest.status_code, Directive.objects.count()) == (302, 2)


@pytest.mark.parametrize("threshold", ["", "-1", "100,01", "0,001", "năm"])
def test_directive_without_a_threshold_that_is_a_share_is_refused(threshold, city):
    sent = {**DIRECTIVE, "official_threshold": threshold, "effective_from": "22/08/2020"}
    assert add(city, "directive", **sent).status_code == 422
    assert Directive.objects.count() == 1


# A form shows its effect before it saves; a record can be withdrawn.


def shown(response):
    with_name = response.context.get("bound") or response.context["form"]
    return with_name.foreseen


def test_exempt_day_says_what_it_will_do_and_asks_once(cast, city):
    f.make_report(cast.commune, hour=time(16))
    sent = {"exempt-unit": cast.city.pk, "exempt-day": "21/08/2020", "exempt-reason": "Bão"}
    page = city.post("/campaign/exempt/", sent)
    assert shown(page) == [
        "Cho Thành phố Hải Phòng và các đơn vị trực thuộc.",
        "5 đơn vị không phải báo cáo ngày 21/08/2020.",
        "1 báo cáo đã gửi vẫn được tính.",
    ]
    assert ExemptDay.objects.count() == 0
    confirmed = {"exempt-shown": page.context["bound"].data["exempt-shown"]}
    changed = city.post("/campaign/exempt/", sent | confirmed | {"exempt-day": "22/08/2020"})
    assert (changed.status_code, ExemptDay.objects.count()) == (200, 0)  # not the same values: shown again
    assert city.post("/campaign/exempt/", sent | confirmed).status_code == 302
    again = city.post("/campaign/exempt/", sent | confirmed)
    assert (again.status_code, again.context["bound"].non_field_errors()) == (
        422,
        ["Ngày này đã được ghi là không yêu cầu báo cáo."],
    )


def test_what_was_set_up_is_taken_back_on_its_page(cast, city):
    record = f.make_exempt_day(cast.district, f.DAY)
    address = reverse("reporting:campaign_withdraw", args=["exempt_day", record.pk])
    assert "Quận Hải An" in city.get(address).text
    assert city.post(address, {"reason": ""}).status_code == 422
    page = city.post(address, {"reason": "Nhầm đơn vị"})
    assert shown(page)[0].startswith("2 đơn vị không phải báo cáo ngày 21/08/2020 khi đến hạn: vẫn giữ như vậy.")
    assert not ExemptDay.objects.get().is_withdrawn
    confirmed = {"reason": "Nhầm đơn vị", "shown": page.context["form"].data["shown"]}
    assert city.post(address, confirmed).url == "/campaign/"
    found = ExemptDay.objects.get()
    assert (found.withdrawal_reason, found.withdrawn_by) == ("Nhầm đơn vị", cast.city_clerk)
    assert "đã thu hồi lúc 17h20 ngày 21/08/2020" in city.get("/campaign/").text
    again = city.post(address, confirmed, follow=True)
    assert (again.redirect_chain, "Mục này đã được thu hồi." in again.text) == ([("/campaign/", 302)], True)
    assert ExemptDay.objects.get() == found


def test_base_figure_that_came_with_a_reorganisation_names_it_in_place_of_a_withdrawal(cast, city):
    own = f.make_base(cast.neighbour, population=14400, by=cast.city_clerk)
    text = "action,code,population\nbase,11416,19800"
    f.reorganise(text, effective_on=f.DAY + timedelta(days=3), at=f.RECORDED_AT, by=cast.city_clerk)
    came = BaseFigure.objects.get(population=19800)
    page = city.get(reverse("reporting:campaign")).text
    offers = [reverse("reporting:campaign_withdraw", args=["base_figure", base.pk]) in page for base in (own, came)]
    assert offers == [True, False]
    said = page[page.index("19.800") :].partition("</li>")[0]
    assert "(Nghị quyết 872)" in said
    assert f'<a href="{reverse("reporting:reorganise")}">chỉ thu hồi cùng việc sắp xếp đơn vị này</a>' in said


def test_population_in_force_is_the_citys_beside_a_later_figure_of_one_unit(cast, city):
    f.make_base(cast.neighbour, population=99, effective_on=f.DAY + timedelta(days=3), by=cast.city_clerk)
    row = re.search(r'id="base".*?</summary>', city.get("/campaign/").text, re.DOTALL)[0]
    total = rollup.rows(cast.city, f.DAY).own.population
    assert strip_tags(row).split()[-2:] == [formatting.number(total), "Sửa"]


def test_downtime_says_where_an_excused_unit_is_not_counted_and_where_it_is_named(cast, city):
    sent = {"day": "21/08/2020", "from_hour": "16h30", "to_hour": "17h10", "reason": "Mất điện máy chủ"}
    page = city.post("/campaign/downtime/", {f"downtime-{name}": value for name, value in sent.items()})
    assert (
        "5 đơn vị không bị tính trễ hạn hay chưa báo cáo khi xét chấp hành thời hạn báo cáo ngày 21/08/2020; "
        "đơn vị nào chưa gửi thì bảng theo dõi và văn bản vẫn ghi là chưa báo cáo."
    ) in shown(page)


def test_hour_of_one_unit_is_recorded(cast, city):
    typed = {"unit": cast.district.pk, "report_deadline": "16h00", "reason": "CV 5"}
    assert add(city, "unit_hour", **typed, effective_from="21/08/2020").status_code == 422
    backwards = {"effective_from": "23/08/2020", "effective_until": "22/08/2020"}
    assert add(city, "unit_hour", **typed, **backwards).status_code == 422
    at_midnight = add(city, "unit_hour", **typed | {"report_deadline": "0h00"}, effective_from="22/08/2020")
    assert (at_midnight.status_code, "Với giờ hạn 00h00" in at_midnight.text) == (422, True)
    assert add(city, "unit_hour", **typed, effective_from="22/08/2020").status_code == 302
    assert str(UnitHour.objects.get().report_deadline) == "16:00:00"
    assert "trước 16h00, từ ngày 22/08/2020" in " ".join(city.get("/campaign/").text.split())


def test_order_behind_which_days_were_sent_is_refused_in_words(cast, city):
    f.make_report(cast.commune, hour=time(16))
    address = reverse("reporting:campaign_withdraw", args=["directive", Directive.objects.get().pk])
    page = city.post(address, {"reason": "Đã có văn bản mới thay thế"})
    assert (page.status_code, Directive.objects.get().is_withdrawn) == (422, False)
    assert page.context["form"].non_field_errors() == [
        "Không thể thu hồi: 1 ngày đã có báo cáo, xác nhận hoặc bản chốt sẽ không còn văn bản chỉ đạo nào áp dụng, nên "
        "không xem lại được nữa. Nếu có văn bản mới thì ghi thêm: văn bản mới tự thay thế từ ngày có hiệu lực."
    ]


NAMES = {"office": "Sở Khoa học và Công nghệ", "short_name": "Sở KH&CN", "symbol": "SKHCN", "phone": "0225 3 000 111"}


def test_office_is_named_and_stands_at_the_head_of_pages_and_papers(cast, city):
    address = reverse("reporting:campaign")
    form = city.get(address).context["forms"]["office"]
    assert (form["office"].value(), form["managing"].value()) == (
        "Sở Thông tin và Truyền thông",
        "UBND thành phố Hải Phòng",
    )
    sent = {**NAMES, "managing": "UBND thành phố Hải Phòng"}
    shown = city.post(reverse("reporting:campaign_add", args=["office"]), {f"office-{k}": v for k, v in sent.items()})
    assert shown.context["bound"].foreseen == [
        "Dòng đầu trang: UBND THÀNH PHỐ HẢI PHÒNG · SỞ KH&CN",
        "Văn bản: Sở Khoa học và Công nghệ, số .../BC-SKHCN",
    ]
    assert (add(city, "office", **sent).status_code, Office.objects.get().by) == (302, cast.city_clerk)
    assert "UBND THÀNH PHỐ HẢI PHÒNG · SỞ KH&amp;CN" in city.get(address).text
    bulletin = city.get(reverse("reporting:bulletin", args=["31", f.DAY]))
    head = bulletin.context["head"]
    assert (head.managing, head.issuing) == ("UBND THÀNH PHỐ HẢI PHÒNG", "SỞ KHOA HỌC VÀ CÔNG NGHỆ")


def test_withdrawal_of_the_only_order_says_that_nothing_can_be_sent_any_more(cast, city):
    address = reverse("reporting:campaign_withdraw", args=["directive", Directive.objects.get().pk])
    page = city.post(address, {"reason": "Gõ nhầm năm"})
    assert (
        "Từ ngày 06/08/2020 không còn văn bản chỉ đạo nào áp dụng: không có hạn báo cáo, và các đơn vị không gửi được "
        "gì cho đến khi có văn bản mới có hiệu lực."
    ) in shown(page)
    assert not Directive.objects.get().is_withdrawn
    f.make_directive(f.FIRST_DAY - timedelta(days=1), number="0/CV")  # another one covers the days
    page = city.post(address, {"reason": "Gõ nhầm năm"})
    assert not any("không còn văn bản" in words for words in shown(page))


BASE = {"effective_on": "21/08/2020", "population": "5.000", "source": "Chi cục Thống kê"}


def test_doubtful_population_is_shown_beside_the_one_in_force(cast, city):
    f.make_report(cast.commune, installs=88, opening=7000)
    address = reverse("reporting:campaign_add", args=["base"])
    sent = {f"base-{name}": value for name, value in {**BASE, "unit": cast.commune.pk}.items()}
    page = city.post(address, sent)
    assert page.context["bound"].foreseen == ["Phường Đằng Hải, từ ngày 21/08/2020: dân số 19.748 → 5.000."]
    assert [words.split(":")[0].split(".")[0] for words in page.context["bound"].questions] == ["Dân số 5"] * 2
    assert page.text.count("chênh lệch hơn một phần năm. Số này có đúng không?") == 1
    sent["base-shown"] = page.context["bound"].data["base-shown"]
    for answer in ({}, {"base-confirm": "on"}, {"base-explanation": "Tách khu dân cư"}):
        page = city.post(address, sent | answer)
        assert (page.status_code, "dân số 19.748 → 5.000" in page.text) == (422, True)
        assert set(page.context["bound"].errors) == {"explanation" if "base-confirm" in answer else "confirm"}
        assert BaseFigure.objects.filter(by__isnull=False).count() == 0
    done = city.post(address, sent | {"base-confirm": "on", "base-explanation": "Tách khu dân cư"})
    assert done.status_code == 302
    added = BaseFigure.objects.get(by=cast.city_clerk)
    assert (added.population, added.explanation) == (5000, "Tách khu dân cư")
    listed = " ".join(strip_tags(city.get(reverse("reporting:campaign")).text).split())
    assert "(Chi cục Thống kê; Tách khu dân cư)" in listed


def test_wrong_base_figure_is_withdrawn_and_the_one_before_counts_again(cast, city):
    wrong = f.make_base(cast.commune, population=5000, effective_on=f.DAY, by=cast.city_clerk)
    address = reverse("reporting:campaign_withdraw", args=["base_figure", wrong.pk])
    page = city.post(address, {"reason": "Gõ nhầm"})
    assert page.context["form"].foreseen == ["Phường Đằng Hải, từ ngày 21/08/2020: dân số 5.000 → 19.748."]
    assert BaseFigure.objects.in_force(cast.commune, f.DAY) == wrong
    done = city.post(address, {"reason": "Gõ nhầm", "shown": page.context["form"].data["shown"]})
    assert done.url == reverse("reporting:campaign")
    assert BaseFigure.objects.in_force(cast.commune, f.DAY).population == 19748
    page = " ".join(strip_tags(city.get(done.url).text).split())
    assert "dân số 5.000 (census-2019) × đã thu hồi lúc 17h20 ngày 21/08/2020 31: Gõ nhầm" in page
    again = city.get(address, follow=True)
    assert (again.redirect_chain, "Mục này đã được thu hồi." in again.text) == ([("/campaign/", 302)], True)
