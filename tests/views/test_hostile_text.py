"""What nobody types in good faith: NUL and 10,000 characters in all that takes text are stored clean or refused."""

import importlib
import inspect
import pkgutil
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django import forms as django_forms
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

import reporting.forms
from reporting import acts
from reporting.forms.fields import CleanTextField
from reporting.models import ExplanationRequest
from reporting.pages import day_to_seal
from reporting.text import parsing
from reporting.urls import urlpatterns
from tests import factories as f
from tests.payloads import PAYLOADS
from tests.prepared import prepared, undone

from .test_campaign import DIRECTIVE
from .visits import frozen

EVENING = "2020-08-21 17:30"
FORMS = [
    found
    for module in pkgutil.iter_modules(reporting.forms.__path__)
    for _name, found in inspect.getmembers(importlib.import_module(f"reporting.forms.{module.name}"), inspect.isclass)
    if issubclass(found, django_forms.BaseForm) and found.__module__ == f"reporting.forms.{module.name}"
]
LONG = "Ơ" * 10_000
SHORT = [name for name, text in PAYLOADS.items() if len(text) < 100]

# A form that would be taken: who sends it, when, where, its fields; the last of them are the texts that it stores.
OFFICER = {"installs": "89", "base_version": "1"}
BELOW = {"unit": "11416", "base_version": "1"}
TODAY = "21/08/2020"
SENT = {
    "report": (
        "officer",
        "2020-08-21 12:00",
        "report/2020-08-21",
        "11416",
        OFFICER | {"confirm": "on"},
        ["note", "confirm_reason"],
    ),
    "late_request": (
        *("officer", EVENING, "late/2020-08-21", "11416"),
        OFFICER | {"reason": "other", "other_reason": "Mất mạng"},
        ["note", "other_reason"],
    ),
    "report_void": ("officer", "2020-08-21 12:00", "reports/2020-08-21/void", "11416", BELOW, ["reason"]),
    "entry": (
        *("district_clerk", EVENING, "entry/2020-08-21", "306"),
        {"11407-installs": "7", "11407-opening": "5", "11407-base_version": "0", "reason": "Gọi điện"},
        ["reason", "11407-paper_ref"],
    ),
    "sign_off": (
        *("district_clerk", EVENING, "review/2020-08-21/sign-off", "306"),
        {"version-11416": "1", "version-11407": "0"},
        ["reason"],
    ),
    "withdraw": ("district_clerk", EVENING, "review/2020-08-21/withdraw", "306", {}, ["reason"]),
    "reopen": (
        *("district_clerk", EVENING, "review/2020-08-21/reopen", "306"),
        BELOW | {"until_day": TODAY, "hour": "19h00"},
        ["reason"],
    ),
    "void": ("district_clerk", EVENING, "review/2020-08-21/void", "306", BELOW, ["reason"]),
    "adjust": ("district_clerk", EVENING, "review/2020-08-21/adjust", "306", BELOW | {"adjustment": "-8"}, ["reason"]),
    "decide": ("other_clerk", EVENING, "review/2020-08-21/decide", "311", {"decision": "accepted"}, ["remark"]),
    "seal": ("city_clerk", EVENING, "seal/2020-08-20", "31", {}, ["reason"]),
}
OF_THE_CITY = {
    "extension": ({"day": TODAY, "hour": "19h00"}, ["reason"]),
    "unit_hour": ({"effective_from": "22/08/2020", "report_deadline": "16h00"}, ["reason"]),
    "exempt": ({"day": "02/09/2020"}, ["reason"]),
    "downtime": ({"day": TODAY, "from_hour": "16h30", "to_hour": "17h10"}, ["reason"]),
    "directive": (DIRECTIVE | {"effective_from": "22/08/2020"}, ["number", "issuer", "title", "grounds"]),
    "base": ({"effective_on": TODAY, "population": "19000"}, ["source"]),
}
# With addresses of their own: who sends it, where, its fields, the texts.
ELSEWHERE = {
    "person_add": (
        *("district_clerk", "/people/add/"),
        {"last_name": "Phạm Thị", "first_name": "Hoà", "phone": "0912 345 678", "email": "", "username": ""},
        ["last_name", "first_name"],
    ),
    "covers": ("district_clerk", "/people/covers/", {"first_day": TODAY, "last_day": "22/08/2020"}, ["reason"]),
    "official_record": (
        *("city_clerk", "/units/31/official/2020-08-21/record/"),
        {
            "unit_code": "306",
            "metric": "downloads",
            "value": "40.000",  # more than its people: it is explained
            "counted_day": TODAY,
            "counted_hour": "17h00",
            "confirm": "on",
            "source": "Cục Tin học hóa",
            "explanation": "Theo công văn",
        },
        ["source", "explanation"],
    ),
}
ELSEWHERE["official_ask"] = (
    *("city_clerk", "/units/306/official/2020-08-21/ask/"),
    {"unit": "11416", "metric": "downloads"},
    ["question"],
)
ELSEWHERE["official_answer"] = ("district_clerk", "/units/306/official/2020-08-21/answer/", {}, ["answer"])
CASES = [(name, field) for name, (*_ways, fields) in SENT.items() for field in fields]
CASES += [(name, field) for name, (*_ways, fields) in ELSEWHERE.items() for field in fields]
CASES += [(name, field) for name, (_base, fields) in OF_THE_CITY.items() for field in fields]


