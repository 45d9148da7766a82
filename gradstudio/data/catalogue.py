"""The table of data sets: one entry feeds the combo box, the file, the message and the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from gradstudio.data import collected, generated
from gradstudio.data.samples import Samples
from gradstudio.errors import DataError

Kind = Literal["classification", "regression"]
Source = Callable[[int, float, np.random.Generator], Samples]


@dataclass(frozen=True)
class DataSet:
    """One task a network can be given.

    Attributes
    ----------
    name, label
        As stored in a setup and as shown to a person.
    kind
        Whether classes or values are predicted.
    features, classes
        Number of inputs, and of classes (None for regression).
    samples
        Size of a real set; None for a made-up one, whose size and noise the setup chooses.
    about
        One line: what it asks of a network.
    source, licence
        Where it comes from and under which terms it may be passed on.
    draw
        ``draw(samples, noise, rng)`` makes or reads the raw samples.
    side
        Height and width in pixels when a sample is a picture. Its pixels share one scale.
    """

    name: str
    label: str
    kind: Kind
    features: int
    classes: int | None
    samples: int | None
    about: str
    source: str
    licence: str
    draw: Source
    side: int | None = None

    @property
    def generated(self) -> bool:
        """Whether the set is made up, so that samples and noise apply."""
        return self.samples is None

    @property
    def default_loss(self) -> str:
        """The loss a person would choose without a reason for another."""
        return losses_for(self.name)[0]


_OWN: Final = ("drawn by GradStudio", "none needed: made-up points")
_SCIKIT: Final = ("drawn by scikit-learn", "none needed: made-up points")
_BSD: Final = "as shipped with scikit-learn (BSD-3-Clause)"


def _plane(name: str, label: str, draw: Source, about: str, terms: tuple[str, str]) -> DataSet:
    classes = 3 if name == "blobs" else 2
    return DataSet(name, label, "classification", 2, classes, None, about, *terms, draw)


_ENTRIES: Final = (
    _plane(
        "spirals",
        "Spirals",
        generated.spirals,
        "Two arms around one centre: hard, every layer has to work.",
        _OWN,
    ),
    _plane(
        "circles",
        "Circles",
        generated.circles,
        "A ring inside a ring: one bent border is enough.",
        _SCIKIT,
    ),
    _plane(
        "moons",
        "Moons",
        generated.moons,
        "Two half circles: a line gets most of it, a curve the rest.",
        _SCIKIT,
    ),
    _plane(
        "xor",
        "XOR",
        generated.xor,
        "Opposite quadrants share a class: no single line gets it right.",
        _OWN,
    ),
    _plane(
        "blobs",
        "Blobs",
        generated.blobs,
        "Three clouds: easy, straight borders are enough.",
        _SCIKIT,
    ),
    DataSet(
        "sine",
        "Sine",
        "regression",
        1,
        None,
        None,
        "Two waves on a line: a value to predict, not a class.",
        *_OWN,
        generated.sine,
    ),
    DataSet(
        "iris",
        "Iris",
        "classification",
        4,
        3,
        150,
        "150 flowers, 4 lengths, 3 species: easy.",
        "R. A. Fisher, 1936; UCI Machine Learning Repository",
        _BSD,
        collected.iris,
    ),
    DataSet(
        "wine",
        "Wine",
        "classification",
        13,
        3,
        178,
        "178 wines, 13 measurements of very different size, 3 growers.",
        "M. Forina et al.; UCI Machine Learning Repository",
        _BSD,
        collected.wine,
    ),
    DataSet(
        "breast_cancer",
        "Breast cancer",
        "classification",
        30,
        2,
        569,
        "569 tumours, 30 measurements, malignant or benign.",
        "W. H. Wolberg, W. N. Street, O. L. Mangasarian; UCI Machine Learning Repository",
        _BSD,
        collected.breast_cancer,
    ),
    DataSet(
        "diabetes",
        "Diabetes",
        "regression",
        10,
        None,
        442,
        "442 patients, 10 measurements, progress of the disease: a noisy value.",
        "B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, 2004",
        _BSD,
        collected.diabetes,
    ),
    DataSet(
        "digits",
        "Digits 8×8",
        "classification",
        64,
        10,
        1797,
        "1,797 handwritten digits of 8 by 8 pixels.",
        "E. Alpaydin, C. Kaynak; UCI Machine Learning Repository",
        _BSD,
        collected.digits,
        side=8,
    ),
    DataSet(
        "mnist5k",
        "MNIST 5k",
        "classification",
        784,
        10,
        5000,
        "5,000 handwritten digits of 28 by 28 pixels, 500 of each.",
        "Y. LeCun, C. Cortes, C. J. C. Burges: the MNIST database",
        "CC BY-SA 3.0",
        collected.mnist5k,
        side=28,
    ),
)

_DISTANCES: Final = ("mse", "half_mse", "mae", "huber")

DATA_SETS: Final[Mapping[str, DataSet]] = MappingProxyType(
    {entry.name: entry for entry in _ENTRIES}
)


def data_set(name: str) -> DataSet:
    """Return the entry called ``name``.

    Raises
    ------
    DataError
        If there is none.
    """
    if name not in DATA_SETS:
        raise DataError(f"'{name}' is not one of {', '.join(DATA_SETS)}")
    return DATA_SETS[name]


def either(names: Sequence[str]) -> str:
    """Say that any of some names will do: ``"a, b or c"``."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def losses_for(name: str) -> tuple[str, ...]:
    """Names of the losses that fit a data set, the usual one first.

    Binary cross-entropy needs exactly two classes, a sigmoid needs targets from 0 to 1; the
    distances fit everything.
    """
    entry = data_set(name)
    if entry.kind == "regression":
        return _DISTANCES
    binary = ("binary_cross_entropy",) if entry.classes == 2 else ()
    return ("softmax_cross_entropy", *binary, "sigmoid_mse", *_DISTANCES)
