"""The city's page for mergers, splits and renames; and what the people of a closed unit see from that day on."""

import re
from html import unescape

import pytest
from django.urls import reverse

from reporting.models import BaseFigure, Reorganisation, Report, Unit, UnitName, User
from reporting.reorganisation import forms as reorganisation

from .. import factories as f
from ..views.visits import city_at, errors, frozen, look, send

EVENING, CHANGE = f.at("2020-08-21 18:30"), f.date(2020, 8, 22)
PAGE = "/campaign/reorganise/"
TABLE = "action,code,into,name\nmerge,11407,11416,\nrename,11416,,Hải Sơn"
MERGER = "action,code,into\nmerge,11407,11416"
SENT = {"effective_on": "22/08/2020", "source": "Nghị quyết 872", "table": TABLE}
city = city_at(EVENING)


def post(client, **sent):
    return client.post(reverse("reporting:reorganise"), {**SENT, **sent})


def post_again(client, page, **sent):
    """The form as the page shows it."""
    shown = re.search(r'name="shown" value="(\w*)"', page.text)
    table = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page.text, re.DOTALL)[1]
    return post(client, table=unescape(table), shown=shown[1] if shown else "", **sent)


def stored():
    models = (Unit, UnitName, BaseFigure, Report, Reorganisation)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_first_post_shows_what_will_happen_and_the_second_records_it(cast, city):
    before = stored()
    preview = post(city)
    assert (preview.status_code, stored()) == (200, before)
    words = [unescape(words) for words in re.findall(r'<li value="\d+">(.*?)</li>', preview.text)]
    assert len(words) == 2
    assert words[0].startswith("Phường Cát Bi (11407)")
    assert "34.098 (19.748 + 14.350)" in words[0]
    done = post_again(city, preview)
    assert (done.status_code, done.url) == (302, PAGE)
    kept = Reorganisation.objects.get()
    assert (kept.effective_on, kept.source, kept.table, kept.by) == (CHANGE, "Nghị quyết 872", TABLE, cast.city_clerk)
    assert Unit.objects.get(code="11407").successor == cast.commune
    page = city.get(PAGE).text
    assert ("Nghị quyết 872" in page, "merge,11407,11416" in page) == (True, True)


@pytest.mark.parametrize(
    "changed",
    [{"table": TABLE.replace("Hải Sơn", "Hải Nam")}, {"effective_on": "23/08/2020"}, {"again": "1"}],
)
def test_what_was_not_shown_is_shown_first(changed, city):
    shown = post(city).context["form"]["shown"].value()
    before = stored()
    page = post(city, shown=shown, **changed)
    assert (page.status_code, stored()) == (200, before)
    assert post_again(city, page, **{k: v for k, v in changed.items() if k == "effective_on"}).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [
        ({"effective_on": "21/08/2020"}, {"effective_on": ["not_later"]}),
        ({"effective_on": "hôm nay"}, {"effective_on": ["invalid"]}),
        ({"effective_on": ""}, {"effective_on": ["required"]}),
        ({"source": " "}, {"source": ["required"]}),
        ({"source": "x" * 201}, {"source": ["max_length"]}),
        ({"table": " "}, {"unit": ["required"], "into": ["required"]}),
        ({"table": "code\n1"}, {"table": ["line"]}),
        ({"table": "action,code,sum\nmerge,11407,5"}, {"table": ["unreadable"]}),
        ({"table": 'action,code\nmerge,"11407'}, {"table": ["unreadable"]}),
        ({"table": "action,code\nmerge,11407,11416"}, {"table": ["line"]}),
        ({"table": "action,code,code\nrename,11407,11416"}, {"table": ["unreadable"]}),
        ({"table": "action;code;population;households\nbase;11416;19000;19001"}, {"table": ["line"]}),
        ({"table": "action\tcode\thouseholds\t\t\nnew\t11999\t5\t\t\t"}, {"table": ["line"]}),
        ({"table": "action,code,into"}, {"table": ["unreadable"]}),
        ({"table": "action,code,into\nmerge,11407,9\nmerge,9,11407"}, {"table": ["line", "line"]}),
        ({"table": "x" * 100_001}, {"table": ["max_length"]}),
    ],
)
def test_bad_input_changes_nothing(wrong, codes, cast, city):
    before = stored()
    page = post(city, **wrong)
    assert (page.status_code, errors(page), stored()) == (422, codes, before)
    assert page.context["form"]["source"].value() == wrong.get("source", "Nghị quyết 872")


def test_units_that_changed_since_the_preview_are_shown_again(cast, city, monkeypatch):
    preview = post(city)
    record = reorganisation.record_reorganisation

    def record_after_another(*args, **options):
        f.make_base(cast.neighbour, population=15000, effective_on=f.DAY)
        return record(*args, **options)

    monkeypatch.setattr(reorganisation, "record_reorganisation", record_after_another)
    page = post_again(city, preview)
    assert (page.status_code, Reorganisation.objects.count()) == (409, 0)
    monkeypatch.undo()
    assert "34.748" in page.text
    assert post_again(city, page).status_code == 302


