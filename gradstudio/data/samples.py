"""What a source of data hands over: the raw samples, before split and scaling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Samples:
    """Raw samples of one data set.

    Attributes
    ----------
    x
        Inputs, shape (samples, features).
    labels
        Class index (integer) or value to predict (float), shape (samples,).
    feature_names, class_names
        Names for axes and legends; ``class_names`` is empty for regression.
    """

    x: NDArray[np.floating]
    labels: NDArray[np.int64] | NDArray[np.float64]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] = ()
