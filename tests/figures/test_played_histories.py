"""A random player tries every way to count a day twice, to move its deadline, or to count a unit in another place.

He requests reports that cover earlier days, corrects reports so that they cover them, settles collisions, withdraws,
imports, reopens days, confirms, grants and withdraws extensions, merges, splits and adds units, and lowers a
successor's total. Whatever he does: each day of a unit counts once, by itself or in one later report; the rollup as of
any instant equals a plain replay of his recorded steps; and the rollup of now equals that as of the end of time.
`HISTORIES` says how many are played.
"""

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from unittest.mock import patch

from django.core.management import call_command
from hypothesis import Phase, given, strategies as st
from hypothesis.extra.django import TestCase

from reporting import acts, deadline, imports
from reporting.acts import unit_register
from reporting.days.look_back import day_start
from reporting.figures import rates, rollup, standings
from reporting.figures.verification import END_OF_TIME
from reporting.imports import KINDS, Sent
from reporting.imports.kinds.units import import_units
from reporting.models import BaseFigure, Downtime, ExemptDay, Extension, LateRequest, Report, Revision, Unit
from reporting.pages.checking import check

from .. import clerk, factories as f, sheets
from ..players import played
from ..said import statements_of
from .whole import differing, differing_of

DAYS = [f.DAY - timedelta(days=2), f.DAY - timedelta(days=1), f.DAY]
ACTS = (
    *("submit", "enter", "request", "accept", "adjust", "void", "population", "rename", "seal", "confirm", "unconfirm"),
    *("exempt", "end_exemption", "extend", "end_extension", "downtime"),
    *("request_covering", "enter_covering", "open_again", "decline"),
    *("take_back", "bring_in", "bring_in_total", "enter_total", "merge", "lower", "add_unit", "split"),
)
STEP = st.tuples(
    st.sampled_from(ACTS),
    st.integers(0, 5),  # which unit
    st.integers(0, 2),  # which day
    st.integers(0, 60),  # the number
    st.integers(1, 400),  # minutes until the next step
)
INSTANTS = st.lists(st.floats(0, 1), min_size=3, max_size=6)
# Share and date: one passes in the play; with the others there is a forecast, which misses the target or reaches it.
TARGETS = [("0.075", DAYS[1]), ("0.6", DAYS[2] + timedelta(days=9)), ("0.003", DAYS[2] + timedelta(days=9))]
SAID: Counter[str] = Counter()  # how many statements were checked, by name
HEADS = {"installs": "Số máy cài mới", "opening": "Số máy đã cài trước đợt", "cumulative": "Lũy kế"}


