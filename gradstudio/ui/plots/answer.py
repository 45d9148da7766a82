"""What a network said at one step, and where it can still be asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradstudio.data.task import Data
from gradstudio.export.prediction import ClassMap, Predict, values_of
from gradstudio.export.score import ClassScore, ValueScore

Floats = npt.NDArray[np.float64]
FIT_POINTS = 200


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network said at one step.

    Attributes
    ----------
    step_key
        Tells one snapshot from another, also at the same step.
    map
        Shares over the plane, for classes of points in a plane.
    fit
        Inputs and values of the curve of a regression with one input, in the unit of the data,
        shape (200,) each.
    predict, loss
        The network as it was, for one more place of the plane.
    """

    step: int
    step_key: int
    score: ClassScore | ValueScore
    map: ClassMap | None
    fit: tuple[Floats, Floats] | None
    predict: Predict
    loss: str


def value_fit(predict: Predict, data: Data) -> tuple[Floats, Floats]:
    """Return the fitted curve of a regression with one input: inputs and values, shape (200,)."""
    x = np.concatenate([data.x_train, data.x_test])
    inputs = np.linspace(float(x.min()), float(x.max()), FIT_POINTS)[:, None]
    values = values_of(predict(inputs.astype(data.x_train.dtype)), data)
    return data.scaling.undo(inputs)[:, 0], values
