"""The pages of the imports: upload, preview, apply; a stored file belongs to its owner only, for an hour."""

import io
from contextlib import ExitStack
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from reporting import gate, imports
from reporting.models import AccessRecord, BaseFigure, ImportFile, Report, Revision, SignOff, Unit

from .. import clerk, factories as f, sheets
from .visits import city_at, errors, frozen, look

EVENING = f.at("2020-08-21 18:30")
DAYS = [f.FIRST_DAY + timedelta(days=n) for n in range(3)]
DAY = "06/08/2020"
HEAD = ["Mã đơn vị", "Đơn vị", "Loại số liệu", "Số máy đã cài trước đợt", *DAYS]
GOOD = [HEAD, ["11416", "Đằng Hải", "mới", 100, 5, 7, "-"], ["11407", "Cát Bi", "lũy kế", 0, 10, 25, 30]]
BAD = [HEAD, ["11416", "Đằng Hải", "mới", 100, 5, "năm", 1]]
city = city_at(EVENING)


def upload(client, *rows, kind="reports", data=None, **sent):
    file = SimpleUploadedFile("tháng 8.xlsx", sheets.workbook(*rows) if data is None else data)
    return client.post(f"/imports/{kind}/", {"file": file, "reason": "Báo cáo giấy", **sent})


def record(client, place):
    """Open the preview, tick what it asks and press the button: the page that follows."""
    plan = preview(client, place).context["plan"]
    return client.post(place, {"shown": plan.digest, **ticks(plan)}, follow=True)


def ticks(plan):
    return {f"consent-{name}": "on" for name in plan.consents}


def preview(client, place, **typed):
    """The preview; before it, the clerk confirms what the page offers, and what is typed."""
    page = client.get(place)
    return page if "plan" in page.context else client.post(place, clerk.answers(page, **typed), follow=True)


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Unit, BaseFigure, Report, Revision)]


def test_city_finds_all_kinds_and_a_district_its_reports(cast):
    kinds = {"city_clerk": [*imports.KINDS], "district_clerk": ["reports", "people"]}
    for person, offered in kinds.items():
        page = look(getattr(cast, person), "import_list")
        assert [kind.name for kind in page.context["kinds"]] == offered


def test_file_is_shown_cell_by_cell_and_then_recorded(cast, city):
    before = stored()
    sent = upload(city, *GOOD)
    kept = ImportFile.objects.get()
    assert (sent.status_code, sent.url) == (302, f"/imports/reports/{kept.pk}/")
    page = city.get(sent.url)
    assert (page.status_code, stored()) == (200, before)
    rows = [(row.unit, row.address, row.what, row.after) for row in page.context["page"]]
    assert rows[:3] == [
        ("Phường Đằng Hải", "D2", "Số máy đã cài trước đợt", "100"),
        ("Phường Đằng Hải", "E2", "06/08/2020", "5"),
        ("Phường Đằng Hải", "F2", "07/08/2020", "7"),
    ]
    assert "GHI 7 SỐ LIỆU" in page.text
    done = city.post(sent.url, {"shown": page.context["plan"].digest}, follow=True)
    assert "Đã ghi: 7 số liệu." in done.text
    assert list(Report.objects.filter(unit=cast.neighbour).values_list("cumulative", flat=True)) == [0, 10, 25, 30]
    revision = Revision.objects.first()
    assert (revision.by, revision.source, revision.reason) == (cast.city_clerk, kept.source, "Báo cáo giấy")
    before = stored()
    again = city.post(sent.url, {"shown": "x"}, follow=True)  # a second press shows the same and does nothing
    assert ("Đã ghi: 7 số liệu." in again.text, stored()) == (True, before)


