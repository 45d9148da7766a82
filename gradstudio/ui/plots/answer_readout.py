"""What the pointer is on: a cell, a sample, a place of the plane, a point of a regression."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF

from gradstudio.data.task import Data
from gradstudio.export.mistakes import (
    Cell,
    mistake_words,
    mistakes,
    precision,
    probability,
    recall,
    share_words,
)
from gradstudio.export.prediction import class_shares, map_corners
from gradstudio.export.score import NO_ANSWER, ClassScore, ValueScore
from gradstudio.numbers import count, figures
from gradstudio.ui.plots.answer import Answer
from gradstudio.ui.plots.pictures import fit_frame, fit_points, scatter_frame
from gradstudio.ui.plots.readout import Readout

LISTED: Final = 4
"""Wrong samples of a table that a cell names."""
NEAR: Final = 9.0
"""Pixels from a point within which it is meant."""


def cell_readout(data: Data, score: ClassScore, cell: Cell) -> Readout:
    """Return count, recall and precision of a cell, and of a table the samples in it."""
    names = data.class_names
    true, given = names[cell[0]], names[cell[1]]
    number = int(score.confusion[cell])
    title = f"{true} is right" if cell[0] == cell[1] else mistake_words(data, cell)
    rows = [
        ("here", count(number)),
        (f"recall of {true}", share_words(*recall(score, cell[0]))),
        (f"precision of {given}", share_words(*precision(score, cell[1]))),
    ]
    found = mistakes(score, cell) if data.side is None else np.empty(0, dtype=np.intp)
    for sample in found[:LISTED].tolist():
        share = float(score.shares[sample, cell[1]])
        rows.append((f"{score.part} sample {count(sample + 1)}", f"p = {probability(share)}"))
    if len(found) > LISTED:
        rows.append((f"and {count(len(found) - LISTED)} more", ""))
    return Readout(title, rows)


def sample_readout(data: Data, score: ClassScore, sample: int) -> Readout:
    """Return number, classes and all probabilities of one sample."""
    names, given = data.class_names, int(score.chosen[sample])
    true = int(score.labels[sample])
    rows = [("true", names[true])]
    if given == NO_ANSWER:
        rows.append(("predicted", "not finite"))
        return Readout(f"{score.part} sample {count(sample + 1)}", rows)
    shares = score.shares[sample]
    rows[0] = ("true", f"{names[true]}   p = {probability(float(shares[true]))}")
    rows.append(("predicted", f"{names[given]}   p = {probability(float(shares[given]))}"))
    bars = tuple(zip(names, shares.tolist(), strict=True))
    return Readout(f"{score.part} sample {count(sample + 1)}", rows, bars, true)


def plane_readout(data: Data, answer: Answer, place: QRectF, at: QPointF) -> Readout:
    """Return what the network answers to a place of the plane, and the sample that is there."""
    low, high = map_corners(data)
    unit = np.array([at.x() - place.left(), place.bottom() - at.y()]) / place.width()
    inputs = (low + unit * (high - low))[None]
    shares = class_shares(answer.predict(inputs.astype(data.x_train.dtype)), answer.loss)[0]
    raw = data.scaling.undo(inputs)[0]
    names = (*data.feature_names, "x1", "x2")[:2]
    title = ", ".join(f"{n} = {figures(v)}" for n, v in zip(names, raw.tolist(), strict=True))
    rows: list[tuple[str, str]] = []
    if not np.isfinite(shares).all():
        return Readout(title, [("answer", "not finite")])
    true = None
    found = _sample_near(data, inputs[0], (high - low)[0] / place.width() * NEAR)
    if found is not None:
        part, number, true = found
        rows.append((f"{part} sample {count(number + 1)}", data.class_names[true]))
    return Readout(title, rows, tuple(zip(data.class_names, shares.tolist(), strict=True)), true)


def value_at(
    data: Data, score: ValueScore, place: QRectF, at: QPointF
) -> tuple[Readout, QRectF] | None:
    """Return the scored sample of a regression whose dot is near the pointer, and its frame."""
    if data.input_size == 1:
        frame, x = fit_frame(place, data), fit_points(data)[0][-len(score.true) :]
        xs, ys = frame.xs(x), frame.ys(score.true)
    else:
        frame = scatter_frame(place, score)
        finite = np.where(np.isfinite(score.predicted), score.predicted, np.nan)
        xs, ys = frame.xs(score.true), frame.ys(finite)
    far = np.hypot(xs - at.x(), ys - at.y())
    if not np.isfinite(far).any() or np.nanmin(far) > NEAR:
        return None
    k = int(np.nanargmin(far))
    true, predicted = float(score.true[k]), float(score.predicted[k])
    rows = [
        ("true", figures(true)),
        ("predicted", figures(predicted)),
        ("off by", figures(predicted - true)),
    ]
    box = QRectF(float(xs[k]) - 5, float(ys[k]) - 6, 13, 12)
    return Readout(f"{score.part} sample {count(k + 1)}", rows), box


def _sample_near(
    data: Data, place: npt.NDArray[np.float64], reach: float
) -> tuple[str, int, int] | None:
    best: tuple[float, str, int, int] | None = None
    parts = (("training", data.x_train, data.labels_train), ("test", data.x_test, data.labels_test))
    for part, x, labels in parts:
        if len(x):
            far = np.hypot(*(x - place).T)
            k = int(far.argmin())
            if far[k] <= reach and (best is None or far[k] < best[0]):
                best = (float(far[k]), part, k, int(labels[k]))
    return None if best is None else best[1:]
