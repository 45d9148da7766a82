"""Everything that is known of one run: what was designed, what was measured, how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from gradstudio.setup.models import Setup
from gradstudio.training.expectation import Expectation, expected_deltas
from gradstudio.training.history import History
from gradstudio.training.record import Columns, RowLayout, StepRecord

if TYPE_CHECKING:
    from gradstudio.training.state import Divergence

EVALUATION_COLUMNS: Final = ("test_loss", "test_accuracy", "train_accuracy")
EVALUATION_INTERVAL: Final = 10
"""Steps from one evaluation to the next."""


def layer_labels(layer_count: int) -> tuple[str, ...]:
    """Names of the layers in every plot and table: 1, 2, ... and ``out``."""
    return (*(str(number) for number in range(1, layer_count)), "out")


@dataclass
class Recording:
    """The record of one run; written by its trainer, read by whoever looks at it.

    Parameters
    ----------
    setup
        The design that is trained.
    chance
        Loss of guessing, ln(number of classes); None when there is no such thing.
    class_count
        Number of classes; 0 for a regression.
    evaluation_interval
        Steps from one evaluation of the whole training and test set to the next.
    input_square
        Mean square of the training inputs as the network gets them; None when not known.
    """

    setup: Setup
    chance: float | None = None
    class_count: int = 0
    evaluation_interval: int = EVALUATION_INTERVAL
    input_square: float | None = None
    labels: tuple[str, ...] = field(init=False)
    layout: RowLayout = field(init=False)
    history: History = field(init=False)
    """One row per step."""
    evaluations: History = field(init=False)
    """One row per evaluation: test loss, test accuracy, training accuracy (0 to 1, or NaN)."""
    initial: StepRecord | None = None
    """Measured at the starting weights, before the first update."""
    divergence: Divergence | None = None
    """Where the first non-finite value appeared; None as long as there is none."""

    def __post_init__(self) -> None:
        layer_count = len(self.setup.network.layers) + 1
        self.labels = layer_labels(layer_count)
        self.layout = RowLayout(layer_count)
        self.history = History(self.layout)
        self.evaluations = History(
            Columns(dict.fromkeys(EVALUATION_COLUMNS, 1)), interval=self.evaluation_interval
        )

    @property
    def layer_count(self) -> int:
        """Number of layers L: hidden layers and the output layer."""
        return len(self.labels)

    @property
    def step_count(self) -> int:
        """Number of steps recorded so far."""
        return len(self.history)

    @cached_property
    def expectation(self) -> Expectation:
        """What theory expects of the starting weights; computed once, when first asked for."""
        return expected_deltas(self.setup, self.input_square)

    def newest(self) -> StepRecord | None:
        """Return the newest recorded step, copied; None before the first one."""
        newest = self.history.newest()
        return None if newest is None else StepRecord(*newest, self.layout)