def test_confirmations_that_an_import_withdraws_are_named(cast, city):
    """Before it is recorded; confirmations of a sealed day stay."""
    for day in DAYS[:2]:
        f.make_report(cast.commune, day, 4, opening=100)
        f.make_sign_off(cast.district, cast.district_clerk, day)
    f.make_sign_off(cast.other_district, cast.district_clerk, DAYS[1])
    f.make_seal(cast.city, cast.city_clerk, DAYS[0])
    place = upload(city, HEAD, ["11416", "", "mới", 100, 5, 7, ""]).url
    said = "Khi ghi, các xác nhận sau bị rút và phải xác nhận lại: "
    assert f"{said}Quận Hải An (07/08)." in city.get(place).text
    record(city, place)
    withdrawn = SignOff.objects.exclude(withdrawn_at=None).values_list("unit__code", "day")
    assert list(withdrawn) == [("306", DAYS[1])]
    reason = SignOff.objects.exclude(withdrawn_at=None).get().withdrawal_reason
    assert reason == f"đã nhập số liệu từ tệp ({ImportFile.objects.get().source}): cần xác nhận lại"
    again = upload(city, HEAD, ["11416", "", "mới", 100, 5, 8, ""])
    assert said not in city.get(again.url).text


def test_receipt_names_the_file_that_a_figure_came_from(cast, city):
    """For a report with one step, and in its history."""
    for installs in (5, 6):
        place = upload(city, HEAD[:5], ["11416", "", "mới", 100, installs]).url
        source = ImportFile.objects.first().source
        record(city, place)
        page = city.get(f"/units/11416/reports/{DAYS[0]}/").text
        assert source.startswith("tháng 8.xlsx sha256:")
        assert page.count(f'<span class="digest">{source}</span>') == 1


def test_file_with_an_error_offers_no_record_and_takes_none(city):
    place, before = upload(city, *BAD).url, stored()
    page = city.get(place)
    assert [(row.address, row.words) for row in page.context["page"]] == [("F2", "“năm” không phải số nguyên.")]
    assert ("1 ô không nhập được." in page.text, "GHI " in page.text) == (True, False)
    refused = record(city, place)
    assert (refused.status_code, stored(), "sửa tệp rồi gửi lại" in refused.text) == (422, before, True)


def test_what_changed_meanwhile_is_shown_before_it_is_recorded(cast, city):
    place = upload(city, *GOOD).url
    shown = city.get(place).context["plan"].digest
    f.make_report(cast.commune, DAYS[0], 4, opening=100)
    before = stored()
    answers = [city.post(place, given) for given in ({}, {"shown": "0" * 64}, {"shown": shown})]
    assert ([answer.status_code for answer in answers], stored()) == ([409] * 3, before)
    page = answers[-1]
    assert [(row.address, row.before, row.after) for row in page.context["page"]] == [("E2", "4", "5")]
    assert "Có thay đổi từ khi xem trước." in page.text
    assert "Ghi đè 1 số liệu đã có, 0 do chính đơn vị gửi" in page.text
    unticked = city.post(place, {"shown": page.context["plan"].digest})
    assert (unticked.status_code, errors(unticked)) == (422, {"consent-overwrite": ["required"]})
    assert city.post(place, {"shown": page.context["plan"].digest, "consent-overwrite": "on"}).status_code == 302
    assert Report.objects.get(unit=cast.commune, day=DAYS[0]).installs == 5


def test_unusual_figures_are_recorded_with_a_tick_and_a_reason(cast, city):
    for unit in (cast.commune, cast.neighbour):
        f.make_report(unit, DAYS[0], 80, opening=1200)
    lines = [[code, "", "lũy kế", total] for code, total in (("11416", 14790), ("11407", 1400))]
    sent = upload(city, [*HEAD[:3], DAYS[1]], *lines)
    page = city.get(sent.url)
    shown = {"shown": page.context["plan"].digest}
    assert [(row.address, row.after) for row in page.context["page"]] == [("D2", "13.510")]
    assert 'href="?show=doubtful"' in page.text
    assert '<form method="post" novalidate>' in page.text  # the browser's own words are in its own language
    assert "13.510 lớn hơn 5 lần bình quân 1 ngày có báo cáo (80 mỗi ngày)" in page.text
    before = stored()
    for given, said in (
        ({"explanation": "Đã gọi phường"}, {"consent-doubts": ["required"]}),
        ({"consent-doubts": "on", "explanation": " "}, {"explanation": ["required"]}),
    ):
        refused = city.post(sent.url, shown | given)
        assert (refused.status_code, stored()) == (422, before)
        assert errors(refused) == said
    assert 'value="Đã gọi phường"' in city.post(sent.url, shown | {"explanation": "Đã gọi phường"}).text
    done = city.post(sent.url, shown | {"consent-doubts": "on", "explanation": "Đã gọi phường"}, follow=True)
    assert "Đã ghi: 2 số liệu." in done.text
    reasons = Revision.objects.filter(kind="import").values_list("report__unit__code", "reason")
    assert set(reasons) == {("11416", "Báo cáo giấy; Đã gọi phường"), ("11407", "Báo cáo giấy")}  # stored with it only


