"""Where a run stands: its state, the parts of a step, how it can go wrong, and all of it copied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.optimizers import State
from gradstudio.numbers import count
from gradstudio.training.live import LiveState


class TrainState(Enum):
    """Whether a run goes on."""

    ACTIVE = "active"
    """It can take the next step."""
    FINISHED = "finished"
    """A stop rule has ended it."""
    DIVERGED = "diverged"
    """A value was not finite; the update was not made."""


class Part(IntEnum):
    """The parts of a step, in order."""

    FORWARD = 1
    """Forward pass and loss."""
    BACKPROPAGATION = 2
    """The deltas of all layers, from the output to the input."""
    GRADIENTS = 3
    """dL/dW by the chain rule."""
    UPDATE = 4
    """W_new = W_old - eta dL/dW."""
    REPEAT = 5
    """The step is recorded and the loop starts again."""

    @property
    def following(self) -> Part:
        """The part that comes next."""
        return Part.FORWARD if self is Part.REPEAT else Part(self + 1)


@dataclass(frozen=True)
class Divergence:
    """Where the first value that is not finite appeared.

    Attributes
    ----------
    step
        0-based number of the update that was not made.
    layer_label
        ``"1"``, ``"2"``, ... or ``"out"``.
    operation
        What it belongs to: see ``NonFinite``.
    unit, sample
        0-based; None where that means nothing.
    """

    step: int
    layer_label: str
    operation: str
    unit: int | None
    sample: int | None

    @property
    def sentence(self) -> str:
        """Step, layer and operation in words."""
        name = "output layer" if self.layer_label == "out" else f"layer {self.layer_label}"
        return f"not finite at step {count(self.step)}: {name}, {self.operation}"


@dataclass(frozen=True, eq=False)
class TrainingState:
    """All that the next step depends on; what was recorded is not part of it.

    Attributes
    ----------
    step
        Updates done.
    parameters
        All weights layer by layer, then all biases. A copy.
    optimizer
        What the optimizer remembers.
    live
        What may change during a run.
    losses
        Newest losses, as the stop rules keep them.
    statistics
        Running statistics of batch normalisations.
    """

    step: int
    parameters: NDArray[np.floating[Any]]
    optimizer: State
    live: LiveState
    losses: tuple[float, ...]
    statistics: tuple[int, tuple[NDArray[np.floating[Any]], ...]]
