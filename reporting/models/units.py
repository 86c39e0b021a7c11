"""The tree: communes below districts below a city, agencies beside them, maybe a country above. Names are dated.

One unit seals: the city, or the top of the tree if there is none. Its seal, its hours and its clerks' rights apply to
all units below it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from .. import read_cache
from ..text import names
from .history import WITHDRAWN_WITH_A_REASON, History, InForceManager, Withdrawable, WithdrawableQuerySet
from .levels import NOBODY_BELOW, Level, OfALevel

Key = TypeVar("Key", int, str)  # a unit's primary key, or its code
# No "/" (ends a part of the path), no "%" or "_" (wildcards of LIKE), upper case only (SQLite's LIKE ignores case). It
# begins with a digit or a letter, so it is never "..".
CODE_PATTERN = r"^[0-9A-Z][0-9A-Z.-]*\Z"
# Raw SQL, because every page and act runs it: building the ORM query takes ten times as long as running it.
MOVED_SQL = """
    SELECT id, opened_on, closed_on, successor_id, split_from_id, handed_over, path
    FROM reporting_unit WHERE closed_on IS NOT NULL OR split_from_id IS NOT NULL
"""


def _reorganisation() -> models.ForeignKey:
    """A key to the reorganisation that made or changed the row, if any."""
    return models.ForeignKey(
        "reporting.Reorganisation", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )


class UnitQuerySet(models.QuerySet["Unit"]):
    def below(self, unit: Unit) -> UnitQuerySet:
        """The unit itself and everything under it."""
        return self.filter(path__startswith=unit.path)

    def tops(self) -> UnitQuerySet:
        """The top of the tree: a city or the country."""
        return self.filter(parent=None)

    def sealing(self) -> UnitQuerySet:
        """The units that seal (see `Unit.is_sealing`)."""
        return self.filter(Q(level=Level.CITY) | Q(parent=None) & ~Q(level=Level.COUNTRY))

    def residents(self) -> UnitQuerySet:
        """All units but agencies."""
        return self.exclude(level=Level.AGENCY)

    def superior_levels(self) -> UnitQuerySet:
        """The units whose level can have units below."""
        return self.exclude(level__in=NOBODY_BELOW)

    def open_on(self, day: date) -> UnitQuerySet:
        return self.filter(Q(opened_on=None) | Q(opened_on__lte=day), Q(closed_on=None) | Q(closed_on__gt=day))

    def opened_by(self, day: date) -> UnitQuerySet:
        """The units that opened by the day, even if closed since, but none that was never open."""
        was_open = Q(closed_on=None) | Q(closed_on__gt=F("opened_on"))
        return self.filter(Q(opened_on=None) | Q(opened_on__lte=day) & was_open)

    def named(self, day: date, as_of: datetime | None = None) -> UnitQuerySet:
        """Adds `name` and `kind` as in force on the day, as known at `as_of` or now."""
        in_force = UnitName.objects.filter(unit=OuterRef("pk"), effective_on__lte=day).in_force_order()
        if as_of is not None:
            in_force = in_force.filter(recorded_at__lte=as_of)
        return self.annotate(name=Subquery(in_force.values("name")[:1]), kind=Subquery(in_force.values("kind")[:1]))

    def heirs(self, day: date | None = None) -> dict[int, int]:
        """Maps each unit closed by the day to the open unit at the end of its successors, by keys.

        Without a day: all units with a closing day.
        """
        successors = {pk: heir for pk, closed_on, heir in moved_units().closed if day is None or closed_on <= day}
        ends = {unit: end_of_chain(unit, successors.get) for unit in successors}
        return {unit: end for unit, end in ends.items() if end is not None and end not in successors}

    def ending_at(self, unit: Unit, day: date | None = None) -> UnitQuerySet:
        """The units closed by the day whose chain of successors ends at `unit`."""
        keys = [closed for closed, heir in Unit.objects.heirs(day).items() if heir == unit.pk]
        return self.filter(pk__in=keys) if keys else self.none()  # nearly always none: not even a query is built

    def establish(
        self,
        *,
        code: str,
        parent: Unit | None,
        name: str,
        kind: str,
        effective_on: date,
        at: datetime,
        by: Reorganisation | None = None,
        **fields: Any,
    ) -> Unit:
        """Make and return a unit with its first name, path and sort key; `fields` are other fields of the model.

        A unit that was never open, because its reorganisation was withdrawn, is reused, with its code and report.
        """
        never_open = self.filter(code=code, opened_on=F("closed_on")).first()
        unit = Unit(
            pk=never_open and never_open.pk,
            code=code,
            parent=parent,
            path=f"{parent.path if parent else ''}{code}/",
            opened_by=by,
            sort_key=names.sort_key(name),
            name_folded=names.fold(name),
            **fields,
        )
        unit.save(force_insert=never_open is None)
        if never_open:
            unit.reports.update(day=effective_on - timedelta(days=1))
        unit.rename(name=name, kind=kind, effective_on=effective_on, at=at, by=by)
        return unit


class Unit(OfALevel, models.Model):
    """A node of the tree: a country, city, district, commune or agency. `path` leads to it from the top."""

    Level = Level
    superior: Unit | None  # its parent, named on the day of a search

    code = models.CharField(max_length=20, unique=True, validators=[RegexValidator(CODE_PATTERN)])
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=200, unique=True, editable=False)  # codes from the root, "31/303/11296/"
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)  # its first closed day
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
    )
    # If split from another unit: that unit, and what it handed over of its cumulative on `opened_on`.
    split_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    handed_over = models.PositiveIntegerField(default=0)
    opened_by = _reorganisation()
    closed_by = _reorganisation()
    phone = models.CharField(max_length=30, blank=True)
    sort_key = models.CharField(max_length=400, editable=False)
    name_folded = models.CharField(max_length=200, editable=False)

    name: str | None  # both are set only by `named()`
    kind: str | None
    objects = UnitQuerySet.as_manager()
    REORGANISED = ("reorganisation",)  # the stored reorganisation explains the change, not an access record
    history = History(
        frozen=("id", "code", "level", "parent_id", "path", "opened_on", "split_from_id", "handed_over"),
        recorded={("closed_on", "successor_id"): REORGANISED, ("phone",): ("unit_changed",)},
    )

    class Meta:
        ordering = ["sort_key", "code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(code__contains="/") & ~Q(code__contains="%") & ~Q(code__contains="_"),
                name="unit_code_holds_no_separator_or_wildcard",
            ),
            models.CheckConstraint(
                condition=~Q(code__startswith=".") & ~Q(code__startswith="-"), name="unit_code_begins_with_no_sign"
            ),
            models.CheckConstraint(condition=Q(path__endswith="/"), name="unit_path_ends_with_a_slash"),
            models.CheckConstraint(
                # equal if it was never open, because its reorganisation was withdrawn
                condition=Q(opened_on=None) | Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="unit_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(closed_on__isnull=False), name="unit_with_a_successor_is_closed"
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("id")), name="unit_is_not_its_own_successor"
            ),
            models.CheckConstraint(
                condition=Q(handed_over=0) | Q(split_from__isnull=False, opened_on__isnull=False),
                name="unit_is_handed_installs_by_the_one_it_is_split_from",
            ),
        ]
        indexes = [
            models.Index(fields=["name_folded"], name="unit_name_folded"),
            models.Index(fields=["closed_on"], condition=Q(closed_on__isnull=False), name="unit_closed_on"),
        ]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.code})" if hasattr(self, "name") else self.code

    @property
    def full_name(self) -> str:
        """ "Phường Đằng Hải": kind and name of a unit read through `named()`."""
        return full_name(self.kind or "", self.name or self.code)

    @property
    def is_sealing(self) -> bool:
        """Whether it is the unit that seals: a city, or the top of a tree without a country."""
        return self.is_city or (self.parent_id is None and not self.is_country)

    @property
    def is_under_seal(self) -> bool:
        """Whether a unit that seals stands above it and confirms, seals and reopens its days."""
        return not self.is_sealing and not self.is_country

    @property
    def ancestor_codes(self) -> list[str]:
        """Codes of the superiors, from the root down."""
        return self.path.split("/")[:-2]

    @property
    def codes(self) -> list[str]:
        """Codes from the root down to the unit itself."""
        return self.path.split("/")[:-1]

    def rename(
        self, *, name: str, kind: str, effective_on: date, at: datetime, by: Reorganisation | None = None
    ) -> UnitName:
        """Add a dated name and return it. Search and sorting use the newest, maybe another."""
        named = {"name": name, "kind": kind, "effective_on": effective_on, "recorded_at": at, "reorganisation": by}
        added = UnitName.objects.create(unit=self, **named)
        self.follow_newest_name()
        return added

    def follow_newest_name(self) -> None:
        """Set sort key and folded name from the newest name in force, if there is one."""
        newest = UnitName.objects.filter(unit=self).in_force_order().first()
        if newest:
            folded = {"sort_key": names.sort_key(newest.name), "name_folded": names.fold(newest.name)}
            Unit.objects.filter(pk=self.pk).update(**folded)

    def close(self, *, on: date, into: Unit, by: Reorganisation | None = None) -> None:
        """Close the unit from the day on. Its cumulative goes on under its successor."""
        self.closed_on, self.successor, self.closed_by = on, into, by
        self.save(update_fields=["closed_on", "successor", "closed_by"])

    @property
    def was_never_open(self) -> bool:
        """Whether its reorganisation was withdrawn before it took effect. Then its code is free again."""
        return self.opened_on is not None and self.opened_on == self.closed_on

    def is_open_on(self, day: date) -> bool:
        return (self.opened_on is None or self.opened_on <= day) and (self.closed_on is None or day < self.closed_on)


def end_of_chain(unit: Key, successor: Callable[[Key], Key | None]) -> Key | None:
    """The last of the unit's successors, or the unit itself; None if they form a circle."""
    seen = {unit}
    while (following := successor(unit)) is not None:
        if following in seen:
            return None
        seen.add(following)
        unit = following
    return unit


