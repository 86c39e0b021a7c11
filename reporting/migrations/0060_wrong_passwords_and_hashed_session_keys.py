from hashlib import sha256

from django.db import migrations, models


def hash_keys(apps, schema_editor):
    """Who is signed in stays so."""
    sessions = apps.get_model("sessions", "Session").objects
    for held in sessions.all():
        sessions.create(
            session_key=sha256(held.session_key.encode()).hexdigest()[:40],
            session_data=held.session_data,
            expire_date=held.expire_date,
        )
        held.delete()


def end_all(apps, schema_editor):
    apps.get_model("sessions", "Session").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("reporting", "0055_import_plans"), ("sessions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="WrongPasswords",
            fields=[
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField(db_index=True)),
                ("next_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(hash_keys, end_all),
        # Of django-axes, which counted them before.
        migrations.RunSQL("DROP TABLE IF EXISTS axes_accessattemptexpiration", migrations.RunSQL.noop),
        migrations.RunSQL("DROP TABLE IF EXISTS axes_accessattempt", migrations.RunSQL.noop),
        migrations.RunSQL("DROP TABLE IF EXISTS axes_accesslog", migrations.RunSQL.noop),
        migrations.RunSQL("DROP TABLE IF EXISTS axes_accessfailurelog", migrations.RunSQL.noop),
    ]
