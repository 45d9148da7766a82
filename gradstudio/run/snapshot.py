"""A copy of the network between two steps, for whoever draws it while training goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.network import Network
from gradstudio.training.state import Part
from gradstudio.training.trainer import Trainer


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Parameters and gradients of one moment.

    Parameters
    ----------
    step
        Updates done: the parameters are those after that many.
    parameters
        All weights layer by layer, then all biases, (parameter_count,). A copy.
    gradients
        Gradients computed last, in the same order, (parameter_count,): those of the batch that
        led to these parameters, or of the first batch at step 0. A copy.
    sizes
        Units of input, hidden layers and output, (L + 1,).
    activations
        Name of the activation of each hidden layer, (L - 1,).
    loss
        Name of the loss.
    """

    step: int
    parameters: NDArray[np.floating[Any]]
    gradients: NDArray[np.floating[Any]]
    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str

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
            activations=tuple(layer.activation for layer in trainer.setup.network.layers),
            loss=trainer.setup.training.loss,
        )

    def network(self) -> Network:
        """Build a network of its own that holds these parameters and gradients."""
        net = Network(
            list(self.sizes), list(self.activations), loss=self.loss, dtype=self.parameters.dtype
        )
        net.flat[...] = self.parameters
        net.flat_grads[...] = self.gradients
        return net
