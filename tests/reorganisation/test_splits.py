"""A split hands over a part of the cumulative: nothing jumps, and nothing counts twice."""

from datetime import timedelta

import pytest
from django.utils import translation

from reporting import acts
from reporting.figures import rollup, standings, verification
from reporting.models import Unit
from reporting.reorganisation.acts import record_reorganisation
from reporting.reorganisation.draft import Change
from tests.prepared import prepared

from .. import factories as f
from ..figures.whole import differing
from .test_acts import draft, sentences

CHANGE = f.DAY + timedelta(days=1)
AFTER = CHANGE + timedelta(days=1)
MOMENT = f.at("2020-08-21 18:30")
HEAD = "action,code,name,kind,parent_code,population,split_from,handed_over"


def split(*lines, **options):
    return f.reorganise("\n".join([HEAD, *lines]), effective_on=CHANGE, source="NQ 15", at=MOMENT, **options)


@prepared
def counted(cast):
    """Two communes of the district with figures before the split."""
    f.make_report(cast.commune, f.DAY - timedelta(days=1), installs=900)
    f.make_report(cast.commune, f.DAY, installs=100)
    f.make_report(cast.neighbour, f.DAY, installs=50)
    return cast


def cumulatives(cast, day, as_of=None):
    return {code: row.cumulative for code, row in rollup.rows(cast.city, day, as_of).by_code.items() if row.cumulative}


def test_split_hands_over_the_stated_part_and_no_superior_jumps(counted):
    split("new,11417,Đằng Hải 2,phường,306,9000,11416,400", by=counted.city_clerk)
    assert cumulatives(counted, f.DAY) == {"31": 1050, "306": 1050, "11416": 1000, "11407": 50}
    assert cumulatives(counted, CHANGE) == {"31": 1050, "306": 1050, "11416": 600, "11417": 400, "11407": 50}


def test_split_across_districts_compares_with_yesterday_in_todays_tree(counted):
    split("new,11472,Thuỷ Nguyên 2,xã,311,9000,11416,400", by=counted.city_clerk)
    now = rollup.rows(counted.city, CHANGE)
    (eve,) = rollup.earlier(counted.city, now, [f.DAY])
    assert {code: row.cumulative for code, row in eve.by_code.items() if row.cumulative} == {
        "31": 1050, "306": 650, "11416": 600, "11407": 50, "311": 400, "11472": 400,
    }  # fmt: skip
    assert differing(CHANGE) == []


def test_withdrawn_split_hands_over_nothing(counted):
    kept = split("new,11417,Đằng Hải 2,phường,306,9000,11416,400", by=counted.city_clerk)
    at = MOMENT + timedelta(minutes=5)
    acts.withdraw_setting(record=kept, reason="nhầm", **f.stamp(counted.city_clerk, at))
    assert cumulatives(counted, CHANGE) == {"31": 1050, "306": 1050, "11416": 1000, "11407": 50}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("new,11417,B,phường,306,9000,11416,1001", "cannot hand over 1,001 installs: it has 1,000"),
        ("new,11417,B,phường,306,9000,,400", "split_from is empty"),
        ("new,11417,B,phường,306,9000,306,400", "cannot hand over installs"),
        ("new,11417,B,phường,306,9000,SYT,400", "cannot hand over installs"),
        ("new,11417,B,phường,306,9000,99999,400", "there is no unit 99999"),
    ],
)
def test_split_that_cannot_be_is_refused(line, words, counted):
    with translation.override("en"), pytest.raises(acts.unit_register.BadFile) as error:
        split(line, by=counted.city_clerk)
    assert words in str(error.value)


def test_source_is_not_corrected_below_what_it_handed_over(counted):
    split("new,11417,Đằng Hải 2,phường,306,9000,11416,400", by=counted.city_clerk)
    at = f.at("2020-08-21 19:00")
    about = {"unit": counted.commune, "day": f.DAY, "reason": "nhầm", "by": counted.district_clerk, "at": at}
    acts.adjust(adjustment=-600, base_version=1, now=lambda: at, **about)
    with pytest.raises(acts.BelowCumulative):
        acts.adjust(adjustment=-601, base_version=2, now=lambda: at, **about)


def test_total_of_the_new_unit_goes_on_from_what_it_was_handed(counted):
    split("new,11417,Đằng Hải 2,phường,306,9000,11416,400", by=counted.city_clerk)
    unit = Unit.objects.get(code="11417")
    standing = standings.standing_of(unit, CHANGE)
    assert (standing.cumulative_before, standing.before) == (400, 0)
    at = f.at("2020-08-22 16:00")
    acts.submit(unit=unit, day=CHANGE, **f.stamp(None, at), source="NQ", cumulative=430)
    assert cumulatives(counted, CHANGE)["11417"] == 430
    assert differing(CHANGE) == []
    assert [words for _name, check in verification.CHECKS.values() for words in check()] == []


def test_merger_of_a_split_unit_gives_back_what_it_was_handed(counted):
    split("new,11417,Đằng Hải 2,phường,306,9000,11416,400", by=counted.city_clerk)
    later = f.at("2020-08-22 18:30")
    change = Change(line=1, action="merge", code="11417", into="11407")
    told = {"source": "NQ 16", "by": counted.city_clerk, "at": later}
    record_reorganisation([change], effective_on=AFTER, now=lambda: later, **told)
    assert cumulatives(counted, AFTER) == {"31": 1050, "306": 1050, "11416": 600, "11407": 450}
    assert differing(AFTER) == []


def test_preview_says_what_is_handed_over(counted):
    lines = ("new,11417,A,phường,306,9000,11416,400", "new,11418,B,phường,306,90,11416,")
    with translation.override("en"):
        found = sentences(draft(*lines, head=HEAD))
    assert "hands over 400 installs" in found[0]
    assert "It takes over no installs" in found[1]
