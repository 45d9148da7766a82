"""What may change while a run is on, and the dated changes that repeat it exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gradstudio.errors import SetupError
from gradstudio.setup.models import EDIT_RANGES, Edit, TrainingSetup

LIVE_FIELDS: Final = tuple(EDIT_RANGES)


@dataclass(frozen=True)
class LiveState:
    """The values of one moment, the edits known then and how many of them had taken effect."""

    learning_rate: float
    momentum: float
    clip_norm: float | None
    edits: tuple[Edit, ...]
    done: int


class LiveValues:
    """Learning rate, momentum and clipping norm, as they are at a step.

    Parameters
    ----------
    training
        Where they start, and the edits to be repeated.

    Attributes
    ----------
    learning_rate, momentum, clip_norm
        Present values; no clipping norm means no clipping.
    edits
        All changes by step: those of the setup and those made live.
    """

    def __init__(self, training: TrainingSetup) -> None:
        self.learning_rate: float = training.learning_rate
        self.momentum: float = training.momentum
        self.clip_norm: float | None = training.clip_norm
        self.edits = sorted(training.edits, key=lambda edit: edit.step)
        self._done = 0

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
        return LiveState(
            self.learning_rate, self.momentum, self.clip_norm, tuple(self.edits), self._done
        )

    def put_back(self, state: LiveState) -> None:
        """Put back what ``state`` returned."""
        self.learning_rate = state.learning_rate
        self.momentum = state.momentum
        self.clip_norm = state.clip_norm
        self.edits = list(state.edits)
        self._done = state.done

    def _make(self, edit: Edit) -> None:
        setattr(self, edit.field, edit.value)


def _edit(step: int, field: str, value: float | None) -> Edit:
    """Return the edit, or refuse it with the path of the field."""
    path = f"training.{field}"
    if field not in EDIT_RANGES:
        raise SetupError(f"cannot change during a run; {', '.join(LIVE_FIELDS)} can", path)
    low, high = EDIT_RANGES[field]
    if value is None:
        if field != "clip_norm":
            raise SetupError("needs a number", path)
    elif not low <= value <= high:
        relation = f"below {low:g}" if value < low else f"above {high:g}"
        raise SetupError(f"{value:g} is {relation}", path)
    return Edit.model_validate({"step": step, "field": field, "value": value})
