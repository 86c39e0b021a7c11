"""A random player with every way to count a day twice, or a unit in another place: it never does.

He sends requests that cover days before, corrects a report so that it covers them, settles collisions, takes back,
imports, opens days again, confirms, merges two units and corrects the one that goes on downwards, and adds a unit.
Whatever he does, each day of a unit is counted by itself or by one later report, and the rollup as of any instant is a
plain replay of what he knows to have been done. `HISTORIES` says how many are played.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from hypothesis import Phase, given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from reporting import acts, imports
from reporting.acts import unit_register
from reporting.days.look_back import start_of
from reporting.figures import rollup, standings
from reporting.hours import deadline
from reporting.imports import KINDS, Sent
from reporting.models import LateRequest, Report, Revision, Unit

from .. import factories as f
from .. import sheets
from ..players import played
from . import test_as_of_properties as plain
from .test_as_of_properties import DAYS, INSTANTS
from .whole import differing

ACTS = (
    *("submit", "enter", "request", "accept", "adjust", "void", "population", "exempt", "seal"),
    *(
        "request_covering",
        "enter_covering",
        "accept_apart",
        "accept_beside",
        "enter_apart",
        "open_again",
        "decline",
        "take_back",
    ),
    *("bring_in", "bring_in_total", "enter_total", "confirm", "unconfirm", "merge", "lower", "add_unit"),
)
STEP = st.tuples(
    st.sampled_from(ACTS),
    st.integers(0, 4),  # which unit
    st.integers(0, 2),  # which day
    st.integers(0, 60),  # the number
    st.integers(1, 400),  # minutes until the next step
)
HEADS = {"installs": "Số máy cài mới", "opening": "Số máy đã cài trước đợt", "cumulative": "Lũy kế"}


@dataclass
class Known(plain.Known):
    covers: dict = field(default_factory=dict)  # by unit and day: the first day that the report is of
    merged: dict = field(default_factory=dict)  # by unit: since when, and into which
    opened: dict = field(default_factory=dict)  # by unit
    held: dict = field(default_factory=dict)  # by unit and day of a total: what nobody had reported when it came

    def copy(self):
        return Known(*(type(part)(part) for part in vars(self).values()))

    def reported(self, code):
        return {day for (unit, day), installs in self.installs.items() if unit == code and installs is not None}

    def covering(self, code, day):
        """The later days whose reports hold the day."""
        spans = {later: self.covers.get((code, later)) for later in self.reported(code) if later > day}
        return [later for later, first in spans.items() if first is not None and first <= day]

    def missing(self, code, day):
        """The days of the history before, of the unit and of what has ended in it, that no report is of."""
        parts = {code: day} | {
            gone: since for gone, (since, heir) in self.merged.items() if heir == code and since <= day
        }
        return {
            (part, one)
            for part, end in parts.items()
            for one in DAYS
            if one < min(end, day) and one not in self.reported(part) and not self.covering(part, one)
        } - self.all_held

    @property
    def all_held(self):
        """Unit and day of what is in the totals that stand."""
        return set().union(*(days for total, days in self.held.items() if self.installs.get(total) is not None))

    def twice(self):
        """Unit and day of what is counted by itself and by another."""
        codes = {code for code, _day in self.installs}
        alone = [(code, day) for code in codes for day in self.reported(code)]
        return [(code, day) for code, day in alone if self.covering(code, day) or (code, day) in self.all_held]

    def is_there(self, code, day):
        return not self.is_gone(code, day) and day >= self.opened.get(code, day)

    def is_gone(self, code, day):
        return code in self.merged and self.merged[code][0] <= day

    def total(self, code, day):
        """The unit's cumulative with what has ended in it; None where nothing was ever said."""
        parts = [code, *(gone for gone, (since, heir) in self.merged.items() if heir == code and since <= day)]
        sums = [total for total in (self.cumulative(part, day) for part in parts) if total is not None]
        return sum(sums) if sums else None


