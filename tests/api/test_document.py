"""The OpenAPI document describes what the API answers, for programs and for people."""

from contextlib import contextmanager

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings

from reporting import acts
from tests import factories as f
from tests.prepared import prepared, undone
from tests.views.visits import look

from .reading import API, frozen

EVENING = "2020-08-21 19:00"
CODES = ["31", "306", "11416", "SYT"]
ANSWERED = ["units", "day", "days", "days_csv", "reports", "changes", "official", "campaign"]
EXAMPLES = 40


@prepared
def sealed(cast):
    for unit in (cast.commune, cast.stranger, cast.island, cast.agency):
        f.make_report(unit)
    f.make_official(cast.commune, 5)
    f.make_extension(cast.commune)
    f.make_exempt_day(cast.stranger, f.DAY)
    f.make_downtime()
    acts.seal(unit=cast.city, day=f.DAY, **f.stamp(None, f.at("2020-08-21 18:10")))
    return cast


def document():
    return Client().get(f"{API}openapi.json").json()


def test_document_names_every_operation_and_what_it_refuses(db):
    found = document()
    operations = {get["operationId"]: get for path in found["paths"].values() for get in path.values()}
    assert list(operations) == ANSWERED
    for name, operation in operations.items():
        known = set() if name == "days_csv" else {"304"}
        assert set(operation["responses"]) == {"200", "401", "404", "422", "429", "500", "503"} | known
        assert operation["security"] == [{"Bearer": []}, {"Basic": []}]
    schemes = {name: {"type": "http", "scheme": name.lower()} for name in ("Bearer", "Basic")}
    assert found["components"]["securitySchemes"] == schemes


def test_page_for_people_names_the_same_without_a_script(cast):
    page = look(cast.officer, "api_docs")
    assert page.status_code == 200
    for path in document()["paths"]:
        assert f"GET {path}" in page.text
    assert "cdn" not in page.text
    assert Client().get("/api/").url == "/accounts/login/?next=/api/"


@contextmanager
def connection_kept():
    """A server closes the connection that a request leaves open; here the test's transaction must continue."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.matrix
@pytest.mark.filterwarnings("default")  # from the tool's own libraries
@pytest.mark.parametrize("name", ANSWERED)
def test_answers_are_as_the_document_says(name, sealed, settings):
    settings.TOKEN_REQUESTS_PER_MINUTE = 0
    found = document()
    for path, methods in found["paths"].items():  # the required fields that are present
        for asked_for in methods["get"].get("parameters", []):
            if asked_for["name"] == "code":
                asked_for["schema"] = {"enum": CODES}
            if asked_for["name"] in ("from", "to") or (path.endswith("{day}") and asked_for["name"] == "day"):
                asked_for["schema"] = {"enum": ["2020-08-20", "2020-08-21"]}
    schemathesis = pytest.importorskip("schemathesis")
    schema = schemathesis.openapi.from_dict(found)
    schema.app = get_wsgi_application()
    secret = f.make_token(sealed.city, sealed.city_clerk)
    operation = next(
        operation.ok()
        for operation in schema.get_all_operations()
        if operation.ok().definition.raw["operationId"] == name
    )
    statuses = set()
    with connection_kept():
        check_examples(operation, secret, statuses)
    assert 200 in statuses
    assert statuses <= {200, 404, 422}


def checked():
    by_name = pytest.importorskip("schemathesis.specs.openapi").checks
    names = ["status_code_conformance", "content_type_conformance", "response_schema_conformance"]
    names += ["negative_data_rejection", "unsupported_method"]
    return [getattr(by_name, name) for name in names]


def check_examples(operation, secret, statuses):
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def check(case):
        with undone(), frozen(EVENING):
            response = case.call(headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"})
            case.validate_response(response, checks=checked())
        statuses.add(response.status_code)

    check()
