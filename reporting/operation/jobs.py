"""How the nightly jobs last ended: a file for each in STATE_DIRECTORY; without one nothing is stored."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from .. import clock

BACKUP, VERIFY = "backup", "verify"


@dataclass(frozen=True)
class Outcome:
    at: datetime  # aware; when it ended
    is_well: bool
    detail: str  # English, one line, for the operator


def note(job: str, is_well: bool, detail: str) -> None:
    if settings.STATE_FOLDER:
        outcome = {"at": clock.machine().isoformat(), "is_well": is_well, "detail": detail}
        unfinished = settings.STATE_FOLDER / f"{job}.new"
        unfinished.write_text(json.dumps(outcome), encoding="utf-8")
        unfinished.replace(settings.STATE_FOLDER / f"{job}.json")


def last(job: str) -> Outcome | None:
    """How the job last ended; None if it never has, or its file cannot be read."""
    try:
        read = json.loads((settings.STATE_FOLDER / f"{job}.json").read_text(encoding="utf-8"))
        return Outcome(**read | {"at": datetime.fromisoformat(read["at"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
