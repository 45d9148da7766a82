"""What an initializer is: what it can be asked, what it can be given, its names elsewhere."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradstudio.nn.activation import Activation
from gradstudio.nn.activations import activation
from gradstudio.nn.distributions import SpreadName

Floats: TypeAlias = NDArray[np.float64]
Bound: TypeAlias = float | tuple[float, float]
Atoms: TypeAlias = tuple[tuple[float, float], ...]
Gain: TypeAlias = float | Literal["auto"] | None
Mode: TypeAlias = Literal["fan_in", "fan_out", "fan_avg", "fan_geo_avg"]
Group: TypeAlias = Literal["Scaled to the fans", "Made for depth", "By hand", "Bad on purpose"]
Framework: TypeAlias = Literal["PyTorch", "Keras", "JAX"]

BAD: Final = "Bad on purpose"


@dataclass(frozen=True)
class Twin:
    """The same initializer in another framework.

    Attributes
    ----------
    framework, name
        Where, and how it is called there.
    truncates
        Whether it cuts its normal distribution at two standard deviations.
    remark
        What is different there; empty where nothing is.
    """

    framework: Framework
    name: str
    truncates: bool = False
    remark: str = ""


class Arguments(TypedDict, total=False):
    """What an initializer can be given beside the fans.

    ``activation`` (an entry of the table of activations or its name) and ``bias_variance`` are the
    layer around the weights, and every initializer takes them. Of the others each takes its
    ``parameters``.

    ``gain`` None leaves the formula as it is named, a number multiplies its standard deviation,
    and ``"auto"`` puts the gain of the activation in the place of the factor built into it.
    """

    activation: Activation | str
    bias_variance: float
    gain: Gain
    mode: Mode
    scale: float
    distribution: SpreadName
    sparsity: float
    std: float
    value: float
    low: float
    high: float


DEFAULTS: Final[Arguments] = {
    "activation": "linear",
    "bias_variance": 0.0,
    "gain": None,
    "mode": "fan_in",
    "scale": 1.0,
    "distribution": "truncated_normal",
    "sparsity": 0.5,
    "std": 1.0,
    "value": 0.1,
    "low": -0.5,
    "high": 0.5,
}
"""What is taken where nothing is given; the setup has its defaults from here."""

CONTEXT: Final = frozenset({"activation", "bias_variance"})
PARAMETERS: Final = tuple(name for name in DEFAULTS if name not in CONTEXT)
"""Every parameter of an initializer, in the order of a form."""


@dataclass(frozen=True, eq=False)
class Place:
    """The layer that is to be filled, and all that was chosen for it."""

    fan_in: int
    fan_out: int
    given: Arguments

    @property
    def larger(self) -> int:
        """The larger fan."""
        return max(self.fan_in, self.fan_out)

    @property
    def activation_gain(self) -> float:
        """The gain of the activation."""
        return activation(self.given["activation"]).gain

    @property
    def gain(self) -> float:
        """The gain chosen as a number: 1 for a formula as it is named."""
        gain = self.given["gain"]
        if gain is None:
            return 1.0
        return self.activation_gain if gain == "auto" else gain


@dataclass(frozen=True)
class Initializer(ABC):
    """A distribution of starting weights.

    Its questions take the fans and `Arguments`; fan-in is the number of inputs of a layer,
    fan-out that of its outputs.

    Attributes
    ----------
    name, label
        As stored in a setup and as shown to a person.
    group
        Under which heading it is offered.
    formula
        TeX, in terms of the fans.
    use_when
        One line: what it is made for.
    source
        Author, year and equation; empty where it needs none.
    twins
        What it is called in other frameworks.
    parameters
        Names of the arguments it takes beside those of the layer.
    by_data
        Whether the draw is only a beginning: `gradstudio.nn.lsuv` then scales it by the data.
    """

    name: str
    label: str
    group: Group
    formula: str
    use_when: str
    source: str = ""
    twins: tuple[Twin, ...] = ()
    parameters: tuple[str, ...] = ()
    by_data: bool = False

    @property
    def bad(self) -> bool:
        """Whether it is here to show what goes wrong."""
        return self.group == BAD

    def sample(
        self, shape: tuple[int, int], *, rng: np.random.Generator, **arguments: Unpack[Arguments]
    ) -> Floats:
        """Draw weights (fan_in, fan_out)."""
        return self._draw(self._place(shape, arguments), rng)

    def std(self, fan_in: int, fan_out: int, **arguments: Unpack[Arguments]) -> float:
        """Return the standard deviation of one weight about its mean."""
        return self._std(self._place((fan_in, fan_out), arguments))

    def mean(self, fan_in: int, fan_out: int, **arguments: Unpack[Arguments]) -> float:
        """Return the mean of one weight."""
        return self._mean(self._place((fan_in, fan_out), arguments))

    def bound(self, fan_in: int, fan_out: int, **arguments: Unpack[Arguments]) -> Bound | None:
        """Return the largest absolute value, both ends where they differ, None where unbounded."""
        return self._bound(self._place((fan_in, fan_out), arguments))

    def atoms(self, fan_in: int, fan_out: int, **arguments: Unpack[Arguments]) -> Atoms:
        """Return values that a share of the weights has exactly, each with that share."""
        return self._atoms(self._place((fan_in, fan_out), arguments))

    def density(
        self, x: ArrayLike, fan_in: int, fan_out: int, **arguments: Unpack[Arguments]
    ) -> Floats | None:
        """Return the probability density of one weight at ``x``, its atoms left out.

        Its integral and the shares of the atoms add up to 1. None where all weights are atoms.
        """
        return self._density(np.asarray(x, np.float64), self._place((fan_in, fan_out), arguments))

    def numbers(self, fan_in: int, fan_out: int, **arguments: Unpack[Arguments]) -> str:
        """Return TeX of the formula with the numbers of one layer."""
        return self._numbers(self._place((fan_in, fan_out), arguments))

    def _place(self, fans: tuple[int, int], arguments: Arguments) -> Place:
        for name in arguments:
            if name not in self.parameters and name not in CONTEXT:
                taken = ", ".join(self.parameters) or "none"
                raise TypeError(f"{self.name} has no parameter '{name}'; it takes {taken}")
        return Place(*fans, DEFAULTS | arguments)

    @abstractmethod
    def _draw(self, at: Place, rng: np.random.Generator) -> Floats: ...

    @abstractmethod
    def _std(self, at: Place) -> float: ...

    @abstractmethod
    def _numbers(self, at: Place) -> str: ...

    def _mean(self, at: Place) -> float:
        return 0.0

    def _bound(self, at: Place) -> Bound | None:
        return None

    def _atoms(self, at: Place) -> Atoms:
        return ()

    def _density(self, x: Floats, at: Place) -> Floats | None:
        return None


def factor_tex(factor: float) -> str:
    """TeX of a factor in front of a root; empty for 1."""
    return "" if math.isclose(factor, 1.0) else f"{factor:.3g}"
