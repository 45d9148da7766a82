"""The numbers of every layer over their sizes, or of one layer with their signs."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradstudio.export.distributions import POSITIONS, Ridges, full_heights
from gradstudio.export.figure import (
    Area,
    Axis,
    Column,
    Curve,
    EndLabel,
    Figure,
    Item,
    LegendEntry,
    Segments,
    Text,
)
from gradstudio.export.figures.common import SIZE, Range, layer_id, scheme
from gradstudio.export.figures.distribution_words import (
    distributions_sentence,
    idle_words,
    layer_sentence,
    percent,
    step_words,
    strange_words,
)
from gradstudio.export.labels import labelled_layers
from gradstudio.export.one_layer import LayerPicture
from gradstudio.export.signed_bars import Outline
from gradstudio.export.tables import LOSS_UNITS, LazyTable
from gradstudio.export.ticks import decade_ticks
from gradstudio.nn.half_octaves import LOWER, UPPER
from gradstudio.palette import Palette, depth_colours, interpolate
from gradstudio.training.recording import Recording

ZERO_LANE: Final = 0.07
"""Width of the lane of exact zeros, as a share of the axis."""
DASH: Final = (3.0, 2.0)
FEWEST_ROWS: Final = 1.3
"""Rows that the largest ridge covers at least; 14 layers and fewer."""


def distributions_figure(
    recording: Recording,
    now: Ridges,
    first: Ridges | None,
    *,
    x_range: Range,
    selected: int | None = None,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw a ridge per layer over log10 of the magnitude, layer 1 on top.

    Each ridge has its own scale, and step 0 that of its layer. The lane at the left end
    holds a bar per layer as long as the share of its numbers that is exactly 0.

    Parameters
    ----------
    recording
        The run.
    now, first
        What was counted at the step and, where it is another, at step 0.
    x_range
        Ends of the axis in log10 of the magnitude.
    selected
        Index of the layer brought out.
    """
    palette, rows, symbol = scheme(palette_name), now.layers, now.quantity.symbol
    low, high = x_range
    lane = ZERO_LANE * (high - low)
    room = low + 0.04 * (high - low)
    decades = [tick for tick in decade_ticks(low, high) if tick[0] >= room]
    ticks = ((low - 0.5 * lane, "0"), *decades)
    colours = depth_colours(recording.layer_count, palette.name)
    rise = 0.9 if rows == 1 else max(FEWEST_ROWS, min(rows / 12.0, 6.0))
    items = _zero_bars(now, (low - lane, low), colours, palette)
    items += _ridges(recording, now, first, rise, low, selected, palette)
    items += _labels(recording, now, colours, selected)
    return Figure(
        title=f"Distribution of |{symbol}| in each layer",
        subtitle=_subtitle(recording, now),
        x=Axis(f"|{symbol}| [{_unit(recording, now)}]", low - lane, high, log10=True, ticks=ticks),
        y=Axis("", 0.6, rows + max(rise, 1.0) + 0.1, visible=False),
        items=tuple(items),
        legend=_legend(palette, first is not None),
        caption=distributions_sentence(recording, now) if caption is None else caption,
        table=distributions_table(recording, now, first, range(rows)),
        size=(SIZE[0], max(SIZE[1], min(220 + 12 * rows, 900))),
        palette=palette,
    )


