from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('reporting', '0078_emblem_is_a_setting')]

    operations = [
        migrations.AddField(
            model_name='office',
            name='recipients',
            field=models.CharField(blank=True, default='', max_length=500, verbose_name='the paper is addressed to'),
        ),
        migrations.AddField(
            model_name='office',
            name='signature',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='capacity and title of the signer'),
        ),
        migrations.AddField(
            model_name='office',
            name='signer',
            field=models.CharField(blank=True, default='', max_length=100, verbose_name='full name of the signer'),
        ),
    ]
