"""A figure as SVG that looks the same in Qt, in browsers and in librsvg.

Lines are cut at the plot box by arithmetic and the zero lane is hatched by single lines, since
clipping paths and patterns are not drawn alike everywhere. Every series is a group with an id made
of its label; the group ``plot`` carries both axes in ``data-`` attributes, so that a pixel can be
mapped back to a value::

    position = x-low + (pixel - left) / (right - left) * (x-high - x-low)

which is log10 of the value where the scale is ``log10``.
"""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from gradstudio.export.clip import Box
from gradstudio.export.elements import (
    Value,
    clean,
    element,
    group,
    line,
    marker,
    rectangle,
    slug,
    stroked,
    tagged,
    words,
)
from gradstudio.export.figure import Curve, EndLabel, Figure, Item, LegendEntry, Rule, ZeroMarks
from gradstudio.export.layout import (
    CAPTION_SIZE,
    LABEL_SIZE,
    LINE,
    MARGIN,
    NOTE_SIZE,
    SAMPLE,
    SUBTITLE_SIZE,
    TICK_SIZE,
    TITLE_BASE,
    TITLE_SIZE,
    Layout,
    lay_out,
)
from gradstudio.export.shapes import draw, end_labels, hatching, rule_label
from gradstudio.export.words import shortened, width

ZERO_TAG: Final = "exactly 0, or underflow"
FONTS: Final = "Inter, 'Helvetica Neue', Arial, sans-serif"


def to_svg(figure: Figure, *, fonts: str = FONTS) -> str:
    """Draw a figure as the text of an SVG file.

    Parameters
    ----------
    figure
        What to draw.
    fonts
        Font families, the first one that the viewer has is taken.
    """
    layout = lay_out(figure)
    wide, high = figure.size
    parts = [
        f"<title>{escape(clean(figure.title))}</title>",
        f"<desc>{escape(clean(figure.caption))}</desc>" if figure.caption else "",
        rectangle(Box(0.0, 0.0, wide, high), figure.palette.bg1),
        group("axes", _axes(figure, layout)),
        _plot(figure, layout),
        group("words", _words(figure, layout)),
        group("legend", _legend(figure, layout)),
    ]
    attributes: dict[str, Value] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "xmlns:xlink": "http://www.w3.org/1999/xlink",
        "width": wide,
        "height": high,
        "viewBox": f"0 0 {wide} {high}",
        "font-family": fonts,
    }
    body = "\n".join(part for part in parts if part)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{element("svg", attributes, body)}\n'


def _plot(figure: Figure, layout: Layout) -> str:
    taken = {"axes", "plot", "words", "legend", "end-labels", "rule-labels"}
    parts = [
        group(slug(_label(item), taken), draw(item, layout, figure.palette), label=_label(item))
        for item in figure.items
    ]
    labels = [item for item in figure.items if isinstance(item, EndLabel)]
    parts.append(group("end-labels", end_labels(labels, layout, figure.palette)))
    curves = [item for item in figure.items if isinstance(item, Curve)]
    rules = [item for item in figure.items if isinstance(item, Rule)]
    named = [part for rule in rules for part in rule_label(rule, layout, figure.palette, curves)]
    parts.append(group("rule-labels", named))
    box, x, y = layout.box, figure.x, figure.y
    ends: dict[str, Value] = {
        "left": repr(box.left),
        "top": repr(box.top),
        "right": repr(box.right),
        "bottom": repr(box.bottom),
        "x-low": repr(float(x.low)),
        "x-high": repr(float(x.high)),
        "x-scale": "log10" if x.log10 else "linear",
        "y-low": repr(float(y.low)),
        "y-high": repr(float(y.high)),
        "y-scale": "log10" if y.log10 else "linear",
    }
    if layout.lane is not None:
        ends |= {"zero-top": repr(layout.lane.top), "zero-bottom": repr(layout.lane.bottom)}
    return group("plot", parts, **ends)


def _label(item: Item) -> str:
    name = getattr(item, "label", "") or type(item).__name__
    return f"{name} zero" if isinstance(item, ZeroMarks) else str(name)


