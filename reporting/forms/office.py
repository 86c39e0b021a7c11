"""What the office that runs the site calls itself, and its emblem."""

import hashlib
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts, site
from ..files import emblems
from ..files.cells import Unreadable
from ..hours import deadline
from ..models import Emblem, Office, Unit, User
from .fields import CleanTextField, SentFileField
from .shown_first import ShownFirst

BESIDE = ("short_name", "managing", "symbol", "phone")  # the name itself


class OfficeForm(ShownFirst):
    """Begins with what stands now, and shows the heads it will make.

    Its first field is the office's name; `name` is the form's, as of every form of the set-up.
    """

    name = "office"
    office = CleanTextField(max_length=150, label=gettext_lazy("Issuing office"))
    short_name = CleanTextField(max_length=40, label=gettext_lazy("Short name, for the head of the pages"))
    managing = CleanTextField(max_length=150, required=False, label=gettext_lazy("Body above the office"))
    symbol = CleanTextField(
        max_length=20,
        label=gettext_lazy("Abbreviation in the number of its papers"),
        validators=[RegexValidator(r"^[\w&.-]+\Z", gettext_lazy("Letters, digits, &, point and hyphen only: STTTT."))],
    )
    phone = CleanTextField(max_length=30, required=False, label=gettext_lazy("Telephone on duty"))

    def __init__(self, data=None, *, top: Unit, by: User, at: datetime):
        self.top, self.by, self.at = top, by, at
        now = site.over(top, deadline.reporting_day(at)).office
        initial = {"office": now.name} | {key: getattr(now, key) for key in BESIDE}
        super().__init__(data, initial=initial, prefix=self.name)

    def foresee(self) -> list[str]:
        """The line above the pages, and the number of a paper."""
        cleaned = self.cleaned_data
        head = " · ".join(filter(None, (cleaned["managing"], cleaned["short_name"]))).upper()
        return [
            _("Head of the pages: %(head)s") % {"head": head},
            _("Papers: %(office)s, No. .../BC-%(symbol)s") % {"office": cleaned["office"], "symbol": cleaned["symbol"]},
        ]

    def made(self) -> Office:
        typed = self.typed
        return Office(name=typed.pop("office"), **typed, unit=self.top, by=self.by)


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
        return record_emblem(top=top, by=by, content=content, digest=hashlib.sha256(content).hexdigest())


def record_emblem(*, top: Unit, by: User, **picture) -> Emblem:
    """The picture, or a record that it was taken away."""
    emblem = Emblem(unit=top, by=by, **picture)
    acts.record(emblem, top=top)
    return emblem
