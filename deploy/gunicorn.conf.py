"""gunicorn for the office: workers from the machine's cores, six threads each; more by GUNICORN_CMD_ARGS."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

workers = int(os.environ.get("WEB_CONCURRENCY") or min(max(2, len(os.sched_getaffinity(0))), 8))
sys.setswitchinterval(0.001)  # seconds: a report, which waits for the database often, gets back in between long pages
threads = 6  # of these two hash at most and two make files (`reporting.gate`): two are left for reports
preload_app = True  # loaded before any worker: a wrong configuration stops the start with its one line
keepalive = 15  # seconds; longer than the proxy's, which so never sends on a connection that is being closed
graceful_timeout = 60  # seconds; a body that is given up, and an import, are over by then
control_socket_disable = True  # one socket a person, not a server: nobody needs this door

# The workers' figures of /metrics add up in a folder that is this server's alone, and new with it.
PLACE = Path(os.environ.get("RUNTIME_DIRECTORY") or tempfile.mkdtemp(prefix="bluezone-metrics-"))
METRICS, MASTER = PLACE / "metrics", os.getpid()
shutil.rmtree(METRICS, ignore_errors=True)
METRICS.mkdir()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS)
# And the locks by which they take turns in dear work: see `reporting.gate`.
GATE = PLACE / "gate"
GATE.mkdir(exist_ok=True)
os.environ["GATE_FOLDER"] = str(GATE)


def when_ready(server):
    """What gunicorn says of a worker that died is an entry of the log like the product's own."""
    from bluezone_report.logs import JournalFormatter  # only now: the application has been loaded

    for handler in server.log.error_log.handlers:
        handler.setFormatter(JournalFormatter())


def child_exit(server, worker):
    from prometheus_client import multiprocess  # only now: it reads the folder's name when it is imported

    multiprocess.mark_process_dead(worker.pid)


@atexit.register
def leave_nothing():
    if os.getpid() == MASTER:  # not when a worker ends; also when the start is refused
        shutil.rmtree(METRICS if "RUNTIME_DIRECTORY" in os.environ else PLACE, ignore_errors=True)
