"""The gradient seismograph: layer by step, coloured by the size of the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from gradstudio.export.cells import CellReader, Cells
from gradstudio.export.clip import Box, clip_segments
from gradstudio.export.figure import (
    Axis,
    Column,
    EndLabel,
    Figure,
    Item,
    LegendEntry,
    Mark,
    Picture,
    Points,
    Segments,
)
from gradstudio.export.figures.common import (
    SIZE,
    Range,
    divergence_marks,
    layer_id,
    plain_figure,
    run_words,
    scheme,
    step_axis,
    window,
)
from gradstudio.export.figures.quantities import QUANTITIES
from gradstudio.export.figures.sentences import deviation_sentence, seismograph_sentence
from gradstudio.export.labels import labelled_layers
from gradstudio.export.series import read_window
from gradstudio.export.shades import (
    PARTS,
    SHADE_COUNT,
    columns_in_pixels,
    ends_of_map,
    shade_colours,
    shades,
)
from gradstudio.export.tables import COLUMN_NAMES, LazyTable, unit_of
from gradstudio.export.ticks import power_of_ten
from gradstudio.numbers import signed
from gradstudio.palette import Palette, depth_colours
from gradstudio.training.history import SeriesView
from gradstudio.training.recording import Recording

TITLE: Final = "Gradient seismograph"
DEVIATION: Final = "deviation"
"""Shown beside the quantities: RMS delta over what theory expects of the starting network."""
COLUMNS: Final = 600
"""Columns read: each is at least a pixel wide in the picture."""
SHARP: Final = (1920, 960)
"""Pixels of the picture at least: viewers that smooth it then leave its cells sharp."""
ROOMY_LAYERS: Final = 50
"""Up to so many layers a row is high enough to say that some of its values are zero."""
LEGEND_ENTRIES: Final = 5
MARK_HEIGHT: Final = 0.023
"""Share of the height of the plot box at which marks stand."""
HATCHES: Final = 150


def seismograph_figure(
    recording: Recording,
    quantity: str = "delta_rms",
    *,
    first: int = 0,
    last: int | None = None,
    x_log: bool = False,
    ends: Range | None = None,
    selected: int | None = None,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw a row per layer, layer 1 on top, whose colour is the size of its gradient by step.

    A wave of colour that moves up the rows is a network that repairs itself; rows that stay at the
    small end of the map get no gradient. A single step that stands out is seen at any length of
    the run.

    Parameters
    ----------
    recording
        The run.
    quantity
        ``delta_rms``, ``weight_grad_norm``, ``update_ratio`` or ``deviation``.
    first, last
        Window in steps, both ends included; ``last`` None is the newest.
    x_log
        Whether the step axis is logarithmic.
    ends
        log10 at the two ends of the colour map; None fits the data.
    selected
        Index of a layer to outline.
    palette_name
        ``light`` or ``dark``.
    caption
        The sentence under the picture; None has it written here.
    """
    palette, expected = scheme(palette_name), None
    if quantity == DEVIATION:
        expected = recording.expectation.delta_ratio
        if expected is None:
            reason = recording.expectation.reason
            return plain_figure(TITLE, run_words(recording), palette, reason)
    if recording.step_count == 0:
        sentence = "No step done yet: a row per layer appears with the first."
        return plain_figure(TITLE, run_words(recording), palette, sentence)
    first, last = window(recording, first, last)
    views = read_window(recording.history, series_of(quantity), first, last, COLUMNS, log=x_log)
    cells = cells_of(CellReader(), recording, quantity, views)
    low, high = ends or ends_of_map(
        *(cells.extent or (-1.0, 0.0)), None, symmetric=expected is not None
    )
    x, y = step_axis(first, last, log=x_log), _layer_axis(recording)
    items = _picture(cells, (low, high), x, quantity, palette)
    items += _newest(recording, cells, selected, palette)
    items += _outline(cells, x, selected, palette)
    items += _marks(recording, palette, log=x_log)
    if caption is None:
        caption = sentence_of(recording, quantity)
    return Figure(
        title=TITLE,
        subtitle=f"{_subtitle(quantity)} · {run_words(recording)}",
        x=x,
        y=y,
        items=tuple(items),
        legend=_legend(cells, low, high, quantity, palette),
        caption=caption,
        table=LazyTable(lambda: cell_table(recording, cells, quantity)),
        size=SIZE,
        palette=palette,
    )


