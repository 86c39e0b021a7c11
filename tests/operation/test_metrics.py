"""What Prometheus reads: the state of the day, the time of requests, and who may read it."""

import json
import re
import shutil
import subprocess

import pytest
from django.test import Client

from reporting.models import AccessRecord
from reporting.operation import metrics, readiness

from ..factories import DAY, make_report
from ..served import ROOT
from ..views.visits import frozen, send

RULES, DASHBOARD = ROOT / "deploy" / "alerts.yml", ROOT / "deploy" / "dashboard.json"


def read_metrics(moment="2020-08-21 16:45"):
    """Every line by its name and labels."""
    with frozen(moment):
        response = Client().get("/metrics")
    assert response.status_code == 200
    lines = [line for line in response.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _blank, value in (line.rpartition(" ") for line in lines)}


def test_how_the_day_stands(cast, settings, tmp_path):
    settings.STATE_FOLDER = tmp_path
    with frozen("2020-08-21 13:45"):
        readiness.note(readiness.BACKUP, True, "x")
        readiness.note(readiness.VERIFY, False, "x")
    make_report(cast.commune, DAY, installs=3, opening=1)
    Client().post("/accounts/login/", {"username": "31", "password": "wrong"})
    found = read_metrics()
    assert found['bluezone_units{city="31",state="expected"}'] == 5  # three communes, the island, the agency
    assert found['bluezone_units{city="31",state="on time"}'] == 1
    assert found['bluezone_units_silent{city="31"}'] == 4
    assert found['bluezone_minutes_to_the_hour{city="31"}'] == 15
    assert [found[f'bluezone_part{{part="{part}"}}'] for part in ("disk", "backup", "verify")] == [0, 0, 1]
    assert read_metrics("2020-08-21 17:30")['bluezone_minutes_to_the_hour{city="31"}'] == -30


def test_refused_sign_ins_of_the_last_quarter(cast):
    """Each of them, though an address that guesses leaves one record a minute."""
    with frozen("2020-08-21 16:40"):
        for name in ("31", "31", "nobody", "no one"):
            Client().post("/accounts/login/", {"username": name, "password": "wrong"})
    assert AccessRecord.objects.filter(kind="refused").count() == 2
    assert read_metrics()["bluezone_sign_in_failures"] == 4
    assert read_metrics("2020-08-21 16:56")["bluezone_sign_in_failures"] == 0


def test_requests_are_counted_by_view(cast):
    name = 'bluezone_requests_total{method="POST",status="302",view="reporting:report"}'
    before = read_metrics()
    assert send(cast.officer, cast.commune).status_code == 302
    Client().get("/made-up-by-a-stranger/")
    after = read_metrics()
    assert after[name] - before.get(name, 0) == 1
    assert [line for line in after if "made-up" in line] == []
    assert 'bluezone_requests_total{method="GET",status="404",view="none"}' in after


@pytest.mark.skipif(not shutil.which("promtool"), reason="apt-get install prometheus")
def test_alert_rules_are_understood_and_speak_of_figures_that_there_are(cast, settings, tmp_path):
    checked = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = subprocess.run(
        ["promtool", "test", "rules", ROOT / "tests" / "operation" / "alerts_test.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
    dashboard = [each["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for each in panel["targets"]]
    named = set(re.findall(r"\bbluezone_\w+", RULES.read_text() + " ".join(dashboard))) - {"bluezone_report"}
    there = metrics.page().decode()
    assert {name for name in named if f"# TYPE {re.sub('_(bucket|count|sum)$', '', name)}" not in there} == set()
