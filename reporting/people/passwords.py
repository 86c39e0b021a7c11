"""Rules for passwords: long, with letters, not breached, not made of local words. Hashing is limited by `gate`.

Except for the length, the rules judge what is left without the owner's user name, unit's code, telephone, and days.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .. import gate, site
from ..text import names

COMMON = Path(__file__).resolve().parent.parent / "data" / "common-passwords-vi.txt"
LONGEST = 200  # letters that the checks read
SIGNS = " .,-_!?@#$%^&*()+=/"
FILLERS = f"0123456789{SIGNS}"  # years and signs at the end of many passwords
LEFT_AT_LEAST, SHORTEST_KNOWN = 6, 3  # characters
DAYS = r"(?:[0-3]?\d[ ./-]?[01]?\d[ ./-]?)?(?:19|20)\d\d(?:[ ./-]?[01]?\d[ ./-]?[0-3]?\d)?"  # as people write them
LOOK_ALIKES = str.maketrans("0134578@$!", "oieastbasi")


class LengthValidator(MinimumLengthValidator):
    def get_error_message(self) -> str:
        return self.get_help_text()  # Django's own message for a short password is not translated


class LettersValidator:
    """Refuses passwords without letters, or with too little besides what others know: "11416@2020!", "!!!!!!!!!!"."""

    def validate(self, password: str, user: Any = None) -> None:
        left = _unknown_part(password, user)
        if not any(letter.isalpha() for letter in left) or len(left.strip(SIGNS)) < LEFT_AT_LEAST:
            raise ValidationError(self.get_help_text(), code="password_too_little_left")

    def get_help_text(self) -> str:
        words = _("Besides your user name, unit code, telephone and days it needs %(n)s characters, with letters.")
        return words % {"n": LEFT_AT_LEAST}


class BreachedValidator(CommonPasswordValidator):
    """Refuses passwords of Django's list of breached ones, also with digits and signs added."""

    def validate(self, password: str, user: Any = None) -> None:
        unknown = _unknown_part(password, user)
        for text in (password, password.lower()[:LONGEST].strip(FILLERS), unknown, unknown.strip(FILLERS)):
            super().validate(text, user)


class LocalWordsValidator:
    """Refuses passwords made only of common local words: "Hagiang@2020", "m4tkhau123", "bluezone"."""

    def validate(self, password: str, user: Any = None) -> None:
        readings = _readings(_unknown_part(password, user))
        if any(_is_made_of(common_words() | _of_the_place(), letters) for letters in readings):
            raise ValidationError(self.get_help_text(), code="password_of_local_words")

    def get_help_text(self) -> str:
        words = sorted(_of_the_place(), key=len)
        return _("Your password can’t be made of common words only, such as %(words)s, bluezone or covid19.") % {
            "words": ", ".join(["matkhau", *words[:1]])
        }


@cache
def common_words() -> frozenset[str]:
    """The words of the file of common passwords."""
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _of_the_place() -> frozenset[str]:
    """The place's names without accents and spaces: "hagiang", "tinhhagiang"."""
    here = site.current()
    return frozenset(re.sub("[^a-z]", "", names.fold(name)) for name in (here.name, here.full_name)) - {""}


def _unknown_part(password: str, user: Any) -> str:
    """The password without accents, blanks, its owner's user name, unit's code and telephone, and days."""
    unit = getattr(user, "unit", None)
    known = [getattr(user, "username", ""), unit.code if unit else "", re.sub(r"\D", "", getattr(user, "phone", ""))]
    left = re.sub(r"[ .\-]", "", re.sub(DAYS, "", names.fold(password)[:LONGEST]))
    for text in known:
        if len(text) >= SHORTEST_KNOWN:
            left = left.replace(re.sub(r"[ .\-]", "", names.fold(text)), "")
    return left


def _readings(bare: str) -> set[str]:
    """The letters of a password without accents; also with look-alike signs read as letters."""
    core = bare.strip(FILLERS)
    return {re.sub("[^a-z]", "", text) for text in (bare, core.translate(LOOK_ALIKES))} - {""}


def _is_made_of(words: frozenset[str], letters: str) -> bool:
    reached = {0}
    for start in range(len(letters)):
        if start in reached:
            reached |= {start + len(word) for word in words if letters.startswith(word, start)}
    return len(letters) in reached


class GatedHasher(PBKDF2PasswordHasher):
    """Django's hasher behind the gate, because it keeps a core busy for 0.2 s. Raises `gate.Busy`."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with gate.turn(gate.HASH):
            return super().encode(password, salt, iterations)
