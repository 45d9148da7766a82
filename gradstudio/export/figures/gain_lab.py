"""The gain lab: the length map of one layer over the factor of its gradient, and its gains."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Literal

import numpy as np

from gradstudio.export.figure import (
    Axis,
    Column,
    Curve,
    Figure,
    Floats,
    Item,
    LegendEntry,
    Points,
    Text,
)
from gradstudio.export.figures.common import Range, plain_figure, scheme
from gradstudio.export.gain_map import GainMap, gain_map
from gradstudio.export.gain_words import (
    GainRow,
    fixed_words,
    gain_rows,
    map_sentence,
    plain_figures,
    scope_words,
    times,
)
from gradstudio.export.ticks import decade_ticks
from gradstudio.palette import Palette, depth_colours
from gradstudio.training.gain import LayerGain

TITLE: Final = "Gain lab"
WIDE: Final = (900, 520)
BELOW: Final = (0.0, 0.29)
ABOVE: Final = (0.37, 1.0)
"""Shares of the height of chi and of the map."""
DIAGONAL_DASH: Final = (2.0, 3.0)
BEFORE_DASH: Final = (5.0, 3.0)

Place = Callable[[Floats], Floats]


def gain_lab_figure(
    layer: LayerGain | None,
    index: int = 0,
    *,
    sigma_w: float | None = None,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw the length map of a layer, chi below it, and its gains beside them.

    Parameters
    ----------
    layer
        The layer; None before there is a design.
    index
        Its index, which decides its colour.
    sigma_w
        Another sigma_w to draw it at; its own one is then dashed.
    palette_name, caption
        As in :func:`gradient_figure`.
    """
    palette = scheme(palette_name)
    if layer is None:
        return plain_figure(TITLE, "", palette, "No layer to look at yet.")
    if layer.unfit:
        return plain_figure(TITLE, f"{layer.name}, {layer.phi.label}", palette, layer.unfit)
    own = gain_map(layer)
    shown = own if sigma_w is None else gain_map(layer, sigma_w)
    low, high = span_of(own, shown)
    chi_low, chi_high = chi_span_of(own, shown, low, high)
    to_map, to_chi = _placed(low, high, ABOVE), _placed(chi_low, chi_high, BELOW)
    colour = depth_colours(layer.layers + 1, palette.name)[min(index, layer.layers)]
    items: list[Item] = [
        Curve(
            np.array([low, high]),
            to_map(np.array([low, high])),
            palette.text3,
            "q′ = q",
            DIAGONAL_DASH,
        ),
        Curve(np.array([low, high]), to_chi(np.zeros(2)), palette.text3, "χ = 1", DIAGONAL_DASH),
    ]
    for one in (own,) if shown is own else (own, shown):
        is_old = one is not shown
        style = (palette.text2, BEFORE_DASH, 1.0) if is_old else (colour, (), 2.0)
        name = "as it is" if is_old else "next q"
        items += [
            _curve(one, one.q_next, (low, high), to_map, name, style),
            _curve(one, one.chi, (chi_low, chi_high), to_chi, f"χ {name}", style, (low, high)),
        ]
    items += _way(shown, (low, high), to_map, palette)
    items += _fixed(shown, (low, high), to_map, to_chi, colour, palette)
    ticks = [
        *((float(to_map(np.array(at))), text) for at, text in decade_ticks(low, high, 6)),
        *((float(to_chi(np.array(at))), text) for at, text in decade_ticks(chi_low, chi_high, 4)),
    ]
    return Figure(
        title=TITLE,
        subtitle=scope_words(layer) if shown is own else f"{scope_words(layer)} · tried here",
        x=Axis("q, variance of z", low, high, True, decade_ticks(low, high)),
        y=Axis("below: χ · above: q of the next layer", 0.0, 1.0, ticks=tuple(ticks)),
        items=tuple(items),
        legend=_legend(colour, palette, has_old=shown is not own),
        caption=map_sentence(layer, shown) if caption is None else caption,
        table=_table(shown, gain_rows(layer.phi, layer.sigma_b)),
        size=WIDE,
        palette=palette,
        equal=True,
        notes=_notes(layer, shown),
    )


def span_of(own: GainMap, shown: GainMap) -> Range:
    """Return the decades of q that show both maps."""
    return min(own.span[0], shown.span[0]), max(own.span[1], shown.span[1])


def chi_span_of(own: GainMap, shown: GainMap, low: float, high: float) -> Range:
    """Return the range of log10 chi of both maps between two positions of q."""
    spans = [one.chi_span(low, high) for one in (own, shown)]
    return min(a for a, _ in spans), max(b for _, b in spans)


