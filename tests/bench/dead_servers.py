"""The mail server takes connections and says nothing: officers report meanwhile."""

from __future__ import annotations

import contextlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from .. import served
from ..factories import at
from .flood import reports
from .measures import Measure

SENDERS = 2  # of `manage.py deliver` at a time, each begun again as soon as it ends


def report_while_senders_wait() -> Measure:
    """The median of a report while all that is sent hangs, over the median of one while nothing is."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(served.database(folder, vendor=connection.vendor))
        dead = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=128))  # nobody takes what comes
        port = dead.getsockname()[1]
        clock = {"clock": at("2020-08-21 10:00"), "log": folder / "log"}
        server = stack.enter_context(served.server(database, **clock))
        environment = {
            **served.environment(database.url),
            "DEMO": "1",
            "DEMO_OFFSET": str(server.offset.total_seconds()),
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        }
        command = [sys.executable, "-m", "tests.bench.full_outbox"]
        subprocess.run(command, cwd=served.ROOT, env=environment, check=True)
        alone = statistics.median(reports(server, 0))
        with _senders(environment):
            meanwhile = reports(server, 1)
        [(tried,)] = database.rows("SELECT count(*) FROM reporting_message WHERE tries > 0 AND ended_at IS NULL")
        assert tried, "nothing hung"
    middle = statistics.median(meanwhile)
    note = f"{middle:.0f} : {alone:.0f} ms, at most {max(meanwhile):.0f}"
    return Measure("report while mails hang : while nothing is sent", middle / alone, 2, note=note)


@contextlib.contextmanager
def _senders(environment: dict[str, str]) -> Iterator[None]:
    is_over = threading.Event()

    def send() -> None:
        command = [sys.executable, "manage.py", "deliver"]
        while not is_over.is_set():
            process = subprocess.Popen(command, cwd=served.ROOT, env=environment, stderr=subprocess.DEVNULL)
            while process.poll() is None and not is_over.wait(0.2):
                pass
            process.kill()
            process.wait()

    threads = [threading.Thread(target=send) for _sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    is_over.wait(5)  # until they are up, and hang
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
