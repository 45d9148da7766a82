"""The table of bias initializers: how the biases of a layer start."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypedDict, Unpack

import numpy as np

from gradstudio.nn.distributions import Floats


class BiasArguments(TypedDict, total=False):
    """The numbers a bias initializer can take."""

    value: float
    bound: float
    std: float


BIAS_DEFAULTS: Final[BiasArguments] = {"value": 0.1, "bound": 0.1, "std": 0.1}
"""What is taken where nothing is given; the setup has its defaults from here."""

Draw = Callable[[np.random.Generator, int, int, BiasArguments], Floats]


@dataclass(frozen=True)
class BiasInitializer:
    """How biases start.

    Attributes
    ----------
    name, label
        As stored in a setup and as shown to a person.
    parameters
        Names of the numbers it takes.
    draw
        ``draw(rng, units, fan_in, numbers)`` makes the biases of a layer.
    spread
        ``spread(fan_in, numbers)`` is their variance about their mean.
    """

    name: str
    label: str
    parameters: tuple[str, ...]
    draw: Draw
    spread: Callable[[int, BiasArguments], float]

    def sample(
        self,
        units: int,
        *,
        fan_in: int,
        rng: np.random.Generator,
        **parameters: Unpack[BiasArguments],
    ) -> Floats:
        """Draw the biases of a layer with ``fan_in`` inputs, (units,)."""
        return self.draw(rng, units, fan_in, self._given(parameters))

    def variance(self, fan_in: int, **parameters: Unpack[BiasArguments]) -> float:
        """Return the variance of one bias about its mean: sigma_b^2 of mean-field theory."""
        return self.spread(fan_in, self._given(parameters))

    def _given(self, parameters: BiasArguments) -> BiasArguments:
        for name in parameters:
            if name not in self.parameters:
                taken = ", ".join(self.parameters) or "none"
                raise TypeError(f"{self.name} has no parameter '{name}'; it takes {taken}")
        return BIAS_DEFAULTS | parameters


_ENTRIES: Final = (
    BiasInitializer(
        "zeros", "Zeros", (), lambda rng, n, fan_in, p: np.zeros(n), lambda fan_in, p: 0.0
    ),
    BiasInitializer(
        "constant",
        "Constant",
        ("value",),
        lambda rng, n, fan_in, p: np.full(n, float(p["value"])),
        lambda fan_in, p: 0.0,
    ),
    BiasInitializer(
        "uniform",
        "Uniform ±",
        ("bound",),
        lambda rng, n, fan_in, p: rng.uniform(-p["bound"], p["bound"], n),
        lambda fan_in, p: p["bound"] ** 2 / 3,
    ),
    BiasInitializer(
        "normal",
        "Normal(0, σ)",
        ("std",),
        lambda rng, n, fan_in, p: rng.normal(0.0, p["std"], n),
        lambda fan_in, p: p["std"] ** 2,
    ),
    BiasInitializer(
        "uniform_fan_in",
        "Uniform ±1/√in",
        (),
        lambda rng, n, fan_in, p: rng.uniform(-1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in), n),
        lambda fan_in, p: 1 / (3 * fan_in),
    ),
)

BIAS_INITIALIZERS: Final[Mapping[str, BiasInitializer]] = MappingProxyType(
    {entry.name: entry for entry in _ENTRIES}
)
