"""The chain rule of one sample: one unit with its terms, and one path from the output to layer 1.

    delta_j = phi'(u_j) sum_k w_jk delta_k

where k counts the units of the layer above. A path picks one term of each sum, so that what comes
down along it is a product of weights and slopes, as in a chain of single units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.network import Network
from gradstudio.nn.signal import per_sample_delta

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class UnitStep:
    """delta of one hidden unit and what it is made of; per-sample signals throughout.

    Attributes
    ----------
    layer, unit, sample
        0-based.
    delta
        dL/dz of the unit.
    slope
        phi'(u).
    terms
        w_jk delta_k for each unit k of the layer above, (units above,).
    """

    layer: int
    unit: int
    sample: int
    delta: float
    slope: float
    terms: Floats

    @property
    def passed(self) -> float:
        """Sum of the terms: what the weights pass back to the unit."""
        return float(self.terms.sum())

    @property
    def rest(self) -> float:
        """What else the layer makes of it: 1 to rounding without normalisation, dropout, shortcut.

        NaN where nothing arrives.
        """
        with np.errstate(all="ignore"):
            return float(np.float64(self.delta) / np.float64(self.slope * self.passed))

    def largest(self, count: int) -> NDArray[np.intp]:
        """Units above with the largest terms, by size, (count,) or all there are."""
        return np.argsort(-np.abs(self.terms), kind="stable")[:count]


@dataclass(frozen=True)
class Path:
    """One unit of each layer, and what comes down from the output along them alone.

    Attributes
    ----------
    sample
        0-based.
    units
        0-based, from layer 1 to the output, (L,).
    weights
        From the unit of each hidden layer to that of the layer above, (L - 1,).
    slopes
        phi'(u) of the units of the hidden layers, (L - 1,).
    deltas
        Per-sample dL/dz of the units, over all paths, (L,).
    """

    sample: int
    units: tuple[int, ...]
    weights: Floats
    slopes: Floats
    deltas: Floats

    @property
    def factors(self) -> Floats:
        """Factor of each step, w phi'(u), (L - 1,)."""
        with np.errstate(all="ignore"):
            return self.weights * self.slopes

    @property
    def contribution(self) -> float:
        """Part of the delta of the unit in layer 1 that has come along this path."""
        with np.errstate(all="ignore"):
            return float(self.deltas[-1] * np.prod(self.factors[::-1]))


def unit_step(net: Network, layer: int, unit: int, sample: int) -> UnitStep:
    """Work out delta of one unit of a 0-based hidden layer; after backpropagation.

    Raises
    ------
    ValueError
        If the network has lanes.
    IndexError
        If there is no such layer, unit or sample.
    """
    require_one_lane(net, "one unit")
    _require(net, layer, unit, sample)
    if layer == net.layer_count - 1:
        raise IndexError("delta of the output layer comes from the loss, not from a layer above")
    part = net.plan_in_use.layers[layer]
    above = per_sample_delta(net, layer + 1)[sample]
    with np.errstate(all="ignore"):
        terms = net.weights[layer + 1][unit].astype(np.float64) * above
    return UnitStep(
        layer,
        unit,
        sample,
        float(per_sample_delta(net, layer)[sample, unit]),
        float(part.activation.derivative(part.u[sample, unit : unit + 1])[0]),
        terms,
    )


def path(net: Network, units: Sequence[int], sample: int) -> Path:
    """Follow the given units, 0-based, from layer 1 to the output; after backpropagation.

    Raises
    ------
    ValueError
        If the network has lanes, or there is not one unit for each layer.
    IndexError
        If there is no such unit or sample.
    """
    require_one_lane(net, "a path")
    if len(units) != net.layer_count:
        raise ValueError(f"{len(units)} units for {net.layer_count} layers: one each is needed")
    for layer, unit in enumerate(units):
        _require(net, layer, unit, sample)
    hidden = range(net.layer_count - 1)
    weights = [net.weights[layer + 1][units[layer], units[layer + 1]] for layer in hidden]
    slopes = [
        part.activation.derivative(part.u[sample, unit : unit + 1])[0]
        for part, unit in zip(net.plan_in_use.layers, units, strict=False)
    ]
    deltas = [per_sample_delta(net, layer)[sample, unit] for layer, unit in enumerate(units)]
    return Path(
        sample,
        tuple(int(unit) for unit in units),
        *(np.array(numbers, np.float64) for numbers in (weights, slopes, deltas)),
    )


def worst_path(net: Network, sample: int, through: tuple[int, int] | None = None) -> Path:
    """Follow the largest ``|w delta|`` backwards.

    Parameters
    ----------
    net
        After backpropagation.
    sample
        0-based.
    through
        0-based layer and unit that the path is to go through: above it, each unit is the one from
        which the unit below gets its largest term. None begins at the largest delta of the output.
    """
    require_one_lane(net, "a path")
    last = net.layer_count - 1
    layer, unit = through or (last, int(np.abs(per_sample_delta(net, last)[sample]).argmax()))
    _require(net, layer, unit, sample)
    units = {layer: unit}
    for above in range(layer + 1, net.layer_count):
        terms = net.weights[above][units[above - 1]] * net.deltas[above][sample]
        units[above] = int(np.abs(terms).argmax())
    for below in range(layer - 1, -1, -1):
        units[below] = int(np.abs(net.weights[below + 1][:, units[below + 1]]).argmax())
    return path(net, [units[index] for index in range(net.layer_count)], sample)


def typical_path(net: Network, sample: int) -> Path:
    """Follow the unit of each layer whose ``|delta|`` is the median, the lower one of two."""
    require_one_lane(net, "a path")
    _require(net, 0, 0, sample)
    orders = [np.argsort(np.abs(delta[sample]), kind="stable") for delta in net.deltas]
    return path(net, [int(order[(order.size - 1) // 2]) for order in orders], sample)


def require_one_lane(net: Network, what: str) -> None:
    """Refuse a network with lanes, for ``what`` is defined for one network."""
    if net.lanes:
        raise ValueError(f"{what} needs a network without lanes; this one has {net.lanes}")


def _require(net: Network, layer: int, unit: int, sample: int) -> None:
    for what, index, count in (
        ("layer", layer, net.layer_count),
        ("unit", unit, net.sizes[min(max(layer, 0), net.layer_count - 1) + 1]),
        ("sample", sample, net.plan_in_use.batch),
    ):
        if not 0 <= index < count:
            raise IndexError(f"{what} {index} is not one of {count}")
