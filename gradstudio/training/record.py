"""What is measured of one step, and how it lies in one row of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

SCALARS: Final = ("loss", "grad_norm", "learning_rate")
PER_LAYER: Final = ("weight_grad_norm", "delta_rms", "weight_norm", "update_ratio")


class Columns:
    """Named blocks of columns, side by side in one row.

    Parameters
    ----------
    widths
        Number of columns of each name, in the order in which they lie.
    """

    def __init__(self, widths: Mapping[str, int]) -> None:
        slices: dict[str, slice] = {}
        start = 0
        for name, width in widths.items():
            slices[name] = slice(start, start + width)
            start += width
        self.slices: Mapping[str, slice] = MappingProxyType(slices)
        self.width = start

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the blocks, from left to right."""
        return tuple(self.slices)

    def slice_of(self, name: str) -> slice:
        """Columns of ``name``; KeyError when nothing of that name is recorded."""
        return self.slices[name]

    def new_row(self) -> Floats:
        """Return a row of NaN, (width,): what is not measured stays NaN."""
        return np.full(self.width, np.nan)


class RowLayout(Columns):
    """The row of one step: the scalars, then one block of L columns per layer quantity.

    Parameters
    ----------
    layer_count
        Number of layers L, hidden layers and the output layer.
    """

    def __init__(self, layer_count: int) -> None:
        self.layer_count = layer_count
        super().__init__(
            {**dict.fromkeys(SCALARS, 1), **dict.fromkeys(PER_LAYER, layer_count)},
        )


class StepRecord:
    """One step as a thin view on its row.

    Loss, gradients and norms of the weights are those *before* the update; ``update_ratio`` is
    the size of the update that was then applied.

    Parameters
    ----------
    step
        0-based number of the update.
    row
        The numbers, (layout.width,), float64. Not copied.
    layout
        Where each quantity lies in the row.
    """

    __slots__ = ("layout", "row", "step")

    def __init__(self, step: int, row: Floats, layout: RowLayout) -> None:
        self.step = step
        self.row = row
        self.layout = layout

    def __repr__(self) -> str:
        return f"StepRecord(step={self.step}, loss={self.loss:.4g}, grad_norm={self.grad_norm:.4g})"

    def _scalar(self, name: str) -> float:
        return float(self.row[self.layout.slices[name]][0])

    @property
    def loss(self) -> float:
        """Mean loss of the batch."""
        return self._scalar("loss")

    @property
    def grad_norm(self) -> float:
        """Euclidean norm of the whole gradient, before clipping."""
        return self._scalar("grad_norm")

    @property
    def learning_rate(self) -> float:
        """Learning rate of this update."""
        return self._scalar("learning_rate")

    @property
    def weight_grad_norm(self) -> Floats:
        """Euclidean norm of dL/dW of each layer, (L,)."""
        return self.row[self.layout.slices["weight_grad_norm"]]

    @property
    def delta_rms(self) -> Floats:
        """Root mean square over units and samples of the per-sample dL/dz of each layer, (L,)."""
        return self.row[self.layout.slices["delta_rms"]]

    @property
    def weight_norm(self) -> Floats:
        """Euclidean norm of W of each layer, (L,)."""
        return self.row[self.layout.slices["weight_norm"]]

    @property
    def update_ratio(self) -> Floats:
        """Norm of the update over norm of the weights of each layer, (L,).

        NaN where both are 0, infinite where only the weights are 0.
        """
        return self.row[self.layout.slices["update_ratio"]]
