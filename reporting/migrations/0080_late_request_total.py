from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('reporting', '0079_papers_are_signed')]

    operations = [
        migrations.AddField(
            'laterequest',
            'cumulative',
            models.PositiveIntegerField(blank=True, null=True, verbose_name='cumulative'),
        ),
        migrations.AddIndex(
            'unit',
            models.Index(fields=['closed_on'], condition=models.Q(closed_on__isnull=False), name='unit_closed_on'),
        ),
    ]
