from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('reporting', '0077_office_identifier')]

    operations = [migrations.DeleteModel('Emblem')]
