"""Runs in a copy of the product with one more count: sends a report with it, and reads it everywhere.

Prints the results as JSON; `test_adding_a_figure.py` makes the copy and compares.
"""

import csv
import io
import json

import django
import time_machine
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse
from openpyxl import load_workbook

django.setup()
setup_test_environment()
call_command("makemigrations", "reporting", name="people_advised", verbosity=0)
call_command("migrate", verbosity=0)

# From the copy, which is complete only now.
from reporting.figures import rollup, sealed_table, verification  # noqa: E402 - the count is in the models from here on
from reporting.models import Report, Revision  # noqa: E402 - the count is in the models from here on

from .. import factories as f  # noqa: E402 - the count is in the models from here on

SENT = {"opening": "3412", "installs": "88", "households_visited": "46", "people_advised": "1.205", "base_version": "0"}


def page(user, name, *args, data=None, query=""):
    client = Client()
    client.force_login(user)
    address = reverse(f"reporting:{name}", args=args) + query
    return client.get(address) if data is None else client.post(address, data, follow=True)


def of_unit(lines, head):
    """The cells of the unit's line in a table, below one head."""
    heads = next(line for line in lines if head in line)
    unit = next(line for line in lines if "Phường Đằng Hải" in line)
    return unit[heads.index(head)]


def cells(content):
    sheet = load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    merged = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [line for line in merged if any(value is not None for value in line)]


def journey(cast):
    unit, day = cast.commune, f.DAY
    receipt = page(cast.officer, "report", unit.code, day, data=SENT)
    report = Report.objects.get(unit=unit, day=day)
    rows = rollup.rows(cast.district, day).by_code
    content = page(cast.city_clerk, "csv_range", cast.district.code, day, day).getvalue().decode()
    result = page(cast.district_clerk, "unit", "306", query="?state=result").text
    head = "Số người được hướng dẫn"
    return {
        "stored": [report.people_advised, Revision.objects.get(report=report).people_advised],
        "receipt": "<dt>Số người mới được hướng dẫn</dt> <dd>1.205</dd>" in " ".join(receipt.text.split()),
        "rows": {code: row.people_advised for code, row in rows.items()},
        "tile": "<p>số người được hướng dẫn: 1.205</p>" in result,
        "csv": of_unit(list(csv.reader(io.StringIO(content))), "people_advised"),
        "workbook": of_unit(cells(page(cast.district_clerk, "workbook", "306", day).content), head),
        "form": page(cast.officer, "report", unit.code, day).context["form"]["people_advised"].value(),
        "sealed": sealed_table.canonical_table(rollup.rows(unit, day)).splitlines()[-1],
        "problems": [words for _name, check in verification.CHECKS.values() for words in check()],
    }


with time_machine.travel(f.at("2020-08-21 16:30"), tick=False):
    print(json.dumps(journey(f.make_cast())))
