"""The sums of `models.DaySum` are kept by triggers on reports and units: in the same transaction, whoever writes.

A report that is put in, changed or taken away moves the row of its superior's day by the difference, and what is summed
up to a day in the later rows. The superior's row is locked by every act already, so nobody waits for another here. A
unit that is put elsewhere has the rows of both superiors summed anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction

TABLE, REPORTS, UNITS = "reporting_daysum", "reporting_report", "reporting_unit"
PREFIX = "day_sums_"
FUNCTIONS = ("reporting_day_sums", "reporting_day_sums_of_unit")  # of PostgreSQL
IS_DAILY = "{0}.kind = 'daily'"
IS_REPORTED = f"{IS_DAILY} AND {{0}}.installs IS NOT NULL"
SUMMED_SQL = """
SELECT superior_id, is_agency, day, {daily}, {up_to}
FROM (
    SELECT u.parent_id AS superior_id, u.level = 'agency' AS is_agency, r.day AS day, {sums}
    FROM reporting_report r JOIN reporting_unit u ON u.id = r.unit_id
    WHERE u.parent_id IS NOT NULL AND {condition}
    GROUP BY u.parent_id, u.level = 'agency', r.day
) AS days"""
INSERT_SQL = "INSERT INTO reporting_daysum ({columns}) {summed}"
BEFORE_SQL = """COALESCE((SELECT b.{name} FROM reporting_daysum b WHERE b.superior_id = u.parent_id
    AND b.is_agency = (u.level = 'agency') AND b.day < {row}.day ORDER BY b.day DESC LIMIT 1), 0)"""
OPEN_SQL = """INSERT INTO reporting_daysum ({columns})
    SELECT u.parent_id, u.level = 'agency', {row}.day, {nothing}, {before}
    FROM reporting_unit u WHERE u.id = {row}.unit_id AND u.parent_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM reporting_daysum s WHERE s.superior_id = u.parent_id AND s.is_agency = (u.level = 'agency')
        AND s.day = {row}.day)"""
MOVE_SQL = """UPDATE reporting_daysum SET {changes}
    WHERE {place} AND day >= {row}.day AND (day = {row}.day OR {is_moved})"""
CLEAR_SQL = "DELETE FROM reporting_daysum WHERE {place} AND day = {row}.day AND reports = 0"
CLEAR_BOTH_SQL = "DELETE FROM reporting_daysum WHERE superior_id IN (OLD.parent_id, NEW.parent_id)"
OF_PLACE = """superior_id = (SELECT parent_id FROM reporting_unit WHERE id = {0}.unit_id)
    AND is_agency = (SELECT level = 'agency' FROM reporting_unit WHERE id = {0}.unit_id)"""


def counts() -> Sequence[str]:
    """What a report may say beside the installs, by column."""
    return apps.get_model("reporting", "DaySum").COUNTS


def of_a_day() -> dict[str, str]:
    """By column what a report adds to its day, as SQL of the report."""
    return {
        "reports": "1",
        "reported": f"CASE WHEN {IS_REPORTED} THEN 1 ELSE 0 END",
        "late": f"CASE WHEN {IS_REPORTED} AND {{0}}.is_late THEN 1 ELSE 0 END",
        "installs": f"CASE WHEN {IS_DAILY} THEN COALESCE({{0}}.installs, 0) ELSE 0 END",
        "adjustment": f"CASE WHEN {IS_DAILY} THEN {{0}}.adjustment ELSE 0 END",
        **{name: f"COALESCE({{0}}.{name}, 0)" for name in counts()},
        **{f"{name}_said": f"CASE WHEN {{0}}.{name} IS NULL THEN 0 ELSE 1 END" for name in counts()},
    }


def up_to_a_day() -> dict[str, str]:
    """The same of what it adds to its day and to all later ones."""
    return {
        "cumulative": "COALESCE({0}.installs, 0) + {0}.adjustment",
        **{f"{name}_so_far": f"COALESCE({{0}}.{name}, 0)" for name in counts()},
        **{f"{name}_ever_said": f"CASE WHEN {{0}}.{name} IS NULL THEN 0 ELSE 1 END" for name in counts()},
    }


def summed(condition: str) -> str:
    """SQL that sums the rows anew from the reports of the units `u` of which the condition holds: see `columns`."""
    daily, running = of_a_day(), up_to_a_day()
    sums = [f"SUM({value.format('r')}) AS {name}" for name, value in (daily | running).items()]
    up_to = [f"SUM({name}) OVER (PARTITION BY superior_id, is_agency ORDER BY day)" for name in running]
    listed = {"daily": daily, "up_to": up_to, "sums": sums}
    return SUMMED_SQL.format(condition=condition, **{name: ", ".join(parts) for name, parts in listed.items()})


def columns() -> list[str]:
    return ["superior_id", "is_agency", "day", *of_a_day(), *up_to_a_day()]


def fill(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Sum all rows anew. In a transaction in which nobody else writes reports."""
    with connections[using].cursor() as cursor:
        cursor.execute("DELETE FROM reporting_daysum")
        cursor.execute(_insert("1 = 1"))


