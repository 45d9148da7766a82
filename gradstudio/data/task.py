"""A task ready for training: split, scaled, and with targets in the form the loss needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradstudio.data.catalogue import DataSet, Kind, data_set, either, losses_for
from gradstudio.data.checks import check_samples, check_training_part
from gradstudio.data.samples import Samples
from gradstudio.data.split import Scaling, split
from gradstudio.errors import DataError
from gradstudio.nn.losses import LOSSES
from gradstudio.setup.models import DataSetup

Labels = NDArray[np.int64] | NDArray[np.float64]
Array = TypeVar("Array", NDArray[np.floating], NDArray[np.int64] | NDArray[np.float64])


@dataclass(frozen=True, eq=False)
class Data:
    """What a network is trained and tested on. Its arrays cannot be written to.

    Attributes
    ----------
    x_train, x_test
        Inputs after scaling, shape (samples, features). ``x_test`` may have no rows.
    y_train, y_test
        Targets, shape (samples, outputs): one-hot rows for classes, a column of 0 and 1 for two
        classes where the loss has one output for them, scaled values for regression.
    labels_train, labels_test
        Class index, or the value in its own unit, shape (samples,).
    feature_names, class_names
        For axes and legends; ``class_names`` is empty for regression.
    scaling
        How inputs were scaled: ``(raw - mean) / std``, fitted on the train part only.
    target_scaling
        The same for the values of a regression; changes nothing for classes.
    side
        Height and width in pixels when a sample is a picture, otherwise None.
    """

    name: str
    kind: Kind
    x_train: NDArray[np.floating]
    y_train: NDArray[np.floating]
    x_test: NDArray[np.floating]
    y_test: NDArray[np.floating]
    labels_train: Labels
    labels_test: Labels
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    scaling: Scaling
    target_scaling: Scaling
    standardised: bool
    side: int | None = None

    @property
    def input_size(self) -> int:
        """Number of inputs of the network."""
        return int(self.x_train.shape[1])

    @property
    def output_size(self) -> int:
        """Number of units of the output layer."""
        return int(self.y_train.shape[1])

    @property
    def class_count(self) -> int | None:
        """Number of classes; None for regression."""
        return len(self.class_names) or None

    @property
    def plane(self) -> bool:
        """Whether the inputs are points in a plane, so that a map can be drawn."""
        return self.input_size == 2

    def describe(self) -> str:
        """Sizes and scaling in a line, for instance ``375 train · 125 test · standardised``."""
        test = f"{len(self.x_test):,} test" if len(self.x_test) else "no test"
        scaled = "not scaled"
        if self.standardised:
            scaled = "standardised"
            if self.kind == "regression":
                scaled = "inputs and target standardised"
        return f"{len(self.x_train):,} train · {test} · {scaled}"


def make_data(setup: DataSetup, loss: str, dtype: DTypeLike = np.float32) -> Data:
    """Make or read the data set a setup names, split and scale it.

    The same arguments give the same numbers. The last few results are kept, so that editing the
    network does not read the data again.

    Parameters
    ----------
    setup
        Which set, how large, how noisy, how split.
    loss
        Name of the loss, which decides the form of the targets.
    dtype
        Floating type of inputs and targets.

    Raises
    ------
    DataError
        If the loss does not fit the set, or the set cannot be read.
    SetupError
        If no network can be trained on its samples; says which value is wrong.
    """
    fitting = losses_for(setup.name)
    if loss not in fitting:
        label = data_set(setup.name).label
        raise DataError(f"loss '{loss}' does not fit {label}: {either(fitting)} would")
    return _make(setup, loss, np.dtype(dtype))


@lru_cache(maxsize=4)
def _make(setup: DataSetup, loss: str, dtype: np.dtype[np.floating]) -> Data:
    entry = data_set(setup.name)
    draw_seed, split_seed = np.random.SeedSequence(setup.seed).spawn(2)
    samples = _draw(entry, setup, np.random.default_rng(draw_seed))
    check_samples(samples)
    classes = len(samples.class_names)
    strata = np.asarray(samples.labels if classes else np.zeros(len(samples.labels)), np.int64)
    train, test = split(strata, setup.test_share, rng=np.random.default_rng(split_seed))

    scaling, target_scaling = Scaling.none(samples.x.shape[1]), Scaling.none(1)
    if setup.standardise:
        scaling = Scaling.fit(samples.x[train], common=entry.side is not None)
        if not classes:
            target_scaling = Scaling.fit(samples.labels[train, None].astype(np.float64))
    x = scaling.apply(samples.x)
    y = _targets(samples.labels, classes, loss, target_scaling)
    with np.errstate(over="ignore"):
        x_train = x[train].astype(dtype)
    check_training_part(x_train, samples.labels[train], classes)
    return Data(
        name=setup.name,
        kind=entry.kind,
        x_train=_frozen(x_train),
        y_train=_frozen(y[train].astype(dtype)),
        x_test=_frozen(x[test].astype(dtype)),
        y_test=_frozen(y[test].astype(dtype)),
        labels_train=_frozen(samples.labels[train]),
        labels_test=_frozen(samples.labels[test]),
        feature_names=samples.feature_names,
        class_names=samples.class_names,
        scaling=scaling,
        target_scaling=target_scaling,
        standardised=setup.standardise,
        side=entry.side,
    )


def _draw(entry: DataSet, setup: DataSetup, rng: np.random.Generator) -> Samples:
    try:
        return entry.draw(setup.samples, setup.noise, rng)
    except ImportError as error:
        raise DataError(
            f"{entry.label} needs scikit-learn, which cannot be imported ({error}). "
            "Install it, or choose spirals, xor or sine."
        ) from error


def _targets(labels: Labels, classes: int, loss: str, scaling: Scaling) -> NDArray[np.float64]:
    if not classes:
        return scaling.apply(labels[:, None].astype(np.float64))
    if classes == 2 and LOSSES[loss].has_one_output:
        return labels[:, None].astype(np.float64)
    return np.eye(classes)[labels.astype(np.intp)]


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array
