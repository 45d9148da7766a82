"""What can be measured of a step, in one table: panels and the benchmark go through it.

Each quantity has one definition, in the module of its idea; this one knows what it says, what it
costs and how often that is worth it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from gradstudio.nn.arrays import Array
from gradstudio.nn.chain import chain_factors
from gradstudio.nn.histograms import Histogram, histograms
from gradstudio.nn.network import Network
from gradstudio.nn.noise import gradient_noise
from gradstudio.nn.non_finite import NonFinite, first_non_finite
from gradstudio.nn.saturation import idleness
from gradstudio.nn.signal import (
    activation_means,
    activation_spreads,
    delta_factors,
    delta_rms,
    per_sample_delta,
    weight_grad_norms,
    weight_norms,
)
from gradstudio.nn.symmetry import distinct_outputs, distinct_weights

__all__ = [
    "PROBES",
    "NonFinite",
    "Price",
    "Probe",
    "delta_factors",
    "delta_rms",
    "first_non_finite",
    "histograms_of",
    "measure",
    "weight_grad_norms",
    "weight_norms",
]

Schedule: TypeAlias = Literal["step", "display"]
Quantity: TypeAlias = Literal[
    "weights", "weight_grads", "pre_activations", "activation_inputs", "activations", "deltas"
]


@dataclass(frozen=True)
class Price:
    """What measuring a network once takes, by its sizes; both numbers are estimates.

    Attributes
    ----------
    operations
        Multiply-adds, or what takes as long on one number.
    traffic
        Bytes read and written.
    """

    operations: int
    traffic: int


Pricing: TypeAlias = Callable[[Sequence[int], int, int], Price]


@dataclass(frozen=True)
class Probe:
    """One thing that can be measured after the gradients of a batch.

    Attributes
    ----------
    name, label
        As in the table and as shown to a person.
    says
        What a reader learns from it.
    unit
        Of the numbers; ``"1"`` for ratios and shares.
    schedule
        ``"step"``: cheap enough for every step. ``"display"``: only as often as it is drawn.
    measure
        Takes the network and the inputs of its last batch (..., batch, inputs).
    pricing
        The price by sizes, batch and bytes of a number.
    """

    name: str
    label: str
    says: str
    unit: str
    schedule: Schedule
    measure: Callable[[Network, Array], object]
    pricing: Pricing

    def price(self, net: Network, batch: int) -> Price:
        """Price for a network, all its lanes together, and a batch."""
        one = self.pricing(net.sizes, batch, net.dtype.itemsize)
        lanes = math.prod(net.lanes)
        return Price(one.operations * lanes, one.traffic * lanes)


def measure(name: str, net: Network, X: Array) -> object:
    """Measure by the name of a probe, after the gradients of the batch ``X``.

    Raises
    ------
    KeyError
        If there is no such probe.
    """
    if name not in PROBES:
        raise KeyError(f"probe {name!r} is not one of {', '.join(PROBES)}")
    return PROBES[name].measure(net, X)


def histograms_of(net: Network, quantity: Quantity) -> Histogram:
    """Count a quantity of each layer of the last batch, leading axes (..., L).

    Deltas are per sample; activations and what they are taken of are those of the hidden layers.
    """
    lanes = len(net.lanes)
    if quantity == "deltas":
        return histograms(
            [per_sample_delta(net, i, net.dtype) for i in range(net.layer_count)], lanes
        )
    arrays = {
        "weights": net.weights,
        "weight_grads": net.weight_grads,
        "pre_activations": net.z,
        "activation_inputs": [part.u for part in net.plan_in_use.layers],
        "activations": net.a[:-1],
    }[quantity]
    return histograms(arrays, lanes) if arrays else Histogram.empty((*net.lanes, 0))


def _counting(quantity: Quantity) -> Callable[[Network, Array], object]:
    return lambda net, X: histograms_of(net, quantity)


def _weights(sizes: Sequence[int]) -> int:
    return sum(fan_in * fan_out for fan_in, fan_out in pairwise(sizes))


def _of_weights(times: int) -> Pricing:
    return lambda sizes, batch, size: Price(times * _weights(sizes), size * _weights(sizes))


def _of_units(times: int) -> Pricing:
    """Price of going through all units of a batch."""
    return lambda sizes, batch, size: Price(
        times * batch * sum(sizes[1:]), size * batch * sum(sizes[1:])
    )


def _of_chain(sizes: Sequence[int], batch: int, size: int) -> Price:
    """The products with transposed weights once more, and three passes over their results."""
    weights, units = _weights(sizes[1:]), batch * sum(sizes[1:-1])
    return Price(batch * weights + 3 * units, size * weights + (size + 16) * units)


def _of_noise(sizes: Sequence[int], batch: int, size: int) -> Price:
    units = batch * (sum(sizes[:-1]) + sum(sizes[1:]))
    return Price(3 * units + _weights(sizes), (size + 8) * units + size * _weights(sizes))


_ENTRIES: Final = (
    Probe(
        "weight_norm",
        "‖W‖",
        "How large the weights of a layer are. It grows where a layer learns or explodes.",
        "1",
        "step",
        lambda net, X: weight_norms(net),
        _of_weights(1),
    ),
    Probe(
        "weight_grad_norm",
        "‖∂L/∂W‖",
        "How fast a layer is told to learn. Level does not mean healthy: compare with δ.",
        "1",
        "step",
        lambda net, X: weight_grad_norms(net),
        _of_weights(1),
    ),
    Probe(
        "delta_rms",
        "RMS δ",
        "How much of the signal reaches a layer: it vanishes or explodes from the output down.",
        "1",
        "step",
        lambda net, X: delta_rms(net),
        _of_units(1),
    ),
    Probe(
        "activation_mean",
        "Mean of a",
        "Whether a layer is centred. What is not makes the weights behind it move together.",
        "1",
        "display",
        lambda net, X: activation_means(net),
        _of_units(2),
    ),
    Probe(
        "activation_spread",
        "Spread of a",
        "Whether a layer still tells samples apart: it shrinks to 0 where the signal is lost.",
        "1",
        "display",
        lambda net, X: activation_spreads(net),
        _of_units(4),
    ),
    Probe(
        "weights",
        "Histogram of w",
        "Where the weights are, over all sizes, and how many are exactly 0.",
        "1",
        "display",
        _counting("weights"),
        _of_weights(4),
    ),
    Probe(
        "weight_grads",
        "Histogram of ∂L/∂w",
        "Whether few weights get all of the gradient, and how many get exactly 0.",
        "1",
        "display",
        _counting("weight_grads"),
        _of_weights(4),
    ),
    Probe(
        "pre_activations",
        "Histogram of z",
        "Whether z stays where the activation has a slope.",
        "1",
        "display",
        _counting("pre_activations"),
        _of_units(4),
    ),
    Probe(
        "activation_inputs",
        "Histogram of what φ sees",
        "Whether z, normalised where a layer does that, stays where the activation has a slope.",
        "1",
        "display",
        _counting("activation_inputs"),
        _of_units(4),
    ),
    Probe(
        "activations",
        "Histogram of a",
        "Whether units are spread out, stuck at their limits, or 0.",
        "1",
        "display",
        _counting("activations"),
        _of_units(4),
    ),
    Probe(
        "deltas",
        "Histogram of δ",
        "How the signal is spread over units and samples, and how much is lost to exact 0.",
        "1",
        "display",
        _counting("deltas"),
        _of_units(5),
    ),
    Probe(
        "idleness",
        "Saturated and dead",
        "Which layers let nothing through: saturated units pass back little, dead ones nothing.",
        "1",
        "display",
        lambda net, X: idleness(net),
        _of_units(12),
    ),
    Probe(
        "distinct_weights",
        "Distinct units by weights",
        "Whether units are different: those that start equal stay equal.",
        "units",
        "display",
        lambda net, X: distinct_weights(net),
        _of_weights(4),
    ),
    Probe(
        "distinct_outputs",
        "Distinct units by output",
        "Whether units say different things about the samples of the batch.",
        "units",
        "display",
        lambda net, X: distinct_outputs(net),
        _of_units(4),
    ),
    Probe(
        "chain",
        "Factors of the chain rule",
        "Whether the weights or the slopes of the activation make the signal vanish or explode.",
        "1",
        "display",
        lambda net, X: chain_factors(net),
        _of_chain,
    ),
    Probe(
        "noise",
        "Signal to noise",
        "Whether the samples of a batch agree on where to go, or cancel each other.",
        "1",
        "display",
        gradient_noise,
        _of_noise,
    ),
)

PROBES: Final[Mapping[str, Probe]] = MappingProxyType({probe.name: probe for probe in _ENTRIES})
