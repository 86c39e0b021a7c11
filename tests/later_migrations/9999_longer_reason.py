"""What a later release may do: a change for which SQLite makes the table anew and forgets its triggers."""

from django.db import migrations, models

from tests.later_migrations import NEWEST


class Migration(migrations.Migration):
    dependencies = [("reporting", NEWEST)]
    operations = [
        migrations.AlterField("revision", "reason", models.CharField("reason", max_length=600, blank=True)),
    ]
