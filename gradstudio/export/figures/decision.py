"""What the network answers: a map of the plane, a confusion matrix, a fit or a scatter."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from gradstudio.data.task import Data
from gradstudio.export.classes import class_colours, class_shape
from gradstudio.export.edges import Moment
from gradstudio.export.figure import (
    Axis,
    Column,
    Curve,
    Figure,
    Floats,
    Item,
    LegendEntry,
    Picture,
    Points,
    Segments,
)
from gradstudio.export.figures.common import plain_figure, scheme, step_words
from gradstudio.export.figures.confusion import matrix_axes, matrix_items, matrix_table
from gradstudio.export.figures.wrong import wrong_figure
from gradstudio.export.mistakes import Cell, commonest_mistake
from gradstudio.export.prediction import (
    ClassMap,
    Predict,
    boundary,
    class_map,
    class_shares,
    map_corners,
    values_of,
)
from gradstudio.export.score import ClassScore, ValueScore, score_classes, score_values
from gradstudio.export.ticks import linear_ticks, padded
from gradstudio.numbers import count, figures
from gradstudio.palette import Palette
from gradstudio.training.recording import Recording

Shown = Literal["confusion", "wrong", "both"]
TITLE: Final = "Decision"
SIZE: Final = (620, 470)
MAP_SIDE: Final = 96
MAP_OPACITY: Final = 0.5
"""How strongly a certain class colours the map."""
POINTS_DRAWN: Final = 2000
"""More points than this are thinned in the picture; the score and the table hold all of them."""
RESIDUAL_OPACITY: Final = 0.28
FIT_POINTS: Final = 400
MATRIX: Final = 320.0
"""Pixels of a confusion matrix, by which the discs of its mistakes are drawn."""


def decision_figure(
    recording: Recording | None,
    data: Data | None,
    moment: Moment | None,
    *,
    palette_name: str = "light",
    caption: str | None = None,
    shown: Shown = "confusion",
    cell: Cell | None = None,
) -> Figure:
    """Draw what a network answers at one moment, against guessing.

    A plane gets a map with its points, other classes a confusion matrix, a regression with one
    input its curve, other regressions predicted against true values.

    Parameters
    ----------
    recording
        The run.
    data
        What the network is trained and tested on.
    moment
        Its parameters.
    shown
        Of other classes: the matrix, the wrong samples, or both.
    cell
        Only the wrong samples of one cell of the matrix.
    """
    palette = scheme(palette_name)
    fits = (
        data is not None
        and moment is not None
        and (moment.sizes[0], moment.sizes[-1]) == (data.input_size, data.output_size)
    )
    if recording is None or data is None or moment is None or not fits:
        return plain_figure(TITLE, "", palette, "No answer of this network yet.")
    predict = moment.network().output
    score: ClassScore | ValueScore
    if data.kind == "classification":
        score = score_classes(predict, data, moment.loss)
        draw = _plane if data.plane else _confusion
        parts = draw(predict, data, moment.loss, palette, score)
    else:
        score = score_values(predict, data)
        draw_values = _fit if data.input_size == 1 else _scatter
        parts = draw_values(predict, data, palette, score)
    subtitle = f"{score.part} set after {step_words(moment.step)} · {recording.setup.name}"
    x, y, items, legend, table = parts
    figure = Figure(
        title=TITLE,
        subtitle=subtitle,
        x=x,
        y=y,
        items=tuple(items),
        legend=legend,
        caption=score_sentence(score, data) if caption is None else caption,
        table=table,
        size=SIZE,
        palette=palette,
        equal=True,
        notes=_notes(score),
    )
    if isinstance(score, ClassScore) and not data.plane and shown != "confusion":
        return wrong_figure(figure, data, score, cell, beside_matrix=shown == "both")
    return figure


Parts = tuple[Axis, Axis, list[Item], tuple[LegendEntry, ...], dict[str, Column]]


def score_sentence(score: ClassScore | ValueScore, data: Data | None) -> str:
    """Say how good the answers are, against guessing, and which mistake is the most frequent."""
    silent = ""
    if score.unanswered:
        silent = f" {count(score.unanswered)} answers are not finite."
    if isinstance(score, ClassScore):
        is_plane = data is not None and data.plane
        text = (
            f"{figures(100 * score.share)} % of {count(score.total)} {score.part} "
            f"{'points' if is_plane else 'samples'} are right; "
            f"chance is {figures(100 * score.chance, 2)} %.{silent}"
        )
        most = "" if data is None or is_plane else commonest_mistake(score, data)
        return f"{text} {most}".rstrip()
    if silent:
        return (
            f"{count(score.unanswered)} of {count(len(score.true))} {score.part} answers are not "
            f"finite; always answering with the mean is off by {figures(score.error_of_mean)}."
        )
    return (
        f"Predicted values are off by {figures(score.error)} (root mean square) on "
        f"{count(len(score.true))} {score.part} samples; always answering with the mean is off "
        f"by {figures(score.error_of_mean)}. R² is {figures(score.explained, 2)}."
    )


def _notes(score: ClassScore | ValueScore) -> tuple[str, ...]:
    silent = (f"{count(score.unanswered)} answers not finite",) if score.unanswered else ()
    if isinstance(score, ClassScore):
        return (
            f"{figures(100 * score.share)} %",
            f"of {count(score.total)} {score.part} samples right",
            f"chance is {figures(100 * score.chance, 2)} %",
            *silent,
        )
    return (
        figures(score.error),
        "root mean square error",
        f"always the mean: {figures(score.error_of_mean)}",
        f"R² = {figures(score.explained, 2)}",
        *silent,
    )


def _plane(predict: Predict, data: Data, loss: str, palette: Palette, score: ClassScore) -> Parts:
    picture = class_map(predict, data, loss, MAP_SIDE)
    low, high = (corner.tolist() for corner in map_corners(data))
    cell = (high[0] - low[0]) / (MAP_SIDE - 1)
    ends = boundary(picture.shares) * cell + np.array([*low, *low])
    # a pixel is centred on its place of the grid, so the image is half a cell larger all around
    low, high = [one - cell / 2 for one in low], [one + cell / 2 for one in high]
    image = Picture(_map_pixels(picture, palette), low[0], low[1], high[0], high[1], "map")
    items: list[Item] = [
        image,
        Segments(ends, (palette.text,) * len(ends), np.ones(len(ends)), 1.3, "boundary"),
    ]
    legend = []
    for k, (colour, name) in enumerate(
        zip(class_colours(palette, len(data.class_names)), data.class_names, strict=True)
    ):
        shape = class_shape(k)
        for x, labels, part in _parts(data):
            chosen = np.flatnonzero(labels == k)
            chosen = chosen[:: max(1, -(-len(chosen) * len(data.class_names) // POINTS_DRAWN))]
            at = x[chosen].astype(np.float64)
            is_train = part == "train"
            label = f"{name} {part}"
            items.append(Points(at[:, 0], at[:, 1], colour, shape, 6.0, label, is_train))
        legend.append(LegendEntry(_class_name(name), colour, shape=shape))
    legend.append(LegendEntry("test", palette.text2, shape="ring"))
    names = (*data.feature_names, "x₁", "x₂")[:2]
    axes = [
        Axis(name, low[i], high[i], ticks=linear_ticks(low[i], high[i], 6))
        for i, name in enumerate(names)
    ]
    return axes[0], axes[1], items, tuple(legend), _sample_table(predict, data, loss)


def _map_pixels(picture: ClassMap, palette: Palette) -> NDArray[np.uint8]:
    classes = picture.shares.shape[2]
    colours = np.array([_channels(colour) for colour in class_colours(palette, classes)])
    ground = np.array(_channels(palette.bg1))
    shares = np.nan_to_num(picture.shares, nan=1.0 / classes)
    mixed = MAP_OPACITY * (shares @ colours) + (1.0 - MAP_OPACITY) * ground
    side = picture.side
    pixels = np.full((side, side, 4), 255, dtype=np.uint8)
    pixels[..., :3] = mixed[::-1].round()
    return pixels


def _confusion(
    predict: Predict, data: Data, loss: str, palette: Palette, score: ClassScore
) -> Parts:
    cell = MATRIX / score.classes
    x, y = matrix_axes(data)
    return x, y, matrix_items(score, palette, cell), (), matrix_table(data, score)


def _fit(predict: Predict, data: Data, palette: Palette, score: ValueScore) -> Parts:
    scaled = np.concatenate([data.x_train, data.x_test])
    values = np.concatenate([data.labels_train, data.labels_test]).astype(np.float64)
    grid = np.linspace(scaled.min(), scaled.max(), FIT_POINTS)[:, None]
    curve = values_of(predict(grid.astype(data.x_train.dtype)), data)
    everything, inputs = (data.scaling.undo(x)[:, 0] for x in (scaled, grid))
    items: list[Item] = []
    for x, labels, part in _parts(data):
        keep = slice(None, None, max(1, -(-len(x) // POINTS_DRAWN)))
        at, is_train = data.scaling.undo(x[keep])[:, 0], part == "train"
        heights = np.asarray(labels[keep], dtype=np.float64)
        items.append(Points(at, heights, palette.class_0, size=4.5, label=part, filled=is_train))
    items.append(Curve(inputs, curve, palette.text, "network", width=2.2))
    legend = (
        LegendEntry("network", palette.text),
        LegendEntry("train", palette.class_0, shape="circle"),
        LegendEntry("test", palette.class_0, shape="ring"),
    )
    x_name = (*data.feature_names, "x")[0]
    table: dict[str, Column] = {x_name: inputs, "network": curve}
    return _axis(x_name, everything), _axis("value", values), items, legend, table


def _scatter(predict: Predict, data: Data, palette: Palette, score: ValueScore) -> Parts:
    finite = np.isfinite(score.predicted)
    both = np.concatenate([score.true, score.predicted[finite]])
    axis = _axis("true value", both)
    ends = np.array([axis.low, axis.high])
    true, predicted = score.true[finite], score.predicted[finite]
    lines = np.stack([true, true, true, predicted], axis=1)
    faint = np.full(len(lines), RESIDUAL_OPACITY)
    items: list[Item] = [
        Segments(lines, (palette.class_0,) * len(lines), faint, 1.0, "off by"),
        Curve(ends, ends, palette.text2, "equal", (5.0, 3.5)),
        Points(score.true, score.predicted, palette.class_0, size=4.5, label=score.part),
    ]
    legend = (LegendEntry("predicted = true", palette.text2, (5.0, 3.5)),)
    table: dict[str, Column] = {"true value": score.true, "predicted value": score.predicted}
    table["predicted - true"] = score.predicted - score.true
    return axis, _axis("predicted value", both), items, legend, table


def _parts(
    data: Data,
) -> tuple[tuple[NDArray[np.floating], NDArray[np.int64] | NDArray[np.float64], str], ...]:
    return (
        (data.x_train, data.labels_train, "train"),
        (data.x_test, data.labels_test, "test"),
    )


def _sample_table(predict: Predict, data: Data, loss: str) -> dict[str, Column]:
    """Every sample with its class and the class the network gives it."""
    names = np.array(data.class_names)
    x = np.concatenate([data.x_train, data.x_test])
    labels = np.concatenate([data.labels_train, data.labels_test]).astype(np.intp)
    shares = class_shares(predict(x), loss)
    parts = ["train"] * len(data.x_train) + ["test"] * len(data.x_test)
    table: dict[str, Column] = {"part": np.array(parts)}
    for i, name in enumerate((*data.feature_names, "x1", "x2")[:2]):
        table[f"{name} [scaled]"] = x[:, i].astype(np.float64)
    table |= {"true class": names[labels], "predicted class": names[shares.argmax(axis=1)]}
    for k, name in enumerate(data.class_names):
        table[f"share of {name} [1]"] = shares[:, k]
    return table


def _axis(label: str, values: Floats) -> Axis:
    low, high = padded(float(values.min()), float(values.max()), log=False)
    return Axis(label, low, high, ticks=linear_ticks(low, high, 6))


def _class_name(name: str) -> str:
    return f"class {name}" if len(name) <= 2 else name


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
