"""The five parts of one step in words and numbers, from what was recorded of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.numbers import count, figures
from gradstudio.training.record import StepRecord
from gradstudio.training.recording import Recording
from gradstudio.training.state import Part
from gradstudio.training.step_formulas import (
    PLAIN_BACKWARD,
    PLAIN_FORWARD,
    PLAIN_GRADIENT,
    backward_formula,
    forward_formula,
    gradient_formula,
    shortcuts_from,
)
from gradstudio.training.structure import closed_layers
from gradstudio.training.trainer import Trainer


@dataclass(frozen=True)
class PartExplanation:
    """One part of the loop: its name, its formula (LaTeX) and its numbers in a sentence."""

    title: str
    formula: str
    line: str


FORMULAS = (
    PLAIN_FORWARD,
    PLAIN_BACKWARD,
    PLAIN_GRADIENT,
    r"W_{new}=W_{old}-\eta\,\frac{\partial L}{\partial W_{old}}",
    "",
)
TITLES = ("Forward pass and loss", "Backpropagation", "Gradients by the chain rule", "Update",
          "Repeat")  # fmt: skip


def explain_step(
    recording: Recording, layer: int, record: StepRecord | None = None
) -> tuple[PartExplanation, ...]:
    """The five parts of a step, as layer index `layer` (0-based) lives them; of the newest one.

    The formulas are those of what the layer has and of the optimizer; g in it is the gradient.
    Before the first step the numbers are those measured of the first batch without an update.
    """
    record = record or newest_record(recording)
    return _explain(recording, record, layer, 0 if record is None else len(TITLES))


def explain_step_by_hand(trainer: Trainer, layer: int) -> tuple[PartExplanation, ...]:
    """The parts done so far of a step under way by hand; the others have no numbers yet.

    The trainer must be at rest.
    """
    part = trainer.part
    if part is None or part is Part.REPEAT:
        return explain_step(trainer.recording, layer)
    return _explain(trainer.recording, trainer.step_under_way, layer, part.value)


def _explain(
    recording: Recording, record: StepRecord | None, layer: int, done: int
) -> tuple[PartExplanation, ...]:
    formulas, lines = list(FORMULAS), [""] * len(TITLES)
    network = recording.setup.network
    makers = (forward_formula, backward_formula, gradient_formula)
    formulas[: Part.GRADIENTS] = [make(network, layer) for make in makers]
    optimizer = recording.setup.training.optimizer
    if optimizer != "sgd":
        formulas[Part.UPDATE - 1] = OPTIMIZERS[optimizer].formula
    if record is not None:
        tellers = (_loss_line, _backward_line, _gradient_line, _update_line, _repeat_line)
        lines[:done] = [tell(recording, record, layer) for tell in tellers[:done]]
    rows = zip(TITLES, formulas, lines, strict=True)
    return tuple(PartExplanation(title, formula, line) for title, formula, line in rows)


def newest_record(recording: Recording) -> StepRecord | None:
    """The newest recorded step, else what was measured before the first one."""
    newest = recording.newest()
    return newest if newest is not None else recording.initial


def _loss_line(recording: Recording, record: StepRecord, layer: int) -> str:
    return f"Loss of this batch: {figures(record.loss)}."


def _backward_line(recording: Recording, record: StepRecord, layer: int) -> str:
    delta = record.delta_rms
    label = _name(recording, layer)
    if layer == len(delta) - 1:
        return f"The signal starts at the output: RMS δ is {figures(delta[-1])}."
    if not np.isfinite(delta[layer]):
        return f"The signal of {label[0].lower()}{label[1:]} is not finite."
    if delta[layer] == 0:
        is_closed = record.step == 0 and layer in closed_layers(recording.setup.network)
        why = "its branch starts closed" if is_closed else "nothing comes back to it"
        return f"{label} gets exactly 0: {why}."
    if shortcuts_from(recording.setup.network, layer):
        return (
            f"{label} gets {figures(delta[layer])}, {_way_by_shortcut(recording, record, layer)}."
        )
    with np.errstate(all="ignore"):
        factor = delta[layer] / delta[layer + 1]
    return f"{label} gets {figures(delta[layer])}: × {figures(factor)} on the way in."


def _way_by_shortcut(recording: Recording, record: StepRecord, layer: int) -> str:
    """Say by which ways the signal comes back to a layer behind which a shortcut begins."""
    ends = shortcuts_from(recording.setup.network, layer)
    others = f" and {len(ends) - 1} more" if len(ends) > 1 else ""
    shortcut = f"by the shortcut from layer {ends[0] + 1}{others}"
    if record.delta_rms[layer + 1] == 0:
        return f"all of it {shortcut}"
    return f"through layer {layer + 2} and {shortcut}"


def _gradient_line(recording: Recording, record: StepRecord, layer: int) -> str:
    return f"{_name(recording, layer)}: |∂L/∂W| is {figures(record.weight_grad_norm[layer])}."


def _update_line(recording: Recording, record: StepRecord, layer: int) -> str:
    ratio = record.update_ratio[layer]
    name = _name(recording, layer)
    rate = figures(record.learning_rate)
    if record.weight_norm[layer] == 0 and np.isnan(ratio):
        return f"η is {rate}. {name} stays at 0."
    if not np.isfinite(ratio):
        return f"η is {rate}. {name} has no finite update."
    if ratio == 0:
        return f"η is {rate}. {name} does not change at all."
    if ratio > 1:
        return f"η is {rate}. {name} changes by {figures(ratio)} times its own size."
    return f"η is {rate}. {name} changes by 1 part in {figures(1 / ratio)}."


def _repeat_line(recording: Recording, record: StepRecord, layer: int) -> str:
    done = len(recording.history)
    more = done - record.step - 1
    if more > 0:
        return f"The loop went on: {count(more)} more step{'s' * (more > 1)} followed."
    if recording.divergence is not None:
        return f"The loop has stopped: {recording.divergence.sentence}."
    return f"Step {count(done)} is done. The loop starts again." if done else "Not started yet."


def _name(recording: Recording, layer: int) -> str:
    label = recording.labels[layer]
    return "The output layer" if label == "out" else f"Layer {label}"
