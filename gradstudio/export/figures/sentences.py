"""What a picture says, in one or two sentences with their numbers."""

from __future__ import annotations

import math

import numpy as np

from gradstudio.export.figure import Floats
from gradstudio.export.figures.common import divergence_words, step_words, steps_done
from gradstudio.export.figures.quantities import QUANTITIES
from gradstudio.export.ticks import is_zero
from gradstudio.numbers import count, figures, scientific, signed
from gradstudio.training.recording import Recording

RECENT = 200
"""Steps over which a curve counts as level or moving."""
PARTS = 10
"""Parts of those steps whose medians are compared."""
LEVEL = 0.1
"""Decades within which it counts as level."""


def gradient_sentence(recording: Recording, quantity: str, selected: int | None = None) -> str:
    """Say how many curves there are, where three of them stand and whether any moves."""
    layers, steps = recording.layer_count, steps_done(recording)
    newest = _newest(recording, quantity)
    if newest is None:
        return "Nothing measured yet."
    middle = layers // 2 if selected is None else selected
    wanted = sorted({0, middle, layers - 1}, reverse=True)
    ends = [f"{_name(recording, i)}: {_value(newest[i])}" for i in wanted]
    over = "at the starting weights" if steps == 0 else f"over {step_words(steps)}"
    curves = "1 curve" if layers == 1 else f"{count(layers)} curves"
    text = f"{curves} {over}. {ends[0][0].upper()}{', '.join(ends)[1:]}."
    return text + _movement(recording, quantity) + divergence_words(recording)


def depth_sentence(recording: Recording, quantity: str, now: Floats | None) -> str:
    """Say how fast a quantity falls or grows from the output to layer 1, and by theory."""
    theory = recording.expectation.per_layer if quantity == "delta_rms" else math.nan
    if now is None:
        if math.isnan(theory):
            return "Nothing measured yet."
        return f"Nothing measured yet. Theory says the gradient {_moves(theory)}."
    noun = QUANTITIES[quantity].noun
    if len(now) == 1:
        return f"{noun} of the only layer is {figures(float(now[0]))}."
    zeros = int(is_zero(now).sum())
    if zeros:
        return f"{noun} is exactly 0 in {count(zeros)} of {count(len(now))} layers."
    rate = decades_per_layer(now)
    if not math.isfinite(rate):
        return f"{noun} is not finite in every layer."
    moves = _moves(rate)
    said = "" if math.isnan(theory) else f" Theory says {_expected(theory, rate)}."
    share = float(now[0]) / float(now[-1])
    return (
        f"{noun} {moves} from output to input; layer 1 gets {figures(share, 2)} "
        f"{'times that ' if share > 1 else ''}of the output layer.{said}"
        f"{divergence_words(recording)}"
    )


def seismograph_sentence(recording: Recording, quantity: str) -> str:
    """Say from where to where the rows of a heat map go, and which of them moved."""
    newest = _newest(recording, quantity)
    if newest is None:
        return "Nothing measured yet."
    last = recording.layer_count - 1
    rows = f"Rows from layer 1 ({_power(newest[0])}) to output ({_power(newest[last])})"
    text = f"{rows}; {_moved(recording, quantity, newest)}."
    for found, words in ((is_zero(newest), "exactly 0"), (~np.isfinite(newest), "not finite")):
        number = int(found.sum())
        if number:
            text += f" {count(number)} {'row is' if number == 1 else 'rows are'} {words}."
    return text + divergence_words(recording)


def deviation_sentence(recording: Recording) -> str:
    """Say in which layers theory and what is measured lie farthest apart."""
    newest, expected = _newest(recording, "delta_rms"), recording.expectation.delta_ratio
    if expected is None:
        return recording.expectation.reason
    if newest is None:
        return "Nothing measured yet."
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.log10(newest / newest[-1] / expected)
    known = np.flatnonzero(np.isfinite(apart))
    if not len(known):
        return "The gradient of no layer can be compared with theory."
    low, high = known[apart[known].argmin()], known[apart[known].argmax()]
    return (
        f"Measured over expected gradient, from {signed(apart[low])} decades "
        f"({_name(recording, int(low))}) to {signed(apart[high])} ({_name(recording, int(high))})."
        f"{divergence_words(recording)}"
    )


