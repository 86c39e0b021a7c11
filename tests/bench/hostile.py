"""`python -m tests.bench.hostile < FILE`: refuses a hostile file; prints CPU seconds, and MiB that it grew by."""

import json
import re
import sys
import time
from pathlib import Path

import django

NAMES = (
    *("zip bomb", "zip bomb beside", "entity bomb", "nested zips", "60,000 members"),
    *("far cell", "100,000 rows", "too many cells", "too many empty cells", "one long text in many cells"),
)


def peak() -> int:
    """In KiB; what `getrusage` says begins with the peak of the process that started this one."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def main() -> None:
    django.setup()
    from reporting.files import spreadsheets  # only now can it be imported

    data = sys.stdin.buffer.read()
    before, started = peak(), time.process_time()
    try:
        spreadsheets.read(data, "a.xlsx")
    except spreadsheets.Unreadable:
        seconds = time.process_time() - started
        print(json.dumps([seconds, (peak() - before) / 1024]))
    else:
        raise AssertionError("it was read")


if __name__ == "__main__":
    main()
