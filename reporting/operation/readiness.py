"""Checks whether this server can take requests and what its operator must look at. No cache."""

import ctypes
import json
import os
import re
import shutil
import socket
import ssl
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from .. import clock, deadline
from ..days import hours_in_force
from ..models import Message, Seal, Unit

CLOCKS_APART = timedelta(seconds=2)
TIME_ERROR = 5  # what adjtimex returns if no program sets the clock
# The address of a second server's socket: deploy/install.sh --second writes it.
SECOND = Path("/etc/systemd/system/bluezone-report.socket.d/network.conf")
PROXY = ("127.0.0.1", 443)
BACKUP, VERIFY = "backup", "verify"  # the nightly jobs
NIGHTLY = timedelta(hours=26)  # a nightly job that is two hours late is missed
MAILS_WAIT, SEAL_WAITS = timedelta(minutes=15), timedelta(minutes=15)
SEALED_WITHIN = 7  # days that the timer looks back
CERTIFICATE_LASTS = timedelta(days=21)  # a renewal begins thirty days before the end
POSTGRES = Path("/var/lib/postgresql")  # Debian's, if the database is on this machine
MIB = 1024**2
FREE_FOR_LONG = 1.5  # times FREE_AT_LEAST; Debian 13 keeps /tmp in memory: 2 GB of a machine's 4
REPLICA_BEHIND = 64 * MIB
# NULL if nothing is archived, if no replica is connected, or if the role lacks pg_read_all_stats.
COPIES_OF_THE_LOG = """
    SELECT
        CASE WHEN current_setting('archive_mode') <> 'off'
            THEN (last_failed_time > coalesce(last_archived_time, '-infinity')) IS TRUE END,
        (SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) FROM pg_stat_replication)::bigint,
        (SELECT count(*) FROM pg_replication_slots WHERE NOT active)
    FROM pg_stat_archiver
"""


class Verdict(Enum):
    OK = "ok"
    WARNING = "warning"  # the operator has to look at it; requests are answered
    FAILED = "failed"  # no request should be sent here


Answer = tuple[Verdict, str]


@dataclass(frozen=True)
class Part:
    name: str
    verdict: Verdict
    detail: str = ""  # English, one line


def parts() -> Iterator[Part]:
    """Yields each part; those that need the database only if it answers."""
    is_first = not SECOND.exists()  # it has nginx and all jobs
    yield from map(_part, (_static, _disk, *([_certificate] if is_first else [])))
    database = _part(_database)
    yield database
    if database.verdict is not Verdict.FAILED:
        yield from map(_part, (_migrations, _clock, *([_seal, _mails] if is_first else [])))
    if settings.STATE_FOLDER and is_first:
        yield from (outcome_of(job, settings.STATE_FOLDER, NIGHTLY) for job in (BACKUP, VERIFY))


def is_ready(parts: list[Part]) -> bool:
    return all(part.verdict is not Verdict.FAILED for part in parts)


def can_read(parts: list[Part]) -> bool:
    """True if the database answers and has the tables of this release."""
    return {"database", "migrations"} <= {part.name for part in parts if part.verdict is not Verdict.FAILED}


