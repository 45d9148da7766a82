"""The states of a run, and what can be known of it at any moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gradstudio.training.state import Part


class RunState(Enum):
    """Where a run stands."""

    EMPTY = "empty"
    """Nothing has been prepared yet."""
    PREPARING = "preparing"
    """Data and network are being made."""
    READY = "ready"
    """At step 0, measured but not trained."""
    RUNNING = "running"
    """Training, until paused or ended by a rule."""
    PAUSED = "paused"
    """Between two steps, or between two parts of one."""
    FINISHED = "finished"
    """A stop rule has ended the run; it may be continued."""
    DIVERGED = "diverged"
    """A value stopped being finite; what came before is kept."""
    FAILED = "failed"
    """Something could not be made or broke; the message says what. The last run is kept."""


MOVING: Final = frozenset({RunState.PREPARING, RunState.RUNNING})
"""States in which the worker is at work and the trainer belongs to it alone."""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run at one moment.

    Parameters
    ----------
    state
        Where the run stands.
    step
        Updates done.
    epoch
        Passes over the training data done, with fraction.
    elapsed
        Seconds spent running since step 0.
    steps_per_second
        Over the last second; 0 when not running.
    message
        Why the run ended or what was refused; empty when there is nothing to say.
    part
        Part of a step that was done last by hand; None between steps taken whole.
    revision
        Rises with every command carried out and every change of state.
    handled
        Commands taken from the queue so far.
    """

    state: RunState = RunState.EMPTY
    step: int = 0
    epoch: float = 0.0
    elapsed: float = 0.0
    steps_per_second: float = 0.0
    message: str = ""
    part: Part | None = None
    revision: int = 0
    handled: int = field(default=0, compare=False)