class Moved(NamedTuple):
    """The changes of the tree. Units that were never open are only in `closed`."""

    closed: list[tuple[int, date, int | None]]  # key, first closed day and successor
    splits: list[Split]
    endings: list[tuple[int, str, date]]  # key, path and first closed day


@read_cache.cached
def moved_units() -> Moved:
    """The units with a closing day or with a part of another's cumulative."""
    with connection.cursor() as cursor:
        cursor.execute(MOVED_SQL)
        rows = cursor.fetchall()
    closed = [(pk, closed_on, successor) for pk, _opened, closed_on, successor, *_split in rows if closed_on]
    split = [
        Split(pk, source, opened_on, installs)
        for pk, opened_on, closed_on, _successor, source, installs, _path in rows
        if installs and opened_on != closed_on
    ]
    endings = [
        (pk, path, closed_on) for pk, opened_on, closed_on, *_split, path in rows if closed_on not in (None, opened_on)
    ]
    return Moved(closed, split, endings)


@read_cache.cached
def named_line(codes: tuple[str, ...], day: date, as_of: datetime | None) -> dict[str, Unit]:
    """The units by code, with their names of the day as known at `as_of` or now."""
    return {unit.code: unit for unit in Unit.objects.filter(code__in=codes).named(day, as_of).order_by()}


