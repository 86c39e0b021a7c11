"""Accounts. Each belongs to one unit, whose level sets its role. A cover adds another unit for some days."""

from collections.abc import Iterator
from datetime import date, datetime

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from .history import History
from .units import Unit

LONGEST_NAME = 200  # characters of `by_name` in append-only rows


class User(AbstractUser):
    """A person's account. An administrator belongs to no unit."""

    # ASCII, because people type it at the sign-in and no two names must look the same.
    username_validator = ASCIIUsernameValidator()
    username = models.CharField(
        AbstractUser._meta.get_field("username").verbose_name,
        max_length=150,
        unique=True,
        help_text=AbstractUser._meta.get_field("username").help_text,
        validators=[username_validator],
        error_messages={
            **AbstractUser._meta.get_field("username").error_messages,
            "invalid": _("A user name has only unaccented letters, digits and the signs @ . + - _"),
        },
    )
    unit = models.ForeignKey(
        "reporting.Unit", models.PROTECT, related_name="users", verbose_name=_("unit"), null=True, blank=True
    )
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    is_viewer = models.BooleanField(_("reads only"), default=False)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    password_expires_at = models.DateTimeField(_("one-time password ends"), null=True, blank=True, editable=False)
    first_signed_in_at = models.DateTimeField(_("first sign-in"), null=True, blank=True, editable=False)
    last_signed_in_at = models.DateTimeField(_("last sign-in"), null=True, blank=True, editable=False)

    second_factor_at = models.DateTimeField(_("second factor since"), null=True, blank=True, editable=False)
    hints_closed = models.BooleanField(default=False, editable=False)  # the hints of a first visit
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)  # how often all sessions were ended

    history = History(
        frozen=("id",),
        recorded={
            (
                "username",
                "unit_id",
                "is_viewer",
                "is_active",
                "is_staff",
                "is_superuser",
                "last_name",
                "first_name",
                "phone",
            ): ("person_added", "person_changed", "password_reset"),
            ("password", "password_expires_at"): (
                *("person_added", "person_changed", "password_reset", "password_changed"),
                "signed_in",  # a sign-in renews a hash that is no longer strong enough
            ),
            ("second_factor_at",): ("second_factor", "person_changed", "password_reset", "passkey_added"),
        },
    )

    is_above: bool | None = None  # whether his unit has units below; None if not read yet
    acts_on: date | None = None  # the reporting day of the request; None outside a request
    has_covers = True  # False if he has no open cover
    holds: list | None = None  # his covers on `acts_on`, once read

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_superuser=True) | Q(unit__isnull=False), name="user_belongs_to_a_unit_or_is_superuser"
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="user_name_is_nobody_elses",
                violation_error_message=_("This user name is taken."),
                violation_error_code="taken",
            ),
        ]

    @property
    def display_name(self) -> str:
        """The name that the history stores: full name or user name, cut to the column."""
        return (self.get_full_name() or self.username)[:LONGEST_NAME]

    def get_full_name(self) -> str:
        """Family name first, as Vietnamese names are written."""
        return f"{self.last_name} {self.first_name}".strip()

    @property
    def has_units_below(self) -> bool:
        """Whether the person's unit has units below it, open or closed."""
        if self.is_above is None:
            self.is_above = self.unit_id is not None and self.unit.children.exists()
        return self.is_above

    def is_password_over(self, at: datetime) -> bool:
        """Whether the one-time password has expired."""
        return self.password_expires_at is not None and self.password_expires_at <= at

    def check_password(self, raw_password: str) -> bool:
        """Whether the password is right. Renews an old hash, unless the stored one has changed meanwhile.

        That of a one-time password stays until the person chooses another: a new hash would end a second sign-in.
        """
        old = self.password

        def renew(raw: str) -> None:
            hashed = make_password(raw)
            if User.objects.filter(pk=self.pk, password=old).update(password=hashed):
                self.password = hashed

        return check_password(raw_password, old, None if self.must_change_password else renew)

    # A session ends when this hash changes: with the password, unit or second factor, or on leaving.

    def get_session_auth_hash(self) -> str:
        return self._get_session_auth_hash() if self.is_active else ""

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Adds the hashes of units that his unit took over, so that their people stay signed in."""
        yield from super().get_session_auth_fallback_hash()
        if self.is_active and self.unit_id:
            for closed in Unit.objects.ending_at(self.unit, None):
                yield self._get_session_auth_hash(unit=closed.pk)

    def _get_session_auth_hash(self, secret=None, *, unit: int | None = None) -> str:
        state = f"{self.password}/{unit or self.unit_id}"
        if self.sessions_ended:
            state += f"/{self.sessions_ended}"
        return salted_hmac("reporting.User.session", state, secret=secret, algorithm="sha256").hexdigest()


class Passkey(models.Model):
    """The public half of a key on a person's device, which the fingerprint or PIN of the device opens."""

    person = models.ForeignKey(User, models.PROTECT, related_name="passkeys")
    key_id = models.CharField(max_length=1400, unique=True)  # up to 1,023 bytes, in base64url
    public_key = models.BinaryField()
    sign_count = models.PositiveBigIntegerField()
    device = models.CharField(max_length=60)  # the browser that added it
    added_at = models.DateTimeField()
    used_at = models.DateTimeField()  # when the last signed challenge was made: an earlier one is not taken again


class Session(AbstractBaseSession):
    """A session, under the hash of its key. The columns repeat what its data says, so that nobody's else is read."""

    person = models.ForeignKey(User, models.CASCADE, related_name="sessions", null=True)  # None before the sign-in
    device = models.CharField(max_length=60, db_index=True)  # the browser
    used_at = models.DateTimeField(null=True, db_index=True)


class WrongPasswords(models.Model):
    """A counter of recent wrong passwords: of a name at an address, of an address, or of a device."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    next_at = models.DateTimeField()  # until then no password is tried


class CoverQuerySet(models.QuerySet):
    def in_force(self, day: date) -> "CoverQuerySet":
        return self.filter(first_day__lte=day, last_day__gte=day, ended_at=None)


class Cover(models.Model):
    """Cover ("trực thay"): for some days a colleague also reports for another unit; append-only."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="covers")
    person = models.ForeignKey("reporting.User", models.PROTECT, related_name="covers")
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", null=True, blank=True)

    objects = CoverQuerySet.as_manager()
    history = History(once=("ended_at", "ended_by_id"))

    class Meta:
        ordering = ["-last_day", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="cover_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="cover_is_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["person", "last_day"], name="cover_of_a_person")]

    def __str__(self) -> str:
        return f"{self.first_day:%d/%m/%Y} – {self.last_day:%d/%m/%Y}"
