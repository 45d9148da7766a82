"""The starting weights of one layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradstudio.export.figure import (
    Axis,
    Bars,
    Column,
    Curve,
    Figure,
    Floats,
    Item,
    LegendEntry,
    Segments,
    Text,
)
from gradstudio.export.figures.common import SIZE, plain_figure, scheme
from gradstudio.export.ticks import linear_ticks
from gradstudio.export.weight_bins import WeightPicture, shares_of, weight_picture
from gradstudio.numbers import count, figures
from gradstudio.palette import depth_colours
from gradstudio.training.start import Part, initializer_of

TITLE = "Initial weights"


def histogram_figure(
    weights: NDArray[np.floating] | None,
    layer: int,
    layer_count: int,
    part: Part,
    *,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw the weights of one layer as drawn, under the density they were drawn from.

    Values that many weights have exactly stand apart as stems, as high as their share of all.

    Parameters
    ----------
    weights
        Shape (fan_in, fan_out); None before there are any.
    layer, layer_count
        Index of the layer, the output layer being the last, and number of layers.
    part
        The layer they were drawn for.
    """
    palette = scheme(palette_name)
    name = "output layer" if layer == layer_count - 1 else f"layer {layer + 1}"
    label = initializer_of(part).label
    if weights is None or not np.isfinite(weights).all():
        return plain_figure(TITLE, f"{name} · {label}", palette, "No finite weights to show.")
    values = np.asarray(weights, dtype=np.float64)
    picture = weight_picture(values, part)
    colour = depth_colours(layer_count, palette.name)[min(layer, layer_count - 1)]
    items: list[Item] = [Bars(picture.edges, picture.heights, colour, 0.65, name)]
    legend = [LegendEntry("drawn", colour, shape="square")]
    if picture.density is not None:
        items.append(Curve(picture.x, picture.density, palette.text, "density", (5.0, 3.0), 1.4))
        legend.append(LegendEntry("density", palette.text, (5.0, 3.0)))
    top = picture.top or 1.0
    items += _stems(picture, top, colour, palette.text)
    low, high = float(picture.edges[0]), float(picture.edges[-1])
    return Figure(
        title=TITLE,
        subtitle=f"{name}, {values.shape[0]} × {values.shape[1]} · {label}",
        x=Axis("weight", low, high, ticks=linear_ticks(low, high)),
        y=Axis(
            "density" if picture.top else "share of the weights",
            0.0,
            1.08 * top,
            ticks=linear_ticks(0.0, 1.08 * top, 5),
        ),
        items=tuple(items),
        legend=tuple(legend),
        caption=_sentence(name, values) if caption is None else caption,
        table=_table(picture, values.size),
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


def _stems(picture: WeightPicture, top: float, colour: str, text: str) -> list[Item]:
    if not picture.atoms:
        return []
    ends = np.array([(value, 0.0, value, share * top) for value, share in picture.atoms])
    n = len(ends)
    items: list[Item] = [Segments(ends, (colour,) * n, np.ones(n), 4.0, "equal weights")]
    low, high = float(picture.edges[0]), float(picture.edges[-1])
    for (value, share), (_, percent) in zip(picture.atoms, shares_of(picture.atoms), strict=True):
        words, gap = f"{percent} at {figures(value)}", 0.012 * (high - low)
        if value <= 0.5 * (low + high):
            items.append(Text(value + gap, share * top, words, text, "start"))
        else:
            items.append(Text(value - gap, share * top, words, text, "end"))
    return items


def _table(picture: WeightPicture, size: int) -> dict[str, Column]:
    """Bins, and after them one row per value that many weights have, which has no density."""
    values = np.array([value for value, _ in picture.atoms])
    counts = picture.heights * np.diff(picture.edges) * size
    equal = np.array([share * size for _, share in picture.atoms])
    return {
        "from [1]": np.concatenate([picture.edges[:-1], values]),
        "to [1]": np.concatenate([picture.edges[1:], values]),
        "weights [count]": np.rint(np.concatenate([counts, equal])).astype(np.int64),
        "density [1]": np.concatenate([picture.heights, np.full(len(values), np.nan)]),
    }
