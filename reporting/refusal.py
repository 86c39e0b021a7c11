"""The refusal of a write: what every act, rule and account raises, and a form or page shows."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

REFUSED, CONFLICT = 422, 409  # HTTP: the act itself is refused; someone else was faster


class Refusal(Exception):
    """The write was refused; nothing was changed. `message` tells people why, and what to do."""

    text: Promise | str = gettext_lazy("Nothing was changed.")
    status = REFUSED
    code = "refused"  # of the error that a form shows
    field = ""  # the form field that shows it; without one, the form does

    def __init__(self, text: Promise | str = "", *, status: int = 0, field: str = "") -> None:
        super().__init__(text)
        self.text, self.status, self.field = text or self.text, status or self.status, field or self.field

    @property
    def message(self) -> str:
        return str(self.text)
