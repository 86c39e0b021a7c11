"""Files at once with a seal, with one another, or with who does the same by hand: each thing is made once."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password

from reporting import acts, imports
from reporting.acts import unit_register
from reporting.figures import sealed_table
from reporting.imports.kinds.units import import_units
from reporting.models import AccessRecord, BaseFigure, Seal, Unit, User
from reporting.people import accounts

from .. import factories as f
from ..threads import BLOCKED, TIMEOUT, at_once, kinds, pause_together
from .test_people import applied, planned, slips_of

pytestmark = pytest.mark.django_db(transaction=True)
SEALED = f.at("2020-08-21 17:40")
HEAD = "code,name,kind,level,parent_code,population,population_source"
NEW = "11999,Tràng Cát,phường,commune,306,9000,x"
CORRECTED = "11407,Cát Bi,phường,commune,306,15000,x"


def load(line, *, effective_on):
    """As if read 0.3 seconds before the seal."""
    moment = SEALED - timedelta(seconds=0.3)
    return import_units(f"{HEAD}\n{line}".encode(), effective_on=effective_on, now=lambda: moment)


def seal(city):
    return acts.seal(unit=city, day=f.DAY, **f.stamp(None, SEALED))


@pytest.mark.parametrize("turn", [1, -1])
def test_seal_and_file_at_once_leave_a_seal_that_agrees(turn, monkeypatch):
    cast = f.make_cast()
    f.make_report(cast.commune)
    steps = [(unit_register, "superiors_first"), (sealed_table, "canonical_table")]
    pause_together(monkeypatch, after=steps, patience=BLOCKED)
    answers = at_once(*[lambda: seal(cast.city), lambda: load(CORRECTED, effective_on=f.DAY)][::turn])
    assert kinds(answers) == ["Seal", "Plan"][::turn]
    assert sealed_table.check_table(Seal.objects.get(), cast.city).is_right
    assert BaseFigure.objects.filter(unit__code="11407").count() == 2


def test_same_file_twice_at_once_makes_each_unit_once(monkeypatch):
    f.make_cast()
    pause_together(monkeypatch, after=[(unit_register, "superiors_first")], patience=BLOCKED)
    at_once(*[lambda: load(NEW, effective_on=f.DAY + timedelta(days=1))] * 2)
    assert (Unit.objects.filter(code="11999").count(), BaseFigure.objects.filter(unit__code="11999").count()) == (1, 1)


# People.

ROWS = [["11416", "", f"Lê Văn {n}", f"091234567{n}"] for n in range(3)]


def test_of_two_who_import_the_same_file_at_once_one_does(cast, monkeypatch):
    shown = planned(cast.city_clerk, *ROWS).digest
    pause_together(monkeypatch, after=[(accounts, "one_time_hash")], patience=TIMEOUT)
    answers = at_once(*[lambda: applied(cast.city_clerk, *ROWS, shown=shown)] * 2)
    assert sorted(kinds(answers)) == ["Changed", "Plan"]
    [done] = [answer for answer in answers if isinstance(answer, imports.Plan)]
    for slip in slips_of(done, cast.city_clerk):
        assert check_password(slip.password, slip.person.password)
    assert (len(done.made.slips), AccessRecord.objects.filter(kind="person_added").count()) == (3, 3)


def test_same_person_added_by_hand_in_the_middle_is_there_once(cast, monkeypatch):
    """Who is first has made the account; the other is refused, or leaves it as it is."""
    plan_of, answers = imports.preview, []

    with ThreadPoolExecutor(1) as colleague:

        def interrupted(*about):
            plan = plan_of(*about)

            def still_stands():
                stands = plan.still_stands()  # asked inside the lock
                answers.append(colleague.submit(at_once, lambda: f.make_user("0912345671", cast.commune)))
                wait(answers, timeout=BLOCKED)
                return stands

            return replace(plan, still_stands=still_stands)

        monkeypatch.setattr(imports, "preview", interrupted)
        done = applied(cast.city_clerk, *ROWS)
        [by_hand] = kinds(answers[0].result())
    slips = ["0912345670", "0912345671", "0912345672"]
    assert (by_hand, done.made.slips) in [("IntegrityError", slips), ("User", slips[::2])]
    assert User.objects.filter(username__in=slips).count() == 3
