"""What samples must be before a network can be trained on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradstudio.data.samples import Samples
from gradstudio.errors import SetupError
from gradstudio.numbers import count


def check_samples(samples: Samples) -> None:
    """Refuse samples that no network can be trained on.

    Raises
    ------
    SetupError
        With the first value that is wrong, where it stands and what would be right.
    """
    number = len(samples.x)
    if number == 0:
        raise SetupError("holds no sample: at least 2 are needed", "data.name")
    if len(samples.labels) != number:
        raise SetupError(
            f"holds {count(number)} inputs, but {count(len(samples.labels))} targets: "
            "one for each is needed",
            "data.name",
        )
    place = _first_bad(~np.isfinite(samples.x))
    if place is not None:
        value, name = samples.x[place], samples.feature_names[place[1]]
        raise SetupError(
            f"{name} of sample {count(place[0] + 1)} is {value}: finite numbers are needed",
            "data.name",
        )
    _check_labels(samples)


def _check_labels(samples: Samples) -> None:
    labels, classes = samples.labels, len(samples.class_names)
    if not classes:
        place = _first_bad(~np.isfinite(labels))
        if place is not None:
            raise SetupError(
                f"the target of sample {count(place[0] + 1)} is {labels[place]}: finite numbers "
                "are needed",
                "data.name",
            )
        return
    # what is no number is no class either
    place = _first_bad(~((labels >= 0) & (labels < classes) & (labels == np.floor(labels))))
    if place is not None:
        raise SetupError(
            f"the class of sample {count(place[0] + 1)} is {labels[place]:g}: one of 0 to "
            f"{classes - 1} is needed",
            "data.name",
        )


def check_training_part(
    x: NDArray[np.floating], labels: NDArray[np.floating] | NDArray[np.int64], class_count: int
) -> None:
    """Refuse a training part that teaches nothing.

    Parameters
    ----------
    x
        Inputs as the network gets them, (samples, features).
    labels
        Class or value of each, (samples,).
    class_count
        Number of classes; 0 for a regression.

    Raises
    ------
    SetupError
        If there is no sample, only one class, or an input that the precision cannot hold.
    """
    if len(x) == 0:
        raise SetupError("leaves no sample for training: a smaller share is needed",
                         "data.test_share")  # fmt: skip
    if class_count and len(np.unique(labels)) < 2:
        raise SetupError(
            f"leaves {count(len(x))} training samples of one class: at least two classes are "
            "needed, by a smaller share or more samples",
            "data.test_share",
        )
    place = _first_bad(~np.isfinite(x))
    if place is not None:
        raise SetupError(
            f"off: input {place[1] + 1} of training sample {count(place[0] + 1)} is outside what "
            f"{x.dtype} holds; on, it is scaled",
            "data.standardise",
        )


def _first_bad(is_bad: NDArray[np.bool_]) -> tuple[int, ...] | None:
    if not is_bad.any():
        return None
    return tuple(int(i) for i in np.unravel_index(int(is_bad.argmax()), is_bad.shape))
