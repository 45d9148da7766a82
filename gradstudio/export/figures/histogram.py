"""The starting weights of one layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradstudio.export.figure import Axis, Bars, Column, Curve, Figure, Floats, Item, LegendEntry
from gradstudio.export.figures.common import SIZE, plain_figure, scheme
from gradstudio.export.ticks import linear_ticks
from gradstudio.export.weight_bins import density_of, weight_bins
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.numbers import count, figures
from gradstudio.palette import depth_colours
from gradstudio.setup.models import InitializerSetup

TITLE = "Initial weights"


def histogram_figure(
    weights: NDArray[np.floating] | None,
    layer: int,
    layer_count: int,
    initializer: InitializerSetup,
    *,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw the weights of one layer as drawn, under the density they were drawn from.

    Parameters
    ----------
    weights
        Shape (fan_in, fan_out); None before there are any.
    layer, layer_count
        Index of the layer, the output layer being the last, and number of layers.
    initializer
        What drew them.
    """
    palette = scheme(palette_name)
    name = "output layer" if layer == layer_count - 1 else f"layer {layer + 1}"
    label = INITIALIZERS[initializer.name].label
    if weights is None or not np.isfinite(weights).all():
        return plain_figure(TITLE, f"{name} · {label}", palette, "No finite weights to show.")
    values = np.asarray(weights, dtype=np.float64)
    edges, heights = weight_bins(values)
    x, density = density_of(initializer, values.shape, edges)
    colour = depth_colours(layer_count, palette.name)[min(layer, layer_count - 1)]
    items: list[Item] = [Bars(edges, heights, colour, 0.65, name)]
    legend = [LegendEntry("drawn", colour, shape="square")]
    top = float(heights.max())
    if density is not None:
        items.append(Curve(x, density, palette.text, "density", (5.0, 3.0), 1.4))
        legend.append(LegendEntry("density", palette.text, (5.0, 3.0)))
        top = max(top, float(density.max()))
    low, high = float(edges[0]), float(edges[-1])
    return Figure(
        title=TITLE,
        subtitle=f"{name}, {values.shape[0]} × {values.shape[1]} · {label}",
        x=Axis("weight", low, high, ticks=linear_ticks(low, high)),
        y=Axis("density", 0.0, 1.08 * top, ticks=linear_ticks(0.0, 1.08 * top, 5)),
        items=tuple(items),
        legend=tuple(legend),
        caption=_sentence(name, values) if caption is None else caption,
        table=_table(edges, heights, values.size),
        size=SIZE,
        palette=palette,
    )


def _sentence(name: str, weights: Floats) -> str:
    low, high = figures(float(weights.min())), figures(float(weights.max()))
    mean, deviation = figures(float(weights.mean())), figures(float(weights.std()))
    return (
        f"{name[0].upper()}{name[1:]}: {count(weights.size)} weights between {low} and {high}, "
        f"mean {mean}, standard deviation {deviation}."
    )


def _table(edges: Floats, heights: Floats, size: int) -> dict[str, Column]:
    counts = np.rint(heights * np.diff(edges) * size).astype(np.int64)
    return {
        "from [1]": edges[:-1],
        "to [1]": edges[1:],
        "weights [count]": counts,
        "density [1]": heights,
    }