def layer_figure(
    recording: Recording,
    now: Ridges,
    first: Ridges | None,
    layer: int,
    picture: LayerPicture,
    *,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw the signed numbers of one layer, over the slope of its activation where it sees them.

    ``picture`` is what is on screen of the layer with index ``layer``; the rest is as in
    :func:`distributions_figure`.
    """
    palette, symbol = scheme(palette_name), now.quantity.symbol
    colour = depth_colours(recording.layer_count, palette.name)[layer]
    name = layer_id(recording.labels[layer])
    items: list[Item] = _slope_items(picture, palette)
    for outline in picture.now:
        items += _bars(outline, colour, name)
    items += [Curve(*one.steps(), colour, "step 0", DASH, 1.0, 0.7) for one in picture.first]
    items += _zero_stem(picture, colour, palette)
    legend = list(_legend(palette, first is not None, DASH))
    if picture.slope is not None:
        legend += [
            LegendEntry("φ", palette.text2),
            LegendEntry("φ′", palette.slope_factor, shape="band"),
        ]
    axis_name = f"{symbol} [{_unit(recording, now)}]"
    return Figure(
        title=f"Distribution of {symbol} in {'the output layer' if name == 'out' else name}",
        subtitle=_subtitle(recording, now),
        x=Axis(axis_name, picture.low, picture.high, ticks=picture.x_ticks(10)),
        y=Axis(picture.unit, 0.0, picture.top, ticks=picture.y_ticks(6)),
        items=tuple(items),
        legend=tuple(legend),
        caption=layer_sentence(recording, now, layer) if caption is None else caption,
        table=distributions_table(recording, now, first, range(layer, layer + 1)),
        size=SIZE,
        palette=palette,
    )


def distributions_table(
    recording: Recording, now: Ridges, first: Ridges | None, layers: range
) -> LazyTable:
    """Give the counts of every bin that holds numbers now or at step 0, one row each.

    The row of exact zeros goes from 0 to 0, those of infinities from and to infinity, those of NaN
    from and to NaN. Subnormal numbers are counted in bins, and once more in rows of their own.
    """

    def read() -> dict[str, Column]:
        parts = [_layer_rows(recording, now, first, i) for i in layers]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    return LazyTable(read)


def _layer_rows(
    recording: Recording, now: Ridges, first: Ridges | None, layer: int
) -> dict[str, Column]:
    counts = _all_counts(now, layer)
    before = np.zeros_like(counts) if first is None else _all_counts(first, layer)
    bins = len(LOWER)
    kept = np.flatnonzero((counts > 0) | (before > 0))
    strange = np.array([np.inf, -np.inf, np.nan, np.nan])
    kinds = np.array(["number"] * bins + ["infinite", "infinite", "NaN", "subnormal"])
    kinds[bins // 2] = "zero"
    size, unit = max(int(now.counts[layer].size), 1), _unit(recording, now)
    rows: dict[str, Column] = {
        "layer": np.full(len(kept), recording.labels[layer], dtype=object),
        "kind": kinds[kept],
        f"from [{unit}]": np.concatenate([LOWER, strange])[kept],
        f"to [{unit}]": np.concatenate([UPPER, strange])[kept],
        f"step {now.step} [count]": counts[kept],
        f"step {now.step} [share]": counts[kept] / size,
    }
    if first is not None:
        rows[f"step {first.step} [count]"] = before[kept]
    return rows


def _all_counts(ridges: Ridges, layer: int) -> Column:
    one = ridges.counts[layer]
    rest = [one.plus_infinity, one.minus_infinity, one.nan, one.subnormal]
    return np.concatenate([one.counts, np.array(rest, dtype=np.int64)])


def _unit(recording: Recording, ridges: Ridges) -> str:
    if ridges.quantity.is_backward:
        return LOSS_UNITS[recording.setup.training.loss]
    return "1"


def _subtitle(recording: Recording, now: Ridges) -> str:
    return f"{now.quantity.meaning} · {recording.setup.name} · {step_words(recording, now)}"


def _ridges(
    recording: Recording,
    now: Ridges,
    first: Ridges | None,
    rise: float,
    low: float,
    selected: int | None,
    palette: Palette,
) -> list[Item]:
    """Draw the ridges from the back to the front, each with step 0 behind it.

    The highest one covers ``rise`` rows; what lies left of ``low`` would be in the lane of zeros.
    """
    full, items = full_heights(now, first), list[Item]()
    start = int(np.searchsorted(POSITIONS, low))
    for i, colour in enumerate(depth_colours(recording.layer_count, palette.name)[: now.layers]):
        ground, name = float(now.layers - i), layer_id(recording.labels[i])
        for ridges in (first, now):
            if ridges is None or i >= ridges.layers:
                continue
            span = slice(max(ridges.spans[i].start, start), ridges.spans[i].stop)
            x, y = POSITIONS[span], ground + rise / full[i] * ridges.heights[i, span]
            if ridges is first:
                items.append(Curve(x, y, colour, f"{name} step 0", opacity=0.5, width=1.0))
                continue
            # covering, as on screen: what lies behind would shine through all layers before it
            fill = interpolate((palette.bg1, colour), 0.34)
            items.append(Area(x, np.full_like(y, ground), y, fill, 1.0, name))
            items.append(Curve(x, y, colour, name, width=2.0 if i == selected else 1.0))
    return items


def _zero_bars(now: Ridges, lane: Range, colours: tuple[str, ...], palette: Palette) -> list[Item]:
    """Draw the lane of exact zeros and in it a bar for each layer that has some."""
    low, high = lane
    rows = now.layers
    ends = np.array([low, high])
    items: list[Item] = [
        Area(ends, np.full(2, 0.6), np.full(2, rows + 1.0), palette.bg2, 1.0, "lane of zeros")
    ]
    layers = np.flatnonzero(now.zeros)
    if layers.size:
        y = rows - layers + 0.12
        right = low + (high - low) * now.zeros[layers]
        bars = np.stack([np.full(len(y), low), y, right, y], axis=1)
        thick = max(1.0, min(5.0, 180.0 / rows))
        named = tuple(colours[i] for i in layers.tolist())
        items.append(Segments(bars, named, np.ones(len(y)), thick, "exact zeros"))
    return items


def _labels(
    recording: Recording, now: Ridges, colours: tuple[str, ...], selected: int | None
) -> list[Item]:
    """Name each layer at the right edge, with what is wrong with it."""
    order = {index: k for k, index in enumerate(labelled_layers(now.layers, selected))}
    made: list[Item] = []
    for i in range(now.layers):
        wrong = strange_words(now.counts[i]) or idle_words(now.idleness, i)
        if i not in order and not wrong:
            continue
        text = " · ".join([recording.labels[i], *wrong])
        priority = 1000 - order.get(i, 500)
        made.append(EndLabel(now.layers - i + 0.15, text, colours[i], i == selected, priority))
    return made


def _legend(
    palette: Palette, has_first: bool, dash: tuple[float, ...] = ()
) -> tuple[LegendEntry, ...]:
    entry = LegendEntry("now", palette.text2, shape="band")
    return (entry, LegendEntry("step 0", palette.text3, dash)) if has_first else (entry,)


def _bars(outline: Outline, colour: str, name: str) -> list[Item]:
    x, y = outline.steps()
    return [
        Area(x, np.zeros_like(y), y, colour, 0.5, name),
        Curve(x, y, colour, f"{name} outline", width=1.0),
    ]


def _slope_items(picture: LayerPicture, palette: Palette) -> list[Item]:
    """Draw phi as a line and phi' as an area; where it is flat the ground is darker."""
    slope = picture.slope
    if slope is None:
        return []
    items: list[Item] = []
    for low, high in slope.flat_runs():
        x = np.array([low, high])
        items.append(Area(x, np.zeros(2), np.full(2, picture.top), palette.line, 0.45, "flat"))
        middle, height = 0.5 * (max(low, picture.low) + high), 0.96 * picture.top
        items.append(Text(middle, height, "flat", palette.text3, "middle", 9.0))
    value, height_of_slope = picture.curves()
    colour = palette.slope_factor
    items.append(Area(slope.z, np.zeros_like(slope.z), height_of_slope, colour, 0.22, "φ′"))
    items.append(Curve(slope.z, height_of_slope, colour, "φ′ line", width=1.2))
    items.append(Curve(slope.z, value, palette.text2, "φ", width=1.2))
    return items


def _zero_stem(picture: LayerPicture, colour: str, palette: Palette) -> list[Item]:
    """Exact zeros as a stem as high as their share of all numbers."""
    gap: list[Item] = []
    if picture.scale is not None:
        ends = np.array([-picture.scale.gap, picture.scale.gap])
        ground, top = np.zeros(2), np.full(2, picture.top)
        gap.append(Area(ends, ground, top, palette.bg2, 1.0, "lane of zeros"))
    if picture.zeros == 0.0:
        return gap
    height = picture.zeros * picture.top
    stem = Segments(np.array([[0.0, 0.0, 0.0, height]]), (colour,), np.ones(1), 5.0, "exact zeros")
    place = 0.012 * (picture.high - picture.low)
    words = f"{percent(picture.zeros)} zero"
    return [*gap, stem, Text(place, min(height, 0.9 * picture.top), words, palette.text2)]
