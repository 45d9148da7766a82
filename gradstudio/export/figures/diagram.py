"""The network as a picture: how far the gradient reaches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradstudio.export.arcs import Extras, arc, extras_of
from gradstudio.export.edges import (
    DECADES,
    Moment,
    chosen_units,
    edge_gradients,
    edge_strengths,
    units_drawn,
)
from gradstudio.export.figure import (
    Axis,
    Column,
    Figure,
    Floats,
    Item,
    Points,
    Segments,
    Text,
)
from gradstudio.export.figures.common import plain_figure, run_words, scheme
from gradstudio.numbers import count
from gradstudio.palette import Palette, depth_colours
from gradstudio.training.recording import Recording

TITLE = "Backward signal"
SIZE = (760, 320)
ARC = 0.3
"""Height of the longest shortcut above the units, as a share of theirs."""


def diagram_figure(
    recording: Recording | None,
    moment: Moment | None,
    *,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw units as dots and weights as lines that fade where their gradient fades.

    Where the lines are invisible, nothing is learned.

    Parameters
    ----------
    recording
        The run.
    moment
        Gradients of the moment drawn; None draws nothing but a sentence.
    """
    palette = scheme(palette_name)
    if recording is None or moment is None:
        return plain_figure(TITLE, "|∂L/∂w|", palette, "No gradient measured yet.")
    sizes = moment.sizes
    drawn = units_drawn(sizes)
    half = max(max(drawn) / 2.0, 1.5)
    strengths = edge_strengths(moment, drawn)
    colours = depth_colours(len(sizes) - 1, palette.name)
    heights = [_heights(number) for number in drawn]
    items: list[Item] = []
    for k in range(1, len(sizes)):
        items.append(_edges(k, heights, strengths[k - 1], colours[k - 1], recording.labels[k - 1]))
    for k, height in enumerate(heights):
        items.append(_units(k, height, colours, palette, len(sizes)))
    extras = extras_of(recording.setup.network)
    items += [*_arcs(extras, heights, half, palette), *_bars(extras, half, palette)]
    items += _names(sizes, -1.25 * half, palette)
    axis = Axis("", -0.3, len(sizes) - 0.7, visible=False)
    shown = f", at most {max(drawn[1:])} units drawn per layer" if sum(drawn) < sum(sizes) else ""
    return Figure(
        title=TITLE,
        subtitle=f"opacity is |∂L/∂w| on a log scale over {DECADES:g} decades{shown}"
        f" · {run_words(recording)}",
        x=axis,
        y=Axis("", -1.35 * half, (1.05 + ARC * (extras.longest > 0)) * half, visible=False),
        items=tuple(items),
        caption=_sentence(recording, strengths, extras) if caption is None else caption,
        table=_table(moment, drawn, recording.labels),
        size=SIZE,
        palette=palette,
    )


def _heights(number: int) -> Floats:
    return np.arange(number, dtype=np.float64)[::-1] - (number - 1) / 2.0


def _edges(
    k: int, heights: Sequence[Floats], strengths: Floats, colour: str, label: str
) -> Segments:
    left, right = heights[k - 1], heights[k]
    ends = np.empty((len(left), len(right), 4))
    ends[..., 0], ends[..., 2] = k - 1, k
    ends[..., 1], ends[..., 3] = left[:, None], right[None, :]
    opacity = 0.85 * strengths.ravel()
    seen = opacity > 0.02
    name = "weights of out" if label == "out" else f"weights of layer {label}"
    colours = (colour,) * int(seen.sum())
    return Segments(ends.reshape(-1, 4)[seen], colours, opacity[seen], 0.9, name)


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


def _sentence(recording: Recording, strengths: Sequence[Floats], extras: Extras) -> str:
    reach = _reach(recording, strengths)
    return f"{reach} The network has {extras.words}." if extras.words else reach


def _reach(recording: Recording, strengths: Sequence[Floats]) -> str:
    visible = [bool((part > 0.0).any()) for part in strengths]
    if not any(visible):
        return "The gradient is exactly 0 everywhere."
    if all(visible):
        return "The signal is visible from the output to layer 1."
    dark = max(i for i, seen in enumerate(visible) if not seen)
    if dark == len(visible) - 1:
        return "No signal is visible in the output layer."
    reached = recording.labels[dark + 1]
    reached = "the output layer only" if reached == "out" else f"the output to layer {reached}"
    below = "layer 1" if dark == 0 else f"layers 1 to {count(dark + 1)}"
    return (
        f"The signal is visible from {reached}; in {below} it is more than {DECADES:g} decades "
        "below the largest, or exactly 0."
    )


def _table(moment: Moment, drawn: Sequence[int], labels: Sequence[str]) -> dict[str, Column]:
    """List the gradient of each weight drawn with the units it joins, counted from 1."""
    layer, source, target, value = [], [], [], []
    for k, part in enumerate(edge_gradients(moment, drawn)):
        rows = chosen_units(moment.sizes[k], drawn[k]) + 1
        columns = chosen_units(moment.sizes[k + 1], drawn[k + 1]) + 1
        layer += [labels[k]] * part.size
        source.append(np.repeat(rows, len(columns)))
        target.append(np.tile(columns, len(rows)))
        value.append(part.ravel())
    return {
        "layer": np.array(layer),
        "from unit": np.concatenate(source),
        "to unit": np.concatenate(target),
        "|dL/dw|": np.concatenate(value),
    }
