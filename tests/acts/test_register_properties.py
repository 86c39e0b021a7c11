"""After any imports, mergers and corrections, totals equal a simple recount, and past days keep their figures."""

import contextlib
from datetime import timedelta

from hypothesis import given, strategies as st
from hypothesis.extra.django import TestCase

from reporting import acts, deadline
from reporting.acts.unit_register import BadFile
from reporting.figures import discipline, rollup, sealed_table, standings, verification
from reporting.imports.kinds.units import import_units
from reporting.models import Seal, Unit

from .. import factories as f
from ..players import played

FIRST = f.DAY - timedelta(days=3)
STEP = st.tuples(
    st.sampled_from(("enter", "enter", "adjust", "adjust", "unit", "agency", "merge", "seal")),
    st.integers(0, 9),  # which unit
    st.integers(0, 9),  # which other one
    st.integers(0, 3),  # days back
    st.integers(0, 900),  # the number
    st.integers(1, 700),  # minutes until the next step
)


class Play:
    """The communes of two districts, opened and closed by the city's clerk."""

    def __init__(self):
        self.cast = f.make_cast()
        self.at = f.at("2020-08-18 09:00")
        self.codes = ["11416", "11407", "11470"]
        self.ends = {}  # by code: the day that it is closed, and its successor
        self.counts = {}  # by code and day: what it counted; the installs before the campaign are on the day before it
        self.number = 0

    @property
    def today(self):
        return deadline.reporting_day(self.at)

    @property
    def days(self):
        return [FIRST + timedelta(days=n) for n in range((self.today - FIRST).days + 3)]

    @property
    def moved(self):
        return {**f.stamp(self.cast.city_clerk, self.at), "reason": "Nhập thay"}

    def holder(self, code, day):
        while code in self.ends and self.ends[code][0] <= day:
            code = self.ends[code][1]
        return code

    def total(self, code, day):
        """None for a unit under which nothing was ever counted."""
        held = [n for (own, on), n in self.counts.items() if on <= day and self.holder(own, day) == code]
        return sum(held) if held else None

    def step(self, act, which, other, back, number, minutes):
        code, day = self.codes[which % len(self.codes)], self.today - timedelta(days=back)
        past = self.past() if act in ("unit", "agency", "merge") else None
        with contextlib.suppress(acts.Refusal, BadFile):
            getattr(self, act)(code, self.codes[other % len(self.codes)], day, number)
        if past is not None:
            assert self.past() == past
        self.at += timedelta(minutes=minutes)

    def past(self):
        """What pages show for the days up to today: sums, due reports, populations, shares, discipline."""
        days = [day for day in self.days if day <= self.today]
        tables = [rollup.rows(self.cast.city, day).by_code for day in days]
        return tables, discipline.discipline(self.cast.city, days, at=self.at)

    def enter(self, code, _other, day, number):
        unit = Unit.objects.get(code=code)
        standing = standings.standing_of(unit, day)
        opening = 300 if standing.opening is None else None
        acts.enter(
            unit=unit, day=day, installs=number % 60, opening=opening, base_version=standing.version, **self.moved
        )
        if opening:
            self.counts[code, f.FIRST_DAY - timedelta(days=1)] = opening
        self.counts[code, day] = number % 60 + standing.adjustment

    def adjust(self, code, _other, day, number):
        unit = Unit.objects.get(code=code)
        known, version = standings.stored_day(unit, day), standings.stored_day(unit, day).version
        before = dict(self.counts)
        self.counts[code, day] = self.counts.get((code, day), 0) - number
        later = [on for on in self.days if on >= day]
        may_be = all((self.total(self.holder(code, on), on) or 0) >= 0 for on in later)
        may_be = may_be and unit.is_open_on(day)
        try:
            acts.adjust(unit=unit, day=day, adjustment=known.adjustment - number, base_version=version, **self.moved)
        except acts.Refusal:
            self.counts = before
            assert not may_be
        else:
            assert may_be

    def unit(self, code, _other, _day, number):
        self.number += 1
        new, parent = f"12{self.number:03}", ("306", "311")[number % 2]
        self.load(f"{new},Mới {new},xã,commune,{parent},{1000 + number},Niên giám")
        self.codes.append(new)

    def agency(self, code, _other, _day, number):
        """An agency below the city, or below a reporting unit, where no unit may be added."""
        self.number += 1
        self.load(f"S{self.number},Sở {self.number},,agency,{('31', '318', code)[number % 3]},90,Sở")
        assert number % 3 == 0

    def load(self, line):
        head = "code,name,kind,level,parent_code,population,population_source"
        import_units(f"{head}\n{line}".encode(), now=lambda: self.at)

    def merge(self, code, other, _day, _number):
        on = self.today + timedelta(days=1)
        f.reorganise(f"action,code,into\nmerge,{code},{other}", effective_on=on, at=self.at)
        self.ends[code] = on, other

    def seal(self, _code, _other, day, _number):
        acts.seal(unit=self.cast.city, day=day, **{**self.moved, "by": None})

    def check(self):
        for as_of in (None, self.at + timedelta(days=9)):
            for day in self.days:
                rows = rollup.rows(self.cast.city, day, as_of).by_code
                said = {code: rows[code].cumulative for code in self.codes if code in rows}
                assert said == {code: self.total(code, day) for code in said}
                counted = [total for total in said.values() if total is not None]
                assert min(counted, default=0) >= 0
                assert rows["31"].cumulative == (sum(counted) if counted else None)
        assert all(sealed_table.check_table(seal, self.cast.city).is_right for seal in Seal.objects.all())
        assert [words for check in verification.CHECKS.values() for words in check[1]()] == []


class RegisterProperties(TestCase):
    @played(12)
    @given(st.lists(STEP, min_size=8, max_size=30))
    def test_any_register_leaves_totals_and_days_gone_by_as_they_were(self, steps):
        play = Play()
        for step in steps:
            play.step(*step)
        play.check()
