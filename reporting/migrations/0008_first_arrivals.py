import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0007_second_factor'),
    ]

    operations = [
        migrations.CreateModel(
            name='FirstArrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('arrived_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField()),
                ('figures', models.JSONField()),
                ('asks_covers', models.BooleanField(default=False)),
                ('offers_total', models.BooleanField(default=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('unit', 'day', 'by'), name='first_arrival_once_for_a_unit_day_and_person')],
            },
        ),
    ]
