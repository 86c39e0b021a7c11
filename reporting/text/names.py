"""Vietnamese names: a sort key in Vietnamese order, and a folded form for search."""

import re
import unicodedata
from functools import lru_cache

from . import parsing

LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = {"\u0300": 2, "\u0309": 3, "\u0303": 4, "\u0301": 5, "\u0323": 6}  # huyền, hỏi, ngã, sắc, nặng; ngang is 1
NUMBER_WIDTH = 6
# Two ASCII letters stand for each letter; in any collation they sort like the Vietnamese alphabet.
LETTER_KEYS = {letter: chr(ord("a") + i // 26) + chr(ord("a") + i % 26) for i, letter in enumerate(LETTERS)}


@lru_cache(maxsize=32_768)  # a page sorts hundreds of names, a country's page ten thousand
def sort_key(name: str) -> str:
    """Returns a key in Vietnamese order: word by word, letters before tones, numbers by value.

    It has only lower-case ASCII letters and digits, so both databases and Python order it alike. Thuỷ and Thủy, Hoà
    and Hòa have the same key.
    """
    return "".join(_word_key(word) for word in re.findall(r"\w+", parsing.composed(name.lower())))


def fold(text: str) -> str:
    """Lower case without accents, single spaces: "Thuỷ  Nguyên" and "Thủy Nguyên" become "thuy nguyen"."""
    decomposed = parsing.composed(text.lower().replace("đ", "d"), "NFD")
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(bare.split())


def _word_key(word: str) -> str:
    if word.isdecimal():
        return "0" + "".join(chr(ord("a") + int(digit)) for digit in word.zfill(NUMBER_WIDTH))
    tone, letters = 1, []
    for character in word:
        decomposed = unicodedata.normalize("NFD", character)
        tone = next((TONES[mark] for mark in decomposed if mark in TONES), tone)
        bare = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in TONES))
        letters.append(LETTER_KEYS.get(bare, "zz"))
    return "".join(letters) + str(tone)
