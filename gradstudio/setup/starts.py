"""How the weights and the biases of one layer start, as the user designs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from gradstudio.setup.model import Finite, Model

InitializerName = Literal[
    "uniform_fan_in",
    "xavier_normal",
    "xavier_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "orthogonal",
    "zeros",
    "constant",
    "normal",
    "uniform",
]
BiasInitializerName = Literal["zeros", "constant", "uniform"]


class InitializerSetup(Model):
    """How the weights of one layer start."""

    PARAMETERS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "constant": ("value",),
        "normal": ("std",),
        "uniform": ("low", "high"),
    }

    name: InitializerName = Field("xavier_normal", title="Initializer")
    std: Finite = Field(
        1.0,
        ge=1e-4,
        le=10.0,
        title="σ",
        description="Standard deviation of normal(0, σ). Large σ explodes, small σ vanishes.",
    )
    value: Finite = Field(
        0.1,
        ge=-10.0,
        le=10.0,
        title="Value",
        description="Every weight starts at this value, so every unit gets the same gradient.",
    )
    low: Finite = Field(
        -0.5, ge=-10.0, le=10.0, title="a", description="Lower end of uniform(a, b)."
    )
    high: Finite = Field(
        0.5, ge=-10.0, le=10.0, title="b", description="Upper end of uniform(a, b)."
    )

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the fields that the chosen initializer uses."""
        return self.PARAMETERS.get(self.name, ())

    @model_validator(mode="after")
    def _ordered(self) -> InitializerSetup:
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        return self


class BiasSetup(Model):
    """How the biases of one layer start."""

    PARAMETERS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "constant": ("value",),
        "uniform": ("bound",),
    }

    name: BiasInitializerName = Field(
        "zeros", title="Bias", description="Zeros keep a symmetric start; others shift every unit."
    )
    value: Finite = Field(0.1, ge=-10.0, le=10.0, title="Value", description="The constant.")
    bound: Finite = Field(
        0.1,
        gt=0.0,
        le=10.0,
        title="± bound",
        description="Uniform between minus and plus this value.",
    )

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the fields that the chosen initializer uses."""
        return self.PARAMETERS.get(self.name, ())
