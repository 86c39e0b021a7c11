"""Joins each style sheet with its imports into one file, and leaves comments and indents out of what is sent.

With DEBUG and in tests nothing is collected: the browser fetches each import.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT_LINE = re.compile(r'^@import "([\w/-]+\.css)";\n', re.MULTILINE)
NOT_SENT = re.compile(r"/\*.*?\*/\n*|^\s+|\s*// [^\n]*", re.DOTALL | re.MULTILINE)
OWN_FILES = re.compile(r"reporting/[\w-]+\.(css|js)")


def with_imports(name: str, read: Callable[[str], str]) -> str:
    """Returns what is sent of a style sheet or script, with the text of its imports in their place."""
    folder, text = PurePosixPath(name).parent, NOT_SENT.sub("", read(name))
    return IMPORT_LINE.sub(lambda line: with_imports(str(folder / line[1]), read), text)


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Joins; WhiteNoise names the files after their content and compresses them."""

    def post_process(self, paths, dry_run=False, **options):
        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        texts = {name: with_imports(name, read) for name in paths if OWN_FILES.fullmatch(name)}
        if not dry_run:
            for name, text in texts.items():
                self.delete(name)
                paths[name] = (self, self.save(name, ContentFile(text.encode())))
        yield from super().post_process(paths, dry_run=dry_run, **options)
