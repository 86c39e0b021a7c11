"""The database itself refuses to change or delete history, by whatever way one comes."""

import sqlite3
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from reporting import triggers
from reporting.models import (
    AccessRecord,
    BaseFigure,
    Cover,
    Directive,
    Downtime,
    Emblem,
    ExemptDay,
    ExplanationRequest,
    Extension,
    LateRequest,
    Office,
    OfficialFigure,
    PassedUp,
    Reminder,
    Reopening,
    Reorganisation,
    Revision,
    Seal,
    SignOff,
    UnitHour,
    UnitName,
)
from tests.prepared import prepared, undone

from ..factories import (
    DAY,
    at,
    make_access_record,
    make_cover,
    make_downtime,
    make_emblem,
    make_exempt_day,
    make_explanation_request,
    make_extension,
    make_late_request,
    make_office,
    make_official,
    make_passed_up,
    make_reminder,
    make_reopening,
    make_reorganisation,
    make_report,
    make_seal,
    make_sign_off,
    make_unit_hour,
    withdraw,
)
from ..later_migrations import NEWEST

NOON, LATER = at("2020-08-21 12:00"), at("2020-08-21 13:00")
FIELDS = {
    Revision: ("installs", 7),
    UnitName: ("name", "Khác"),
    BaseFigure: ("population", 7),
    ExemptDay: ("reason", "khác"),
    Directive: ("target_share", 1),
    Extension: ("reason", "khác"),
    Downtime: ("reason", "khác"),
    UnitHour: ("reason", "khác"),
    SignOff: ("digest", "khác"),
    Seal: ("digest", "khác"),
    Reorganisation: ("source", "khác"),
    OfficialFigure: ("value", 7),
    ExplanationRequest: ("question", "khác"),
    AccessRecord: ("detail", "khác"),
    Cover: ("reason", "khác"),
    Office: ("name", "khác"),
    Emblem: ("content", b"x"),
    LateRequest: ("reason", "khác"),
    Reopening: ("reason", "khác"),
    Reminder: ("day", DAY),
    PassedUp: ("at", NOON),
}
HISTORY = list(FIELDS)
# What is told by others of these, or decides nothing.
WITHOUT_A_HISTORY = {
    *(
        "CountryDay",
        "ImportFile",
        "MailChoice",
        "Message",
        "RecoveryCode",
        "TokenUse",
        "UnconfirmedReport",
        "WrongPasswords",
    ),
}
TABLES = [model._meta.db_table for model in HISTORY]


@prepared
def kept(cast):
    """Something in each of the tables."""
    make_report(cast.commune, installs=88)
    make_passed_up(cast.commune.reports.get(day=DAY), cast.district_clerk)
    make_late_request(cast.neighbour, cast.neighbour_officer)
    make_reopening(cast.neighbour, cast.district_clerk)
    make_reminder(cast.neighbour, cast.district_clerk)
    make_exempt_day(cast.city, DAY)
    make_extension(cast.district)
    make_downtime()
    make_unit_hour(cast.district, "16:00")
    make_sign_off(cast.district, cast.district_clerk)
    make_seal(cast.city, cast.city_clerk)
    withdraw(make_reorganisation(), at("2020-08-21 11:00"))
    make_official(cast.district, 1000)
    make_explanation_request(cast.district, cast.city_clerk)
    make_access_record(cast.officer)
    make_cover(cast.neighbour, cast.officer, cast.district_clerk)
    make_office(cast.city)
    make_emblem(cast.city)
    return cast


def by_queryset(model, name, value):
    model.objects.update(**{name: value})


def by_save(model, name, value):
    row = model.objects.first()
    setattr(row, name, value)
    row.save()


def by_bulk_update(model, name, value):
    row = model.objects.first()
    setattr(row, name, value)
    model.objects.bulk_update([row], [name])


def by_deleting_a_row(model, name, value):
    row = model.objects.first()
    row.delete()


def by_deleting_all(model, name, value):
    model.objects.all().delete()


def by_raw_delete(model, name, value):
    model.objects.all()._raw_delete("default")


def by_sql_update(model, name, value):
    execute(f"UPDATE {model._meta.db_table} SET {name} = %s", [value])


def by_sql_update_of_nothing_new(model, name, value):
    execute(f"UPDATE {model._meta.db_table} SET id = id")


def by_sql_delete(model, name, value):
    execute(f"DELETE FROM {model._meta.db_table}")


def by_truncate(model, name, value):
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL truncates nothing that waits for a foreign key's check
    execute(f"TRUNCATE {model._meta.db_table} CASCADE")


def by_replace(model, name, value):
    execute(f"INSERT OR REPLACE INTO {model._meta.db_table} SELECT * FROM {model._meta.db_table}")


