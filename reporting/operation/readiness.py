"""Whether this server may be given requests, and what its operator should see to; asked of every part anew."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from .. import clock
from ..hours import deadline
from ..models import Seal, Unit
from . import jobs

CLOCKS_APART = timedelta(seconds=2)
NIGHTLY = timedelta(hours=26)  # a night's job is missed when the next one is two hours late
MIB = 1024**2


class Verdict(Enum):
    OK = "ok"
    WARNING = "warning"  # somebody is to see to it; requests are answered
    FAILED = "failed"  # no request should be sent here


@dataclass(frozen=True)
class Part:
    name: str
    verdict: Verdict
    detail: str = ""  # English, one line


def parts() -> Iterator[Part]:
    """Every part with its verdict. Without the database what needs it is left out."""
    yield from (_answered(name, ask) for name, ask in (("static", _static), ("disk", _disk)))
    database = _answered("database", _database)
    yield database
    if database.verdict is Verdict.OK:
        asked = {"migrations": _migrations, "clock": _clock, "seal": _seal}
        yield from (_answered(name, ask) for name, ask in asked.items())
    if settings.STATE_FOLDER:
        yield from (_nightly(job) for job in (jobs.BACKUP, jobs.VERIFY))


def is_ready(found: list[Part]) -> bool:
    return all(part.verdict is not Verdict.FAILED for part in found)


def waiting_migrations() -> list[str]:
    """The migrations that the code has and the database has not; raises `django.db.Error` when it does not answer."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


def _answered(name: str, ask: Callable[[], tuple[Verdict, str]]) -> Part:
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


def _disk() -> tuple[Verdict, str]:
    folders = [Path(tempfile.gettempdir()), settings.STATE_FOLDER]
    if connection.vendor == "sqlite":
        folders.append(Path(connection.settings_dict["NAME"]).parent)
    free = {str(folder): shutil.disk_usage(folder).free // MIB for folder in folders if folder}
    least = min(free, key=free.get)
    return (Verdict.OK if free[least] >= settings.FREE_AT_LEAST else Verdict.FAILED), f"{free[least]} MiB in {least}"


def _seal() -> tuple[Verdict, str]:
    """Yesterday's table: today's may wait for a later hour."""
    yesterday = deadline.reporting_day(clock.now()) - timedelta(days=1)
    open_then = Unit.objects.sealing().open_on(yesterday)
    unsealed = open_then.exclude(pk__in=Seal.objects.filter(day=yesterday).values("unit")).count()
    if unsealed and Seal.objects.exists():
        return Verdict.WARNING, f"{yesterday} is not sealed"
    return Verdict.OK, ""


def _nightly(job: str) -> Part:
    outcome, now = jobs.last(job), clock.machine()
    if outcome is None:
        return Part(job, Verdict.WARNING, "never")
    is_missed = now - outcome.at > NIGHTLY
    said = f"{_age(now - outcome.at)} ago: {outcome.detail}"
    return Part(job, Verdict.WARNING if is_missed or not outcome.is_well else Verdict.OK, said)


def _age(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f} h"
