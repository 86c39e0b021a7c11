"""The product's migrations and one more after them, found by Django as one package."""

from pathlib import Path

from reporting import migrations

__path__ = [*migrations.__path__, *__path__]
NEWEST = max(path.stem for path in Path(migrations.__path__[0]).glob("[0-9]*.py"))
