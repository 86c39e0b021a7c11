"""What the office that runs the site calls itself."""

from datetime import datetime

from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import site
from ..hours import deadline
from ..models import Office, Unit, User
from .fields import CleanTextField
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
