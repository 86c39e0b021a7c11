"""Plays the table of permissions: every role tries every act in every phase.

It runs on the tree of one city and on a country of two, where the country and the other city may do nothing.
"""

from contextlib import contextmanager
from datetime import time, timedelta
from itertools import product
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from reporting import acts, permissions
from reporting.days import state
from reporting.deadline import Phase
from reporting.models import LateRequest, Reopening, Report, Seal, SignOff
from reporting.people import access
from reporting.permissions import Act, Role

from .. import factories as f

BEFORE = f.at("2020-08-21 16:00")
AFTER = f.at("2020-08-21 17:20")
BEYOND = f.at("2020-08-29 08:00")
MOMENTS = {Phase.NOT_DUE: f.at("2020-08-20 12:00"), Phase.BEFORE: BEFORE, Phase.OVER: BEYOND}
PEOPLE = {
    "officer": Role.OFFICER,
    "district_clerk": Role.SUPERIOR,
    "city_clerk": Role.CITY,
    "leader": Role.VIEWER,
    "other_clerk": None,  # a stranger
}
TREES = {
    f.make_cast: PEOPLE,
    f.make_nation: PEOPLE | {"country_clerk": Role.VIEWER, "other_city_clerk": None},
}
OF_THE_SUPERIORS_DAY = frozenset({Act.SIGN, Act.WITHDRAW_SIGN, Act.PASS_UP})  # a day that is never reopened
NOT_OF_A_SUPERIORS_DAY = frozenset({Phase.REOPENED, Phase.EXEMPT})
DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "who-may-do-what.md"


class World:
    """The commune has reported and requested a correction, and its day is in the given phase."""

    def __init__(self, cast, phase):
        self.cast, self.unit, self.district = cast, cast.commune, cast.district
        self.at = MOMENTS.get(phase, AFTER)
        for unit, by in [(cast.commune, cast.officer), (cast.neighbour, cast.neighbour_officer)]:
            f.make_report(unit, installs=88, opening=100, note="Mạng yếu", by=by, hour=time(15))
        if phase is Phase.EXEMPT:
            f.make_exempt_day(cast.city, f.DAY)
        if phase is Phase.CONFIRMED:
            self.fix(SignOff, self.district, cast.district_clerk)
        if phase is Phase.SEALED:
            self.fix(Seal, cast.city, cast.city_clerk)
        if phase is Phase.REOPENED:
            until = self.at + timedelta(hours=2)
            Reopening.objects.create(
                unit=self.unit, day=f.DAY, until=until, reason="x", opened_at=AFTER, by=cast.district_clerk
            )

    def fix(self, model, unit, by):
        model.objects.create(unit=unit, day=f.DAY, at=BEFORE, by=by, table="x", digest="x")

    def ask(self):
        """Stored directly, because not every phase lets the officer send a request."""
        return LateRequest.objects.create(
            unit=self.unit, day=f.DAY, installs=96, reason="x", base_version=1, received_at=BEFORE, by=self.cast.officer
        )

    def prepare(self, act):
        self.late_request = self.ask() if act in (Act.DECIDE, Act.WITHDRAW_REQUEST) else None

    def phase_of(self, act):
        if act in OF_THE_SUPERIORS_DAY:
            return state.superior_phase(self.district, f.DAY, at=self.at)
        return state.day_state(self.unit, f.DAY, at=self.at).phase

    def play(self, act, by):
        stamp = {"by": by, "at": self.at}
        on_unit = {"unit": self.unit, "day": f.DAY, **stamp}
        of_district = {"unit": self.district, "day": f.DAY, **stamp}
        moved = {**on_unit, "now": lambda: self.at}
        match act:
            case Act.SUBMIT:
                self.submit(by)
            case Act.REQUEST:
                acts.send_late_request(**on_unit, installs=96, reason="mất mạng", base_version=1)
            case Act.WITHDRAW_REQUEST:
                acts.withdraw_request(**on_unit, shown=f.shown_request(self.unit))
            case Act.DECIDE:
                acts.decide(late_request=self.late_request, is_accepted=True, **stamp, now=lambda: self.at)
            case Act.ENTER:
                acts.enter(**moved, installs=96, reason="điện thoại", base_version=1)
            case Act.REOPEN:
                acts.reopen(**on_unit, until=self.at + timedelta(hours=1), reason="sai", base_version=1)
            case Act.VOID:
                acts.void(**moved, reason="nhập nhầm", base_version=1)
            case Act.REMIND:
                acts.remind(units=[self.unit], day=f.DAY, **stamp)
            case Act.SIGN:
                versions = acts.versions_below(self.district, f.DAY)
                acts.sign_off(**{**moved, "unit": self.district}, versions=versions)
            case Act.WITHDRAW_SIGN:
                acts.withdraw_sign_off(**of_district, shown=f.shown_sign_off(self.district), reason="sai")
            case Act.PASS_UP:
                acts.pass_up(**of_district, reports=Report.objects.filter(unit=self.unit, day=f.DAY))
            case Act.SEAL:
                acts.seal(**{**moved, "unit": self.cast.city}, reason="bổ sung")
            case Act.EXTEND:
                f.extend(**moved, until=f.at("2020-08-21 18:00"), reason="mất điện")

    def submit(self, by):
        """`access` decides who may send at all, and the act decides whether the day is open."""
        if not access.can_report(by, self.unit):
            raise PermissionDenied
        acts.submit(unit=self.unit, day=f.DAY, installs=96, base_version=1, **f.stamp(by, self.at))


