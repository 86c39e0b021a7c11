"""`python -m tests.bench.hostile NAME`: refuses one hostile file; prints seconds, and MiB that the process grew by."""

import json
import resource
import sys
import time

import django
from django.utils import translation

NAMES = (
    *("zip bomb", "zip bomb beside", "entity bomb", "nested zips", "60,000 members"),
    *("far cell", "100,000 rows", "too many cells", "too many empty cells", "one long text in many cells"),
)


def measure(name: str) -> tuple[float, float]:
    from reporting import spreadsheets
    from tests.test_spreadsheets import BAD

    data = BAD[name][0]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    try:
        with translation.override("vi"):
            spreadsheets.read(data, "a.xlsx")
    except spreadsheets.Unreadable:
        pass
    else:
        raise AssertionError(f"{name} was read")
    return time.perf_counter() - started, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure(sys.argv[1])))
