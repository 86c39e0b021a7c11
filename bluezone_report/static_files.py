"""Joins each style sheet with its imports into one file.

With DEBUG and in tests nothing is collected: the browser fetches each import.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT_LINE = re.compile(r'^@import "([\w/-]+\.css)";\n', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/\n*", re.DOTALL)
OWN_SHEETS = re.compile(r"reporting/[\w-]+\.css")


def with_imports(name: str, read: Callable[[str], str]) -> str:
    """Returns a style sheet with the text of its imports in their place, without comments; a script as it is."""
    folder, text = PurePosixPath(name).parent, read(name)
    if PurePosixPath(name).suffix != ".css":
        return text
    return IMPORT_LINE.sub(lambda line: with_imports(str(folder / line[1]), read), COMMENT.sub("", text))


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Joins; WhiteNoise names the files after their content and compresses them."""

    def post_process(self, paths, dry_run=False, **options):
        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        texts = {name: with_imports(name, read) for name in paths if OWN_SHEETS.fullmatch(name)}
        if not dry_run:
            for name, text in texts.items():
                self.delete(name)
                paths[name] = (self, self.save(name, ContentFile(text.encode())))
        yield from super().post_process(paths, dry_run=dry_run, **options)
