"""Static files as they are sent: a style sheet and its imports as one file, minified.

With DEBUG on and in tests nothing is collected, and the browser fetches the parts itself.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^@import "([\w/-]+\.css)";\n', re.MULTILINE)
OWN = re.compile(r"reporting/[\w-]+\.(css|js)")


def joined(name: str, read: Callable[[str], str]) -> str:
    """The text of a style sheet, with its imports replaced by their text."""
    folder = PurePosixPath(name).parent
    return IMPORT.sub(lambda line: joined(str(folder / line[1]), read), read(name))


def sent(name: str, read: Callable[[str], str]) -> str:
    """The text of a style sheet or script as a browser gets it."""
    return cssmin(joined(name, read)) if name.endswith(".css") else jsmin(read(name))


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Joins and minifies; WhiteNoise names the files after their content and compresses them."""

    def post_process(self, paths, dry_run=False, **options):
        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        texts = {name: sent(name, read) for name in paths if OWN.fullmatch(name)}
        if not dry_run:
            for name, text in texts.items():
                self.delete(name)
                paths[name] = (self, self.save(name, ContentFile(text.encode())))
        yield from super().post_process(paths, dry_run=dry_run, **options)
