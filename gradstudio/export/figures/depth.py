"""The gradient by depth: one point per layer."""

from __future__ import annotations

from typing import Literal

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
    ZeroMarks,
)
from gradstudio.export.figures.common import SIZE, Range, run_words, scheme, value_axis
from gradstudio.export.figures.expected import (
    NOT_MEASURED,
    Expected,
    aside,
    expected_profile,
    headline,
    theory_items,
    theory_legend,
)
from gradstudio.export.figures.quantities import QUANTITIES
from gradstudio.export.figures.sentences import decades_per_layer, depth_sentence
from gradstudio.export.tables import COLUMN_NAMES, unit_of
from gradstudio.export.ticks import is_zero, layer_ticks, positions
from gradstudio.numbers import count
from gradstudio.palette import Palette, depth_colours
from gradstudio.training.evidence import WINDOW, log_mean
from gradstudio.training.recording import Recording


def depth_figure(
    recording: Recording,
    quantity: str = "delta_rms",
    *,
    step: int | None = None,
    y_log: bool = True,
    y_range: Range | None = None,
    selected: int | None = None,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw one quantity against depth: now, at step 0, and the signal by theory.

    A straight slope means the same factor in every layer; a kink names the layer that loses most.
    "Now" is the geometric mean of the last 20 steps, the numbers of the diagnosis. The theory is
    that of the starting weights: it stays while training moves away from it.

    Parameters
    ----------
    recording
        The run.
    quantity
        ``delta_rms``, ``weight_grad_norm`` or ``update_ratio``.
    step
        The step that "now" means; None is the newest.
    y_log, y_range, selected, palette_name, caption
        As in :func:`gradient_figure`.
    """
    palette, chosen = scheme(palette_name), QUANTITIES[quantity]
    end = recording.step_count if step is None else min(step + 1, recording.step_count)
    before, now = profile_at_start(recording, quantity), profile(recording, quantity, end)
    expected = expected_profile(recording, quantity)
    items: list[Item] = []
    data: list[Floats] = []
    if expected is not None:
        items, places = theory_items(expected, palette, log=y_log)
        data.append(places)
    if before is not None:
        data.append(positions(before, log=y_log))
        items += _series(before, palette, y_log, "step 0", filled=False, selected=None)
    if now is not None and end > 0:
        data.append(positions(now, log=y_log))
        items += _series(now, palette, y_log, "now", filled=True, selected=selected)
    y_axis = value_axis(chosen.axis, data, log=y_log, within=y_range)
    layers = recording.layer_count
    x_axis = Axis("layer", 0.5, layers + 0.5, ticks=layer_ticks(layers, most=14))
    words = aside(recording, quantity, expected, before if end else None)
    if now is not None:
        items += _headline(now, words, palette, x_axis, y_axis)
    return Figure(
        title=f"{chosen.axis} by depth",
        subtitle=f"{_scope(end) if now is not None else NOT_MEASURED} · {run_words(recording)}",
        x=x_axis,
        y=y_axis,
        items=tuple(items),
        legend=_legend(end, expected, palette),
        caption=depth_sentence(recording, quantity, now) if caption is None else caption,
        table=_table(recording, quantity, before, now if end > 0 else None, expected),
        size=SIZE,
        palette=palette,
    )


def profile(recording: Recording, quantity: str, end: int) -> Floats | None:
    """Average a quantity per layer over the last 20 steps before ``end``, geometrically.

    Before 20 steps it is that of step 0; None when nothing is measured. Shape (L,).
    """
    if end == 0:
        return profile_at_start(recording, quantity)
    first, stop = (end - WINDOW, end) if end >= WINDOW else (0, 1)
    values = recording.history.read(quantity, first, stop).mean
    with np.errstate(over="ignore"):
        mean: Floats = 10.0 ** log_mean(values)
    return mean


def profile_at_start(recording: Recording, quantity: str) -> Floats | None:
    """Give a quantity per layer at step 0, shape (L,); None when nothing is measured."""
    if recording.step_count:
        values = recording.history.at(quantity, 0).mean
    elif recording.initial is not None:
        values = getattr(recording.initial, quantity)
    else:
        return None
    return values if np.isfinite(values).any() else None


def _series(
    values: Floats, palette: Palette, log: bool, label: str, *, filled: bool, selected: int | None
) -> list[Item]:
    """Join the layers by a line with a point each; exact zeros are dashes in the zero lane."""
    places, layers = positions(values, log=log), len(values)
    x = np.arange(1.0, layers + 1.0)
    colours = depth_colours(layers, palette.name)
    size = 8.0 if layers <= 40 else 5.0
    line = Curve(
        x,
        places,
        palette.text3 if not filled else palette.text2,
        f"{label} line",
        opacity=0.8 if filled else 0.6,
    )
    items: list[Item] = [line]
    if selected is not None and 0 <= selected < layers:
        one = slice(selected, selected + 1)
        ring = Points(x[one], places[one], palette.accent, size=size + 6, filled=False)
        items.append(ring)
    items.append(Points(x, places, colours, size=size, label=label, filled=filled))
    if log:
        items += [
            ZeroMarks(
                np.array([[x[i] - 0.25, x[i] + 0.25]]),
                0,
                1,
                colours[i],
                np.array([np.nan]),
                f"{label} layer {i + 1}",
            )
            for i in np.flatnonzero(is_zero(values)).tolist()
        ]
    return items


def _headline(now: Floats, beside: str, palette: Palette, x: Axis, y: Axis) -> list[Item]:
    """Put the slope into words, in the corner that it leaves free."""
    if len(now) < 2:
        return []
    height = y.high - 0.06 * (y.high - y.low)
    below = height - 0.065 * (y.high - y.low)
    margin = 0.02 * (x.high - x.low)
    place = x.low + margin
    anchor: Literal["start", "end"] = "start"
    if decades_per_layer(now) > 0:
        place, anchor = x.high - margin, "end"
    words: list[Item] = [
        Text(place, height, headline(now), palette.text, anchor, 14.0, strong=True)
    ]
    return [*words, Text(place, below, beside, palette.text2, anchor)] if beside else words


def _scope(end: int) -> str:
    if end >= WINDOW:
        return f"geometric mean of steps {count(end - WINDOW)} to {count(end - 1)}"
    return "step 0" if end else "starting weights"


def _legend(end: int, expected: Expected | None, palette: Palette) -> tuple[LegendEntry, ...]:
    start = LegendEntry("step 0", palette.text2, shape="ring")
    entries = (LegendEntry("now", palette.text2, shape="circle"), start) if end else (start,)
    return entries if expected is None else (*entries, theory_legend(palette))


def _table(
    recording: Recording,
    quantity: str,
    before: Floats | None,
    now: Floats | None,
    expected: Expected | None,
) -> dict[str, Column]:
    stem, unit = COLUMN_NAMES[quantity], unit_of(recording, quantity)
    table: dict[str, Column] = {"layer": np.array(recording.labels)}
    columns = [("now", now), ("step 0", before)]
    if expected is not None:
        columns += [
            ("by theory", expected.middle),
            ("by theory, lower edge", expected.low),
            ("by theory, upper edge", expected.high),
        ]
    for name, values in columns:
        if values is not None:
            table[f"{stem} {name} [{unit}]"] = values
    return table
