"""Text of SVG elements: numbers, names, words and lines, in the part all viewers share.

That part is SVG Tiny 1.2 without clipping, patterns, style sheets and non-scaling strokes: Qt,
browsers and librsvg draw it alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from gradstudio.export.clip import Box
from gradstudio.export.figure import Floats, Shape
from gradstudio.export.words import width

FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""

_CORNERS: Final = {
    "triangle": ((0.0, -1.15), (1.1, 0.8), (-1.1, 0.8)),
    "diamond": ((0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)),
}

Value = str | float | int


def number(value: float) -> str:
    """Write a coordinate with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def clean(text: str) -> str:
    """Bring a text into one line, without characters that XML cannot hold."""
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


def element(name: str, attributes: Mapping[str, Value], content: str = "") -> str:
    """Write an element; ``content`` is taken as it is."""
    parts = [name]
    for key, value in attributes.items():
        text = value if isinstance(value, str) else number(value)
        parts.append(f"{key}={quoteattr(clean(text))}")
    opening = " ".join(parts)
    return f"<{opening}>{content}</{name}>" if content else f"<{opening}/>"


def words(
    x: float,
    y: float,
    text: str,
    colour: str,
    *,
    size: float,
    anchor: str = "start",
    weight: int = 400,
    turned: bool = False,
) -> str:
    """Text with its baseline at ``y``; ``turned`` reads upwards."""
    attributes: dict[str, Value] = {"x": x, "y": y, "fill": colour, "font-size": size}
    if anchor != "start":
        attributes["text-anchor"] = anchor
    if weight != 400:
        attributes["font-weight"] = str(weight)
    if turned:
        attributes["transform"] = f"rotate(-90 {number(x)} {number(y)})"
    return element("text", attributes, escape(clean(text)))


def group(identity: str, parts: Iterable[str], **data: Value) -> str:
    """Write a group with an id and ``data-`` attributes; nothing when it has no parts."""
    inside = [part for part in parts if part]
    if not inside:
        return ""
    attributes: dict[str, Value] = {"id": identity}
    attributes |= {f"data-{key.replace('_', '-')}": value for key, value in data.items()}
    return element("g", attributes, "\n" + "\n".join(inside) + "\n")


def line(
    ends: Sequence[float],
    colour: str,
    stroke: float = 1.0,
    *,
    dash: Sequence[float] = (),
    opacity: float = 1.0,
) -> str:
    """Draw a straight line; ``ends`` are x0, y0, x1, y1."""
    x0, y0, x1, y1 = ends
    attributes: dict[str, Value] = {"x1": x0, "y1": y0, "x2": x1, "y2": y1}
    return element("line", attributes | stroked(colour, stroke, dash, opacity))


def polyline(points: Floats, style: Mapping[str, Value]) -> str:
    """Draw a line through ``points``, shape (n, 2); a dot when there is only one."""
    if len(points) == 1:
        x, y = points[0].tolist()
        radius = float(style.get("stroke-width", 1.0)) * 0.9
        return element("circle", {"cx": x, "cy": y, "r": radius, "fill": style["stroke"]})
    return element("polyline", {"points": coordinates(points), "fill": "none", **style})


def marker(shape: Shape, x: float, y: float, size: float, style: Mapping[str, Value]) -> str:
    """Draw a mark as large as a circle of diameter ``size``."""
    r = size / 2.0
    if shape == "circle":
        return element("circle", {"cx": x, "cy": y, "r": r, **style})
    if shape == "square":
        side = 1.77 * r
        place = {"x": x - side / 2, "y": y - side / 2, "width": side, "height": side}
        return element("rect", {**place, **style})
    corners = np.array(_CORNERS[shape]) * r + (x, y)
    return element("polygon", {"points": coordinates(corners), **style})


def coordinates(points: Floats) -> str:
    """Points of shape (n, 2) as ``x,y x,y``."""
    return " ".join([f"{x:.2f},{y:.2f}" for x, y in points.tolist()])


def stroked(
    colour: str, stroke: float = 1.0, dash: Sequence[float] = (), opacity: float = 1.0
) -> dict[str, Value]:
    """Attributes of a line."""
    style: dict[str, Value] = {"stroke": colour, "stroke-width": stroke}
    style["stroke-linejoin"] = "round"
    if dash:
        style["stroke-dasharray"] = ",".join(number(length) for length in dash)
    if opacity < 1.0:
        style["stroke-opacity"] = opacity
    return style


def rectangle(box: Box, fill: str, **more: Value) -> str:
    """Draw a filled rectangle."""
    attributes: dict[str, Value] = {
        "x": box.left,
        "y": box.top,
        "width": box.width,
        "height": box.height,
        "fill": fill,
    }
    return element("rect", attributes | {k.replace("_", "-"): v for k, v in more.items()})


def tagged(
    x: float, base: float, text: str, colour: str, ground: str, anchor: str, size: float
) -> list[str]:
    """Words on a pale ground, so that they stay readable over curves."""
    room = width(text, size) * 1.04 + 6.0
    left = {"start": x - 3.0, "middle": x - room / 2.0, "end": x - room + 3.0}[anchor]
    box = Box(left, base - size, left + room, base + size * 0.3)
    return [
        rectangle(box, ground, fill_opacity=0.82),
        words(x, base, text, colour, size=size, anchor=anchor),
    ]


def slug(text: str, taken: set[str]) -> str:
    """Make an id of a label, not yet ``taken``; it is taken from then on."""
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "item"
    base = base if base[0].isalpha() else f"item-{base}"
    name, more = base, 2
    while name in taken:
        name, more = f"{base}-{more}", more + 1
    taken.add(name)
    return name
