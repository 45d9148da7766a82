"""How the weights and the biases of one layer start, as the user designs it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from gradstudio.nn.biases import BIAS_DEFAULTS, BIAS_INITIALIZERS
from gradstudio.nn.distributions import SpreadName
from gradstudio.nn.initializer import DEFAULTS, Mode
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.setup.model import Finite, Model

InitializerName = Literal[
    "uniform_fan_in",
    "xavier_normal",
    "xavier_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "variance_scaling",
    "orthogonal",
    "lsuv",
    "critical",
    "identity",
    "normal",
    "truncated_normal",
    "uniform",
    "sparse",
    "zeros",
    "constant",
    "identical_units",
    "swapped_fans",
    "all_positive",
]
BiasInitializerName = Literal["zeros", "constant", "uniform", "normal", "uniform_fan_in"]
Gain = Annotated[float, Field(ge=1e-3, le=100.0, allow_inf_nan=False)] | Literal["auto"] | None


class InitializerSetup(Model):
    """How the weights of one layer start."""

    PARAMETERS: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {name: entry.parameters for name, entry in INITIALIZERS.items()}
    )

    name: InitializerName = Field("xavier_normal", title="Initializer")
    gain: Gain = Field(
        DEFAULTS["gain"],
        title="Gain",
        description="Multiplies the weights, and with them the gradient that every layer passes "
        "back. Auto takes the gain that φ asks for.",
        json_schema_extra={"log": True},
    )
    mode: Mode = Field(
        DEFAULTS["mode"],
        title="Fan",
        description="Fan in keeps the signal level on the way forward, fan out the gradient on "
        "the way back; the means do a little of both.",
    )
    scale: Finite = Field(
        DEFAULTS["scale"],
        ge=1e-4,
        le=1e4,
        title="Scale",
        description="Variance of a weight times the fan: 1 is level for linear layers, 2 for ReLU.",
    )
    distribution: SpreadName = Field(
        DEFAULTS["distribution"],
        title="Shape",
        description="Of one variance all three pass the gradient on alike; they differ in their "
        "largest weights.",
    )
    sparsity: Finite = Field(
        DEFAULTS["sparsity"],
        ge=0.0,
        le=1.0,
        title="Sparsity",
        description="Share of the weights of each unit that start at 0 and pass nothing back.",
    )
    std: Finite = Field(
        DEFAULTS["std"],
        ge=1e-4,
        le=10.0,
        title="σ",
        description="Standard deviation of the weights. Large σ explodes, small σ vanishes.",
    )
    value: Finite = Field(
        DEFAULTS["value"],
        ge=-10.0,
        le=10.0,
        title="Value",
        description="Every weight starts at this value, so every unit gets the same gradient.",
    )
    low: Finite = Field(
        DEFAULTS["low"], ge=-10.0, le=10.0, title="a", description="Lower end of uniform(a, b)."
    )
    high: Finite = Field(
        DEFAULTS["high"], ge=-10.0, le=10.0, title="b", description="Upper end of uniform(a, b)."
    )

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the fields that the chosen initializer uses."""
        return self.PARAMETERS[self.name]

    @property
    def left_out(self) -> frozenset[str]:
        """Fields that a file leaves out at their default.

        Gain and fan among them: files from before there were any mean the same.
        """
        return frozenset(type(self).model_fields) - {"name", *self.parameters} | {"gain", "mode"}

    @model_validator(mode="after")
    def _ordered(self) -> InitializerSetup:
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        return self


class BiasSetup(Model):
    """How the biases of one layer start."""

    PARAMETERS: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {name: entry.parameters for name, entry in BIAS_INITIALIZERS.items()}
    )

    name: BiasInitializerName = Field(
        "zeros", title="Bias", description="Zeros keep a symmetric start; others shift every unit."
    )
    value: Finite = Field(
        BIAS_DEFAULTS["value"], ge=-10.0, le=10.0, title="Value", description="The constant."
    )
    bound: Finite = Field(
        BIAS_DEFAULTS["bound"],
        gt=0.0,
        le=10.0,
        title="± bound",
        description="Uniform between minus and plus this value.",
    )
    std: Finite = Field(
        BIAS_DEFAULTS["std"],
        ge=1e-4,
        le=10.0,
        title="σ",
        description="Standard deviation of the biases. Large σ drowns the signal of the weights.",
        json_schema_extra={"log": True},
    )

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the fields that the chosen initializer uses."""
        return self.PARAMETERS[self.name]

    @property
    def left_out(self) -> frozenset[str]:
        """Fields that a file leaves out at their default."""
        return frozenset(type(self).model_fields) - {"name", *self.parameters}
