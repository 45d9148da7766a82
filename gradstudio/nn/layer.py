"""A hidden layer of a plan: from z to its output, and back from dL/doutput to dL/dz."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gradstudio.nn.arrays import Array, Call, aligned_zeros
from gradstudio.nn.half import rounding
from gradstudio.nn.structure import Dropout, Normalisation, Shortcut, branch_count

if TYPE_CHECKING:
    from gradstudio.nn.network import Network


class HiddenLayer:
    """Normalisation, activation, dropout and shortcut of one layer and one batch size.

    Parameters
    ----------
    net
        The network.
    index
        0-based.
    z, out
        Pre-activations and outputs of the layer, (..., batch, units).
    scratch
        Two arrays of the same shape, shared with other layers.

    Attributes
    ----------
    u
        What the activation sees: z, or z normalised.
    a
        Activations: the output itself where there is neither dropout nor shortcut.
    norm, dropout, shortcut
        What the layer has beside, or None.
    """

    def __init__(
        self, net: Network, index: int, z: Array, out: Array, scratch: tuple[Array, Array]
    ) -> None:
        structure = net.structures[index]
        self._net = net
        self.activation = net.activations[index]
        self.norm: Normalisation | None = None
        self.dropout: Dropout | None = None
        self.shortcut: Shortcut | None = None
        self.u = self.a = z
        if structure.has_norm:
            self.u = aligned_zeros(z.shape, z.dtype)
            self.norm = Normalisation(
                structure.normalisation == "batch",
                z,
                self.u,
                (net.scales[index], net.shifts[index]),
                (net.scale_grads[index], net.shift_grads[index]),
            )
        branch = aligned_zeros(z.shape, z.dtype) if structure.has_shortcut else out
        self.a = aligned_zeros(z.shape, z.dtype) if structure.dropout else branch
        if structure.dropout:
            self.dropout = Dropout(structure.dropout, self.a, branch)
        if structure.has_shortcut:
            factor: float | Array = 1.0
            grad = None
            if structure.has_learnt_factor:
                factor, grad = net.factors[index], net.factor_grads[index]
            elif structure.residual == "scaled":
                factor = 1.0 / math.sqrt(branch_count(net.structures))
            self.shortcut = Shortcut(branch, out, factor, grad)
        self._out = out
        self._work, self._slope = scratch
        self._has_slope = False

    @property
    def is_simple(self) -> bool:
        """Whether the output is the activation of z."""
        return self.norm is None and self.a is self._out

    @property
    def carried(self) -> Array:
        """dL/doutput, kept for the source of the shortcut."""
        assert self.shortcut is not None
        return self.shortcut.carried

    def slope_is_in(self, slope: Array) -> None:
        """Take phi' from an array that somebody else fills."""
        self._slope, self._has_slope = slope, True

    def forward(self, source: Array) -> list[Call]:
        """Prepare the way from z to the output; ``source`` is what a shortcut adds."""
        net = self._net
        calls: list[Call] = []
        if self.norm is not None:
            calls += [*self.norm.forward, *rounding(net, [self.u])]
        calls.append(partial(self.activation.value, self.u, self.a, self._work))
        if self.dropout is not None:
            calls += self.dropout.forward
        if self.shortcut is not None:
            calls += self.shortcut.forward(source)
        return calls + rounding(net, [self._out])

    def backward(self, G: Array) -> list[Call]:
        """Prepare: G (..., batch, units) becomes dL/dz from dL/doutput."""
        calls: list[Call] = []
        for piece in (self.shortcut, self.dropout):
            if piece is not None:
                calls += piece.backward(G)
        if self.activation.name != "linear":
            slope = self._slope
            if not self._has_slope:
                calls.append(partial(self.activation.slope, self.u, self.a, slope, self._work))
            calls.append(partial(np.multiply, G, slope, G))
        if self.norm is not None:
            calls += self.norm.backward(G)
        return calls
