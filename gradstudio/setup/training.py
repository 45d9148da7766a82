"""How a network is trained, as the user designs it: loss, optimizer, schedule, stop rules, edits.

The order of what happens to a gradient: it is scaled to ``clip_norm``, each element is cut at
``clip_value``, weight decay is added (AdamW adds it to the update instead), the optimizer turns it
into a direction, and the learning rate of the schedule times the direction is the update.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, Literal

from pydantic import Field, model_validator

from gradstudio.setup.model import Finite, Model

LossName = Literal[
    "softmax_cross_entropy",
    "binary_cross_entropy",
    "sigmoid_mse",
    "mse",
    "half_mse",
    "mae",
    "huber",
]
OptimizerName = Literal["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw"]
ScheduleName = Literal["constant", "step", "cosine"]

EDIT_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "learning_rate": (1e-6, 10.0),
    "momentum": (0.0, 0.999),
    "weight_decay": (0.0, 1.0),
    "clip_norm": (1e-6, 1e6),
    "clip_value": (1e-6, 1e6),
}
"""What the fields that may change during a run can be set to, ends included."""
CAN_BE_OFF: Final = frozenset({"clip_norm", "clip_value"})
"""Those of them that None switches off."""


class StopSetup(Model):
    """When a run ends by itself; non-finite values always end it."""

    steps: int | None = Field(
        None, ge=1, le=1_000_000_000, title="Steps", description="Stop after this many updates."
    )
    epochs: int | None = Field(
        None, ge=1, le=10_000_000, title="Epochs", description="Stop after this many passes."
    )
    loss: Finite | None = Field(
        None,
        ge=0.0,
        le=1e6,
        title="Training loss",
        description="Stop when the training loss, smoothed over the last 20 steps, falls to this.",
    )


class Edit(Model):
    """A change made while a run was on: from `step` on, `field` has `value`."""

    step: int = Field(ge=0)
    field: Literal["learning_rate", "momentum", "weight_decay", "clip_norm", "clip_value"]
    value: Finite | None

    @model_validator(mode="after")
    def _in_range(self) -> Edit:
        low, high = EDIT_RANGES[self.field]
        if self.value is None:
            if self.field not in CAN_BE_OFF:
                raise ValueError(f"value of {self.field} needs a number, got null")
        elif not low <= self.value <= high:
            relation, bound = ("below", low) if self.value < low else ("above", high)
            raise ValueError(f"value {self.value:g} is {relation} {bound:g}")
        return self


class ScheduleSetup(Model):
    """How the learning rate changes by step: the rate of a step is η times a factor."""

    PARAMETERS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "step": ("steps", "factor"),
        "cosine": ("steps", "floor"),
    }

    name: ScheduleName = Field(
        "constant",
        title="Schedule",
        description="Changes the rate by step; the gradient itself stays what it is.",
    )
    warmup_steps: int = Field(
        0,
        ge=0,
        le=1_000_000,
        title="Warm-up",
        description="Raises the rate from near 0 to η over so many steps, before the schedule "
        "begins. Tames the first updates, when gradients are largest. 0: none.",
        json_schema_extra={"unit": "steps"},
    )
    steps: int = Field(
        1000,
        ge=1,
        le=1_000_000_000,
        title="Steps",
        description="Length of a stair, or of the half wave from η down to the floor. The warm-up "
        "is not counted.",
        json_schema_extra={"unit": "steps"},
    )
    factor: Finite = Field(
        0.5,
        gt=0.0,
        le=1.0,
        title="Factor",
        description="The rate is multiplied by this each time. Small factors stop learning early.",
    )
    floor: Finite = Field(
        0.0,
        ge=0.0,
        le=1.0,
        title="Floor",
        description="What is left of the rate after the last step of the wave. At 0 the weights "
        "stay where they are from then on.",
        json_schema_extra={"unit": "of η"},
    )

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the fields that the chosen schedule uses, but for the warm-up."""
        return self.PARAMETERS.get(self.name, ())

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of the fields that a file leaves out while they have their default."""
        used = {"name", *self.parameters}
        return tuple(name for name in type(self).model_fields if name not in used)


class TrainingSetup(Model):
    """The training loop."""

    PARAMETERS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "momentum": ("momentum",),
        "nesterov": ("momentum",),
        "rmsprop": ("alpha", "epsilon"),
        "adagrad": ("epsilon",),
        "adam": ("beta1", "beta2", "epsilon"),
        "adamw": ("beta1", "beta2", "epsilon"),
    }
    """Fields that each optimizer uses beside learning rate, weight decay and clipping."""
    OPTIMIZER_FIELDS: ClassVar[tuple[str, ...]] = (
        "momentum",
        "alpha",
        "beta1",
        "beta2",
        "epsilon",
    )

    loss: LossName = Field(
        "softmax_cross_entropy",
        title="Loss",
        description="Where the gradient starts: ∂L/∂output.",
    )
    optimizer: OptimizerName = Field(
        "sgd",
        title="Optimizer",
        description="Adam divides by the gradient's size: it hides vanishing, it does not cure it.",
    )
    learning_rate: Finite = Field(
        0.1,
        ge=EDIT_RANGES["learning_rate"][0],
        le=EDIT_RANGES["learning_rate"][1],
        title="Learning rate η",
        description="Scales the update, not the gradient. Too high: weights explode.",
        json_schema_extra={"live": True, "log": True},
    )
    momentum: Finite = Field(
        0.9,
        ge=EDIT_RANGES["momentum"][0],
        le=EDIT_RANGES["momentum"][1],
        title="Momentum",
        description="Sums past gradients: up to 1/(1 − m) times larger steps.",
        json_schema_extra={"live": True},
    )
    alpha: Finite = Field(
        0.99,
        ge=0.0,
        le=0.99999,
        title="α",
        description="How slowly the mean of the squared gradient forgets: 0.99 is a memory of "
        "about 100 steps.",
    )
    beta1: Finite = Field(
        0.9,
        ge=0.0,
        le=0.9999,
        title="β₁",
        description="How slowly the mean of the gradient forgets: 0.9 is a memory of 10 steps.",
    )
    beta2: Finite = Field(
        0.999,
        ge=0.0,
        le=0.99999,
        title="β₂",
        description="How slowly the mean of the squared gradient forgets: 0.999 is a memory of "
        "1,000 steps.",
        json_schema_extra={"step": 0.001},
    )
    epsilon: Finite = Field(
        1e-8,
        ge=1e-12,
        le=1.0,
        title="ε",
        description="Added to the root of the squared gradient before it divides. Gradients far "
        "below ε are not blown up: the layers they belong to stand still.",
        json_schema_extra={"log": True},
    )
    weight_decay: Finite = Field(
        0.0,
        ge=EDIT_RANGES["weight_decay"][0],
        le=EDIT_RANGES["weight_decay"][1],
        title="Weight decay",
        description="Pulls weights and biases to 0, and the signal with them. Added to the "
        "gradient; AdamW adds it to the update.",
        json_schema_extra={"live": True, "step": 0.001},
    )
    batch_size: int = Field(
        32,
        ge=1,
        le=20_000,
        title="Batch",
        description="Larger: the mean gradient shrinks by cancellation, delta does not.",
        json_schema_extra={"unit": "samples"},
    )
    clip_norm: Finite | None = Field(
        None,
        ge=EDIT_RANGES["clip_norm"][0],
        le=EDIT_RANGES["clip_norm"][1],
        title="Clip |g|",
        description="Caps an exploding gradient at this global norm. It cannot raise a vanishing "
        "one.",
        json_schema_extra={"live": True},
    )
    clip_value: Finite | None = Field(
        None,
        ge=EDIT_RANGES["clip_value"][0],
        le=EDIT_RANGES["clip_value"][1],
        title="Clip each",
        description="Cuts every element of the gradient at ± this value, after the norm if both "
        "are on. Turns the gradient: large elements lose their lead.",
        json_schema_extra={"live": True},
    )
    schedule: ScheduleSetup = ScheduleSetup()
    precision: Literal["float32", "float64", "float16"] = Field(
        "float32",
        title="Precision",
        description="Fewer bits: small gradients become exactly 0, in float32 below 1e-45, in "
        "float16 below 3e-8. Float16 is simulated: all that is stored is rounded to it.",
    )
    stop: StopSetup = StopSetup()
    edits: tuple[Edit, ...] = Field(
        (), title="Edits", description="Changes made while the run was on, for an exact repeat."
    )

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the fields that the chosen optimizer uses."""
        return self.PARAMETERS.get(self.optimizer, ())

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of the fields that a file leaves out while they have their default.

        Those are the parameters of other optimizers, and what is off.
        """
        unused = (name for name in self.OPTIMIZER_FIELDS if name not in self.parameters)
        return (*unused, "weight_decay", "clip_norm", "clip_value", "schedule")
