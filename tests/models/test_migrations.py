"""No migration is missing, and a migrated database of 0.7 has the tables of a new one and keeps its data."""

import subprocess
import sys
from datetime import UTC, date, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path

import environ
import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from reporting import models as own, triggers
from reporting.operation.readiness import waiting_migrations

from .. import served

OF_0_7, BRIDGE, OF_0_8 = "0035_a_day_and_its_unit", "0075_seals_are_undone", "0076_release_0_8"
SINCE = [
    *("0077_office_identifier", "0078_emblem_is_a_setting", "0079_papers_are_signed", "0080_late_request_total"),
    *("0081_own_void", "0082_known_heads"),
]
DAY, AT, LATER = date(2020, 8, 21), datetime(2020, 8, 21, 3, tzinfo=UTC), datetime(2020, 8, 21, 4, tzinfo=UTC)


def test_no_migration_is_missing(db):
    output = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=output)
    assert output.getvalue() == "No changes detected\n"


def test_page_of_models_is_current():
    root = Path(__file__).resolve().parent.parent.parent
    drawn = subprocess.run([sys.executable, root / ".ci/draw_models.py"], capture_output=True, text=True, check=True)
    assert drawn.stdout == (root / "docs/models.md").read_text(encoding="utf-8")


def test_database_of_0_7_gets_the_tables_of_a_new_one():
    loader = MigrationLoader(None, replace_migrations=False)
    brought, new = (loader.project_state(("reporting", name)) for name in (BRIDGE, OF_0_8))
    assert MigrationAutodetector(brought, new).changes(loader.graph, trim_to_apps={"reporting"}) == {}


@pytest.mark.parametrize(
    ("lacks", "waiting"),
    [
        ([], []),
        ([OF_0_8], []),  # a migration older than that file
        ([OF_0_8, BRIDGE, *SINCE], [BRIDGE, *SINCE]),
        ([OF_0_8, BRIDGE, OF_0_7, *SINCE], [OF_0_8, *SINCE]),
    ],
)
def test_migrations_that_wait(lacks, waiting, db):
    for name in lacks:
        MigrationRecorder(connection).record_unapplied("reporting", name)
    assert waiting_migrations() == [f"reporting.{name}" for name in waiting]


@pytest.fixture
def models_of_0_7(tmp_path, django_db_blocker):
    """Replaces the default database by one with the tables of 0.7; returns its models by name."""
    with served.empty(tmp_path, vendor=connection.vendor) as made, django_db_blocker.unblock():
        suite = connections["default"]
        name = environ.Env.db_url_config(made.url)["NAME"]
        connections["default"] = type(suite)({**suite.settings_dict, "NAME": name}, "default")
        try:
            executor = MigrationExecutor(connection)
            executor.loader.replace_migrations = False
            executor.loader.build_graph()
            state = executor.migrate([("reporting", OF_0_7), ("sessions", "0001_initial")])
            yield lambda model: state.apps.get_model("reporting", model)._default_manager
        finally:
            connection.close()
            connections["default"] = suite


@pytest.mark.matrix  # slow
@pytest.mark.sql
def test_database_of_0_7_keeps_what_it_recorded(models_of_0_7):
    old = models_of_0_7
    clerk = old("User").create(username="ha", is_superuser=True)
    city, _merged, split = (
        old("Unit").create(code=code, level="commune", path=f"{code}/", opened_on=opened_on, closed_on=closed_on)
        for code, opened_on, closed_on in (("1", None, None), ("2", None, DAY), ("3", DAY, None))
    )
    for day, households in ((20, 2), (21, None), (22, 5)):
        values = {"day": DAY.replace(day=day), "installs": 3, "cumulative": 3 * day, "received_at": AT}
        old("Report").create(unit=city, households_visited=households, is_late=True, **values)
    table = "action,code,into\r\nmerge,2,1\r\nnew,3,\r\n"
    happened = {"effective_on": DAY, "recorded_at": AT}
    kept = old("Reorganisation").create(source="872", table=table, **happened)
    given_up = old("Reorganisation").create(source="900", table="action,code\r\n", **happened)
    old("UnitName").create(unit=split, name="Xã Mới", **happened)
    base = old("BaseFigure").create(unit=city, population=9, source="872", **happened)
    order = old("Directive").create(number="1", issued_on=DAY, effective_from=DAY, recorded_at=AT)
    taken_back = {"recorded_at": LATER, "reason": "Nhầm", "by": clerk}
    old("Withdrawal").create(directive=order, **taken_back)
    old("Withdrawal").create(base_figure=base, **taken_back)
    with_it = old("Withdrawal").create(reorganisation=given_up, **taken_back)
    old("UnitName").create(unit=city, name="Tên cũ", withdrawal=with_it, effective_on=DAY, recorded_at=LATER)
    old("Seal").create(unit=city, day=DAY, at=AT, table="t", digest="d")
    told = {"unit": city, "day": DAY, "written_at": AT, "useful_until": AT, "next_try_at": AT}
    endpoint = old("Endpoint").create(unit=city, name="Cổng", address="https://example.vn", given_at=AT, by=clerk)
    old("Message").create(kind="webhook", key="1", endpoint=endpoint, **told)
    old("Message").create(kind="sealed", key="2", person=clerk, **told)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('key', 'data', %s)", [AT])

    call_command("migrate", verbosity=0)

    assert (waiting_migrations(), triggers.state()) == ([], triggers.TriggerState([], [], []))
    reports = own.Report.objects.order_by("day").values_list("installs", "cumulative", "households_so_far")
    assert list(reports) == [(3, 60, 2), (3, 63, 2), (3, 66, 7)]
    by_code = {unit.code: (unit.opened_by_id, unit.closed_by_id) for unit in own.Unit.objects.all()}
    assert by_code == {"1": (None, None), "2": (None, kept.pk), "3": (kept.pk, None)}
    for model, record in ((own.Directive, order), (own.Reorganisation, given_up), (own.BaseFigure, base)):
        now = model._base_manager.get(pk=record.pk)
        assert (now.withdrawn_at, now.withdrawn_by_id, now.withdrawal_reason) == (LATER, clerk.pk, "Nhầm")
    names = own.UnitName._base_manager.order_by("pk").values_list("name", "reorganisation", "withdrawal_reason")
    assert list(names) == [("Xã Mới", kept.pk, ""), ("Tên cũ", None, "Nhầm")]
    assert now.reorganisation_id == kept.pk  # of the base figure
    assert list(own.Seal.objects.values_list("digest", "withdrawn_at")) == [("d", None)]
    assert list(own.Message.objects.values_list("key", flat=True)) == ["2"]
    assert Session.objects.get().session_key == sha256(b"key").hexdigest()[:40]
