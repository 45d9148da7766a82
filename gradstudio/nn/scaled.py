"""Independent weights whose variance is a number over a fan."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradstudio.nn.distributions import SPREADS, Spread, SpreadName
from gradstudio.nn.initializer import Bound, Floats, Initializer, Mode, Place, factor_tex
from gradstudio.nn.theory import critical_line


@dataclass(frozen=True)
class Fan:
    """The number of units that a variance is divided by.

    ``above / below`` is 1 over ``value``, as it is written in a formula.
    """

    value: float
    above: int
    below: str


def fan_of(at: Place, mode: Mode) -> Fan:
    """Fan-in, fan-out, or their arithmetic or geometric mean."""
    fan_in, fan_out = at.fan_in, at.fan_out
    if mode == "fan_in":
        return Fan(fan_in, 1, f"{fan_in}")
    if mode == "fan_out":
        return Fan(fan_out, 1, f"{fan_out}")
    if mode == "fan_avg":
        return Fan((fan_in + fan_out) / 2, 2, f"({fan_in}+{fan_out})")
    if mode == "fan_geo_avg":
        return Fan(math.sqrt(fan_in * fan_out), 1, rf"\sqrt{{{fan_in}\cdot{fan_out}}}")
    raise ValueError(f"'{mode}' is not one of fan_in, fan_out, fan_avg, fan_geo_avg")


@dataclass(frozen=True)
class Scaled(Initializer):
    """Variance ``scale`` / fan.

    Attributes
    ----------
    scale, mode, spread
        What the formula is made of; None where it is chosen with each draw.

    References
    ----------
    Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks", equations 1, 12 and 16.
    He et al. 2015, "Delving deep into rectifiers", equations 10 and 14.
    """

    scale: float | None = None
    mode: Mode | None = None
    spread: SpreadName | None = None

    def _std(self, at: Place) -> float:
        factor, scale = self._factor_and_scale(at)
        return factor * math.sqrt(scale / self._fan(at).value)

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        return self._spread(at).draw(rng, self._std(at), (at.fan_in, at.fan_out))

    def _bound(self, at: Place) -> Bound | None:
        return self._spread(at).bound(self._std(at))

    def _density(self, x: Floats, at: Place) -> Floats | None:
        return self._spread(at).density(x, self._std(at))

    def _numbers(self, at: Place) -> str:
        fan, std = self._fan(at), self._std(at)
        factor, scale = self._factor_and_scale(at)
        above, letter, value = scale * fan.above, r"\sigma", std
        if self._spread(at).name == "uniform":
            above, letter, value = 3 * above, "l", math.sqrt(3.0) * std
        return rf"{letter}={factor_tex(factor)}\sqrt{{{above:.3g}/{fan.below}}}={value:.3g}"

    def _factor_and_scale(self, at: Place) -> tuple[float, float]:
        """Return c and s of sigma = c sqrt(s / fan)."""
        scale = at.given["scale"] if self.scale is None else self.scale
        return at.gain, 1.0 if at.given["gain"] == "auto" else scale

    def _fan(self, at: Place) -> Fan:
        return fan_of(at, at.given["mode"] if self.mode is None else self.mode)

    def _spread(self, at: Place) -> Spread:
        return SPREADS[at.given["distribution"] if self.spread is None else self.spread]


@dataclass(frozen=True)
class Critical(Initializer):
    """Normal weights on the edge of chaos: chi = 1 for the activation and the bias variance.

    Where an activation has no such edge the gain of the activation takes its place.

    References
    ----------
    Poole et al. 2016, "Exponential expressivity in deep neural networks through transient chaos".
    Schoenholz et al. 2017, "Deep information propagation".
    """

    def _std(self, at: Place) -> float:
        return math.sqrt((_edge(at) or at.activation_gain**2) / at.fan_in)

    def _draw(self, at: Place, rng: np.random.Generator) -> Floats:
        return SPREADS["normal"].draw(rng, self._std(at), (at.fan_in, at.fan_out))

    def _density(self, x: Floats, at: Place) -> Floats | None:
        return SPREADS["normal"].density(x, self._std(at))

    def _numbers(self, at: Place) -> str:
        edge, std = _edge(at), self._std(at)
        if edge is None:
            gain = at.activation_gain
            return (
                rf"\text{{no critical }}\sigma_w:\;"
                rf"\sigma=\sqrt{{{gain * gain:.3g}/{at.fan_in}}}={std:.3g}"
            )
        bias = at.given["bias_variance"]
        return rf"\sigma_b^{{2}}={bias:.3g}:\;\sigma=\sqrt{{{edge:.4g}/{at.fan_in}}}={std:.3g}"


def _edge(at: Place) -> float | None:
    """Return sigma_w^2 on the critical line, None where there is none."""
    found = critical_line(at.given["activation"], at.given["bias_variance"])
    return None if found is None else found.weight_variance
