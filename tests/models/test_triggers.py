"""The database itself refuses to change or delete history, by any of these statements."""

import sqlite3
from datetime import timedelta
from itertools import product

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from reporting import models as own, triggers
from reporting.models.history import Withdrawable
from tests.prepared import prepared

from .. import factories as f
from ..later_migrations import NEWEST

NOON, LATER = f.at("2020-08-21 12:00"), f.at("2020-08-21 13:00")
FIELDS = {
    own.Revision: ("installs", 7),
    own.UnitName: ("name", "Khác"),
    own.BaseFigure: ("population", 7),
    own.ExemptDay: ("reason", "khác"),
    own.Directive: ("target_share", 1),
    own.Extension: ("reason", "khác"),
    own.Downtime: ("reason", "khác"),
    own.UnitHour: ("reason", "khác"),
    own.SignOff: ("digest", "khác"),
    own.Seal: ("digest", "khác"),
    own.Reorganisation: ("source", "khác"),
    own.OfficialFigure: ("value", 7),
    own.AccessRecord: ("detail", "khác"),
    own.Cover: ("reason", "khác"),
    own.Office: ("name", "khác"),
    own.LateRequest: ("reason", "khác"),
    own.Reopening: ("reason", "khác"),
    own.Reminder: ("day", f.DAY),
    own.PassedUp: ("at", NOON),
    own.Import: ("count", 7),
}
HISTORY = list(FIELDS)
# Models whose rows others of these describe, or that decide nothing.
WITHOUT_A_HISTORY = {
    *("ImportFile", "KnownLayouts", "MailChoice", "Message"),
    *("Passkey", "Session", "TokenUse", "UnconfirmedReport", "WrongPasswords", "Press"),
}
TABLES = [model._meta.db_table for model in HISTORY]


@prepared
def full_tables(cast):
    """A row in each of the tables."""
    f.make_report(cast.commune, installs=88)
    f.make_passed_up(cast.commune.reports.get(day=f.DAY), cast.district_clerk)
    f.make_late_request(cast.neighbour, cast.neighbour_officer)
    f.make_reopening(cast.neighbour, cast.district_clerk)
    f.make_reminder(cast.neighbour, cast.district_clerk)
    f.make_exempt_day(cast.city, f.DAY)
    f.make_extension(cast.district)
    f.make_downtime()
    f.make_unit_hour(cast.district, "16:00")
    f.make_sign_off(cast.district, cast.district_clerk)
    f.make_seal(cast.city, cast.city_clerk)
    f.withdraw(f.make_reorganisation(), f.at("2020-08-21 11:00"))
    f.make_official(cast.district, 1000)
    f.make_access_record(cast.officer)
    f.make_cover(cast.neighbour, cast.officer, cast.district_clerk)
    f.make_office(cast.city)
    f.make_import(cast.city, cast.city_clerk)
    return cast


def by_sql_update(model, name, value):
    execute(f"UPDATE {model._meta.db_table} SET {name} = %s", [value])


def by_sql_update_of_nothing_new(model, name, value):
    execute(f"UPDATE {model._meta.db_table} SET id = id")


def by_sql_delete(model, name, value):
    execute(f"DELETE FROM {model._meta.db_table}")


def by_truncate(model, name, value):
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL does not truncate a table with pending foreign-key checks
    execute(f"TRUNCATE {model._meta.db_table} CASCADE")


def by_replace(model, name, value):
    execute(f"INSERT OR REPLACE INTO {model._meta.db_table} SELECT * FROM {model._meta.db_table}")


def by_update_or_replace(model, name, value):
    execute(f"UPDATE OR REPLACE {model._meta.db_table} SET {name} = %s", [value])


EVERYWHERE = [by_sql_update, by_sql_delete]
ON_ONE = {"postgresql": [by_truncate], "sqlite": [by_replace, by_update_or_replace]}