def _insert(condition: str) -> str:
    return INSERT_SQL.format(columns=", ".join(columns()), summed=summed(condition))


def install(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Put the triggers in place, of the columns that there are now; where one was missing, all is summed anew.

    Idempotent. Nobody writes a report between: the triggers of PostgreSQL wait for its table, on SQLite the transaction
    is the lock.
    """
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        are_there = standing(connection) == statements(connection.vendor).keys()
        for name, body in functions(connection.vendor).items():
            cursor.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
        remove(using=using)
        for statement in statements(connection.vendor).values():
            cursor.execute(statement)
        if not are_there:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL statement_timeout = 0")  # of a country it takes a minute
            fill(using=using)


def remove(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Take the triggers away: SQLite makes no table anew that a trigger elsewhere names. `install` sums anew."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name in standing(connection):
            of = f" ON {_table_of(name)}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{of}")


def standing(connection) -> set[str]:
    """The names of the triggers that are there."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                """
                SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                WHERE NOT tgisinternal AND tgname LIKE 'day\\_sums\\_%%' AND pg_table_is_visible(pg_class.oid)
            """,
                [],
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'day_sums_*'")
        return {name for (name,) in cursor.fetchall()}


def _table_of(name: str) -> str:
    return UNITS if name.startswith(f"{PREFIX}{UNITS}") else REPORTS


def statements(vendor: str) -> dict[str, str]:
    """What makes the triggers, by their names."""
    return _statements_postgresql() if vendor == "postgresql" else _statements_sqlite()


def functions(vendor: str) -> dict[str, str]:
    """The bodies of the functions that the triggers of PostgreSQL call, by name."""
    if vendor != "postgresql":
        return {}
    same, elsewhere = _changed_in_place(), [*_taken("OLD"), *_put("NEW")]
    of_report = f"""
BEGIN
    IF TG_OP = 'INSERT' THEN
        {_sequence(_put("NEW"))}
    ELSIF TG_OP = 'DELETE' THEN
        {_sequence(_taken("OLD"))}
    ELSIF OLD.unit_id = NEW.unit_id AND OLD.day = NEW.day THEN
        {_sequence(same)}
    ELSE
        {_sequence(elsewhere)}
    END IF;
    RETURN NULL;
END
"""
    of_unit = f"""
BEGIN
    {_sequence(_summed_anew())}
    RETURN NULL;
END
"""
    return dict(zip(FUNCTIONS, (of_report, of_unit), strict=True))


def _statements_postgresql() -> dict[str, str]:
    of_report, of_unit = FUNCTIONS
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _read())
    moved = "OLD.parent_id IS DISTINCT FROM NEW.parent_id OR OLD.level IS DISTINCT FROM NEW.level"
    made = {
        "insert": f"AFTER INSERT ON {REPORTS} FOR EACH ROW EXECUTE FUNCTION {of_report}()",
        "update": f"AFTER UPDATE ON {REPORTS} FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {of_report}()",
        "delete": f"AFTER DELETE ON {REPORTS} FOR EACH ROW EXECUTE FUNCTION {of_report}()",
    }
    unit = f"AFTER UPDATE ON {UNITS} FOR EACH ROW WHEN ({moved}) EXECUTE FUNCTION {of_unit}()"
    return _named(made, unit)


def _statements_sqlite() -> dict[str, str]:
    is_same = "OLD.unit_id = NEW.unit_id AND OLD.day = NEW.day"
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _read())
    moved = "OLD.parent_id IS NOT NEW.parent_id OR OLD.level IS NOT NEW.level"
    made = {
        "insert": f"AFTER INSERT ON {REPORTS} BEGIN {_sequence(_put('NEW'))} END",
        "update": f"AFTER UPDATE ON {REPORTS} WHEN {is_same} AND ({changed})"
        f" BEGIN {_sequence(_changed_in_place())} END",
        "move": f"AFTER UPDATE ON {REPORTS} WHEN NOT ({is_same}) BEGIN {_sequence([*_taken('OLD'), *_put('NEW')])} END",
        "delete": f"AFTER DELETE ON {REPORTS} BEGIN {_sequence(_taken('OLD'))} END",
    }
    unit = f"AFTER UPDATE ON {UNITS} WHEN {moved} BEGIN {_sequence(_summed_anew())} END"
    return _named(made, unit)


def _named(of_reports: dict[str, str], of_unit: str) -> dict[str, str]:
    made = {f"{PREFIX}{REPORTS}_{event}": rest for event, rest in of_reports.items()}
    made[f"{PREFIX}{UNITS}_update"] = of_unit
    return {name: f"CREATE TRIGGER {name} {rest}" for name, rest in made.items()}


def _read() -> list[str]:
    """The columns of a report that anything of it depends on."""
    return ["unit_id", "day", "kind", "installs", "adjustment", "is_late", *counts()]


def _sequence(made: Sequence[str]) -> str:
    return " ".join(f"{statement};" for statement in made)


def _put(row: str) -> list[str]:
    """The row of the day, if it is not there yet, goes on from the one before; then what the report adds."""
    opened = OPEN_SQL.format(
        columns=", ".join(columns()),
        nothing=", ".join(["0"] * len(of_a_day())),
        before=", ".join(BEFORE_SQL.format(name=name, row=row) for name in up_to_a_day()),
        row=row,
    )
    added = {name: value.format(row) for name, value in (of_a_day() | up_to_a_day()).items()}
    return [opened, _move(row, added)]


def _taken(row: str) -> list[str]:
    gone = {name: f"-({value.format(row)})" for name, value in (of_a_day() | up_to_a_day()).items()}
    return [_move(row, gone), CLEAR_SQL.format(place=OF_PLACE.format(row), row=row)]


def _changed_in_place() -> list[str]:
    values = of_a_day() | up_to_a_day()
    return [_move("NEW", {name: f"({v.format('NEW')}) - ({v.format('OLD')})" for name, v in values.items()})]


def _move(row: str, by: dict[str, str]) -> str:
    daily = [f"{name} = {name} + CASE WHEN day = {row}.day THEN {by[name]} ELSE 0 END" for name in of_a_day()]
    running = [f"{name} = {name} + {by[name]}" for name in up_to_a_day()]
    is_moved = " OR ".join(f"({by[name]}) <> 0" for name in up_to_a_day())
    place, changes = OF_PLACE.format(row), ", ".join([*daily, *running])
    return MOVE_SQL.format(changes=changes, place=place, row=row, is_moved=is_moved)


def _summed_anew() -> list[str]:
    both = "IN (OLD.parent_id, NEW.parent_id)"
    return [CLEAR_BOTH_SQL, _insert(f"u.parent_id {both}")]
