"""The gradient of every layer over time."""

from __future__ import annotations

import numpy as np

from gradstudio.export.figure import (
    Curve,
    EndLabel,
    Figure,
    Floats,
    Item,
    Points,
    Rule,
    Text,
    ZeroMarks,
)
from gradstudio.export.figures.common import (
    POINTS,
    SIZE,
    Range,
    divergence_marks,
    layer_id,
    run_words,
    scheme,
    step_axis,
    value_axis,
    window,
)
from gradstudio.export.figures.quantities import HEALTHY_RATIO, QUANTITIES
from gradstudio.export.figures.sentences import gradient_sentence
from gradstudio.export.labels import labelled_layers
from gradstudio.export.overshoot import RATIO, first_overshoot
from gradstudio.export.series import Lines, lines, read_window, spans, zero_runs
from gradstudio.export.tables import LazyTable, layer_table, unit_of
from gradstudio.export.ticks import is_zero, positions, step_positions
from gradstudio.palette import Palette, depth_colours
from gradstudio.training.recording import Recording

TITLE = "Gradient of every layer"


def gradient_figure(
    recording: Recording,
    quantity: str = "delta_rms",
    *,
    first: int = 0,
    last: int | None = None,
    y_log: bool = True,
    x_log: bool = False,
    y_range: Range | None = None,
    selected: int | None = None,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw one curve per layer over the steps ``first`` to ``last``.

    Level, evenly spaced curves mean the same factor per layer; curves that drift apart mean that
    training makes it worse; a curve that drops into the zero lane has lost its gradient.

    Parameters
    ----------
    recording
        The run.
    quantity
        ``delta_rms``, ``weight_grad_norm`` or ``update_ratio``.
    first, last
        Window in steps, both ends included; ``last`` None is the newest.
    y_log, x_log
        Whether the axes are logarithmic.
    y_range
        Ends of the value axis in positions; None fits the data.
    selected
        Index of a layer to draw stronger.
    palette_name
        ``light`` or ``dark``.
    caption
        The sentence under the picture; None has it written here.
    """
    first, last = window(recording, first, last)
    palette, chosen = scheme(palette_name), QUANTITIES[quantity]
    items: list[Item] = []
    drawn = _read(recording, quantity, first, last, x_log=x_log, y_log=y_log)
    if drawn is None:
        heights = _initial_values(recording, quantity)
        places = positions(heights, log=y_log)
        items += _initial_points(recording, places, step_positions(0, log=x_log), palette)
        items += _end_labels(recording, places, is_zero(heights) & y_log, selected, palette)
        table = LazyTable(lambda: _initial_table(recording, quantity, heights))
        data = [places]
    else:
        items += _curves(recording, drawn, selected, palette)
        items += _zero_marks(recording, drawn, palette)
        zero = drawn.ends_in_zero
        items += _end_labels(recording, _ends(drawn), zero, selected, palette)
        table = layer_table(recording, quantity, first, last)
        data = [drawn.y]
    if quantity == "update_ratio":
        if drawn is not None:
            items += _overshoot(recording, drawn, palette, x_log=x_log, y_log=y_log)
        place = float(positions(HEALTHY_RATIO, log=y_log))
        items.insert(0, Rule("horizontal", place, palette.text3, (4.0, 4.0), "10⁻³ is usual"))
    items += divergence_marks(recording, log=x_log)
    scale = "log₁₀ scale" if y_log else "linear scale"
    return Figure(
        title=TITLE,
        subtitle=f"{chosen.subtitle}, {scale} · {run_words(recording)}",
        x=step_axis(first, last, log=x_log),
        y=value_axis(chosen.axis, data, log=y_log, within=y_range),
        items=tuple(items),
        caption=gradient_sentence(recording, quantity, selected) if caption is None else caption,
        table=table,
        size=SIZE,
        palette=palette,
    )


def _overshoot(
    recording: Recording, drawn: Lines, palette: Palette, *, x_log: bool, y_log: bool
) -> list[Item]:
    """Mark the first update that is larger than the weights of a layer."""
    found = first_overshoot(drawn, log=y_log)
    if found is None:
        return []
    x, y = np.array([found.x]), np.array([found.y])
    step = round(10.0**found.x) if x_log else round(found.x)
    words = found.words(step, recording.labels[found.layer])
    span = max(float(drawn.x[-1] - drawn.x[0]), 1.0 if x_log else 10.0)
    is_left = found.x < drawn.x[0] + 0.5 * span
    place = found.x + (0.015 if is_left else -0.015) * span
    return [
        Rule("horizontal", float(positions(RATIO, log=y_log)), palette.critical, (4.0, 4.0)),
        Points(x, y, palette.critical, size=10.0, label="update > weights", filled=False),
        Text(place, found.y, words, palette.critical, "start" if is_left else "end"),
    ]


def _read(
    recording: Recording, quantity: str, first: int, last: int, *, x_log: bool, y_log: bool
) -> Lines | None:
    """Read the curves of a window; None before the first step."""
    if recording.step_count == 0:
        return None
    views = read_window(recording.history, quantity, first, last, POINTS, log=x_log)
    undefined_is_zero = quantity == "update_ratio"
    return lines(views, x_log=x_log, y_log=y_log, undefined_is_zero=undefined_is_zero)


def _curves(
    recording: Recording, drawn: Lines, selected: int | None, palette: Palette
) -> list[Item]:
    colours = depth_colours(recording.layer_count, palette.name)
    usual = 1.3 if recording.layer_count <= 24 else 0.9 if recording.layer_count <= 50 else 0.6
    order = sorted(range(recording.layer_count), key=lambda i: i == selected)
    return [
        Curve(
            drawn.x,
            drawn.y[:, i],
            colours[i],
            label=layer_id(recording.labels[i]),
            width=2.6 if i == selected else usual,
        )
        for i in order
    ]


def _zero_marks(recording: Recording, drawn: Lines, palette: Palette) -> list[Item]:
    colours = depth_colours(recording.layer_count, palette.name)
    by_layer: dict[int, list[tuple[float, float, float]]] = {}
    for index, start, stop, before in zero_runs(drawn):
        fall = np.nan if before is None else before
        by_layer.setdefault(index, []).append((start, stop, fall))
    marks: list[Item] = []
    for index, runs in by_layer.items():
        ends = np.array(runs)
        name = layer_id(recording.labels[index])
        rows = recording.layer_count
        marks.append(ZeroMarks(ends[:, :2], index, rows, colours[index], ends[:, 2], name))
    return marks


def _ends(drawn: Lines) -> Floats:
    """Where each curve ends: its newest value, or the last one that has a place."""
    ends = drawn.end.copy()
    for i in np.flatnonzero(np.isnan(ends) & ~drawn.ends_in_zero).tolist():
        known = drawn.y[np.isfinite(drawn.y[:, i]), i]
        ends[i] = known[-1] if len(known) else np.nan
    return ends


def _end_labels(
    recording: Recording,
    places: Floats,
    zero: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    selected: int | None,
    palette: Palette,
) -> list[Item]:
    """Name the curves; those in the zero lane share one label."""
    labels, colours = recording.labels, depth_colours(recording.layer_count, palette.name)
    order = labelled_layers(recording.layer_count, selected)
    found: list[Item] = [
        EndLabel(float(places[i]), labels[i], colours[i], i == selected, len(order) - rank)
        for rank, i in enumerate(order)
        if np.isfinite(places[i])
    ]
    runs = spans(np.asarray(zero, dtype=np.bool_))
    if runs:
        names = [labels[a] if a == b else f"{labels[a]}–{labels[b]}" for a, b in runs]
        text = ", ".join(names[:2]) + ("…" if len(names) > 2 else "")
        found.append(EndLabel(None, text, colours[runs[0][0]]))
    return found


def _initial_values(recording: Recording, quantity: str) -> Floats:
    if recording.initial is None:
        return np.full(recording.layer_count, np.nan)
    values: Floats = np.asarray(getattr(recording.initial, quantity), dtype=np.float64)
    return values


def _initial_points(
    recording: Recording, places: Floats, step: Floats, palette: Palette
) -> list[Item]:
    colours = depth_colours(recording.layer_count, palette.name)
    x = np.full(len(places), float(step))
    return [Points(x, places, colours, size=6.5, filled=False, label="start")]


def _initial_table(
    recording: Recording, quantity: str, values: Floats
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    unit = unit_of(recording, quantity)
    return {
        f"{layer_id(label)} {QUANTITIES[quantity].axis} [{unit}]": values[i : i + 1]
        for i, label in enumerate(recording.labels)
    }
