"""Reads a file in a separate process, with limits of time and memory: a file that attacks the reader is refused.

Run as a program, this module reads the file from standard input and writes its cells as JSON to standard output.
"""

import json
import os
import resource
import subprocess  # nosec B404
import sys
from pathlib import Path

from ..text import parsing
from . import spreadsheets
from .cells import Unreadable, _
from .spreadsheets import Book

SECONDS = 4  # CPU time
PATIENCE = 20  # seconds of real time; the low priority makes it slow
MEMORY = 270 * 1024**2  # bytes of data; with its programs the process stays below 300 MB
POLITENESS = 10  # the process's `nice`
PASSED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH")  # variables without secrets
ROOT = Path(__file__).resolve().parent.parent.parent


def read_book(data: bytes, name: str) -> Book:
    """The same as `spreadsheets.read_book`, in the separate process. Raises `Unreadable`."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    command = [
        "nice",
        f"-n{POLITENESS}",
        sys.executable,
        "-m",
        "reporting.files.separate_process",
        parsing.clean(name)[-150:],
    ]
    try:
        # Runs Python without a shell. The file name is never opened.
        done = subprocess.run(  # noqa: S603  # nosec B603
            command, input=data, capture_output=True, timeout=PATIENCE, cwd=ROOT, env=environment, check=True
        )
    except subprocess.SubprocessError as error:
        words = _("Reading the file took longer than %(n)s seconds, or more memory than any table of figures needs.")
        raise Unreadable(words, n=SECONDS) from error
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise Unreadable(answer["refused"], **answer["values"])
    return Book.unpacked(answer)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        answer = spreadsheets.read_book(sys.stdin.buffer.read(), sys.argv[1]).packed()
    except Unreadable as error:
        answer = {"refused": error.words, "values": error.values}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
