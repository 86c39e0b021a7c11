"""The product's migrations and one later one, in one package for Django."""

from pathlib import Path

from reporting import migrations

__path__ = [*migrations.__path__, *__path__]
NEWEST = max(path.stem for path in Path(migrations.__path__[0]).glob("[0-9]*.py"))
