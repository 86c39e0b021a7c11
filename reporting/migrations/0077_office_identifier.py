from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('reporting', '0076_release_0_8')]

    operations = [
        migrations.AddField(
            model_name='user',
            name='office_identifier',
            field=models.CharField(blank=True, max_length=255, null=True, verbose_name='identifier of the office account'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(condition=models.Q(('office_identifier__isnull', False)), fields=('office_identifier',), name='office_identifier_is_nobody_elses', violation_error_code='taken', violation_error_message='Another account has this identifier.'),
        ),
    ]
