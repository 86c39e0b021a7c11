"""The mirror of docs/mirror.py has the same sums as the product, whatever is done and however often it asks."""

import importlib.util
import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.error import HTTPError

import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.django import TestCase

from reporting import acts
from reporting.figures import ranges, rollup
from reporting.models import Revision, Unit
from tests import factories as f
from tests.figures import test_played_histories as played_histories
from tests.players import played

from .reading import get_json

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PAGE = (DOCS / "api.md").read_text(encoding="utf-8")
EVENING = "2020-08-21 19:00"


def block(language):
    return re.search(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[1]


def load():
    spec = importlib.util.spec_from_file_location("mirror", DOCS / "mirror.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_unit(db, day):
    return dict(db.execute(block("sql"), {"day": day.isoformat()}))


class Mirrored(TestCase):
    @played(8)
    @given(st.lists(played_histories.STEP, min_size=8, max_size=30), st.integers(1, 5))
    def test_mirror_of_a_random_history_has_our_sums(self, steps, every):
        history, db = played_histories.History(), sqlite3.connect(":memory:")
        self.addCleanup(db.close)
        secret = f.make_token(history.cast.city, history.cast.city_clerk)

        def ask(address):
            return get_json(secret, address, moment=f"{history.at:%Y-%m-%d %H:%M}")

        for number, step in enumerate(steps):
            history.step(*step)
            if number % every == 0:
                load().mirror(db, "31", ask)
        load().mirror(db, "31", ask)
        city = Unit.objects.get(code="31")
        for day in played_histories.DAYS:
            rows = rollup.rows(city, day)
            ours = {row.code: row.cumulative for row in rows.by_code.values() if row.is_reporting}
            assert by_unit(db, day) == {code: total for code, total in ours.items() if total is not None}
            residents = [total for code, total in by_unit(db, day).items() if not rows.by_code[code].is_agency]
            assert rows.own.cumulative == (sum(residents) if residents else None)


def test_mirror_of_a_split_has_our_sums(cast):
    """Also after the new unit has ended elsewhere, and after a split was withdrawn."""
    f.make_report(cast.commune, f.DAY, installs=900)
    f.make_report(cast.neighbour, f.DAY, installs=50)
    head, moment = "action,code,into,name,kind,parent_code,population,split_from,handed_over", f.at("2020-08-21 18:30")
    days = [f.DAY + timedelta(days=number) for number in range(4)]
    splits = ["new,11417,,Đằng Hải 2,phường,306,9000,11416,400", "new,11418,,Cát Bi 2,phường,306,700,11407,20"]
    made = {"by": cast.city_clerk, "at": moment}
    f.reorganise(f"{head}\n{splits[0]}", effective_on=days[1], **made)
    taken_back = f.reorganise(f"{head}\n{splits[1]}", effective_on=days[2], **made)
    acts.withdraw_setting(record=taken_back, reason="Nhầm", by=cast.city_clerk, at=moment, now=lambda: moment)
    f.reorganise("action,code,into\nmerge,11417,11407", effective_on=days[3], **made)
    secret, db = f.make_token(cast.city, cast.city_clerk), sqlite3.connect(":memory:")
    load().mirror(db, "31", lambda address: get_json(secret, address, moment="2020-08-24 19:00"))
    parts = [{"11416": 900, "11407": 50}, {"11416": 500, "11407": 50, "11417": 400}, {"11416": 500, "11407": 450}]
    for day, sums in zip(days, [parts[0], parts[1], parts[1], parts[2]], strict=True):
        rows = rollup.rows(cast.city, day).by_code.values()
        assert by_unit(db, day) == sums
        assert {row.code: row.cumulative for row in rows if row.is_reporting and row.cumulative is not None} == sums
    db.close()


def test_pages_of_changes_end_and_miss_nothing(cast, monkeypatch):
    monkeypatch.setattr("reporting.api.operations.MOST_REPORTS", 2)
    for unit in (cast.commune, cast.neighbour, cast.stranger, cast.agency):
        f.make_report(unit)
    secret, found, cursor, has_more = f.make_token(cast.city, cast.city_clerk), [], "0", True
    while has_more:
        page = get_json(secret, f"units/31/reports?cursor={cursor}", moment=EVENING)
        found += [(report["unit"], report["kind"]) for report in page["reports"]]
        cursor, has_more = page["next"], page["has_more"]
        assert len(page["reports"]) <= 2
    assert found == [(code, kind) for code in ("11416", "11407", "11470", "SYT") for kind in ("opening", "daily")]
    assert get_json(secret, f"units/31/reports?cursor={cursor}", moment=EVENING)["reports"] == []


def test_mirror_that_is_interrupted_goes_on_and_waits_as_long_as_it_is_told(cast, monkeypatch):
    monkeypatch.setattr("reporting.api.operations.MOST_REPORTS", 2)
    for unit in (cast.commune, cast.neighbour, cast.stranger):
        f.make_report(unit)
    secret, mirror, asked, waited = f.make_token(cast.city, cast.city_clerk), load(), [], []

    def urlopen(request, timeout):
        asked.append(request.full_url)
        if len(asked) == 2:
            raise HTTPError(request.full_url, 429, "", {"Retry-After": "7"}, None)
        if len(asked) == 4:
            raise HTTPError(request.full_url, 500, "", {}, None)
        return BytesIO(
            json.dumps(get_json(secret, request.full_url.removeprefix("http://x/"), moment=EVENING)).encode()
        )

    monkeypatch.setattr(mirror, "urlopen", urlopen)
    monkeypatch.setattr(mirror.time, "sleep", waited.append)
    monkeypatch.setattr(mirror.os, "environ", {"API": "http://x/", "TOKEN": secret})
    with closing(sqlite3.connect(":memory:")) as db:
        with pytest.raises(HTTPError):
            mirror.mirror(db, "31")
        db.rollback()
        mirror.mirror(db, "31")
        assert waited == [7]
        assert asked[1] == asked[2] != asked[0]  # it waited and asked the same again
        assert asked[4] == asked[3]  # the next run goes on where this one ended
        assert by_unit(db, f.DAY) == {"11416": 10, "11407": 10, "11470": 10}


def test_what_is_young_is_given_again(cast):
    """A write that is not visible yet may have a lower number than a visible one."""
    f.make_report(cast.commune)  # at 10:00
    secret = f.make_token(cast.city, cast.city_clerk)
    young = get_json(secret, "units/31/reports", moment="2020-08-21 10:01:59")
    assert (len(young["reports"]), young["next"], young["has_more"]) == (2, "0", False)
    old = get_json(secret, "units/31/reports", moment="2020-08-21 10:02:00")
    assert old["next"] == str(Revision.objects.latest("pk").pk)
    assert ranges.SETTLED_AFTER.total_seconds() == 120
