"""The outbox: a message is a row, written with what caused it or by the clock, and sent later by `manage.py deliver`.

No act waits for a mail server, and none is undone by one.
"""