class Split(NamedTuple):
    """A unit split from another (as keys), and the part of its cumulative that it got on the day."""

    unit: int
    source: int
    day: date
    installs: int


def full_name(kind: str, name: str) -> str:
    """Kind and name: "quận" and "Hải An" give "Quận Hải An". An agency has no kind."""
    text = f"{kind} {name}".strip()
    return text[:1].upper() + text[1:]


class UnitNameQuerySet(WithdrawableQuerySet):
    def in_force_order(self) -> UnitNameQuerySet:
        """Newest first: by day, then by record."""
        return self.order_by("-effective_on", "-id")


class UnitName(Withdrawable):
    """A unit's name from a day on; append-only."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="names")
    effective_on = models.DateField()
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=30, blank=True)
    recorded_at = models.DateTimeField()
    reorganisation = _reorganisation()

    objects = InForceManager.from_queryset(UnitNameQuerySet)()

    class Meta:
        ordering = ["unit_id", "effective_on", "id"]
        constraints = [
            WITHDRAWN_WITH_A_REASON,
            models.CheckConstraint(condition=~Q(name=""), name="unit_name_is_not_empty"),
        ]
        indexes = [models.Index(fields=["unit", "-effective_on", "-id"], name="unit_name_in_force")]


class BaseFigureQuerySet(WithdrawableQuerySet):
    def in_force(self, unit: Unit, day: date) -> BaseFigure | None:
        """The newest effective figure, or None. The last record of a day counts."""
        return self.in_force_of([unit], day).get(unit.pk)

    def in_force_of(self, units: Collection[Unit], day: date) -> dict[int, BaseFigure]:
        """The figures in force on the day, by unit key."""
        oldest_first = self.filter(unit__in=units, effective_on__lte=day).order_by("effective_on", "id")
        return {base.unit_id: base for base in oldest_first}


class BaseFigure(Withdrawable):
    """The population and other base figures of a reporting unit from a day on; append-only.

    For an agency `population` is its staff and `smartphone_users` the staff with a smartphone.
    """

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="base_figures")
    effective_on = models.DateField()
    population = models.PositiveIntegerField()
    smartphone_users = models.PositiveIntegerField(null=True, blank=True)
    households = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=200)
    explanation = models.CharField(max_length=150, blank=True)  # of a doubtful population
    recorded_at = models.DateTimeField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", null=True, blank=True)
    reorganisation = _reorganisation()

    objects = InForceManager.from_queryset(BaseFigureQuerySet)()

    class Meta:
        ordering = ["unit_id", "effective_on", "id"]
        verbose_name = _("base figure")
        constraints = [
            WITHDRAWN_WITH_A_REASON,
            models.CheckConstraint(condition=Q(population__gt=0), name="base_figure_population_is_positive"),
        ]
        indexes = [models.Index(fields=["unit", "-effective_on", "-id"], name="base_figure_in_force")]

    @property
    def is_in_force(self) -> bool:
        """Whether the same figures are already in force on that day."""
        compared = ("effective_on", "population", "smartphone_users", "households", "source")
        current = BaseFigure.objects.in_force(self.unit, self.effective_on)
        return current is not None and all(getattr(current, name) == getattr(self, name) for name in compared)


class Reorganisation(Withdrawable):
    """Mergers, splits and renames that take effect on one day, as recorded; append-only."""

    effective_on = models.DateField()
    source = models.CharField(max_length=200)
    table = models.TextField()  # the lines as text, see `reorganisation.draft.COLUMNS`
    recorded_at = models.DateTimeField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-effective_on", "-id"]
        verbose_name = _("reorganisation")
        constraints = [
            WITHDRAWN_WITH_A_REASON,
            models.CheckConstraint(condition=~Q(source=""), name="reorganisation_has_a_source"),
        ]
