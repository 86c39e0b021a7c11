"""Brings the tables and rows of 0.7 to 0.8; a new database is made by 0076_release_0_8 instead.

It bears the name of the last of the migrations that it was written from, since a database that has it is at 0.8.
"""

import csv
import io
from hashlib import sha256

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

TRIGGERS = {
    "postgresql": """
        SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass FROM pg_trigger
        WHERE NOT tgisinternal AND tgname ~ '^(append_only|day_sums|fingerprint)_' AND tgrelid IN (
            SELECT oid FROM pg_class WHERE pg_table_is_visible(oid)
        )
    """,
    "sqlite": """
        SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger' AND (
            name GLOB 'append_only_*' OR name GLOB 'day_sums_*' OR name GLOB 'fingerprint_*'
        )
    """,
}
FUNCTIONS = ("reporting_day_sums", "reporting_day_sums_of_unit", "reporting_fingerprint_drawn")

HOUSEHOLDS_SO_FAR = """
UPDATE reporting_report SET households_so_far = summed.total
FROM (
    SELECT id, SUM(COALESCE(households_visited, 0)) OVER (PARTITION BY unit_id ORDER BY day) AS total
    FROM reporting_report
) AS summed
WHERE reporting_report.id = summed.id AND summed.total <> 0
"""

# What can be withdrawn, and the column of the table of withdrawals that spoke of it.
WITHDRAWABLE = {
    "basefigure": "base_figure",
    "directive": "directive",
    "downtime": "downtime",
    "exemptday": "exempt_day",
    "extension": "extension",
    "reorganisation": "reorganisation",
    "unithour": "unit_hour",
    "unitname": None,  # with its reorganisation only
    "seal": None,  # in 0.8 only
}
WITHDRAWN = """
UPDATE reporting_{table} SET withdrawn_at = w.recorded_at, withdrawn_by_id = w.by_id, withdrawal_reason = w.reason
FROM reporting_withdrawal AS w WHERE {condition}
"""