class History(plain.History):
    def __init__(self):
        super().__init__()
        self.moments = [(since, Known(**vars(known))) for since, known in self.moments]

    def step(self, act, which, day_index, number, minutes):
        super().step(act, which % len(self.units), day_index, number, minutes)
        assert self.known.twice() == []

    def unit_of(self, code):
        return Unit.objects.get(code=code)  # a merger may have closed it meanwhile

    # What is covered, by the acts of the plain player.

    def submit(self, code, unit, day, number, officer, clerk):
        super().submit(code, self.unit_of(code), day, number, officer, clerk)
        self.known.covers[code, day] = None

    def enter(self, code, unit, day, number, officer, clerk):
        super().enter(code, self.unit_of(code), day, number, officer, clerk)  # leaves what the report covers

    def void(self, code, unit, day, number, officer, clerk):
        super().void(code, unit, day, number, officer, clerk)
        self.known.covers[code, day] = None
        self.known.held.pop((code, day), None)

    def accept(self, code, unit, day, number, officer, clerk):
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day).first()
        super().accept(code, unit, day, number, officer, clerk)
        if waiting:
            self.known.covers[code, day] = waiting.covers_from

    def population(self, code, unit, day, number, officer, clerk):
        """Of the days before a merger or with it: a merged unit's people are the heir's."""
        if self.known.is_there(code, day):
            super().population(code, unit, day, number, officer, clerk)

    def taken_in(self, code, day, waiting):
        super().taken_in(code, day, waiting)
        self.known.covers[code, day] = waiting.covers_from

    # What the plain player does not do.

    def first_of(self, unit, day, number):
        """What was missed right before, or any day before: the rules have to tell."""
        missed = standings.standing(unit, day).missed_before
        return missed[0] if missed and number % 2 else day - timedelta(days=1 + number % 3)

    def request_covering(self, code, unit, day, number, officer, clerk):
        covers_from = self.first_of(unit, day, number)
        about = {"reason": "mất mạng", "by": officer, "at": self.at, "covers_from": covers_from}
        acts.request(unit=self.unit_of(code), day=day, **about, **self.sent(unit, day, number))

    def enter_covering(self, code, unit, day, number, officer, clerk):
        covers_from, sent = self.first_of(unit, day, number), self.sent(unit, day, number)
        about = {"reason": "điện thoại", "covers_from": covers_from}
        acts.enter(unit=self.unit_of(code), day=day, **about, **sent, **self.moved(clerk))
        self.counted(code, day, sent, is_late=self.is_late(code, day))
        self.known.covers[code, day] = covers_from

    def is_late(self, code, day):
        return self.at >= deadline.closes_at(day) and (code, day) not in self.known.exempt

    def apart(self, unit, day):
        """The answer as a person gives it who was shown the later report, if there is one."""
        span = standings.standing(unit, day).covered_by
        return span.version if span else 0

    def covering(self, code, unit, day):
        """The later report, of the unit or of the one it ends in, that is made one of its own day alone."""
        span = standings.standing(unit, day).covered_by
        if span is None or day in self.known.reported(code):
            return None
        return (Unit.objects.get(pk=span.unit_id).code if span.unit_id else code), span.day

    def part(self, covering):
        if covering:
            self.known.covers[covering] = None
            self.known.held.pop(covering, None)

    def accept_beside(self, code, unit, day, number, officer, clerk):
        """What is asked for, beside an adjustment made since or instead of it."""
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day, installs__isnull=False).first()
        if waiting is None:
            return
        seen = Revision.objects.filter(report__unit=unit, report__day=day, number=waiting.base_version).first()
        stands = self.known.adjustments.get((code, day), 0)
        becomes = stands if number % 2 else (seen.adjustment if seen else 0)
        weighed = {"weighed": acts.Weighed(stands, becomes), "note": "đã hỏi lại"}
        acts.decide(late_request=waiting, is_accepted=True, **weighed, **self.moved(clerk))
        sent = {"installs": waiting.installs, "opening": waiting.opening}
        self.counted(code, day, sent, is_late=not self.known.is_excused(code, day))
        self.known.covers[code, day] = waiting.covers_from
        if becomes != stands:
            self.known.adjustments[code, day] = becomes

    def accept_apart(self, code, unit, day, number, officer, clerk):
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day, installs__isnull=False).first()
        if waiting is None:
            return
        covering = self.covering(code, unit, day)
        taken = self.known.reported(code) | set(
            LateRequest.objects.waiting().filter(unit=unit, installs__isnull=False).values_list("day", flat=True)
        )
        first, stands = waiting.covers_from, self.known.covers.get((code, day))
        if first and first != stands and any(first <= one < day for one in taken):
            first = None
        apart = self.apart(unit, day)
        acts.decide(late_request=waiting, is_accepted=True, apart=apart, **self.moved(clerk))
        sent = {"installs": waiting.installs, "opening": waiting.opening}
        self.counted(code, day, sent, is_late=(code, day) not in self.known.exempt)
        self.known.covers[code, day] = first
        self.part(covering)

    def enter_apart(self, code, unit, day, number, officer, clerk):
        covering = self.covering(code, unit, day)
        sent = self.sent(unit, day, number)
        about = {"reason": "điện thoại", "apart": self.apart(unit, day)}
        acts.enter(unit=self.unit_of(code), day=day, **about, **sent, **self.moved(clerk))
        self.counted(code, day, sent, is_late=self.is_late(code, day))
        self.part(covering)

    def open_again(self, code, unit, day, number, officer, clerk):
        covering = self.covering(code, unit, day)
        until = self.at + timedelta(minutes=90)
        about = {"until": until, "reason": "gửi lại", "apart": self.apart(unit, day)}
        about["base_version"] = self.sent(unit, day, number)["base_version"]
        acts.reopen(unit=self.unit_of(code), day=day, **about, **self.moved(clerk))
        self.learn()
        self.part(covering)
        self.at += timedelta(minutes=1)
        sent = self.sent(unit, day, number)
        acts.submit(unit=unit, day=day, **sent, **self.moved(officer))
        self.counted(code, day, sent, is_late=self.is_late(code, day))
        self.known.covers[code, day] = None

    def decline(self, code, unit, day, number, officer, clerk):
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day).first()
        if waiting:
            acts.decide(late_request=waiting, is_accepted=False, **self.moved(clerk))

    def take_back(self, code, unit, day, number, officer, clerk):
        acts.withdraw_request(unit=unit, day=day, shown=f.shown_request(unit, day), by=officer, at=self.at)

    def bring_in(self, code, unit, day, number, officer, clerk):
        sent = self.sent(unit, day, number)
        self.import_line(code, day, sent, {name: sent[name] for name in HEADS if sent.get(name) is not None})

    def bring_in_total(self, code, unit, day, number, officer, clerk):
        """A cumulative: it covers the gap before it."""
        standing, sent = standings.standing(unit, day), self.sent(unit, day, number)
        if sent["opening"] is None:
            total = standing.cumulative_before + standing.known.adjustment + number
            missing = self.known.missing(code, day)
            if self.import_line(code, day, sent, {"cumulative": total}):
                self.known.held[code, day] = missing

    def enter_total(self, code, unit, day, number, officer, clerk):
        """The same over the telephone, be it the unit's first report."""
        unit, sent = self.unit_of(code), self.sent(unit, day, number)
        standing, missing = standings.standing(unit, day), self.known.missing(code, day)
        before = standing.cumulative_before + (sent["opening"] or 0) + standing.known.adjustment
        about = {"reason": "điện thoại", **self.moved(clerk), **sent, "installs": None}
        receipt = acts.enter(unit=unit, day=day, cumulative=before + number, **about)
        if not receipt.is_repeat:
            self.counted(code, day, sent, is_late=self.is_late(code, day))
            self.known.covers[code, day] = receipt.report.covers_from
            if missing:
                self.known.held[code, day] = missing

    def import_line(self, code, day, sent, figures):
        """Whether it changed anything."""
        data = sheets.workbook(
            ["Mã đơn vị", "Ngày", *(HEADS[name] for name in figures)], [code, day, *figures.values()]
        )
        table, source = imports.read(KINDS["reports"], data, "a.xlsx")
        told = {"options": {"reason": "giấy"}, "explanation": "đúng"}
        given = Sent(by=self.cast.city_clerk, at=self.at, source=source, **told)
        before = Revision.objects.count()
        if not imports.preview(KINDS["reports"], table, given).errors:
            imports.apply(KINDS["reports"], table, given, now=lambda: self.at)
        if Revision.objects.count() == before:
            return False
        self.counted(code, day, sent, is_late=self.is_late(code, day))
        report = Report.objects.get(unit__code=code, day=day)
        self.known.covers[code, day] = report.covers_from  # by the import's own rule: `twice` judges it
        return True

    def confirm(self, code, unit, day, number, officer, clerk):
        district = self.cast.district
        sign = {"unit": district, "day": day, "versions": acts.versions_below(district, day), "reason": "thiếu"}
        acts.sign_off(**sign, **self.moved(self.cast.district_clerk))

    def unconfirm(self, code, unit, day, number, officer, clerk):
        shown = f.shown_sign_off(self.cast.district, day)
        about = {"unit": self.cast.district, "day": day, "shown": shown, "reason": "sai"}
        acts.withdraw_sign_off(**about, **self.moved(self.cast.district_clerk))

    def merge(self, code, unit, day, number, officer, clerk):
        """Cát Bi into Đằng Hải, on a later day."""
        if self.known.merged or day <= deadline.reporting_day(self.at):
            return
        file = "action,code,into\nmerge,11407,11416"
        f.reorganise(file, effective_on=day, by=self.cast.city_clerk, at=self.at)
        known = self.learn()
        people = sum(known.newest(known.populations, part, day) for part in ("11407", "11416"))
        known.populations.append(("11416", day, people))
        known.merged["11407"] = (day, "11416")

    def lower(self, code, unit, day, number, officer, clerk):
        """The heir of a merger, by more than a day's number: down to its own sum, and never below."""
        unit, clerk = self.cast.commune, self.cast.district_clerk
        version = standings.standing(unit, day).version
        about = {"adjustment": -20 * number, "reason": "trùng", "base_version": version}
        acts.adjust(unit=unit, day=day, **about, **self.moved(clerk))
        self.learn().adjustments["11416", day] = -20 * number

    def add_unit(self, code, unit, day, number, officer, clerk):
        """A commune that opens on a later day."""
        if "11999" in self.units or day <= deadline.reporting_day(self.at):
            return
        line = {"code": "11999", "name": "Nam Hải", "kind": "phường", "level": "commune", "parent_code": "306"}
        figures = {"population": 5000, "population_source": "x", "smartphone_users": None, "households": None}
        lines = [unit_register.UnitLine(line=1, phone="", **line, **figures)]
        unit_register.import_lines(lines, by=self.cast.city_clerk, effective_on=day, now=lambda: self.at)
        known = self.learn()
        known.opened["11999"] = day
        known.populations.append(("11999", day, 5000))
        known.names.append(("11999", day, "Phường Nam Hải"))
        added = Unit.objects.get(code="11999")
        self.units["11999"] = (added, f.make_user("11999", added), self.cast.district_clerk)

    # The replay.

    def check(self, instant, as_of):
        known = self.known_at(instant)
        for day in DAYS:
            if start_of(day) > instant:
                continue  # nobody is shown a day before it has begun
            rows = rollup.rows(self.cast.city, day, as_of).by_code
            for code in self.units:
                assert (code in rows) == self.known.is_there(code, day)  # both begin on a later day than they are known
                if code in rows:
                    self.check_row(known, rows[code], code, day)
            residents = [code for code in self.units if code != "SYT" and self.known.is_there(code, day)]
            said = [total for total in (known.total(code, day) for code in residents) if total is not None]
            assert rows["31"].cumulative == (sum(said) if said else None)

    def verify(self):
        said = StringIO()
        try:
            call_command("verify", stdout=said)
        except SystemExit:
            raise AssertionError(said.getvalue()) from None

    def check_row(self, known, row, code, day):
        installs = known.installs.get((code, day))
        status = "late" if known.is_late.get((code, day)) else "on_time"
        if installs is None:
            status = "exempt" if known.is_excused(code, day) else "missing"
        assert (row.installs, row.adjustment, row.cumulative, row.population, str(row.status)) == (
            installs,
            known.adjustments.get((code, day), 0),
            known.total(code, day),
            known.newest(known.populations, code, day),
            status,
        )


class PlayedHistories(TestCase):
    # A history is long: the first that differs is told as it was played.
    @played(15, database=None, phases=[Phase.explicit, Phase.generate])
    @given(st.lists(STEP, min_size=10, max_size=40), INSTANTS)
    def test_no_day_is_counted_twice_and_every_instant_is_a_plain_replay(self, steps, parts):
        history = History()
        history.play(steps, parts)
        history.verify()
        for day in DAYS:
            assert differing(day) == []