def test_same_recorded_twice_at_once_is_refused_the_second_time(city):
    preview = post(city)
    assert [post_again(city, preview).status_code for _time in range(2)] == [302, 422]
    assert Reorganisation.objects.count() == 1


# The change that is picked by name.


def pick(client, unit, into=None, name="", *, table="", **sent):
    picked = {"unit": unit.pk, "into": into.pk if into else "", "new_name": name}
    return post(client, table=table, **picked, **sent)


def table_in(page):
    return page.context["form"]["table"].value()


def lines_of(page):
    return [unescape(words) for words in re.findall(r"<li(?: value=.\d+.)?>([^<]*?)</li>", page.text)]


@pytest.mark.parametrize(
    ("merged", "name", "line"),
    [
        (True, "", MERGER),
        (True, "Phường Hải Sơn", "action,code,into,name,kind\nmerge,11407,11416,,\nrename,11416,,Hải Sơn,phường"),
        (False, "Hải Sơn", "action,code,name\nrename,11407,Hải Sơn"),
        (False, "Thị trấn Hải, Sơn", 'action,code,name,kind\nrename,11407,"Hải, Sơn",thị trấn'),
    ],
)
def test_picked_units_make_the_line_that_the_text_takes(merged, name, line, cast, city):
    picked = cast.neighbour, cast.commune if merged else None, name
    shown, typed = pick(city, *picked), post(city, table=line)
    assert (shown.status_code, lines_of(shown)) == (200, lines_of(typed))
    assert len(lines_of(shown)) == line.count("\n")
    assert (table_in(shown), Reorganisation.objects.count()) == ("", 0)
    done = pick(city, *picked, shown=shown.context["form"]["shown"].value())
    assert (done.status_code, Reorganisation.objects.get().table) == (302, line)


def test_units_are_picked_by_name(cast, city):
    page = city.get(PAGE).text
    for name in ("unit", "into"):
        choices = re.search(rf'<select name="{name}"[^>]*data-search=.*?</select>', page, re.DOTALL)[0]
        assert "Phường Cát Bi" in choices
    assert page.index('name="unit"') < page.index("<textarea")


@pytest.mark.parametrize(
    ("unit", "into", "name", "codes"),
    [
        ("11407", None, "", {"into": ["required"]}),
        (None, "11407", "", {"unit": ["required"]}),
        (None, None, "Hải Sơn", {"unit": ["required"]}),
        (None, None, "", {"unit": ["required"], "into": ["required"]}),
        ("11407", None, " ", {"into": ["required"]}),
        ("11407", "11407", "", {"into": ["line"]}),  # into itself
        ("11407", "306", "", {"into": ["line"]}),  # of another level
        ("11407", "SYT", "", {"into": ["line"]}),
        ("306", "311", "", {"into": ["line"]}),  # a district with communes
        ("11407", None, "x" * 151, {"new_name": ["max_length"]}),
        ("11470", "11416", "", {"into": ["line"]}),  # the only one of its district
    ],
)
def test_errors_stand_at_the_picked_field(unit, into, name, codes, cast, city):
    before = stored()
    sent = {"unit": unit and Unit.objects.get(code=unit).pk, "into": into and Unit.objects.get(code=into).pk}
    page = post(city, table="", new_name=name, **{key: pk or "" for key, pk in sent.items()})
    assert (page.status_code, errors(page), stored()) == (422, codes, before)
    form = page.context["form"]
    assert (form["unit"].value(), form["into"].value()) == tuple(str(pk or "") for pk in sent.values())


def test_unit_that_closes_between_preview_and_record_is_named_at_its_field(cast, city):
    f.make_unit("11471", parent=cast.other_district, name="Minh Đức", kind="thị trấn", population=9000)
    shown = pick(city, cast.stranger, cast.neighbour).context["form"]["shown"].value()
    f.reorganise(MERGER, effective_on=CHANGE, at=EVENING, by=cast.city_clerk)
    page = pick(city, cast.stranger, cast.neighbour, shown=shown)
    said = "Phường Cát Bi (11407) đã hoặc sẽ kết thúc hoạt động từ ngày 22/08/2020."
    assert (page.status_code, dict(page.context["form"].errors)) == (422, {"into": [said]})
    assert Reorganisation.objects.count() == 1
    with frozen("2020-08-22 08:00"):
        page = pick(city, cast.stranger, cast.neighbour, shown=shown, effective_on="23/08/2020")
    assert (page.status_code, errors(page)["into"]) == (422, ["invalid_choice"])


