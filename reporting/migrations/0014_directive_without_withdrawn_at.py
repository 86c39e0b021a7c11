"""The column gives way to the record. The trigger that reads it goes first; `migrate` puts its like in place again."""

from django.db import migrations

TABLE = "reporting_directive"


def drop_trigger(apps, schema_editor):
    on = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS append_only_{TABLE}_update{on}")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0013_directives_withdrawn")]
    operations = [
        migrations.RunPython(drop_trigger, migrations.RunPython.noop),
        migrations.RemoveField(model_name="directive", name="withdrawn_at"),
    ]
