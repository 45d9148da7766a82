"""Loss and accuracy on many samples, now and then, without disturbing a step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from gradstudio.data import Data
from gradstudio.nn.network import Network
from gradstudio.training.cost import step_seconds
from gradstudio.training.recording import EVALUATION_INTERVAL, Recording

TEST_SAMPLES: Final = 1000
"""Test samples that are looked at; the first ones, which are in random order."""
TRAIN_SAMPLES: Final = 250
"""Training samples that are looked at. Their loss is known from the steps; this is for the
accuracy, which they give to about 2 points in a hundred."""
STEPS_PER_EVALUATION: Final = 45.0
"""The steps between two evaluations are to take so many times longer than one. Measured on six
networks, evaluations take 1 to 3 % of a run."""

_SECONDS: Final = 100e-6  # both sets, however small
_UNIT_SECONDS: Final = 1e-9  # bias and activation of one unit for one sample


class Evaluation:
    """Evaluates a network every so many steps; how many follows from the setup alone.

    Parameters
    ----------
    net, data
        What is evaluated, on what.
    batch
        Samples of a step.
    """

    def __init__(self, net: Network, data: Data, batch: int) -> None:
        self._net = net
        self._x_test, self._y_test = data.x_test[:TEST_SAMPLES], data.y_test[:TEST_SAMPLES]
        self._x_train = data.x_train[:TRAIN_SAMPLES]
        self._test_labels = data.labels_test[:TEST_SAMPLES]
        self._train_labels = data.labels_train[:TRAIN_SAMPLES]
        self._is_classification = data.kind == "classification"
        self._next = 0
        samples = len(self._x_test) + len(self._x_train)
        self.interval = _interval(net.sizes, samples, batch)

    def is_due(self, step: int) -> bool:
        """Whether the weights before this step are to be evaluated, and have not been."""
        return step == self._next

    def record(self, recording: Recording) -> None:
        """Evaluate the present weights and add a row to the evaluations."""
        test_loss = test_accuracy = train_accuracy = math.nan
        if len(self._x_test):
            z = self._net.output(self._x_test)
            test_loss = float(self._net.loss.value(z, self._y_test))
            if self._is_classification:
                test_accuracy = float(np.mean(self._net.loss.predict(z) == self._test_labels))
        if self._is_classification:
            z = self._net.output(self._x_train)
            train_accuracy = float(np.mean(self._net.loss.predict(z) == self._train_labels))
        recording.evaluations.append(np.array((test_loss, test_accuracy, train_accuracy)))
        self._next += self.interval


def _interval(sizes: Sequence[int], samples: int, batch: int) -> int:
    """Steps from one evaluation to the next. A forward pass is a third of a step's products."""
    products = (step_seconds(sizes, samples) - step_seconds(sizes, 0)) / 3
    evaluation = _SECONDS + products + _UNIT_SECONDS * samples * sum(sizes[1:])
    steps = STEPS_PER_EVALUATION * evaluation / step_seconds(sizes, batch)
    return max(EVALUATION_INTERVAL, math.ceil(steps))
