"""All tables. Triggers are installed after each `migrate` (`triggers`)."""

import datetime
import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.manager
import django.utils.timezone
import reporting.models.levels
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    # The last of version 0.8. A database that has it has these tables; an older one is first upgraded to that version.
    replaces = [('reporting', '0082_known_heads')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('installs', models.PositiveIntegerField(blank=True, null=True, verbose_name='installs')),
                ('adjustment', models.IntegerField(default=0, verbose_name='adjustment')),
                ('covers_from', models.DateField(blank=True, null=True, verbose_name='covers from')),
                ('holds_from', models.DateField(blank=True, null=True, verbose_name='holds from')),
                ('households_visited', models.PositiveIntegerField(blank=True, null=True, verbose_name='households visited')),
                ('note', models.TextField(blank=True, verbose_name='difficulties')),
                ('day', models.DateField(verbose_name='day')),
                ('kind', models.CharField(choices=[('daily', 'daily report'), ('opening', 'opening report')], default='daily', max_length=10, verbose_name='kind')),
                ('cumulative', models.IntegerField(verbose_name='cumulative')),
                ('households_so_far', models.PositiveIntegerField(default=0, verbose_name='households visited so far')),
                ('received_at', models.DateTimeField(verbose_name='received at')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
            ],
            options={
                'ordering': ['unit_id', 'day'],
            },
        ),
        migrations.CreateModel(
            name='WrongPasswords',
            fields=[
                ('key', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField(default=0)),
                ('last_at', models.DateTimeField(db_index=True)),
                ('next_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('username', models.CharField(error_messages={'blank': 'This field cannot be blank.', 'invalid_choice': 'Value %(value)r is not a valid choice.', 'null': 'This field cannot be null.', 'unique': 'A user with that username already exists.', 'unique_for_date': '%(field_label)s must be unique for %(date_field_label)s %(lookup_type)s.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.ASCIIUsernameValidator()], verbose_name='username')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='telephone')),
                ('is_viewer', models.BooleanField(default=False, verbose_name='reads only')),
                ('must_change_password', models.BooleanField(default=False, verbose_name='must change the password')),
                ('password_expires_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='one-time password ends')),
                ('first_signed_in_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='first sign-in')),
                ('last_signed_in_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last sign-in')),
                ('office_identifier', models.CharField(blank=True, max_length=255, null=True, verbose_name='identifier of the office account')),
                ('second_factor_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='second factor since')),
                ('hints_closed', models.BooleanField(default=False, editable=False)),
                ('sessions_ended', models.PositiveIntegerField(default=0, editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
            },
        ),
        migrations.CreateModel(
            name='Reorganisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('effective_on', models.DateField()),
                ('source', models.CharField(max_length=200)),
                ('table', models.TextField()),
                ('recorded_at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'reorganisation',
                'ordering': ['-effective_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='PassedUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passed_up', to='reporting.report')),
            ],
            options={
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('installs', models.PositiveIntegerField(blank=True, null=True, verbose_name='installs')),
                ('adjustment', models.IntegerField(default=0, verbose_name='adjustment')),
                ('covers_from', models.DateField(blank=True, null=True, verbose_name='covers from')),
                ('holds_from', models.DateField(blank=True, null=True, verbose_name='holds from')),
                ('households_visited', models.PositiveIntegerField(blank=True, null=True, verbose_name='households visited')),
                ('note', models.TextField(blank=True, verbose_name='difficulties')),
                ('number', models.PositiveIntegerField()),
                ('delta', models.IntegerField()),
                ('kind', models.CharField(choices=[('own', 'own report'), ('on_behalf', 'entry on behalf'), ('late', 'late report'), ('correction', 'correction'), ('adjustment', 'adjustment'), ('opening', 'opening report'), ('import', 'import'), ('void', 'void'), ('own_void', 'void by the unit itself')], max_length=10)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('paper_ref', models.CharField(blank=True, max_length=100)),
                ('paper_at', models.DateTimeField(blank=True, null=True)),
                ('source', models.CharField(blank=True, max_length=200)),
                ('received_at', models.DateTimeField()),
                ('counted_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('by_name', models.CharField(max_length=200)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='reporting.report')),
            ],
            options={
                'ordering': ['report_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('begins_with', models.CharField(max_length=12)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('given_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('last_address', models.GenericIPAddressField(blank=True, null=True)),
                ('counted_from', models.DateTimeField(blank=True, editable=False, null=True)),
                ('counted', models.PositiveIntegerField(default=0, editable=False)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-given_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='TokenUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('answered', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='reporting.token')),
            ],
            options={
                'ordering': ['-day'],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True, validators=[django.core.validators.RegexValidator('^[0-9A-Z][0-9A-Z.-]*\\Z')])),
                ('level', models.CharField(choices=[('country', 'country'), ('city', 'province or city'), ('district', 'district'), ('commune', 'commune'), ('agency', 'agency')], max_length=10)),
                ('path', models.CharField(editable=False, max_length=200, unique=True)),
                ('opened_on', models.DateField(blank=True, null=True)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('handed_over', models.PositiveIntegerField(default=0)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('region', models.CharField(blank=True, max_length=60, verbose_name='region')),
                ('map_column', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('map_line', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('sort_key', models.CharField(editable=False, max_length=400)),
                ('name_folded', models.CharField(editable=False, max_length=200)),
                ('closed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.reorganisation')),
                ('opened_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.reorganisation')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='reporting.unit')),
                ('split_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.unit')),
                ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='reporting.unit')),
            ],
            options={
                'ordering': ['sort_key', 'code'],
            },
            bases=(reporting.models.levels.OfALevel, models.Model),
        ),
        migrations.CreateModel(
            name='UnconfirmedReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('sent_at', models.DateTimeField()),
                ('figures', models.JSONField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.unit')),
            ],
        ),
        migrations.AddField(
            model_name='token',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to='reporting.unit'),
        ),
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('table', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('cumulative', models.PositiveIntegerField(default=0)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('is_after_deadline', models.BooleanField(default=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='reporting.unit')),
            ],
            options={
                'verbose_name': 'sign-off',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('table', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to='reporting.unit')),
            ],
            options={
                'verbose_name': 'seal',
                'ordering': ['at', 'id'],
            },
            managers=[
                ('with_withdrawn', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name='report',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='reporting.unit', verbose_name='unit'),
        ),
        migrations.CreateModel(
            name='Reopening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('until', models.DateTimeField()),
                ('reason', models.CharField(max_length=300)),
                ('is_return', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reopenings', to='reporting.unit')),
            ],
            options={
                'ordering': ['opened_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='reporting.unit')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='OfficialFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('day', models.DateField()),
                ('metric', models.CharField(choices=[('downloads', 'downloads'), ('accounts', 'accounts with a phone number'), ('devices', 'active devices')], max_length=10)),
                ('counted_at', models.DateTimeField()),
                ('value', models.PositiveIntegerField()),
                ('source', models.CharField(max_length=200)),
                ('explanation', models.CharField(blank=True, default='', max_length=150)),
                ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='official_figures', to='reporting.unit')),
            ],
            options={
                'verbose_name': 'official figure',
                'ordering': ['-day', '-recorded_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('name', models.CharField(max_length=150)),
                ('short_name', models.CharField(max_length=40)),
                ('managing', models.CharField(blank=True, max_length=150)),
                ('symbol', models.CharField(max_length=20)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('signature', models.CharField(blank=True, default='', max_length=200)),
                ('signer', models.CharField(blank=True, default='', max_length=100)),
                ('recipients', models.CharField(blank=True, default='', max_length=500)),
                ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offices', to='reporting.unit')),
            ],
            options={
                'verbose_name': 'office that runs the site',
                'ordering': ['-recorded_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('code', 'code for an address'), ('reminder', 'reminder before the deadline'), ('silent', 'who has not reported'), ('bulletin', 'bulletin'), ('sealed', 'day sealed'), ('exceeds', 'claims above the ministry’s figures'), ('differs', 'the records do not agree')], max_length=10)),
                ('key', models.CharField(max_length=120, unique=True)),
                ('day', models.DateField()),
                ('as_of', models.DateTimeField(blank=True, null=True)),
                ('written_at', models.DateTimeField()),
                ('useful_until', models.DateTimeField()),
                ('next_try_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('end', models.CharField(blank=True, choices=[('sent', 'sent'), ('needless', 'no longer needed'), ('given_up', 'given up')], max_length=10)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.unit')),
            ],
            options={
                'ordering': ['next_try_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='LateRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('installs', models.PositiveIntegerField(blank=True, null=True, verbose_name='installs')),
                ('adjustment', models.IntegerField(default=0, verbose_name='adjustment')),
                ('covers_from', models.DateField(blank=True, null=True, verbose_name='covers from')),
                ('holds_from', models.DateField(blank=True, null=True, verbose_name='holds from')),
                ('households_visited', models.PositiveIntegerField(blank=True, null=True, verbose_name='households visited')),
                ('note', models.TextField(blank=True, verbose_name='difficulties')),
                ('day', models.DateField()),
                ('cumulative', models.PositiveIntegerField(blank=True, null=True)),
                ('opening', models.PositiveIntegerField(blank=True, null=True)),
                ('reason', models.CharField(max_length=300)),
                ('base_version', models.PositiveIntegerField(default=0)),
                ('received_at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=200)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decision', models.CharField(blank=True, choices=[('accepted', 'accepted'), ('declined', 'not accepted')], max_length=10)),
                ('decision_note', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='late_requests', to='reporting.unit')),
            ],
            options={
                'ordering': ['received_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='KnownHeads',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30, verbose_name='kind')),
                ('meanings', models.JSONField(default=dict, verbose_name='meanings')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reporting.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'known heads',
                'verbose_name_plural': 'known heads',
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('day', models.DateField()),
                ('until', models.DateTimeField()),
                ('reason', models.CharField(max_length=200)),
                ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='reporting.unit')),
            ],
            options={
                'verbose_name': 'extension',
                'ordering': ['-day', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ExplanationRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('metric', models.CharField(choices=[('downloads', 'downloads'), ('accounts', 'accounts with a phone number'), ('devices', 'active devices')], max_length=10, verbose_name='what is counted')),
                ('claimed', models.PositiveIntegerField(verbose_name='our figure')),
                ('counted', models.PositiveIntegerField(verbose_name="the ministry's figure")),
                ('question', models.CharField(max_length=300, verbose_name='question')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('answer', models.CharField(blank=True, max_length=1000, verbose_name='answer')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered at')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='explanation_requests', to='reporting.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'explanation asked for',
                'verbose_name_plural': 'explanations asked for',
                'ordering': ['asked_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ExemptDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('day', models.DateField()),
                ('reason', models.CharField(max_length=200)),
                ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exempt_days', to='reporting.unit')),
            ],
            options={
                'verbose_name': 'exempt day',
                'ordering': ['-day', 'unit_id'],
            },
        ),
        migrations.CreateModel(
            name='Cover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='covers', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='covers', to='reporting.unit')),
            ],
            options={
                'ordering': ['-last_day', '-id'],
            },
        ),
        migrations.CreateModel(
            name='CountryDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('cumulative', models.BigIntegerField(null=True)),
                ('population', models.BigIntegerField(null=True)),
                ('top', models.TextField()),
                ('rows', models.TextField()),
                ('recent', models.TextField()),
                ('earlier', models.TextField()),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reporting.unit')),
            ],
            options={
            },
        ),
        migrations.CreateModel(
            name='BaseFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('effective_on', models.DateField()),
                ('population', models.PositiveIntegerField()),
                ('smartphone_users', models.PositiveIntegerField(blank=True, null=True)),
                ('households', models.PositiveIntegerField(blank=True, null=True)),
                ('source', models.CharField(max_length=200)),
                ('explanation', models.CharField(blank=True, max_length=150)),
                ('recorded_at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reorganisation', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.reorganisation')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='base_figures', to='reporting.unit')),
            ],
            options={
                'verbose_name': 'base figure',
                'ordering': ['unit_id', 'effective_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AccessRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('signed_in', 'signed in'), ('signed_out', 'signed out'), ('refused', 'wrong name or password'), ('locked', 'locked after wrong passwords'), ('address_locked', 'locked an address'), ('password_changed', 'changed the own password'), ('password_reset', 'reset a password'), ('downloaded', 'downloaded'), ('person_added', 'added an account'), ('person_changed', 'changed an account'), ('unit_changed', 'changed units'), ('campaign_changed', 'changed the campaign set-up'), ('cover_changed', 'changed a cover'), ('second_factor', 'second factor'), ('token', 'gave or revoked a token')], max_length=20)),
                ('by_name', models.CharField(blank=True, max_length=150)),
                ('address', models.GenericIPAddressField(blank=True, null=True)),
                ('detail', models.CharField(blank=True, max_length=300)),
                ('about', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.unit')),
            ],
            options={
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.AddField(
            model_name='user',
            name='unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='users', to='reporting.unit', verbose_name='unit'),
        ),
        migrations.CreateModel(
            name='UnitHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('effective_from', models.DateField()),
                ('effective_until', models.DateField(blank=True, null=True)),
                ('report_deadline', models.TimeField()),
                ('reason', models.CharField(max_length=200)),
                ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unit_hours', to='reporting.unit')),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'hour of a unit',
                'ordering': ['-effective_from', '-id'],
            },
        ),
        migrations.CreateModel(
            name='UnitName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('effective_on', models.DateField()),
                ('name', models.CharField(max_length=150)),
                ('kind', models.CharField(blank=True, max_length=30)),
                ('recorded_at', models.DateTimeField()),
                ('reorganisation', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reporting.reorganisation')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='names', to='reporting.unit')),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['unit_id', 'effective_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Directive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('kind', models.CharField(choices=[('letter', 'official letter'), ('plan', 'plan'), ('directive', 'directive'), ('notice', 'notice')], default='letter', max_length=20, verbose_name='kind')),
                ('number', models.CharField(max_length=60, verbose_name='number')),
                ('issuer', models.CharField(max_length=200, verbose_name='issuer')),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('grounds', models.CharField(blank=True, max_length=300, verbose_name='grounds')),
                ('issued_on', models.DateField(verbose_name='issued on')),
                ('effective_from', models.DateField(verbose_name='effective from')),
                ('effective_until', models.DateField(blank=True, null=True, verbose_name='effective until')),
                ('target_share', models.DecimalField(decimal_places=4, default=Decimal('0.6000'), max_digits=5, validators=[django.core.validators.MinValueValidator(Decimal('0.0001')), django.core.validators.MaxValueValidator(1)], verbose_name='target share')),
                ('target_date', models.DateField(blank=True, null=True, verbose_name='target date')),
                ('report_deadline', models.TimeField(default=datetime.time(17, 0), verbose_name='report deadline')),
                ('signoff_deadline', models.TimeField(default=datetime.time(17, 30), verbose_name='sign-off deadline')),
                ('correction_days', models.PositiveSmallIntegerField(default=7, verbose_name='correction days')),
                ('official_threshold', models.DecimalField(decimal_places=4, default=Decimal('0.0500'), max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='more than the ministry counts is marked from (share)')),
                ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'directive',
                'ordering': ['-effective_from', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='directive_is_withdrawn_with_a_reason'), models.CheckConstraint(condition=models.Q(('signoff_deadline__gte', models.F('report_deadline'))), name='directive_signs_off_after_reports_are_due', violation_error_message='The sign-off deadline cannot be earlier than the report deadline.'), models.CheckConstraint(condition=models.Q(('target_share__gt', 0), ('target_share__lte', 1)), name='directive_target_is_a_share'), models.CheckConstraint(condition=models.Q(('official_threshold__gte', 0), ('official_threshold__lte', 1)), name='directive_official_threshold_is_a_share'), models.CheckConstraint(condition=models.Q(('effective_until', None), ('effective_until__gte', models.F('effective_from')), _connector='OR'), name='directive_ends_after_it_begins', violation_error_message='The last day cannot be before the first.')],
            },
        ),
        migrations.CreateModel(
            name='Downtime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=200)),
                ('by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'downtime',
                'ordering': ['-starts_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='downtime_is_withdrawn_with_a_reason'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='downtime_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('source', models.CharField(max_length=200)),
                ('table', models.JSONField()),
                ('options', models.JSONField(default=dict)),
                ('plan', models.JSONField(null=True)),
                ('sent_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('result', models.JSONField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-sent_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='import_file_has_a_source')],
            },
        ),
        migrations.CreateModel(
            name='MailChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254, verbose_name='mail address')),
                ('asked_at', models.DateTimeField(verbose_name='code sent')),
                ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('wants_reminder', models.BooleanField(default=True, verbose_name='my unit has not reported, before the deadline')),
                ('minutes_before', models.PositiveSmallIntegerField(default=30, verbose_name='minutes before the deadline')),
                ('wants_silent', models.BooleanField(default=True, verbose_name='who has not reported at the deadline')),
                ('wants_bulletin', models.BooleanField(default=True, verbose_name='the day’s bulletin, once it is sealed')),
                ('wants_events', models.BooleanField(default=True, verbose_name='sealed days, and what needs looking at')),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mail_choice', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('minutes_before__in', (15, 30, 60, 120))), name='mail_choice_minutes_are_offered')],
            },
        ),
        migrations.AddConstraint(
            model_name='reorganisation',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='reorganisation_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='reorganisation',
            constraint=models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='reorganisation_has_a_source'),
        ),
        migrations.AddIndex(
            model_name='revision',
            index=models.Index(fields=['counted_at'], name='revision_counted_at'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(fields=('report', 'number'), name='revision_number_once_for_a_report'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='revision_number_starts_at_one'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(condition=models.Q(('installs', None), ('installs__gte', 0), _connector='OR'), name='revision_installs_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_at', None), ('confirmed_at__gt', models.F('received_at')), _connector='OR'), name='revision_confirmed_after_it_was_received'),
        ),
        migrations.AddConstraint(
            model_name='tokenuse',
            constraint=models.UniqueConstraint(fields=('token', 'day'), name='token_use_once_for_a_day'),
        ),
        migrations.AddIndex(
            model_name='unit',
            index=models.Index(fields=['name_folded'], name='unit_name_folded'),
        ),
        migrations.AddIndex(
            model_name='unit',
            index=models.Index(condition=models.Q(('closed_on__isnull', False)), fields=['closed_on'], name='unit_closed_on'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('code__contains', '/'), _negated=True), models.Q(('code__contains', '%'), _negated=True), models.Q(('code__contains', '_'), _negated=True)), name='unit_code_holds_no_separator_or_wildcard'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code__startswith', '.'), _negated=True), models.Q(('code__startswith', '-'), _negated=True)), name='unit_code_begins_with_no_sign'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('path__endswith', '/')), name='unit_path_ends_with_a_slash'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('opened_on', None), ('closed_on', None), ('closed_on__gte', models.F('opened_on')), _connector='OR'), name='unit_closes_after_it_opens'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('successor', None), ('closed_on__isnull', False), _connector='OR'), name='unit_with_a_successor_is_closed'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('successor', None), models.Q(('successor', models.F('id')), _negated=True), _connector='OR'), name='unit_is_not_its_own_successor'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('handed_over', 0), models.Q(('opened_on__isnull', False), ('split_from__isnull', False)), _connector='OR'), name='unit_is_handed_installs_by_the_one_it_is_split_from'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('map_column', None), ('map_line', None)), models.Q(('map_column__gte', 1), ('map_column__isnull', False), ('map_column__lte', 8), ('map_line__gte', 1), ('map_line__isnull', False), ('map_line__lte', 20)), _connector='OR'), name='unit_lies_on_the_map_or_does_not'),
        ),
        migrations.AddConstraint(
            model_name='unconfirmedreport',
            constraint=models.UniqueConstraint(fields=('unit', 'day'), name='unconfirmed_report_once_for_a_unit_and_day'),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='token_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('given_at'))), name='token_ends_after_it_is_given'),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='token_is_revoked_by_somebody'),
        ),
        migrations.AddIndex(
            model_name='signoff',
            index=models.Index(fields=['unit', 'day', 'at'], name='sign_off_unit_day_at'),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('unit', 'day'), name='sign_off_one_standing_for_a_unit_and_day'),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='signoff_is_withdrawn_with_a_reason'),
        ),
        migrations.AddIndex(
            model_name='seal',
            index=models.Index(fields=['day'], name='seal_day'),
        ),
        migrations.AddIndex(
            model_name='seal',
            index=models.Index(fields=['unit', 'day', 'at'], name='seal_unit_day_at'),
        ),
        migrations.AddConstraint(
            model_name='seal',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='seal_is_withdrawn_with_a_reason'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['day', 'unit'], name='report_day_unit'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('covers_from__isnull', False)), fields=['day', 'unit'], name='report_several_days_unit'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('unit', 'day'), name='report_once_for_a_unit_and_day'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'opening')), fields=('unit',), name='report_one_opening_for_a_unit'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('installs', None), ('installs__gte', 0), _connector='OR'), name='report_installs_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('households_visited', None), ('households_visited__gte', 0), _connector='OR'), name='report_households_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='report_version_starts_at_one'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('covers_from', None), ('covers_from__lt', models.F('day')), _connector='OR'), name='report_covers_earlier_days'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('holds_from', None), ('holds_from__lt', models.F('day')), _connector='OR'), name='report_holds_earlier_days'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'daily'), models.Q(('covers_from', None), ('households_visited', None)), _connector='OR'), name='report_opening_is_cumulative_only'),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.CheckConstraint(condition=models.Q(('until__gt', models.F('opened_at'))), name='reopening_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='reopening_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('unit', 'day'), name='reopening_one_standing_for_a_unit_and_day'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(fields=['unit', 'day'], name='reminder_unit_day'),
        ),
        migrations.AddIndex(
            model_name='officialfigure',
            index=models.Index(fields=['unit', 'metric', 'day'], name='official_figure_unit_day'),
        ),
        migrations.AddConstraint(
            model_name='officialfigure',
            constraint=models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='official_figure_has_a_source'),
        ),
        migrations.AddConstraint(
            model_name='officialfigure',
            constraint=models.CheckConstraint(condition=models.Q(('metric__in', ['downloads', 'accounts', 'devices'])), name='official_figure_says_what_is_counted'),
        ),
        migrations.AddConstraint(
            model_name='officialfigure',
            constraint=models.CheckConstraint(condition=models.Q(('counted_at__lte', models.F('recorded_at'))), name='official_figure_is_counted_before_it_is_recorded'),
        ),
        migrations.AddConstraint(
            model_name='office',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('short_name', ''), _negated=True), models.Q(('symbol', ''), _negated=True)), name='office_has_its_names'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['next_try_at'], name='message_waiting'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end', ''), ('ended_at', None)), models.Q(('end__gt', ''), ('ended_at__isnull', False)), _connector='OR'), name='message_ends_whole'),
        ),
        migrations.AddConstraint(
            model_name='laterequest',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at', None), ('withdrawn_at', None)), fields=('unit', 'day'), name='late_request_one_waiting_for_a_unit_and_day'),
        ),
        migrations.AddConstraint(
            model_name='laterequest',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('decided_at', None), _connector='OR'), name='late_request_ends_in_one_way'),
        ),
        migrations.AddConstraint(
            model_name='laterequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', '')), models.Q(('decided_at__isnull', False), ('decision__gt', '')), _connector='OR'), name='late_request_decided_says_how'),
        ),
        migrations.AddConstraint(
            model_name='laterequest',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='late_request_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='knownheads',
            constraint=models.UniqueConstraint(fields=('unit', 'kind'), name='heads_once_for_a_kind'),
        ),
        migrations.AddIndex(
            model_name='extension',
            index=models.Index(fields=['day'], name='extension_day'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='extension_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='extension_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='explanationrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('answered_at', None)), fields=('unit', 'day', 'metric'), name='explanation_one_open_for_a_unit_day_and_metric'),
        ),
        migrations.AddConstraint(
            model_name='explanationrequest',
            constraint=models.CheckConstraint(condition=models.Q(('question', ''), _negated=True), name='explanation_asks_a_question'),
        ),
        migrations.AddConstraint(
            model_name='explanationrequest',
            constraint=models.CheckConstraint(condition=models.Q(('claimed__gt', models.F('counted'))), name='explanation_is_of_what_exceeds'),
        ),
        migrations.AddConstraint(
            model_name='explanationrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None)), models.Q(('answer__gt', ''), ('answered_at__gte', models.F('asked_at')), ('answered_by__isnull', False)), _connector='OR'), name='explanation_is_answered_whole'),
        ),
        migrations.AddIndex(
            model_name='exemptday',
            index=models.Index(fields=['day'], name='exempt_day_day'),
        ),
        migrations.AddConstraint(
            model_name='exemptday',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='exemptday_is_withdrawn_with_a_reason'),
        ),
        migrations.AddIndex(
            model_name='cover',
            index=models.Index(fields=['person', 'last_day'], name='cover_of_a_person'),
        ),
        migrations.AddConstraint(
            model_name='cover',
            constraint=models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='cover_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='cover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='cover_is_ended_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='countryday',
            constraint=models.UniqueConstraint(fields=('unit', 'day'), name='country_day_once_for_a_unit_and_day'),
        ),
        migrations.AddIndex(
            model_name='basefigure',
            index=models.Index(fields=['unit', '-effective_on', '-id'], name='base_figure_in_force'),
        ),
        migrations.AddConstraint(
            model_name='basefigure',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='basefigure_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='basefigure',
            constraint=models.CheckConstraint(condition=models.Q(('population__gt', 0)), name='base_figure_population_is_positive'),
        ),
        migrations.AddIndex(
            model_name='accessrecord',
            index=models.Index(fields=['-at', '-id'], name='access_record_newest'),
        ),
        migrations.AddIndex(
            model_name='accessrecord',
            index=models.Index(fields=['kind', '-at'], name='access_record_of_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('is_superuser', True), ('unit__isnull', False), _connector='OR'), name='user_belongs_to_a_unit_or_is_superuser'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='user_name_is_nobody_elses', violation_error_code='taken', violation_error_message='This user name is taken.'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(condition=models.Q(('office_identifier__isnull', False)), fields=('office_identifier',), name='office_identifier_is_nobody_elses', violation_error_code='taken', violation_error_message='Another account has this identifier.'),
        ),
        migrations.AddConstraint(
            model_name='unithour',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='unithour_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='unithour',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='unit_hour_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='unithour',
            constraint=models.CheckConstraint(condition=models.Q(('effective_until', None), ('effective_until__gte', models.F('effective_from')), _connector='OR'), name='unit_hour_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='unitname',
            index=models.Index(fields=['unit', '-effective_on', '-id'], name='unit_name_in_force'),
        ),
        migrations.AddConstraint(
            model_name='unitname',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawal_reason__gt', ''), _connector='OR'), name='unitname_is_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='unitname',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='unit_name_is_not_empty'),
        ),
    ]
