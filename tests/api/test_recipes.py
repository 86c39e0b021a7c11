"""The recipes of docs/api.md, run as written against a running server, on three days in a row."""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta

import pytest

from reporting import acts
from tests import factories as f
from tests.served import ROOT

from .test_mirror import DOCS, block, by_unit

PANDAS = ROOT / ".venv" / "recipes" / "bin" / "python"
DAYS = [f.DAY + timedelta(days=number) for number in range(3)]


@pytest.fixture
def evenings(transactional_db, live_server, time_machine):
    """Three evenings. On each a commune and an agency have reported, and the city has sealed; on the last one the day
    before is corrected.

    Returns the day, the cumulatives, and the environment variables of a recipe.
    """
    cast = f.make_cast()
    token = f.make_token(cast.city, cast.city_clerk)
    environment = {**os.environ, "API": f"{live_server.url}/api/v1", "TOKEN": token, "UNIT": "31"}

    def told():
        for number, day in enumerate(DAYS, start=1):
            time_machine.move_to(f.at(f"{day} 19:00"))
            for unit in (cast.commune, cast.agency):
                f.make_report(unit, day, installs=8, opening=100 if number == 1 else None)
            acts.seal(unit=cast.city, day=day, **f.stamp(None, f.at(f"{day} 17:10")))
            correction = -3 if number == 3 else 0
            if correction:
                stamp = f.stamp(cast.district_clerk, f.at(f"{day} 18:00"))
                about = {"unit": cast.commune, "day": DAYS[0], "adjustment": correction, "reason": "Trùng máy"}
                acts.adjust(**about, base_version=1, **stamp)
            yield day, {"11416": 100 + 8 * number + correction, "SYT": 100 + 8 * number}, environment

    return told()


def output(command, environment, text=None, **options):
    run = subprocess.run(command, input=text, env=environment, stdout=subprocess.PIPE, text=True, check=True, **options)
    return run.stdout


def read_table(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(not shutil.which("curl"), reason="apt-get install curl")
def test_shell_and_mirror(evenings, tmp_path):
    for day, cumulatives, environment in evenings:
        output(["sh", "-ec", block("sh")], environment, cwd=tmp_path)
        newest = [line for line in read_table(tmp_path / "days.csv") if line["day"] == f"{day}"]
        assert {line["unit"]: int(line["cumulative"]) for line in newest if line["cumulative"]} == cumulatives
        output([sys.executable, DOCS / "mirror.py"], {**environment, "API": f"{environment['API']}/"}, cwd=tmp_path)
        with closing(sqlite3.connect(tmp_path / "mirror.sqlite3")) as db:
            assert by_unit(db, day) == cumulatives
    sealed = {(one["day"], one["unit"]): one["cumulative"] for one in read_table(tmp_path / "days-chot.csv")}
    assert [sealed[f"{day}", "11416"] for day in DAYS] == ["108", "116", "124"]  # the correction came after
    assert sealed["2020-08-20", "11416"] == ""  # never sealed


@pytest.mark.matrix
@pytest.mark.recipes
def test_pandas(evenings):
    told = "print(by_district.loc[days.day.max()].to_json())"
    for _day, cumulatives, environment in evenings:
        sums = output([PANDAS, "-"], environment, f"{block('python')}\n{told}\n")
        assert json.loads(sums) == {"306": cumulatives["11416"], "311": None, "318": None}
