"""A possible later migration: SQLite makes the table again and loses its triggers."""

from django.db import migrations, models

from tests.later_migrations import NEWEST


class Migration(migrations.Migration):
    dependencies = [("reporting", NEWEST)]
    operations = [
        migrations.AlterField("revision", "reason", models.CharField("reason", max_length=600, blank=True)),
    ]
