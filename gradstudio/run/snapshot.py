"""A copy of the network between two steps, for whoever draws it while training goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.activations import Activation
from gradstudio.nn.network import Network
from gradstudio.nn.structure import LayerStructure
from gradstudio.training.state import Part
from gradstudio.training.trainer import Trainer

MOST_UPDATES: Final = 2_000_000
"""Weights up to which the last update is copied: 8 MB in single precision, 4 times a second."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Parameters and gradients of one moment.

    Parameters
    ----------
    step
        Updates done: the parameters are those after that many.
    parameters
        All weights layer by layer, then all biases, then what normalisations and shortcuts learn,
        (parameter_count,). A copy.
    gradients
        Gradients computed last, in the same order, (parameter_count,): those of the batch that
        led to these parameters, or of the first batch at step 0. A copy.
    sizes
        Units of input, hidden layers and output, (L + 1,).
    activations, structures
        Activation of each hidden layer, and what it has beside its weights, (L - 1,).
    loss
        Name of the loss.
    statistics
        Running statistics of batch normalisations. A copy.
    is_half
        Whether half precision is simulated.
    updates
        What the last update added to the weights: minus the rate times the direction of the
        optimizer, (weights,). None before the first one, while a step done by hand holds the
        gradients of the next, and of networks with more than 2,000,000 weights.
    """

    step: int
    parameters: NDArray[np.floating[Any]]
    gradients: NDArray[np.floating[Any]]
    sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    structures: tuple[LayerStructure, ...]
    loss: str
    statistics: tuple[int, tuple[NDArray[np.floating[Any]], ...]]
    is_half: bool
    updates: NDArray[np.floating[Any]] | None = None

    @classmethod
    def of(cls, trainer: Trainer) -> Snapshot:
        """Copy what ``trainer`` holds now."""
        net = trainer.network
        # a step done by hand is counted after its update has been made
        is_updated = trainer.part is Part.UPDATE
        return cls(
            step=trainer.step_count + is_updated,
            parameters=net.flat.copy(),
            gradients=net.flat_grads.copy(),
            sizes=tuple(net.sizes),
            activations=net.activations,
            structures=net.structures,
            loss=trainer.setup.training.loss,
            statistics=net.statistics.state(),
            is_half=net.is_half,
            updates=last_update(trainer),
        )

    def network(self) -> Network:
        """Build a network of its own that holds these parameters and gradients."""
        net = Network(
            self.sizes,
            self.activations,
            loss=self.loss,
            dtype=np.float16 if self.is_half else self.parameters.dtype,
            structure=self.structures,
        )
        net.flat[...] = self.parameters
        net.flat_grads[...] = self.gradients
        net.statistics.restore(self.statistics)
        return net


def last_update(trainer: Trainer) -> NDArray[np.floating[Any]] | None:
    """Return what the last update added to the weights, (weights,), as far as it is known."""
    net, optimizer = trainer.network, trainer.optimizer
    is_updated = trainer.step_count > 0 or trainer.part is Part.UPDATE
    if not is_updated or not optimizer.rate or net.weight_count > MOST_UPDATES:
        return None
    direction = optimizer.direction
    if direction is None:
        if trainer.part is Part.GRADIENTS:
            return None
        direction = net.flat_grads
    return direction[: net.weight_count] * np.asarray(-optimizer.rate, direction.dtype)
