"""How good the answers of a network are on the samples kept for testing, against guessing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from gradstudio.data.task import Data, Labels
from gradstudio.export.prediction import Floats, Predict, class_shares, values_of

Indices = npt.NDArray[np.intp]
NO_ANSWER = -1
"""Stands for the class of a sample whose outputs are not finite."""
TRAINING_SAMPLES = 500
"""Training samples that are scored where nothing was kept for testing: the first ones, which are in
random order."""


@dataclass(frozen=True, eq=False)
class ClassScore:
    """Which samples are right, in the order of the data set.

    Attributes
    ----------
    labels, chosen
        True class and class of the largest share, shape (n,); -1 where a share is not finite.
    shares
        Probabilities of the classes, shape (n, classes).
    part
        ``"test"``, or ``"training"`` where nothing was kept for testing.
    """

    labels: Indices
    chosen: Indices
    shares: Floats
    part: str

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.shares.shape[1])

    @cached_property
    def confusion(self) -> npt.NDArray[np.int64]:
        """Counts, row = true class, column = predicted class, shape (classes, classes)."""
        known, count = self.chosen != NO_ANSWER, self.classes
        pairs = self.labels[known] * count + self.chosen[known]
        return np.bincount(pairs, minlength=count * count).reshape(count, count).astype(np.int64)

    @property
    def total(self) -> int:
        """Number of samples."""
        return len(self.labels)

    @cached_property
    def unanswered(self) -> int:
        """Number of samples without a finite answer; they count as not right."""
        return int(np.count_nonzero(self.chosen == NO_ANSWER))

    @property
    def share(self) -> float:
        """Share of samples that are right, 0 to 1."""
        return float(np.trace(self.confusion)) / max(self.total, 1)

    @property
    def chance(self) -> float:
        """Share that guessing with equal chances gets right."""
        return 1.0 / self.classes

    @cached_property
    def commonest(self) -> tuple[int, float]:
        """The class with most samples, and the share that always answering it gets right."""
        counts = np.bincount(self.labels, minlength=self.classes)
        return int(counts.argmax()), float(counts.max()) / max(self.total, 1)


@dataclass(frozen=True, eq=False)
class ValueScore:
    """How far predicted values are from the true ones, in the unit of the data.

    Attributes
    ----------
    true, predicted
        Shape (n,), in the order of the data set.
    """

    true: Floats
    predicted: Floats
    part: str

    @cached_property
    def unanswered(self) -> int:
        """Number of samples whose predicted value is not finite."""
        return int(np.count_nonzero(~np.isfinite(self.predicted)))

    @property
    def error(self) -> float:
        """Root mean square error."""
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.sqrt(np.mean((self.predicted - self.true) ** 2)))

    @property
    def typical_error(self) -> float:
        """Half of the samples are off by less; NaN where a value is not finite."""
        if self.unanswered:
            return math.nan
        return float(np.median(np.abs(self.predicted - self.true)))

    @property
    def error_of_mean(self) -> float:
        """Root mean square error of always answering with the mean: the bar to beat."""
        return float(np.std(self.true))

    @property
    def explained(self) -> float:
        """R²: the share of the variance that is explained; below 0 is worse than the mean."""
        spread = self.error_of_mean
        return 1.0 - (self.error / spread) ** 2 if spread > 0 else math.nan


def score_classes(predict: Predict, data: Data, loss: str) -> ClassScore:
    """Compare predicted and true classes on the test part."""
    x, labels, part = tested(data)
    shares = class_shares(predict(x), loss)
    chosen = np.where(np.isfinite(shares).all(axis=1), shares.argmax(axis=1), NO_ANSWER)
    return ClassScore(labels.astype(np.intp), chosen, shares, part)


def score_values(predict: Predict, data: Data) -> ValueScore:
    """Compare predicted and true values on the test part, in the unit of the data."""
    x, labels, part = tested(data)
    return ValueScore(labels.astype(np.float64), values_of(predict(x), data), part)


def tested(data: Data) -> tuple[npt.NDArray[np.floating], Labels, str]:
    """Return inputs and labels that answers are scored on, and which part they are."""
    if len(data.x_test):
        return data.x_test, data.labels_test, "test"
    return data.x_train[:TRAINING_SAMPLES], data.labels_train[:TRAINING_SAMPLES], "training"
