"""A difficulty that a unit has rewritten is sent up again, in its new words."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0021_tokens'),
    ]

    operations = [
        migrations.AlterField(
            model_name='passedup',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passed_up', to='reporting.report', verbose_name='report'),
        ),
    ]
