from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0046_no_table_of_withdrawals")]

    operations = [
        migrations.AddField("importfile", "plan", models.JSONField(null=True, verbose_name="plan")),
        migrations.AddField("importfile", "started_at", models.DateTimeField(null=True, verbose_name="started at")),
        migrations.AddField("importfile", "done_at", models.DateTimeField(null=True, verbose_name="done at")),
        migrations.AddField("importfile", "result", models.JSONField(null=True, verbose_name="result")),
    ]