def _placed(low: float, high: float, share: tuple[float, float]) -> Place:
    """Return how a position between two ends is put into a share of the height."""
    scale = (share[1] - share[0]) / (high - low)
    return lambda y: share[0] + (y - low) * scale


def _curve(
    one: GainMap,
    y: Floats,
    ends: Range,
    place: Place,
    name: str,
    style: tuple[str, tuple[float, ...], float],
    x_ends: Range | None = None,
) -> Curve:
    """Draw a curve inside its share of the box; the rest of it is a gap."""
    colour, dash, width = style
    low, high = x_ends or ends
    x = np.linspace(low, high, 145)
    inside = np.interp(x, one.x, y)
    inside = np.where((inside >= ends[0]) & (inside <= ends[1]), inside, np.nan)
    return Curve(x, place(inside), colour, name, dash, width)


def _way(shown: GainMap, ends: Range, place: Place, palette: Palette) -> list[Item]:
    """Draw the stairs from the data to the fixed point."""
    corners = shown.stairs
    items: list[Item] = []
    if len(corners):
        beyond = np.flatnonzero(((corners < ends[0]) | (corners > ends[1])).any(axis=1))
        last = int(beyond[0]) + 1 if len(beyond) else len(corners)
        inside = np.clip(corners[:last], *ends)
        items.append(Curve(inside[:, 0], place(inside[:, 1]), palette.text2, "layer by layer"))
    start = math.log10(shown.start)
    if ends[0] <= start <= ends[1]:
        at, y = np.array([start]), place(np.array([start]))
        items.append(Points(at, y, palette.text2, label="the data", filled=False))
    return items


def _fixed(
    shown: GainMap, ends: Range, to_map: Place, to_chi: Place, colour: str, palette: Palette
) -> list[Item]:
    """Mark the fixed point in both parts, or say where it is."""
    fixed = shown.fixed_point
    if fixed is None or not ends[0] <= fixed[0] <= ends[1]:
        x = ends[0] + 0.03 * (ends[1] - ends[0])
        return [Text(x, ABOVE[1] - 0.05, fixed_words(shown), palette.text, strong=True)]
    at = np.array([fixed[0]])
    chi = to_chi(np.array([shown.chi_at(fixed[0])]))
    right = fixed[0] > 0.5 * (ends[0] + ends[1])
    x = fixed[0] + (-0.02 if right else 0.02) * (ends[1] - ends[0])
    anchor: Literal["start", "end"] = "end" if right else "start"
    y = float(to_map(at)[0]) + (0.03 if right else -0.04)
    chi_y = float(chi[0]) + (0.025 if shown.goal.chi >= 1 else -0.045)
    words = f"χ = {plain_figures(shown.goal.chi)}"
    return [
        Points(at, to_map(at), colour, label="fixed point"),
        Points(at, chi, colour, label="χ there"),
        Text(x, y, fixed_words(shown), palette.text, anchor, strong=True),
        Text(x, chi_y, words, palette.text, anchor),
    ]


def _legend(colour: str, palette: Palette, *, has_old: bool) -> tuple[LegendEntry, ...]:
    entries = [
        LegendEntry("next q, χ", colour),
        LegendEntry("q′ = q, χ = 1", palette.text3, DIAGONAL_DASH),
        LegendEntry("from the data on", palette.text2),
    ]
    if has_old:
        entries.append(LegendEntry("as it is", palette.text2, BEFORE_DASH))
    return tuple(entries)


def _notes(layer: LayerGain, shown: GainMap) -> tuple[str, ...]:
    """Write the factor large, and the gains under it."""
    rows = gain_rows(layer.phi, layer.sigma_b)
    lines = [f"{row.name}: {_gain_words(row)}" for row in rows]
    return (
        f"{times(shown.goal.gradient)} per layer",
        f"gradient, σ_w {plain_figures(shown.sigma_w)}",
        "",
        "Gains, and the factor per layer",
        "of the gradient with each:",
        *lines,
    )


def _gain_words(row: GainRow) -> str:
    return row.number if row.gain is None else f"{row.number}, {row.factor_text}"


def _table(shown: GainMap, rows: tuple[GainRow, ...]) -> dict[str, Column]:
    """Curves, and after them in columns of their own the gains."""
    nan = math.nan
    return {
        "q [1]": 10.0**shown.x,
        "q of the next layer [1]": 10.0**shown.q_next,
        "chi [1]": 10.0**shown.chi,
        "gain of": np.array([row.name for row in rows]),
        "gain [1]": np.array([nan if row.gain is None else row.gain for row in rows]),
        "gradient per layer [1]": np.array([row.factor for row in rows]),
    }
