"""The emblem of an office as somebody sends it: a PNG of known size, or an SVG that draws and does nothing else.

What is kept of an SVG is written anew from what was checked, so that nothing unread is ever served.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from defusedxml import DefusedXmlException, ElementTree

from .cells import Unreadable, _

MAX_BYTES = 100 * 1024
SIDES = range(16, 1025)  # pixels of a PNG
MOST_SLANTED = 4  # times as wide as high, or as high as wide
MOST_ELEMENTS, DEEPEST = 3000, 30
MOST_USES = 20  # each may draw what others draw again
PNG, SVG = "image/png", "image/svg+xml"

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the kind of colour
DEPTHS = (1, 2, 4, 8, 16)
DRAWN = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT", b"bKGD")

NAMESPACE = "{http://www.w3.org/2000/svg}"
DRAWS = {
    *("svg", "g", "defs", "symbol", "use", "title", "desc", "style", "clipPath", "mask"),
    *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"),
    *("linearGradient", "radialGradient", "stop"),
}
LINKS = ("href", "{http://www.w3.org/1999/xlink}href", "src")
ELSEWHERE = re.compile(
    r"url\s*\(\s*(?![\"']?#)|(?:image|image-set|src|cross-fade|expression)\s*\(|@|\\|(?:java|vb)script\s*:|data\s*:",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)(?:px|pt|mm|cm|in)?\s*")
NUMBERS = re.compile(r"[\s,]*(?:-?[0-9.]+(?:e-?[0-9]+)?[\s,]+){2}([0-9.]+)[\s,]+([0-9.]+)[\s,]*", re.IGNORECASE)


def checked(data: bytes) -> tuple[bytes, str]:
    """The picture as it is kept, and its type, by its content. Raises `Unreadable`."""
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The picture is larger than %(n)s KB."), n=MAX_BYTES // 1024)
    if data.startswith(SIGNATURE):
        return _checked_png(data), PNG
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _checked_svg(data), SVG
    raise Unreadable(_("The picture is neither a PNG nor an SVG."))


def _checked_png(data: bytes) -> bytes:
    """Its pieces that draw, and no others: no text, no place where it was taken, nothing behind its end."""
    kept, pixels, expected = [SIGNATURE], zlib.decompressobj(), 0
    drawn = 0
    for number, (kind, body, whole) in enumerate(_pieces(data)):
        if (number == 0) != (kind == b"IHDR"):
            raise _damaged()
        if kind == b"IHDR":
            expected = _bytes_of_pixels(body)
        elif kind == b"IDAT":
            try:
                drawn += len(pixels.decompress(body, expected - drawn + 1))
            except zlib.error as error:
                raise _damaged() from error
            if drawn > expected:  # a limit of 0 would be none
                raise _damaged()
        elif kind[:1].isupper() and kind not in DRAWN:
            raise _damaged()
        if kind in DRAWN:
            kept.append(whole)
    if drawn != expected:
        raise _damaged()
    return b"".join(kept)


def _pieces(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Kind, body and whole of each piece, up to the one that ends the picture."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        whole = data[at : at + 12 + length]
        body = whole[8:-4]
        if len(whole) != 12 + length or struct.unpack(">I", whole[-4:])[0] != zlib.crc32(kind + body):
            raise _damaged()
        yield kind, body, whole
        if kind == b"IEND":
            return
        at += 12 + length
    raise _damaged()


def _bytes_of_pixels(header: bytes) -> int:
    """How many bytes the lines of the picture take, each with the one before it that says how it is written."""
    if len(header) != 13:
        raise _damaged()
    width, height, depth, colour, _method, _filter, interlaced = struct.unpack(">IIBBBBB", header)
    if width not in SIDES or height not in SIDES:
        words = _("The picture has %(width)s × %(height)s pixels; it may have %(low)s to %(high)s a side.")
        raise Unreadable(words, width=width, height=height, low=SIDES[0], high=SIDES[-1])
    if depth not in DEPTHS or colour not in CHANNELS:
        raise _damaged()
    if interlaced:
        raise Unreadable(_("The PNG is interlaced. Save it without that."))
    _not_too_slanted(width, height)
    return height * (1 + -(-width * CHANNELS[colour] * depth // 8))


def _damaged() -> Unreadable:
    return Unreadable(_("The PNG is damaged, or is none."))


def _not_too_slanted(width: float, height: float) -> None:
    if max(width, height) > MOST_SLANTED * min(width, height):
        words = _("The picture is too long: at most %(n)s times as wide as high, or as high as wide.")
        raise Unreadable(words, n=MOST_SLANTED)


def _checked_svg(data: bytes) -> bytes:
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise Unreadable(_("The SVG has a document type or entities. Save it as “plain SVG”.")) from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Unreadable(_("The SVG cannot be read.")) from error
    if root.tag != f"{NAMESPACE}svg":
        raise Unreadable(_("The picture is neither a PNG nor an SVG."))
    _keep_what_draws(root)
    _size(root)
    return ElementTree.tostring(root, encoding="utf-8")


def _keep_what_draws(root) -> None:
    """Refuse what runs or loads; what an editor keeps for itself, in names of its own, is left out."""
    waiting, seen, uses = [(root, 1)], 0, 0
    while waiting:
        element, depth = waiting.pop()
        name = element.tag.removeprefix(NAMESPACE)
        seen, uses = seen + 1, uses + (name == "use")
        if seen > MOST_ELEMENTS or depth > DEEPEST or uses > MOST_USES:
            raise Unreadable(_("The SVG has too many parts."))
        if name not in DRAWS:
            raise Unreadable(_("The SVG holds <%(name)s>, which no emblem needs."), name=name[:30])
        _check_texts(element, name)
        for child in list(element):
            if not child.tag.startswith(NAMESPACE) or child.tag == f"{NAMESPACE}metadata":
                element.remove(child)
            else:
                waiting.append((child, depth + 1))


def _check_texts(element, name: str) -> None:
    for key in list(element.attrib):
        if key.startswith("{") and key not in LINKS:
            del element.attrib[key]
    for key, value in element.attrib.items():
        if key.lower().startswith("on"):
            raise Unreadable(_("The SVG holds “%(name)s”, which would run."), name=key[:30])
        if (key in LINKS and not value.startswith("#")) or ELSEWHERE.search(value):
            raise _outside(key.split("}")[-1])
    if name == "style" and ELSEWHERE.search(element.text or ""):
        raise _outside(name)


def _outside(name: str) -> Unreadable:
    return Unreadable(_("The SVG refers to something outside of it, in “%(name)s”."), name=name[:30])


def _size(root) -> None:
    """Its sides, by the view that it has or by its own numbers, so that it can be shown in any size."""
    view = NUMBERS.fullmatch(root.get("viewBox", ""))
    sides = [NUMBER.fullmatch(root.get(side, "")) for side in ("width", "height")]
    if view is None and None in sides:
        raise Unreadable(_("The SVG does not say how large it is (viewBox)."))
    try:
        width, height = (float(text) for text in (view.groups() if view else [side[1] for side in sides]))
    except ValueError as error:
        raise Unreadable(_("The SVG does not say how large it is (viewBox).")) from error
    if not (width > 0 and height > 0):
        raise Unreadable(_("The SVG does not say how large it is (viewBox)."))
    _not_too_slanted(width, height)
    if view is None:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