def by_update_or_replace(model, name, value):
    execute(f"UPDATE OR REPLACE {model._meta.db_table} SET {name} = %s", [value])


EVERYWHERE = [
    by_queryset,
    by_save,
    by_bulk_update,
    by_deleting_a_row,
    by_deleting_all,
    by_raw_delete,
    by_sql_update,
    by_sql_delete,
]
ON_ONE = {"postgresql": [by_truncate], "sqlite": [by_replace, by_update_or_replace]}


def execute(sql, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def assert_refused(act, model):
    before = list(model.objects.order_by("pk").values())
    assert before
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        act(model, *FIELDS[model])
    is_named = model is Reorganisation and isinstance(refusal.value, models.ProtectedError)  # by its withdrawal
    assert is_named or str(refusal.value).splitlines()[0] == f"append-only: {model._meta.db_table}"
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("act", EVERYWHERE)
def test_history_is_neither_changed_nor_deleted(act, kept, subtests):
    for model in HISTORY:
        with subtests.test(model=model.__name__):
            assert_refused(act, model)


def test_history_is_not_emptied_by_the_ways_of_one_database(kept, subtests):
    for model in HISTORY:
        for act in ON_ONE[connection.vendor]:
            with subtests.test(model=model.__name__, act=act.__name__):
                assert_refused(act, model)


def test_replacing_rows_is_refused_on_a_connection_that_asks_for_nothing(kept, subtests):
    """SQLite tells the triggers of DELETE about REPLACE only where the connection asked for it."""
    if connection.vendor != "sqlite":
        return
    plain = sqlite3.connect(":memory:")
    plain.executescript("".join(connection.connection.iterdump()))
    assert plain.execute("PRAGMA recursive_triggers").fetchone() == (0,)
    for model in HISTORY:
        columns = [f'"{field.column}"' for field in model._meta.concrete_fields]
        with_key = ", ".join(columns)
        without_key = ", ".join(["NULL", *columns[1:]])  # in the place of what no two rows may have alike
        is_unique = any(isinstance(rule, models.UniqueConstraint) for rule in model._meta.constraints) or any(
            field.unique for field in model._meta.concrete_fields if not field.primary_key
        )
        for new in [with_key, without_key] if is_unique else [with_key]:
            with subtests.test(model=model.__name__, new=new):
                assert_not_replaced(plain, model._meta.db_table, with_key, new)


def assert_not_replaced(plain, table, columns, new):
    standing = f"SELECT {columns} FROM {table} ORDER BY id"
    before = plain.execute(standing).fetchall()
    assert before
    with pytest.raises(sqlite3.IntegrityError, match=f"(append-only: |UNIQUE constraint failed: ){table}"):
        plain.execute(f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {new} FROM {table}")
    assert plain.execute(standing).fetchall() == before


def test_even_an_update_that_changes_nothing_is_refused(kept, subtests):
    for model in HISTORY:
        if not model.history.once:
            with subtests.test(model=model.__name__):
                assert_refused(by_sql_update_of_nothing_new, model)


def test_what_was_set_up_is_not_edited_once_it_is_withdrawn(kept, subtests):
    for model in (ExemptDay, Extension, Downtime, Directive):
        with subtests.test(model=model.__name__), undone():
            withdraw(model.objects.get(), NOON)
            assert_refused(by_queryset, model)
            assert_refused(by_sql_delete, model)
            with pytest.raises(IntegrityError), transaction.atomic():
                withdraw(model.objects.get(), LATER)


def test_name_and_base_figure_are_withdrawn_once(kept, subtests):
    withdrawn = {"withdrawn_at": LATER, "withdrawal_reason": "Nhập nhầm"}
    for model in (UnitName, BaseFigure):
        with subtests.test(model=model.__name__):
            named = model.objects.filter(unit=kept.commune)
            with pytest.raises(IntegrityError), transaction.atomic():
                named.update(**withdrawn, effective_on=DAY)
            pk = named.get().pk
            named.update(**withdrawn)
            kept_as_it_was = model._base_manager.filter(pk=pk)
            for again in (None, LATER + timedelta(hours=1)):
                with pytest.raises(IntegrityError), transaction.atomic():
                    kept_as_it_was.update(withdrawn_at=again)
            assert (kept_as_it_was.get().withdrawn_at, named.exists()) == (LATER, False)


ANSWERED = at("2020-08-21 18:10")


@pytest.mark.parametrize(
    ("model", "filled", "alone", "again"),
    [
        (Cover, {"ended_at": NOON, "ended_by": "district_clerk"}, ["ended_at"], {"ended_at": None}),
        (
            SignOff,
            {"withdrawn_at": NOON, "withdrawn_by": "district_clerk", "withdrawal_reason": "Nhầm"},
            ["withdrawn_at"],
            {"withdrawal_reason": ""},
        ),
        (
            ExplanationRequest,
            {"answer": "Đếm theo hộ", "answered_at": ANSWERED, "answered_by": "district_clerk"},
            ["answer", "answered_at", "answered_by"],
            {"answer": "Khác"},
        ),
        (
            LateRequest,
            {"decided_at": NOON, "decided_by": "district_clerk", "decision": "accepted"},
            ["decided_at", "decision"],
            {"decision": "declined"},
        ),
    ],
)
def test_what_is_filled_once_is_filled_whole_with_nothing_beside_it_and_never_again(model, filled, alone, again, kept):
    whole = {name: getattr(kept, value) if name.endswith("_by") else value for name, value in filled.items()}
    name, value = FIELDS[model]
    changes = [{**whole, name: value}, *({part: whole[part]} for part in alone)]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**change)
    model.objects.update(**whole)
    others = {name: kept.city_clerk for name in whole if name.endswith("_by")}
    others |= {name: ANSWERED + timedelta(minutes=10) for name in whole if name.endswith("_at")}
    for name, value in [*others.items(), *again.items()]:
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**{name: value})
    assert model.objects.filter(**whole).count() == 1


