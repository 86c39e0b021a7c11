"""Which migrations a server of the release before may go on beside: those that only add."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import migrations, models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings

from reporting.operation import widening

TEXT = models.CharField(max_length=20)
ADDS = [
    operations.CreateModel("Weather", [("id", models.BigAutoField(primary_key=True))]),
    operations.AddIndex("report", models.Index(fields=["note"], name="report_note")),
    operations.AddField("report", "weather", models.CharField(max_length=20, null=True)),
    operations.AddField("report", "weather", models.CharField(max_length=20, db_default="dry")),
    operations.AlterField("revision", "reason", models.CharField("why", max_length=600, blank=True)),
    operations.RunPython(operations.RunPython.noop),
]
NARROWS = [
    operations.AddField("report", "weather", TEXT),
    operations.AddField("report", "weather", models.CharField(max_length=20, default="dry")),  # Python's alone
    operations.AlterField("revision", "reason", models.CharField(max_length=3, blank=True)),
    operations.AlterField("revision", "reason", models.TextField(blank=True)),
    operations.RemoveField("report", "note"),
    operations.RenameField("report", "note", "remark"),
    operations.RenameModel("Report", "Sheet"),
    operations.DeleteModel("Report"),
    operations.AddConstraint("report", models.CheckConstraint(condition=models.Q(version__gt=1), name="edited")),
    operations.RunSQL("SELECT 1"),
]


def narrowed(*steps):
    migration = migrations.Migration("9999_later", "reporting")
    migration.operations = list(steps)
    return list(widening.narrowed(migration, MigrationLoader(None).project_state()))


@pytest.mark.parametrize("step", ADDS, ids=lambda step: step.describe())
def test_release_before_goes_on_beside_what_adds(step):
    assert narrowed(step) == []


@pytest.mark.parametrize("step", NARROWS, ids=lambda step: step.describe())
def test_release_before_does_not_go_on_beside_what_takes_away(step):
    assert narrowed(step) == [step.describe()]


def test_table_that_nobody_uses_yet_may_get_anything():
    assert narrowed(ADDS[0], operations.AddField("weather", "word", TEXT)) == []
    assert len(narrowed(operations.AddField("report", "word", TEXT), ADDS[0])) == 1


def said():
    output = io.StringIO()
    call_command("status", "--others-serve", stdout=output)
    return output.getvalue().splitlines()


def test_what_waits_is_named_and_the_next_release_only_adds(db):
    assert said() == []
    with override_settings(MIGRATION_MODULES={"reporting": "tests.later_migrations"}):
        assert said() == [
            "reporting.9999_longer_reason: only adds",
            "reporting.9999_one_column_more: only adds",
        ]


def test_command_fails_where_all_servers_must_stop(db, monkeypatch):
    narrowing = migrations.Migration("9999_later", "reporting")
    monkeypatch.setattr(widening, "waiting", lambda: [(narrowing, ["Delete model Report"])])
    with pytest.raises(CommandError, match="stop all servers"):
        said()
