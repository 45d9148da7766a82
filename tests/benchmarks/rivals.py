"""Ways to take a training step: GradStudio's and those it is compared with."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Protocol

import numpy as np
from sklearn.neural_network import MLPClassifier

from gradstudio import Trainer
from gradstudio.setup.models import Setup


class Rival(Protocol):
    """Something that trains the network of a setup."""

    def run(self, steps: int) -> None:
        """Take a number of steps."""


def rivals(setup: Setup) -> dict[str, Rival]:
    """Make those that are installed, by the name of their package."""
    found: dict[str, Rival] = {}
    if is_installed("torch"):
        from tests.benchmarks.torch_rival import TorchRival

        found["torch"] = TorchRival(Trainer(setup))
    if is_installed("jax"):
        from tests.benchmarks.jax_rival import JaxRival

        found["jax"] = JaxRival(Trainer(setup))
    found["sklearn"] = ScikitLearnRival(Trainer(setup))
    return found


def is_installed(package: str) -> bool:
    """Whether a rival can be imported."""
    return find_spec(package) is not None


class GradStudioRival:
    """``Trainer.run()``, which is what the window's worker calls."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer

    def run(self, steps: int) -> None:
        self.trainer.run(steps)


class ScikitLearnRival:
    """scikit-learn's MLP: the same network and update, no per-layer numbers.

    ``partial_fit`` gets the data of many batches at once, so that its checks of the input, which
    cost more than a small step, are shared by all of them.
    """

    def __init__(self, trainer: Trainer) -> None:
        setup = trainer.setup
        self.batch_size = setup.training.batch_size
        self.x = np.asarray(trainer.data.x_train)
        self.y = np.asarray(trainer.data.labels_train)
        self.classes = np.unique(self.y)
        self.model = MLPClassifier(
            hidden_layer_sizes=tuple(layer.units for layer in setup.network.layers),
            activation=setup.network.layers[0].activation,
            solver="sgd",
            alpha=0.0,
            momentum=0.0,
            nesterovs_momentum=False,
            batch_size=self.batch_size,
            learning_rate_init=setup.training.learning_rate,
            random_state=0,
        )

    def run(self, steps: int) -> None:
        whole_pass = len(self.x) // self.batch_size
        while steps > 0:
            rows = min(steps, whole_pass) * self.batch_size
            self.model.partial_fit(self.x[:rows], self.y[:rows], classes=self.classes)
            steps -= whole_pass