def execute(sql, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def assert_refused(act, model):
    before = list(model.objects.order_by("pk").values())
    assert before
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        act(model, *FIELDS[model])
    assert str(refusal.value).splitlines()[0] == f"append-only: {model._meta.db_table}"
    assert list(model.objects.order_by("pk").values()) == before


def test_history_is_neither_changed_nor_deleted(full_tables, subtests):
    for model, act in product(HISTORY, EVERYWHERE + ON_ONE[connection.vendor]):
        with subtests.test(model=model.__name__, act=act.__name__):
            assert_refused(act, model)


def test_replacing_rows_is_refused_on_a_connection_that_asks_for_nothing(full_tables, subtests):
    """On REPLACE, SQLite runs the triggers of DELETE only if the connection asks for it."""
    if connection.vendor != "sqlite":
        return
    plain = sqlite3.connect(":memory:")
    plain.executescript("".join(connection.connection.iterdump()))
    assert plain.execute("PRAGMA recursive_triggers").fetchone() == (0,)
    for model in HISTORY:
        columns = [f'"{field.column}"' for field in model._meta.concrete_fields]
        with_key = ", ".join(columns)
        without_key = ", ".join(["NULL", *columns[1:]])  # in place of a row with the same unique values
        is_unique = any(isinstance(rule, models.UniqueConstraint) for rule in model._meta.constraints) or any(
            field.unique for field in model._meta.concrete_fields if not field.primary_key
        )
        for new in [with_key, without_key] if is_unique else [with_key]:
            with subtests.test(model=model.__name__, new=new):
                assert_not_replaced(plain, model._meta.db_table, with_key, new)
    plain.close()


def assert_not_replaced(plain, table, columns, new):
    standing = f"SELECT {columns} FROM {table} ORDER BY id"
    before = plain.execute(standing).fetchall()
    assert before
    with pytest.raises(sqlite3.IntegrityError, match=f"(append-only: |UNIQUE constraint failed: ){table}"):
        plain.execute(f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {new} FROM {table}")
    assert plain.execute(standing).fetchall() == before


def test_even_an_update_that_changes_nothing_is_refused(full_tables, subtests):
    for model in HISTORY:
        if not model.history.once:
            with subtests.test(model=model.__name__):
                assert_refused(by_sql_update_of_nothing_new, model)


ANSWERED = f.at("2020-08-21 18:10")
WITHDRAWN = {"withdrawn_at": NOON, "withdrawn_by": "district_clerk", "withdrawal_reason": "Nhầm"}
WITHDRAWABLE = [model for model in HISTORY if issubclass(model, Withdrawable) and model is not own.Reorganisation]


@pytest.mark.parametrize(
    ("model", "filled", "alone", "again"),
    [
        (own.Cover, {"ended_at": NOON, "ended_by": "district_clerk"}, ["ended_at"], {"ended_at": None}),
        *((model, WITHDRAWN, ["withdrawn_at"], {"withdrawal_reason": ""}) for model in WITHDRAWABLE),
        (
            own.LateRequest,
            {"decided_at": NOON, "decided_by": "district_clerk", "decision": "accepted"},
            ["decided_at", "decision"],
            {"decision": "declined"},
        ),
    ],
)
def test_columns_filled_once_are_filled_together_and_never_again(model, filled, alone, again, full_tables):
    whole = {name: getattr(full_tables, value) if name.endswith("_by") else value for name, value in filled.items()}
    (name, value), rows = FIELDS[model], model._base_manager.all()
    changes = [{**whole, name: value}, *({part: whole[part]} for part in alone)]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    rows.update(**whole)
    others = {name: full_tables.city_clerk for name in whole if name.endswith("_by")}
    others |= {name: ANSWERED + timedelta(minutes=10) for name in whole if name.endswith("_at")}
    for name, value in [*others.items(), *again.items()]:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**{name: value})
    assert rows.exclude(**whole).count() == 0


def test_every_record_that_is_only_added_to_is_guarded():
    assert set(HISTORY) == set(triggers.append_only())


def test_every_model_says_what_of_it_is_history():
    """Columns that decide a figure, a right or a paper are in the ledger, and every named column exists."""
    own = list(apps.get_app_config("reporting").get_models())
    assert {model.__name__ for model in own if not hasattr(model, "history")} == WITHOUT_A_HISTORY
    for model in own:
        if hasattr(model, "history"):
            history, columns = model.history, {column.attname for column in model._meta.concrete_fields}
            named = [*history.frozen, *history.once, *(name for group in history.recorded for name in group)]
            assert len(named) == len(set(named)), model
            assert set(named) <= columns, model


def test_missing_names_all_after_remove(db):
    triggers.remove()
    events = ["update", "delete", "truncate" if connection.vendor == "postgresql" else "insert"]
    assert triggers.state().missing == sorted(f"append_only_{table}_{event}" for table in TABLES for event in events)
    triggers.remove()
    triggers.install()
    assert triggers.state().missing == []


def changes_of(act):
    """The statements that change the database, which the act runs."""
    with CaptureQueriesContext(connection) as ran:
        act()
    reads = ("SELECT", "PRAGMA", "SAVEPOINT", "RELEASE")
    return [query["sql"] for query in ran if not query["sql"].strip().upper().startswith(reads)]


def test_migrate_without_migrations_changes_no_trigger(full_tables):
    assert changes_of(lambda: call_command("migrate", verbosity=0)) == []
    assert_refused(by_sql_update, own.Revision)


def test_only_the_trigger_that_differs_is_made_anew(db):
    name = "append_only_reporting_seal_delete"
    on_table = " ON reporting_seal" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER {name}{on_table}")
    assert triggers.state().missing == [name]
    made = changes_of(triggers.install)
    assert [sql for sql in made if name not in sql] == []
    assert (len(made), triggers.state()) == (2, triggers.TriggerState([], [], []))


@pytest.mark.django_db(transaction=True)
def test_install_that_is_interrupted_leaves_what_was_there(transactional_db, monkeypatch):
    triggers.remove()
    all_of_them = triggers.state().missing
    statements = triggers._statements

    def interrupted(vendor, model):
        if model is own.Seal and connection.in_atomic_block:
            raise KeyboardInterrupt
        return statements(vendor, model)

    with monkeypatch.context() as patch:
        patch.setattr(triggers, "_statements", interrupted)
        with pytest.raises(KeyboardInterrupt):
            triggers.install()
    assert triggers.state().missing == all_of_them
    triggers.install()
    assert triggers.state() == triggers.TriggerState([], [], [])


@pytest.fixture
def later_release(transactional_db):
    """Adds a last migration, which the test applies; restores the database afterwards."""
    with override_settings(MIGRATION_MODULES={"reporting": "tests.later_migrations"}):
        yield lambda: call_command("migrate", "reporting", verbosity=0)
        call_command("migrate", "reporting", NEWEST, verbosity=0)
    assert triggers.state().missing == []


def length_of_reason():
    """The column's length in the database."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, own.Revision._meta.db_table)
    return next(column.display_size or column.internal_size for column in columns if column.name == "reason")


def test_triggers_stand_after_a_later_migration_remade_the_table(later_release, full_tables):
    later_release()
    assert length_of_reason() == 600
    assert triggers.state().missing == []
    for model in HISTORY:
        for act in EVERYWHERE + ON_ONE[connection.vendor]:
            assert_refused(act, model)


def test_control_without_installing_anew_sqlite_loses_them(later_release, full_tables, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(triggers, "install", lambda using: None)
        later_release()
    events = ("delete", "insert", "update")
    lost = [f"append_only_reporting_revision_{event}" for event in events]
    assert triggers.state().missing == (lost if connection.vendor == "sqlite" else [])
