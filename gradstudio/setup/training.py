"""How a network is trained, as the user designs it: loss, optimizer, stop rules, edits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field, model_validator

from gradstudio.setup.model import Finite, Model

LossName = Literal["softmax_cross_entropy", "binary_cross_entropy", "mse"]
OptimizerName = Literal["sgd", "momentum", "adam"]

EDIT_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "learning_rate": (1e-6, 10.0),
    "momentum": (0.0, 0.999),
    "clip_norm": (1e-6, 1e6),
}
"""What the fields that may change during a run can be set to, ends included."""


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
    field: Literal["learning_rate", "momentum", "clip_norm"]
    value: Finite | None

    @model_validator(mode="after")
    def _in_range(self) -> Edit:
        low, high = EDIT_RANGES[self.field]
        if self.value is None:
            if self.field != "clip_norm":
                raise ValueError(f"value of {self.field} needs a number, got null")
        elif not low <= self.value <= high:
            relation, bound = ("below", low) if self.value < low else ("above", high)
            raise ValueError(f"value {self.value:g} is {relation} {bound:g}")
        return self


class TrainingSetup(Model):
    """The training loop."""

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
    precision: Literal["float32", "float64"] = Field(
        "float32",
        title="Precision",
        description="Fewer bits: small gradients become exactly 0.",
    )
    stop: StopSetup = StopSetup()
    edits: tuple[Edit, ...] = Field(
        (), title="Edits", description="Changes made while the run was on, for an exact repeat."
    )
