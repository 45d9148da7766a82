"""The three shapes that independent weights of mean 0 are drawn in.

==================  =================  ===============================================  ========
name                ends at            relative standard error of the variance of N     kurtosis
==================  =================  ===============================================  ========
normal              nowhere            sqrt(2 / N)                                      3
truncated_normal    2.2737 sigma       sqrt(1.3655 / N)                                 2.3655
uniform             1.7321 sigma       sqrt(0.8 / N)                                    1.8
==================  =================  ===============================================  ========

sigma is always the standard deviation of what is drawn. The truncated normal distribution is cut
at two standard deviations of the one it is cut from, which is wider by 1 / 0.8796.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
SpreadName: TypeAlias = Literal["normal", "truncated_normal", "uniform"]

CUT: Final = 2.0
"""Where the truncated normal distribution ends, in deviations of the one it is cut from."""
CUT_STD: Final = 0.87962566103423978
"""Standard deviation of N(0, 1) cut at -2 and 2."""
_KEPT: Final = math.erf(CUT / math.sqrt(2.0))
_ROOT_3: Final = math.sqrt(3.0)


@dataclass(frozen=True)
class Spread:
    """A shape with mean 0.

    Attributes
    ----------
    name
        As stored in a setup.
    reach
        Largest absolute value in standard deviations; infinite where there is none.
    draw
        ``draw(rng, sigma, shape)``.
    density
        ``density(x, sigma)``.
    """

    name: SpreadName
    reach: float
    draw: Callable[[np.random.Generator, float, tuple[int, int]], Floats]
    density: Callable[[Floats, float], Floats]

    def bound(self, std: float) -> float | None:
        """Return the largest absolute value; None where there is none."""
        return self.reach * std if math.isfinite(self.reach) else None


def normal_density(x: Floats, std: float) -> Floats:
    """Return the density of N(0, std^2) at ``x``."""
    t = x / std
    return np.asarray(np.exp(-0.5 * t * t) / (std * math.sqrt(2 * math.pi)))


def uniform_density(x: Floats, low: float, high: float) -> Floats:
    """Return the density of U[low, high] at ``x``."""
    return np.where((x >= low) & (x <= high), 1.0 / (high - low), 0.0)


def _draw_normal(rng: np.random.Generator, std: float, shape: tuple[int, int]) -> Floats:
    return rng.normal(0.0, std, shape)


def _draw_truncated(rng: np.random.Generator, std: float, shape: tuple[int, int]) -> Floats:
    """Draw anew what lies beyond the cut, until nothing does."""
    drawn = rng.standard_normal(shape)
    while (beyond := np.abs(drawn) > CUT).any():
        drawn[beyond] = rng.standard_normal(int(beyond.sum()))
    drawn *= std / CUT_STD
    return drawn


def _draw_uniform(rng: np.random.Generator, std: float, shape: tuple[int, int]) -> Floats:
    bound = _ROOT_3 * std
    return rng.uniform(-bound, bound, shape)


def _truncated_density(x: Floats, std: float) -> Floats:
    parent = std / CUT_STD
    return np.where(np.abs(x) <= CUT * parent, normal_density(x, parent) / _KEPT, 0.0)


SPREADS: Final[Mapping[SpreadName, Spread]] = MappingProxyType(
    {
        "normal": Spread("normal", math.inf, _draw_normal, normal_density),
        "truncated_normal": Spread(
            "truncated_normal", CUT / CUT_STD, _draw_truncated, _truncated_density
        ),
        "uniform": Spread(
            "uniform",
            _ROOT_3,
            _draw_uniform,
            lambda x, std: uniform_density(x, -_ROOT_3 * std, _ROOT_3 * std),
        ),
    }
)
