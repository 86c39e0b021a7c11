"""Malicious text: every text field cleans its value and has a maximum length; the rest is refused.

The result of cleaning is in tests/forms/test_report.py. Text that was stored past all forms (tests/payloads.py) is read
on pages here, in files in tests/exports/test_payload_cells.py.
"""

import importlib
import inspect
import pkgutil
from urllib.parse import urlencode

import lxml.html
import pytest
from django import forms as django_forms
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

import reporting.forms
from reporting.forms.fields import CleanTextField
from reporting.urls import urlpatterns
from tests import factories as f
from tests.browser.test_every_route import PAGES
from tests.payloads import ATTRIBUTE, IMAGE, LINK, SCRIPT, TYPED, fill, text_of
from tests.prepared import prepared

from .visits import frozen

EVENING = "2020-08-21 17:30"
FORMS = [
    found
    for module in pkgutil.iter_modules(reporting.forms.__path__)
    for _name, found in inspect.getmembers(importlib.import_module(f"reporting.forms.{module.name}"), inspect.isclass)
    if issubclass(found, django_forms.BaseForm) and found.__module__ == f"reporting.forms.{module.name}"
]
LONG = "Ơ" * 10_000


@prepared
def records(cast):
    """A report and a waiting request."""
    f.make_report(cast.commune, installs=88, opening=5, by=cast.officer)
    f.make_late_request(cast.stranger, cast.stranger_officer, opening=3)
    return cast


def texts():
    """Every text that is stored, with its field."""
    found = []
    for model in apps.get_app_config("reporting").get_models():
        fields = [field for field in model._meta.fields if isinstance(field, models.CharField | models.TextField)]
        if not fields:
            continue
        for record in model.objects.order_by("pk").values_list(*[field.name for field in fields]):
            found += [(field, value) for field, value in zip(fields, record, strict=True) if isinstance(value, str)]
    return found


NOT_STORED = {"as_of", "code", "password_again", "password", "old_password", "new_password1", "new_password2"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_text_that_is_typed_is_cleaned_and_has_a_longest(form):
    typed = {
        name: field
        for name, field in form.base_fields.items()
        if type(field) is django_forms.CharField or isinstance(field, CleanTextField)
    }
    shown = {name: field for name, field in typed.items() if not field.widget.is_hidden}
    assert [name for name, field in shown.items() if field.max_length is None] == []
    assert {name for name, field in shown.items() if not isinstance(field, CleanTextField)} <= NOT_STORED


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


# The beginning of the text fits the short fields too; long fields have all of it.
WALKS = {"script": SCRIPT + IMAGE + ATTRIBUTE + LINK, "attribute": ATTRIBUTE + SCRIPT + IMAGE + LINK}
INJECTED = "//script[not(@src)] | //img[@src='x'] | //*[@onerror or @onfocus or @onload or @style]"


@pytest.mark.matrix  # slow: visits every page
@pytest.mark.parametrize("payload", WALKS.values(), ids=WALKS)
def test_stored_text_is_text_on_every_page(payload, cast):
    fill(cast, payload)
    wanted, shown = {name: " ".join(text_of(name, payload).split()) for name in TYPED}, set()
    withdrawn = PAGES["campaign_withdraw"]  # its downtime has been withdrawn
    for person, path in [visit for visits in PAGES.values() if visits is not withdrawn for visit in visits]:
        client = Client()
        with frozen(EVENING):
            if person:
                client.force_login(getattr(cast, person))
            answer = client.get(path.format(officer=cast.officer.pk))
        assert answer.status_code in (200, 422), path
        page = lxml.html.fromstring(answer.text)
        assert page.xpath(INJECTED) == [], path
        text = " ".join(" ".join([page.text_content(), *page.xpath("//@*")]).split())
        shown |= {name for name, whole in wanted.items() if whole in text}
    assert len(shown) > len(TYPED) / 2, set(TYPED) - shown  # so that there is something to find


def encoded(fields):
    return urlencode(fields, errors="surrogatepass")


@pytest.mark.matrix
@pytest.mark.sql
@pytest.mark.parametrize("text", ["\x00", "11407\x00", LONG, "\ud800", "' OR 1=1 --"])
def test_choice_that_nobody_was_offered_is_not_found(text, records):
    chosen = {"code": text, "unit": text, "request": text, "reports": text, "decision": text, "action": text}
    client = Client()
    with frozen(EVENING):
        client.force_login(records.district_clerk)
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
