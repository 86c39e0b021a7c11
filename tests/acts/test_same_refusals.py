"""The same figures are refused wherever they are sent.

By the report form, late form, grid, accepted request, entry on behalf, import and the write itself.
"""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from django.db import transaction
from hypothesis import assume, example, given, strategies as st

from reporting import acts, imports
from reporting.acts import Refusal
from reporting.figures import rules, standings
from reporting.figures.rules import SentFigures
from reporting.forms.entry import EntryGrid
from reporting.forms.report import ReportForm
from reporting.imports import KINDS, Sent
from reporting.models import Unit

from .. import clerk, factories as f, sheets
from ..players import played

EARLIER, DAY, LATER = f.DAY - timedelta(days=2), f.DAY - timedelta(days=1), f.DAY
EVENING = f.at("2020-08-21 18:00")


def times(moment=EVENING):
    return {"at": moment, "now": lambda: moment}


# What is stored before the figures come.

numbers = st.integers(0, 60)
histories = st.fixed_dictionaries(
    {
        "population": st.sampled_from([None, 40, 200]),
        "opening": st.none() | numbers,  # None: the unit has never reported
        "earlier": numbers,
        "own": st.none() | st.tuples(numbers, st.integers(-60, 20)),  # the day's installs and adjustment
        "later": st.none() | st.tuples(numbers, st.integers(-120, 0), st.booleans()),  # and whether it covers the day
        "merged": st.none() | numbers,  # what a merged unit has brought
    }
)


def prepare(cast, population, opening, earlier, own, later, merged):
    """A unit with the given history, written by the acts; steps that they refuse are left out."""
    unit = f.make_unit("11999", parent=cast.district, population=population)
    if merged is not None:
        f.make_report(cast.neighbour, EARLIER, 0, opening=merged)
        Unit.objects.filter(pk=cast.neighbour.pk).update(closed_on=DAY, successor=unit)
    if opening is not None:
        _try(f.make_report, unit, EARLIER, earlier, opening=opening)
    if standings.stored_day(unit, DAY).opening is None:
        return unit
    if own is not None:
        _report(cast, unit, DAY, *own)
    if later is not None:
        installs, adjustment, is_covering = later
        _report(cast, unit, LATER, installs, adjustment, covers_from=DAY if is_covering and own is None else None)
    return unit


def _report(cast, unit, day, installs, adjustment, **fields):
    report = _try(f.make_report, unit, day, installs, **fields)
    if report and adjustment:
        about = {"reason": "trùng", "by": cast.city_clerk, "base_version": report.version}
        _try(acts.adjust, unit=unit, day=day, adjustment=adjustment, **about, **times())


def _try(act, *args, **kwargs):
    try:
        return act(*args, **kwargs)
    except Refusal:
        return None


# The ways in: each sends the figures and says whether, or by which rule, they were refused.


def by_act(act, **about):
    def send(sent):
        try:
            act(unit=sent.unit, day=DAY, base_version=sent.version, **about, **sent.figures, **times())
        except Refusal as refusal:
            return type(refusal)
        return None

    return send


def submitting(cast):
    send = by_act(acts.submit, by=None, source="test")

    def when_reopened(sent):
        reopen(cast, sent.unit)
        return send(sent)

    return when_reopened


def reopen(cast, unit):
    f.make_reopening(unit, cast.district_clerk, DAY, opened_at=f.at("2020-08-21 17:00"))


def requesting(cast, officer):
    """A request that is sent and accepted."""

    def send(sent):
        about = {"by": officer, "reason": "mất điện", "base_version": sent.version}
        try:
            asked = acts.send_late_request(unit=sent.unit, day=DAY, at=EVENING, **about, **sent.figures)
        except Refusal as refusal:
            return type(refusal)
        acts.decide(late_request=asked, is_accepted=True, by=cast.district_clerk, **times())
        return None

    return send


def typed(sent):
    numbers = {name: str(value) for name, value in sent.figures.items() if value is not None}
    answers = {"confirm": "on", "explanation": "đúng", "covers": "day_only", "reason": "đếm lại"}
    return {"base_version": str(sent.version), **answers, **numbers}


def by_form(form_class, cast, officer, *, is_reopened):
    def send(sent):
        if is_reopened:
            reopen(cast, sent.unit)
        form = form_class(typed(sent), unit=sent.unit, day=DAY, at=EVENING, user=officer)
        if not form.is_valid():
            return True
        form.save(by=officer, at=EVENING)  # the act does not refuse what the form accepts
        return False

    return send


