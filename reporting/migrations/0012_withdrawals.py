"""What was set up can be taken back: a record of its own for each withdrawal."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0011_own_sum_below_what_was_brought'),
    ]

    operations = [
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recorded_at', models.DateTimeField(editable=False, verbose_name='recorded at')),
                ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('directive', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='reporting.directive', verbose_name='record')),
                ('downtime', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='reporting.downtime', verbose_name='record')),
                ('exempt_day', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='reporting.exemptday', verbose_name='record')),
                ('extension', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='reporting.extension', verbose_name='record')),
                ('reorganisation', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='reporting.reorganisation', verbose_name='record')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'withdrawal',
                'verbose_name_plural': 'withdrawals',
                'ordering': ['-recorded_at', '-id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='exemptday',
            name='exempt_day_once_for_a_unit',
        ),
        migrations.AddIndex(
            model_name='exemptday',
            index=models.Index(fields=['day'], name='exempt_day_day'),
        ),
        migrations.AddField(
            model_name='basefigure',
            name='withdrawal',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.withdrawal'),
        ),
        migrations.AddField(
            model_name='unitname',
            name='withdrawal',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.withdrawal'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='withdrawal_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('directive__isnull', False), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', True)), models.Q(('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', False), ('extension__isnull', True), ('reorganisation__isnull', True)), models.Q(('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', False), ('reorganisation__isnull', True)), models.Q(('directive__isnull', True), ('downtime__isnull', False), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', True)), models.Q(('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', False)), _connector='OR'), name='withdrawal_of_one_record'),
        ),
    ]