def _axes(figure: Figure, layout: Layout) -> list[str]:
    palette, box, lane, whole = figure.palette, layout.box, layout.lane, layout.whole
    grid, texts = [], []
    if figure.x.visible:
        for position, text in figure.x.ticks:
            x = float(layout.xs(position))
            if box.left - 0.5 <= x <= box.right + 0.5:
                grid.append(line((x, box.top, x, box.bottom), palette.grid))
                base = whole.bottom + TICK_SIZE + 5.0
                texts.append(_tick(x, base, text, palette.text3, "middle"))
    if figure.y.visible:
        lowest = box.bottom - (4.0 if lane is not None else -0.5)
        for position, text in figure.y.ticks:
            y = float(layout.ys(position))
            if box.top - 0.5 <= y <= box.bottom + 0.5:
                grid.append(line((box.left, y, box.right, y), palette.grid))
                if y <= lowest:
                    texts.append(_tick(box.left - 7.0, y + 3.7, text, palette.text3, "end"))
    frame = []
    if lane is not None:
        middle = (lane.top + lane.bottom) / 2.0
        texts.append(_tick(box.left - 7.0, middle + 3.7, "0", palette.text3, "end"))
        frame += hatching(lane, palette.line)
        frame += _zero_tag(figure, layout, lane)
        frame.append(line((lane.left, lane.top, lane.right, lane.top), palette.line))
    if figure.x.visible:
        frame.append(line((box.left, whole.bottom, box.right, whole.bottom), palette.text3))
    if figure.y.visible:
        frame.append(line((box.left, box.top, box.left, whole.bottom), palette.text3))
    return grid + frame + texts + _axis_names(figure, layout)


def _zero_tag(figure: Figure, layout: Layout, lane: Box) -> list[str]:
    """Say what the lane is for, unless something is drawn there."""
    end = lane.left + 14.0 + width(ZERO_TAG, 9.0)
    marks = [item for item in figure.items if isinstance(item, ZeroMarks)]
    if any((layout.xs(mark.x[:, 0]) < end).any() for mark in marks):
        return []
    ground, colour = figure.palette.bg1, figure.palette.text3
    return tagged(lane.left + 7.0, lane.bottom - 3.6, ZERO_TAG, colour, ground, "start", 9.0)


def _tick(x: float, base: float, text: str, colour: str, anchor: str) -> str:
    return words(x, base, text, colour, size=TICK_SIZE, anchor=anchor)


def _axis_names(figure: Figure, layout: Layout) -> list[str]:
    box, whole, colour = layout.box, layout.whole, figure.palette.text2
    names = []
    if figure.x.visible and figure.x.label:
        base = whole.bottom + TICK_SIZE + 5.0 + LINE + 3.0
        middle = (box.left + box.right) / 2.0
        names.append(words(middle, base, figure.x.label, colour, size=LABEL_SIZE, anchor="middle"))
    if figure.y.visible and figure.y.label:
        middle = (box.top + whole.bottom) / 2.0
        style = {"size": LABEL_SIZE, "anchor": "middle", "turned": True}
        names.append(words(MARGIN + 8.0, middle, figure.y.label, colour, **style))  # type: ignore[arg-type]
    return names


def _words(figure: Figure, layout: Layout) -> list[str]:
    palette, room = figure.palette, figure.size[0] - 2 * MARGIN
    title = shortened(figure.title, TITLE_SIZE, room, strong=True)
    parts = [words(MARGIN, TITLE_BASE, title, palette.text, size=TITLE_SIZE, weight=600)]
    if figure.subtitle:
        subtitle = shortened(figure.subtitle, SUBTITLE_SIZE, room)
        parts.append(words(MARGIN, TITLE_BASE + 18.0, subtitle, palette.text2, size=SUBTITLE_SIZE))
    for row, text in enumerate(layout.caption):
        base = layout.caption_base + row * LINE
        parts.append(words(MARGIN, base, text, palette.text2, size=CAPTION_SIZE))
    left, base = layout.box.right + 24.0, layout.box.top + NOTE_SIZE
    for row, note in enumerate(figure.notes):
        size, weight = (NOTE_SIZE, 600) if row == 0 else (CAPTION_SIZE, 400)
        colour = palette.text if row == 0 else palette.text2
        parts.append(words(left, base, note, colour, size=size, weight=weight))
        base += LINE + 6.0 if row == 0 else LINE
    return parts


def _legend(figure: Figure, layout: Layout) -> list[str]:
    parts: list[str] = []
    for entry, (x, base) in zip(figure.legend, layout.legend, strict=True):
        parts += _sample(entry, x, base - 4.0, figure)
        shift = SAMPLE if entry.shape in ("line", "band") else 8.0
        colour = figure.palette.text2
        parts.append(words(x + shift + 6.0, base, entry.label, colour, size=LABEL_SIZE))
    return parts


def _sample(entry: LegendEntry, x: float, y: float, figure: Figure) -> list[str]:
    colour = entry.colour
    match entry.shape:
        case "line":
            return [line((x, y, x + SAMPLE, y), colour, 1.8, dash=entry.dash)]
        case "band":
            return [rectangle(Box(x, y - 4.0, x + SAMPLE, y + 4.0), colour, fill_opacity=0.3)]
        case "ring":
            style = {"fill": figure.palette.bg1, **stroked(colour, 1.3)}
            return [marker("circle", x + 4.0, y, 6.6, style)]
        case "hatched":
            block = Box(x, y - 4.5, x + 9.0, y + 4.5)
            return [rectangle(block, colour), *hatching(block, figure.palette.bg1)]
        case shape:
            return [marker(shape, x + 4.0, y, 7.4, {"fill": colour})]
