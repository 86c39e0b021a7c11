"""The recipes of docs/api.md, run as they stand there against a running server."""

import json
import os
import sqlite3
import subprocess
import sys
from datetime import date
from urllib.request import Request, urlopen

import pytest

from reporting import acts
from reporting.models import Seal
from tests import factories as f

from . import power_query
from .test_mirror import DOCS, EVENING, block, by_unit

PANDAS = power_query.PACKAGES / "bin" / "python"


@pytest.fixture
def served(transactional_db, live_server, time_machine):
    """A server with a commune and an agency that have reported, and a seal: the environment that a recipe reads."""
    cast = f.make_cast()
    f.make_report(cast.commune, installs=88, opening=1000)
    f.make_report(cast.agency, installs=5, opening=0)
    time_machine.move_to(f.at(EVENING))
    moment = f.at("2020-08-21 17:10")
    acts.seal(unit=cast.city, day=f.DAY, by=None, at=moment, now=lambda: moment)
    token = f.make_token(cast.city, cast.city_clerk)
    return {**os.environ, "API": f"{live_server.url}/api/v1", "TOKEN": token, "UNIT": "31"}


def output(command, environment, text=None, **options):
    run = subprocess.run(command, input=text, env=environment, stdout=subprocess.PIPE, text=True, check=True, **options)
    return run.stdout


def lines_as_json(environment):
    """The same days page by page: numbers are numbers there, and missing is null."""
    asked = Request(
        f"{environment['API']}/units/31/days?from=2020-08-06&to=2020-08-21&limit=31",
        headers={"Authorization": f"Bearer {environment['TOKEN']}"},
    )
    with urlopen(asked, timeout=30) as answer:
        days = json.load(answer)["days"]
    lines = [{"day": then["day"], **line} for then in days for line in then["lines"]]
    assert [line["installs"] for line in lines if line["day"] == "2020-08-21" and line["installs"]] == [88, 5]
    return lines


def test_shell_and_mirror(served, tmp_path):
    assert json.loads(output(["sh", "-ec", block("sh")], served, cwd=tmp_path))["own"]["cumulative"] == 1088
    lines = (tmp_path / "days.csv").read_text().splitlines()
    assert len(lines) == 1 + len(lines_as_json(served))
    assert [line for line in lines if line.startswith("2020-08-21,11416,306,false,on_time,88,0,1088,")] != []
    for _twice in range(2):
        output([sys.executable, DOCS / "mirror.py"], {**served, "API": f"{served['API']}/"}, cwd=tmp_path)
    assert by_unit(sqlite3.connect(tmp_path / "mirror.sqlite3"), f.DAY) == {"11416": 1088, "SYT": 5}


@pytest.mark.matrix
@pytest.mark.recipes
def test_pandas(served):
    told = """
print(days.assign(day=days.day.dt.strftime("%Y-%m-%d")).to_json(orient="records"))
print(by_district[by_district.index.get_level_values("day") == "2020-08-21"].to_json(orient="values"))
"""
    table, sums = output([PANDAS, "-"], served, block("python") + told).splitlines()
    assert json.loads(table) == lines_as_json(served)
    assert json.loads(sums) == [1088, None, None]


@pytest.mark.matrix
@pytest.mark.recipes
def test_r(served):
    told = """
    cat(jsonlite::toJSON(days, na = "null", digits = NA), "\\n")
    newest <- by_district[by_district$day == as.Date("2020-08-21"), ]
    cat(newest$superior, newest$cumulative, seal$digest)
    """
    table, sums = output(["Rscript", "--vanilla", "-"], served, block("r") + told).splitlines()
    assert json.loads(table) == lines_as_json(served)
    assert sums == f"306 1088 {Seal.objects.get().digest}"


@pytest.mark.matrix
@pytest.mark.recipes
def test_power_query(served):
    found = power_query.result(block("m"), Api=served["API"], Token=served["TOKEN"])
    assert found == [line | {"day": date.fromisoformat(line["day"])} for line in lines_as_json(served)]
    assert {type(line["cumulative"]) for line in found} == {int, type(None)}
    with pytest.raises(power_query.NotRead, match="right bracket"):
        power_query.syntax(block("m").replace(" & Token]", " & Token"))


@pytest.mark.matrix
@pytest.mark.recipes
def test_power_query_with_a_column_that_is_not_there_or_another_type_is_found(served):
    for before, after, error in (
        ('"cumulative"', '"total"', KeyError),
        ('{"share", type number}', '{"share", Int64.Type}', ValueError),
        ('"Bearer " & Token', "Token", OSError),
    ):
        with pytest.raises(error):
            power_query.result(block("m").replace(before, after), Api=served["API"], Token=served["TOKEN"])
