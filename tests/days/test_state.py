from dataclasses import replace
from datetime import date, timedelta

import pytest

from reporting import site
from reporting.days.state import DayCode, DayState, day_state, day_states
from reporting.deadline import DayHours, Phase
from reporting.models import Directive, Seal, SignOff, Unit

from .. import factories as f

BEFORE, AFTER = f.DAY - timedelta(days=1), f.DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "code"),
    [
        (AFTER, None, DayCode.UNIT_CLOSED),
        (f.DAY, None, DayCode.OPEN),
        (BEFORE, AFTER, DayCode.OPEN),
        (None, f.DAY, DayCode.UNIT_CLOSED),
    ],
)
def test_day_state_of_a_unit_that_opens_or_closes(opened_on, closed_on, code, cast):
    unit = f.make_unit("11000", parent=cast.district, opened_on=opened_on, closed_on=closed_on)
    assert day_state(unit, f.DAY, at=f.at("2020-08-21 12:00")).code == code


def test_day_state_of_a_unit_with_open_children_is_not_reporting(cast):
    noon = f.at("2020-08-21 12:00")
    codes = [day_state(unit, f.DAY, at=noon).code for unit in (cast.city, cast.district, cast.island, cast.agency)]
    assert codes == [DayCode.NOT_REPORTING, DayCode.NOT_REPORTING, DayCode.OPEN, DayCode.OPEN]


@pytest.mark.parametrize(("closed_on", "code"), [(f.DAY, DayCode.OPEN), (AFTER, DayCode.NOT_REPORTING)])
def test_day_state_of_a_unit_whose_only_child_has_closed_is_open(closed_on, code, cast):
    f.make_unit("11999", parent=cast.island, closed_on=closed_on)
    assert day_state(cast.island, f.DAY, at=f.at("2020-08-21 12:00")).code == code


def test_day_state_without_a_directive_is_before_the_campaign(db):
    state = day_state(f.make_unit("31"), f.DAY, at=f.at("2020-08-21 12:00"))
    assert (state.code, state.campaign_start) == (DayCode.BEFORE_CAMPAIGN, None)


def test_day_state_after_the_last_directive_has_ended(db):
    f.make_directive(effective_until=BEFORE)
    unit = f.make_unit("31")
    codes = [day_state(unit, day, at=f.at("2020-08-21 12:00")).code for day in (BEFORE, f.DAY)]
    assert codes == [DayCode.AFTER_DEADLINE, DayCode.AFTER_CAMPAIGN]


def test_day_state_keeps_the_opening_report_before_the_unit_began(cast):
    later = f.make_unit("11000", parent=cast.district, opened_on=date(2020, 8, 15))
    noon = f.at("2020-08-21 12:00")
    days = [day_state(unit, f.DAY, at=noon).opening_day for unit in (cast.commune, later)]
    assert days == [date(2020, 8, 5), date(2020, 8, 14)]


# Which records of others belong to the unit.

AFTER_HOUR = f.at("2020-08-21 17:30")


def test_day_state_knows_the_confirmation_of_its_own_superior_and_day(cast):
    f.make_sign_off(cast.district, cast.district_clerk, day=BEFORE)
    f.make_sign_off(cast.other_district, cast.other_clerk)
    state = day_state(cast.commune, f.DAY, at=AFTER_HOUR)
    assert (state.sign_off, state.phase) == (None, Phase.TO_CONFIRM)
    sign_off = f.make_sign_off(cast.district, cast.district_clerk)
    state = day_state(cast.commune, f.DAY, at=AFTER_HOUR)
    assert (state.sign_off, state.phase) == (sign_off, Phase.CONFIRMED)


