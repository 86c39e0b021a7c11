"""The withdrawals and the works of reorganisations, moved to where they stand from now on."""

import csv
import io

from django.db import migrations

# The column of a withdrawal, and the table that it spoke of.
WITHDRAWN = {
    "directive": "directive",
    "exempt_day": "exemptday",
    "extension": "extension",
    "downtime": "downtime",
    "unit_hour": "unithour",
    "reorganisation": "reorganisation",
    "base_figure": "basefigure",
}
COPY = """
UPDATE reporting_{table} SET withdrawn_at = w.recorded_at, withdrawn_by_id = w.by_id, withdrawal_reason = w.reason
FROM reporting_withdrawal AS w WHERE {condition}
"""


def copy_withdrawals(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for column, table in WITHDRAWN.items():
            cursor.execute(COPY.format(table=table, condition=f"w.{column}_id = reporting_{table}.id"))
        for table in ("unitname", "basefigure"):
            cursor.execute(COPY.format(table=table, condition=f"w.id = reporting_{table}.withdrawal_id"))


def name_reorganisations(apps, schema_editor):
    """What a reorganisation made was found by its day, its instant and its lines until now."""
    Reorganisation, Unit, UnitName, BaseFigure = (
        apps.get_model("reporting", name) for name in ("Reorganisation", "Unit", "UnitName", "BaseFigure")
    )
    for made_by in Reorganisation.objects.order_by("recorded_at", "pk"):
        lines = list(csv.DictReader(io.StringIO(made_by.table)))
        codes = {line["code"] for line in lines} | {line.get("into") for line in lines}
        same = {"effective_on": made_by.effective_on, "recorded_at": made_by.recorded_at, "unit__code__in": codes}
        UnitName.objects.filter(**same).update(reorganisation=made_by)
        BaseFigure.objects.filter(**same, source=made_by.source).update(reorganisation=made_by)
        new = [line["code"] for line in lines if line["action"] == "new"]
        Unit.objects.filter(code__in=new, opened_on=made_by.effective_on).update(opened_by=made_by)
        merged = [line["code"] for line in lines if line["action"] == "merge"]
        Unit.objects.filter(code__in=merged, closed_on=made_by.effective_on).update(closed_by=made_by)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0044_one_way_to_take_back")]

    operations = [
        migrations.RunPython(copy_withdrawals, migrations.RunPython.noop),
        migrations.RunPython(name_reorganisations, migrations.RunPython.noop),
    ]