@prepared
def there(cast):
    """Something for each act: a report, a confirmation to withdraw, a request that waits."""
    f.make_report(cast.commune, installs=88, opening=5, by=cast.officer)
    f.make_official(cast.commune, 50)
    f.make_explanation_request(cast.neighbour, cast.city_clerk)
    cast.waiting = f.make_late_request(cast.stranger, cast.stranger_officer, opening=3)
    return cast


def send(cast, name, field, text):
    """Post the form with the text in the field."""
    client = Client()
    if name in ELSEWHERE:
        person, path, base, _texts = ELSEWHERE[name]
        held = {"person_add": {"unit": cast.commune.pk}}
        if name == "official_answer":
            held[name] = {"request": ExplanationRequest.objects.get().pk}
        held["covers"] = {"person": cast.neighbour_officer.pk, "unit": cast.commune.pk}
        moment, fields = EVENING, {**base, **held.get(name, {}), field: text}
    elif name in OF_THE_CITY:
        person, moment, path = "city_clerk", EVENING, reverse("reporting:campaign_add", args=[name])
        unit = cast.commune if name == "base" else cast.district
        base = OF_THE_CITY[name][0] | ({} if name == "directive" else {"unit": unit.pk})
        fields = {f"{name}-{key}": value for key, value in {**base, **filler(name), field: text}.items()}
    else:
        person, moment, address, code, base, _texts = SENT[name]
        path = f"/units/{code}/{address}/"
        fields = {**base, **filler(name), field: text}
    if name == "decide":
        fields["request"] = cast.waiting.pk
    with frozen(moment):
        fields |= prepare(cast, name)
        client.force_login(getattr(cast, person))
        answer = client.post(path, fields)
        if name in OF_THE_CITY and answer.status_code == 200:  # what it will do is shown first
            shown = f"{name}-shown"
            return client.post(path, fields | {shown: answer.context["bound"].data[shown]})
        return answer


def filler(name):
    """What the form demands beside the field under test."""
    return dict.fromkeys(OF_THE_CITY[name][1] if name in OF_THE_CITY else SENT[name][-1], "Lý do")


def prepare(cast, name):
    """What has to be there for one act alone; what its form names of it."""
    stamp = f.stamp(cast.district_clerk, f.at("2020-08-21 17:20"))
    if name == "withdraw":
        versions = acts.versions_below(cast.district, f.DAY)
        signed = acts.sign_off(unit=cast.district, day=f.DAY, versions=versions, reason="Mất điện", **stamp)
        return {"shown": signed.pk}
    if name == "seal":
        day = f.DAY - timedelta(days=1)
        return {"shown": day_to_seal.on_day(cast.city, day, by=cast.city_clerk, at=f.at(EVENING)).digest}
    return {}


def texts():
    """Every text that is stored, with the field that it is stored in."""
    found = []
    for model in apps.get_app_config("reporting").get_models():
        fields = [field for field in model._meta.fields if isinstance(field, models.CharField | models.TextField)]
        if not fields:
            continue
        for record in model.objects.order_by("pk").values_list(*[field.name for field in fields]):
            found += [(field, value) for field, value in zip(fields, record, strict=True) if isinstance(value, str)]
    return found


def is_first(case) -> bool:
    """Of the fields of a form the first is tried at once, the others in the full matrix."""
    return case == next(other for other in CASES if other[0] == case[0])