def lift_triggers(apps, schema_editor):
    """Rows are filled below; `migrate` puts those that are still wanted in place again."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            for function in FUNCTIONS:
                cursor.execute(f"DROP FUNCTION IF EXISTS {function}()")
            # Rows are filled between changes of their tables, which PostgreSQL refuses while a key is still to be checked.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def copy_withdrawals(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table, column in WITHDRAWABLE.items():
            if column:
                cursor.execute(WITHDRAWN.format(table=table, condition=f"w.{column}_id = reporting_{table}.id"))
        for table in ("unitname", "basefigure"):
            cursor.execute(WITHDRAWN.format(table=table, condition=f"w.id = reporting_{table}.withdrawal_id"))


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


def hash_session_keys(apps, schema_editor):
    """Who is signed in stays so."""
    sessions = apps.get_model("sessions", "Session").objects
    for held in sessions.all():
        sessions.create(
            session_key=sha256(held.session_key.encode()).hexdigest()[:40],
            session_data=held.session_data,
            expire_date=held.expire_date,
        )
        held.delete()


def key(to, **options):
    return models.ForeignKey(to, on_delete=django.db.models.deletion.PROTECT, related_name="+", **options)


def withdrawal(model):
    """The three columns of a row that can be withdrawn."""
    reason = models.CharField("reason of withdrawal", max_length=300, blank=True, editable=False)
    return [
        migrations.AddField(
            model, "withdrawn_at", models.DateTimeField("withdrawn at", null=True, blank=True, editable=False)
        ),
        migrations.AddField(
            model, "withdrawn_by", key(settings.AUTH_USER_MODEL, null=True, blank=True, editable=False)
        ),
        migrations.AddField(model, "withdrawal_reason", reason),
    ]


def with_a_reason(model):
    return migrations.AddConstraint(
        model,
        models.CheckConstraint(
            condition=Q(withdrawn_at=None) | Q(withdrawal_reason__gt=""), name=f"{model}_is_withdrawn_with_a_reason"
        ),
    )


def made_by(model, name):
    return migrations.AddField(model, name, key("reporting.reorganisation", null=True, editable=False))


class Migration(migrations.Migration):
    dependencies = [("reporting", "0035_a_day_and_its_unit"), ("sessions", "0001_initial")]

    operations = [
        migrations.RunPython(lift_triggers),
        # What left.
        migrations.RunSQL("DELETE FROM reporting_message WHERE person_id IS NULL"),  # to webhooks
        migrations.RemoveConstraint("message", "message_has_one_receiver"),
        migrations.RemoveField("message", "endpoint"),
        migrations.RemoveField("message", "event"),
        migrations.AlterField(
            "message",
            "person",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                verbose_name="person",
            ),
        ),
        migrations.DeleteModel("Endpoint"),
        migrations.DeleteModel("Fingerprint"),
        migrations.DeleteModel("AskedHour"),
        migrations.DeleteModel("FirstArrival"),
        migrations.DeleteModel("DaySum"),
        migrations.RemoveConstraint("emblem", "emblem_has_a_kind_and_a_digest"),
        migrations.RemoveField("emblem", "media_type"),
        # Figures.
        migrations.RemoveConstraint("report", "report_opening_is_cumulative_only"),
        migrations.RemoveField("report", "is_late"),
        migrations.RemoveField("revision", "is_late"),
        migrations.AddField(
            "report", "households_so_far", models.PositiveIntegerField("households visited so far", default=0)
        ),
        migrations.AddConstraint(
            "report",
            models.CheckConstraint(
                condition=Q(kind="daily") | Q(covers_from=None, households_visited=None),
                name="report_opening_is_cumulative_only",
            ),
        ),
        migrations.RunSQL(HOUSEHOLDS_SO_FAR),
        migrations.AddField("revision", "confirmed_at", models.DateTimeField("confirmed at", null=True, blank=True)),
        migrations.AddConstraint(
            "revision",
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(confirmed_at__gt=F("received_at")),
                name="revision_confirmed_after_it_was_received",
            ),
        ),
        migrations.CreateModel(
            "UnconfirmedReport",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("sent_at", models.DateTimeField()),
                ("figures", models.JSONField()),
                ("by", key(settings.AUTH_USER_MODEL)),
                ("unit", key("reporting.unit")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "day"), name="unconfirmed_report_once_for_a_unit_and_day")
                ],
            },
        ),
        migrations.CreateModel(
            "CountryDay",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField("day")),
                ("at", models.DateTimeField("computed at")),
                ("cumulative", models.BigIntegerField(null=True)),
                ("population", models.BigIntegerField(null=True)),
                ("top", models.TextField()),
                ("rows", models.TextField()),
                ("recent", models.TextField()),
                ("earlier", models.TextField()),
                (
                    "unit",
                    models.ForeignKey(
                        "reporting.unit",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
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
        # Reorganisations and withdrawals.
        migrations.AddField("unit", "handed_over", models.PositiveIntegerField("installs handed over", default=0)),
        migrations.AddField(
            "unit", "split_from", key("reporting.unit", null=True, blank=True, verbose_name="split from")
        ),
        migrations.AddConstraint(
            "unit",
            models.CheckConstraint(
                condition=Q(handed_over=0) | Q(opened_on__isnull=False, split_from__isnull=False),
                name="unit_is_handed_installs_by_the_one_it_is_split_from",
            ),
        ),
        made_by("unit", "opened_by"),
        made_by("unit", "closed_by"),
        made_by("unitname", "reorganisation"),
        made_by("basefigure", "reorganisation"),
        migrations.RunPython(name_reorganisations),
        migrations.RemoveConstraint("signoff", "sign_off_withdrawal_has_a_reason"),
        *(operation for model in WITHDRAWABLE for operation in withdrawal(model)),
        *(with_a_reason(model) for model in (*WITHDRAWABLE, "signoff")),
        migrations.RunPython(copy_withdrawals),
        migrations.RemoveField("basefigure", "withdrawal"),
        migrations.RemoveField("unitname", "withdrawal"),
        migrations.DeleteModel("Withdrawal"),
        # Accounts.
        migrations.RunSQL("DELETE FROM reporting_recoverycode"),  # to be made anew
        migrations.RemoveConstraint("recoverycode", "recovery_codes_of_a_person_differ_in_the_first"),
        migrations.RemoveField("recoverycode", "first"),
        migrations.AlterField("recoverycode", "digest", models.CharField(max_length=64)),
        migrations.AlterField("token", "by", key(settings.AUTH_USER_MODEL, null=True, blank=True, verbose_name="by")),
        migrations.CreateModel(
            "WrongPasswords",
            [
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField(db_index=True)),
                ("next_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(hash_session_keys),
        # Of django-axes, which counted wrong passwords before.
        migrations.RunSQL("DROP TABLE IF EXISTS axes_accessattemptexpiration"),
        migrations.RunSQL("DROP TABLE IF EXISTS axes_accessattempt"),
        migrations.RunSQL("DROP TABLE IF EXISTS axes_accesslog"),
        migrations.RunSQL("DROP TABLE IF EXISTS axes_accessfailurelog"),
        # Imports.
        migrations.RunSQL("DELETE FROM reporting_importfile"),  # kept for an hour, by a page
        migrations.AddField("importfile", "plan", models.JSONField("plan", null=True)),
        migrations.AddField("importfile", "started_at", models.DateTimeField("started at", null=True)),
        migrations.AddField("importfile", "done_at", models.DateTimeField("done at", null=True)),
        migrations.AddField("importfile", "result", models.JSONField("result", null=True)),
    ]
