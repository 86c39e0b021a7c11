"""gunicorn for the office: workers from the machine's cores, six threads each; more by GUNICORN_CMD_ARGS."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

workers = int(os.environ.get("WEB_CONCURRENCY") or min(max(2, len(os.sched_getaffinity(0))), 8))
sys.setswitchinterval(0.001)  # seconds: a report waits often for the database, and must not wait for long pages
threads = 6  # reports always have two, near the hour three (`reporting.gate.LANES`)
worker_class = "bluezone_report.server.Worker"
preload_app = True  # before the workers start: a wrong configuration stops the start with one line
keepalive = 15  # seconds; longer than the proxy's, so the proxy never uses a connection that is closing
graceful_timeout = 60  # seconds; longer than an import or the time for a body
control_socket_disable = True  # nobody needs it

# The workers share their figures for /metrics in a folder. Each start empties it.
PLACE = Path(os.environ.get("RUNTIME_DIRECTORY") or tempfile.mkdtemp(prefix="bluezone-metrics-"))
METRICS, MASTER = PLACE / "metrics", os.getpid()
shutil.rmtree(METRICS, ignore_errors=True)
METRICS.mkdir()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS)
# The locks for turns at expensive work: see `reporting.gate`.
GATE = PLACE / "gate"
GATE.mkdir(exist_ok=True)
os.environ["GATE_FOLDER"] = str(GATE)


def when_ready(server):
    """Writes gunicorn's own messages, such as a dead worker, in the product's log format."""
    from bluezone_report.logs import JournalFormatter  # imported here, after the application

    for handler in server.log.error_log.handlers:
        handler.setFormatter(JournalFormatter())


def child_exit(server, worker):
    from prometheus_client import multiprocess  # imported here: it reads the folder's name on import

    multiprocess.mark_process_dead(worker.pid)


@atexit.register
def leave_nothing():
    if os.getpid() == MASTER:  # not in a worker; also if the start fails
        shutil.rmtree(METRICS if "RUNTIME_DIRECTORY" in os.environ else PLACE, ignore_errors=True)
