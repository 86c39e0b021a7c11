"""People: an account belongs to one unit, and the level of that unit is its role; a cover lends it another one."""

from collections.abc import Iterator
from datetime import date, datetime

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from . import keys
from .history import History
from .units import Unit

LONGEST_NAME = 200  # characters of `by_name` in what is only added to


class User(AbstractUser):
    # Without accents: it is typed at the sign-in, and no two of them look the same to a person or to the database.
    username_validator = ASCIIUsernameValidator()
    username = models.CharField(
        AbstractUser._meta.get_field("username").verbose_name,
        max_length=150,
        unique=True,
        help_text=AbstractUser._meta.get_field("username").help_text,
        validators=[username_validator],
        error_messages=AbstractUser._meta.get_field("username").error_messages,
    )
    unit = keys.of_a_unit("users", null=True, blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    is_viewer = models.BooleanField(_("reads only"), default=False)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    password_expires_at = models.DateTimeField(_("one-time password ends"), null=True, blank=True, editable=False)
    first_signed_in_at = models.DateTimeField(_("first sign-in"), null=True, blank=True, editable=False)
    last_signed_in_at = models.DateTimeField(_("last sign-in"), null=True, blank=True, editable=False)

    # NULL of all who have none, since no two are the same.
    office_identifier = models.CharField(_("identifier of the office account"), max_length=255, null=True, blank=True)  # noqa: DJ001

    second_factor_at = models.DateTimeField(_("second factor since"), null=True, blank=True, editable=False)
    hints_closed = models.BooleanField(default=False, editable=False)  # those of a first visit
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)  # how often all of them were

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
                "signed_in",  # then a hash that is no longer strong enough is made anew
            ),
            ("second_factor_at",): ("second_factor", "person_changed", "password_reset"),
            ("office_identifier",): ("person_added", "person_changed"),
        },
    )

    is_above: bool | None = None  # whether any unit is below his own, where it was read along
    acts_on: date | None = None  # the reporting day of the request at hand; outside of one there is no bound
    has_covers = True  # False where it is known that none was ever given that has not been ended
    holds: list | None = None  # the covers of that day, once they have been read

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
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
            models.UniqueConstraint(
                fields=["office_identifier"],
                condition=Q(office_identifier__isnull=False),  # on SQLite an index, without which the table is remade
                name="office_identifier_is_nobody_elses",
                violation_error_message=_("Another account has this identifier."),
                violation_error_code="taken",
            ),
        ]

    @property
    def display_name(self) -> str:
        """The name that history keeps: the person's own, or the user name; as much of it as history has room for."""
        return (self.get_full_name() or self.username)[:LONGEST_NAME]

    def get_full_name(self) -> str:
        """Family name first, as Vietnamese names are written."""
        return f"{self.last_name} {self.first_name}".strip()

    @property
    def has_units_below(self) -> bool:
        """Whether any unit is below the person's own, open or closed: a district without communes reports itself."""
        if self.is_above is None:
            self.is_above = self.unit_id is not None and self.unit.children.exists()
        return self.is_above

    def is_password_over(self, at: datetime) -> bool:
        """Whether the one-time password was not changed in its time."""
        return self.password_expires_at is not None and self.password_expires_at <= at

    def check_password(self, raw_password: str) -> bool:
        """Whether it is the person's. A hash that is no longer as strong as today's is made anew, over itself alone."""
        old = self.password

        def make_anew(raw: str) -> None:
            hashed = make_password(raw)
            if User.objects.filter(pk=self.pk, password=old).update(password=hashed):
                self.password = hashed

        return check_password(raw_password, old, make_anew)

    # A session holds this hash and ends when it no longer fits: after a change of the password, of the unit, of the
    # second factor, of the office account, on leaving.

    def get_session_auth_hash(self) -> str:
        return self._get_session_auth_hash() if self.is_active else ""

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Also what fitted before the person's unit went into the one that he now belongs to: he stays signed in."""
        yield from super().get_session_auth_fallback_hash()
        if self.is_active and self.unit_id:
            for closed in Unit.objects.ending_at(self.unit, None):
                yield self._get_session_auth_hash(unit=closed.pk)

    def _get_session_auth_hash(self, secret=None, *, unit: int | None = None) -> str:
        held = f"{self.password}/{unit or self.unit_id}"
        if self.sessions_ended:
            held += f"/{self.sessions_ended}"
        if self.office_identifier:
            held += f"/office {self.office_identifier}"
        return salted_hmac("reporting.User.session", held, secret=secret, algorithm="sha256").hexdigest()


class RecoveryCode(models.Model):
    """Each opens the account once, when the phone of the second factor is lost; only its hash is kept."""

    person = keys.of_a_person(_("user"), related_name="recovery_codes")
    digest = models.CharField(max_length=64)  # SHA-256

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")

    def __str__(self) -> str:
        return f"{self.person_id}: {self.digest[:12]}"


class WrongPasswords(models.Model):
    """Wrong passwords lately: of a name at an address, of an address, or of a device."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    next_at = models.DateTimeField()  # no other password is tried before

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class CoverQuerySet(models.QuerySet):
    def in_force(self, day: date) -> "CoverQuerySet":
        return self.filter(first_day__lte=day, last_day__gte=day, ended_at=None)


class Cover(models.Model):
    """Cover ("trực thay"): for some days a colleague reports for another unit too; only added to, ends by itself."""

    unit = keys.of_a_unit("covers")
    person = keys.of_a_person(_("colleague"), related_name="covers")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    by = keys.of_a_person(_("by"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = keys.of_a_person(_("ended by"), null=True, blank=True)

    objects = CoverQuerySet.as_manager()
    history = History(once=("ended_at", "ended_by_id"))

    class Meta:
        ordering = ["-last_day", "-id"]
        verbose_name = _("cover")
        verbose_name_plural = _("covers")
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
