"""An emblem is what its content says; what runs, loads or hides something is refused, or not kept."""

import struct
import zlib

import pytest
from django.utils import translation

from reporting.files import emblems
from reporting.files.cells import Unreadable

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {}>{}</svg>'
VIEW = 'viewBox="0 0 32 32"'
STAR = '<path d="M16 2 20 12H30L22 19 25 29 16 23 7 29 10 19 2 12H12Z" fill="#ffd84d"/>'


def svg(inside=STAR, attributes=VIEW):
    return SVG.format(attributes, inside).encode()


def piece(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width=32, height=32, *, depth=8, colour=2, interlaced=0, rows=None, more=(), end=b""):
    line = b"\0" + b"\x11" * -(-width * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1) * depth // 8)
    head = piece(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    pixels = zlib.compress(line * (height if rows is None else rows))
    body = [head, *more, piece(b"IDAT", pixels[:9]), piece(b"IDAT", pixels[9:]), piece(b"IEND", b"")]
    return emblems.SIGNATURE + b"".join(body) + end


def refusal(data):
    with translation.override("en"), pytest.raises(Unreadable) as refused:
        emblems.checked(data)
    with translation.override("en"):
        return str(refused.value)


def test_png_is_kept_as_it_draws():
    assert emblems.checked(png()) == (png(), "image/png")
    for kind in (0, 4, 6):
        assert emblems.checked(png(colour=kind))[1] == "image/png"


def test_nothing_that_does_not_draw_is_kept_of_a_png():
    said = piece(b"tEXt", b"Author\0somebody")
    kept, _type = emblems.checked(png(more=[said], end=b"<script>hit()</script>"))
    assert kept == png()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(15, 32), "The picture has 15 × 32 pixels; it may have 16 to 1.024 a side."),
        (png(32, 1025, rows=0), "The picture has 32 × 1.025 pixels; it may have 16 to 1.024 a side."),
        (png(160, 32), "The picture is too long: at most 4 times as wide as high, or as high as wide."),
        (png(interlaced=1), "The PNG is interlaced. Save it without that."),
        (png()[:-1], "The PNG is damaged, or is none."),
        (png()[:50] + b"\xff" + png()[51:], "The PNG is damaged, or is none."),
        (png(rows=31), "The PNG is damaged, or is none."),
        (png(rows=33), "The PNG is damaged, or is none."),
        (png(colour=5), "The PNG is damaged, or is none."),
        (png(depth=3), "The PNG is damaged, or is none."),
        (png(more=[piece(b"XXXX", b"")]), "The PNG is damaged, or is none."),
        (emblems.SIGNATURE, "The PNG is damaged, or is none."),
        (b"GIF89a" + b"\0" * 40, "The picture is neither a PNG nor an SVG."),
        (b"\xff\xd8\xff\xe0", "The picture is neither a PNG nor an SVG."),
        (b"", "The picture is neither a PNG nor an SVG."),
        (b"\0" * (emblems.MAX_BYTES + 1), "The picture is larger than 100 KB."),
    ],
    ids=range(16),
)
def test_png_that_is_none_is_refused(data, words):
    assert refusal(data) == words


def test_bomb_of_pixels_is_never_unpacked():
    assert refusal(png(16, 16, rows=60_000)) == "The PNG is damaged, or is none."


def test_svg_is_kept_as_it_draws_and_says_its_size():
    kept, kind = emblems.checked(svg())
    assert (kind, b"M16 2" in kept, b"viewBox" in kept) == ("image/svg+xml", True, True)
    assert emblems.checked(kept)[0] == kept
    sized, _kind = emblems.checked(svg(attributes='width="48px" height="32"'))
    assert b'viewBox="0 0 48 32"' in sized


def test_what_an_editor_keeps_for_itself_is_left_out():
    inside = (
        '<metadata>who</metadata><x:view xmlns:x="urn:editor" onload="hit()"/><!-- said -->'
        f'<g xmlns:i="urn:i" i:path="C:\\a">{STAR}</g><?php hit() ?>'
    )
    kept, _kind = emblems.checked(b'<?xml version="1.0"?><?xml-stylesheet href="x.css"?>' + svg(inside))
    assert not any(part in kept for part in (b"who", b"editor", b"said", b"hit", b"x.css", b"C:"))
    assert b"M16 2" in kept


HOSTILE = {
    "script": "<script>hit()</script>",
    "a script in a group": "<g><g><script>hit()</script></g></g>",
    "an event": '<path d="M0 0" onload="hit()"/>',
    "an event in capitals": '<path d="M0 0" ONCLICK="hit()"/>',
    "foreignObject": '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
    "an image": '<image href="https://evil.example/x.png"/>',
    "a link": '<a href="https://evil.example/"><path d="M0 0"/></a>',
    "an animation": '<set attributeName="href" to="javascript:hit()"/>',
    "use of another file": '<use xlink:href="https://evil.example/x.svg#a"/>',
    "use of data": '<use href="data:image/svg+xml,x#a"/>',
    "a style that loads": "<style>@import 'https://evil.example/x.css';</style>",
    "a style that loads a picture": "<style>path{fill:url(https://evil.example/x)}</style>",
    "a style with escapes": "<style>path{fill:u\\72l(x)}</style>",
    "an attribute that loads": '<path style="fill:URL( https://evil.example/x)" d="M0 0"/>',
    "a style that loads one of a set": '<style>path{mask-image:-webkit-image-set("//evil.example/x" 1x)}</style>',
    "a style that loads by another word": '<style>path{mask-image:IMAGE ("//evil.example/x")}</style>',
    "a fill that loads": '<path fill="url(//evil.example/x#a)" d="M0 0"/>',
    "too deep": "<g>" * 40 + "</g>" * 40,
    "too many parts": "<g/>" * 4000,
    "uses of uses": '<use href="#a"/>' * 21,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_svg_that_does_more_than_draw_is_refused(name):
    assert refusal(svg(HOSTILE[name])).startswith("The SVG ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'<!DOCTYPE svg SYSTEM "https://evil.example/x.dtd">' + svg(), "document type or entities"),
        (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg("<desc>&a;</desc>"), "document type or entities"),
        (svg(attributes=""), "does not say how large it is"),
        (svg(attributes='viewBox="0 0 0 32"'), "does not say how large it is"),
        (svg(attributes='viewBox="0 0 ... 32"'), "does not say how large it is"),
        (svg(attributes='viewBox="0 0 500 32"'), "too long"),
        (svg()[:-3], "cannot be read"),
        (b'<?xml version="1.0" encoding="no-such"?>' + svg(), "cannot be read"),
        (b"<html><svg/></html>", "neither a PNG nor an SVG"),
        (b"<svg/>", "neither a PNG nor an SVG"),
    ],
)
def test_svg_that_is_none_is_refused(data, words):
    assert words in refusal(data)
