"""Targets in the form that a network takes: one row of outputs per sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from gradstudio.nn.arrays import Array
from gradstudio.nn.losses import Loss


def targets(y: ArrayLike, batch: int, outputs: int, loss: Loss, dtype: DTypeLike) -> Array:
    """Return targets (..., batch, outputs); classes (batch,) become rows of 0 and 1.

    Raises
    ------
    ValueError
        If the shape does not fit, or a class is not one of the outputs.
    """
    given = np.asarray(y)
    if given.ndim == 1 and np.issubdtype(given.dtype, np.integer) and len(given) == batch:
        classes = max(outputs, 2)
        if len(given) and not 0 <= given.min() <= given.max() < classes:
            wrong = given[(given < 0) | (given >= classes)][0]
            raise ValueError(f"class {wrong} is not one of 0 to {classes - 1}")
        one_hot = np.eye(classes)[given] if outputs > 1 else given[:, None]
        return np.asarray(one_hot, dtype)
    if given.ndim < 2 or given.shape[-2:] != (batch, outputs):
        raise ValueError(
            f"targets of shape {given.shape} do not fit {loss.label}: ({batch}, {outputs}) is "
            "needed"
        )
    return np.asarray(given, dtype)
