"""When a run ends by itself."""

from __future__ import annotations

from collections import deque
from typing import Final

from gradstudio.numbers import count, figures
from gradstudio.setup.models import StopSetup

SMOOTHED_STEPS: Final = 20
"""Steps over which the training loss is averaged before it is held against the rule."""


class StopRules:
    """The stop rules of a run; each rule that has ended it once can be passed."""

    def __init__(self, stop: StopSetup, steps_per_epoch: int) -> None:
        self._losses: deque[float] = deque(maxlen=SMOOTHED_STEPS)
        self._steps_per_epoch = steps_per_epoch
        self.change(stop)

    def change(self, stop: StopSetup) -> None:
        """Put other rules in force."""
        self._loss = stop.loss
        limits = [] if stop.steps is None else [(stop.steps, f"{count(stop.steps)} steps")]
        if stop.epochs is not None:
            limits.append((stop.epochs * self._steps_per_epoch, f"{count(stop.epochs)} epochs"))
        self._limits = sorted(limits)
        self._next_limit = self._limits[0][0] if self._limits else None

    def ending(self, step_count: int, loss: float) -> str:
        """Why the run ends after this step, in words; empty when it goes on.

        Parameters
        ----------
        step_count
            Updates done.
        loss
            Training loss of the last one.
        """
        if self._loss is not None:
            self._losses.append(loss)
            mean = sum(self._losses) / len(self._losses)
            if len(self._losses) == SMOOTHED_STEPS and mean <= self._loss:
                return f"loss below {figures(self._loss)} at step {count(step_count)}"
        if self._next_limit is not None and step_count >= self._next_limit:
            return f"{self._limits[0][1]} done"
        return ""

    def pass_by(self, step_count: int) -> None:
        """Take away the rules that would end the run at this step."""
        self._limits = [limit for limit in self._limits if limit[0] > step_count]
        self._next_limit = self._limits[0][0] if self._limits else None
        self._loss = None

    def losses(self) -> tuple[float, ...]:
        """The newest losses, oldest first."""
        return tuple(self._losses)

    def put_back(self, losses: tuple[float, ...]) -> None:
        """Put back what ``losses`` returned."""
        self._losses.clear()
        self._losses.extend(losses)
