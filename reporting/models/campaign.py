"""The city's settings for the campaign: orders, days, hours and office names. A wrong setting is withdrawn."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from .. import deadline
from .history import WITHDRAWN_WITH_A_REASON, History, Withdrawable, in_force_at


def recorded_models() -> list[type[models.Model]]:
    """The models with `recorded_at`. Their rows change figures, as reports do."""
    own = apps.get_app_config("reporting").get_models()
    return [model for model in own if any(field.name == "recorded_at" for field in model._meta.concrete_fields)]


def moments_of(model: type[models.Model]) -> list[str]:
    """The columns with the times when a row was recorded and withdrawn."""
    return ["recorded_at", "withdrawn_at"] if issubclass(model, Withdrawable) else ["recorded_at"]


class RecordedQuerySet(models.QuerySet):
    def known(self, as_of: datetime | None) -> RecordedQuerySet:
        """The rows recorded by `as_of`; all if it is None."""
        return self if as_of is None else self.filter(recorded_at__lte=as_of)


class RecordQuerySet(RecordedQuerySet):
    def known(self, as_of: datetime | None) -> RecordQuerySet:
        """The rows in force at `as_of`, or now if it is None: recorded and not withdrawn."""
        return super().known(as_of).filter(in_force_at(as_of))


class Recorded(models.Model):
    """An append-only row with its time and author."""

    recorded_at = models.DateTimeField(editable=False)
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", null=True, editable=False)

    objects = RecordedQuerySet.as_manager()

    class Meta:
        abstract = True


class Record(Recorded, Withdrawable):
    """A setting of the city. It is withdrawn, never edited."""

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True


class Directive(Record):
    """An order that sets target and deadlines from a day on. It is never edited, only withdrawn."""

    class Kind(models.TextChoices):
        LETTER = "letter", _("official letter")
        PLAN = "plan", pgettext_lazy("kind of order", "plan")
        DIRECTIVE = "directive", _("directive")
        NOTICE = "notice", _("notice")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.LETTER)
    number = models.CharField(_("number"), max_length=60)
    issuer = models.CharField(_("issuer"), max_length=200)
    title = models.CharField(_("title"), max_length=300)
    grounds = models.CharField(_("grounds"), max_length=300, blank=True)
    issued_on = models.DateField(_("issued on"))
    effective_from = models.DateField(_("effective from"))
    effective_until = models.DateField(_("effective until"), null=True, blank=True)
    target_share = models.DecimalField(
        _("target share"),
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.6000"),
        validators=[MinValueValidator(Decimal("0.0001")), MaxValueValidator(1)],
    )
    target_date = models.DateField(_("target date"), null=True, blank=True)
    report_deadline = models.TimeField(_("report deadline"), default=deadline.REPORT_DEADLINE)
    signoff_deadline = models.TimeField(_("sign-off deadline"), default=deadline.SIGNOFF_DEADLINE)
    correction_days = models.PositiveSmallIntegerField(_("correction days"), default=deadline.CORRECTION_DAYS)
    official_threshold = models.DecimalField(
        _("more than the ministry counts is marked from (share)"),
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.0500"),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )

    class Meta:
        ordering = ["-effective_from", "-id"]
        verbose_name = _("directive")
        constraints = [
            WITHDRAWN_WITH_A_REASON,
            models.CheckConstraint(
                condition=Q(signoff_deadline__gte=F("report_deadline")),
                name="directive_signs_off_after_reports_are_due",
                violation_error_message=_("The sign-off deadline cannot be earlier than the report deadline."),
            ),
            models.CheckConstraint(
                condition=Q(target_share__gt=0) & Q(target_share__lte=1), name="directive_target_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(official_threshold__gte=0) & Q(official_threshold__lte=1),
                name="directive_official_threshold_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
                name="directive_ends_after_it_begins",
                violation_error_message=_("The last day cannot be before the first."),
            ),
        ]


class ExemptDay(Record):
    """A day on which a unit and all below it owe no report. A report counts and is never late. Append-only."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="exempt_days")
    day = models.DateField()
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["-day", "unit_id"]
        verbose_name = _("exempt day")
        constraints = [WITHDRAWN_WITH_A_REASON]
        indexes = [models.Index(fields=["day"], name="exempt_day_day")]  # the act allows one for a unit


class Extension(Record):
    """A later deadline of a day for a unit and all below it. It may be given afterwards. Append-only."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="extensions")
    day = models.DateField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["-day", "-id"]
        verbose_name = _("extension")
        constraints = [
            WITHDRAWN_WITH_A_REASON,
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason"),
        ]
        indexes = [models.Index(fields=["day"], name="extension_day")]


class Downtime(Record):
    """The product was down. Nobody is late on a day whose deadline lies in that time."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["-starts_at"]
        verbose_name = _("downtime")
        constraints = [
            WITHDRAWN_WITH_A_REASON,
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="downtime_ends_after_it_begins"),
        ]


class UnitHour(Record):
    """The city orders another deadline for a unit and all below it, from a later day on."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="unit_hours")
    effective_from = models.DateField()
    effective_until = models.DateField(null=True, blank=True)
    report_deadline = models.TimeField()
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["-effective_from", "-id"]
        verbose_name = _("hour of a unit")
        constraints = [
            WITHDRAWN_WITH_A_REASON,
            models.CheckConstraint(condition=~Q(reason=""), name="unit_hour_has_a_reason"),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
                name="unit_hour_ends_after_it_begins",
            ),
        ]


class Office(Recorded):
    """The office of a sealing unit or of the country: its names and who signs. The newest row of a unit counts."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="offices")
    name = models.CharField(max_length=150)  # "Sở Thông tin và Truyền thông"
    short_name = models.CharField(max_length=40)  # "Sở TT&TT"
    managing = models.CharField(max_length=150, blank=True)  # "UBND tỉnh Hà Giang"
    symbol = models.CharField(max_length=20)  # "STTTT"
    phone = models.CharField(max_length=30, blank=True)
    # of the day's paper, one item a line; empty: the usual
    signature = models.CharField(max_length=200, blank=True, default="")
    signer = models.CharField(max_length=100, blank=True, default="")
    recipients = models.CharField(max_length=500, blank=True, default="")

    history = History()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        verbose_name = _("office that runs the site")
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(short_name="") & ~Q(symbol=""), name="office_has_its_names"
            )
        ]


def records_reaching(unit: models.Model) -> list[models.QuerySet]:
    """Orders, extensions, exempt days, hours and downtimes of the unit and of those above and below it.

    Withdrawn ones are included. Orders and downtimes apply to every unit.
    """
    here = Q(unit__path__startswith=unit.path) | Q(unit__code__in=unit.codes)
    of_units = (model.objects.filter(here).select_related("unit") for model in (Extension, ExemptDay, UnitHour))
    return [Directive.objects.all(), *of_units, Downtime.objects.all()]