def waiting_migrations() -> list[str]:
    """The migrations that are not applied yet; raises `django.db.Error` if the database does not answer."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


def unknown_migrations() -> list[str]:
    """The migrations that were applied after the last one that this release knows: the database is of a newer one.

    Unknown ones before that are of old releases, whose migrations were put together.
    """
    loader = MigrationLoader(connection)
    known = {*loader.disk_migrations, *(old for one in loader.disk_migrations.values() for old in one.replaces)}
    applied = MigrationRecorder(connection).migration_qs.filter(app__in=loader.migrated_apps).order_by("pk")
    unknown: dict[str, list[str]] = {}
    for app, name in applied.values_list("app", "name"):
        unknown[app] = [] if (app, name) in known else [*unknown.get(app, []), f"{app}.{name}"]
    return [name for names in unknown.values() for name in names]


def _part(check: Callable[[], Answer]) -> Part:
    name = check.__name__.removeprefix("_")
    try:
        return Part(name, *check())
    except (Error, OSError, ValueError) as error:
        return Part(name, Verdict.FAILED, type(error).__name__)  # the message may hold addresses or names


def _database() -> Answer:
    """Whether the database answers. PostgreSQL: whether its log is archived, and how far replicas are behind."""
    with connection.cursor() as cursor:
        cursor.execute(COPIES_OF_THE_LOG if connection.vendor == "postgresql" else "SELECT NULL, NULL, NULL")
        is_failing, behind, away = cursor.fetchone()
    detail = f"{connection.vendor}{', archiving its log fails' if is_failing else ''}"
    if behind is not None:
        detail += f", a replica is {behind // MIB} MiB behind"
    if away:
        detail += f", replicas that are not connected: {away}"
    verdict = Verdict.WARNING if is_failing or away or (behind or 0) > REPLICA_BEHIND else Verdict.OK
    return verdict, detail


def _migrations() -> Answer:
    if unknown := unknown_migrations():
        return Verdict.FAILED, f"the database is of a newer release: {unknown[0]}"
    waiting = waiting_migrations()
    return (Verdict.FAILED, f"{len(waiting)} not applied, first {waiting[0]}") if waiting else (Verdict.OK, "")


def _clock() -> Answer:
    """Whether the clock agrees with the database's and NTP sets it: a wrong clock misdates reports."""
    error, apart, before = _error_by_ntp(), timedelta(0), clock.machine()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            [stated] = cursor.fetchone()
        apart = max(before - stated, stated - clock.machine(), timedelta(0))
    is_set = error is not None and error <= CLOCKS_APART
    verdict = Verdict.FAILED if apart > CLOCKS_APART else Verdict.OK if is_set else Verdict.WARNING
    ntp = "set by NTP" if is_set else "not set by NTP for an hour or more"
    return verdict, f"{apart.total_seconds():.1f} s from the database's, {ntp}"


def _error_by_ntp() -> timedelta | None:
    """The kernel's bound on the clock's error, whichever program sets the clock; None if it is not set or not known.

    Since the last setting it has grown by half a millisecond a second.
    """
    ask = getattr(ctypes.CDLL(None), "adjtimex", None)
    answer = ctypes.create_string_buffer(256)  # struct timex; its first field is 0: nothing is set
    if not ask or ask(answer) in (-1, TIME_ERROR):
        return None
    return timedelta(microseconds=int.from_bytes(answer[24:32], sys.byteorder))


def _static() -> Answer:
    """Whether static files are collected: no page works without."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return Verdict.OK, "not collected"
    names = staticfiles_storage.load_manifest()[0]
    return (Verdict.OK, f"{len(names)} files") if names else (Verdict.FAILED, "not collected: collectstatic")


def _disk() -> Answer:
    folders = [Path(tempfile.gettempdir()), settings.STATE_FOLDER]
    if connection.vendor == "sqlite":
        folders.append(Path(connection.settings_dict["NAME"]).parent)
    elif connection.settings_dict["HOST"].startswith("/") and POSTGRES.is_dir():
        folders.append(POSTGRES)
    free = {str(folder): shutil.disk_usage(folder).free for folder in folders if folder}
    least = min(free, key=free.get)
    share = free[least] / MIB / settings.FREE_AT_LEAST if settings.FREE_AT_LEAST else FREE_FOR_LONG
    verdict = Verdict.FAILED if share < 1 else Verdict.WARNING if share < FREE_FOR_LONG else Verdict.OK
    return verdict, f"{free[least] // MIB} MiB in {least}"


def has_proxy() -> bool:
    text = Path(settings.PROXY_CONFIGURATION).read_text(encoding="utf-8") if settings.PROXY_CONFIGURATION else ""
    named = re.search(r"^\s*ssl_certificate\s+(\S+);", text, re.MULTILINE)
    return bool(named and os.path.exists(named[1]))


def connect_to_proxy() -> ssl.SSLSocket:
    """Returns a connection to this machine's proxy, or to the one elsewhere; no certificate is checked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # `_certificate` judges it
    host = settings.ALLOWED_HOSTS[0]
    address = PROXY if settings.PROXY_CONFIGURATION else (host, 443)
    return context.wrap_socket(socket.create_connection(address, timeout=10), server_hostname=host)


