"""One sum: the sums kept by triggers go, lateness follows from the arrival, households are summed up to each day."""

import django.db.models.deletion
from django.db import migrations, models


def drop_triggers(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for function in ("reporting_day_sums", "reporting_day_sums_of_unit"):
                cursor.execute(f"DROP FUNCTION IF EXISTS {function}() CASCADE")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'day_sums_*'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")


FILL = """
UPDATE reporting_report SET households_so_far = summed.total
FROM (
    SELECT id, SUM(COALESCE(households_visited, 0)) OVER (PARTITION BY unit_id ORDER BY day) AS total
    FROM reporting_report
) AS summed
WHERE reporting_report.id = summed.id AND summed.total <> 0
"""


class Migration(migrations.Migration):
    dependencies = [("reporting", "0039_longer_recovery_codes")]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
        migrations.DeleteModel(name="DaySum"),
        migrations.RemoveConstraint(model_name="report", name="report_opening_is_cumulative_only"),
        migrations.RemoveField(model_name="report", name="is_late"),
        migrations.RemoveField(model_name="revision", name="is_late"),
        migrations.AddField(
            model_name="report",
            name="households_so_far",
            field=models.PositiveIntegerField(default=0, verbose_name="households visited so far"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "daily"),
                    models.Q(("covers_from", None), ("households_visited", None)),
                    _connector="OR",
                ),
                name="report_opening_is_cumulative_only",
            ),
        ),
        migrations.CreateModel(
            name="CountryDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("at", models.DateTimeField(verbose_name="worked out at")),
                ("cumulative", models.BigIntegerField(null=True)),
                ("population", models.BigIntegerField(null=True)),
                ("top", models.TextField()),
                ("rows", models.TextField()),
                ("recent", models.TextField()),
                ("earlier", models.TextField()),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="reporting.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "day of a country",
                "verbose_name_plural": "days of a country",
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "day"), name="country_day_once_for_a_unit_and_day")
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
