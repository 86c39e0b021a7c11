"""What a line of an import of accounts says of a person, and what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...files.cells import Cell
from ...models import Unit, User
from ...people import accounts
from ...text import names, parsing
from ..columns import UNIT, Column
from ..layout import SheetLine
from ..plan import BadCell, LineReader, Row, RowOutcome, text

PERSON, PHONE, MAIL, VIEWER, USERNAME = "person", "phone", "email", "viewer", "username"
OF_A_PERSON = (PERSON, PHONE, MAIL, VIEWER, USERNAME)
COLUMNS = (
    *UNIT,
    Column(
        PERSON,
        gettext_lazy("Full name"),
        "ho ten; ho va ten; ho ten can bo; ho va ten can bo; ten can bo; can bo; can bo dau moi; nguoi bao cao;"
        "full name; person",
        note=gettext_lazy("Family name first, as it is written. Several people of one unit: a line for each."),
        width=28,
    ),
    Column(
        PHONE,
        gettext_lazy("Telephone"),
        "dien thoai; so dien thoai; di dong; so di dong; dien thoai di dong; sdt; dt; so dt; so dt lien he; mobile;"
        "so dien thoai lien he; dien thoai lien he; telephone; phone; mobile number",
        note=gettext_lazy("The mobile number: it becomes the user name unless another is given."),
        width=16,
        is_text=True,
    ),
    Column(MAIL, gettext_lazy("Mail"), "thu dien tu; dia chi thu dien tu; email; e mail; mail; hop thu", width=28),
    Column(
        VIEWER,
        gettext_lazy("Reads only"),
        "chi xem; nguoi xem; lanh dao; chi doc; viewer; reads only; reads only a leader",
        note=gettext_lazy("“có” or “x” for a leader who only reads, “không” if no more; empty: as it is."),
        choices=("có", "không"),
        width=10,
    ),
    Column(
        USERNAME,
        gettext_lazy("User name"),
        "ten dang nhap; tai khoan; ten tai khoan; user name; username; user; login",
        note=gettext_lazy("Left empty: the mobile number. By it a person is found who has an account already."),
        width=18,
        is_text=True,
    ),
)
SEVERAL = re.compile(r", | và | & ", re.IGNORECASE)
YES, NO = {"x", "v", "co", "1", "yes", "true", "✓"}, {"khong", "ko", "0", "no", "false", "-"}


class PersonReader(LineReader):
    """What a line says of a person; None where it says nothing."""

    username = ""
    name = ("", "")  # family and middle name, given name
    phone: str | None = None
    email: str | None = None
    is_viewer: bool | None = None

    def __init__(self, line: SheetLine, unit: Unit, letters: Mapping[str, str]):
        """`letters` are those of the columns, by key."""
        super().__init__(line, unit=unit)
        self.letters = letters
        self.remarks: list[str] = []
        for key, read in (
            (PERSON, self._read_name),
            (PHONE, self._read_phone),
            (MAIL, self._read_mail),
            (VIEWER, self._read_viewer),
            (USERNAME, self._read_username),
        ):
            self.take(read, key)
        self.rows = [replace(row, what=self.username or self.full_name or row.what) for row in self.rows]

    @property
    def full_name(self) -> str:
        return " ".join(self.name).strip()

    @property
    def key_of_username(self) -> str:
        """Of the column that the user name came from."""
        return USERNAME if USERNAME in self.line.cells else PHONE

    def refuse(self, key: str, words: str, **_about: Any) -> None:
        """At the cell, even if it is empty."""
        self.is_refused = True
        cell, what = self.line.cells.get(key), self.username or self.full_name or self.line.title(key)
        where = cell.address if cell else f"{self.letters.get(key, '')}{self.line.row}"
        self.rows.append(Row(where, self.called, what, RowOutcome.ERROR, words=words))

    def _read_name(self, cell: Cell | None) -> None:
        words = text(cell).split()
        if not words:
            raise BadCell(_("The name is missing."))
        if SEVERAL.search(" ".join(words)):
            raise BadCell(_("“%(names)s” are several people: a line for each.") % {"names": " ".join(words)[:80]})
        if len(words) == 1:
            raise BadCell(_("“%(name)s” is one word: give family name and given name.") % {"name": words[0][:40]})
        self.name = _short(" ".join(words[:-1]), "last_name"), _short(words[-1], "first_name")

    def _read_phone(self, cell: Cell | None) -> None:
        written = text(cell)
        if not written:
            return
        phone = _with_its_zero(written)
        if not parsing.is_phone(phone):
            words = _("“%(value)s” is not a telephone number like 0912 345 678.")
            raise BadCell(words % {"value": written[:40]})
        if phone != written:
            self.remarks.append(_("%(written)s is read as %(phone)s") % {"written": written, "phone": phone})
        self.phone = _short(phone, "phone")
        self.username = accounts.usual_username(phone)

    def _read_mail(self, cell: Cell | None) -> None:
        mail = text(cell)
        if not mail:
            return
        try:
            validate_email(mail)
        except ValidationError as error:
            raise BadCell(_("“%(value)s” is not a mail address.") % {"value": mail[:60]}) from error
        self.email = _short(mail, "email")

    def _read_viewer(self, cell: Cell | None) -> None:
        written = text(cell)
        word = names.fold(written)
        if word and word not in YES | NO:
            raise BadCell(_("“%(value)s” is neither “có” (or x) nor “không”.") % {"value": written[:40]})
        self.is_viewer = word in YES if word else None

    def _read_username(self, cell: Cell | None) -> None:
        username = User.normalize_username(text(cell))
        if username and cell is not None and isinstance(cell.value, int) and len(username) == 9:
            username = f"0{username}"
        if not username:
            if not self.username:
                raise BadCell(_("Enter a user name or a mobile number."))
            return
        self.username = _short(username, "username")
        try:
            User.username_validator(username)
        except ValidationError as error:
            raise BadCell(" ".join(error.messages)) from error


def _with_its_zero(written: str) -> str:
    """A number that Excel took for a number has lost its leading 0: 912345678 is 0912345678."""
    if not (written.isascii() and written.isdecimal()):
        return written
    if written.startswith("84") and len(written) in (11, 12):
        return f"+{written}"
    if written.startswith("0") or parsing.is_phone(written):
        return written
    return f"0{written}" if len(written) in (9, 10) else f"“{written}”"  # no telephone number


def _short(words: str, name: str) -> str:
    if len(words) > User._meta.get_field(name).max_length:
        raise BadCell(_("The text is too long."))
    return words