def test_day_state_knows_the_last_seal_of_its_city_and_day(cast, django_assert_num_queries):
    f.make_seal(cast.city, cast.city_clerk, day=BEFORE)
    f.make_sign_off(cast.district, cast.district_clerk)
    assert day_state(cast.commune, f.DAY, at=AFTER_HOUR).seal is None
    last = f.make_seal(cast.city, cast.city_clerk, at=f.at("2020-08-21 17:50"), reason="Bổ sung")
    f.make_seal(cast.city, cast.city_clerk, at=f.at("2020-08-21 17:40"))
    with django_assert_num_queries(5):
        states = day_states([cast.commune, cast.agency], f.DAY, at=AFTER_HOUR)
    assert [(state.seal, state.phase) for state in states.values()] == [(last, Phase.SEALED)] * 2
    late = day_state(cast.commune, f.DAY, at=f.at("2020-08-29 00:00"))
    assert late.phase is Phase.OVER


def test_day_state_knows_the_reopening_of_its_own_unit_and_day(cast):
    f.make_reopening(cast.neighbour, cast.district_clerk)
    f.make_reopening(cast.commune, cast.district_clerk, day=BEFORE)
    assert day_state(cast.commune, f.DAY, at=AFTER_HOUR).code is DayCode.AFTER_DEADLINE
    reopening = f.make_reopening(cast.commune, cast.district_clerk)
    state = day_state(cast.commune, f.DAY, at=AFTER_HOUR)
    assert (state.code, state.reopening, state.open_until) == (DayCode.REOPENED, reopening, reopening.until)
    assert (state.is_open, state.is_returned, state.phase) == (True, False, Phase.REOPENED)
    closed = day_state(cast.commune, f.DAY, at=reopening.until)
    assert (closed.code, closed.open_until) == (DayCode.AFTER_DEADLINE, f.at("2020-08-21 17:00"))


HOURS = DayHours(day=f.DAY)
PASSED = DayState(DayCode.AFTER_DEADLINE, replace(HOURS, order=Directive()))
LATE = "Đã hết hạn: báo cáo ngày 21/08/2020 phải gửi trước 17h00 ngày 21/08/2020."
NOT_THERE = "Ngày 21/08/2020 đơn vị không tồn tại: đã giải thể hoặc chưa thành lập."


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DayState(DayCode.UNIT_CLOSED, HOURS), NOT_THERE),
        (DayState(DayCode.UNIT_CLOSED, HOURS, closed_on=f.DAY), f"{NOT_THERE} Đơn vị giải thể từ ngày 21/08/2020."),
        (
            DayState(DayCode.NOT_REPORTING, HOURS),
            "Đơn vị này không tự báo cáo: số liệu là tổng hợp của các đơn vị trực thuộc.",
        ),
        (DayState(DayCode.BEFORE_CAMPAIGN, HOURS), "Chưa có văn bản chỉ đạo có hiệu lực: chưa bắt đầu báo cáo."),
        (
            DayState(DayCode.AFTER_CAMPAIGN, HOURS),
            "Ngày 21/08/2020 không có văn bản chỉ đạo nào có hiệu lực: đợt đã kết thúc.",
        ),
        (PASSED, LATE),
        (
            replace(PASSED, sign_off=SignOff(at=f.at("2020-08-21 17:20"))),
            f"{LATE} Đơn vị cấp trên đã xác nhận số liệu lúc 17h20 ngày 21/08/2020.",
        ),
        (
            replace(PASSED, seal=Seal(at=f.at("2020-08-21 17:40")), sign_off=SignOff(at=f.at("2020-08-21 17:20"))),
            f"{LATE} Số liệu ngày đã được thành phố chốt lúc 17h40 ngày 21/08/2020.",
        ),
        (
            replace(PASSED, phase=Phase.OVER, seal=Seal(at=f.at("2020-08-21 17:40"))),
            f"{LATE} Cũng đã hết thời gian điều chỉnh: chỉ thành phố có thể mở lại ngày này.",
        ),
    ],
)
def test_day_state_explains_itself_in_the_offices_words(state, words, elsewhere):
    city = Unit(code="31", level="city")
    city.name, city.kind = "Hải Phòng", "thành phố"
    with site.use_site(lambda: site.Site(city)):
        assert state.explained() == words
