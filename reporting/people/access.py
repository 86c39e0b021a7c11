"""Access: people see and change only their own unit and the units below it.

A unit also answers for the days of the units that it took over, as for its own.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from ..models import Cover, Unit, User
from ..models.units import UnitQuerySet, named_line
from ..permissions import Role


def visible_units(user: User) -> UnitQuerySet:
    """The user's own units, all below them, and the units he covers. An administrator sees all."""
    if not user.is_authenticated or not user.is_active:
        return Unit.objects.none()
    return Unit.objects.filter(_own_and_below(user) | Q(pk__in=covered_units(user)))


def _own_and_below(user: User) -> Q:
    return Q(pk__isnull=False) if is_administrator(user) else at_or_below(own_units(user))


def at_or_below(units: Iterable[Unit]) -> Q:
    return reduce(or_, [Q(path__startswith=unit.path) for unit in units], Q(pk__in=()))


def covered_units(user: User) -> set[int]:
    """Keys of the units that the user covers for a colleague today."""
    return {cover.unit_id for cover in covers(user)}


def covers(user: User) -> list[Cover]:
    """The user's covers of today. Viewers and people who have left have none."""
    if user.acts_on is None or not user.has_covers or not _is_officer(user):
        return []
    if user.holds is None:
        user.holds = list(Cover.objects.in_force(user.acts_on).filter(person=user).order_by("unit__path"))
    return user.holds


def _is_officer(user: User) -> bool:
    return user.is_authenticated and user.is_active and not user.is_viewer and user.unit is not None


def own_units(user: User) -> list[Unit]:
    """The user's unit, and the closed units that it has taken over by today."""
    return [user.unit, *Unit.objects.ending_at(user.unit, user.acts_on)] if user.unit else []


def reportable_units(user: User) -> UnitQuerySet:
    """The units that the user reports for: his own and those he covers. A viewer has none.

    `days.state` says whether a day is open. Superiors who enter for others use an act of review instead.
    """
    return Unit.objects.filter(pk__in=_reportable(user))


def can_report(user: User, unit: Unit) -> bool:
    """Whether the unit is one of `reportable_units`."""
    return unit.pk in _reportable(user)


def _reportable(user: User) -> set[int]:
    return {own.pk for own in own_units(user)} | covered_units(user) if _is_officer(user) else set()


def role(user: User, unit: Unit) -> Role | None:
    """The user's role towards the unit. None for a stranger and for an administrator.

    Units above the superior, other than the one that seals, only read, as a country does.
    """
    if user.unit is None or not user.is_active:
        return None
    own = [user.unit] if unit.closed_on is None else own_units(user)
    if not any(unit.path.startswith(mine.path) for mine in own):
        return Role.OFFICER if unit.pk in covered_units(user) else None
    if user.is_viewer:
        return Role.VIEWER
    if unit in own:
        return Role.OFFICER
    if user.unit.is_sealing:
        return Role.CITY
    is_superior = user.unit.is_under_seal and any(unit.parent_id == mine.pk for mine in own)
    return Role.SUPERIOR if is_superior else Role.VIEWER


def role_below(user: User, unit: Unit) -> Role | None:
    """The user's role towards the units right below `unit`."""
    own = role(user, unit)
    if own is Role.OFFICER:
        if unit.is_sealing:
            return Role.CITY
        return Role.SUPERIOR if unit.is_under_seal else Role.VIEWER
    return own if own in (Role.CITY, Role.VIEWER) else None


def is_clerk_of(user: User, unit: Unit) -> bool:
    """Whether the user is an officer of the unit, his own or a covered one."""
    return role(user, unit) is Role.OFFICER


def is_sealing_clerk(user: User, unit: Unit | None) -> bool:
    """Whether `unit` is the unit that seals and the user is its officer."""
    return unit is not None and unit.is_sealing and is_clerk_of(user, unit)


def can_choose_moment(user: User) -> bool:
    """Whether pages offer the user any past time, as to clerks of superiors. Others choose now or the seal."""
    return user.is_active and not user.is_viewer and (user.unit is None or user.unit.is_superior_level)


def is_administrator(user: User) -> bool:
    """Whether the user belongs to no unit: he keeps the accounts of all, and of what units report he only reads."""
    return user.is_active and user.is_superuser and user.unit is None


def can_manage_people(user: User) -> bool:
    """Whether the user manages accounts: administrators and the clerks of superior units do."""
    return is_administrator(user) or (_is_officer(user) and user.unit is not None and user.unit.is_superior_level)


def visible_people(user: User) -> QuerySet:
    """The accounts of the user's unit and of all below it. Sealing units and countries also see administrators."""
    if not can_manage_people(user):
        return User.objects.none()
    people = Q(unit__in=Unit.objects.filter(_own_and_below(user)))
    return User.objects.filter(people if _is_under_seal(user) else people | Q(unit=None))


def _is_under_seal(user: User) -> bool:
    """Whether a unit that seals stands above the user's unit."""
    return user.unit is not None and user.unit.is_under_seal


def manageable_people(user: User) -> QuerySet:
    """The accounts that the user may change: those below his unit, and in a city or country his colleagues' too.

    Never his own, so that nobody locks himself out, and never an administrator's.
    """
    people = visible_people(user).exclude(pk=user.pk).exclude(is_superuser=True)
    return people.exclude(unit=user.unit_id) if _is_under_seal(user) else people


def can_reset_second_factor(user: User) -> bool:
    """Whether the user may reset the second factor of others: the city's account managers and administrators may."""
    return can_manage_people(user) and not _is_under_seal(user)


def units_for_people(user: User, day: date) -> UnitQuerySet:
    """The units that the user may assign people to: those below his own, and in a city or country his own too."""
    units = Unit.objects.filter(_own_and_below(user)).open_on(day)
    return units.exclude(pk=user.unit.pk) if user.unit and user.unit.is_under_seal else units


def units_to_cover(user: User, day: date) -> UnitQuerySet:
    """The reporting units below the user's own, which a colleague may cover. For a country none: it only reads."""
    if user.unit and user.unit.is_country:
        return Unit.objects.none()
    return units_for_people(user, day).exclude(children__in=Unit.objects.open_on(day)).exclude(pk=user.unit_id or 0)


def top_of(by: User | None) -> Unit:
    """The person's unit, or the top of the whole tree without one (administrators, the command line)."""
    return by.unit if by and by.unit else Unit.objects.tops().get()


def home_unit(user: User) -> Unit | None:
    """The unit of the user's first page: his own, or the top of the tree for an administrator."""
    return user.unit or visible_units(user).tops().first()


@dataclass(frozen=True)
class Crumb:
    """A step of the breadcrumb. Units above the user's own have a name and no link."""

    unit: Unit
    is_visible: bool


def trail(user: User, unit: Unit, day: date, as_of: datetime | None = None) -> list[Crumb]:
    """The units above `unit`, from the root down."""
    if not unit.ancestor_codes:
        return []
    by_code = named_line(tuple(unit.codes), day, as_of)
    own_path = user.unit.path if user.unit else ""
    return [Crumb(by_code[code], by_code[code].path.startswith(own_path)) for code in unit.ancestor_codes]


def own_unit(user: User, day: date) -> Unit:
    """The user's own unit with its name of the day. Its superiors are read in the same query."""
    unit = top_of(user)
    return copy(named_line(tuple(unit.codes), day, None)[unit.code])
