"""gunicorn for the demonstration: two workers of six threads; the address is the last line printed."""

workers = 2
threads = 6
preload_app = True  # loaded before any worker: a wrong configuration stops the start with its one line
control_socket_disable = True
loglevel = "warning"


def when_ready(server):
    for address in server.address:
        host, port = address
        print(f"Mở trình duyệt tại / open: http://{host}:{port}/  (Ctrl+C để dừng)", flush=True)
