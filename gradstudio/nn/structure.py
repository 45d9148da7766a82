"""What a hidden layer can have beside weights: normalisation, dropout and a shortcut.

A hidden layer with everything calculates, from the output o of the layer before,

    z = o W + b,   u = normalised z,   a = phi(u),   d = a * mask,   out = source + c d,

where ``source`` is the output of the layer before the branch. Each piece writes its part of the
forward pass and turns the gradient of its result into that of its input, in place.

References
----------
Ioffe & Szegedy 2015, "Batch normalization"; Ba et al. 2016, "Layer normalization"; Srivastava et
al. 2014, "Dropout"; He et al. 2016, "Deep residual learning"; Zhang et al. 2019, "Fixup
initialization"; Bachlechner et al. 2020, "ReZero is all you need".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np

from gradstudio.nn.arrays import Array, Call, aligned_zeros

EPSILON: Final = 1e-5
"""Added to the variance before a normalisation divides by its root."""
NORMALISATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"none": "None", "batch": "Batch", "layer": "Layer"}
)
"""Normalisations by name, with what a person reads."""
RESIDUALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "none": "None",
        "plain": "Plain",
        "scaled": "Scaled by 1/√L",
        "rezero": "ReZero",
        "fixup": "Fixup",
    }
)
"""Kinds of shortcut by name, with what a person reads."""
LEARNT: Final = ("rezero", "fixup")
"""Kinds whose branch has a factor of its own that is trained: it starts at 0, and at 1."""


@dataclass(frozen=True)
class LayerStructure:
    """What a hidden layer has beside its weights.

    Attributes
    ----------
    normalisation
        ``"none"``, ``"batch"``: each unit over the samples of a batch; or ``"layer"``: each sample
        over its units. Both then multiply by a learnt scale and add a learnt shift per unit.
    residual
        ``"none"`` or how the branch that ends here is added to its source: ``"plain"``: as it is;
        ``"scaled"``: divided by the root of the number of branches; ``"rezero"``: times a learnt
        factor that starts at 0; ``"fixup"``: times one that starts at 1, with its weights made
        small at the start (see ``fixup_scales``).
    span
        Layers of the branch; 1 is this layer alone.
    dropout
        Share of the units that are set to 0 in a training step, [0, 1).
    """

    normalisation: str = "none"
    residual: str = "none"
    span: int = 1
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for name, table in (("normalisation", NORMALISATIONS), ("residual", RESIDUALS)):
            if getattr(self, name) not in table:
                raise ValueError(f"{name} {getattr(self, name)!r} is not one of {', '.join(table)}")
        if self.span < 1:
            raise ValueError(f"span {self.span} is below 1")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout {self.dropout:g} is not in [0, 1)")

    @property
    def has_norm(self) -> bool:
        """Whether there is a normalisation."""
        return self.normalisation != "none"

    @property
    def has_shortcut(self) -> bool:
        """Whether a branch ends here."""
        return self.residual != "none"

    @property
    def has_learnt_factor(self) -> bool:
        """Whether the branch has a factor that is trained."""
        return self.residual in LEARNT

    @property
    def is_plain(self) -> bool:
        """Whether the output of the layer is its activation and nothing else."""
        return not self.has_shortcut and self.dropout == 0.0


PLAIN: Final = LayerStructure()


def misfit(sizes: Sequence[int], structures: Sequence[LayerStructure]) -> tuple[int, str] | None:
    """Find the first hidden layer whose shortcut cannot be made, 0-based, and say why."""
    for layer, structure in enumerate(structures):
        if not structure.has_shortcut:
            continue
        if structure.span > layer + 1:
            return layer, (
                f"a shortcut over {structure.span} layers begins before the input: at most "
                f"{layer + 1} here"
            )
        width, source = sizes[layer + 1], sizes[layer + 1 - structure.span]
        if width != source:
            begin = layer + 1 - structure.span
            where = f"layer {begin}" if begin else "the input"
            return layer, (
                f"a shortcut adds {source} units of {where} to {width}: both must be equal"
            )
    return None


def branch_count(structures: Sequence[LayerStructure]) -> int:
    """Number of residual branches."""
    return sum(structure.has_shortcut for structure in structures)


def fixup_scales(structures: Sequence[LayerStructure]) -> dict[int, float]:
    """Factors of the starting weights of layers in Fixup branches, by 0-based layer.

    With L branches of m layers: the last layer of a branch starts at 0, the others are multiplied
    by L^(-1/(2m - 2)). Zhang et al. 2019.
    """
    ends = [i for i, structure in enumerate(structures) if structure.residual == "fixup"]
    scales: dict[int, float] = {}
    for end in ends:
        span = structures[end].span
        inner = len(ends) ** (-1.0 / (2 * span - 2)) if span > 1 else 1.0
        scales.update(dict.fromkeys(range(end - span + 1, end), inner))
        scales[end] = 0.0
    return scales


class Normalisation:
    """u = gamma * (z - mean) / sqrt(variance + epsilon) + beta, over samples or over units.

    Parameters
    ----------
    over_batch
        Whether mean and variance are taken over the samples, of each unit; else the other way.
    z, out
        (..., batch, units).
    gamma, beta, gamma_grad, beta_grad
        (..., units).

    Attributes
    ----------
    mean, variance
        Of the newest batch, (..., 1, units) or (..., batch, 1); the variance is not corrected.
    forward
        Calls of the forward pass.
    """

    def __init__(
        self,
        over_batch: bool,
        z: Array,
        out: Array,
        parameters: tuple[Array, Array],
        gradients: tuple[Array, Array],
    ) -> None:
        self._axis = axis = -2 if over_batch else -1
        self._share = np.asarray(1.0 / z.shape[axis], z.dtype)
        gamma, beta = (array[..., None, :] for array in parameters)
        self._gamma, self._gradients = gamma, gradients
        self._centred = x = aligned_zeros(z.shape, z.dtype)
        self._work = work = aligned_zeros(z.shape, z.dtype)
        shape = (*z.shape[:-2], 1, z.shape[-1]) if over_batch else (*z.shape[:-1], 1)
        self.mean, self.variance, self._rate, self._first, self._second = (
            np.zeros(shape, z.dtype) for _ in range(5)
        )
        rate = self._rate
        epsilon = np.asarray(EPSILON, z.dtype)
        self.forward: list[Call] = [
            *self._means(z, self.mean),
            partial(np.subtract, z, self.mean, x),
            partial(np.multiply, x, x, work),
            *self._means(work, self.variance),
            partial(np.add, self.variance, epsilon, rate),
            partial(np.sqrt, rate, rate),
            partial(np.reciprocal, rate, rate),
            partial(np.multiply, x, rate, x),
            partial(np.multiply, x, gamma, out),
            partial(np.add, out, beta, out),
        ]

    def backward(self, G: Array) -> list[Call]:
        """Prepare: G becomes dL/dz from dL/du; writes the gradients of gamma and beta too."""
        x, work = self._centred, self._work
        gamma_grad, beta_grad = self._gradients
        first, second = self._first, self._second
        return [
            partial(np.multiply, G, x, work),
            partial(np.add.reduce, work, -2, None, gamma_grad),
            partial(np.add.reduce, G, -2, None, beta_grad),
            partial(np.multiply, G, self._gamma, G),
            *self._means(G, first),
            partial(np.multiply, G, x, work),
            *self._means(work, second),
            partial(np.multiply, x, second, work),
            partial(np.subtract, G, work, G),
            partial(np.subtract, G, first, G),
            partial(np.multiply, G, self._rate, G),
        ]

    def _means(self, values: Array, out: Array) -> list[Call]:
        return [
            partial(np.add.reduce, values, self._axis, None, out, True),
            partial(np.multiply, out, self._share, out),
        ]


class Dropout:
    """d = a * mask, where the mask holds 0, or 1 / (1 - share) so that the mean stays.

    Parameters
    ----------
    share
        Share of the units that are dropped.
    a, out
        (..., batch, units).

    Attributes
    ----------
    mask
        (batch, units), the same for all lanes.
    """

    def __init__(self, share: float, a: Array, out: Array) -> None:
        self._share = share
        self._uniform = np.zeros(a.shape[-2:], np.float32)
        self.mask = np.ones(a.shape[-2:], a.dtype)
        self.forward: list[Call] = [partial(np.multiply, a, self.mask, out)]

    def draw(self, rng: np.random.Generator) -> None:
        """Draw another mask, the same for all lanes."""
        rng.random(out=self._uniform, dtype=np.float32)
        np.greater_equal(self._uniform, self._share, out=self.mask)
        np.multiply(self.mask, 1.0 / (1.0 - self._share), out=self.mask)

    def backward(self, G: Array) -> list[Call]:
        """Prepare: G becomes dL/da from dL/dd."""
        return [partial(np.multiply, G, self.mask, G)]


class Shortcut:
    """out = source + c * branch, where c is 1, a number, or learnt.

    Parameters
    ----------
    branch, out
        (..., batch, units).
    factor
        c; an array (..., 1) where it is learnt.
    factor_grad
        Where its gradient goes, (..., 1); None where it is not learnt.

    Attributes
    ----------
    carried
        dL/dout, which the source gets too, (..., batch, units).
    """

    def __init__(
        self, branch: Array, out: Array, factor: float | Array, factor_grad: Array | None
    ) -> None:
        self._branch, self._out, self._grad = branch, out, factor_grad
        self._factor = (
            factor[..., None]
            if isinstance(factor, np.ndarray)
            else np.asarray(factor, branch.dtype)
        )
        self._is_one = factor_grad is None and factor == 1.0
        self.carried = aligned_zeros(out.shape, out.dtype)

    def forward(self, source: Array) -> list[Call]:
        """Prepare the forward pass from a source (..., batch, units)."""
        if self._is_one:
            return [partial(np.add, self._branch, source, self._out)]
        return [
            partial(np.multiply, self._branch, self._factor, self._out),
            partial(np.add, self._out, source, self._out),
        ]

    def backward(self, G: Array) -> list[Call]:
        """Prepare: G becomes dL/dbranch from dL/dout, which is kept for the source."""
        calls: list[Call] = [partial(np.copyto, self.carried, G)]
        if self._grad is not None:
            lanes, elements = G.shape[:-2], math.prod(G.shape[-2:])
            rows = (array.reshape(*lanes, elements) for array in (self.carried, self._branch))
            calls.append(partial(np.vecdot, *rows, self._grad[..., 0]))
        if not self._is_one:
            calls.append(partial(np.multiply, G, self._factor, G))
        return calls
