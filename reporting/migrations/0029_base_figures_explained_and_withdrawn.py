
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0028_webhooks_in_the_access_record'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='withdrawal',
            name='withdrawal_of_one_record',
        ),
        migrations.AddField(
            model_name='basefigure',
            name='explanation',
            field=models.CharField(blank=True, max_length=150, verbose_name='explanation'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='base_figure',
            field=models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.basefigure', verbose_name='record'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('base_figure__isnull', True), ('directive__isnull', False), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', True), ('unit_hour__isnull', True)), models.Q(('base_figure__isnull', True), ('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', False), ('extension__isnull', True), ('reorganisation__isnull', True), ('unit_hour__isnull', True)), models.Q(('base_figure__isnull', True), ('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', False), ('reorganisation__isnull', True), ('unit_hour__isnull', True)), models.Q(('base_figure__isnull', True), ('directive__isnull', True), ('downtime__isnull', False), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', True), ('unit_hour__isnull', True)), models.Q(('base_figure__isnull', True), ('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', True), ('unit_hour__isnull', False)), models.Q(('base_figure__isnull', True), ('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', False), ('unit_hour__isnull', True)), models.Q(('base_figure__isnull', False), ('directive__isnull', True), ('downtime__isnull', True), ('exempt_day__isnull', True), ('extension__isnull', True), ('reorganisation__isnull', True), ('unit_hour__isnull', True)), _connector='OR'), name='withdrawal_of_one_record'),
        ),
    ]