def everything():
    """Every row of every record, for comparing before and after."""
    models = apps.get_app_config("reporting").get_models()
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("make", [f.make_cast, pytest.param(f.make_nation, marks=pytest.mark.matrix)])
def test_what_the_table_does_not_allow_is_refused_and_writes_nothing(make, phase, db, subtests):
    cast = make()
    world = World(cast, phase)
    untouched = everything()
    for (person, role), act in product(TREES[make].items(), Act):
        if act in OF_THE_SUPERIORS_DAY and phase in NOT_OF_A_SUPERIORS_DAY:
            continue  # there is no such case
        with subtests.test(person=person, act=act.value), transaction.atomic():
            check(world, role, getattr(cast, person), act, phase, untouched)
            transaction.set_rollback(True)


def check(world, role, by, act, phase, untouched):
    world.prepare(act)
    assert access.role(by, world.unit) is role
    assert world.phase_of(act) is phase
    before = everything() if world.late_request else untouched
    if permissions.may(role, act, phase):
        world.play(act, by)
        assert everything() != before
        return
    written = []
    with written_to(written), pytest.raises((acts.NotAllowed, acts.DayClosed, PermissionDenied)):
        world.play(act, by)
    assert not written or everything() == before  # to read it all again takes longer than all else


@contextmanager
def written_to(statements):
    """Collects what is written in the block, even if it is rolled back."""

    def note(execute, sql, params, many, context):
        if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield


def mark(role, act, phase):
    if act in OF_THE_SUPERIORS_DAY and phase in NOT_OF_A_SUPERIORS_DAY:
        return ""
    return "✓" if permissions.may(role, act, phase) else "–"


def test_page_for_people_says_what_the_table_says():
    """Compared by the names in the code, given beside the words; a role that may do nothing has one line."""
    lines = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    [head, _rule, *rows] = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    phases = [Phase(cell.split("`")[1]) for cell in head[2:]]
    assert sorted(phases) == sorted(Phase)
    marks = {tuple(cell.split("`")[1] if "`" in cell else None for cell in row[:2]): row[2:] for row in rows}
    done = {(role, act) for role, act in product(Role, Act) if permissions.may_ever(role, act)}
    idle = {(role, None) for role in Role} - {(role, None) for role, _act in done}
    assert marks == {place: [mark(*place, phase) for phase in phases] for place in done | idle}
