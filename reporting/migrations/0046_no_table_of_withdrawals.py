"""The table of withdrawals, empty of meaning now, leaves."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0045_move_withdrawals")]

    operations = [
        migrations.RemoveConstraint(
            model_name='signoff',
            name='sign_off_withdrawal_has_a_reason',
        ),
        migrations.RemoveField(
            model_name='basefigure',
            name='withdrawal',
        ),
        migrations.RemoveField(
            model_name='unitname',
            name='withdrawal',
        ),
        migrations.DeleteModel(
            name='Withdrawal',
        ),
        migrations.AlterField(
            model_name='signoff',
            name='withdrawal_reason',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason of withdrawal'),
        ),
        migrations.AlterField(
            model_name='signoff',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at'),
        ),
        migrations.AlterField(
            model_name='signoff',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='basefigure',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='basefigure_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='directive',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='directive_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='downtime',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='downtime_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='exemptday',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='exemptday_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='extension_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='reorganisation',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='reorganisation_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='signoff_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='unithour',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='unithour_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='unitname',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='unitname_is_withdrawn_with_a_reason'),
        ),
    ]
