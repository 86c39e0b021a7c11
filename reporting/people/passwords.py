"""What a password must be: long enough, and not made of the words that everybody here would try first."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ..text import parsing

COMMON = Path(__file__).resolve().parent.parent / "data" / "common-passwords-vi.txt"
LONGEST = 200  # letters that are looked at
FILLERS = "0123456789 .,-_!?@#$%^&*()+=/"  # the year and the sign that end so many
LOOK_ALIKES = str.maketrans("0134578@$!", "oieastbasi")


class LengthValidator(MinimumLengthValidator):
    def get_error_message(self):
        return self.get_help_text()  # Django's own message for a short password is not translated


class BreachedValidator(CommonPasswordValidator):
    """Refuses the passwords of Django's list, which come from breaches, also lengthened by figures and signs."""

    def validate(self, password: str, user=None) -> None:
        super().validate(password, user)
        if core := password.lower()[:LONGEST].strip(FILLERS):
            super().validate(core, user)


class LocalWordsValidator:
    """Refuses what is made of common words of the place and nothing else: "Haiphong@2020", "m4tkhau123", "bluezone"."""

    def validate(self, password: str, user=None) -> None:
        if any(_is_made_of(common_words(), letters) for letters in _readings(password)):
            raise ValidationError(self.get_help_text(), code="password_of_local_words")

    def get_help_text(self) -> str:
        return _("Your password can’t be made of common words only, such as matkhau, haiphong, bluezone or covid19.")


@cache
def common_words() -> frozenset[str]:
    """The words of the file, without its comments."""
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _readings(password: str) -> set[str]:
    """The letters of a password, accents off; also with the signs that stand for letters read as these."""
    folded = parsing.composed(password.lower().replace("đ", "d"), "NFKD")
    bare = "".join(c for c in folded if not unicodedata.combining(c))[:LONGEST]
    core = bare.strip(FILLERS)
    return {re.sub("[^a-z]", "", text) for text in (bare, core.translate(LOOK_ALIKES))} - {""}


def _is_made_of(words: frozenset[str], letters: str) -> bool:
    reached = {0}
    for start in range(len(letters)):
        if start in reached:
            reached |= {start + len(word) for word in words if letters.startswith(word, start)}
    return len(letters) in reached
