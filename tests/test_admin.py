"""The administrator's pages: for the superuser only; what is only added to is never changed."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from reporting.models import Directive, ExemptDay, Report, Unit, User

from .factories import (
    DAY,
    PASSWORD,
    at,
    make_access_record,
    make_cover,
    make_downtime,
    make_exempt_day,
    make_explanation_request,
    make_extension,
    make_late_request,
    make_official,
    make_passed_up,
    make_reminder,
    make_reopening,
    make_reorganisation,
    make_report,
    make_seal,
    make_sign_off,
    make_unit_hour,
    make_user,
    withdraw,
)
from .prepared import prepared, undone
from .some import some
from .views.visits import frozen

# Status of the list, the page of one record, the page to add one, a POST that changes one, a POST that deletes one.
PAGES = {
    "directive": (200, 200, 200, 403, 403),
    "exemptday": (200, 200, 200, 403, 403),
    "unitname": (200, 200, 403, 403, 403),
    "basefigure": (200, 200, 403, 403, 403),
    "extension": (200, 200, 403, 403, 403),
    "downtime": (200, 200, 403, 403, 403),
    "report": (200, 200, 403, 403, 403),
    "laterequest": (200, 200, 403, 403, 403),
    "reopening": (200, 200, 403, 403, 403),
    "reminder": (200, 200, 403, 403, 403),
    "signoff": (200, 200, 403, 403, 403),
    "seal": (200, 200, 403, 403, 403),
    "reorganisation": (200, 200, 403, 403, 403),
    "passedup": (200, 200, 403, 403, 403),
    "officialfigure": (200, 200, 403, 403, 403),
    "explanationrequest": (200, 200, 403, 403, 403),
    "unit": (200, 200, 200, 302, 403),
    "user": (200, 200, 200, 200, 403),
    "accessrecord": (200, 200, 403, 403, 403),
    "cover": (200, 200, 403, 403, 403),
    "unithour": (200, 200, 403, 403, 403),
}
# Read with its report; gone within the hour; nobody's to see; ten minutes old at most; on pages of their own.
WITHOUT_A_PAGE = {"revision", "importfile", "recoverycode", "unconfirmedreport", "countryday"}
WITHOUT_A_PAGE |= {"office", "emblem", "token", "tokenuse", "mailchoice", "message"}


TOMORROW = date(2020, 8, 22)


@prepared
def reported(cast):
    """One record of each kind."""
    report = make_report(cast.commune, by=cast.officer)
    make_exempt_day(cast.city, date(2020, 9, 2))
    make_extension(cast.district)
    make_unit_hour(cast.district, "16:00")
    withdraw(make_downtime(), at("2020-08-21 11:00"))
    make_late_request(cast.neighbour, cast.neighbour_officer)
    make_reopening(cast.commune, cast.district_clerk)
    make_reminder(cast.neighbour, cast.district_clerk)
    make_sign_off(cast.district, cast.district_clerk)
    make_seal(cast.city, cast.city_clerk)
    make_reorganisation()
    make_passed_up(report, cast.district_clerk)
    make_official(cast.district, 1000)
    make_explanation_request(cast.district, cast.city_clerk)
    make_access_record(cast.officer)
    make_cover(cast.neighbour, cast.officer, cast.district_clerk)
    return cast


@pytest.fixture
def signed_in(client, cast):
    with frozen("2020-08-21 12:00"):
        client.force_login(cast.admin)
        yield client


def statuses(client, name):
    pk = apps.get_model("reporting", name).objects.first().pk
    base = f"admin:reporting_{name}"
    return (
        client.get(reverse(f"{base}_changelist")).status_code,
        client.get(reverse(f"{base}_change", args=[pk])).status_code,
        client.get(reverse(f"{base}_add")).status_code,
        client.post(reverse(f"{base}_change", args=[pk]), {"phone": "0225 1"}).status_code,
        client.post(reverse(f"{base}_delete", args=[pk]), {"post": "yes"}).status_code,
    )


def records():
    return {name: apps.get_model("reporting", name).objects.count() for name in [*PAGES, *WITHOUT_A_PAGE]}


def test_admin_has_a_row_for_every_record():
    names = {model._meta.model_name for model in apps.get_app_config("reporting").get_models()}
    registered = {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "reporting"}
    assert (registered, names) == (set(PAGES), {*PAGES, *WITHOUT_A_PAGE})


def test_admin_allows_the_superuser_no_more_than_is_written_here(reported, signed_in, subtests):
    before = records()
    for name, allowed in PAGES.items():
        with subtests.test(name=name), undone():
            assert statuses(signed_in, name) == allowed
            noted = {"accessrecord": before["accessrecord"] + (allowed[3] == 302)}  # the telephone's change
            assert records() == before | noted


@pytest.mark.parametrize("person", some(["officer", "district_clerk", "city_clerk", "leader", None], ["city_clerk"]))
def test_admin_sends_everybody_else_to_sign_in(person, reported, client, subtests):
    if person:
        client.force_login(getattr(reported, person))
    for name in PAGES:
        with subtests.test(name=name), undone():
            assert statuses(client, name) == (302,) * 5


@pytest.mark.matrix  # dear
def test_admin_shows_staff_without_superuser_nothing(reported, client, subtests):
    staff = make_user("staff", reported.city)
    staff.is_staff = True
    staff.save()
    client.force_login(staff)
    assert client.get(reverse("admin:index")).context["app_list"] == []
    for name in PAGES:
        with subtests.test(name=name), undone():
            assert statuses(client, name) == (403,) * 5


def test_admin_deletes_nothing_in_bulk(reported, signed_in, subtests):
    before = records()
    for name in PAGES:
        pks = list(apps.get_model("reporting", name).objects.values_list("pk", flat=True))
        with subtests.test(name=name), undone():
            signed_in.post(
                reverse(f"admin:reporting_{name}_changelist"), {"action": "delete_selected", "_selected_action": pks}
            )
            assert records() == before


def test_admin_shows_a_report_with_its_revisions(reported, signed_in):
    report = Report.objects.get(unit=reported.commune, day=DAY)
    page = signed_in.get(reverse("admin:reporting_report_change", args=[report.pk]))
    formset = page.context["inline_admin_formsets"][0]
    assert [form.instance for form in formset.formset.forms] == list(report.revisions.all())
    assert (formset.has_add_permission, formset.has_change_permission, formset.has_delete_permission) == (
        False,
        False,
        False,
    )


ORDER = {
    "kind": "directive",
    "number": "30-CT/TU",
    "issuer": "Thành ủy",
    "title": "Cài đặt Bluezone",
    "issued_on": "20/08/2020",
    "effective_from": "22/08/2020",
    "target_share": "0.65",
    "report_deadline": "16:30",
    "signoff_deadline": "17:30",
    "correction_days": "7",
    "official_threshold": "0,1",
}


def test_admin_adds_a_directive_with_who_and_when(cast, signed_in):
    response = signed_in.post(reverse("admin:reporting_directive_add"), ORDER)
    order = Directive.objects.get(number="30-CT/TU")
    assert response.status_code == 302
    assert (order.effective_from, order.target_share, order.by) == (date(2020, 8, 22), Decimal("0.65"), cast.admin)
    assert order.official_threshold == Decimal("0.1")
    assert order.recorded_at == at("2020-08-21 12:00")


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"effective_from": "21/08/2020"}, ["effective_from"]),
        ({"effective_from": "01/08/2020"}, ["effective_from"]),
        ({"signoff_deadline": "16:00"}, ["__all__"]),
        ({"report_deadline": "00:00"}, ["__all__"]),
        ({"effective_until": "21/08/2020"}, ["__all__"]),
        ({"target_share": "60"}, ["target_share"]),
        ({"target_share": "0,60000"}, ["target_share"]),
        ({"target_share": "0"}, ["target_share"]),
        ({"official_threshold": "5"}, ["official_threshold"]),
        ({"number": ""}, ["number"]),
    ],
)
def test_admin_refuses_a_directive_that_cannot_be(change, refused, cast, signed_in):
    response = signed_in.post(reverse("admin:reporting_directive_add"), ORDER | change)
    assert (response.status_code, list(response.context["adminform"].form.errors)) == (200, refused)
    assert Directive.objects.count() == 1


def test_admin_adds_an_exempt_day_with_who_and_when(cast, signed_in):
    typed = {"unit": cast.city.pk, "day": "02/09/2020", "reason": "Quốc khánh"}
    assert signed_in.post(reverse("admin:reporting_exemptday_add"), typed).status_code == 302
    exempt = ExemptDay.objects.get()
    assert (exempt.unit, exempt.day, exempt.by) == (cast.city, date(2020, 9, 2), cast.admin)


def test_admin_refuses_an_exempt_day_twice(cast, signed_in):
    make_exempt_day(cast.city, date(2020, 9, 2))
    typed = {"unit": cast.city.pk, "day": "02/09/2020", "reason": "Quốc khánh"}
    assert signed_in.post(reverse("admin:reporting_exemptday_add"), typed).status_code == 200
    assert ExemptDay.objects.count() == 1


def test_admin_establishes_a_unit_with_its_first_name(cast, signed_in):
    typed = {
        "code": "11413",
        "level": "commune",
        "parent": cast.district.pk,
        "phone": "0225 000 11413",
        "name": "Đằng Lâm",
        "kind": "phường",
        "effective_on": "22/08/2020",
        "population": "9000",
        "population_source": "Niên giám",
    }
    assert signed_in.post(reverse("admin:reporting_unit_add"), typed).status_code == 302
    unit = Unit.objects.named(TOMORROW).get(code="11413")
    assert (unit.full_name, unit.path, unit.parent, unit.phone, unit.opened_on) == (
        "Phường Đằng Lâm",
        "31/306/11413/",
        cast.district,
        "0225 000 11413",
        TOMORROW,
    )
    base = unit.base_figures.get()
    assert (base.population, base.source, base.effective_on, base.by) == (9000, "Niên giám", TOMORROW, cast.admin)
    assert [row.code for row in cast.district.children.all()] == ["11407", "11416", "11413"]  # by sort key


def test_texts_that_the_administrator_types_are_cleaned(cast, signed_in):
    typed = {"code": "11413", "level": "commune", "parent": cast.district.pk, "effective_on": "22/08/2020"}
    words = {"name": "Đằng\x07 Lâm\x0b", "kind": "phường\x1b", "phone": "0225\x9f 1"}
    assert signed_in.post(reverse("admin:reporting_unit_add"), typed | words).status_code == 302
    unit = Unit.objects.named(TOMORROW).get(code="11413")
    assert (unit.full_name, unit.phone) == ("Phường Đằng Lâm", "0225 1")
    day = {"unit": cast.city.pk, "day": "02/09/2020", "reason": "Quốc\x08 khánh"}
    assert signed_in.post(reverse("admin:reporting_exemptday_add"), day).status_code == 302
    assert cast.city.exempt_days.get().reason == "Quốc khánh"
    refused = signed_in.post(reverse("admin:reporting_exemptday_add"), day | {"reason": "Ơ" * 10_000})
    assert "reason" in refused.context["adminform"].form.errors


@pytest.mark.parametrize("code", ["", "11416", "11/41", "11%", "11_", "aa", "11416\n\n1", "..", "-"])
def test_admin_refuses_a_unit_whose_code_cannot_be(code, cast, signed_in):
    typed = {"code": code, "level": "commune", "parent": cast.district.pk, "name": "X", "effective_on": "22/08/2020"}
    before = records()
    response = signed_in.post(reverse("admin:reporting_unit_add"), typed)
    assert (response.status_code, list(response.context["adminform"].form.errors)) == (200, ["code"])
    assert records() == before


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"parent": "", "level": "city"}, "Thiếu đơn vị cấp trên."),
        ({"parent": "island"}, "Huyện Bạch Long Vĩ (318) là đơn vị báo cáo: không thể có đơn vị trực thuộc."),
        ({"parent": "district", "level": "district"}, "“cấp huyện” không phải là cấp trực thuộc Quận Hải An (306)."),
        (
            {"effective_on": "21/08/2020"},
            "Đơn vị mới hoạt động sớm nhất từ ngày 22/08/2020: các ngày trước giữ nguyên số liệu.",
        ),
        ({"population": "9000"}, "Dân số thiếu nguồn."),
    ],
)
def test_admin_puts_a_unit_by_the_rules_of_the_register(typed, words, cast, signed_in):
    usual = {"code": "11413", "level": "commune", "parent": "district", "name": "X", "effective_on": "22/08/2020"}
    given = usual | typed
    given["parent"] = given["parent"] and getattr(cast, given["parent"]).pk
    before = records()
    page = signed_in.post(reverse("admin:reporting_unit_add"), given)
    assert (page.status_code, list(page.context["adminform"].form.errors.values())) == (200, [[words]])
    assert records() == before


def test_admin_offers_the_day_after(cast, signed_in):
    form = signed_in.get(reverse("admin:reporting_unit_add")).context["adminform"].form
    assert form.initial["effective_on"] == TOMORROW


def test_admin_changes_of_a_unit_its_telephone_only(cast, signed_in):
    typed = {"phone": "0225 1", "code": "999", "level": "city", "parent": "", "closed_on": "21/08/2020", "name": "X"}
    signed_in.post(reverse("admin:reporting_unit_change", args=[cast.commune.pk]), typed)
    unit = Unit.objects.named(DAY).get(pk=cast.commune.pk)
    assert (unit.phone, unit.code, unit.level, unit.parent, unit.closed_on, unit.full_name) == (
        *("0225 1", "11416", "commune", cast.district, None, "Phường Đằng Hải"),
    )


def test_admin_adds_a_person_of_a_unit(cast, signed_in, client):
    typed = {
        "username": "11416-2",
        "unit": cast.commune.pk,
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert signed_in.post(reverse("admin:reporting_user_add"), typed).status_code == 302
    person = User.objects.get(username="11416-2")
    assert (person.unit, person.is_viewer, person.is_staff, person.is_superuser) == (cast.commune, False, False, False)
    assert person.check_password(PASSWORD) is True


def test_admin_refuses_a_person_without_a_unit(cast, signed_in):
    typed = {"username": "x", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    before = User.objects.count()
    response = signed_in.post(reverse("admin:reporting_user_add"), typed)
    assert (response.status_code, User.objects.count()) == (200, before)


def test_head_of_what_was_refused_is_in_vietnamese(cast, client):
    client.force_login(cast.admin)
    for sent, words in (({}, "Hãy sửa các lỗi dưới đây."), ({"username": "canbo moi"}, "Hãy sửa các lỗi dưới đây.")):
        page = client.post("/admin/reporting/user/add/", sent).text
        assert words in page
        assert not [english for english in ("Please correct", "Error:") if english in page]


def test_admin_shows_what_was_withdrawn_with_the_reason(cast, signed_in):
    records = [make_exempt_day(cast.district, DAY), cast.commune.base_figures.get(), cast.commune.names.get()]
    for record in records:
        withdraw(record, at("2020-08-21 11:00"), by=cast.city_clerk, reason="Ghi nhầm đơn vị")
        name = record._meta.model_name
        assert "11h00" in signed_in.get(reverse(f"admin:reporting_{name}_changelist")).text
        assert "Ghi nhầm đơn vị" in signed_in.get(reverse(f"admin:reporting_{name}_change", args=[record.pk])).text
