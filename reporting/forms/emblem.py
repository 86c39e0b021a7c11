"""The emblem of the office that runs the site: a file to put in its place, or nothing any more."""

from __future__ import annotations

import hashlib

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from .. import acts
from ..files import emblems
from ..files.cells import Unreadable
from ..models import Emblem, Unit, User
from .fields import SentFileField


class EmblemForm(forms.Form):
    file = SentFileField(
        accept=".png",
        label=gettext_lazy("Picture (.png)"),
        help_text=gettext_lazy("At most 100 KB, 16 to 1024 pixels a side."),
    )

    def clean_file(self) -> bytes:
        """The picture as it is kept."""
        file = self.cleaned_data["file"]
        try:
            return emblems.checked(file.read(emblems.MAX_BYTES + 1))
        except Unreadable as error:
            raise ValidationError(str(error), code="unreadable") from error

    def save(self, *, top: Unit, by: User) -> Emblem:
        content = self.cleaned_data["file"]
        return record(top=top, by=by, content=content, digest=hashlib.sha256(content).hexdigest())


def record(*, top: Unit, by: User, **picture) -> Emblem:
    """The picture, or without one that it is taken away."""
    emblem = Emblem(unit=top, by=by, **picture)
    acts.record(emblem, top=top)
    return emblem
