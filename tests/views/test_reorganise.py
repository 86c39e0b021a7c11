"""The city's page for mergers, splits and renames; and what the people of a closed unit see from that day on."""

import re
from html import unescape

import pytest
from django.urls import reverse

from reporting import imports
from reporting.acts import locking
from reporting.models import BaseFigure, Reorganisation, Report, Unit, UnitName, User

from .. import factories as f
from .visits import city_at, errors, frozen, look, send

EVENING, CHANGE = f.at("2020-08-21 18:30"), f.date(2020, 8, 22)
PAGE = "/campaign/reorganise/"
TABLE = "action,code,into,name\nmerge,11407,11416,\nrename,11416,,Hải Sơn"
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


def test_population_that_is_usually_a_mistake_is_asked_about_before_it_is_recorded(cast, city):
    question = "Dân số 900 thay cho 19.748: chênh lệch hơn một phần năm. Số này có đúng không?"
    lines = "action,code,population\nbase,11416,900"
    before = stored()
    shown = post(city, table=lines)
    assert (shown.status_code, f"Phường Đằng Hải (11416): {question}" in shown.text) == (200, True)
    asked = post_again(city, shown)
    assert (asked.status_code, stored()) == (422, before)
    assert errors(asked) == {"confirm": ["confirm"], "explanation": ["required"]}
    done = post_again(city, asked, confirm="on", explanation="Tách phường")
    assert (done.status_code, BaseFigure.objects.in_force(cast.commune, CHANGE).explanation) == (302, "Tách phường")


def test_question_that_comes_up_meanwhile_is_asked(cast, city, monkeypatch):
    """Installs that were stored between the check and the lock."""
    shown = post(city, table="action,code,population\nbase,11416,17000")
    assert shown.context["form"].plan.doubtful == []
    lock_all = locking.lock_all

    def lock_after_a_report(*units):
        lock_all(*units)
        f.make_report(cast.commune, installs=88, opening=17000)

    monkeypatch.setattr(locking, "lock_all", lock_after_a_report)
    page = post_again(city, shown)
    monkeypatch.undo()
    words = "Dân số 17.000 nhỏ hơn lũy kế 17.088 máy đã cài. Số này có đúng không?"
    assert (page.status_code, page.text.count(words), Reorganisation.objects.count()) == (422, 1, 0)


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [
        ({"effective_on": "21/08/2020"}, {"effective_on": ["not_later"]}),
        ({"effective_on": "hôm nay"}, {"effective_on": ["invalid"]}),
        ({"effective_on": ""}, {"effective_on": ["required"]}),
        ({"source": " "}, {"source": ["required"]}),
        ({"source": "x" * 201}, {"source": ["max_length"]}),
        ({"table": " "}, {"unit": ["required"], "into": ["required"]}),
        ({"table": "code\n1"}, {"table": ["unreadable"]}),
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
    apply = imports.apply

    def apply_after_another(*args, **options):
        f.make_base(cast.neighbour, population=15000, effective_on=f.DAY)
        return apply(*args, **options)

    monkeypatch.setattr(imports, "apply", apply_after_another)
    page = post_again(city, preview)
    assert (page.status_code, Reorganisation.objects.count()) == (409, 0)
    monkeypatch.undo()
    assert "34.748" in page.text
    assert post_again(city, page).status_code == 302


def test_same_recorded_twice_at_once_is_refused_the_second_time(city):
    preview = post(city)
    assert [post_again(city, preview).status_code for _time in range(2)] == [302, 422]
    assert Reorganisation.objects.count() == 1


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
    sent = {"installs": "21", "base_version": "1", "reason": "typing"}
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