@dataclass
class Known:
    """The expected state at one moment, kept by hand without the product: by unit and day, or by unit."""

    installs: dict = field(default_factory=dict)
    adjustments: dict = field(default_factory=dict)
    households: dict = field(default_factory=dict)
    openings: dict = field(default_factory=dict)
    arrivals: dict = field(default_factory=dict)  # whether the unit sent it itself, and when; None if voided
    populations: list = field(default_factory=list)  # unit, from which day, how many: in the order recorded
    names: list = field(default_factory=list)
    exempt: dict = field(default_factory=dict)  # since when
    lapsed: list = field(default_factory=list)  # unit, day, since when it was exempt, until when
    extended: dict = field(default_factory=dict)  # day: until when, since when
    promised: list = field(default_factory=list)  # day, until when, since when, when it was withdrawn
    downtimes: list = field(default_factory=list)
    covers: dict = field(default_factory=dict)  # the first day of the report
    merged: dict = field(default_factory=dict)  # since when, and into which unit
    opened: dict = field(default_factory=dict)
    split: dict = field(default_factory=dict)  # from which unit, and how much
    held: dict = field(default_factory=dict)  # by unit and day of a total: the days without a report when it came

    def copy(self):
        return Known(*(type(part)(part) for part in vars(self).values()))

    def newest(self, records, unit, day):
        """The newest effective day wins, on one day the later record."""
        fitting = [(start, number, value) for number, (u, start, value) in enumerate(records) if u == unit]
        return max([record for record in fitting if record[0] <= day])[2]

    # The tree.

    def is_there(self, code, day):
        is_gone = code in self.merged and self.merged[code][0] <= day
        return not is_gone and day >= self.opened.get(code, day)

    def holder(self, code, day):
        return code if self.is_there(code, day) or code not in self.merged else self.merged[code][1]

    def parts(self, code, day):
        return [code, *(gone for gone, (since, heir) in self.merged.items() if heir == code and since <= day)]

    # The sums.

    def cumulative(self, unit, day):
        """None for a unit that never had a figure."""
        own = {d for u, d in [*self.installs, *self.adjustments] if u == unit and d <= day}
        if unit not in self.openings and not own:
            return None
        counted = sum((self.installs.get((unit, d)) or 0) + self.adjustments.get((unit, d), 0) for d in own)
        return self.openings.get(unit, 0) + counted

    def total(self, code, day):
        """The unit's total, with merged units and what splits handed over; None without any figure."""
        sums = [self.cumulative(part, day) for part in self.parts(code, day)]
        for new, (source, installs) in self.split.items():
            if self.opened[new] <= day:
                sums += [installs] * (self.holder(new, day) == code) + [-installs] * (self.holder(source, day) == code)
        said = [number for number in sums if number is not None]
        return sum(said) if said else None

    def visited(self, code, day):
        parts = self.parts(code, day)
        if all(self.cumulative(part, day) is None for part in parts):
            return None
        return sum(number or 0 for (unit, d), number in self.households.items() if unit in parts and d <= day)

    # The hours, and what the day is.

    def closes_at(self, day):
        return self.extended[day][0] if day in self.extended else deadline.closes_at(day)

    def is_lapsed(self, code, day):
        """Exempt at the deadline, but no longer."""
        hour = self.closes_at(day)
        return any((c, d) == (code, day) and since < hour <= until for c, d, since, until in self.lapsed)

    def arrival(self, code, day):
        """After a void, the arrival of the first figures that the unit sent itself, if any."""
        steps = self.arrivals.get((code, day), [])
        first = max([place + 1 for place, step in enumerate(steps) if step is None], default=0)
        own = [at for is_own, at in filter(None, steps[: first + 1]) if is_own]
        return [*own, steps[first][1]][0]

    def status(self, code, day, at, waiting):
        if (code, day) in self.exempt:
            return "exempt"
        hour = self.closes_at(day)
        is_taken = any(start < hour and end > hour - timedelta(hours=1) for start, end in self.downtimes)
        is_excused = is_taken or self.is_lapsed(code, day)
        if self.installs.get((code, day)) is None:
            if (code, day) in waiting:
                return "waiting"
            return "not_due_yet" if at < hour else "excused" if is_excused else "missing"
        arrived = self.arrival(code, day)
        relied = [1 for d, until, since, end in self.promised if d == day and since <= arrived < min(until, end)]
        if arrived < hour or relied:
            return "on_time"
        was_exempt = [1 for c, d, since, end in self.lapsed if (c, d) == (code, day) and since <= arrived < end]
        return "excused" if is_excused or was_exempt else "late"

    # What is covered.

    def reported(self, code):
        return {day for (unit, day), installs in self.installs.items() if unit == code and installs is not None}

    def covering(self, code, day):
        """The later days whose reports include the day."""
        spans = {later: self.covers.get((code, later)) for later in self.reported(code) if later > day}
        return [later for later, first in spans.items() if first is not None and first <= day]

    def missing(self, code, day):
        """The earlier days without a report, of the unit and of units merged into it."""
        ends = {part: self.merged[part][0] if part in self.merged else day for part in self.parts(code, day)}
        return {
            (part, one)
            for part, end in ends.items()
            for one in DAYS
            if one < min(end, day) and one not in self.reported(part) and not self.covering(part, one)
        } - self.all_held

    @property
    def all_held(self):
        """Unit and day of everything included in the stored totals."""
        return set().union(*(days for total, days in self.held.items() if self.installs.get(total) is not None))

    def twice(self):
        """Unit and day of everything that counts twice."""
        codes = {code for code, _day in self.installs}
        alone = [(code, day) for code in codes for day in self.reported(code)]
        return [(code, day) for code, day in alone if self.covering(code, day) or (code, day) in self.all_held]


