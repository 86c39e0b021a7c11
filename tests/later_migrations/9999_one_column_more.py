"""What a later release may do beside the release before: a column that fills itself, for that one writes without it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "9999_longer_reason")]
    operations = [
        migrations.AddField("report", "weather", models.CharField("weather", max_length=20, db_default="dry")),
        migrations.AddIndex("report", models.Index(fields=["weather"], name="report_weather")),
    ]
