from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0050_unconfirmed_reports")]

    operations = [
        migrations.RunSQL("DELETE FROM reporting_importfile", migrations.RunSQL.noop),  # kept for an hour, by a page
        migrations.AddField("importfile", "plan", models.JSONField(null=True, verbose_name="plan")),
        migrations.AddField("importfile", "started_at", models.DateTimeField(null=True, verbose_name="started at")),
        migrations.AddField("importfile", "done_at", models.DateTimeField(null=True, verbose_name="done at")),
        migrations.AddField("importfile", "result", models.JSONField(null=True, verbose_name="result")),
    ]