def test_nothing_to_record_is_said(city):
    record(city, upload(city, *GOOD).url)
    page = city.get(upload(city, *GOOD).url)
    assert ("không có gì để ghi" in page.text, "GHI " in page.text) == (True, False)
    page = city.get(upload(city, ["Mã đơn vị", "Ngày", "Số máy cài mới"], ["11416", "21/08/2020", None]).url)
    assert "Các cột được đọc không có số liệu nào: không có gì để ghi." in page.text
    assert "đã có đúng như vậy" not in page.text


def test_preview_is_paged_and_parted_by_outcome(cast, city):
    f.make_report(cast.commune, DAYS[0], 5, opening=100)
    days = [f.FIRST_DAY + timedelta(days=n) for n in range(16)]
    more = [f.make_unit(f"1190{number}", parent=cast.district, population=5000).code for number in range(3)]
    rows = [[code, "mới", 0, *[3] * 16] for code in ("11407", "11470", "318", "SYT", *more)]
    head = ["Mã đơn vị", "Loại số liệu", "Số máy đã cài trước đợt", *days]
    place = upload(city, head, *rows[:4], ["11416", "mới", 100, 5, *[3] * 15], *rows[4:]).url
    assert dict(city.get(place).context["tabs"]) == {"new": 7 * 17 + 15, "unchanged": 2}
    first, second = (city.get(f"{place}?show=new&page={n}").context["page"] for n in (1, 2))
    assert (len(first), len(second), first[0].address) == (100, 34, "C2")
    unchanged = city.get(f"{place}?show=unchanged").context["page"]
    assert [row.unit for row in unchanged] == ["Phường Đằng Hải"] * 2
    assert city.get(f"{place}?show=nonsense&page=x").status_code == 200


@pytest.mark.parametrize("person", ["leader", "district_clerk", "other_clerk"])
def test_kept_file_is_its_owners_alone(person, cast, city):
    place = upload(city, *GOOD).url
    assert city.get(place.replace("reports", "units")).status_code == 404
    city.force_login(getattr(cast, person))
    before = stored()
    answers = {city.get(place).status_code, city.post(place, {"shown": "x"}).status_code}
    assert answers == ({403} if person == "leader" else {404})
    assert (stored(), ImportFile.objects.count()) == (before, 1)


def test_kept_file_dies_after_an_hour(cast, city):
    place = upload(city, *GOOD).url
    with frozen("2020-08-21 19:29:59"):
        city.force_login(cast.city_clerk)
        assert city.get(place).status_code == 200
        assert place in city.get("/imports/").text
    with frozen("2020-08-21 19:30:00"):
        assert city.get(place).status_code == 404
        assert city.post(place, {"shown": "x"}).status_code == 404
        assert place not in city.get("/imports/").text
        upload(city, *GOOD)
        assert [kept.sent_at for kept in ImportFile.objects.all()] == [f.at("2020-08-21 19:30:00")]


def test_few_files_of_one_person_wait_and_each_can_be_discarded(cast, city):
    other = f.make_user("31b", cast.city)
    ImportFile.objects.create(kind="units", source="a", table={}, sent_at=EVENING, by=other)
    for _n in range(7):
        last = upload(city, *GOOD).url
    waiting = city.get("/imports/").context["waiting"]
    assert (len(waiting), f"/imports/reports/{waiting[0][1].pk}/") == (5, last)
    assert city.post(last, {"discard": "1"}).url == "/imports/reports/"
    assert city.get(last).status_code == 404
    assert (ImportFile.objects.filter(by=other).count(), ImportFile.objects.exclude(by=other).count()) == (1, 4)


def test_file_that_cannot_be_read_is_refused_with_words(city):
    before = stored()
    page = upload(city, data=b"MZ\x90")
    assert (page.status_code, list(errors(page))) == (422, ["file"])
    assert "Tệp không phải là Excel (.xlsx) hay CSV dạng UTF-8." in page.text
    assert (stored(), ImportFile.objects.count()) == (before, 0)


