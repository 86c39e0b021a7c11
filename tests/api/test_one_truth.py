"""Many days are the same page by page and as a file; that each is the rollup's: tests/test_one_answer.py."""

import csv
import io

from reporting import acts
from tests import factories as f
from tests.figures.test_ranges import tell
from tests.prepared import prepared

from .reading import asked, read

EVENING = "2020-08-21 18:00"


@prepared
def told(cast):
    tell(cast)
    acts.seal(unit=cast.city, day=f.DAY, **f.stamp(None, f.at("2020-08-21 17:10")))
    return cast


def test_days_are_the_same_whichever_way_they_are_read(told):
    secret = f.make_token(told.city, told.city_clerk)
    by_page, cursor = [], ""
    while cursor is not None:
        address = f"units/31/days?from=2020-08-06&to=2020-08-21&limit=5{cursor and '&cursor=' + cursor}"
        answer = asked(secret, address, moment=EVENING)
        by_page += answer["days"]
        cursor = answer["next"]
    assert [then["day"] for then in by_page] == [f"2020-08-{day:02}" for day in range(6, 22)]

    file = b"".join(read(secret, "units/31/days.csv?from=2020-08-06&to=2020-08-21", moment=EVENING).streaming_content)
    lines = [line | {"day": then["day"]} for then in by_page for line in then["lines"]]
    found = list(csv.DictReader(io.StringIO(file.decode())))
    assert {(line.pop("as_of"), line.pop("seal")) for line in found} == {("2020-08-21T18:00:00+07:00", "")}
    assert found == [{name: written(line[name]) for name in found[0]} for line in lines]


def written(value):
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
