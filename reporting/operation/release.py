"""Which release answers: what is made of the same data by another one may be something else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.conf import settings

PRODUCT = ("reporting", "bluezone_report", "templates", "static")
SEEN = (".py", ".html", ".mo", ".css", ".js")


@lru_cache(maxsize=1)
def digest() -> str:
    """Of the product's own files: the same in every process that serves the release."""
    found = hashlib.sha256()
    for path in sorted(_files()):
        found.update(path.relative_to(settings.BASE_DIR).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def _files() -> Iterator[Path]:
    for folder in PRODUCT:
        for path in (settings.BASE_DIR / folder).rglob("*"):
            if path.suffix in SEEN:
                yield path
