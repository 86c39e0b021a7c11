"""`python -m tests.bench.hostile < FILE`: reads a hostile file; prints CPU seconds, MiB of growth, and what it said."""

import json
import re
import resource
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
    from reporting.files import apart, spreadsheets  # only now can they be imported

    data = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_DATA, (apart.MEMORY, apart.MEMORY))
    before, started = peak(), time.process_time()
    try:
        spreadsheets.read(data, "a.xlsx")
        said = "read"
    except spreadsheets.Unreadable as error:
        said = error.words
    except MemoryError:
        said = "too much memory"
    print(json.dumps([time.process_time() - started, (peak() - before) / 1024, said]))


if __name__ == "__main__":
    main()
