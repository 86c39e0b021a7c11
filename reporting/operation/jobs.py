"""What the jobs of the night left behind: when each last ended, and how. A file each, beside the backups."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

BACKUP, VERIFY = "backup", "verify"


@dataclass(frozen=True)
class Outcome:
    at: datetime  # aware; when it ended
    is_well: bool
    detail: str  # English, one line, for the operator


def note(job: str, outcome: Outcome) -> None:
    """Keep how the job ended, whole or not at all; where no folder is set (STATE_DIRECTORY), nothing is kept."""
    if not settings.STATE_FOLDER:
        return
    path, text = _path(job), json.dumps({**vars(outcome), "at": outcome.at.isoformat()})
    unfinished = path.with_suffix(".new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def last(job: str) -> Outcome | None:
    """How the job last ended; None if it never has, or its file says nothing."""
    if not settings.STATE_FOLDER:
        return None
    try:
        kept = json.loads(_path(job).read_text(encoding="utf-8"))
        return Outcome(datetime.fromisoformat(kept["at"]), bool(kept["is_well"]), str(kept["detail"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path(job: str) -> Path:
    return settings.STATE_FOLDER / f"{job}.json"
