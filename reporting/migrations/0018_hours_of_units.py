"""Another hour for one unit by an order of the city, and the earlier one that a superior asks for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0017_user_names_without_accents'),
    ]

    operations = [
        migrations.CreateModel(
            name='AskedHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recorded_at', models.DateTimeField(editable=False, verbose_name='recorded at')),
                ('hour', models.TimeField(blank=True, null=True, verbose_name='hour')),
            ],
            options={
                'verbose_name': 'hour that a superior asks for',
                'verbose_name_plural': 'hours that superiors ask for',
                'ordering': ['-recorded_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='UnitHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recorded_at', models.DateTimeField(editable=False, verbose_name='recorded at')),
                ('effective_from', models.DateField(verbose_name='effective from')),
                ('effective_until', models.DateField(blank=True, null=True, verbose_name='effective until')),
                ('report_deadline', models.TimeField(verbose_name='report deadline')),
                ('reason', models.CharField(max_length=200, verbose_name='order and reason')),
            ],
            options={
                'verbose_name': 'hour of a unit',
                'verbose_name_plural': 'hours of units',
                'ordering': ['-effective_from', '-id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='withdrawal',
            name='withdrawal_of_one_record',
        ),
        migrations.AddField(
            model_name='askedhour',
            name='by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='askedhour',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asked_hours', to='reporting.unit', verbose_name='unit'),
        ),
        migrations.AddField(
            model_name='unithour',
            name='by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='unithour',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unit_hours', to='reporting.unit', verbose_name='unit'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='unit_hour',
            field=models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='reporting.unithour', verbose_name='record'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('directive__isnull', False), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', True), ('unit_hour__isnull', True)), models.Q(('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', False), ('extension__isnull', True), ('reorganisation__isnull', True), ('unit_hour__isnull', True)), models.Q(('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', False), ('reorganisation__isnull', True), ('unit_hour__isnull', True)), models.Q(('directive__isnull', True), ('downtime__isnull', False), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', True), ('unit_hour__isnull', True)), models.Q(('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', True), ('unit_hour__isnull', False)), models.Q(('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', False), ('unit_hour__isnull', True)), _connector='OR'), name='withdrawal_of_one_record'),
        ),
        migrations.AddConstraint(
            model_name='unithour',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='unit_hour_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='unithour',
            constraint=models.CheckConstraint(condition=models.Q(('effective_until', None), ('effective_until__gte', models.F('effective_from')), _connector='OR'), name='unit_hour_ends_after_it_begins'),
        ),
    ]
