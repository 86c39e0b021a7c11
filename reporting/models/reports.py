"""A report holds one unit's figures for one day. Its revisions are its append-only history."""

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .history import History


@dataclass(frozen=True)
class IncludedDays:
    """The earlier days that the number of a day also counts. Without any it is the number of its day alone.

    It counts the days right before its own, from `covers_from` on: together they are one report of several days. If a
    total was sent, it also counts each older day, from `holds_from` on, that neither the unit nor a unit merged into it
    had reported. These stay missing, because days between them and the total have reports of their own.
    """

    covers_from: date | None = None
    holds_from: date | None = None

    @property
    def first(self) -> date | None:
        return min(filter(None, (self.covers_from, self.holds_from)), default=None)


class Figures(models.Model):
    """The figures of a report and of each revision."""

    installs = models.PositiveIntegerField(_("installs"), null=True, blank=True)  # None: not reported
    adjustment = models.IntegerField(_("adjustment"), default=0)
    covers_from = models.DateField(_("covers from"), null=True, blank=True)
    holds_from = models.DateField(_("holds from"), null=True, blank=True)
    households_visited = models.PositiveIntegerField(_("households visited"), null=True, blank=True)
    note = models.TextField(_("difficulties"), blank=True)

    class Meta:
        abstract = True

    @property
    def contribution(self) -> int:
        """What the row adds to its unit's cumulative."""
        return (self.installs or 0) + self.adjustment

    @property
    def included(self) -> IncludedDays:
        return IncludedDays(self.covers_from, self.holds_from)


class Report(Figures):
    """A unit's figures of a day as they are now. What its numbers were before is in its revisions."""

    class Kind(models.TextChoices):
        DAILY = "daily", _("daily report")
        OPENING = "opening", _("opening report")

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="reports", verbose_name=_("unit"))
    day = models.DateField(_("day"))  # of an opening report: the day before the campaign
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.DAILY)
    cumulative = models.IntegerField(_("cumulative"))  # negative by at most what closed units brought
    households_so_far = models.PositiveIntegerField(_("households visited so far"), default=0)  # running sum
    received_at = models.DateTimeField(_("received at"))  # arrival of the day's first report: decides if it is late
    version = models.PositiveIntegerField(_("version"), default=1)

    history = History(frozen=("id", "unit_id", "day", "kind"))  # the rest follows from its last revision

    class Meta:
        ordering = ["unit_id", "day"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "day"], name="report_once_for_a_unit_and_day"),
            models.UniqueConstraint(fields=["unit"], condition=Q(kind="opening"), name="report_one_opening_for_a_unit"),
            models.CheckConstraint(
                condition=Q(installs=None) | Q(installs__gte=0), name="report_installs_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(households_visited=None) | Q(households_visited__gte=0),
                name="report_households_not_negative",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="report_version_starts_at_one"),
            models.CheckConstraint(
                condition=Q(covers_from=None) | Q(covers_from__lt=F("day")), name="report_covers_earlier_days"
            ),
            models.CheckConstraint(
                condition=Q(holds_from=None) | Q(holds_from__lt=F("day")), name="report_holds_earlier_days"
            ),
            models.CheckConstraint(
                condition=Q(kind="daily") | Q(covers_from=None, households_visited=None),
                name="report_opening_is_cumulative_only",
            ),
        ]
        indexes = [
            # Not the day alone: PostgreSQL expects one row for a day not yet in its statistics, and would search all
            # reports of that day for a unit's.
            models.Index(fields=["day", "unit"], name="report_day_unit"),
            models.Index(
                fields=["day", "unit"], condition=Q(covers_from__isnull=False), name="report_several_days_unit"
            ),
        ]

    @property
    def is_opening(self) -> bool:
        return self.kind == self.Kind.OPENING


class Revision(Figures):
    """A report's figures as somebody sent or changed them, with who, when and why. Append-only."""

    remark: str  # of the superior who accepted it; set by its page

    class Kind(models.TextChoices):
        OWN = "own", _("own report")
        ON_BEHALF = "on_behalf", _("entry on behalf")
        LATE = "late", _("late report")
        CORRECTION = "correction", _("correction")
        ADJUSTMENT = "adjustment", _("adjustment")
        OPENING = "opening", _("opening report")
        IMPORT = "import", _("import")
        VOID = "void", _("void")
        OWN_VOID = "own_void", _("void by the unit itself")

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    delta = models.IntegerField()  # of the report's contribution to the cumulative
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=500, blank=True)
    paper_ref = models.CharField(max_length=100, blank=True)
    paper_at = models.DateTimeField(null=True, blank=True)  # never filled: without it all chain codes would change
    source = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()  # decides if it is late
    counted_at = models.DateTimeField()  # from when the figure counts
    # When the sender confirmed doubtful figures after the deadline, if he sent them before it.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="revisions", null=True, blank=True)
    by_name = models.CharField(max_length=200)

    history = History()

    class Meta:
        ordering = ["report_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="revision_number_once_for_a_report"),
            models.CheckConstraint(condition=Q(number__gte=1), name="revision_number_starts_at_one"),
            models.CheckConstraint(
                condition=Q(installs=None) | Q(installs__gte=0), name="revision_installs_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(confirmed_at__gt=F("received_at")),
                name="revision_confirmed_after_it_was_received",
            ),
        ]
        indexes = [models.Index(fields=["counted_at"], name="revision_counted_at")]

    @property
    def is_void(self) -> bool:
        return self.kind in (self.Kind.VOID, self.Kind.OWN_VOID)