def test_every_record_that_is_only_added_to_is_guarded():
    assert set(HISTORY) == set(triggers.append_only())


def test_every_model_says_what_of_it_is_history():
    """What decides a figure, a right or a paper is in the ledger; a column that is named is there."""
    own = list(apps.get_app_config("reporting").get_models())
    assert {model.__name__ for model in own if not hasattr(model, "history")} == WITHOUT_A_HISTORY
    for model in own:
        if hasattr(model, "history"):
            history, columns = model.history, {column.attname for column in model._meta.concrete_fields}
            named = [*history.frozen, *history.once, *(name for group in history.recorded for name in group)]
            assert len(named) == len(set(named)), model
            assert set(named) <= columns, model


def test_missing_names_the_trigger_that_was_dropped(db):
    on_table = " ON reporting_revision" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER append_only_reporting_revision_update{on_table}")
    assert triggers.state().missing == ["append_only_reporting_revision_update"]


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


def test_migrate_without_migrations_changes_no_trigger(kept):
    assert changes_of(lambda: call_command("migrate", verbosity=0)) == []
    assert_refused(by_queryset, Revision)


def test_only_the_trigger_that_differs_is_made_anew(db):
    name = "append_only_reporting_seal_delete"
    on_table = " ON reporting_seal" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER {name}{on_table}")
    made = changes_of(triggers.install)
    assert [sql for sql in made if name not in sql] == []
    assert (len(made), triggers.state()) == (2, triggers.State([], [], []))


@pytest.mark.django_db(transaction=True)
def test_install_that_is_interrupted_leaves_what_was_there(transactional_db, monkeypatch):
    triggers.remove()
    all_of_them = triggers.state().missing
    statements = triggers._statements

    def interrupted(vendor, model):
        if model is Seal and connection.in_atomic_block:
            raise KeyboardInterrupt
        return statements(vendor, model)

    with monkeypatch.context() as patch:
        patch.setattr(triggers, "_statements", interrupted)
        with pytest.raises(KeyboardInterrupt):
            triggers.install()
    assert triggers.state().missing == all_of_them
    triggers.install()
    assert triggers.state() == triggers.State([], [], [])


@pytest.fixture
def later_release(transactional_db):
    """Migrations with one more in the end, which the test applies; afterwards the database is as before."""
    with override_settings(MIGRATION_MODULES={"reporting": "tests.later_migrations"}):
        yield lambda: call_command("migrate", "reporting", verbosity=0)
        call_command("migrate", "reporting", NEWEST, verbosity=0)
    assert triggers.state().missing == []


def length_of_reason():
    """As the database has it."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, Revision._meta.db_table)
    return next(column.display_size or column.internal_size for column in columns if column.name == "reason")


def test_triggers_stand_after_a_later_migration_remade_the_table(later_release, kept):
    later_release()
    assert length_of_reason() == 600
    assert triggers.state().missing == []
    for model in HISTORY:
        for act in EVERYWHERE + ON_ONE[connection.vendor]:
            assert_refused(act, model)


def test_control_without_installing_anew_sqlite_loses_them(later_release, kept, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(triggers, "install", lambda using: None)
        later_release()
    events = ("delete", "insert", "update")
    lost = [f"append_only_reporting_revision_{event}" for event in events]
    assert triggers.state().missing == (lost if connection.vendor == "sqlite" else [])
