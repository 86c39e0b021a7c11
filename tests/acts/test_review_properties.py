"""After any sequence of acts, sums, histories and signed tables agree, and lateness never changes."""

from datetime import timedelta

from hypothesis import given, strategies as st
from hypothesis.extra.django import TestCase

from reporting import acts
from reporting.figures import rollup, sealed_table, standings
from reporting.models import LateRequest, Report, SignOff

from .. import factories as f
from ..players import played

ACTS = ("submit", "request", "accept", "decline", "return", "enter", "adjust", "void", "sign", "withdraw", "wait")
STEP = st.tuples(
    st.sampled_from(ACTS),
    st.integers(0, 1),  # which commune
    st.integers(0, 2),  # which day
    st.integers(0, 60),  # the number
    st.integers(1, 400),  # minutes until the next step
)
DAYS = [f.DAY - timedelta(days=2), f.DAY - timedelta(days=1), f.DAY]


class Play:
    """A district of two communes over three days, with a clock that never goes back."""

    def __init__(self):
        self.cast = f.make_cast()
        self.units = [self.cast.commune, self.cast.neighbour]
        self.officers = [self.cast.officer, self.cast.neighbour_officer]
        self.clerk = self.cast.district_clerk
        self.at = f.at("2020-08-19 09:00")
        self.settled = {}  # (unit, day) -> when the day's first report arrived

    def step(self, act, which, day_index, number, minutes):
        unit, day = self.units[which], DAYS[day_index]
        standing = standings.standing_of(unit, day)
        sent = {
            "installs": number,
            "opening": 1000 if standing.opening is None else None,
            "base_version": standing.version,
        }
        common = {"at": self.at, "unit": unit, "day": day}
        moved = {**common, "by": self.clerk, "now": lambda: self.at}
        try:
            match act:
                case "submit":
                    acts.submit(**common, **sent, by=self.officers[which], now=lambda: self.at)
                case "request":
                    acts.request(**common, **sent, by=self.officers[which], reason="mất mạng")
                case "accept" | "decline":
                    for waiting in LateRequest.objects.waiting().filter(unit=unit, day=day):
                        acts.decide(late_request=waiting, is_accepted=act == "accept", **f.stamp(self.clerk, self.at))
                case "return":
                    until = self.at + timedelta(minutes=90)
                    acts.reopen(**common, by=self.clerk, until=until, reason="sai", base_version=standing.version)
                case "enter":
                    acts.enter(**moved, **sent, reason="điện thoại")
                case "adjust":
                    acts.adjust(**moved, adjustment=number - 30, reason="trùng", base_version=standing.version)
                case "void":
                    acts.void(**moved, reason="nhập nhầm", base_version=standing.version)
                    self.settled.pop((unit.pk, day), None)
                case "sign":
                    versions = acts.versions_below(self.cast.district, day)
                    acts.sign_off(**{**moved, "unit": self.cast.district}, versions=versions, reason="thiếu")
                case "withdraw":
                    own = {"unit": self.cast.district, "shown": f.shown_sign_off(self.cast.district, day)}
                    acts.withdraw_sign_off(**own, day=day, reason="sai", by=self.clerk, at=self.at)
        except acts.Refusal:
            pass
        self.check()
        self.at += timedelta(minutes=minutes)

    def check(self):
        for unit in self.units:
            total = 0
            for report in Report.objects.filter(unit=unit).order_by("day"):
                total += report.contribution
                revisions = list(report.revisions.all())
                last = revisions[-1]
                assert report.cumulative == total
                assert sum(revision.delta for revision in revisions) == report.contribution
                assert [revision.number for revision in revisions] == list(range(1, report.version + 1))
                assert (last.installs, last.adjustment, last.households_visited, last.note) == (
                    report.installs,
                    report.adjustment,
                    report.households_visited,
                    report.note,
                )
                if report.installs is not None:
                    assert self.settled.setdefault((unit.pk, report.day), report.received_at) == report.received_at

    def check_tables(self):
        for signed in SignOff.objects.select_related("unit"):
            assert sealed_table.canonical_table(rollup.rows(signed.unit, signed.day, signed.at)) == signed.table
        for day in DAYS:
            now = sealed_table.canonical_table(rollup.rows(self.cast.city, day))
            assert sealed_table.canonical_table(rollup.rows(self.cast.city, day, self.at + timedelta(days=9))) == now


class ReviewProperties(TestCase):
    @played(25)
    @given(st.lists(STEP, min_size=5, max_size=25))
    def test_any_sequence_of_acts_leaves_the_records_in_agreement(self, steps):
        play = Play()
        for step in steps:
            play.step(*step)
        play.check_tables()
