"""Checks the emblem of an office: a PNG of limited size, of which only the drawing pieces are kept."""

import struct
import zlib
from collections.abc import Iterator

from .cells import Unreadable, _

MAX_BYTES = 100 * 1024
SIDES = range(16, 1025)  # pixels of a PNG
MOST_SLANTED = 4  # times as wide as high, or as high as wide

SIGNATURE = b"\x89PNG\r\n\x1a\n"
DAMAGED = _("The PNG is damaged, or is none.")
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the kind of colour
DEPTHS = (1, 2, 4, 8, 16)
DRAWN = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT", b"bKGD")


def checked(data: bytes) -> bytes:
    """The PNG with its drawing pieces only: no text, no place of a camera, nothing behind the end.

    Raises `Unreadable`.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The picture is larger than %(n)s KB."), n=MAX_BYTES // 1024)
    if not data.startswith(SIGNATURE):
        raise Unreadable(_("The picture is not a PNG."))
    kept, pixels, expected = [SIGNATURE], zlib.decompressobj(), 0
    drawn = 0
    for number, (kind, body, whole) in enumerate(_pieces(data)):
        if (number == 0) != (kind == b"IHDR"):
            raise Unreadable(DAMAGED)
        if kind == b"IHDR":
            expected = _bytes_of_pixels(body)
        elif kind == b"IDAT":
            try:
                drawn += len(pixels.decompress(body, expected - drawn + 1))
            except zlib.error as error:
                raise Unreadable(DAMAGED) from error
            if drawn > expected:
                raise Unreadable(DAMAGED)
        elif kind[:1].isupper() and kind not in DRAWN:
            raise Unreadable(DAMAGED)
        if kind in DRAWN:
            kept.append(whole)
    if drawn != expected:
        raise Unreadable(DAMAGED)
    return b"".join(kept)


def _pieces(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Kind, body and whole of each piece, up to the last one of the picture."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        whole = data[at : at + 12 + length]
        body = whole[8:-4]
        if len(whole) != 12 + length or struct.unpack(">I", whole[-4:])[0] != zlib.crc32(kind + body):
            raise Unreadable(DAMAGED)
        yield kind, body, whole
        if kind == b"IEND":
            return
        at += 12 + length
    raise Unreadable(DAMAGED)


def _bytes_of_pixels(header: bytes) -> int:
    """The size of the unpacked lines, each with its filter byte."""
    if len(header) != 13:
        raise Unreadable(DAMAGED)
    width, height, depth, colour, _method, _filter, interlaced = struct.unpack(">IIBBBBB", header)
    if width not in SIDES or height not in SIDES:
        words = _("The picture has %(width)s × %(height)s pixels; it may have %(low)s to %(high)s a side.")
        raise Unreadable(words, width=width, height=height, low=SIDES[0], high=SIDES[-1])
    if depth not in DEPTHS or colour not in CHANNELS:
        raise Unreadable(DAMAGED)
    if interlaced:
        raise Unreadable(_("The PNG is interlaced. Save it without that."))
    if max(width, height) > MOST_SLANTED * min(width, height):
        words = _("The picture is too long: at most %(n)s times as wide as high, or as high as wide.")
        raise Unreadable(words, n=MOST_SLANTED)
    return height * (1 + -(-width * CHANNELS[colour] * depth // 8))
