"""The table of initializers: how weights and biases start.

One entry feeds the combo box, the file, the message and the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from gradstudio.nn.distributions import (
    Fixed,
    Floats,
    Initializer,
    Normal,
    Orthogonal,
    Scaled,
    Uniform,
)

__all__ = ["BIAS_INITIALIZERS", "INITIALIZERS", "BiasInitializer", "Initializer"]


def _scaled(
    name: str,
    label: str,
    formula: str,
    twin: str,
    use_when: str,
    *,
    scale: float,
    both_fans: bool = False,
    uniform: bool = False,
) -> Scaled:
    return Scaled(
        name,
        label,
        formula,
        twin,
        use_when,
        scale=scale,
        both_fans=both_fans,
        uniform=uniform,
    )


_ENTRIES: Final[tuple[Initializer, ...]] = (
    _scaled(
        "uniform_fan_in",
        "Uniform ±1/√in",
        r"w\sim U\left[-\frac{1}{\sqrt{n_{in}}},\frac{1}{\sqrt{n_{in}}}\right]",
        "PyTorch: the default of nn.Linear",
        "A third of the variance that keeps a linear layer level: shallow nets only.",
        scale=1 / 3,
        uniform=True,
    ),
    _scaled(
        "xavier_normal",
        "Xavier normal",
        r"\sigma=\sqrt{\frac{2}{n_{in}+n_{out}}}",
        "PyTorch xavier_normal_; Keras and JAX glorot_normal, there truncated",
        "For tanh and linear layers.",
        scale=1.0,
        both_fans=True,
    ),
    _scaled(
        "xavier_uniform",
        "Xavier uniform",
        r"l=\sqrt{\frac{6}{n_{in}+n_{out}}}",
        "PyTorch xavier_uniform_; Keras glorot_uniform, the default of Dense",
        "For tanh and linear layers.",
        scale=1.0,
        both_fans=True,
        uniform=True,
    ),
    _scaled(
        "he_normal",
        "He normal",
        r"\sigma=\sqrt{\frac{2}{n_{in}}}",
        "PyTorch kaiming_normal_; Keras and JAX he_normal, there truncated",
        "For ReLU and leaky ReLU: twice the variance, for half of the units are silent.",
        scale=2.0,
    ),
    _scaled(
        "he_uniform",
        "He uniform",
        r"l=\sqrt{\frac{6}{n_{in}}}",
        "PyTorch kaiming_uniform_ with a = 0; Keras and JAX he_uniform",
        "For ReLU and leaky ReLU.",
        scale=2.0,
        uniform=True,
    ),
    _scaled(
        "lecun_normal",
        "LeCun normal",
        r"\sigma=\sqrt{\frac{1}{n_{in}}}",
        "PyTorch kaiming_normal_ with nonlinearity='linear'; Keras and JAX lecun_normal, truncated",
        "For tanh and linear layers; the forward signal stays level at any width.",
        scale=1.0,
    ),
    _scaled(
        "lecun_uniform",
        "LeCun uniform",
        r"l=\sqrt{\frac{3}{n_{in}}}",
        "PyTorch kaiming_uniform_ with nonlinearity='linear'; Keras and JAX lecun_uniform",
        "For tanh and linear layers; the forward signal stays level at any width.",
        scale=1.0,
        uniform=True,
    ),
    Orthogonal(
        "orthogonal",
        "Orthogonal",
        r"W^{T}W=I\;\text{or}\;WW^{T}=I",
        "PyTorch orthogonal_; Keras Orthogonal; JAX orthogonal; gain 1",
        "For deep linear and tanh nets: no direction grows or shrinks.",
    ),
    Fixed(
        "zeros",
        "Zeros",
        r"w=0",
        "PyTorch zeros_; Keras Zeros; JAX zeros",
        "To see that nothing is passed back through weights of 0.",
        bad=True,
    ),
    Fixed(
        "constant",
        "Constant",
        r"w=c",
        "PyTorch constant_; Keras Constant; JAX constant",
        "To see that units that start equal stay equal.",
        ("value",),
        bad=True,
    ),
    Normal(
        "normal",
        "Normal(0, σ)",
        r"w\sim N(0,\sigma^{2})",
        "PyTorch normal_; Keras RandomNormal; JAX normal",
        "To choose the variance by hand: σ of 1 explodes, σ of 0.01 vanishes.",
        ("std",),
        bad=True,
    ),
    Uniform(
        "uniform",
        "Uniform(a, b)",
        r"w\sim U[a,b]",
        "PyTorch uniform_; Keras RandomUniform; JAX uniform",
        "To choose the range by hand; all weights of one sign are possible.",
        ("low", "high"),
        bad=True,
    ),
)

INITIALIZERS: Final[Mapping[str, Initializer]] = MappingProxyType(
    {entry.name: entry for entry in _ENTRIES}
)


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
        ``draw(rng, units, numbers)`` makes the biases of a layer.
    """

    name: str
    label: str
    parameters: tuple[str, ...]
    draw: Callable[[np.random.Generator, int, Mapping[str, float]], Floats]

    def sample(self, units: int, *, rng: np.random.Generator, **parameters: float) -> Floats:
        """Draw the biases of a layer, (units,)."""
        return self.draw(rng, units, parameters)


BIAS_INITIALIZERS: Final[Mapping[str, BiasInitializer]] = MappingProxyType(
    {
        "zeros": BiasInitializer("zeros", "Zeros", (), lambda rng, n, p: np.zeros(n)),
        "constant": BiasInitializer(
            "constant", "Constant", ("value",), lambda rng, n, p: np.full(n, float(p["value"]))
        ),
        "uniform": BiasInitializer(
            "uniform",
            "Uniform ±",
            ("bound",),
            lambda rng, n, p: rng.uniform(-p["bound"], p["bound"], n),
        ),
    }
)