class History:
    """Four units of two districts, an agency among them, over three days, in a city below a country."""

    def __init__(self, target=TARGETS[0]):
        self.cast = f.make_nation()
        cast = self.cast
        share, day = target
        f.make_directive(f.FIRST_DAY, target_share=Decimal(share), target_date=day, number="2/CV")
        self.units = {
            "11416": (cast.commune, cast.officer, cast.district_clerk),
            "11407": (cast.neighbour, cast.neighbour_officer, cast.district_clerk),
            "11470": (cast.stranger, cast.stranger_officer, cast.other_clerk),
            "SYT": (cast.agency, cast.focal_person, cast.city_clerk),
        }
        self.at = self.start = f.at("2020-08-19 09:00")
        self.moments = [(self.start, Known())]  # since when, and the known state from then on
        for code, people, name in (
            ("11416", 19748, "Phường Đằng Hải"),
            ("11407", 14350, "Phường Cát Bi"),
            ("11470", 5000, "Thị trấn Núi Đèo"),
            ("SYT", 7420, "Sở Y tế"),
        ):
            self.known.populations.append((code, f.LONG_AGO, people))
            self.known.names.append((code, f.LONG_AGO, name))

    @property
    def known(self):
        return self.moments[-1][1]

    def learn(self):
        """A copy of what is known, from now on."""
        self.moments.append((self.at, self.known.copy()))
        return self.known

    def step(self, act, which, day_index, number, minutes):
        self.at += timedelta(minutes=minutes)
        code, day = list(self.units)[which % len(self.units)], DAYS[day_index]
        if targets := sorted(self.targets(act)):
            code, day = targets[which * number % len(targets)]
        unit, officer, clerk = self.units[code]
        with contextlib.suppress(acts.Refusal):
            getattr(self, act)(code, unit, day, number, officer, clerk)
        assert self.known.twice() == []

    def targets(self, act):
        """Unit and day of everything that can be undone or decided."""
        if act in ("accept", "decline", "take_back"):
            return LateRequest.objects.waiting().values_list("unit__code", "day")
        if act == "end_extension":
            return [("11416", day) for day in self.known.extended]
        if act == "void":
            return [place for place, installs in self.known.installs.items() if installs is not None]
        return self.known.exempt if act == "end_exemption" else []

    def moved(self, by):
        return {"by": by, "at": self.at, "now": lambda: self.at}

    def unit_of(self, code):
        return Unit.objects.get(code=code)  # a merger may have closed it meanwhile

    def sent(self, unit, day, number):
        standing = standings.standing_of(unit, day)
        opening = 1000 + number if standing.opening is None else None
        households = None if unit.is_agency or number % 3 == 0 else number % 7
        return {
            "installs": number,
            "opening": opening,
            "base_version": standing.version,
            "households_visited": households,
        }

    def waiting(self, unit, day):
        return LateRequest.objects.waiting().filter(unit=unit, day=day, installs__isnull=False).first()

    # What is counted.

    def counted(self, code, day, sent, *, is_own=False, received_at=None, covers=...):
        known = self.learn()
        if sent["opening"] is not None:
            known.openings[code] = sent["opening"]
        known.arrivals[code, day] = [*known.arrivals.get((code, day), []), (is_own, received_at or self.at)]
        known.installs[code, day] = sent["installs"]
        known.households[code, day] = sent.get("households_visited")
        if covers is not ...:
            known.covers[code, day] = covers

    def taken_in(self, code, day, waiting):
        """An accepted request; for a day with a report it is a correction."""
        sent = {name: getattr(waiting, name) for name in ("installs", "opening", "households_visited")}
        about = {"is_own": self.known.installs.get((code, day)) is None, "received_at": waiting.received_at}
        self.counted(code, day, sent, covers=waiting.covers_from, **about)

    def submit(self, code, unit, day, number, officer, clerk):
        sent = self.sent(unit, day, number)
        if not acts.submit(unit=self.unit_of(code), day=day, **sent, **self.moved(officer)).is_repeat:
            self.counted(code, day, sent, is_own=True, covers=None)

    def enter(self, code, unit, day, number, officer, clerk, **about):
        sent = self.sent(unit, day, number)
        about |= {"reason": "điện thoại", **sent}
        if not acts.enter(unit=self.unit_of(code), day=day, **about, **self.moved(clerk)).is_repeat:
            self.counted(code, day, sent, covers=about.get("covers_from", ...))

    def enter_covering(self, code, unit, day, number, officer, clerk):
        self.enter(code, unit, day, number, officer, clerk, covers_from=self.first_of(unit, day, number))

    def request(self, code, unit, day, number, officer, clerk, **about):
        about |= {"reason": "mất mạng", "by": officer, "at": self.at}
        acts.send_late_request(unit=self.unit_of(code), day=day, **about, **self.sent(unit, day, number))

    def request_covering(self, code, unit, day, number, officer, clerk):
        self.request(code, unit, day, number, officer, clerk, covers_from=self.first_of(unit, day, number))

    def accept(self, code, unit, day, number, officer, clerk):
        waiting = self.waiting(unit, day)
        if waiting:
            acts.decide(late_request=waiting, is_accepted=True, **self.moved(clerk))
            self.taken_in(code, day, waiting)

    def decline(self, code, unit, day, number, officer, clerk):
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day).first()
        if waiting:
            acts.decide(late_request=waiting, is_accepted=False, **self.moved(clerk))

    def take_back(self, code, unit, day, number, officer, clerk):
        acts.withdraw_request(unit=unit, day=day, shown=f.shown_request(unit, day), by=officer, at=self.at)

    def adjust(self, code, unit, day, number, officer, clerk):
        self.adjusted(code, unit, day, number - 30, clerk)

    def lower(self, code, unit, day, number, officer, clerk):
        """Corrects a successor by more than a day's number: down to its own sum, never below."""
        self.adjusted("11416", self.cast.commune, day, -20 * number, self.cast.district_clerk)

    def adjusted(self, code, unit, day, adjustment, clerk):
        about = {"adjustment": adjustment, "reason": "trùng", "base_version": standings.standing_of(unit, day).version}
        acts.adjust(unit=unit, day=day, **about, **self.moved(clerk))
        self.learn().adjustments[code, day] = adjustment

    def void(self, code, unit, day, number, officer, clerk):
        version = standings.standing_of(unit, day).version
        by = officer if number % 2 else clerk
        acts.void(unit=unit, day=day, reason="nhầm", base_version=version, **self.moved(by))
        known = self.learn()
        known.installs[code, day] = known.households[code, day] = known.covers[code, day] = None
        known.arrivals[code, day] = [] if by is officer else [*known.arrivals[code, day], None]
        known.held.pop((code, day), None)

    def open_again(self, code, unit, day, number, officer, clerk):
        until = self.at + timedelta(minutes=90)
        about = {"until": until, "reason": "gửi lại"}
        about["base_version"] = self.sent(unit, day, number)["base_version"]
        acts.reopen(unit=self.unit_of(code), day=day, **about, **self.moved(clerk))
        self.learn()
        self.at += timedelta(minutes=1)
        self.submit(code, unit, day, number, officer, clerk)

    def first_of(self, unit, day, number):
        """The missed days right before, or any earlier day: the rules must distinguish them."""
        missed = standings.standing_of(unit, day).missed_before
        return missed[0] if missed and number % 2 else day - timedelta(days=1 + number % 3)

    def bring_in(self, code, unit, day, number, officer, clerk):
        sent = self.sent(unit, day, number)
        self.import_line(code, day, sent, {name: sent[name] for name in HEADS if sent.get(name) is not None})

    def bring_in_total(self, code, unit, day, number, officer, clerk):
        """A cumulative: it covers the gap before it."""
        standing, sent = standings.standing_of(unit, day), self.sent(unit, day, number)
        if sent["opening"] is None:
            total = standing.cumulative_before + standing.adjustment + number
            missing = self.known.missing(code, day)
            if self.import_line(code, day, sent, {"cumulative": total}):
                self.known.held[code, day] = missing

    def enter_total(self, code, unit, day, number, officer, clerk):
        """A total entered on behalf, even as the unit's first report."""
        unit, sent = self.unit_of(code), self.sent(unit, day, number)
        standing, missing = standings.standing_of(unit, day), self.known.missing(code, day)
        before = standing.cumulative_before + (sent["opening"] or 0) + standing.adjustment
        about = {"reason": "điện thoại", **self.moved(clerk), **sent, "installs": None}
        receipt = acts.enter(unit=unit, day=day, cumulative=before + number, **about)
        if not receipt.is_repeat:
            self.counted(code, day, sent, covers=receipt.report.covers_from)
            if missing:
                self.known.held[code, day] = missing

    def import_line(self, code, day, sent, figures):
        """Whether it changed anything."""
        data = sheets.workbook(
            ["Mã đơn vị", "Ngày", *(HEADS[name] for name in figures)], [code, day, *figures.values()]
        )
        table, source = clerk.read_table(KINDS["reports"], data, "a.xlsx")
        told = {"options": {"reason": "giấy"}, "explanation": "đúng", "consents": frozenset(["doubts"])}
        given = Sent(by=self.cast.city_clerk, at=self.at, source=source, **told)
        before = Revision.objects.count()
        if not imports.preview(KINDS["reports"], table, given).errors:
            imports.apply(KINDS["reports"], table, given, now=lambda: self.at)
        if Revision.objects.count() == before:
            return False
        report = Report.objects.get(unit__code=code, day=day)
        sent |= {"households_visited": report.households_visited}  # like what it covers, by the import's own rule
        self.counted(code, day, sent, covers=report.covers_from)
        return True

    # Confirmations and seals: they include nothing of their own instant, and change no figure.

    def confirm(self, code, unit, day, number, officer, clerk):
        district = self.cast.district
        sign = {"unit": district, "day": day, "versions": acts.versions_below(district, day), "reason": "thiếu"}
        acts.sign_off(**sign, **self.moved(self.cast.district_clerk))

    def unconfirm(self, code, unit, day, number, officer, clerk):
        shown = f.shown_sign_off(self.cast.district, day)
        about = {"unit": self.cast.district, "day": day, "shown": shown, "reason": "sai"}
        acts.withdraw_sign_off(**about, **self.moved(self.cast.district_clerk))

    def seal(self, code, unit, day, number, officer, clerk):
        acts.seal(unit=self.cast.city, day=day, reason="lại", by=None, at=self.at, now=lambda: self.at)

    # The hours.

    def exempt(self, code, unit, day, number, officer, clerk):
        acts.record_setting(ExemptDay(unit=unit, day=day, reason="bão"), top=self.cast.city, now=lambda: self.at)
        self.learn()
        self.moments[-1][1].exempt[code, day] = self.at

    def end_exemption(self, code, unit, day, number, officer, clerk):
        record = ExemptDay.objects.known(None).filter(unit=unit, day=day).first()
        if record:
            acts.withdraw_setting(record=record, reason="nhầm", **self.moved(self.cast.city_clerk))
            known = self.learn()
            known.lapsed.append((code, day, known.exempt.pop((code, day)), self.at))

    def extend(self, code, unit, day, number, officer, clerk):
        """Extend the whole city's deadline, before or after it."""
        until = deadline.closes_at(day) + timedelta(minutes=5 * number)
        f.extend(unit=self.cast.city, day=day, until=until, reason="bão", **self.moved(self.cast.city_clerk))
        self.learn()
        self.moments[-1][1].extended[day] = (until, self.at)

    def end_extension(self, code, unit, day, number, officer, clerk):
        """The later of two is withdrawn first."""
        record = Extension.objects.known(None).filter(day=day).order_by("until").last()
        if record:
            acts.withdraw_setting(record=record, reason="nhầm", **self.moved(self.cast.city_clerk))
            known = self.learn()
            known.promised.append((day, record.until, record.recorded_at, self.at))
            before = Extension.objects.known(None).filter(day=day).order_by("until").last()
            known.extended.pop(day)
            if before:
                known.extended[day] = (before.until, before.recorded_at)

    def downtime(self, code, unit, day, number, officer, clerk):
        start = deadline.closes_at(day) - timedelta(minutes=2 * number)
        if start + timedelta(minutes=9) <= self.at:
            away = Downtime(starts_at=start, ends_at=start + timedelta(minutes=9), reason="hỏng")
            acts.record_setting(away, top=self.cast.city, now=lambda: self.at)
            self.learn()
            self.moments[-1][1].downtimes.append((start, start + timedelta(minutes=9)))

    # The units.

    def population(self, code, unit, day, number, officer, clerk):
        """The population before and after a merger: the successor has the merged unit's people."""
        if self.known.is_there(code, day):
            base = BaseFigure(unit=unit, effective_on=day, population=9000 + number, source="x", explanation="x")
            acts.record_setting(base, top=self.cast.city, now=lambda: self.at)
            self.learn().populations.append((code, day, 9000 + number))

    def rename(self, code, unit, day, number, officer, clerk):
        unit.rename(name=f"Tên {number}", kind="", effective_on=day, at=self.at)
        self.learn().names.append((code, day, f"Tên {number}"))

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

    def split(self, code, unit, day, number, officer, clerk):
        """Splits a part from Cát Bi or Đằng Hải on a later day, with a part of its cumulative."""
        source = ("11407", "11416")[number % 2]
        if self.known.split or day <= deadline.reporting_day(self.at):
            return
        head = "action,code,name,kind,parent_code,population,split_from,handed_over"
        file = f"{head}\nnew,11417,Cát Bi 2,phường,306,3000,{source},{10 * number + 1}"
        with contextlib.suppress(unit_register.BadFile):  # more than it has
            f.reorganise(file, effective_on=day, by=self.cast.city_clerk, at=self.at)
            self.opened("11417", day, 3000, "Phường Cát Bi 2").split["11417"] = (source, 10 * number + 1)
            self.known.openings["11417"] = 0

    def add_unit(self, code, unit, day, number, officer, clerk):
        """A commune that opens on a later day."""
        if "11999" in self.units or day <= deadline.reporting_day(self.at):
            return
        head = "code,name,kind,level,parent_code,population,population_source"
        file = f"{head}\n11999,Nam Hải,phường,commune,306,5000,x".encode()
        import_units(file, by=self.cast.city_clerk, effective_on=day, now=lambda: self.at)
        self.opened("11999", day, 5000, "Phường Nam Hải")

    def opened(self, code, day, people, name):
        known = self.learn()
        known.opened[code] = day
        known.populations.append((code, day, people))
        known.names.append((code, day, name))
        added = Unit.objects.get(code=code)
        self.units[code] = (added, f.make_user(code, added), self.cast.district_clerk)
        return known

    # The replay.

    def play(self, steps, parts):
        """Does the steps, then checks the present, each moment with a change, and `parts` of the whole time."""
        for step in steps:
            self.step(*step)
            assert differing_of(self.cast.country, DAYS[-1]) == []
        length = self.at - self.start
        for instant in [*(self.start + length * part for part in parts), *(since for since, _known in self.moments)]:
            self.check(instant, instant)
        self.check(END_OF_TIME, None)
        for day in DAYS:
            assert differing(day) == []
        self.check_said(parts)
        self.verify()

    def check(self, instant, as_of):
        known = [known for since, known in self.moments if since <= instant][-1]
        waiting = {
            (asked.unit.code, asked.day)
            for asked in LateRequest.objects.select_related("unit")
            if asked.received_at <= instant
            and not any(ended and ended <= instant for ended in (asked.decided_at, asked.withdrawn_at))
        }
        days = [day for day in DAYS if day_start(day) <= instant]  # no page shows a day before it begins
        for figures in rollup.rows_of_days(self.cast.city, days, as_of):
            day, rows = figures.day, figures.by_code
            for code in self.units:
                assert (code in rows) == self.known.is_there(code, day)  # both begin after the day they are recorded
                if code in rows:
                    self.check_row(known, rows[code], code, day, known.status(code, day, instant, waiting))
            residents = [code for code in self.units if code != "SYT" and self.known.is_there(code, day)]
            said = [total for total in (known.total(code, day) for code in residents) if total is not None]
            assert rows["31"].cumulative == (sum(said) if said else None)

    def check_row(self, known, row, code, day, status):
        is_owed = (code, day) not in known.exempt and not known.is_lapsed(code, day)
        said = (row.installs, row.adjustment, row.households, row.cumulative, row.households_so_far, row.population)
        assert (*said, row.name, str(row.status), row.expected) == (
            known.installs.get((code, day)),
            known.adjustments.get((code, day), 0),
            known.households.get((code, day)),
            known.total(code, day),
            known.visited(code, day),
            known.newest(known.populations, code, day),
            known.newest(known.names, code, day),
            status,
            is_owed,
        )

    def check_said(self, parts):
        """Everything that was said at some instants, on the target date, before and after it, is true."""
        length = self.at - self.start
        for instant in [self.start + length * part for part in parts]:
            for day in [day for day in DAYS if day_start(day) <= instant]:
                for code in ("31", "306", "311", "11416"):
                    self.check_true(statements_of(code, day, at=instant, as_of=instant))
        self.at += timedelta(minutes=1)
        for day in [day for day in DAYS if day_start(day) <= self.at]:
            self.check_true(statements_of("31", day, at=self.at))

    def check_true(self, said):
        SAID.update(one.name for one in said)
        assert [str(one) for one in check(said)] == []

    def verify(self):
        said = StringIO()
        try:
            call_command("verify", stdout=said)
        except SystemExit:
            raise AssertionError(said.getvalue()) from None


class PlayedHistories(TestCase):
    # A history is long: the first difference is printed with its steps.
    @played(24, database=None, phases=[Phase.explicit, Phase.generate])
    @given(st.lists(STEP, min_size=10, max_size=40), INSTANTS, st.sampled_from(TARGETS))
    def test_no_day_is_counted_twice_and_every_instant_is_a_plain_replay(self, steps, parts, target):
        with patch.object(rates, "FEWEST_DAYS", 1):  # the play has three days; there is a forecast on them
            History(target).play(steps, parts)
        print(SAID.total(), "statements checked,", len(SAID), "kinds")
