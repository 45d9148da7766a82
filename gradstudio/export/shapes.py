"""Each kind of item as SVG elements, cut at the plot box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from gradstudio.export.clip import Box, clip_polyline, clip_segments
from gradstudio.export.elements import (
    Value,
    coordinates,
    element,
    line,
    marker,
    polyline,
    rectangle,
    stroked,
    tagged,
    words,
)
from gradstudio.export.figure import (
    Area,
    Bars,
    Blocks,
    Curve,
    EndLabel,
    Item,
    Mark,
    OffScale,
    Picture,
    Points,
    Rule,
    Segments,
    Text,
    ZeroMarks,
)
from gradstudio.export.layout import LABEL_SIZE, Layout, label_places
from gradstudio.export.png import data_uri
from gradstudio.export.words import width
from gradstudio.palette import Palette

HATCH_STEP: Final = 5.0
RULE_SIZE: Final = 10.5


def draw(item: Item, layout: Layout, palette: Palette) -> list[str]:
    """Draw one item, back to front; nothing when it lies outside the plot."""
    match item:
        case Curve():
            return _curve(item, layout)
        case Points():
            return _points(item, layout, palette)
        case Area():
            return _area(item, layout)
        case Bars():
            return _bars(item, layout)
        case Blocks():
            return _blocks(item, layout, palette)
        case Picture():
            return _picture(item, layout)
        case Segments():
            return _segments(item, layout)
        case Text():
            return _text(item, layout, palette)
        case Rule():
            return _rule(item, layout)
        case Mark():
            return _mark(item, layout, palette)
        case OffScale():
            return _off_scale(item, layout, palette)
        case ZeroMarks():
            return _zero_marks(item, layout)
        case EndLabel():
            return []  # they share the right edge: end_labels() places all of them


def end_labels(labels: list[EndLabel], layout: Layout, palette: Palette) -> list[str]:
    """Names of the curves at the right edge, without overlap, with a leader where moved.

    On light ground the text is grey beside a chip of the colour: the yellow end of the depth map
    has only 3:1 on white, too little for words.
    """
    parts: list[str] = []
    edge = layout.whole.right
    for index, y in sorted(label_places(layout, labels).items()):
        label = labels[index]
        wanted = float(layout.ys(np.nan if label.y is None else label.y))
        if abs(wanted - y) > 1.5:
            parts.append(line((edge + 1.5, wanted, edge + 7.0, y), label.colour, 0.8, opacity=0.6))
        x, colour = edge + 8.0, label.colour
        if palette.name == "light":
            parts.append(rectangle(Box(x, y - 4.0, x + 3.0, y + 4.0), label.colour))
            x, colour = x + 6.0, palette.text if label.strong else palette.text2
        weight = 600 if label.strong else 500
        parts.append(words(x, y + 3.9, label.text, colour, size=LABEL_SIZE, weight=weight))
    return parts


def hatching(lane: Box, colour: str) -> list[str]:
    """Slanted lines that fill a band, each cut at its edges."""
    starts = np.arange(lane.left - lane.height, lane.right, HATCH_STEP)
    ends = np.stack(
        [
            starts,
            np.full_like(starts, lane.bottom),
            starts + lane.height,
            np.full_like(starts, lane.top),
        ],
        axis=1,
    )
    cut, seen, _ = clip_segments(ends, lane)
    path = "".join(f"M{a:.2f},{b:.2f}L{c:.2f},{d:.2f}" for a, b, c, d in cut[seen].tolist())
    return [element("path", {"d": path, "fill": "none", **stroked(colour, 0.8)})]


def _curve(item: Curve, layout: Layout) -> list[str]:
    style = stroked(item.colour, item.width, item.dash, item.opacity)
    pieces = clip_polyline(layout.xs(item.x), layout.ys(item.y), layout.box)
    return [polyline(piece, style) for piece in pieces]


def _points(item: Points, layout: Layout, palette: Palette) -> list[str]:
    x, y = layout.xs(item.x), layout.ys(item.y)
    box = layout.whole
    with np.errstate(invalid="ignore"):
        seen = (x >= box.left - 0.5) & (x <= box.right + 0.5)
        seen &= (y >= box.top - 0.5) & (y <= box.bottom + 0.5)
    parts = []
    for i in np.flatnonzero(seen).tolist():
        colour = item.colour if isinstance(item.colour, str) else item.colour[i]
        style: dict[str, Value] = {"fill": colour}
        if not item.filled:
            style = {"fill": palette.bg1, **stroked(colour, 1.3)}
        parts.append(marker(item.shape, float(x[i]), float(y[i]), item.size, style))
    return parts


def _area(item: Area, layout: Layout) -> list[str]:
    box = layout.box
    x = np.clip(layout.xs(item.x), box.left, box.right)
    low = np.clip(layout.ys(item.low), box.top, box.bottom)
    high = np.clip(layout.ys(item.high), box.top, box.bottom)
    known = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    parts = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        upper = np.stack([x[start:stop], high[start:stop]], axis=1)
        lower = np.stack([x[start:stop], low[start:stop]], axis=1)[::-1]
        around = coordinates(np.concatenate([upper, lower]))
        parts.append(
            element(
                "polygon",
                {"points": around, "fill": item.colour, "fill-opacity": item.opacity},
            )
        )
    return parts


def _bars(item: Bars, layout: Layout) -> list[str]:
    box = layout.box
    x = np.clip(layout.xs(item.edges), box.left, box.right)
    top = np.clip(layout.ys(item.heights), box.top, box.bottom)
    base = float(np.clip(layout.ys(0.0), box.top, box.bottom))
    parts = []
    for i in np.flatnonzero(np.isfinite(top) & (top < base)).tolist():
        gap = 0.5 if x[i + 1] - x[i] > 3.0 else 0.0
        bar = Box(float(x[i]) + gap, float(top[i]), float(x[i + 1]) - gap, base)
        parts.append(rectangle(bar, item.colour, fill_opacity=item.opacity))
    return parts


def _blocks(item: Blocks, layout: Layout, palette: Palette) -> list[str]:
    box = layout.box
    x = np.sort(np.clip(layout.xs(item.x), box.left, box.right), axis=1)
    y = np.sort(np.clip(layout.ys(item.y), box.top, box.bottom), axis=1)
    known = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
    parts = []
    for i in np.flatnonzero(known & (y[:, 1] > y[:, 0])).tolist():
        block = Box(float(x[i, 0]), float(y[i, 0]), float(x[i, 1]), float(y[i, 1]))
        parts.append(rectangle(block, item.colour, fill_opacity=item.opacity))
        if item.hatched and block.right - block.left > HATCH_STEP:
            parts += hatching(block, palette.bg1)
    return parts


def _picture(item: Picture, layout: Layout) -> list[str]:
    left, right = layout.xs([item.x0, item.x1]).tolist()
    bottom, top = layout.ys([item.y0, item.y1]).tolist()
    attributes: dict[str, Value] = {
        "x": left,
        "y": top,
        "width": right - left,
        "height": bottom - top,
        "preserveAspectRatio": "none",
        "xlink:href": data_uri(item.rgba),
    }
    return [element("image", attributes)]


def _segments(item: Segments, layout: Layout) -> list[str]:
    ends = np.stack(
        [
            layout.xs(item.ends[:, 0]),
            layout.ys(item.ends[:, 1]),
            layout.xs(item.ends[:, 2]),
            layout.ys(item.ends[:, 3]),
        ],
        axis=1,
    )
    cut, seen, _ = clip_segments(ends, layout.box)
    looks = zip(item.colours, item.opacities.tolist(), strict=True)
    return [
        line(ends, colour, item.width, dash=item.dash, opacity=opacity)
        for ends, (colour, opacity), is_seen in zip(cut.tolist(), looks, seen, strict=True)
        if is_seen
    ]


def _text(item: Text, layout: Layout, palette: Palette) -> list[str]:
    x, y = float(layout.xs(item.x)), float(layout.ys(item.y)) + item.size * 0.36
    if item.strong:
        style = {"size": item.size, "anchor": item.anchor, "weight": 600}
        return [words(x, y, item.text, item.colour, **style)]  # type: ignore[arg-type]
    return tagged(x, y, item.text, item.colour, palette.bg1, item.anchor, item.size)


def rule_label(item: Rule, layout: Layout, palette: Palette, curves: Sequence[Curve]) -> list[str]:
    """Write the words of a rule beside it, where they cover the fewest curves."""
    ends = _rule_ends(item, layout)
    if ends is None or not item.label:
        return []
    x0, y0, x1, _ = ends
    room = width(item.label, RULE_SIZE) * 1.05
    if item.orientation == "vertical":
        places = [(x0 + 6.0, y0 + 12.0), (x0 - 6.0 - room, y0 + 12.0)]
    else:
        above, below = y0 - 5.0, y0 + 14.0
        lefts = (x0 + 10.0, x1 - 10.0 - room, (x0 + x1 - room) / 2.0)
        places = [(left, base) for left in lefts for base in (above, below)]
    boxes = [Box(left, base - 10.0, left + room, base + 3.0) for left, base in places]
    inside = [b for b in boxes if b.top >= layout.box.top and b.bottom <= layout.box.bottom]
    best = min(inside or boxes, key=lambda box: _covered(box, layout, curves))
    place, base = best.left, best.bottom - 3.0
    return tagged(place, base, item.label, palette.text2, palette.bg1, "start", RULE_SIZE)


def _covered(box: Box, layout: Layout, curves: Sequence[Curve]) -> int:
    """Count the curves that run through a box."""
    return sum(bool(clip_polyline(layout.xs(c.x), layout.ys(c.y), box)) for c in curves)


def _rule(item: Rule, layout: Layout) -> list[str]:
    ends = _rule_ends(item, layout)
    return [] if ends is None else [line(ends, item.colour, 1.0, dash=item.dash)]


def _rule_ends(item: Rule, layout: Layout) -> tuple[float, float, float, float] | None:
    """Find the ends of a rule, the upper or left one first; None when it is outside."""
    box = layout.box
    if item.orientation == "vertical":
        x = float(layout.xs(item.position))
        return (x, box.top, x, box.bottom) if box.left <= x <= box.right else None
    y = float(layout.ys(item.position))
    return (box.left, y, box.right, y) if box.top <= y <= box.bottom else None


def _mark(item: Mark, layout: Layout, palette: Palette) -> list[str]:
    box, x = layout.box, float(layout.xs(item.x))
    if not box.left - 1.0 <= x <= box.right + 1.0:
        return []
    y, style = box.top + 7.0, stroked(palette.critical, 1.8)
    cross = f"M{x - 4:.2f},{y - 4:.2f}L{x + 4:.2f},{y + 4:.2f}"
    cross += f"M{x - 4:.2f},{y + 4:.2f}L{x + 4:.2f},{y - 4:.2f}"
    parts = [element("path", {"d": cross, "fill": "none", **style})]
    if item.text:
        after = x + 10.0 + width(item.text, 10.5) * 1.05 <= box.right
        place, anchor = (x + 10.0, "start") if after else (x - 10.0, "end")
        parts += tagged(place, y + 3.8, item.text, palette.critical, palette.bg1, anchor, 10.5)
    return parts


def _off_scale(item: OffScale, layout: Layout, palette: Palette) -> list[str]:
    box = layout.box
    x = float(np.clip(layout.xs(item.x), box.left + 5.0, box.right - 5.0))
    tip, foot = (box.top + 1.5, 6.5) if item.above else (box.bottom - 1.5, -6.5)
    corners = np.array([[x, tip], [x - 4.0, tip + foot], [x + 4.0, tip + foot]])
    parts = [element("polygon", {"points": coordinates(corners), "fill": item.colour})]
    if item.text:
        base = tip + 14.0 if item.above else tip - 10.0
        parts += tagged(x - 8.0, base, item.text, palette.text2, palette.bg1, "end", 10.5)
    return parts


def _zero_marks(item: ZeroMarks, layout: Layout) -> list[str]:
    lane, box = layout.lane, layout.box
    if lane is None:
        return []
    y, parts = layout.lane_y(item.row, item.rows), []
    x, falls = layout.xs(item.x), layout.ys(item.falls)
    for (start, stop), fall in zip(x.tolist(), falls.tolist(), strict=True):
        if stop < box.left or start > box.right:
            continue
        if np.isfinite(fall) and start >= box.left:
            top = min(max(fall, box.top), box.bottom)
            parts.append(line((start, top, start, y), item.colour, 1.0, opacity=0.7))
        left, right = max(start, box.left), min(max(stop, start + 1.5), box.right)
        parts.append(line((left, y, right, y), item.colour, 1.4))
    return parts
