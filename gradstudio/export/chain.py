"""The chain rule as bars: the decades that weights, slopes and the rest take of the signal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.chain import ChainFactors
from gradstudio.numbers import adding_up, count, figures, signed
from gradstudio.setup.models import NetworkSetup
from gradstudio.training.shares import slope_name

Floats: TypeAlias = NDArray[np.float64]
State: TypeAlias = Literal["counted", "zero", "nothing", "not finite"]

PARTS: Final = ("weights", "slopes", "rest")
LARGEST_SLOPE: Final = {"sigmoid": 0.25}
"""Activations whose slope is below 1 everywhere: they take part of the signal for certain."""


@dataclass(frozen=True, eq=False)
class ChainBars:
    """Decades of each hidden layer of one batch, and what they add up to.

    Attributes
    ----------
    factors
        r, s and t of each hidden layer, (H, 3).
    decades
        Their logarithms, (H, 3): 0 where a layer has no such part, minus infinity where a factor
        is 0, NaN where nothing arrives.
    running
        log10 of rms(delta^l) / rms(delta^L), (H,): the sum of the bars from the output down.
    states
        Whether a layer can be counted, makes the signal 0, gets nothing or is not finite.
    slope
        What phi' is called: ``sigmoid′``, or ``φ′`` where the activations differ.
    bounds
        log10 of the largest slope there is, (H,); NaN where it is 1 or more.
    """

    factors: Floats
    decades: Floats
    running: Floats
    states: tuple[State, ...]
    slope: str
    bounds: Floats

    @property
    def layers(self) -> int:
        """Number of hidden layers H."""
        return len(self.states)

    @property
    def has_rest(self) -> bool:
        """Whether any layer has more than weights and activation."""
        rest = self.factors[:, 2]
        return bool((rest[np.isfinite(rest)] != 1.0).any())

    @property
    def is_counted(self) -> bool:
        """Whether all decades are numbers."""
        return all(state == "counted" for state in self.states)

    @property
    def sums(self) -> Floats:
        """Decades of each layer, all parts together, (H,)."""
        return np.asarray(self.decades.sum(axis=1))

    @property
    def totals(self) -> Floats:
        """Decades of weights, slopes and rest, all layers together, (3,)."""
        return np.asarray(self.decades.sum(axis=0))

    @property
    def total(self) -> float:
        """log10 of rms(delta^1) / rms(delta^L) as measured."""
        return float(self.running[0])

    def spans(self) -> Floats:
        """From where to where each part of each bar reaches, (H, 3, 2); NaN where it has no size.

        What takes of the signal is stacked down from 0, what gives to it up from 0.
        """
        sizes = np.where(np.isfinite(self.decades), self.decades, 0.0)
        spans = np.full((*sizes.shape, 2), np.nan)
        for sign in (-1.0, 1.0):
            own = np.where(sizes * sign > 0, sizes, 0.0)
            ends = np.cumsum(own, axis=1)
            is_here = own != 0
            spans[..., 0][is_here] = (ends - own)[is_here]
            spans[..., 1][is_here] = ends[is_here]
        return spans

    def bound_marks(self) -> Floats:
        """How far the slopes of each layer reach at least, on the axis of the bars, (H,)."""
        begins = np.where(np.isnan(self.spans()[:, 1, 0]), 0.0, self.spans()[:, 1, 0])
        is_counted = np.array([state == "counted" for state in self.states])
        return np.where(is_counted, begins + self.bounds, np.nan)

    def balance(self) -> tuple[tuple[str, ...], str]:
        """Write the totals of the parts that there are, and their sum, so that they add up."""
        parts = self.totals if self.has_rest else self.totals[:2]
        if not self.is_counted:
            return (), signed(self.total, 1)
        whole = float(f"{self.total:.1f}")
        texts = tuple(signed(part, 1) for part in adding_up(parts.tolist(), whole, 1))
        return texts, signed(whole, 1)


def chain_bars(factors: ChainFactors, network: NetworkSetup) -> ChainBars:
    """Make the bars of the factors of one network, without lanes."""
    parts = np.stack([factors.weights, factors.slopes, factors.rest], axis=-1)
    running = factors.signal_decades[:-1]
    decades = factors.decades
    states = tuple(_state(*pair) for pair in zip(decades, running, strict=True))
    bounds = [LARGEST_SLOPE.get(layer.activation, math.nan) for layer in network.layers]
    own = np.where(np.isnan(decades) & np.isfinite(running)[:, None], 0.0, decades)
    return ChainBars(parts, own, running, states, slope_name(network), np.log10(np.array(bounds)))


def chain_sentence(bars: ChainBars) -> str:
    """Say what weights and slopes take of the signal or give to it, and where most goes."""
    broken = _where_it_breaks(bars)
    if broken:
        return broken
    total = float(f"{bars.total:.1f}")
    parts = bars.totals if bars.has_rest else bars.totals[:2]
    sizes = adding_up(parts.tolist(), total, 1)
    said = [(bars.slope, sizes[1]), ("the weights", sizes[0])]
    if bars.has_rest:
        said.append(("shortcuts, normalisation and dropout", sizes[2]))
    return _balance_sentence(total, said) + _extremes(bars)


def _state(decades: Floats, running: np.float64) -> State:
    if running == -math.inf:
        return "zero" if (decades == -math.inf).any() else "nothing"
    if not np.isfinite(running) or (decades == math.inf).any():
        return "not finite"
    return "zero" if (decades == -math.inf).any() else "counted"


def _balance_sentence(total: float, said: Sequence[tuple[str, float]]) -> str:
    sign = -1.0 if total < 0 else 1.0
    if total and all(size * sign >= 0 for _, size in said):
        verb = "takes" if total < 0 else "gives"
        first, *others = said
        shares = [f"{first[0]} {verb} {_size(first[1])}"]
        shares += [f"{name} {_size(size)}" for name, size in others]
        return f"Of {_size(total)} decades, {_listed(shares)}."
    shares = [f"{name} {_did(name, size)} {_size(size)}" for name, size in said]
    text = _listed(shares)
    whole = f"{_size(total)} decades are {'lost' if total < 0 else 'gained'}"
    if not total:
        whole = "the signal stays level"
    return f"{_upper(text)}: {whole}."


def _upper(text: str) -> str:
    """Begin a sentence; phi stays small."""
    return text if text[0] == "φ" else text[0].upper() + text[1:]


def _did(name: str, size: float) -> str:
    verb = "take" if size < 0 else "give"
    return verb + "s" if name.endswith("′") else verb


def _extremes(bars: ChainBars) -> str:
    """Name the layers that lose or gain most and least."""
    if bars.layers < 2:
        return ""
    sums = bars.sums
    way = -1.0 if bars.total < 0 else 1.0
    most, least = int(np.argmax(sums * way)), int(np.argmin(sums * way))
    verb = "loses" if way < 0 else "gains"
    text = f" Layer {most + 1} {verb} most ({_size(sums[most])}), layer {least + 1} "
    if sums[least] * way < -0.05:
        other = "gains" if way < 0 else "loses"
        return f"{text}{other} {_size(sums[least])}."
    return f"{text}least ({_size(sums[least])})."


def _where_it_breaks(bars: ChainBars) -> str:
    """Say where the signal becomes 0 or not finite; empty where it does neither."""
    for layer in reversed(range(bars.layers)):
        state = bars.states[layer]
        if state == "not finite":
            return f"The signal is not finite in layer {layer + 1}."
        if state == "zero" and bars.running[layer] == -math.inf:
            is_weights = bars.decades[layer, 0] == -math.inf
            text = f"{_upper(bars.slope)} of layer {layer + 1} lets exactly 0 through"
            if is_weights:
                text = f"The weights behind layer {layer + 1} pass exactly 0 back"
            if layer == 0:
                return f"{text}."
            below = "layer 1 gets" if layer == 1 else f"layers 1 to {count(layer)} get"
            return f"{text}: {below} nothing."
    if not bars.is_counted:
        return f"Shortcuts carry the signal past layers that let nothing through: {_whole(bars)}."
    return ""


def _whole(bars: ChainBars) -> str:
    ratio = 10.0**bars.total if math.isfinite(bars.total) else 0.0
    return f"layer 1 gets {figures(ratio, 2)} of the output layer"


def _size(decades: float) -> str:
    return f"{abs(float(decades)):.1f}"


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
