"""Random histories: the rollup as of any instant is what a plain replay of the acts up to it gives."""

import contextlib
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from reporting import acts
from reporting.figures import rollup, standings
from reporting.hours import deadline
from reporting.models import BaseFigure, ExemptDay, LateRequest

from .. import factories as f
from ..players import played

DAYS = [f.DAY - timedelta(days=2), f.DAY - timedelta(days=1), f.DAY]
ACTS = ("submit", "enter", "request", "accept", "adjust", "void", "population", "rename", "exempt", "withdraw", "seal")
STEP = st.tuples(
    st.sampled_from(ACTS),
    st.integers(0, 3),  # which unit
    st.integers(0, 2),  # which day
    st.integers(0, 60),  # the number
    st.integers(1, 500),  # minutes until the next step
)
INSTANTS = st.lists(st.floats(0, 1), min_size=3, max_size=6)


@dataclass
class Known:
    """All that a plain reader of the acts knows at one moment, written down by hand."""

    installs: dict = field(default_factory=dict)  # by unit and day
    adjustments: dict = field(default_factory=dict)
    openings: dict = field(default_factory=dict)  # by unit
    is_late: dict = field(default_factory=dict)
    populations: list = field(default_factory=list)  # unit, from which day, how many: in the order recorded
    names: list = field(default_factory=list)
    exempt: set = field(default_factory=set)
    lapsed: set = field(default_factory=set)  # exempt when the hour passed, then no longer: nobody is late
    first_late: dict = field(default_factory=dict)  # whether the day's first report was late when it was counted

    def copy(self):
        return Known(*(type(part)(part) for part in vars(self).values()))

    def is_excused(self, unit, day):
        return (unit, day) in self.exempt or (unit, day) in self.lapsed

    def cumulative(self, unit, day):
        """None for a unit of which nothing was ever said."""
        own = {d for u, d in [*self.installs, *self.adjustments] if u == unit and d <= day}
        if unit not in self.openings and not own:
            return None
        counted = sum((self.installs.get((unit, d)) or 0) + self.adjustments.get((unit, d), 0) for d in own)
        return self.openings.get(unit, 0) + counted

    def newest(self, records, unit, day):
        """The newest effective day wins, on one day the later record."""
        fitting = [(start, number, value) for number, (u, start, value) in enumerate(records) if u == unit]
        return max([record for record in fitting if record[0] <= day])[2]


