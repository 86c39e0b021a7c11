import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0046_no_table_of_withdrawals'),
    ]

    operations = [
        migrations.DeleteModel(name='FirstArrival'),
        migrations.CreateModel(
            name='UnconfirmedReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('sent_at', models.DateTimeField()),
                ('figures', models.JSONField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('unit', 'day'), name='unconfirmed_report_once_for_a_unit_and_day')],
            },
        ),
        migrations.AddField(
            model_name='revision',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='confirmed at'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(confirmed_at__gt=F('received_at')),
                name='revision_confirmed_after_it_was_received',
            ),
        ),
    ]
