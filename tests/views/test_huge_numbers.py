"""Numbers that no column can hold are refused in words on every form: never a 500."""

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse

from reporting.forms.review import PassUpForm
from reporting.models import PassedUp, Report

from .. import factories as f
from ..some import some

# Larger than an integer, than a bigint, and longer than either; the others only in `make test-all`.
HUGE = some(["2147483648", "9223372036854775808", "9" * 40, "999999999999", "-" + "9" * 20], ["2147483648"])
EVENING = f.at("2020-08-21 18:00")

pytestmark = pytest.mark.sql


def sendings(cast):
    """Who posts what where: the number goes into each field that is None."""
    figures = {"installs": "5", "opening": "1", "reason": "mất điện", "covers": "day_only"}
    below = {"unit": "11416", "reason": "x"}
    return [
        (cast.officer, "report", "11416", {**figures, "base_version": None}),
        (cast.officer, "report", "11416", figures),
        (cast.officer, "report", "11416", {"installs": None, "cumulative": "", "opening": None}),
        (cast.officer, "report", "11416", {"cumulative": None, "households_visited": None, "opening": None}),
        (cast.officer, "late_request", "11416", {**figures, "replaces": None}),
        (cast.officer, "late_request", "11416", {**figures, "base_version": None}),
        (cast.district_clerk, "pass_up", "306", {"reports": None}),
        (cast.district_clerk, "decide", "306", {"request": None, "decision": "accepted"}),
        (cast.district_clerk, "adjust", "306", {**below, "adjustment": None, "base_version": None, "confirm": "on"}),
        (cast.district_clerk, "adjust", "306", {**below, "adjustment": None, "base_version": "1", "confirm": "on"}),
        (cast.district_clerk, "void", "306", {**below, "base_version": None}),
        (
            cast.district_clerk,
            "reopen",
            "306",
            {**below, "hour": "20h00", "until_day": "21/08/2020"},
        ),
        (cast.district_clerk, "sign_off", "306", {"version-11416": None, "reason": "x"}),
        (cast.district_clerk, "entry", "306", {"11416-installs": None, "11416-base_version": "1", "reason": "x"}),
        (cast.district_clerk, "entry", "306", {"11416-installs": "6", "11416-base_version": None, "reason": "x"}),
        (cast.district_clerk, "entry", "306", {"11416-installs": "6", "reason": "x"}),
    ]


@pytest.mark.parametrize("number", HUGE)
def test_number_that_no_column_holds_is_refused_in_words(number, cast, client, subtests):
    f.make_report(cast.commune, installs=5, opening=1, note="Mạng yếu")
    for user, name, code, fields in sendings(cast):
        sent = {field: number if value is None else value for field, value in fields.items()}
        client.force_login(user)
        with subtests.test(name=name, fields=sorted(fields)), time_machine.travel(EVENING, tick=False):
            page = client.post(reverse(f"reporting:{name}", args=[code, f.DAY]), sent)
            assert page.status_code in {302, 404, 409, 422}
    assert not PassedUp.objects.exists()
    assert Report.objects.get(kind="daily").cumulative < 20_000


def test_constraint_met_anywhere_is_said_in_words(cast, client, monkeypatch):
    def meets(*args, **kwargs):
        raise IntegrityError("UNIQUE constraint failed")

    client.force_login(cast.district_clerk)
    monkeypatch.setattr(PassUpForm, "act", meets)
    report = f.make_report(cast.commune, installs=5, note="Mạng yếu")
    with time_machine.travel(EVENING, tick=False):
        page = client.post(reverse("reporting:pass_up", args=["306", f.DAY]), {"reports": report.pk})
    assert (page.status_code, "Chưa có gì bị thay đổi" in page.text) == (409, True)
