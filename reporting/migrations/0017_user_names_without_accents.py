"""User names have no accents, and none differs from another in its case alone."""

from collections import defaultdict

import django.contrib.auth.validators
import django.db.models.functions.text
from django.db import migrations, models


def name_those_that_look_the_same(apps, schema_editor):
    """The constraint would stop without a word of whose they are."""
    by_name = defaultdict(list)
    for name in apps.get_model("reporting", "User").objects.order_by("username").values_list("username", flat=True):
        by_name[name.lower()].append(name)
    doubled = [", ".join(names) for names in by_name.values() if len(names) > 1]
    if doubled:
        raise ValueError(
            f"User names that differ only in upper and lower case: {'; '.join(doubled)}. Nothing was changed. Rename all "
            "but one of each with the release that runs now (Quản trị, Người dùng; or in SQL the column username of "
            "reporting_user), tell the person, and migrate again."
        )


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('reporting', '0016_official_figure_explained'),
    ]

    operations = [
        migrations.RunPython(name_those_that_look_the_same, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='user',
            name='username',
            field=models.CharField(error_messages={'blank': 'This field cannot be blank.', 'invalid_choice': 'Value %(value)r is not a valid choice.', 'null': 'This field cannot be null.', 'unique': 'A user with that username already exists.', 'unique_for_date': '%(field_label)s must be unique for %(date_field_label)s %(lookup_type)s.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.ASCIIUsernameValidator()], verbose_name='username'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='user_name_is_nobody_elses', violation_error_code='taken', violation_error_message='This user name is taken.'),
        ),
    ]
