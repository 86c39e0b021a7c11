"""What is withdrawn says so itself; what a reorganisation made names it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def lift_triggers(apps, schema_editor):
    """The rows are filled below; `migrate` puts the triggers in place again."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'append_only_%'"
            )
            for name, table in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name} ON {table}")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'append_only_*'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0043_splits_hand_over'),
    ]

    operations = [
        migrations.RunPython(lift_triggers, migrations.RunPython.noop),
        migrations.AddField(
            model_name='basefigure',
            name='reorganisation',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.reorganisation'),
        ),
        migrations.AddField(
            model_name='basefigure',
            name='withdrawal_reason',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason of withdrawal'),
        ),
        migrations.AddField(
            model_name='basefigure',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at'),
        ),
        migrations.AddField(
            model_name='basefigure',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='directive',
            name='withdrawal_reason',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason of withdrawal'),
        ),
        migrations.AddField(
            model_name='directive',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at'),
        ),
        migrations.AddField(
            model_name='directive',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='downtime',
            name='withdrawal_reason',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason of withdrawal'),
        ),
        migrations.AddField(
            model_name='downtime',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at'),
        ),
        migrations.AddField(
            model_name='downtime',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='exemptday',
            name='withdrawal_reason',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason of withdrawal'),
        ),
        migrations.AddField(
            model_name='exemptday',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at'),
        ),
        migrations.AddField(
            model_name='exemptday',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='extension',
            name='withdrawal_reason',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason of withdrawal'),
        ),
        migrations.AddField(
            model_name='extension',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at'),
        ),
        migrations.AddField(
            model_name='extension',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reorganisation',
            name='withdrawal_reason',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason of withdrawal'),
        ),
        migrations.AddField(
            model_name='reorganisation',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at'),
        ),
        migrations.AddField(
            model_name='reorganisation',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='unit',
            name='closed_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.reorganisation'),
        ),
        migrations.AddField(
            model_name='unit',
            name='opened_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.reorganisation'),
        ),
        migrations.AddField(
            model_name='unithour',
            name='withdrawal_reason',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason of withdrawal'),
        ),
        migrations.AddField(
            model_name='unithour',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at'),
        ),
        migrations.AddField(
            model_name='unithour',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='unitname',
            name='reorganisation',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.reorganisation'),
        ),
        migrations.AddField(
            model_name='unitname',
            name='withdrawal_reason',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='reason of withdrawal'),
        ),
        migrations.AddField(
            model_name='unitname',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at'),
        ),
        migrations.AddField(
            model_name='unitname',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
