"""One step of the past, from what is still known of it."""

from __future__ import annotations

from gradstudio.training.record import StepRecord
from gradstudio.training.recording import Recording


def record_at(recording: Recording, step: int) -> StepRecord:
    """Return what was measured at a step.

    Where the history no longer keeps the step alone, the numbers are the means of the steps that
    it keeps together; ``recording.history.at`` tells which.

    Raises
    ------
    IndexError
        If the step is not recorded.
    """
    row = recording.layout.new_row()
    for name in recording.layout.names:
        row[recording.layout.slice_of(name)] = recording.history.at(name, step).mean
    return StepRecord(step, row, recording.layout)
