"""An emblem is a PNG by its content; what hides something is refused, or not kept."""

import struct
import zlib

import pytest
from django.utils import translation

from reporting.files import emblems
from reporting.files.cells import Unreadable


def piece(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width=32, height=32, *, depth=8, colour=2, interlaced=0, rows=None, more=(), end=b""):
    line = b"\0" + b"\x11" * -(-width * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1) * depth // 8)
    head = piece(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    pixels = zlib.compress(line * (height if rows is None else rows))
    body = [head, *more, piece(b"IDAT", pixels[:9]), piece(b"IDAT", pixels[9:]), piece(b"IEND", b"")]
    return emblems.SIGNATURE + b"".join(body) + end


DAMAGED = "The PNG is damaged, or is none."


def refusal(data):
    with translation.override("en"), pytest.raises(Unreadable) as refused:
        emblems.checked(data)
    with translation.override("en"):
        return str(refused.value)


def test_png_is_kept_as_it_draws():
    for kind in (0, 2, 4, 6):
        assert emblems.checked(png(colour=kind)) == png(colour=kind)


def test_nothing_that_does_not_draw_is_kept_of_a_png():
    said = piece(b"tEXt", b"Author\0somebody")
    assert emblems.checked(png(more=[said], end=b"<script>hit()</script>")) == png()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(15, 32), "The picture has 15 × 32 pixels; it may have 16 to 1,024 a side."),
        (png(32, 1025, rows=0), "The picture has 32 × 1,025 pixels; it may have 16 to 1,024 a side."),
        (png(160, 32), "The picture is too long: at most 4 times as wide as high, or as high as wide."),
        (png(interlaced=1), "The PNG is interlaced. Save it without that."),
        *((data, DAMAGED) for data in (png()[:-1], png()[:50] + b"\xff" + png()[51:], png(rows=31), png(rows=33))),
        *(
            (data, DAMAGED)
            for data in (png(colour=5), png(depth=3), png(more=[piece(b"XXXX", b"")]), emblems.SIGNATURE)
        ),
        *(
            (data, "The picture is not a PNG.")
            for data in (b"GIF89a" + b"\0" * 40, b"\xff\xd8\xff\xe0", b"<svg/>", b"")
        ),
        (b"\0" * (emblems.MAX_BYTES + 1), "The picture is larger than 100 KB."),
    ],
    ids=range(17),
)
def test_png_that_is_none_is_refused(data, words):
    assert refusal(data) == words


def test_bomb_of_pixels_is_never_unpacked():
    assert refusal(png(16, 16, rows=60_000)) == DAMAGED
