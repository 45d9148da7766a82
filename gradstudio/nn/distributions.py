"""Distributions of starting weights, with the formulas a person reads.

fan-in is the number of inputs of a layer, fan-out that of its outputs. U[-l, l] has the standard
deviation l / sqrt(3). All normal distributions are plain, not truncated.

References
----------
Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
He et al. 2015, "Delving deep into rectifiers".
LeCun et al. 1998, "Efficient backprop".
Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear networks".
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Bound: TypeAlias = float | tuple[float, float]


@dataclass(frozen=True)
class Initializer(ABC):
    """A distribution of starting weights.

    Attributes
    ----------
    name, label
        As stored in a setup and as shown to a person.
    formula
        TeX, in terms of the fans.
    twin
        What it is called in other frameworks.
    use_when
        One line: what it is made for.
    parameters
        Names of the numbers it takes beside the fans.
    bad
        Whether it is here to show what goes wrong.
    """

    name: str
    label: str
    formula: str
    twin: str
    use_when: str
    parameters: tuple[str, ...] = ()
    bad: bool = False

    @abstractmethod
    def sample(
        self, shape: tuple[int, int], *, rng: np.random.Generator, **parameters: float
    ) -> Floats:
        """Draw weights (fan_in, fan_out)."""

    @abstractmethod
    def std(self, fan_in: int, fan_out: int, **parameters: float) -> float:
        """Return the standard deviation of one weight."""

    @abstractmethod
    def numbers(self, fan_in: int, fan_out: int, **parameters: float) -> str:
        """Return TeX of the formula with the numbers of one layer."""

    def bound(self, fan_in: int, fan_out: int, **parameters: float) -> Bound | None:
        """Return l of U[-l, l], both ends where they are not symmetric, None where unbounded."""
        return None

    def density(
        self, x: ArrayLike, fan_in: int, fan_out: int, **parameters: float
    ) -> Floats | None:
        """Return the probability density of one weight at ``x``; None for a fixed value."""
        return None


@dataclass(frozen=True)
class Scaled(Initializer):
    """Variance ``scale`` / fan, where fan is fan-in or the mean of both.

    Xavier is variance 2 / (fan_in + fan_out): Glorot & Bengio 2010, equations 12 and 16; He
    2 / fan_in: He et al. 2015, equation 10; LeCun 1 / fan_in: LeCun et al. 1998, section 4.6.
    """

    scale: float = 1.0
    both_fans: bool = False
    uniform: bool = False

    def std(self, fan_in: int, fan_out: int, **parameters: float) -> float:
        """Return sqrt(scale / fan)."""
        fan = (fan_in + fan_out) / 2 if self.both_fans else fan_in
        return math.sqrt(self.scale / fan)

    def sample(
        self, shape: tuple[int, int], *, rng: np.random.Generator, **parameters: float
    ) -> Floats:
        """Draw weights (fan_in, fan_out)."""
        std = self.std(*shape)
        if self.uniform:
            bound = math.sqrt(3.0) * std
            return rng.uniform(-bound, bound, shape)
        return rng.normal(0.0, std, shape)

    def bound(self, fan_in: int, fan_out: int, **parameters: float) -> Bound | None:
        """Return l = sqrt(3) sigma for the uniform ones."""
        return math.sqrt(3.0) * self.std(fan_in, fan_out) if self.uniform else None

    def density(
        self, x: ArrayLike, fan_in: int, fan_out: int, **parameters: float
    ) -> Floats | None:
        """Return the density at ``x``."""
        std = self.std(fan_in, fan_out)
        if self.uniform:
            return _uniform_density(x, -math.sqrt(3.0) * std, math.sqrt(3.0) * std)
        return _normal_density(x, std)

    def numbers(self, fan_in: int, fan_out: int, **parameters: float) -> str:
        """Return TeX of sigma or l with the fans filled in."""
        over = f"({fan_in}+{fan_out})" if self.both_fans else f"{fan_in}"
        above = self.scale * (2 if self.both_fans else 1) * (3 if self.uniform else 1)
        value = self.std(fan_in, fan_out) * (math.sqrt(3.0) if self.uniform else 1.0)
        letter = "l" if self.uniform else r"\sigma"
        return rf"{letter}=\sqrt{{{above:.3g}/{over}}}={value:.3g}"


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """Orthonormal rows or columns, whichever are fewer; all singular values are 1.

    QR of a normal matrix with the signs of the diagonal of R taken out. Saxe et al. 2014.
    """

    def sample(
        self, shape: tuple[int, int], *, rng: np.random.Generator, **parameters: float
    ) -> Floats:
        """Draw weights (fan_in, fan_out)."""
        fan_in, fan_out = shape
        tall = rng.standard_normal((max(shape), min(shape)))
        Q, R = np.linalg.qr(tall)
        Q *= np.where(np.diagonal(R) < 0, -1.0, 1.0)
        return np.ascontiguousarray(Q if fan_in >= fan_out else Q.T)

    def std(self, fan_in: int, fan_out: int, **parameters: float) -> float:
        """Return 1 / sqrt(max(fan_in, fan_out))."""
        return 1.0 / math.sqrt(max(fan_in, fan_out))

    def density(
        self, x: ArrayLike, fan_in: int, fan_out: int, **parameters: float
    ) -> Floats | None:
        """Return the density of one coordinate of a point on the unit sphere in n dimensions.

        Proportional to (1 - x^2)^((n - 3)/2) with n the larger fan; None for n = 1.
        """
        n = max(fan_in, fan_out)
        if n == 1:
            return None
        x = np.asarray(x, np.float64)
        log_scale = math.lgamma(n / 2) - math.lgamma((n - 1) / 2) - 0.5 * math.log(math.pi)
        inside = np.abs(x) < 1
        room = np.where(inside, 1 - np.square(x), 1.0)
        return np.where(inside, np.exp(log_scale + (n - 3) / 2 * np.log(room)), 0.0)

    def numbers(self, fan_in: int, fan_out: int, **parameters: float) -> str:
        """Return TeX of sigma with the larger fan filled in."""
        std = self.std(fan_in, fan_out)
        return rf"\sigma=1/\sqrt{{\max({fan_in},{fan_out})}}={std:.3g}"


@dataclass(frozen=True)
class Fixed(Initializer):
    """Every weight the same: 0, or ``value``."""

    def sample(
        self, shape: tuple[int, int], *, rng: np.random.Generator, **parameters: float
    ) -> Floats:
        """Return weights (fan_in, fan_out)."""
        return np.full(shape, float(parameters.get("value", 0.0)))

    def std(self, fan_in: int, fan_out: int, **parameters: float) -> float:
        """Return 0."""
        return 0.0

    def numbers(self, fan_in: int, fan_out: int, **parameters: float) -> str:
        """Return TeX of the value."""
        return rf"w={parameters.get('value', 0.0):.3g},\;\sigma=0"


@dataclass(frozen=True)
class Normal(Initializer):
    """N(0, ``std``^2), whatever the fans."""

    def sample(
        self, shape: tuple[int, int], *, rng: np.random.Generator, **parameters: float
    ) -> Floats:
        """Draw weights (fan_in, fan_out)."""
        return rng.normal(0.0, parameters["std"], shape)

    def std(self, fan_in: int, fan_out: int, **parameters: float) -> float:
        """Return ``std``."""
        return float(parameters["std"])

    def density(
        self, x: ArrayLike, fan_in: int, fan_out: int, **parameters: float
    ) -> Floats | None:
        """Return the density at ``x``."""
        return _normal_density(x, parameters["std"])

    def numbers(self, fan_in: int, fan_out: int, **parameters: float) -> str:
        """Return TeX of sigma, and of the factor it makes of the signal on the way back."""
        std = parameters["std"]
        return rf"\sigma={std:.3g},\;\sigma\sqrt{{{fan_in}}}={std * math.sqrt(fan_in):.3g}"


@dataclass(frozen=True)
class Uniform(Initializer):
    """U[``low``, ``high``], whatever the fans; its mean need not be 0."""

    def sample(
        self, shape: tuple[int, int], *, rng: np.random.Generator, **parameters: float
    ) -> Floats:
        """Draw weights (fan_in, fan_out)."""
        return rng.uniform(parameters["low"], parameters["high"], shape)

    def std(self, fan_in: int, fan_out: int, **parameters: float) -> float:
        """Return (high - low) / sqrt(12)."""
        return (parameters["high"] - parameters["low"]) / math.sqrt(12.0)

    def bound(self, fan_in: int, fan_out: int, **parameters: float) -> Bound | None:
        """Return both ends."""
        return parameters["low"], parameters["high"]

    def density(
        self, x: ArrayLike, fan_in: int, fan_out: int, **parameters: float
    ) -> Floats | None:
        """Return the density at ``x``."""
        return _uniform_density(x, parameters["low"], parameters["high"])

    def numbers(self, fan_in: int, fan_out: int, **parameters: float) -> str:
        """Return TeX of the ends and sigma."""
        low, high = parameters["low"], parameters["high"]
        std = self.std(fan_in, fan_out, **parameters)
        return rf"[{low:.3g},\,{high:.3g}],\;\sigma={std:.3g}"


def _normal_density(x: ArrayLike, std: float) -> Floats:
    t = np.asarray(x, np.float64) / std
    return np.asarray(np.exp(-0.5 * t * t) / (std * math.sqrt(2 * math.pi)))


def _uniform_density(x: ArrayLike, low: float, high: float) -> Floats:
    x = np.asarray(x, np.float64)
    return np.where((x >= low) & (x <= high), 1.0 / (high - low), 0.0)
