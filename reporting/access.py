"""You see and touch only what is yours: your own unit and what lies below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .acts import Role
from .models import Unit, User
from .models.units import UnitQuerySet


def visible_units(user: User) -> UnitQuerySet:
    """The user's own unit and all below it; for an administrator without a unit, all."""
    if not user.is_authenticated or not user.is_active:
        return Unit.objects.none()
    if user.unit_id is not None:
        return Unit.objects.below(user.unit)
    return Unit.objects.all() if user.is_superuser else Unit.objects.none()


def reportable_units(user: User) -> UnitQuerySet:
    """The units whose officer the user is: his own; a viewer's none. Whether a day is open, `state` says.

    Superiors enter for others as an act of review, not through here.
    """
    if not user.is_authenticated or not user.is_active or user.is_viewer or user.unit_id is None:
        return Unit.objects.none()
    return Unit.objects.filter(pk=user.unit_id)


def can_report(user: User, unit: Unit) -> bool:
    return reportable_units(user).filter(pk=unit.pk).exists()


def role(user: User, unit: Unit) -> Role | None:
    """What the user is to the unit; None for a stranger, and for an administrator without a unit."""
    if user.unit_id is None or not user.is_active or not unit.path.startswith(user.unit.path):
        return None
    if user.is_viewer:
        return Role.VIEWER
    if user.unit_id == unit.pk:
        return Role.OFFICER
    if user.unit.parent_id is None:
        return Role.CITY
    return Role.SUPERIOR if user.unit_id == unit.parent_id else None


def role_below(user: User, unit: Unit) -> Role | None:
    """What the user is to the units right below `unit`."""
    own = role(user, unit)
    if own is Role.OFFICER:
        return Role.CITY if unit.parent_id is None else Role.SUPERIOR
    return own if own in (Role.CITY, Role.VIEWER) else None


def is_clerk_of(user: User, unit: Unit) -> bool:
    """Whether the user acts for the unit itself: its own account, and not a reader's."""
    return user.is_active and user.unit_id == unit.pk and not user.is_viewer


def is_top_clerk(user: User, unit: Unit) -> bool:
    """Whether the user acts for the unit at the top of the tree, and `unit` is that unit."""
    return is_clerk_of(user, unit) and unit.parent_id is None


def can_choose_moment(user: User) -> bool:
    """Whether the user may look at any instant gone by: the clerks of superiors; others see now and the seal."""
    is_superior = user.unit_id is not None and user.unit.level not in (Unit.Level.COMMUNE, Unit.Level.AGENCY)
    return user.is_active and not user.is_viewer and (is_superior or user.unit_id is None)


def home_unit(user: User) -> Unit | None:
    """Where the user's day starts: his unit; for an administrator the top of the tree."""
    return user.unit or visible_units(user).filter(parent=None).first()


@dataclass(frozen=True)
class Step:
    """One step of the way down to a unit; the units above one's own have a name and no address."""

    unit: Unit
    is_visible: bool


def trail(user: User, unit: Unit, day: date, as_of: datetime | None = None) -> list[Step]:
    """The units above `unit`, from the root down."""
    if not unit.ancestor_codes:
        return []
    above = Unit.objects.filter(code__in=unit.ancestor_codes).named(day, as_of)
    by_code = {step.code: step for step in above}
    own_path = user.unit.path if user.unit_id else ""
    return [Step(by_code[code], by_code[code].path.startswith(own_path)) for code in unit.ancestor_codes]
