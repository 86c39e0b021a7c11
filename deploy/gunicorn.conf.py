"""gunicorn for the office: two workers of four threads; more by its own options or GUNICORN_CMD_ARGS."""

workers = 2
threads = 4
preload_app = True  # loaded before any worker: a wrong configuration stops the start with its one line
control_socket_disable = True  # one socket a person, not a server: nobody needs this door