class History:
    """Four units of two districts, an agency among them, over three days."""

    def __init__(self):
        self.cast = f.make_cast()
        cast = self.cast
        self.units = {
            "11416": (cast.commune, cast.officer, cast.district_clerk),
            "11407": (cast.neighbour, cast.neighbour_officer, cast.district_clerk),
            "11470": (cast.stranger, cast.stranger_officer, cast.other_clerk),
            "SYT": (cast.agency, cast.focal_person, cast.city_clerk),
        }
        self.at = self.start = f.at("2020-08-19 09:00")
        known = Known()
        known.populations = [("11416", f.LONG_AGO, 19748), ("11407", f.LONG_AGO, 14350), ("11470", f.LONG_AGO, 5000)]
        known.populations += [("SYT", f.LONG_AGO, 7420)]
        known.names = [("11416", f.LONG_AGO, "Phường Đằng Hải"), ("11407", f.LONG_AGO, "Phường Cát Bi")]
        known.names += [("11470", f.LONG_AGO, "Thị trấn Núi Đèo"), ("SYT", f.LONG_AGO, "Sở Y tế")]
        self.moments = [(self.start, known)]  # since when, and what is known from then on

    @property
    def known(self):
        return self.moments[-1][1]

    def learn(self):
        """A copy of what is known, from now on."""
        self.moments.append((self.at, self.known.copy()))
        return self.known

    def known_at(self, instant):
        return [known for since, known in self.moments if since <= instant][-1]

    def step(self, act, which, day_index, number, minutes):
        self.at += timedelta(minutes=minutes)
        code = list(self.units)[which]
        unit, officer, clerk = self.units[code]
        day = DAYS[day_index]
        with contextlib.suppress(acts.NotWritten):
            getattr(self, act)(code, unit, day, number, officer, clerk)

    def moved(self, by):
        return {"by": by, "at": self.at, "now": lambda: self.at}

    def sent(self, unit, day, number):
        standing = standings.standing(unit, day)
        opening = None if standing.opening else 1000 + number
        return {"installs": number, "opening": opening, "base_version": standing.version}

    def counted(self, code, day, sent, *, is_late):
        known = self.learn()
        if sent["opening"] is not None:
            known.openings[code] = sent["opening"]
        if known.installs.get((code, day)) is None:
            known.is_late[code, day] = known.first_late[code, day] = is_late
        known.installs[code, day] = sent["installs"]

    def submit(self, code, unit, day, number, officer, clerk):
        sent = self.sent(unit, day, number)
        acts.submit(unit=unit, day=day, **sent, **self.moved(officer))
        self.counted(code, day, sent, is_late=False)

    def enter(self, code, unit, day, number, officer, clerk):
        sent = self.sent(unit, day, number)
        is_late = self.at >= deadline.closes_at(day) and not self.known.is_excused(code, day)
        acts.enter(unit=unit, day=day, reason="điện thoại", **sent, **self.moved(clerk))
        self.counted(code, day, sent, is_late=is_late)

    def request(self, code, unit, day, number, officer, clerk):
        sent = self.sent(unit, day, number)
        acts.request(unit=unit, day=day, reason="mất mạng", by=officer, at=self.at, **sent)

    def accept(self, code, unit, day, number, officer, clerk):
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day).first()
        if waiting is None:
            return
        acts.decide(late_request=waiting, is_accepted=True, **self.moved(clerk))
        sent = {"installs": waiting.installs, "opening": waiting.opening}
        self.counted(code, day, sent, is_late=not self.known.is_excused(code, day))

    def adjust(self, code, unit, day, number, officer, clerk):
        version = standings.standing(unit, day).version
        acts.adjust(
            unit=unit, day=day, adjustment=number - 30, reason="trùng", base_version=version, **self.moved(clerk)
        )
        self.learn().adjustments[code, day] = number - 30

    def void(self, code, unit, day, number, officer, clerk):
        version = standings.standing(unit, day).version
        acts.void(unit=unit, day=day, reason="nhầm", base_version=version, **self.moved(clerk))
        known = self.learn()
        known.installs[code, day] = None
        known.is_late[code, day] = False

    def population(self, code, unit, day, number, officer, clerk):
        base = BaseFigure(unit=unit, effective_on=day, population=9000 + number, source="điều chỉnh")
        acts.record(base, top=self.cast.city, now=lambda: self.at)
        self.learn().populations.append((code, day, 9000 + number))

    def rename(self, code, unit, day, number, officer, clerk):
        unit.rename(name=f"Tên {number}", kind="", effective_on=day, at=self.at)
        self.learn().names.append((code, day, f"Tên {number}"))

    def exempt(self, code, unit, day, number, officer, clerk):
        if (code, day) in self.known.exempt:
            return
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day).first()
        acts.record(ExemptDay(unit=unit, day=day, reason="bão"), top=self.cast.city, now=lambda: self.at)
        self.learn().exempt.add((code, day))
        self.known.is_late[code, day] = False  # it forgives what came late, and takes in what waits
        if waiting and LateRequest.objects.get(pk=waiting.pk).decision:
            self.taken_in(code, day, waiting)

    def withdraw(self, code, unit, day, number, officer, clerk):
        """What came late is late again, but for who was exempt when the hour passed."""
        record = ExemptDay.objects.known(None).filter(unit=unit, day=day).first()
        if record is None:
            return
        withdrawn = acts.withdraw(record=record, reason="nhầm", **self.moved(self.cast.city_clerk))
        known = self.learn()
        known.exempt.discard((code, day))
        if record.recorded_at < deadline.closes_at(day) <= withdrawn.recorded_at:
            known.lapsed.add((code, day))
        if known.installs.get((code, day)) is not None and not known.is_excused(code, day):
            known.is_late[code, day] = known.first_late[code, day]

    def taken_in(self, code, day, waiting):
        self.counted(code, day, {"installs": waiting.installs, "opening": waiting.opening}, is_late=False)

    def seal(self, code, unit, day, number, officer, clerk):
        """A seal knows nothing of what is done at its very instant, nor changes a figure."""
        acts.seal(unit=self.cast.city, day=day, reason="lại", by=None, at=self.at, now=lambda: self.at)

    def play(self, steps, parts):
        """Do the steps; then check now, every moment that taught something, and `parts` of the whole time."""
        for step in steps:
            self.step(*step)
        length = self.at - self.start
        for instant in [*(self.start + length * part for part in parts), *(since for since, _known in self.moments)]:
            self.check(instant, instant)
        self.check(self.at, None)

    def check(self, instant, as_of):
        known = self.known_at(instant)
        for day in DAYS:
            rows = rollup.rows(self.cast.city, day, as_of).by_code
            for code in self.units:
                row = rows[code]
                installs = known.installs.get((code, day))
                status = "late" if known.is_late.get((code, day)) else "on_time"
                if installs is None:
                    status = "exempt" if known.is_excused(code, day) else "missing"
                assert {
                    "installs": row.installs,
                    "adjustment": row.adjustment,
                    "cumulative": row.cumulative,
                    "population": row.population,
                    "name": row.name,
                    "status": str(row.status),
                } == {
                    "installs": installs,
                    "adjustment": known.adjustments.get((code, day), 0),
                    "cumulative": known.cumulative(code, day),
                    "population": known.newest(known.populations, code, day),
                    "name": known.newest(known.names, code, day),
                    "status": status,
                }
            totals = [known.cumulative(code, day) for code in ("11416", "11407", "11470")]
            said = [total for total in totals if total is not None]
            assert rows["31"].cumulative == (sum(said) if said else None)


class AsOfProperties(TestCase):
    @played(30)
    @given(st.lists(STEP, min_size=5, max_size=25), INSTANTS)
    def test_rollup_as_of_any_instant_is_a_plain_replay_of_the_acts_up_to_it(self, steps, parts):
        History().play(steps, parts)
