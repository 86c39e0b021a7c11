"""Whether this server may be given requests, and what its operator should see to; asked of every part anew."""

import os
import re
import shutil
import ssl
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

from .. import clock
from ..days import hours_in_force
from ..hours import deadline
from ..models import Message, Seal, Unit
from . import jobs

CLOCKS_APART = timedelta(seconds=2)
NIGHTLY = timedelta(hours=26)  # a night's job is missed when the next one is two hours late
MAILS_WAIT, SEAL_WAITS = timedelta(minutes=15), timedelta(minutes=15)  # then somebody is told
SEALED_WITHIN = 7  # days: how long a timer that was away makes up for it
CERTIFICATE_LASTS = timedelta(days=21)  # a renewal begins thirty days before the end
POSTGRES = Path("/var/lib/postgresql")  # of Debian, where the database is on this machine
MIB = 1024**2


class Verdict(Enum):
    OK = "ok"
    WARNING = "warning"  # somebody is to see to it; requests are answered
    FAILED = "failed"  # no request should be sent here


Answer = tuple[Verdict, str] | tuple[Verdict, str, float]


@dataclass(frozen=True)
class Part:
    name: str
    verdict: Verdict
    detail: str = ""  # English, one line
    figure: float | None = None  # bytes or seconds: what /metrics gives beside the verdict


def parts() -> Iterator[Part]:
    """Every part with its verdict. Without the database what needs it is left out."""
    asked = {"static": _static, "disk": _disk, "certificate": _certificate}
    yield from (_answered(name, ask) for name, ask in asked.items())
    database = _answered("database", _database)
    yield database
    if database.verdict is Verdict.OK:
        asked = {"migrations": _migrations, "clock": _clock, "seal": _seal, "mails": _mails}
        yield from (_answered(name, ask) for name, ask in asked.items())
    if settings.STATE_FOLDER:
        yield from (_nightly(job) for job in (jobs.BACKUP, jobs.VERIFY))


def is_ready(found: list[Part]) -> bool:
    return all(part.verdict is not Verdict.FAILED for part in found)


def can_read(found: list[Part]) -> bool:
    """Whether the database answers, and has the tables of this release."""
    well = {part.name for part in found if part.verdict is Verdict.OK}
    return {"database", "migrations"} <= well


def waiting_migrations() -> list[str]:
    """The migrations that the code has and the database has not; raises `django.db.Error` when it does not answer."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


def _answered(name: str, ask: Callable[[], Answer]) -> Part:
    try:
        return Part(name, *ask())
    except (Error, OSError, ValueError) as error:
        return Part(name, Verdict.FAILED, type(error).__name__)  # its words may hold an address or a name


def _database() -> tuple[Verdict, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Verdict.OK, connection.vendor


def _migrations() -> tuple[Verdict, str]:
    waiting = waiting_migrations()
    return (Verdict.FAILED, f"{len(waiting)} not applied, first {waiting[0]}") if waiting else (Verdict.OK, "")


def _clock() -> tuple[Verdict, str]:
    """One hour decides: a server whose clock is not the database's (NTP) dates reports early or late."""
    if connection.vendor == "sqlite":
        return Verdict.OK, "this machine's"
    before = clock.machine()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [stated] = cursor.fetchone()
    after = clock.machine()
    apart = max(before - stated, stated - after, timedelta(0))
    detail = f"{apart.total_seconds():.1f} s from the database's"
    return (Verdict.FAILED if apart > CLOCKS_APART else Verdict.OK), detail


def _static() -> tuple[Verdict, str]:
    """The names of the collected files: without them no page can be drawn."""
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
    verdict = Verdict.OK if free[least] >= settings.FREE_AT_LEAST * MIB else Verdict.FAILED
    return verdict, f"{free[least] // MIB} MiB in {least}", free[least]


def _certificate() -> Answer:
    """Of the proxy on this machine; one that has ended shuts everybody out, for browsers remember https for a year."""
    text = Path(settings.PROXY_CONFIGURATION).read_text(encoding="utf-8") if settings.PROXY_CONFIGURATION else ""
    named = re.search(r"^\s*ssl_certificate\s+(\S+);", text, re.MULTILINE)
    if not named or not os.path.exists(named[1]):
        return Verdict.OK, "not on this machine"
    if not os.access(named[1], os.R_OK):
        return Verdict.WARNING, f"{named[1]} cannot be read"
    known = ssl._ssl._test_decode_cert(named[1])  # Python has no public way to read one from a file
    left = timedelta(seconds=ssl.cert_time_to_seconds(known["notAfter"]) - clock.machine().timestamp())
    verdict = Verdict.FAILED if left < timedelta(0) else Verdict.WARNING if left < CERTIFICATE_LASTS else Verdict.OK
    return verdict, f"{left.days} days left", left.total_seconds()


def due_seals(at: datetime) -> Iterator[tuple[Unit, date, datetime]]:
    """Who has not sealed which day of the last week, today included, though it is due since the instant named.

    It is due at the hour of the confirmation, where somebody confirms: a seal cuts that off.
    """
    today = deadline.reporting_day(at)
    for day in (today - timedelta(days=ago) for ago in reversed(range(SEALED_WITHIN))):
        hours = hours_in_force.of_day(day)
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
    waiting = Message.objects.filter(ended_at=None).order_by("written_at").values_list("written_at", flat=True)
    if not settings.MAILS or not waiting:
        return Verdict.OK, "none waits" if settings.MAILS else "none is sent", 0
    oldest = clock.now() - waiting[0]
    verdict = Verdict.WARNING if oldest > MAILS_WAIT else Verdict.OK
    return verdict, f"{len(waiting)} wait, the oldest for {_age(oldest)}", oldest.total_seconds()


def _nightly(job: str) -> Part:
    outcome, now = jobs.last(job), clock.machine()
    if outcome is None:
        return Part(job, Verdict.WARNING, "never")
    is_missed = now - outcome.at > NIGHTLY
    said = f"{_age(now - outcome.at)} ago: {outcome.detail}"
    return Part(job, Verdict.WARNING if is_missed or not outcome.is_well else Verdict.OK, said)


def _age(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f} h"