@pytest.mark.matrix
@pytest.mark.sql  # NUL, surrogates and lengths are what the databases differ in
@pytest.mark.parametrize(
    ("name", "field"), [case if is_first(case) else pytest.param(*case, marks=pytest.mark.matrix) for case in CASES]
)
def test_text_that_nobody_means_is_stored_clean_or_refused(name, field, there, subtests):
    """Each text to the same form, sent to the same day."""
    with subtests.test("what is tried would be taken, so that a refusal below is for the text"), undone():
        assert send(there, name, field, "Văn bản riêng").status_code == (200 if name == "person_add" else 302)
        assert any("Văn bản riêng" in value for _field, value in texts())
    with subtests.test("NUL is taken out or refused"), undone():
        assert send(there, name, field, "Văn\x00 bản \x07riêng").status_code in (200, 302, 422)
        assert [value for _field, value in texts() if "\x00" in value or "\x07" in value] == []
    with subtests.test("10,000 characters are refused"), undone():
        assert send(there, name, field, LONG).status_code == 422
        assert [value for _field, value in texts() if "Ơ" * 50 in value] == []
        assert [field for field, value in texts() if field.max_length and len(value) > field.max_length] == []
    for payload in SHORT:
        with subtests.test("stored as text or refused at its field", payload=payload), undone():
            stored_as_text_or_refused(there, name, field, PAYLOADS[payload])


def stored_as_text_or_refused(cast, name, field, payload):
    text = f"{payload} Văn bản riêng"
    answer = send(cast, name, field, text)
    is_stored = any(parsing.clean(text) in parsing.clean(value) for _field, value in texts())
    if answer.status_code == 422:
        assert (is_stored, 'class="error"' in answer.text) == (False, True)
    else:
        assert (is_stored, answer.status_code) == (True, 200 if name == "person_add" else 302)
    assert payload not in answer.text or not {"<", '"'} & set(text)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_text_that_is_typed_is_cleaned_and_has_a_longest(form):
    typed = {
        name: field
        for name, field in form.base_fields.items()
        if type(field) is django_forms.CharField or isinstance(field, CleanTextField)
    }
    shown = {name: field for name, field in typed.items() if not field.widget.is_hidden}
    assert [name for name, field in shown.items() if field.max_length is None] == []


NUL_ADDRESSES = [
    "/units/%00/",
    "/units/1%0016/report/2020-08-21/",
    "/units/306/board/%00/",
    "/campaign/%00/",
    "/%00",
    "/static/%00",
]


@pytest.mark.sql
@pytest.mark.parametrize("address", NUL_ADDRESSES)
def test_address_with_a_nul_is_refused(address, cast, client):
    client.force_login(cast.city_clerk)
    assert client.get(address).status_code == 400


@pytest.mark.sql
@pytest.mark.parametrize("name", ["sessionid", "django_language", "csrftoken"])
def test_cookie_with_a_nul_is_refused(name, client, db):
    assert client.get("/accounts/login/", headers={"cookie": f'{name}="aaaaaaaaaaaa\\000"'}).status_code == 400


def encoded(fields):
    return urlencode(fields, errors="surrogatepass")


@pytest.mark.matrix
@pytest.mark.sql
@pytest.mark.parametrize("text", ["\x00", "11407\x00", LONG, "\ud800", "' OR 1=1 --"])
def test_choice_that_nobody_was_offered_is_not_found(text, there):
    chosen = {"code": text, "unit": text, "request": text, "reports": text, "decision": text, "action": text}
    client = Client()
    with frozen(EVENING):
        client.force_login(there.district_clerk)
        before = texts()
        for pattern in urlpatterns:
            if "<str:code>" in str(pattern.pattern) and "<day:day>" in str(pattern.pattern):
                path = reverse(f"reporting:{pattern.name}", args=["306", f.DAY])
                answer = client.post(path, encoded(chosen), content_type="application/x-www-form-urlencoded")
                assert answer.status_code in (302, 403, 404, 405, 409, 422)
    assert texts() == before


@pytest.mark.sql
@pytest.mark.parametrize("text", ["a\x00b", LONG, "\u202e"])
@pytest.mark.parametrize("field", ["username", "password"])
def test_nobody_signs_in_with_such_a_name_or_password(field, text, cast, client):
    sent = {"username": "11416", "password": f.PASSWORD, field: text}
    answer = client.post("/accounts/login/", sent)
    assert (answer.status_code < 500, "_auth_user_id" in client.session) == (True, False)