def by_grid(cast):
    def send(sent):
        row = {f"{sent.unit.code}-{name}": value for name, value in typed(sent).items()}
        grid = EntryGrid(unit=cast.district, day=DAY, user=cast.district_clerk, at=EVENING, data={"reason": "x", **row})
        grid.save()
        assert len(grid.saved) + len(grid.failed) == 1
        return bool(grid.failed)

    return send


def by_import(cast):
    heads = {"installs": "Số máy cài mới", "cumulative": "Lũy kế", "opening": "Số máy đã cài trước đợt"}

    def send(sent):
        figures = {heads[name]: value for name, value in sent.figures.items() if value is not None}
        data = sheets.workbook(["Mã đơn vị", "Ngày", *figures], [sent.unit.code, DAY, *figures.values()])
        table, source = clerk.read_table(KINDS["reports"], data, "a.xlsx")
        given = Sent(by=cast.district_clerk, at=EVENING, source=source, options={"reason": "giấy"}, explanation="đúng")
        plan = imports.preview(KINDS["reports"], table, given)
        if plan.errors or "openings" in plan.consents:  # asked for, as by a form
            return True
        ticked = replace(given, consents=frozenset(plan.consents))
        imports.apply(KINDS["reports"], table, ticked, now=lambda: EVENING)
        return False

    return send


def through(send, sent):
    """What this way of sending answers; its writes are rolled back."""
    with transaction.atomic():
        answer = send(sent)
        transaction.set_rollback(True)
    return answer


NOTHING = {"population": 200, "opening": 10, "earlier": 5, "own": None, "later": None, "merged": None}


@example(history=NOTHING | {"opening": None}, number=201, opening=5, is_total=False)  # more than people
@example(history=NOTHING | {"opening": None}, number=7, opening=None, is_total=False)  # the opening is owed
@example(history=NOTHING | {"later": (3, 0, True)}, number=7, opening=0, is_total=False)  # covered
@example(history=NOTHING | {"later": (0, -15, False)}, number=4, opening=0, is_total=False)
@example(history=NOTHING | {"own": (40, 0), "later": (0, -50, False)}, number=34, opening=0, is_total=False)  # below 0
@example(history=NOTHING | {"own": (40, -50)}, number=34, opening=0, is_total=False)  # below zero on the day itself
@example(history=NOTHING | {"merged": 30}, number=44, opening=0, is_total=True)  # less than the merged unit brought
@played(20)
@given(history=histories, number=st.integers(0, 250), opening=st.none() | numbers, is_total=st.booleans())
def test_every_door_refuses_the_same_figures(history, number, opening, is_total, cast):
    with transaction.atomic():
        unit = prepare(cast, **history)
        check_doors(cast, unit, number, opening, is_total=is_total)
        transaction.set_rollback(True)


def check_doors(cast, unit, number, opening, *, is_total):
    stored = standings.stored_day(unit, DAY)
    figures = {"cumulative" if is_total else "installs": number, "opening": opening if stored.opening is None else None}
    installs = rules.day_installs(stored, SentFigures(**figures))
    assume(installs != stored.installs)  # the same figures get their receipt again
    refusal = next(iter(rules.refusals(stored, SentFigures(**figures))), None)
    sent = SimpleNamespace(unit=unit, figures=figures, version=stored.version)
    officer = f.make_user("xa-moi", unit)
    told = {
        "write": submitting(cast),
        "enter": by_act(acts.enter, by=cast.district_clerk, reason="điện thoại"),
    }
    shown = {
        "form": by_form(ReportForm, cast, officer, is_reopened=True),
        "late": by_form(ReportForm, cast, officer, is_reopened=False),
        "import": by_import(cast),
    }
    answers = {name: through(send, sent) for name, send in told.items()}
    assert answers == dict.fromkeys(told, refusal and type(refusal))
    answers = {name: through(send, sent) for name, send in shown.items()}
    assert answers == dict.fromkeys(shown, refusal is not None)
    if installs >= 0:  # these take the day's number alone
        sent.figures = {"installs": installs, "opening": figures["opening"]}
        assert through(requesting(cast, officer), sent) == (refusal and type(refusal))
        assert through(by_grid(cast), sent) is (refusal is not None)
