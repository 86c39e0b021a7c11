"""The OpenAPI document keeps what docs/openapi.v1.json promises: nothing is removed and nothing changes its type.

What is added goes into the file by hand: `UPDATE=1 pytest tests/api/test_contract.py` writes it.
"""

import copy
import json
import os

import pytest
from django.utils import translation

from reporting.api import document
from tests.served import ROOT

PROMISED = ROOT / "docs" / "openapi.v1.json"
WORDS = {"description", "summary", "info", "servers", "title"}


def answered():
    with translation.override("en"):
        return json.loads(json.dumps(document(), default=str, indent=1))


def broken(promised, now, place=""):
    """The places of what is promised and no longer so."""
    if isinstance(promised, dict) and isinstance(now, dict):
        for key, value in promised.items():
            if key not in WORDS or place.endswith("/properties"):  # a field may be called like one of them
                yield from broken(value, now[key], f"{place}/{key}") if key in now else [f"{place}/{key}"]
    elif isinstance(promised, list) and isinstance(now, list):
        for number, value in enumerate(promised):
            faults = [list(broken(value, one, f"{place}/{number}")) for one in now]
            yield from min(faults, key=len, default=[f"{place}/{number}"])
    elif promised != now:
        yield place


def test_nothing_that_was_promised_is_gone():
    if "UPDATE" in os.environ:
        PROMISED.write_text(json.dumps(answered(), ensure_ascii=False, indent=1) + "\n")
    assert list(broken(json.loads(PROMISED.read_text()), answered())) == []


@pytest.mark.parametrize(("schema", "field"), [("UnitOut", "code"), ("ReportOut", "version"), ("DaysOut", "as_of")])
def test_field_that_is_removed_is_named(schema, field):
    promised, now = answered(), answered()
    del now["components"]["schemas"][schema]["properties"][field]
    assert list(broken(promised, now)) == [f"/components/schemas/{schema}/properties/{field}"]


def test_bound_parameter_and_state_that_change_are_named():
    promised, changed = answered(), []
    for path, key, value in (("/parameters/1/schema", "type", "string"), ("/parameters/0", "name", "x")):
        now = copy.deepcopy(promised)
        place = now["paths"]["/api/v1/units/{code}/reports"]["get"]
        for part in path.split("/")[1:]:
            place = place[int(part) if part.isdigit() else part]
        place[key] = value
        changed.append(list(broken(promised, now)) != [])
    assert changed == [True, True]