def test_what_is_owed_beside_the_file_is_asked_for(city):
    page = upload(city, *GOOD, reason=" ")
    assert (page.status_code, errors(page)) == (422, {"reason": ["required"]})
    page = city.post("/imports/units/", {"effective_on": "x"})
    assert errors(page) == {"file": ["required"], "effective_on": ["invalid"]}


def test_units_and_the_source_of_their_populations_are_imported_on_the_page(cast, city):
    heads = ["Mã đơn vị", "Tên", "Loại", "Cấp", "Mã cấp trên", "Dân số"]
    new = [["11998", "Tràng Cát", "phường", "cấp xã", "306"], ["11999", "Nam Hải", "phường", "cấp xã", "306", 9000]]
    about = {"kind": "units", "effective_on": "22/08/2020"}
    assert "Số liệu chưa có nguồn." in preview(city, upload(city, heads, *new, **about).url).text
    place = upload(city, heads, *new, **about, source="Niên giám 2019").url
    assert "Chưa có dân số của Phường Tràng Cát" in preview(city, place).text
    record(city, place)
    assert Unit.objects.get(code="11998").parent == cast.district
    assert BaseFigure.objects.get(unit__code="11999").source == "Niên giám 2019"
    noted = AccessRecord.objects.filter(kind=AccessRecord.Kind.UNIT_CHANGED).get()
    assert (noted.by, noted.detail.split()[0]) == (cast.city_clerk, "tháng")


def test_day_offered_for_new_units_is_tomorrow(city):
    assert city.get("/imports/units/").context["form"]["effective_on"].initial == date(2020, 8, 22)


OFFICE = [["BÁO CÁO NGÀY 20/08/2020"], ["Phường", "Máy chủ", "Số cài mới"], ["Đằng Hải", 3, 5], ["Cát Bi", 4, 7]]


def test_clerk_says_what_a_file_is_and_the_office_remembers_it(cast, city):
    """Nothing is recorded that nobody has said: the column without a known head, the day."""
    for unit in (cast.commune, cast.neighbour):
        f.make_report(unit, DAYS[0], 0, opening=100)
    place = upload(city, *OFFICE).url
    page = city.get(place)
    assert (ImportFile.objects.get().plan, "Tệp này là gì" in page.text, "Đằng Hải" in page.text) == (None, True, True)
    form = page.context["form"]
    assert [form[name].initial for name in ("head-0", "c-0-1", "c-0-2", "c-0-3", "day-0")] == [
        2,
        "name",
        "",
        "daily",
        "",
    ]
    assert [words for _value, words in form["day-0"].field.choices][1] == "20/08/2020 (A1)"
    unsaid = city.post(place, clerk.answers(page, **{"day-0": None}))
    assert (unsaid.status_code, errors(unsaid)) == (422, {"__all__": ["unclear"], "day-0": ["unclear"]})
    plan = city.post(place, clerk.answers(page, **{"c-0-2": "-"}), follow=True).context["plan"]
    assert [(row.address, row.what, row.after) for row in plan.rows] == [
        ("C3", "20/08/2020", "5"),
        ("C4", "20/08/2020", "7"),
    ]
    next_day = [["BÁO CÁO NGÀY 21/08/2020"], OFFICE[1], ["Cát Bi", 4, 9]]
    place = upload(city, *next_day).url
    page = city.get(place)
    form = page.context["form"]
    assert [form[name].initial for name in ("c-0-1", "c-0-2", "c-0-3", "day-0")] == ["name", "-", "daily", ""]
    plan = city.post(place, clerk.answers(page), follow=True).context["plan"]  # the day alone was asked
    assert [(row.what, row.after) for row in plan.rows] == [("21/08/2020", "9")]
    city.force_login(cast.district_clerk)  # another office
    assert city.get(upload(city, *next_day).url).context["form"]["c-0-2"].initial == ""


def test_known_layout_with_the_day_in_its_cells_opens_at_the_preview(cast, city):
    f.make_report(cast.commune, DAYS[0], 0, opening=100)
    rows = [["Đơn vị", "Số cài mới 20/8"], ["Đằng Hải", 5]]
    assert preview(city, upload(city, *rows).url).status_code == 200
    for more, asked in (
        ([], False),
        (["Số cài mới 21/8"], False),  # one more day
        (["Lũy kế 21/8"], True),  # another figure
    ):
        grown = [[*rows[0], *more], [*rows[1], *[7 for _head in more]]]
        assert (
            "form" in city.get(upload(city, *grown).url).context and ImportFile.objects.first().plan is None
        ) is asked
    titled = [["ỨNG DỤNG NCOVI"], *rows]
    upload(city, *titled)
    assert ImportFile.objects.first().plan is None  # another title is another layout


