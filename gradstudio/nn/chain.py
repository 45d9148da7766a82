"""The chain rule layer by layer: what the weights and what the activation make of the signal.

On its way back through hidden layer l the signal is multiplied by the weights of the layer above
and by the slope of the activation,

    delta^l = phi'(u^l) * (delta^{l+1} W^{l+1 T}).

With rms the root mean square over units and samples, its size changes by two factors,

    r_l = rms(delta^{l+1} W^{l+1 T}) / rms(delta^{l+1}),
    s_l = rms(delta^l) / rms(delta^{l+1} W^{l+1 T}),

whose product over all hidden layers is rms(delta^1) / rms(delta^L). A layer with more than weights
and activation has a third factor t_l for the rest: shortcut and dropout before the activation is
reached, and the normalisation behind it. Then s_l is taken at the activation alone.

Nothing is hidden: what arrives as exact 0 leaves as exact 0, so that the factors below it are
0 / 0, NaN. A shortcut can bring back what weights and slopes have lost to 0: its factor is then
measured against the last signal that was not 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array, run
from gradstudio.nn.layer import HiddenLayer
from gradstudio.nn.network import Network
from gradstudio.nn.signal import delta_rms, rms
from gradstudio.nn.structure import branch_count

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ChainFactors:
    """Factors of the signal in each hidden layer of a batch or of one sample.

    Attributes
    ----------
    signal
        rms of the per-sample delta of each layer, (..., L).
    weights, slopes, rest
        r, s and t of each hidden layer, (..., L - 1). ``rest`` is exactly 1 where a layer has
        neither normalisation nor dropout nor a shortcut that begins or ends there. NaN where
        nothing arrives, or infinity over infinity.
    """

    signal: Floats
    weights: Floats
    slopes: Floats
    rest: Floats

    @property
    def product(self) -> Floats:
        """Product of all factors that have a value, (...,), equal to ``ratio`` to 1e-12.

        A 0 that a shortcut goes around is left out; NaN as soon as a signal is NaN.
        """
        factors = np.stack([self.weights, self.slopes, self.rest], axis=-1)
        below, above = self.signal[..., 0], self.signal[..., -1]
        is_left_out = np.isnan(factors) | ((factors == 0) & (below != 0)[..., None, None])
        # from the output down, so that what is on the way is the size of a signal
        kept = np.where(is_left_out, 1.0, factors)[..., ::-1, :]
        with np.errstate(all="ignore"):
            product = kept.reshape(*below.shape, -1).prod(-1)
        return np.where(np.isnan(self.signal).any(-1) | (above == 0), np.nan, product)

    @property
    def ratio(self) -> Floats:
        """rms(delta^1) / rms(delta^L) as measured, (...,)."""
        return ratio(self.signal[..., 0], self.signal[..., -1])

    @property
    def decades(self) -> Floats:
        """Logarithms to base 10 of weights, slopes and rest, (..., L - 1, 3); of 0, -infinity."""
        with np.errstate(all="ignore"):
            return np.log10(np.stack([self.weights, self.slopes, self.rest], axis=-1))

    @property
    def signal_decades(self) -> Floats:
        """log10 of rms(delta^l) / rms(delta^L), (..., L): the running sum from the output down."""
        with np.errstate(all="ignore"):
            return np.log10(ratio(self.signal, self.signal[..., -1:]))


def chain_factors(net: Network, sample: int | None = None) -> ChainFactors:
    """Take the factors of the last batch, or of one sample of it; after backpropagation.

    Parameters
    ----------
    net
        The network.
    sample
        0-based; None for the whole batch. With batch normalisation the delta of a sample depends on
        the others: their part is in ``rest``.

    Raises
    ------
    IndexError
        If there is no such sample.
    """
    batch = net.plan_in_use.batch
    if sample is not None and not 0 <= sample < batch:
        raise IndexError(f"sample {sample} of a batch of {batch}")
    rows = slice(None) if sample is None else slice(sample, sample + 1)
    if sample is None:
        signal = delta_rms(net)
    else:
        signal = np.stack([rms(delta[..., rows, :]) for delta in net.deltas], axis=-1) * batch
    factors = np.ones((*net.lanes, net.layer_count - 1, 3))
    trail = _Trail(signal[..., -1])
    for layer in reversed(range(net.layer_count - 1)):
        found = _factors(net, layer, rows, trail, signal[..., layer])
        factors[..., layer, :] = np.stack(found, axis=-1)
    return ChainFactors(signal, factors[..., 0], factors[..., 1], factors[..., 2])


class _Trail:
    """The size of the signal, followed from the output down.

    Parameters
    ----------
    size
        At the output, (...,).
    """

    def __init__(self, size: Floats) -> None:
        self._size = self._last = size

    def to(self, size: Floats) -> Floats:
        """Return the factor to the next size: to the last that was not 0; of 0 and 0 NaN."""
        factor = ratio(size, self._last)
        factor = np.where((size == 0) & (self._size == 0), np.nan, factor)
        self._size, self._last = size, np.where(size != 0, size, self._last)
        return factor


def _factors(
    net: Network, layer: int, rows: slice, trail: _Trail, below: Floats
) -> tuple[Floats, Floats, Floats]:
    """r, s and t of a layer down to the signal ``below`` it, each (...,)."""
    part, batch = net.plan_in_use.layers[layer], net.plan_in_use.batch
    rest = [np.ones_like(below)]
    with np.errstate(all="ignore"):
        passed = np.matmul(net.deltas[layer + 1][..., rows, :], net.weights[layer + 1].mT)
        weights = trail.to(rms(passed) * batch)
        G = _at_activation(net, layer, rows, passed)
        if G is not passed:
            rest.append(trail.to(rms(G) * batch))
        if part.norm is None:
            return weights, trail.to(below), rest[-1]
        slopes = trail.to(rms(G * part.activation.derivative(part.u[..., rows, :])) * batch)
        rest.append(trail.to(below))
    # a part that nothing arrives at leaves the other as it is
    parts = np.stack(rest[1:])
    product = np.where(np.isnan(parts), 1.0, parts).prod(0)
    return weights, slopes, np.where(np.isnan(parts).all(0), np.nan, product)


def _at_activation(net: Network, layer: int, rows: slice, passed: Array) -> Array:
    """dL/da of a layer from what the weights pass back, which is returned where nothing is added.

    Shape (..., rows, units).
    """
    part, hidden = net.plan_in_use.layers[layer], net.plan_in_use.layers
    G = passed
    if part.shortcut is not None:
        G = part.carried[..., rows, :] * branch_factor(net, layer)
    else:
        for end in range(layer + 1, net.layer_count - 1):
            if net.structures[end].has_shortcut and end - net.structures[end].span == layer:
                G = G + hidden[end].carried[..., rows, :]
    if part.dropout is not None:
        G = G * dropout_mask(part)[rows]
    return G


def branch_factor(net: Network, layer: int) -> Array:
    """What the branch of a 0-based hidden layer with a shortcut is multiplied by, (..., 1, 1)."""
    structure = net.structures[layer]
    if structure.has_learnt_factor:
        return net.factors[layer][..., None]
    is_scaled = structure.residual == "scaled"
    factor = 1.0 / math.sqrt(branch_count(net.structures)) if is_scaled else 1.0
    return np.full((1, 1), factor, net.dtype)


def dropout_mask(part: HiddenLayer) -> Array:
    """What each activation of a layer was multiplied by in the last batch, (batch, units)."""
    mask = np.ones(part.a.shape[-2:], part.a.dtype)
    if part.dropout is not None:
        run(part.dropout.backward(mask))
    return mask


def ratio(after: Floats, before: Floats) -> Floats:
    """Return ``after / before`` without a warning: 0 / 0 is NaN, and x / 0 infinite."""
    with np.errstate(all="ignore"):
        return np.divide(after, before)
