"""What a reader finds under the pointer: the exact counts of a bin, and the layer it is of."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF

from gradstudio.export.distributions import POSITIONS, QUANTILES, Ridges
from gradstudio.export.figures.distribution_words import percent, subnormal_count, value_words
from gradstudio.nn.half_octaves import SIDE_EDGES
from gradstudio.nn.histograms import Histogram
from gradstudio.numbers import count, figures
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.marks import CrossHair
from gradstudio.ui.plots.one_layer import LayerCanvas
from gradstudio.ui.plots.quantities import layer_name
from gradstudio.ui.plots.ridges import RidgeCanvas
from gradstudio.ui.theme import current_theme

ROW: Final = 15.0
"""Height of a row of the box."""
BOX: Final = 30.0
"""Height of the box without rows, and its margins."""


def ridge_readout(
    canvas: RidgeCanvas, recording: Recording, ridges: Ridges, at: QPointF
) -> CrossHair:
    """Return the counts of the bin of the ridge under the pointer, and facts of its layer."""
    layer, frame = canvas.layer_at(at), canvas.frame()
    if layer is None:
        return CrossHair()
    counts, symbol = ridges.counts[layer], ridges.quantity.symbol
    index = canvas.bin_at(frame, at)
    low, high = SIDE_EDGES[index], SIDE_EDGES[index + 1]
    is_on_axis = frame.area.left() <= at.x() <= frame.area.right()
    rows = []
    if is_on_axis:
        rows.append((f"|{symbol}|", _between(float(low), float(high))))
        rows.append(("in this bin", _share(int(ridges.magnitudes[layer, index]), counts)))
    rows += _counter_rows(recording, ridges, counts)
    rows += _quantile_rows(counts.magnitudes)
    height = float(ridges.heights[layer, index]) * float(canvas.scales(frame)[layer])
    ground = frame.y_position(frame.y(layer + 1.0) - height)
    return CrossHair(
        x=float(POSITIONS[index]) if is_on_axis else frame.x_low,
        y=ground if is_on_axis else None,
        colour=current_theme().depth(recording.layer_count)[layer],
        title=f"{layer_name(recording.labels[layer])} · {count(int(counts.size))} numbers",
        rows=_fitting(rows, frame.area.height()),
    )


def bar_readout(
    canvas: LayerCanvas, recording: Recording, ridges: Ridges, layer: int, at: QPointF
) -> CrossHair:
    """Return the counts of the bar under the pointer, and the quantiles of the layer."""
    picture, frame = canvas.picture, canvas.frame()
    if picture is None or not frame.area.adjusted(0, -12, 0, 2).contains(at):
        return CrossHair()
    counts, symbol = ridges.counts[layer], ridges.quantity.symbol
    position = frame.x_position(at.x())
    rows, height = [], None
    for outline in picture.now:
        bar = outline.bar_at(position)
        if bar is not None:
            between = _between(float(outline.limits[bar]), float(outline.limits[bar + 1]))
            rows += [(symbol, between), ("in this bar", _share(int(outline.counts[bar]), counts))]
            height = float(outline.heights[bar])
    rows += _counter_rows(recording, ridges, counts)
    rows += _quantile_rows(counts)
    return CrossHair(
        x=position,
        y=height,
        colour=canvas.colour,
        title=f"{layer_name(recording.labels[layer])} · {count(int(counts.size))} numbers",
        rows=_fitting(rows, frame.area.height()),
    )


def _share(number: int, counts: Histogram) -> str:
    return f"{count(number)} · {percent(number / max(int(counts.size), 1))}"


def _counter_rows(recording: Recording, ridges: Ridges, counts: Histogram) -> list[tuple[str, str]]:
    """Exact zeros; and where there are any, subnormal numbers and those that are not finite."""
    tiny = subnormal_count(counts, ridges.quantity, recording.setup.training.precision)
    strange = int(counts.nan + counts.plus_infinity + counts.minus_infinity)
    named = (("subnormal", tiny or 0), ("not finite", strange))
    found = [(name, _share(number, counts)) for name, number in named if number]
    return [("exact zeros", _share(int(counts.zero), counts)), *found]


def _between(low: float, high: float) -> str:
    if low == 0.0 and 0.0 < high < 1e-30:
        return f"below {figures(high, 2)}"
    if high > 1e300:
        return f"from {figures(low, 2)}"
    return f"{value_words(low)} … {value_words(high)}"


def _quantile_rows(counts: Histogram) -> list[tuple[str, str]]:
    """Two rows of quantiles: the middle ones, then the outer ones."""
    one, low, middle, high, last = (value_words(q) for q in counts.quantile(QUANTILES).tolist())
    return [
        ("median", middle),
        ("25 to 75 %", f"{low} … {high}"),
        ("1 to 99 %", f"{one} … {last}"),
    ]


def _fitting(rows: list[tuple[str, str]], height: float) -> list[tuple[str, str]]:
    """As many rows as a box in a plot of a height has room for."""
    return rows[: max(int((height - BOX) / ROW), 1)]
