
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0027_find_what_was_fixed'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accessrecord',
            name='kind',
            field=models.CharField(choices=[('signed_in', 'signed in'), ('signed_out', 'signed out'), ('refused', 'wrong name or password'), ('locked', 'locked after wrong passwords'), ('address_locked', 'locked an address'), ('password_changed', 'changed the own password'), ('password_reset', 'reset a password'), ('downloaded', 'downloaded'), ('person_added', 'added an account'), ('person_changed', 'changed an account'), ('unit_changed', 'changed units'), ('campaign_changed', 'changed the campaign set-up'), ('cover_changed', 'changed a cover'), ('second_factor', 'second factor'), ('token', 'gave or revoked a token'), ('webhook', 'changed which systems are told')], max_length=20, verbose_name='kind'),
        ),
    ]
