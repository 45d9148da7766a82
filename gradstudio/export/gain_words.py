"""What the gain lab says: where each gain comes from, and what a layer does to a signal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gradstudio.export.gain_map import GainMap
from gradstudio.nn.activation import Activation
from gradstudio.nn.gains import Gains, gains, is_level, variances
from gradstudio.nn.theory import chi, gradient_factor
from gradstudio.numbers import count, figures, plain
from gradstudio.training.audit import LEVEL
from gradstudio.training.gain import LayerGain

STILL: Final = 0.004
"""Decades per layer below which a factor counts as level: 1 % a layer."""
ON_THE_WAY: Final = 0.15
"""Decades by which the way from the data to the fixed point has to matter to be told."""

_PYTORCH: Final[Mapping[str, str]] = {
    "linear": "Weights of variance 1/n pass a linear signal on as it is.",
    "sigmoid": "PyTorch treats sigmoid like a linear layer. It keeps nothing level: the gradient "
    "goes ×{factor} per layer.",
    "tanh": "PyTorch gives no derivation. 5/3 is near {forward}, which keeps the forward variance; "
    "in depth it is chaotic: the gradient grows ×{factor} per layer.",
    "relu": "√2: half of the units are silent and half of the mean square is lost. √2 makes up for "
    "it forward and back, at every q (He et al. 2015).",
    "leaky_relu": "√(2/(1 + a²)) makes up for what the negative side loses, forward and back, at "
    "every q (He et al. 2015).",
    "selu": "3/4 is “value found empirically”, says PyTorch's source. The self-normalising gain "
    "is 1; at 3/4 the gradient stays near level, ×{factor} per layer, but z becomes small.",
}
_FORWARD: Final[Mapping[str, str]] = {
    "selu": "1 is what SELU was made for: z of variance 1 keeps it. The gradient grows ×{factor} "
    "per layer (Klambauer et al. 2017).",
}


@dataclass(frozen=True)
class GainRow:
    """One answer to the question for the right gain.

    Attributes
    ----------
    key, name
        Which one, and what it is called.
    gain
        None where there is none.
    number
        The gain in a few characters.
    factor
        Factor per layer of the gradient in a stack of such layers; NaN without a gain.
    reason
        A sentence: where it comes from.
    """

    key: str
    name: str
    gain: float | None
    number: str
    factor: float
    reason: str

    @property
    def factor_text(self) -> str:
        """The factor in a few characters; empty without one."""
        return "" if math.isnan(self.factor) else times(self.factor)


def gain_rows(phi: Activation, sigma_b: float = 0.0) -> tuple[GainRow, ...]:
    """Return the gains of an activation with their reasons, for biases of a deviation."""
    found = gains(phi, sigma_b * sigma_b)

    def row(key: str, name: str, gain: float | None, reason: str) -> GainRow:
        factor = math.nan if gain is None else gradient_factor(phi, gain, sigma_b)
        words = reason.format(factor=figures(factor), forward=figures(found.forward))
        return GainRow(key, name, gain, _number(gain), factor, words)

    no_value = f"PyTorch has no value for {phi.label}: calculate_gain raises a ValueError."
    torch = _PYTORCH.get(phi.name, no_value)
    forward = "1/√E[φ(g)²]: z of variance 1 keeps it, where biases are 0."
    return (
        row("pytorch", "PyTorch", phi.framework_gain, torch),
        row("small", "Small signals", found.small, _small(phi)),
        row(
            "gradient",
            "Unit signals, back",
            found.gradient,
            "1/√E[φ′(g)²]: the gradient is level where z has variance 1.",
        ),
        row("forward", "Unit signals, forward", found.forward, _FORWARD.get(phi.name, forward)),
        row("critical", "Critical", found.critical, _critical(phi, found, sigma_b)),
    )


def times(factor: float) -> str:
    """Write a factor: ×0.58; ×1 only where it is 1."""
    return "×1" if is_level(factor) else f"×{figures(factor)}"


def gradient_words(shown: GainMap, layers: int) -> str:
    """Say what a stack of such layers does to the gradient: per layer, and in all."""
    factor, decades = shown.goal.gradient, _log(shown.goal.gradient)
    way = [
        _log(math.sqrt(chi(shown.phi, shown.sigma_w, shown.sigma_b, q)))
        for q in _way(shown, layers)[:layers]
    ]
    total = sum(way) + (layers - len(way)) * decades
    verdict = "falls as a power of depth" if shown.goal.is_slow else _verdict(decades)
    return f"Gradient {verdict}: {_stack(factor, layers, total)}."


def signal_words(shown: GainMap, layers: int) -> str:
    """Say what becomes of the variance of z."""
    goal = shown.goal
    if goal.is_anywhere:
        return "Signal stays level: ×1 per layer, every q is a fixed point."
    way = _way(shown, layers)
    if goal.is_slow:
        last = min(layers, len(way))
        return (
            f"Signal falls as a power of depth: q is {figures(way[0], 2)} in layer 1, "
            f"{figures(way[last - 1], 2)} in layer {last}."
        )
    total = 0.5 * (_log(way[-1]) - _log(way[0])) + (layers - len(way) + 1) * _log(goal.signal)
    if goal.q == 0:
        return f"Signal dies: {_stack(goal.signal, layers, total)}."
    if math.isinf(goal.q):
        return f"Signal grows without end: {_stack(goal.signal, layers, total)}."
    return (
        f"Signal settles at q* = {plain_figures(goal.q)}: a deviation of q goes "
        f"{times(goal.slope)} per layer."
    )


def map_sentence(layer: LayerGain, shown: GainMap) -> str:
    """Say what the map of a layer says."""
    name = layer.name[0].upper() + layer.name[1:]
    return (
        f"{name}, {layer.phi.label}, σ_w {plain_figures(shown.sigma_w)}, "
        f"σ_b {plain_figures(shown.sigma_b)}. "
        f"{gradient_words(shown, layer.layers)} "
        f"{signal_words(shown, layer.layers)}"
    )


def fixed_words(shown: GainMap) -> str:
    """Name the fixed point in a few words, with the slope of the map there."""
    goal = shown.goal
    if goal.is_anywhere:
        return "every q is fixed"
    if math.isinf(goal.q):
        return "no fixed point: q → ∞"
    return f"q* = {plain_figures(goal.q)}, slope {plain_figures(goal.slope)}"


def scope_words(layer: LayerGain) -> str:
    """Say which layer is looked at, and its numbers."""
    bias = f" · σ_b {plain_figures(layer.sigma_b)}" if layer.sigma_b else ""
    return f"{layer.name}, {layer.phi.label} · σ_w {plain_figures(layer.sigma_w)}{bias}"


def _stack(factor: float, layers: int, decades: float) -> str:
    """Write a factor per layer, and that of all layers where it is ``decades`` altogether."""
    text = f"{times(factor)} per layer"
    if layers < 2:
        return text
    settled = layers * _log(factor)
    on_the_way = abs(decades - settled) > ON_THE_WAY
    total = decades if on_the_way else settled
    whole = 10.0**total if total < 300 else math.inf
    where = (
        f"in the end, in {count(layers)} layers from these data on"
        if on_the_way
        else f"in {count(layers)} layers"
    )
    return f"{text}{' ' if on_the_way else ', '}{where} {times(whole)}"


def _way(shown: GainMap, layers: int) -> tuple[float, ...]:
    """Variances of z from the data on, as far as they change."""
    return variances(shown.phi, shown.sigma_w, shown.sigma_b, shown.start, layers)


def _verdict(decades: float) -> str:
    if abs(decades) < STILL:
        return "stays level"
    slowly = " slowly" if abs(decades) < LEVEL else ""
    if decades < 0:
        return f"falls{slowly}" if slowly else "vanishes"
    return f"grows{slowly}" if slowly else "explodes"


def _log(factor: float) -> float:
    return math.log10(factor) if factor > 0 else -math.inf


def plain_figures(x: float) -> str:
    """Write a number with up to three figures, without zeros at its end: 1, 1.41, 0.25."""
    return plain(float(f"{x:.3g}"))


def _number(gain: float | None) -> str:
    if gain is None:
        return "none"
    named = {5 / 3: "5/3 = 1.67", math.sqrt(2): "√2 = 1.41", 0.75: "3/4"}
    for value, text in named.items():
        if math.isclose(gain, value, rel_tol=1e-9):
            return text
    return plain_figures(gain)


def _small(phi: Activation) -> str:
    left, right = (float(phi.derivative(z)) for z in (-1e-12, 1e-12))
    slopes = (
        plain_figures(right)
        if math.isclose(left, right, rel_tol=1e-3)
        else (f"{plain_figures(right)} right of 0 and {plain_figures(left)} left of it")
    )
    at_zero = float(phi.apply(0.0))
    beside = f" But z does not stay near 0 in a stack: φ(0) is {plain_figures(at_zero)}."
    return (
        f"1/rms φ′ near z = 0, where φ′ is {slopes}: small signals pass back level."
        f"{beside if at_zero else ''}"
    )


def _critical(phi: Activation, found: Gains, sigma_b: float) -> str:
    biases = f"biases of deviation {figures(sigma_b)}" if sigma_b else "biases of 0"
    if found.critical is None:
        return (
            f"With {biases} no σ_w makes the gradient of {phi.label} level where q settles: there "
            "is no critical one."
        )
    if found.critical_q > 0:
        return (
            f"The edge of chaos with {biases}: q settles at {figures(found.critical_q)}, and there "
            "the gradient is level."
        )
    if phi.name in ("linear", "relu", "leaky_relu"):
        return f"The edge of chaos with {biases}: every q stays, and the gradient is level."
    return (
        f"The edge of chaos with {biases}: the gradient is level at q* = 0, which q nears slowly, "
        "as a power of depth."
    )