def _certificate() -> Answer:
    """Whether the certificate that the proxy of this machine serves is valid: once it ends, browsers block the site."""
    if not has_proxy():
        return Verdict.OK, "not on this machine"
    with connect_to_proxy() as connected, tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(ssl.DER_cert_to_PEM_cert(connected.getpeercert(binary_form=True)))
        file.flush()
        served = ssl._ssl._test_decode_cert(file.name)  # Python has no public way to read one that it does not trust
    left = timedelta(seconds=ssl.cert_time_to_seconds(served["notAfter"]) - clock.machine().timestamp())
    verdict = Verdict.FAILED if left < timedelta(0) else Verdict.WARNING if left < CERTIFICATE_LASTS else Verdict.OK
    return verdict, f"{left.days} days left"


def due_seals(at: datetime) -> Iterator[tuple[Unit, date, datetime]]:
    """Yields the due seals of the last week, with today: who seals, the day, and since when the seal is due.

    If units confirm days, it is due only at the sign-off deadline, because nobody can confirm a sealed day.
    """
    today = deadline.reporting_day(at)
    for day in (today - timedelta(days=ago) for ago in reversed(range(SEALED_WITHIN))):
        hours = hours_in_force.hours_of_day(day)
        sealed = Seal.objects.filter(day=day).values("unit")
        for city in Unit.objects.sealing().open_on(day).exclude(pk__in=sealed).order_by("path"):
            due_at = hours.seals_from(city.path)
            if due_at and Unit.objects.filter(parent__parent=city).open_on(day).exists():
                due_at = max(due_at, hours.signs_off_at(city.path))
            if due_at and at >= due_at:
                yield city, day, due_at


def _seal() -> Answer:
    now, first = clock.now(), Seal.objects.order_by("day").first()
    due = [(city.code, day) for city, day, since in due_seals(now) if now - since > SEAL_WAITS] if first else []
    late = ", ".join(f"{code} {day}" for code, day in due if day > first.day)
    return (Verdict.WARNING, f"not sealed: {late}") if late else (Verdict.OK, "")


def _mails() -> Answer:
    waiting = Message.objects.filter(ended_at=None).values_list("written_at", flat=True) if settings.MAILS else []
    if not waiting:
        return Verdict.OK, "none waits" if settings.MAILS else "none is sent"
    oldest = clock.now() - min(waiting)
    verdict = Verdict.WARNING if oldest > MAILS_WAIT else Verdict.OK
    return verdict, f"{len(waiting)} wait, the oldest for {_hours(oldest)}"


def note(job: str, is_well: bool, detail: str) -> None:
    """Store the result of a nightly job in STATE_DIRECTORY; `detail` is one English line for the operator."""
    if settings.STATE_FOLDER:
        outcome = {"at": clock.machine().isoformat(), "is_well": is_well, "detail": detail}
        unfinished = settings.STATE_FOLDER / f"{job}.new"
        unfinished.write_text(json.dumps(outcome), encoding="utf-8")
        unfinished.replace(settings.STATE_FOLDER / f"{job}.json")


def outcome_of(job: str, folder: Path, at_most: timedelta) -> Part:
    """What `note` stored; a warning if it is older than that."""
    try:
        outcome = json.loads((folder / f"{job}.json").read_text(encoding="utf-8"))
        age = clock.machine() - datetime.fromisoformat(outcome["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return Part(job, Verdict.WARNING, "never")
    verdict = Verdict.OK if outcome["is_well"] and age <= at_most else Verdict.WARNING
    return Part(job, verdict, f"{_hours(age)} ago: {outcome['detail']}")


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f} h"
