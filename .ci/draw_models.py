"""Prints docs/models.md: the models and how they refer to each other, drawn from the models themselves."""

import os
import sys
from pathlib import Path

import django
from django.utils import translation

HEAD = """# The models

Made by `python .ci/draw_models.py > docs/models.md`; a test fails when it lags. Every record also
names who made it (`by`) and, if it can be taken back, who withdrew it: these arrows to `User` are left out.

```mermaid
erDiagram"""


def page() -> str:
    from django.apps import apps

    models = list(apps.get_app_config("reporting").get_models())
    arrows = [
        f"    {field.related_model.__name__} ||--{'o|' if field.one_to_one else 'o{'} {model.__name__} : {field.name}"
        for model in models
        for field in model._meta.fields
        if field.is_relation and not (field.related_model.__name__ == "User" and field.name.endswith("by"))
    ]
    rows = [f"| {model.__name__} | {about(model)} |" for model in models]
    return "\n".join([HEAD, *arrows, "```", "", "| model | one row is |", "|---|---|", *rows, ""])


def about(model) -> str:
    """Returns the first sentence of the docstring, or the model's name if Django made the docstring."""
    text = " ".join((model.__doc__ or "").split())
    return str(model._meta.verbose_name) if text.startswith(f"{model.__name__}(") else text.split(". ")[0].rstrip(".")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ["DJANGO_SETTINGS_MODULE"] = "bluezone_report.settings"
    os.environ.setdefault("SECRET_KEY", "models")
    django.setup()
    with translation.override("en"):
        print(page(), end="")