def test_columns_below_another_head_are_shown_before_anything_is_planned(cast, city):
    f.make_report(cast.commune, DAYS[0], 0, opening=100)
    rows = [["Đơn vị", "Số cài mới"], ["Đơn vị", "Lũy kế"], ["Đằng Hải", 105]]
    place = upload(city, ["Ngày 20/08/2020"], *rows).url
    page = city.get(place)
    assert [page.context["form"][name].value() for name in ("head-0", "c-0-2")] == [2, "daily"]
    page = city.post(place, clerk.answers(page, **{"head-0": 3}), follow=True)
    assert [page.context["form"][name].value() for name in ("head-0", "c-0-2")] == [3, "cumulative"]
    plan = city.post(place, clerk.answers(page), follow=True).context["plan"]
    assert [(row.after, row.words.partition(";")[0]) for row in plan.rows] == [("5", "lũy kế 105")]


def test_unit_of_all_lines_is_chosen_and_never_taken_from_a_title(cast, city):
    for unit in (cast.commune, cast.neighbour):
        f.make_report(unit, DAYS[0], 0, opening=100)
    place = upload(city, ["PHƯỜNG CÁT BI"], ["Ngày", "Số cài mới"], ["07/08/2020", 4]).url
    page = city.get(place)
    assert (page.context["form"]["unit-0"].initial, ImportFile.objects.get().plan) == ("", None)
    assert "Phường Đằng Hải (Quận Hải An, 11416)" in page.text  # two communes may have one name
    assert city.post(place, clerk.answers(page)).status_code == 422
    plan = city.post(place, clerk.answers(page, **{"unit-0": "11416"}), follow=True).context["plan"]
    assert [(row.unit, row.after) for row in plan.rows] == [("Phường Đằng Hải", "4")]


def test_few_files_are_worked_on_at_a_time(cast, city, monkeypatch):
    monkeypatch.setattr(gate, "PATIENCE", 0)
    with ExitStack() as held:
        for _place in range(gate.IMPORT.at_once):
            gate.take_turn(held, gate.IMPORT)
        busy = upload(city, *GOOD)
    assert (busy.status_code, busy["Retry-After"], ImportFile.objects.exists()) == (429, "10", False)
    assert upload(city, *GOOD).status_code == 302


@pytest.mark.parametrize("query", ["", "?layout=1"])
def test_who_opens_a_preview_already_is_told_to_come_back(query, cast, city):
    """One of twenty thousand rows takes a second."""
    place = upload(city, *GOOD).url + query
    with gate.asked_by(f"person {cast.city_clerk.pk}"), ExitStack() as held:
        gate.take_turn(held, gate.IMPORT)
        assert (city.get(place).status_code, city.get("/imports/").status_code) == (429, 200)
    assert city.get(place).status_code == 200


def test_template_of_reports_has_the_days_of_the_campaign(cast):
    answer = look(cast.district_clerk, "import_template", "reports")
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.active
    assert answer["Content-Disposition"] == 'attachment; filename="bluezone-reports.xlsx"'
    assert book.properties.creator == "Quận Hải An"
    days = [cell.value.date() for cell in sheet[4][5:]]
    assert (days[0], days[-1], len(days)) == (f.DAY, f.FIRST_DAY, 16)
    assert {row[3].value for row in sheet.iter_rows(min_row=5)} == {"mới"}


def test_preview_of_more_units_takes_no_more_queries(cast, city):
    def queries(*rows):
        with CaptureQueriesContext(connection) as captured:
            city.get(upload(city, HEAD, *rows).url)
        return len(captured)

    one = ["11416", "", "mới", 100, 5, 7, 1]
    few = queries(one)
    more = [f.make_unit(f"119{n:02}", parent=cast.district, population=9).code for n in range(20)]
    assert queries(one, *([code, "", "mới", 0, 1, 1, 1] for code in more)) <= few
