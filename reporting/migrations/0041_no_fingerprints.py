from django.db import migrations

TRIGGERS = {
    "postgresql": """
        SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND tgname LIKE 'fingerprint\\_%' AND pg_table_is_visible(pg_class.oid)
    """,
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'fingerprint_*'",
}


def drop_triggers(apps, schema_editor):
    """Before their table goes: a trigger that names a table that is gone refuses every write."""
    vendor = schema_editor.connection.vendor
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TRIGGERS[vendor])
        for name, table in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if vendor == "postgresql" else ""))
        if vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS reporting_fingerprint_drawn()")


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0040_one_sum"),
    ]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
        migrations.DeleteModel(name="Fingerprint"),
    ]
