"""The network as a picture: how far the gradient reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradstudio.export.arcs import Extras, arc, extras_of
from gradstudio.export.diagram_words import network_sentence, units_words
from gradstudio.export.edges import (
    DASH,
    DECADES,
    KINDS,
    MOST_UNITS,
    Edges,
    FullMoment,
    Shown,
    chosen_units,
    edge_numbers,
    look_of_edges,
    units_drawn,
)
from gradstudio.export.figure import (
    Axis,
    Column,
    Figure,
    Floats,
    Item,
    LegendEntry,
    Picture,
    Points,
    Segments,
    Text,
)
from gradstudio.export.figures.common import plain_figure, run_words, scheme
from gradstudio.export.layout import lay_out
from gradstudio.export.units import UnitAnswers
from gradstudio.numbers import count, figures
from gradstudio.palette import Palette, depth_colours
from gradstudio.training.recording import Recording

TITLE = "Backward signal"
SIZE = (760, 320)
SIZE_WITH_MAPS = (760, 480)
ARC = 0.3
"""Height of the longest shortcut above the units, as a share of theirs."""
MAP_SHARE = 0.8
"""Side of the map of a unit, as a share of the room it has."""


@dataclass(frozen=True, eq=False)
class DiagramView:
    """What of a network is shown.

    Attributes
    ----------
    shown
        What the lines are.
    most
        Units drawn of a layer, at most.
    answers
        What the units answer; None where they are plain dots.
    has_maps
        Whether units are maps of the plane; else they are dots, filled by their mean activation.
    """

    shown: Shown = "gradient"
    most: int = MOST_UNITS
    answers: UnitAnswers | None = None
    has_maps: bool = False


def diagram_figure(
    recording: Recording | None,
    moment: FullMoment | None,
    *,
    palette_name: str = "light",
    caption: str | None = None,
    view: DiagramView | None = None,
) -> Figure:
    """Draw units as dots and weights as lines that fade where their gradient fades.

    Where the lines are invisible, nothing is learned.

    Parameters
    ----------
    recording
        The run.
    moment
        Parameters and gradients of the moment drawn; None draws nothing but a sentence.
    view
        What is shown: the gradient and plain dots, if not given.
    """
    palette, view = scheme(palette_name), view or DiagramView()
    kind = KINDS[view.shown]
    if recording is None or moment is None:
        return plain_figure(TITLE, kind.symbol, palette, "No gradient measured yet.")
    drawn = units_drawn(moment.sizes, view.most)
    edges = look_of_edges(moment, drawn, view.shown)
    if edges is None:
        return plain_figure(TITLE, kind.symbol, palette, "The last update is not known.")
    extras = extras_of(recording.setup.network)
    half = max(max(drawn) / 2.0, 1.5)
    figure = Figure(
        title=TITLE,
        subtitle=_subtitle(edges, moment, drawn, recording),
        x=Axis("", -0.3, len(moment.sizes) - 0.7, visible=False),
        y=Axis("", -1.35 * half, (1.05 + ARC * (extras.longest > 0)) * half, visible=False),
        legend=_legend(edges, palette),
        caption=network_sentence(recording.labels, edges, extras) if caption is None else caption,
        table=_table(moment, drawn, recording.labels, view.shown),
        size=SIZE_WITH_MAPS if view.has_maps else SIZE,
        palette=palette,
    )
    heights = [_heights(number) for number in drawn]
    items = [
        *_all_edges(edges, heights, recording.labels, palette),
        *_all_units(view, heights, figure),
        *_arcs(extras, heights, half, palette),
        *_bars(extras, half, palette),
        *_names(moment.sizes, -1.25 * half, palette),
    ]
    return replace(figure, items=tuple(items))


def _subtitle(edges: Edges, moment: FullMoment, drawn: Sequence[int], recording: Recording) -> str:
    symbol = KINDS[edges.shown].symbol
    if edges.shown == "weight":
        text = f"opacity grows with |w|, the largest is {figures(edges.largest, 2)}"
    else:
        text = f"opacity is {symbol} on a log scale over {DECADES:g} decades"
    shown = units_words(moment.sizes, drawn)
    text += f", {shown} drawn" if shown else ""
    return f"{text} · step {count(moment.step)} · {run_words(recording)}"


def _legend(edges: Edges, palette: Palette) -> tuple[LegendEntry, ...]:
    if edges.negative is None:
        return ()
    return (
        LegendEntry("positive", palette.class_1),
        LegendEntry("negative", palette.class_0, DASH),
    )


def _all_edges(
    edges: Edges, heights: Sequence[Floats], labels: Sequence[str], palette: Palette
) -> list[Item]:
    """Lines of the layers in their colours, or of both signs in theirs."""
    colours = depth_colours(len(labels), palette.name)
    items: list[Item] = []
    for k, label in enumerate(labels, 1):
        name = "weights of out" if label == "out" else f"weights of layer {label}"
        ends, opacities = _ends(k, heights), 0.85 * edges.strengths[k - 1].ravel()
        seen = opacities > 0.02
        if edges.negative is None:
            items.append(_lines(ends, opacities, seen, colours[k - 1], name))
            continue
        is_negative = edges.negative[k - 1].ravel()
        items.append(_lines(ends, opacities, seen & ~is_negative, palette.class_1, name))
        negative = _lines(ends, opacities, seen & is_negative, palette.class_0, f"negative {name}")
        items.append(replace(negative, dash=DASH))
    return items


def _ends(k: int, heights: Sequence[Floats]) -> Floats:
    left, right = heights[k - 1], heights[k]
    ends = np.empty((len(left), len(right), 4))
    ends[..., 0], ends[..., 2] = k - 1, k
    ends[..., 1], ends[..., 3] = left[:, None], right[None, :]
    return ends.reshape(-1, 4)


def _lines(
    ends: Floats, opacities: Floats, seen: NDArray[np.bool_], colour: str, name: str
) -> Segments:
    return Segments(ends[seen], (colour,) * int(seen.sum()), opacities[seen], 0.9, name)


def _all_units(view: DiagramView, heights: Sequence[Floats], figure: Figure) -> list[Item]:
    """Dots in the colours of their layers, filled by what they answer, or maps of the plane."""
    palette, answers = figure.palette, view.answers
    colours = depth_colours(len(heights) - 1, palette.name)
    if answers is not None and answers.maps is not None and view.has_maps:
        return _maps(answers, heights, figure)
    items: list[Item] = []
    for k, height in enumerate(heights):
        dots = _units(k, height, colours, palette, len(heights))
        if k == 0 or answers is None:
            items.append(dots)
            continue
        fills = [_hex(rgba) for rgba in answers.colours_of_means(k, palette).tolist()]
        items += [replace(dots, size=dots.size + 2.0), replace(dots, colour=tuple(fills))]
    return items


def _maps(answers: UnitAnswers, heights: Sequence[Floats], figure: Figure) -> list[Item]:
    layout = lay_out(figure)
    wide, high = np.abs(np.diff(layout.xs([0.0, 1.0])))[0], np.abs(np.diff(layout.ys([0, 1])))[0]
    side = MAP_SHARE * min(float(wide) * 0.7, float(high))
    x, y = side / float(wide) / 2.0, side / float(high) / 2.0
    items: list[Item] = []
    for k in range(len(heights)):
        images = answers.colours_of_maps(k, figure.palette)
        items += [
            Picture(image, k - x, float(h) - y, k + x, float(h) + y, f"unit {i + 1} of column {k}")
            for i, (image, h) in enumerate(zip(images, heights[k], strict=True))
        ]
    return items


def _hex(rgba: Sequence[int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in rgba[:3])


def _heights(number: int) -> Floats:
    return np.arange(number, dtype=np.float64)[::-1] - (number - 1) / 2.0


def _units(
    k: int, heights: Floats, colours: Sequence[str], palette: Palette, columns: int
) -> Points:
    colour = palette.text3 if k == 0 else colours[k - 1]
    size = float(np.clip(220.0 / columns, 3.0, 10.0))
    x = np.full(len(heights), float(k))
    return Points(x, heights, colour, size=size, label="input" if k == 0 else "", filled=k > 0)


def _arcs(extras: Extras, heights: Sequence[Floats], half: float, palette: Palette) -> list[Item]:
    """Shortcuts as arcs over the units, the longer the higher."""
    if not extras.shortcuts:
        return []
    gap = 0.08 * half
    pieces = []
    for begin, end in extras.shortcuts:
        first, last = ((float(k), float(heights[k].max()) + gap) for k in (begin, end))
        share = 0.5 + 0.5 * (end - begin) / extras.longest
        curve = arc(first, last, (1.0 + ARC * share) * half)
        pieces.append(np.hstack([curve[:-1], curve[1:]]))
    lines = np.concatenate(pieces)
    return [Segments(lines, (palette.text2,) * len(lines), np.ones(len(lines)), 1.2, "shortcuts")]


def _bars(extras: Extras, half: float, palette: Palette) -> list[Item]:
    """Normalised layers as bars under their units."""
    if not extras.normalised:
        return []
    columns = np.array(extras.normalised, np.float64)
    y = np.full(len(columns), -1.09 * half)
    ends = np.stack([columns - 0.22, y, columns + 0.22, y], axis=1)
    colours = (palette.text2,) * len(ends)
    return [Segments(ends, colours, np.ones(len(ends)), 2.5, "normalised layers")]


def _names(sizes: Sequence[int], height: float, palette: Palette) -> list[Item]:
    last = len(sizes) - 1
    stride = next((s for s in (1, 2, 5, 10, 20, 50) if last / s <= 24), 100)
    named = [k for k in range(1, last) if k % stride == 0 and (last - k) > 0.6 * (stride - 1)]
    texts = {0: "x", last: "out"} | {k: str(k) for k in named}
    return [
        Text(float(k), height, text, palette.text2, "middle", 11.0) for k, text in texts.items()
    ]


def _table(
    moment: FullMoment, drawn: Sequence[int], labels: Sequence[str], shown: Shown
) -> dict[str, Column]:
    """List what is shown of each weight drawn with the units it joins, counted from 1."""
    layer, source, target, value = [], [], [], []
    for k, part in enumerate(edge_numbers(moment, drawn, shown) or ()):
        rows = chosen_units(moment.sizes[k], drawn[k]) + 1
        columns = chosen_units(moment.sizes[k + 1], drawn[k + 1]) + 1
        layer += [labels[k]] * part.size
        source.append(np.repeat(rows, len(columns)))
        target.append(np.tile(columns, len(rows)))
        value.append(part.ravel() if shown == "weight" else np.abs(part).ravel())
    return {
        "layer": np.array(layer),
        "from unit": np.concatenate(source),
        "to unit": np.concatenate(target),
        KINDS[shown].column: np.concatenate(value),
    }
