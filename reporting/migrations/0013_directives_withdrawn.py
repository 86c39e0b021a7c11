"""What was withdrawn by a column of its own is withdrawn by a record. Safe to run twice."""

from django.db import migrations


def move(apps, schema_editor):
    Directive, Withdrawal = (apps.get_model("reporting", name) for name in ("Directive", "Withdrawal"))
    using = schema_editor.connection.alias
    for order in Directive.objects.using(using).filter(withdrawn_at__isnull=False, withdrawal=None):
        Withdrawal.objects.using(using).create(directive=order, recorded_at=order.withdrawn_at, reason="Thu hồi")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0012_withdrawals")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
