"""One deadline: page, board, bulletin, workbook, paper, sign-in hint and refusal name the same."""

import io
import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from docx import Document
from hypothesis import given, strategies as st
from openpyxl import load_workbook

from reporting import acts, deadline
from reporting.acts.refusals import TooEarly
from reporting.days import state
from reporting.figures import rollup
from reporting.models import SignOff
from reporting.text import formatting

from . import factories as f
from .players import played
from .views.visits import frozen, look

TOLD = re.compile(r"tính đến (\d\dh\d\d ngày \d\d/\d\d/\d{4})", re.IGNORECASE)
NAMES = ["city", "district", "commune", "neighbour", "other_district", "stranger", "agency"]
THE_HOURS = [time(15, 30), time(16), time(17), time(17, 45)]


@dataclass
class World:
    """The settings of the day, and by a rule of its own each unit's resulting deadline."""

    hour: time = time(17)
    extensions: list = field(default_factory=list)  # name, new deadline and time of recording, in minutes after 17:00
    exempt: list = field(default_factory=list)
    downtimes: list = field(default_factory=list)  # minutes before the deadline
    unit_hours: dict = field(default_factory=dict)  # by name, minutes after 17:00: another deadline by an order
    withdrawn: int = 0  # how many of the extensions, from the first, have just been withdrawn
    seen: int = 0  # minutes after the deadline

    def after(self, minutes):
        return datetime.combine(f.DAY, self.hour, tzinfo=deadline.ZONE) + timedelta(minutes=minutes)

    @property
    def at(self):
        return self.after(self.seen)

    def record(self, cast):
        if self.hour != time(17):
            f.make_directive(f.DAY, number="2/CV", report_deadline=self.hour, signoff_deadline=time(18))
        for number, (name, until, recorded) in enumerate(self.extensions):
            moment = min(self.after(recorded), self.at)
            extension = f.make_extension(getattr(cast, name), until=self.after(until), recorded_at=moment)
            if number < self.withdrawn:
                f.withdraw(extension, self.at)
        for name, minutes in self.unit_hours.items():
            f.make_unit_hour(getattr(cast, name), self.after(minutes).time())
        for name in self.exempt:
            f.make_exempt_day(getattr(cast, name), f.DAY)
        for minutes in self.downtimes:
            f.make_downtime(starts_at=self.after(-minutes), ends_at=self.after(30 - minutes))

    def is_excused_at(self, hour):
        """Whether the product was down in the last hour before the deadline."""
        times = [(self.after(-minutes), self.after(30 - minutes)) for minutes in self.downtimes]
        return any(start < hour and end > hour - timedelta(hours=1) for start, end in times)

    def own(self, unit, cast, *, known=None):
        """The deadline of one unit: the latest of the nearest order's and of the extensions for it or a superior."""
        standing = self.extensions[self.withdrawn :] if known is None else self.extensions
        later = [
            self.after(until)
            for name, until, recorded in standing
            if getattr(cast, name).code in unit.codes and (known is None or min(self.after(recorded), self.at) <= known)
        ]
        ordered = {getattr(cast, name).code: minutes for name, minutes in self.unit_hours.items()}
        nearest = next((ordered[code] for code in reversed(unit.codes) if code in ordered), 0)
        return max([self.after(nearest), *later])

    def is_promised_at(self, unit, cast, moment):
        """Whether the unit then had a later deadline that was withdrawn since."""
        return any(
            getattr(cast, name).code in unit.codes
            and min(self.after(recorded), self.at) <= moment < min(self.after(until), self.at)
            for name, until, recorded in self.extensions[: self.withdrawn]
        )

    def last(self, unit, cast, *, known=None):
        """The latest deadline of a unit and those below it."""
        units = [getattr(cast, name) for name in (*NAMES, "island")]
        return max(self.own(below, cast, known=known) for below in units if unit.code in below.codes)


MINUTES = st.integers(-90, 240)
WORLDS = st.builds(
    World,
    hour=st.sampled_from(THE_HOURS),
    extensions=st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 240), MINUTES), max_size=3),
    exempt=st.lists(st.sampled_from(NAMES), max_size=1),
    downtimes=st.lists(st.integers(0, 120), max_size=1),
    unit_hours=st.dictionaries(st.sampled_from(NAMES), st.integers(-60, 60), max_size=2),
    withdrawn=st.integers(0, 2),
    seen=MINUTES,
)