def cells_of(
    reader: CellReader, recording: Recording, quantity: str, views: Sequence[SeriesView]
) -> Cells:
    """Make the cells of a quantity of what was read of its series."""
    is_deviation = quantity == DEVIATION
    return reader.read(
        views,
        recording.step_count,
        undefined_is_zero=quantity == "update_ratio",
        expected=recording.expectation.delta_ratio if is_deviation else None,
    )


def series_of(quantity: str) -> str:
    """Name of the series in the history that a quantity is made of."""
    return "delta_rms" if quantity == DEVIATION else quantity


def sentence_of(recording: Recording, quantity: str) -> str:
    """Say what the picture of a quantity says."""
    if quantity == DEVIATION:
        return deviation_sentence(recording)
    return seismograph_sentence(recording, quantity)


def cell_table(recording: Recording, cells: Cells, quantity: str) -> dict[str, Column]:
    """Return the numbers behind every cell: what it shows, and minimum, mean, maximum of its bin.

    What a cell shows is 0 where its bin holds an exact zero and no positive value, and NaN where
    it holds nothing finite.
    """
    table: dict[str, Column] = {"first step": cells.first, "last step": cells.last}
    name = series_of(quantity)
    stem, unit = COLUMN_NAMES[name], unit_of(recording, name)
    seen = np.where(np.isnan(cells.places) & cells.zero & ~cells.bad, -np.inf, cells.places)
    for i, label in enumerate(recording.labels):
        layer = layer_id(label)
        if quantity == DEVIATION:
            table[f"{layer} measured over expected [log10]"] = seen[:, i]
        else:
            table[f"{layer} {stem} shown [{unit}]"] = 10.0 ** seen[:, i]
        for part, values in (("min", cells.low), ("mean", cells.mean), ("max", cells.high)):
            table[f"{layer} {stem} {part} [{unit}]"] = values[:, i]
        table[f"{layer} {stem} not finite [count]"] = cells.nonfinite[:, i]
    return table


def _layer_axis(recording: Recording) -> Axis:
    """Layers downwards, so that layer 1 is on top."""
    count = recording.layer_count
    named = labelled_layers(count)
    ticks = tuple((i + 1.0, recording.labels[i]) for i in sorted(named))
    return Axis("layer", count + 0.5, 0.5, ticks=ticks)


