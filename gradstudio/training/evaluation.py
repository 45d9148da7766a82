"""Loss and accuracy on whole sets, now and then, without disturbing a step."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradstudio.data import Data
from gradstudio.nn.network import Network
from gradstudio.training.recording import EVALUATION_INTERVAL, Recording

MAX_SAMPLES: Final = 1000
"""Samples of each set that are looked at; the first ones, which are in random order."""
COST: Final = 10.0
"""How many times cheaper the evaluations are than the steps between them, at least."""


class Evaluation:
    """Evaluates a network every so many steps.

    Parameters
    ----------
    net, data
        What is evaluated, on what.
    batch
        Samples of a step, which decide how often an evaluation is affordable: a step costs three
        times a forward pass.
    """

    def __init__(self, net: Network, data: Data, batch: int) -> None:
        self._net = net
        self._x_test, self._y_test = data.x_test[:MAX_SAMPLES], data.y_test[:MAX_SAMPLES]
        self._x_train = data.x_train[:MAX_SAMPLES]
        self._test_labels = data.labels_test[:MAX_SAMPLES]
        self._train_labels = data.labels_train[:MAX_SAMPLES]
        self._is_classification = data.kind == "classification"
        samples = len(self._x_test) + len(self._x_train)
        self._next = 0
        self.interval = max(EVALUATION_INTERVAL, int(np.ceil(COST * samples / (3.0 * batch))))

    def is_due(self, step: int) -> bool:
        """Whether the weights before this step are to be evaluated, and have not been."""
        return step == self._next

    def record(self, recording: Recording) -> None:
        """Evaluate the present weights and add a row to the evaluations."""
        test_loss = test_accuracy = train_accuracy = np.nan
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
