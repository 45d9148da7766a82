"""The chain rule: the decades that each layer takes of the signal, and what takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from gradstudio.export.chain import PARTS, ChainBars, chain_bars, chain_sentence
from gradstudio.export.figure import (
    Axis,
    Blocks,
    Column,
    Figure,
    Floats,
    Item,
    LegendEntry,
    Segments,
    Text,
)
from gradstudio.export.figures.common import SIZE, Range, plain_figure, scheme
from gradstudio.export.ticks import linear_ticks, number_ticks, padded
from gradstudio.numbers import count, signed
from gradstudio.palette import Palette
from gradstudio.setup.models import Setup
from gradstudio.training.reading import Reading

TITLE: Final = "Chain rule"
REST: Final = "shortcuts, normalisation, dropout"
BAR: Final = 0.8
"""Width of a bar, as a share of the distance between two."""
COLUMNS: Final = (
    "layer",
    *(f"{name} factor [1]" for name in PARTS),
    *(f"{name} [decades]" for name in PARTS),
    "sum [decades]",
    "running sum [decades]",
)
FEWER: Final = 24
"""Layers up to which each bar has its running sum written under it."""


def chain_figure(
    reading: Reading | None,
    setup: Setup,
    *,
    y_range: Range | None = None,
    selected: int | None = None,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw the decades lost per hidden layer, parted into weights, slopes and the rest.

    The bars add up to the measured log10 of rms(delta) of layer 1 over that of the output layer.

    Parameters
    ----------
    reading
        What the probe ``chain`` measured; None before.
    setup
        The design it was measured on.
    y_range
        Ends of the value axis; None fits the bars.
    selected, palette_name, caption
        As in :func:`gradient_figure`.
    """
    palette = scheme(palette_name)
    if reading is None:
        empty = plain_figure(TITLE, setup.name, palette, "Nothing measured yet.")
        return replace(empty, table=dict.fromkeys(COLUMNS, np.empty(0)))
    bars = chain_bars(reading.values["chain"], setup.network)
    low, high = y_range or bar_range(bars)
    items: list[Item] = []
    if selected is not None and 0 <= selected < bars.layers:
        edges = np.array([[selected + 0.5, selected + 1.5]])
        ends = np.array([[low, high]])
        items.append(Blocks(edges, ends, palette.accent_soft, label="selected layer"))
    items += _bars(bars, palette, low)
    items += _bounds(bars, palette)
    items += _running(bars, palette, low, high)
    texts, whole = bars.balance()
    sum_words = f" · {' '.join(texts)} = {whole}" if texts else ""
    return Figure(
        title=TITLE,
        subtitle=f"decades of each layer, step {count(reading.step)}{sum_words}",
        x=Axis("layer", 0.5, bars.layers + 0.5, ticks=number_ticks(bars.layers, 14)),
        y=Axis("decades", low, high, ticks=linear_ticks(low, high)),
        items=tuple(items),
        legend=_legend(bars, palette),
        caption=chain_sentence(bars) if caption is None else caption,
        table=_table(bars),
        size=SIZE,
        palette=palette,
    )


def bar_range(bars: ChainBars) -> Range:
    """Return ends of an axis that shows all bars."""
    return padded(*bar_ends(bars), log=False)


def bar_ends(bars: ChainBars) -> Range:
    """Return how far bars reach, with room for a line of words under them."""
    spans = bars.spans()
    known = spans[np.isfinite(spans)]
    low, high = float(known.min(initial=0.0)), float(known.max(initial=0.0))
    if high - low < 0.1:
        low, high = low - 0.1, high + 0.05
    room = 0.25 if "zero" in bars.states else 0.1
    return low - room * (high - low), high


def colours(palette: Palette) -> tuple[str, str, str]:
    """Return the colours of weights, slopes and the rest."""
    return palette.weights_factor, palette.slope_factor, palette.text3


def _bars(bars: ChainBars, palette: Palette, low: float) -> list[Item]:
    x = _edges(np.arange(bars.layers))
    spans = bars.spans()
    items: list[Item] = []
    for part, (name, colour) in enumerate(zip(PARTS, colours(palette), strict=True)):
        if part < 2 or bars.has_rest:
            hatched = name == "slopes"
            items.append(Blocks(x, spans[:, part], colour, hatched, label=name))
    zero = [i for i, state in enumerate(bars.states) if state == "zero"]
    if zero:
        depths = np.column_stack([np.minimum(np.nanmin(spans[zero], (1, 2), initial=0.0), 0.0)])
        ends = np.hstack([depths, np.full_like(depths, low)])
        items.append(Blocks(x[zero], ends, palette.line, hatched=True, label="exactly 0"))
    words = {"zero": "0", "nothing": "–", "not finite": "×"}
    for i, state in enumerate(bars.states):
        if state != "counted":
            colour = palette.text3 if state == "nothing" else palette.critical
            place = (0.93 if state == "zero" else 0.06) * low
            items.append(Text(i + 1.0, place, words[state], colour, "middle"))
    return items


def _bounds(bars: ChainBars, palette: Palette) -> list[Item]:
    marks = bars.bound_marks()
    here = np.flatnonzero(np.isfinite(marks))
    if not len(here):
        return []
    x, y = _edges(here), marks[here]
    ends = np.column_stack([x[:, 0], y, x[:, 1], y])
    n = len(here)
    return [Segments(ends, (palette.text,) * n, np.ones(n), 1.4, "largest slope")]


def _running(bars: ChainBars, palette: Palette, low: float, high: float) -> list[Item]:
    """Write the sum of the bars from the output down, under as many bars as have room."""
    place = low + 0.035 * (high - low)
    return [
        Text(i + 1.0, place, text, palette.text3, "middle", 9.0)
        for i, text in running_words(bars, FEWER)
    ]


def running_words(bars: ChainBars, most: int) -> Sequence[tuple[int, str]]:
    """Return the layer index and the text of up to about ``most`` running sums."""
    stride = max(-(-bars.layers // max(most, 1)), 1)
    shown = range(0, bars.layers, stride)
    known = [i for i in shown if np.isfinite(bars.running[i])]
    return [(i, signed(float(bars.running[i]), 1).removeprefix("+")) for i in known]


def _edges(layers: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Floats:
    middle = layers.astype(np.float64) + 1.0
    return np.column_stack([middle - BAR / 2, middle + BAR / 2])


def _legend(bars: ChainBars, palette: Palette) -> tuple[LegendEntry, ...]:
    weights, slopes, rest = colours(palette)
    entries = [
        LegendEntry("weights Wᵀδ", weights, shape="square"),
        LegendEntry(bars.slope, slopes, shape="hatched"),
    ]
    if bars.has_rest:
        entries.append(LegendEntry(REST, rest, shape="square"))
    if np.isfinite(bars.bounds).any():
        entries.append(LegendEntry("sigmoid′ takes at least 0.60", palette.text))
    return tuple(entries)


def _table(bars: ChainBars) -> dict[str, Column]:
    layers = np.arange(1, bars.layers + 1)
    columns = (layers, *bars.factors.T, *bars.decades.T, bars.sums, bars.running)
    return dict(zip(COLUMNS, columns, strict=True))
