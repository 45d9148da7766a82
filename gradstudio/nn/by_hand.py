"""Starting weights with numbers chosen by hand, whatever the fans; and with the wrong sign."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradstudio.nn.distributions import SPREADS, SpreadName, normal_density, uniform_density
from gradstudio.nn.initializer import Atoms, Bound, Floats, Initializer, Place


@dataclass(frozen=True)
class Fixed(Initializer):
    """Every weight the same: ``value`` where it is a parameter, else 0."""

    def _value(self, at: Place) -> float:
        return at.given["value"] if "value" in self.parameters else 0.0

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        return np.full((at.fan_in, at.fan_out), float(self._value(at)))

    def _std(self, at: Place) -> float:
        return 0.0

    def _mean(self, at: Place) -> float:
        return self._value(at)

    def _bound(self, at: Place) -> Bound | None:
        return self._value(at), self._value(at)

    def _atoms(self, at: Place) -> Atoms:
        return ((self._value(at), 1.0),)

    def _numbers(self, at: Place) -> str:
        return rf"w={self._value(at):.3g},\;\sigma=0"


@dataclass(frozen=True)
class OfStd(Initializer):
    """One of the shapes with mean 0 and the standard deviation ``std``."""

    spread: SpreadName = "normal"

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        return SPREADS[self.spread].draw(rng, at.given["std"], (at.fan_in, at.fan_out))

    def _std(self, at: Place) -> float:
        return float(at.given["std"])

    def _bound(self, at: Place) -> Bound | None:
        return SPREADS[self.spread].bound(at.given["std"])

    def _density(self, x: Floats, at: Place) -> Floats | None:
        return SPREADS[self.spread].density(x, at.given["std"])

    def _numbers(self, at: Place) -> str:
        """Return sigma, and the factor it makes of the signal."""
        std = at.given["std"]
        root = rf"\sigma\sqrt{{{at.fan_in}}}={std * math.sqrt(at.fan_in):.3g}"
        bound = SPREADS[self.spread].bound(std)
        ends = "" if bound is None else rf",\;|w|\leq{bound:.3g}"
        return rf"\sigma={std:.3g},\;{root}{ends}"


@dataclass(frozen=True)
class Uniform(Initializer):
    """U[``low``, ``high``], whatever the fans; its mean need not be 0."""

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        return rng.uniform(at.given["low"], at.given["high"], (at.fan_in, at.fan_out))

    def _std(self, at: Place) -> float:
        return (at.given["high"] - at.given["low"]) / math.sqrt(12.0)

    def _mean(self, at: Place) -> float:
        return 0.5 * (at.given["low"] + at.given["high"])

    def _bound(self, at: Place) -> Bound | None:
        return at.given["low"], at.given["high"]

    def _density(self, x: Floats, at: Place) -> Floats | None:
        return uniform_density(x, at.given["low"], at.given["high"])

    def _numbers(self, at: Place) -> str:
        low, high = at.given["low"], at.given["high"]
        return rf"[{low:.3g},\,{high:.3g}],\;\sigma={self._std(at):.3g}"


@dataclass(frozen=True)
class AllPositive(Initializer):
    """Xavier normal without its signs: |w| of s = sqrt(2 / (fan_in + fan_out)).

    Mean s sqrt(2 / pi), variance s^2 (1 - 2 / pi).
    """

    def _parent(self, at: Place) -> float:
        return math.sqrt(2 / (at.fan_in + at.fan_out))

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        return np.abs(rng.normal(0.0, self._parent(at), (at.fan_in, at.fan_out)))

    def _std(self, at: Place) -> float:
        return self._parent(at) * math.sqrt(1 - 2 / math.pi)

    def _mean(self, at: Place) -> float:
        return self._parent(at) * math.sqrt(2 / math.pi)

    def _density(self, x: Floats, at: Place) -> Floats | None:
        return np.where(x >= 0, 2 * normal_density(x, self._parent(at)), 0.0)

    def _numbers(self, at: Place) -> str:
        return rf"\bar{{w}}={self._mean(at):.3g},\;\sigma={self._std(at):.3g}"