def loss_sentence(recording: Recording, smooth: float | None = None) -> str:
    """Say where the losses and accuracies stand, and chance.

    Parameters
    ----------
    recording
        The run.
    smooth
        Where the smoothed training loss stands; None takes that of the newest step.
    """
    newest = _newest(recording, "loss") if recording.step_count else None
    if newest is None:
        return "No step done yet."
    parts = [_pair("training loss", float(newest[0]) if smooth is None else smooth)]
    for name, words in (("test_loss", "test loss"), ("test_accuracy", "test accuracy")):
        known = recording.evaluations.latest(name)
        if known is None or not math.isfinite(known[0]):
            continue
        value = float(known[0])
        parts.append(
            f"{words} {figures(100 * value)} %" if words.endswith("acy") else _pair(words, value)
        )
    text = f"After {step_words(steps_done(recording))}: {', '.join(parts)}."
    if recording.chance is not None:
        text += f" Guessing has loss {figures(recording.chance)}."
    return text + divergence_words(recording)


def decades_per_layer(values: Floats) -> float:
    """Decades from the output to layer 1 per layer; NaN when either end has no logarithm."""
    if len(values) < 2:
        return math.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        total = float(np.log10(values[0]) - np.log10(values[-1]))
    return total / (len(values) - 1) if math.isfinite(total) else math.nan


def _moves(rate: float) -> str:
    """Say whether something falls or grows, and how fast."""
    if f"{abs(rate):.2f}" == "0.00":
        return "is level"
    return f"{'falls' if rate < 0 else 'grows'} by {abs(rate):.2f} decade per layer"


def _expected(rate: float, beside: float) -> str:
    """Say a rate by theory, behind a sentence that has said the measured one."""
    if f"{abs(rate):.2f}" == "0.00":
        return "it is level"
    same_way = (rate < 0) == (beside < 0) and f"{abs(beside):.2f}" != "0.00"
    return f"{abs(rate):.2f}" if same_way else f"it {_moves(rate)}"


def _newest(recording: Recording, quantity: str) -> Floats | None:
    if recording.step_count:
        return recording.history.at(quantity, max(steps_done(recording) - 1, 0)).mean
    if recording.initial is None:
        return None
    values: Floats = getattr(recording.initial, quantity)
    return values


def _movement(recording: Recording, quantity: str) -> str:
    """Say how far the curve that moved most went lately, noise of single batches apart."""
    end = steps_done(recording)
    if end < RECENT:
        return ""
    values = recording.history.read(quantity, end - RECENT, end, points=RECENT).mean
    logs = np.log10(np.where(np.isfinite(values) & (values > 0), values, np.nan))
    logs = logs[: len(logs) // PARTS * PARTS].reshape(PARTS, -1, logs.shape[1])
    known = np.asarray(np.isfinite(logs).any(axis=1))
    spans = [
        float(np.ptp([np.nanmedian(part[:, i]) for part in logs[known[:, i]]]))
        for i in range(logs.shape[2])
        if known[:, i].any()
    ]
    if not spans:
        return ""
    if max(spans) <= LEVEL:
        return f" None moved by more than {LEVEL} decade in the last {RECENT} steps."
    return f" The largest move in the last {RECENT} steps is {figures(max(spans), 2)} decades."


def _moved(recording: Recording, quantity: str, newest: Floats) -> str:
    """Say which rows have gone more than a decade since step 0, as a clause."""
    first = None if recording.initial is None else getattr(recording.initial, quantity)
    if first is None or not np.isfinite(first).any():
        first = newest if not recording.step_count else recording.history.at(quantity, 0).mean
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.log10(newest / first)
    if not np.isfinite(moves).any():
        return "none of them has a size"
    moves = np.where(np.isfinite(moves), moves, 0.0)
    far = int((np.abs(moves) > 1.0).sum())
    if far == 0:
        return "no row moved by more than a decade since step 0"
    most = int(np.abs(moves).argmax())
    return (
        f"{count(far)} of {count(len(moves))} rows moved by more than a decade since step 0, "
        f"{_name(recording, most)} most ({signed(moves[most], 1)})"
    )


def _power(value: float) -> str:
    """Write a value as a power of ten: 10^−11.4."""
    if not math.isfinite(value):
        return "not finite"
    return "exactly 0" if is_zero(value) else f"10^{signed(math.log10(value), 1).lstrip('+')}"


def _name(recording: Recording, index: int) -> str:
    label = recording.labels[index]
    return "output" if label == "out" else f"layer {label}"


def _value(value: float) -> str:
    return figures(value, 2) if 1e-2 <= abs(value) < 1e4 else scientific(value)


def _pair(words: str, value: float) -> str:
    return f"{words} {figures(value)}"
