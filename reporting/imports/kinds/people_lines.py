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
    """What a line says of a person: `given` holds by field of the account what is filled in."""

    def __init__(self, line: SheetLine, unit: Unit, letters: Mapping[str, str]):
        """`letters` are those of the columns, by key."""
        super().__init__(line, unit=unit)
        self.letters = letters
        self.given: dict[str, Any] = {}
        for key, read in READ.items():
            self.given |= self.take(read, key) or {}
        phone, written = self.given.get("phone", ""), line.text(PHONE)
        self.username = self.given.pop("username", "") or accounts.usual_username(phone)
        if not (self.username or line.text(USERNAME)):
            self.refuse(USERNAME, _("Enter a user name or a mobile number."))
        self.full_name = " ".join(filter(None, [self.given.get("last_name"), self.given.get("first_name")]))
        self.remarks = []
        if phone and phone != written:
            self.remarks.append(_("%(written)s is read as %(phone)s") % {"written": written, "phone": phone})
        self.rows = [replace(row, what=self.username or self.full_name or row.what) for row in self.rows]

    @property
    def key_of_username(self) -> str:
        """Of the column that the user name came from."""
        return USERNAME if USERNAME in self.line.cells else PHONE

    def refuse(self, key: str, words: str, **_about: Any) -> None:
        """At the cell, even if it is empty."""
        self.is_refused = True
        cell = self.line.cells.get(key)
        where = cell.address if cell else f"{self.letters.get(key, '')}{self.line.row}"
        self.rows.append(Row(where, self.called, self.line.title(key), RowOutcome.ERROR, words=words))


def _name(cell: Cell | None) -> dict:
    """Family and middle name, and given name."""
    words = text(cell).split()
    if not words:
        raise BadCell(_("The name is missing."))
    if SEVERAL.search(" ".join(words)):
        raise BadCell(_("“%(names)s” are several people: a line for each.") % {"names": " ".join(words)[:80]})
    if len(words) == 1:
        raise BadCell(_("“%(name)s” is one word: give family name and given name.") % {"name": words[0][:40]})
    return _short(last_name=" ".join(words[:-1]), first_name=words[-1])


def _phone(cell: Cell | None) -> dict:
    phone = _with_its_zero(text(cell))
    if phone and not parsing.is_phone(phone):
        words = _("“%(value)s” is not a telephone number like 0912 345 678.")
        raise BadCell(words % {"value": text(cell)[:40]})
    return _short(phone=phone)


def _mail(cell: Cell | None) -> dict:
    if mail := text(cell):
        try:
            validate_email(mail)
        except ValidationError as error:
            raise BadCell(_("“%(value)s” is not a mail address.") % {"value": mail[:60]}) from error
    return _short(email=mail)


def _viewer(cell: Cell | None) -> dict:
    word = names.fold(text(cell))
    if word and word not in YES | NO:
        raise BadCell(_("“%(value)s” is neither “có” (or x) nor “không”.") % {"value": text(cell)[:40]})
    return {"is_viewer": word in YES} if word else {}


def _username(cell: Cell | None) -> dict:
    username = User.normalize_username(text(cell))
    if username:
        username = f"0{username}" if isinstance(cell.value, int) and len(username) == 9 else username
        try:
            User.username_validator(username)
        except ValidationError as error:
            raise BadCell(" ".join(error.messages)) from error
    return _short(username=username)


READ = {PERSON: _name, PHONE: _phone, MAIL: _mail, VIEWER: _viewer, USERNAME: _username}


def _with_its_zero(written: str) -> str:
    """A number that Excel took for a number has lost its leading 0: 912345678 is 0912345678."""
    if not (written.isascii() and written.isdecimal()):
        return written
    if written.startswith("84") and len(written) in (11, 12):
        return f"+{written}"
    if written.startswith("0") or parsing.is_phone(written):
        return written
    return f"0{written}" if len(written) in (9, 10) else f"“{written}”"  # no telephone number


def _short(**texts: str) -> dict[str, str]:
    """Those that are not empty. Raises `BadCell` if one is longer than its field."""
    if any(len(words) > User._meta.get_field(name).max_length for name, words in texts.items()):
        raise BadCell(_("The text is too long."))
    return {name: words for name, words in texts.items() if words}
