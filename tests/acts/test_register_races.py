"""Files of units at once with a seal, and with one another: under the one lock, dated inside it."""

from datetime import timedelta

import pytest

from reporting import acts
from reporting.acts import unit_register
from reporting.figures import sealed_table
from reporting.imports.kinds.units import import_units
from reporting.models import BaseFigure, Seal, Unit

from ..factories import DAY, at, make_cast, make_report, stamp
from ..threads import IN_VAIN, at_once, kinds, meet

pytestmark = pytest.mark.django_db(transaction=True)

SEALED = at("2020-08-21 17:40")
HEAD = "code,name,kind,level,parent_code,population,population_source"
NEW = "11999,Tràng Cát,phường,commune,306,9000,x"
CORRECTED = "11407,Cát Bi,phường,commune,306,15000,x"


def load(line, *, effective_on):
    """As if read 0.3 seconds before the seal."""
    moment = SEALED - timedelta(seconds=0.3)
    return import_units(f"{HEAD}\n{line}".encode(), effective_on=effective_on, now=lambda: moment)


def seal(city):
    return acts.seal(unit=city, day=DAY, **stamp(None, SEALED))


@pytest.mark.parametrize("turn", [1, -1])
def test_seal_and_file_at_once_leave_a_seal_that_agrees(turn, monkeypatch):
    cast = make_cast()
    make_report(cast.commune)
    meet(
        monkeypatch,
        after=[(unit_register, "superiors_first"), (sealed_table, "table")],
        patience=IN_VAIN,
    )
    answers = at_once(*[lambda: seal(cast.city), lambda: load(CORRECTED, effective_on=DAY)][::turn])
    assert kinds(answers) == ["Seal", "Plan"][::turn]
    assert sealed_table.check(Seal.objects.get(), cast.city).is_right
    assert BaseFigure.objects.filter(unit__code="11407").count() == 2


def test_same_file_twice_at_once_makes_each_unit_once(monkeypatch):
    make_cast()
    meet(monkeypatch, after=[(unit_register, "superiors_first")], patience=IN_VAIN)
    at_once(*[lambda: load(NEW, effective_on=DAY + timedelta(days=1))] * 2)
    assert (Unit.objects.filter(code="11999").count(), BaseFigure.objects.filter(unit__code="11999").count()) == (1, 1)
