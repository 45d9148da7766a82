"""What the training panel says in words: choices, clipping, rates by step, what is set aside."""

from __future__ import annotations

from typing import Final

from gradstudio.nn.losses import LOSSES
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.nn.schedules import SCHEDULES
from gradstudio.numbers import count, plain
from gradstudio.setup.models import ScheduleSetup, StopSetup, TrainingSetup
from gradstudio.training.live import rate_factor
from gradstudio.ui.field_spec import field_spec
from gradstudio.ui.widgets import PART_BREAK

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
CLIP_CHOICES: Final = {
    "off": ("Off", ""),
    "norm": ("Norm", "Scales the whole gradient down to a norm: it keeps its direction."),
    "value": ("Value", "Cuts each element on its own: the gradient turns."),
    "both": ("Both", "The norm first, then each element."),
}
"""Ways to clip: what they are called, and what they do."""


def choice_label(value: str) -> str:
    """How a loss, optimizer, schedule or precision is called."""
    for table in (LOSSES, OPTIMIZERS, SCHEDULES):
        if value in table:
            return str(table[value].label)
    return value


def choice_help(value: str) -> str:
    """When to take a loss, optimizer or schedule; empty for anything else."""
    for table in (LOSSES, OPTIMIZERS, SCHEDULES):
        if value in table:
            return str(table[value].use_when)
    return ""


def clip_choice(training: TrainingSetup) -> str:
    """Which of the ways to clip a setup takes."""
    if training.clip_norm is None:
        return "off" if training.clip_value is None else "value"
    return "norm" if training.clip_value is None else "both"


def clip_text(training: TrainingSetup) -> str:
    """How a setup clips: ``"off"``, ``"norm 1"``, ``"norm 1, value 0.5"``."""
    ways = []
    if training.clip_norm is not None:
        ways.append(f"norm {plain(training.clip_norm)}")
    if training.clip_value is not None:
        ways.append(f"value {plain(training.clip_value)}")
    return ", ".join(ways) or "off"


def rate_text(training: TrainingSetup) -> str:
    """The learning rate at the steps where something happens to it; empty when it stays.

    ``"η 0.001 at step 0, 0.1 at 100, 0.05 at 600, 0 at 1,100"``, which wraps at its commas only.
    """
    schedule = training.schedule
    steps = _telling_steps(schedule)
    if not steps:
        return ""
    factor = rate_factor(schedule)
    rates = [(step, plain(float(f"{training.learning_rate * factor(step):.2g}"))) for step in steps]
    first, *rest = rates
    told = [f"η {first[1]} at step {count(first[0])}"]
    told += [f"{rate} at {count(step)}" for step, rate in rest]
    return ", ".join(part.replace(" ", NO_BREAK) for part in told)


def _telling_steps(schedule: ScheduleSetup) -> list[int]:
    warm, length = schedule.warmup_steps, schedule.steps
    steps = [0, warm] if warm else [0]
    if schedule.name == "step":
        return [*steps, warm + length, warm + 2 * length]
    if schedule.name == "cosine":
        return [*steps, warm + (length + 1) // 2, warm + length]
    return steps if warm else []


def header_text(training: TrainingSetup) -> str:
    """What is on but may be folded away, then the stop rules."""
    parts = []
    if training.schedule.name != "constant":
        parts.append(choice_label(training.schedule.name).lower())
    if training.schedule.warmup_steps:
        parts.append("warm-up")
    if training.weight_decay:
        parts.append(f"decay {plain(training.weight_decay)}")
    if training.precision != "float32":
        parts.append(training.precision)
    return PART_BREAK.join([*parts, stop_text(training.stop)])


def stop_text(stop: StopSetup) -> str:
    """The stop rules in a few words: ``"stop: loss ≤ 0.01 or 5,000 steps"``."""
    rules = []
    if stop.loss is not None:
        rules.append(f"loss ≤ {field_spec(StopSetup, 'loss').written(stop.loss)}")
    if stop.steps is not None:
        rules.append(f"{stop.steps:,} steps")
    if stop.epochs is not None:
        rules.append(f"{stop.epochs:,} epochs")
    return f"stop: {' or '.join(rules)}" if rules else "no stop rule"