def _picture(cells: Cells, ends: Range, x: Axis, quantity: str, palette: Palette) -> list[Item]:
    """Build the picture, cut at the axis, on hatched ground that shows where cells are zero."""
    count, (wide, high) = cells.places.shape[1], SHARP
    taken = columns_in_pixels(cells, x.low, x.high, wide, log=x.log10)
    covered = np.flatnonzero((taken >= 0).any(axis=1))
    if not len(covered):
        return []
    start, stop = int(covered[0]), int(covered[-1]) + 1
    parts = PARTS if count <= ROOMY_LAYERS else 1
    numbers = shades(cells, *ends, taken[start:stop], parts)
    rgba = shade_colours(palette, diverging=quantity == DEVIATION)[numbers]
    rgba = np.repeat(rgba, max(-(-high // len(rgba)), 1), axis=0)
    per_pixel = (x.high - x.low) / wide
    left, right = x.low + start * per_pixel, x.low + stop * per_pixel
    items: list[Item] = []
    if cells.zero.any():
        items.append(_hatching(left, right, count, x, palette))
    items.append(Picture(rgba, left, count + 0.5, right, 0.5, label="cells"))
    return items


def _hatching(left: float, right: float, count: int, x: Axis, palette: Palette) -> Segments:
    """Slanted lines over all cells; only those that are zero let them through."""
    lean = (x.high - x.low) * 0.45
    starts = np.linspace(left - lean, right, HATCHES)
    ends = np.stack(
        [starts, np.full(HATCHES, count + 0.5), starts + lean, np.full(HATCHES, 0.5)], axis=1
    )
    cut, seen, _ = clip_segments(ends, Box(left, 0.5, right, count + 0.5))
    shown = cut[seen]
    return Segments(shown, (palette.text3,) * len(shown), np.full(len(shown), 0.8), label="zeros")


def _newest(
    recording: Recording, cells: Cells, selected: int | None, palette: Palette
) -> list[Item]:
    """Write the newest log10 of the layers that have room beside their rows."""
    colours = depth_colours(recording.layer_count, palette.name)
    order = labelled_layers(recording.layer_count, selected)
    return [
        EndLabel(i + 1.0, place_text(cells, i), colours[i], i == selected, len(order) - rank)
        for rank, i in enumerate(order)
    ]


def place_text(cells: Cells, layer: int) -> str:
    """Write the newest place of a layer: −11.4, or 0, or that it is not finite."""
    if cells.bad[-1, layer] and not np.isfinite(cells.newest[-1, layer]):
        return "not finite"
    place = float(cells.places[-1, layer])
    return "0" if np.isnan(place) else signed(place, 1).lstrip("+")


def _outline(cells: Cells, x: Axis, selected: int | None, palette: Palette) -> list[Item]:
    if selected is None or not 0 <= selected < cells.places.shape[1]:
        return []
    begin, end = cells.edges(log=x.log10)
    inset = (x.high - x.low) * 1e-3  # a line on the edge of the plot box would be cut off
    left, right = max(float(begin[0]), x.low + inset), min(end, x.high - inset)
    up, down = selected + 0.5, selected + 1.5
    sides = [(left, up, right, up), (left, down, right, down)]
    sides += [(left, up, left, down), (right, up, right, down)]
    ends = np.array(sides, dtype=np.float64)
    return [Segments(ends, (palette.accent,) * 4, np.ones(4), width=2.0, label="selected layer")]


def _marks(recording: Recording, palette: Palette, *, log: bool) -> list[Item]:
    """Mark where the run diverged, on ground of its own: cells there have the colour of a mark."""
    marks = divergence_marks(recording, log=log)
    height = np.array([0.5 + MARK_HEIGHT * recording.layer_count])
    places = [np.array([mark.x]) for mark in marks if isinstance(mark, Mark)]
    grounds: list[Item] = [
        Points(x, height, palette.bg1, shape="square", size=17.0, label="ground") for x in places
    ]
    return grounds + marks


def _subtitle(quantity: str) -> str:
    if quantity == DEVIATION:
        return "log₁₀ of RMS δ over what theory expects of the starting network"
    return f"log₁₀ of {QUANTITIES[quantity].axis}, layer × step"


def _legend(
    cells: Cells, low: float, high: float, quantity: str, palette: Palette
) -> tuple[LegendEntry, ...]:
    """Colours at some places of the map, small to large, and what is not on it."""
    table = shade_colours(palette, diverging=quantity == DEVIATION)
    entries = []
    between = np.linspace(low, high, LEGEND_ENTRIES).round().astype(int)
    for place in np.unique(between).tolist():
        share = (place - low) / (high - low)
        red, green, blue, _ = table[round(share * (SHADE_COUNT - 1))].tolist()
        entries.append(
            LegendEntry(power_of_ten(place), f"#{red:02x}{green:02x}{blue:02x}", shape="square")
        )
    if cells.zero.any():
        entries.append(LegendEntry("hatched: exactly 0", palette.text3, shape="band"))
    if cells.bad.any():
        entries.append(LegendEntry("not finite", palette.critical, shape="square"))
    return tuple(entries)
