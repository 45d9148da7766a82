"""What may change while a run is on, and the dated changes that repeat it exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gradstudio.errors import SetupError
from gradstudio.nn.schedules import Factor, factor_of
from gradstudio.setup.models import CAN_BE_OFF, EDIT_RANGES, Edit, ScheduleSetup, TrainingSetup

LIVE_FIELDS: Final = tuple(EDIT_RANGES)


@dataclass(frozen=True)
class LiveState:
    """The values of one moment, the edits known then and how many of them had taken effect."""

    values: tuple[float | None, ...]
    """In the order of ``LIVE_FIELDS``."""
    edits: tuple[Edit, ...]
    done: int


class LiveValues:
    """Learning rate, momentum, weight decay and clipping, as they are at a step.

    Parameters
    ----------
    training
        Where they start, the schedule of the rate, and the edits to be repeated.

    Attributes
    ----------
    learning_rate, momentum, weight_decay, clip_norm, clip_value
        Present values; the learning rate is that before the schedule, None clips nothing.
    edits
        All changes by step: those of the setup and those made live.
    """

    def __init__(self, training: TrainingSetup) -> None:
        self.learning_rate: float = training.learning_rate
        self.momentum: float = training.momentum
        self.weight_decay: float = training.weight_decay
        self.clip_norm: float | None = training.clip_norm
        self.clip_value: float | None = training.clip_value
        self.edits = sorted(training.edits, key=lambda edit: edit.step)
        self._factor = rate_factor(training.schedule)
        self._done = 0

    def rate(self, step: int) -> float:
        """Learning rate of the update number ``step``: the present one times its factor."""
        return self.learning_rate * self._factor(step)

    @property
    def may_clip(self) -> bool:
        """Whether the gradient is clipped by its norm, now or by an edit that is still to come."""
        return self.clip_norm is not None or any(
            edit.field == "clip_norm" for edit in self.edits[self._done :]
        )

    def scale(self, grad_norm: float) -> float:
        """Factor that brings a gradient of this norm down to ``clip_norm``; 1 for a smaller one."""
        if self.clip_norm is None or not grad_norm > self.clip_norm:
            return 1.0
        return self.clip_norm / grad_norm

    def take_effect(self, step: int) -> None:
        """Make the changes that are due at ``step`` or were due before."""
        while self._done < len(self.edits) and self.edits[self._done].step <= step:
            self._make(self.edits[self._done])
            self._done += 1

    def change(self, step: int, field: str, value: float | None) -> None:
        """Make a change from ``step`` on and note it; it replaces one of the same step.

        Raises
        ------
        SetupError
            If there is no such field or the value is out of its range.
        """
        edit = _edit(step, field, value)
        if getattr(self, field) == edit.value:
            return
        kept = [old for old in self.edits[: self._done] if (old.step, old.field) != (step, field)]
        self.edits = [*kept, edit, *self.edits[self._done :]]
        self._done = len(kept) + 1
        self._make(edit)

    def state(self) -> LiveState:
        """Copy everything."""
        values = tuple(getattr(self, name) for name in LIVE_FIELDS)
        return LiveState(values, tuple(self.edits), self._done)

    def put_back(self, state: LiveState) -> None:
        """Put back what ``state`` returned."""
        for name, value in zip(LIVE_FIELDS, state.values, strict=True):
            setattr(self, name, value)
        self.edits = list(state.edits)
        self._done = state.done

    def _make(self, edit: Edit) -> None:
        setattr(self, edit.field, edit.value)


def rate_factor(schedule: ScheduleSetup) -> Factor:
    """Factor of the learning rate as a function of the step."""
    parameters = {name: getattr(schedule, name) for name in schedule.parameters}
    return factor_of(schedule.name, schedule.warmup_steps, **parameters)


def _edit(step: int, field: str, value: float | None) -> Edit:
    """Return the edit, or refuse it with the path of the field."""
    path = f"training.{field}"
    if field not in EDIT_RANGES:
        raise SetupError(f"cannot change during a run; {', '.join(LIVE_FIELDS)} can", path)
    low, high = EDIT_RANGES[field]
    if value is None:
        if field not in CAN_BE_OFF:
            raise SetupError("needs a number", path)
    elif not low <= value <= high:
        relation = f"below {low:g}" if value < low else f"above {high:g}"
        raise SetupError(f"{value:g} is {relation}", path)
    return Edit.model_validate({"step": step, "field": field, "value": value})