def told(text):
    """The one moment that a text calls "figures up to"."""
    found = set(TOLD.findall(text))
    assert len(found) == 1, found
    return found.pop()


def written(moment):
    with translation.override("vi"):
        return formatting.moment(moment)


def sheets(response):
    book = load_workbook(io.BytesIO(response.content))
    return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)


def papers(response):
    document = Document(io.BytesIO(response.content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    return re.sub(r"ngày (\d)/", r"ngày 0\1/", re.sub(r"/(\d)/(\d{4})", r"/0\1/\2", text))  # 21/8/2020 on paper


@dataclass
class Visit:
    """What the city's clerk sees of a unit at a moment."""

    client: Client
    unit: object
    query: dict = field(default_factory=dict)

    def get(self, name, *args, **query):
        response = self.client.get(reverse(f"reporting:{name}", args=[self.unit.code, *args]), {**self.query, **query})
        assert response.status_code == 200, name
        return response

    def text(self, name):
        return self.get(name, f.DAY).text

    def faces(self):
        """The moment that each page and file calls "figures up to"."""
        of_the_day = {"day": f.DAY.isoformat()}
        return {
            "page": told(self.get("unit", **of_the_day).text),
            "ranking": told(self.get("ranking", **of_the_day).text),
            "bulletin": told((sheet := self.get("bulletin", f.DAY)).text),
            "message": re.match("Đến ([^/]*/../....)", sheet.context["bulletin"].message).group(1),
            "workbook": told(sheets(self.get("workbook", f.DAY))),
            "paper": told(papers(self.get("paper", f.DAY))),
            "ministry": told(self.text("official")),
        }


@played(10)
@given(world=WORLDS)
def test_every_face_names_the_same_hour(world, cast):
    with transaction.atomic(), frozen(world.at.replace(tzinfo=None).isoformat()):
        world.record(cast)
        client = Client()
        client.force_login(cast.city_clerk)
        for unit in (cast.city, cast.district):
            visit, own, last = Visit(client, unit), world.own(unit, cast), world.last(unit, cast)
            until = min(world.at, last)
            faces = visit.faces()
            assert faces == dict.fromkeys(faces, written(until))
            assert told(visit.get("review", f.DAY).text) == written(until)
            with translation.override("vi"):
                due = visit.get("board", f.DAY).context["the_day"].clock.about
            if any(getattr(cast, name).code in unit.codes for name in world.exempt):
                assert due == "Ngày này không đơn vị nào phải báo cáo."
                continue
            assert due.startswith("hạn báo cáo") == (world.at < last)
            named = [own, last] if own != last else [own]
            if world.at < last:
                assert re.findall(r"\d\dh\d\d", due) == [formatting.hour(hour) for hour in named]
        assert_seal_and_sign_off_wait(world, cast)
        hint = re.search(r"Gần (\d\dh\d\d)\?", Client().get(reverse("login")).text)
        assert hint.group(1) == formatting.hour(world.own(cast.city, cast))
        for unit in (cast.commune, cast.neighbour, cast.stranger, cast.agency):
            assert_refused_by_the_hour(world, unit, cast)
        transaction.set_rollback(True)


def assert_seal_and_sign_off_wait(world, cast):
    last = world.last(cast.city, cast)
    with pytest.raises(TooEarly) as refusal:
        acts.seal(unit=cast.city, day=f.DAY, by=None, at=last, now=lambda: last)
    assert refusal.value.opens_at == last + timedelta(minutes=2)


def assert_refused_by_the_hour(world, unit, cast):
    hour = world.own(unit, cast)
    is_exempt = any(getattr(cast, name).code in unit.codes for name in world.exempt)
    before, after = (state.day_state(unit, f.DAY, at=at) for at in (hour - timedelta(microseconds=1), hour))
    assert (before.is_open, after.is_open) == (True, is_exempt)
    with translation.override("vi"):
        assert re.findall(r"\d\dh\d\d", after.explained()) == ([] if is_exempt else [formatting.hour(hour)])
    is_promised = world.is_promised_at(unit, cast, hour)
    assert after.is_late(hour) is not (is_exempt or is_promised or world.is_excused_at(hour))


@played(5)
@given(world=WORLDS.filter(lambda world: world.extensions and world.seen > 60), back=st.integers(1, 60))
def test_look_back_names_the_hour_that_was_known(world, back, cast):
    with transaction.atomic(), frozen(world.at.replace(tzinfo=None).isoformat()):
        world.record(cast)
        client, then = Client(), world.at - timedelta(minutes=back)
        client.force_login(cast.city_clerk)
        visit = Visit(client, cast.city, {"as_of": then.replace(tzinfo=None).isoformat(timespec="minutes")})
        until = written(min(then, world.last(cast.city, cast, known=then)))
        pages = [visit.get("unit", day=f.DAY.isoformat()).text, visit.text("bulletin")]
        assert [TOLD.findall(re.sub(r"thời điểm[^<]*", "", page))[0] for page in pages] == [until, until]
        transaction.set_rollback(True)


def test_papers_state_the_hours_in_force_with_those_of_who_has_another(cast):
    f.make_extension(cast.city, until=f.at("2020-08-21 18:00"))
    f.make_extension(cast.district, until=f.at("2020-08-21 19:30"))
    f.make_extension(cast.stranger, until=f.at("2020-08-21 17:30"))  # earlier than its deadline anyway
    words = "trước 18h00 (Quận Hải An trước 19h30)"
    with frozen("2020-08-21 21:00"):
        client = Client()
        client.force_login(cast.city_clerk)
        city, district = Visit(client, cast.city), Visit(client, cast.district)
        assert f"Hạn báo cáo trong ngày: {words}." in papers(city.get("paper", f.DAY))
        notes = sheets(city.get("workbook", f.DAY))
        assert f"Hạn báo cáo trong ngày: {words}. Hạn xác nhận cuối cùng: trước 20h00." in notes
        assert f"<dd>hạn: {words}</dd>" in city.text("bulletin")
        assert "<dd>hạn: trước 19h30</dd>" in district.text("bulletin")


def test_workbook_states_the_hours_of_the_count(cast):
    f.make_directive(f.DAY, number="2/CV", report_deadline=time(15), signoff_deadline=time(16))
    found = []
    with frozen("2020-08-22 11:00"):
        client = Client()
        client.force_login(cast.city_clerk)
        for day in (f.DAY - timedelta(days=1), f.DAY, f.DAY + timedelta(days=1)):
            notes = sheets(Visit(client, cast.city).get("workbook", day))
            found.append(re.search(r"Số của ngày tính (từ .*?); số liệu tính đến", notes)[1])
    assert found == [
        "từ 17h00 ngày hôm trước đến 17h00 ngày báo cáo",
        "từ 17h00 ngày hôm trước đến 15h00 ngày báo cáo",
        "từ 15h00 ngày hôm trước đến 15h00 ngày báo cáo",
    ]


def test_later_hour_given_afterwards_makes_a_confirmation_good(cast):
    f.make_sign_off(cast.district, cast.district_clerk, at=f.at("2020-08-21 18:25"), is_after_deadline=True)
    f.make_sign_off(cast.other_district, cast.other_clerk, at=f.at("2020-08-21 18:25"), is_after_deadline=True)
    given = f.at("2020-08-21 19:00")
    f.make_extension(cast.commune, until=f.at("2020-08-21 18:30"), recorded_at=given)
    marked = {}
    for as_of in (None, given, given - timedelta(seconds=1)):
        signed = acts.confirmations(rollup.rows(cast.city, f.DAY, as_of)).sign_offs
        marked[as_of] = [code for code, sign_off in signed.items() if sign_off.is_after_deadline]
    assert marked == {None: ["311"], given: ["311"], given - timedelta(seconds=1): ["306", "311"]}
    page = look(cast.district_clerk, "review", "306", f.DAY, moment="2020-08-21 19:30")
    assert page.context["review"].sign_off.is_after_deadline is False
    assert SignOff.objects.filter(is_after_deadline=True).count() == 2


def test_district_is_not_asked_to_confirm_while_a_commune_is_in_time(cast):
    f.make_extension(cast.commune, until=f.at("2020-08-21 18:30"))
    owed = {}
    for moment in ("2020-08-21 17:40", "2020-08-21 18:30"):
        days = look(cast.district_clerk, "inbox", moment=moment).context["inbox"].days
        owed[moment[-5:]] = f.DAY in [waiting.day for waiting in days]
    assert owed == {"17:40": False, "18:30": True}
    at = f.at("2020-08-21 18:00")
    f.make_report(cast.neighbour, hour=time(16))
    versions = acts.versions_below(cast.district, f.DAY)
    with pytest.raises(acts.Refusal, match="tất cả đơn vị đã báo cáo"):  # no unit is missing before the deadline
        acts.sign_off(unit=cast.district, day=f.DAY, versions=versions, reason="x", by=cast.district_clerk, at=at)