def test_second_change_of_the_decision_is_picked_after_the_first(cast, city):
    third = f.make_unit("11408", parent=cast.district, name="Tràng Cát", kind="phường", population=9000)
    more = pick(city, cast.neighbour, cast.commune, again="more")
    assert (table_in(more), more.context["form"]["unit"].value()) == (MERGER, "")
    page = pick(city, third, cast.commune, table=table_in(more), shown=more.context["form"]["shown"].value())
    assert (page.status_code, Reorganisation.objects.count()) == (200, 0)  # the second was not shown yet
    assert "43.098 (19.748 + 14.350 + 9.000)" in page.text
    again = pick(city, cast.neighbour, cast.commune, table=table_in(more))
    assert (again.status_code, errors(again), table_in(again)) == (422, {"into": ["line"]}, MERGER)
    shown = page.context["form"]["shown"].value()
    assert pick(city, third, cast.commune, table=table_in(page), shown=shown).status_code == 302
    assert Reorganisation.objects.get().table == f"{MERGER}\nmerge,11408,11416"


def test_typed_lines_keep_their_errors_and_their_numbers_beside_a_picked_change(cast, city):
    typed = "Việc\tMã đơn vị\tTên đơn vị\n\nđổi tên\t9\tHải Nam\nđổi tên\t11470\tMinh Tân"
    page = pick(city, cast.neighbour, cast.commune, table=typed)
    assert (page.status_code, errors(page), table_in(page)) == (422, {"table": ["line"]}, typed)
    assert page.context["form"].errors["table"] == ["Dòng 3: không có đơn vị mã 9."]
    unread = "action,code,population\nbase,11470,abc"
    page = pick(city, cast.neighbour, cast.commune, table=unread)
    assert (page.status_code, errors(page), table_in(page)) == (422, {"table": ["line"]}, unread)
    done = pick(city, cast.neighbour, cast.commune, table=typed.replace("\nđổi tên\t9\tHải Nam", ""), again="more")
    assert table_in(done) == "action,code,into,name\nrename,11470,,Minh Tân\nmerge,11407,11416,"


# The people of the closed unit, and of its successor.


@pytest.fixture
def merged(cast):
    """Cát Bi was merged into Đằng Hải on 22/08/2020; both have a history."""
    f.make_report(cast.commune, installs=88, opening=3412)
    f.make_report(cast.neighbour, installs=20, opening=1000)
    f.reorganise("action,code,into\nmerge,11407,11416", effective_on=CHANGE, at=EVENING)
    return cast


def test_people_of_a_closed_unit_belong_to_the_successor_and_are_told_once(merged, client):
    client.force_login(merged.neighbour_officer)
    with frozen("2020-08-21 23:59:59"):
        assert client.get("/").url == "/units/11407/"
    with frozen("2020-08-22 00:00"):
        assert client.get("/").url == "/units/11416/"
        pages = [client.get("/units/11416/") for _time in range(2)]
    told = [[str(message) for message in page.context["messages"]] for page in pages]
    assert ("Phường Cát Bi" in told[0][0], "Phường Đằng Hải" in told[0][0], "22/08/2020" in told[0][0]) == (True,) * 3
    assert told[1:] == [[]]
    assert User.objects.get(username="11407").unit == merged.commune


def test_officer_of_the_successor_asks_for_a_correction_of_the_closed_units_day(merged, client):
    client.force_login(merged.officer)
    sent = {"installs": "21", "base_version": "1", "reason": "gõ nhầm"}
    with frozen("2020-08-22 09:00"):
        answer = client.post(f"/units/11407/late/{f.DAY}/", sent)
    assert (answer.status_code, merged.neighbour.late_requests.get().installs) == (302, 21)


def test_form_shows_and_asks_with_the_sum_of_the_parts(merged):
    page = look(merged.officer, "report", "11416", CHANGE, moment="2020-08-22 09:00")
    assert ('data-base="4520"' in page.text, 'data-population="34098"' in page.text) == (True, True)
    known = " ".join(re.search('<p class="known">(.*?)</p>', page.text, re.DOTALL)[1].split())
    assert known == (
        "21/08: <strong>88</strong> <br> lũy kế <strong>4.520</strong> <br> trong đó 1.020 do sáp nhập, chia tách"
    )
    # Five times the 108 of both is not unusual, though it is more than five times the 88 of the one.
    usual = send(merged.officer, merged.commune, "2020-08-22 09:00", day=CHANGE, installs="540", opening="")
    assert usual.status_code == 302


def test_typed_total_includes_merged_units_and_the_receipt_shows_it(merged):
    figures = {"installs": "", "cumulative": "4.550", "opening": ""}
    answer = send(merged.officer, merged.commune, "2020-08-22 09:00", day=CHANGE, **figures)
    assert answer.status_code == 302
    assert Report.objects.get(unit=merged.commune, day=CHANGE).installs == 30
    receipt = look(merged.officer, "report_detail", "11416", CHANGE, moment="2020-08-22 09:10")
    assert "<dd>4.550</dd>" in receipt.text
    day_before = look(merged.officer, "report_detail", "11416", f.DAY, moment="2020-08-22 09:10")
    assert "<dd>3.500</dd>" in day_before.text
    unit = look(merged.officer, "unit", "11416", moment="2020-08-22 09:10")
    assert unit.context["figures"].own.cumulative == 4550
