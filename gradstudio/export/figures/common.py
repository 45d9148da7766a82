"""What the builders share: schemes, axes, words for runs and layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from gradstudio.export.figure import Axis, Figure, Floats, Item, Mark
from gradstudio.export.ticks import (
    LOG_STEP_OF_ZERO,
    decade_ticks,
    finite_span,
    linear_ticks,
    padded,
    step_positions,
    step_ticks,
)
from gradstudio.numbers import count
from gradstudio.palette import PALETTES, Palette
from gradstudio.training.recording import Recording

SIZE: Final = (760, 440)
POINTS: Final = 1400
"""Bins a curve is read in: half a bin is below half a pixel of the widest plot box."""
FEWEST_STEPS: Final = 10
"""A step axis shows at least that many."""

Range = tuple[float, float]


def scheme(name: str) -> Palette:
    """Colours by the name of the scheme: ``light`` or ``dark``."""
    return PALETTES[name]


def window(recording: Recording, first: int, last: int | None) -> tuple[int, int]:
    """First and last step of a window inside what is recorded."""
    newest = max(recording.step_count - 1, 0)
    end = newest if last is None else min(last, newest)
    return min(max(first, 0), end), end


def step_axis(first: int, last: int, *, log: bool) -> Axis:
    """Build the axis of the steps ``first`` to ``last``."""
    end = max(last, first + FEWEST_STEPS)
    if log:
        low = float(np.log10(max(first, LOG_STEP_OF_ZERO)))
        high = float(step_positions(end, log=True))
    else:
        low, high = float(first), float(end)
    return Axis("step", low, high, log10=log, ticks=step_ticks(low, high, log=log))


def value_axis(
    label: str, arrays: Sequence[Floats], *, log: bool, within: Range | None = None, unit: str = ""
) -> Axis:
    """Build the axis of values that covers ``arrays`` of positions, or is ``within`` a range.

    A logarithmic one has a zero lane.
    """
    span = within or finite_span(arrays)
    if within is None:
        span = padded(*span, log=log) if span else (-3.0, 1.0) if log else (0.0, 1.0)
    assert span is not None
    low, high = span
    if not high > low:
        low, high = low - 0.5, high + 0.5
    ticks = decade_ticks(low, high) if log else linear_ticks(low, high)
    named = tuple((position, text + unit) for position, text in ticks)
    return Axis(label, low, high, log10=log, ticks=named, zero_lane=log)


def steps_done(recording: Recording) -> int:
    """Count the updates made; the step that diverged made none."""
    divergence = recording.divergence
    return recording.step_count if divergence is None else divergence.step


def run_words(recording: Recording) -> str:
    """Name the run and how far it went."""
    steps = steps_done(recording)
    done = step_words(steps) if steps else "before the first step"
    return f"{recording.setup.name} · {done}"


def step_words(steps: int) -> str:
    """Write a number of steps: ``1 step``, ``1,284 steps``."""
    return "1 step" if steps == 1 else f"{count(steps)} steps"


def layer_id(label: str) -> str:
    """Name of a layer inside a line: ``layer 6`` or ``out``."""
    return "out" if label == "out" else f"layer {label}"


def divergence_marks(recording: Recording, *, log: bool) -> list[Item]:
    """Mark the first non-finite value of the run with its place in words."""
    found = recording.divergence
    if found is None:
        return []
    words = [f"step {count(found.step)}: not finite", _place(found.layer_label), found.operation]
    if found.unit is not None:
        words.append(f"unit {count(found.unit + 1)}")
    if found.sample is not None:
        words.append(f"sample {count(found.sample + 1)}")
    return [Mark(float(step_positions(found.step, log=log)), ", ".join(words))]


def divergence_words(recording: Recording) -> str:
    """Say where the run stopped, as the end of a caption; empty when it did not."""
    found = recording.divergence
    if found is None:
        return ""
    return f" Stopped at step {count(found.step)}: not finite."


def plain_figure(title: str, subtitle: str, palette: Palette, sentence: str) -> Figure:
    """Build a figure that only says why it is empty."""
    axis = Axis("", 0.0, 1.0, visible=False)
    return Figure(title, subtitle, axis, axis, caption=sentence, size=SIZE, palette=palette)


def _place(label: str) -> str:
    return "output layer" if label == "out" else f"layer {label}"
