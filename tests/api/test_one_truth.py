"""The API gives many days page by page exactly as in one file. test_one_answer.py compares each with the rollup."""

import csv
import io

from reporting import acts
from tests import factories as f
from tests.figures.test_ranges import make_fifteen_days
from tests.prepared import prepared

from .reading import get_answer, get_json

EVENING = "2020-08-21 18:00"


@prepared
def sealed_history(cast):
    make_fifteen_days(cast)
    acts.seal(unit=cast.city, day=f.DAY, **f.stamp(None, f.at("2020-08-21 17:10")))
    return cast


def test_days_are_the_same_whichever_way_they_are_read(sealed_history):
    secret = f.make_token(sealed_history.city, sealed_history.city_clerk)
    by_page, cursor = [], ""
    while cursor is not None:
        address = f"units/31/days?from=2020-08-06&to=2020-08-21&limit=5{cursor and '&cursor=' + cursor}"
        answer = get_json(secret, address, moment=EVENING)
        by_page += answer["days"]
        cursor = answer["next"]
    assert [then["day"] for then in by_page] == [f"2020-08-{day:02}" for day in range(6, 22)]

    file = b"".join(
        get_answer(secret, "units/31/days.csv?from=2020-08-06&to=2020-08-21", moment=EVENING).streaming_content
    )
    lines = [line | {"day": then["day"]} for then in by_page for line in then["lines"]]
    found = list(csv.DictReader(io.StringIO(file.decode())))
    assert {(line.pop("as_of"), line.pop("seal")) for line in found} == {("2020-08-21T18:00:00+07:00", "")}
    assert found == [{name: as_csv(line[name]) for name in found[0]} for line in lines]


def test_weeks_and_levels_are_sums_of_the_same_days(sealed_history):
    secret = f.make_token(sealed_history.city, sealed_history.city_clerk)

    def ask(query):
        return get_json(secret, f"units/31/days?from=2020-08-06&to=2020-08-21&limit=31{query}", moment=EVENING)["days"]

    by_day, by_week, districts = ask(""), ask("&period=week"), ask("&level=district&period=week")
    assert [week["day"] for week in by_week] == ["2020-08-09", "2020-08-16", "2020-08-21"]
    parts = [by_day[:4], by_day[4:11], by_day[11:]]
    for days, week, of_districts in zip(parts, by_week, districts, strict=True):
        assert week["total"]["installs"] == sum(day["total"]["installs"] or 0 for day in days)
        assert week["total"]["cumulative"] == days[-1]["total"]["cumulative"]
        for line in week["lines"]:
            said = [one["installs"] for day in days for one in day["lines"] if one["unit"] == line["unit"]]
            assert line["reported_days"] == sum(installs is not None for installs in said), line
            assert line["installs"] == (sum(installs or 0 for installs in said) if line["reported_days"] else None)
        assert {line["level"] for line in of_districts["lines"]} == {"district"}
        for name in ("installs", "cumulative", "adjustment"):
            assert sum(line[name] or 0 for line in of_districts["lines"]) == (week["total"][name] or 0)
    file = b"".join(
        get_answer(secret, "units/31/days.csv?level=district&period=week", moment=EVENING).streaming_content
    )
    lines = [line | {"last_day": week["day"]} for week in districts for line in week["lines"]]
    for told_in_file, line in zip(csv.DictReader(io.StringIO(file.decode())), lines, strict=True):
        assert {name: told_in_file[name] for name in line} == {name: as_csv(value) for name, value in line.items()}


def as_csv(value):
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
