from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0041_no_fingerprints"),
    ]

    operations = [
        migrations.DeleteModel(name="AskedHour"),
    ]
