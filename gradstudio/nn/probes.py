"""What is measured of one step; each quantity has its one definition here.

Squares of float32 numbers leave the range of float32 at 1e-19 and 1e19. Sums of squares are
therefore taken at full speed first, and again in float64 where the result is not safely inside:
a vanished gradient of 1e-25 stays 1e-25, an exact 0 stays 0, infinity and NaN stay what they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network

Floats = NDArray[np.float64]
Runs = Sequence[tuple[slice, Array]]

_SAFE: Final = {"f": (1e-24, 1e30), "d": (1e-280, 1e290)}


class SquareSums:
    """Sums of squares of each layer, written into one row; several kinds share a row.

    Parameters
    ----------
    runs
        Layers of one shape in a row, as (columns of the row, view (count, ..., size)).
    dtype
        Floating type of the arrays.
    """

    def __init__(self, runs: Runs, dtype: np.dtype[np.floating[Any]]) -> None:
        self._low, self._high = _SAFE[dtype.char]
        self._single = [(run.start, view[0]) for run, view in runs if len(view) == 1]
        self._many = [(run, view) for run, view in runs if len(view) > 1]
        self._is_plain = all(view.ndim == 2 for _, view in runs)
        self._runs = runs

    def __call__(self, out: Floats) -> None:
        """Write the sums to `out`, (..., columns)."""
        if self._is_plain:
            dot = np.dot
            for column, vector in self._single:
                out[column] = dot(vector, vector)
            for columns, block in self._many:
                out[columns] = np.vecdot(block, block)
        else:
            for columns, block in self._runs:
                out[..., columns] = np.moveaxis(np.vecdot(block, block), 0, -1)

    def repair(self, out: Floats) -> None:
        """Take again in float64 what lies outside the safe range."""
        for columns, block in self._runs:
            part = out[..., columns]
            if not (part.min() >= self._low and part.max() <= self._high):
                for index, row in enumerate(block):
                    wide = row.astype(np.float64)
                    part[..., index] = np.vecdot(wide, wide)

    def is_safe(self, out: Floats) -> bool:
        """Whether every sum in `out` can be trusted."""
        return bool(out.min() >= self._low and out.max() <= self._high)


def weight_norms(net: Network) -> Floats:
    """Euclidean norm of W of each layer, (..., L)."""
    return _norms(net, net.weight_runs(net.flat))


def weight_grad_norms(net: Network) -> Floats:
    """Euclidean norm of dL/dW of each layer, L being the mean loss, (..., L)."""
    return _norms(net, net.weight_runs(net.flat_grads))


def delta_rms(net: Network) -> Floats:
    """Root mean square over units and samples of the per-sample dL/dz, (..., L).

    The loss is a mean over the batch, so the per-sample delta is the batch size times the delta of
    the mean loss.
    """
    plan = net.plan(net.deltas[0].shape[-2])
    return _norms(net, plan.delta_runs) * delta_factors(net, plan.batch)


def delta_factors(net: Network, batch: int) -> Floats:
    """Factors from the norm of a delta of the mean loss to the RMS of the per-sample one, (L,)."""
    return np.sqrt(batch / np.array(net.sizes[1:], np.float64))


def _norms(net: Network, runs: Runs) -> Floats:
    sums = SquareSums(runs, net.dtype)
    out = np.empty((*net.lanes, net.layer_count))
    with np.errstate(all="ignore"):
        sums(out)
        sums.repair(out)
        return np.asarray(np.sqrt(out))


@dataclass(frozen=True)
class NonFinite:
    """The first value of a step that is NaN or infinite.

    Attributes
    ----------
    layer_index
        0-based; the output layer is the last.
    operation
        What produced it: ``"matrix product"``, ``"activation"``, ``"loss"``,
        ``"backpropagation"``, ``"weight gradient"`` or ``"weights"``.
    unit, sample
        Where in the layer and in the batch, 0-based; None where that means nothing.
    """

    layer_index: int
    operation: str
    unit: int | None = None
    sample: int | None = None


def first_non_finite(net: Network, loss: Any) -> NonFinite | None:
    """Find the first value, in the order of computation, that is not finite.

    To be called after a forward pass and backpropagation of one lane.
    """
    last = net.layer_count - 1
    for layer in range(net.layer_count):
        if (place := _first_bad(net.weights[layer])) is not None:
            return NonFinite(layer, "weights", unit=place[-1])
        if (place := _first_bad(net.z[layer])) is not None:
            return NonFinite(layer, "matrix product", unit=place[-1], sample=place[-2])
        if layer < last and (place := _first_bad(net.a[layer])) is not None:
            return NonFinite(layer, "activation", unit=place[-1], sample=place[-2])
    if not np.isfinite(loss).all():
        return NonFinite(last, "loss")
    for layer in reversed(range(net.layer_count)):
        if (place := _first_bad(net.deltas[layer])) is not None:
            return NonFinite(layer, "backpropagation", unit=place[-1], sample=place[-2])
    for layer in reversed(range(net.layer_count)):
        if (place := _first_bad(net.weight_grads[layer])) is not None:
            return NonFinite(layer, "weight gradient", unit=place[-1])
    return None


def _first_bad(values: Array) -> tuple[int, ...] | None:
    is_bad = ~np.isfinite(values)
    if not is_bad.any():
        return None
    return tuple(int(i) for i in np.unravel_index(int(is_bad.argmax()), values.shape))
