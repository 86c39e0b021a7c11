"""gunicorn for the office: workers from the machine's cores, four threads each; more by GUNICORN_CMD_ARGS."""

import os

workers = int(os.environ.get("WEB_CONCURRENCY") or min(max(2, len(os.sched_getaffinity(0))), 8))
threads = 4
preload_app = True  # loaded before any worker: a wrong configuration stops the start with its one line
keepalive = 15  # seconds; longer than the proxy's, which so never sends on a connection that is being closed
graceful_timeout = 60  # seconds; a body that is given up, and an import, are over by then
control_socket_disable = True  # one socket a person, not a server: nobody needs this door
