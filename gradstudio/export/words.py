"""How much room words take, without a font library: widths of Inter, to lay out a picture.

A viewer without Inter takes another sans-serif, which may be a tenth wider; layouts leave room.
"""

from __future__ import annotations

import re
from typing import Final

# advance widths of Inter Regular in hundredths of the font size
_WIDTHS: Final = {
    22: "'′",
    24: "ijl",
    26: "I",
    28: " !,.:;·",
    31: "¹₁",
    33: "|",
    36: "()/[]\\ft{}‖",
    37: "r",
    40: '"⁵⁷',
    43: "⁻⁰²³⁴⁶⁸⁹₀",
    46: "-1_°",
    51: "?^*`–s",
    54: "Jkxzδ",
    57: "Lacvyeu7",
    60: "Fhnoη25gpqE",
    63: "#Pbd∂σ0689Z34",
    66: "BKRSTX$&+<=>Y~−×",
    69: "AVΔ",
    73: "CDφ",
    75: "GHNU",
    76: "OQ",
    84: "%wm",
    89: "M",
    95: "@W→",
}
_ADVANCE: Final = {character: width for width, chars in _WIDTHS.items() for character in chars}
_UNKNOWN: Final = 100  # Chinese, Japanese and Korean characters are as wide as high
_LATIN: Final = 62
_STRONG: Final = 1.04  # semi-bold against regular, measured on sentences


def width(text: str, size: float, *, strong: bool = False) -> float:
    """Width of a text in pixels at a font size in pixels."""
    total = sum(_ADVANCE.get(c, _LATIN if ord(c) < 0x1100 else _UNKNOWN) for c in text)
    return total / 100.0 * size * (_STRONG if strong else 1.0)


def shortened(text: str, size: float, room: float, *, strong: bool = False) -> str:
    """Return the text, or as much of its start as fits into ``room`` pixels, with an ellipsis."""
    if width(text, size, strong=strong) <= room:
        return text
    kept = text
    while kept and width(kept + "…", size, strong=strong) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(text: str, size: float, room: float, most: int) -> list[str]:
    """Break a text into at most ``most`` lines of ``room`` pixels; cut the last if need be.

    Lines of about the same length: no single word stands in the last one.
    """
    lines = _filled(text, size, room)
    narrower = room
    while len(lines) > 1 and narrower > room / 2.0:
        narrower -= 8.0
        tighter = _filled(text, size, narrower)
        if len(tighter) > len(lines):
            break
        lines = tighter
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [shortened(one, size, room) for one in lines]


def _unbroken(text: str) -> list[str]:
    """Split a text where it may be broken: not between a name or a number and what it is of."""
    return re.sub(r"(?<=:) | (?=%)", "\N{NO-BREAK SPACE}", text).split(" ")


def _filled(text: str, size: float, room: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in _unbroken(text):
        longer = f"{line} {word}" if line else word
        if line and width(longer, size) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines
