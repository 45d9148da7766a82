"""Optimizers on one flat buffer of parameters: a few whole-buffer operations each."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np
from numpy.typing import DTypeLike

from gradstudio.nn.arrays import Array

CHUNK: Final = 32_768
"""Parameters handled at once: 128 KB of each buffer, which stays in the processor's cache."""


class Optimizer:
    """Changes parameters by ``-learning_rate * direction``.

    Parameters
    ----------
    shape
        Shape of the flat buffer, (..., parameters); leading axes are lanes.
    dtype
        Floating type of parameters and gradients.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    buffers: ClassVar[int] = 0
    """Buffers of state, each as large as the parameters."""

    def __init__(self, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        size = shape[-1]
        self._chunks = [
            (..., slice(start, min(start + CHUNK, size))) for start in range(0, size, CHUNK)
        ]
        self._work = np.empty((*shape[:-1], min(size, CHUNK)), dtype)
        self._state = [np.zeros(shape, dtype) for _ in range(self.buffers)]
        self._steps = 0

    @property
    def direction(self) -> Array | None:
        """What the last update was the learning rate times, with the other sign, in a buffer.

        None when it was the gradient itself, times the scale.
        """
        return None

    def update(
        self,
        parameters: Array,
        gradients: Array,
        learning_rate: float,
        *,
        momentum: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        """Change `parameters` in place; `scale` multiplies the gradients first (clipping)."""
        raise NotImplementedError

    def state(self) -> tuple[int, tuple[Array, ...]]:
        """Copy what is remembered between updates."""
        return self._steps, tuple(buffer.copy() for buffer in self._state)

    def restore(self, state: tuple[int, tuple[Array, ...]]) -> None:
        """Put back what `state` returned."""
        self._steps = state[0]
        for buffer, saved in zip(self._state, state[1], strict=True):
            np.copyto(buffer, saved)


class SGD(Optimizer):
    """W -= eta g."""

    name = "sgd"
    label = "SGD"
    formula = r"W_{new}=W_{old}-\eta\,g"

    def update(
        self,
        parameters: Array,
        gradients: Array,
        learning_rate: float,
        *,
        momentum: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        factor = learning_rate * scale
        for chunk in self._chunks:
            W = parameters[chunk]
            step = np.multiply(gradients[chunk], factor, self._work[..., : W.shape[-1]])
            np.subtract(W, step, W)


class Momentum(Optimizer):
    """v = m v + g; W -= eta v (PyTorch's form: no factor 1 - m)."""

    name = "momentum"
    label = "Momentum"
    formula = r"v\leftarrow m\,v+g,\quad W_{new}=W_{old}-\eta\,v"
    buffers = 1

    @property
    def direction(self) -> Array | None:
        return self._state[0]

    def update(
        self,
        parameters: Array,
        gradients: Array,
        learning_rate: float,
        *,
        momentum: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        self._steps += 1
        for chunk in self._chunks:
            W, g, v = parameters[chunk], gradients[chunk], self._state[0][chunk]
            work = self._work[..., : W.shape[-1]]
            np.multiply(v, momentum, v)
            np.add(v, g if scale == 1.0 else np.multiply(g, scale, work), v)
            np.subtract(W, np.multiply(v, learning_rate, work), W)


class Adam(Optimizer):
    """Kingma & Ba 2015, algorithm 1, with beta 0.9 and 0.999, epsilon 1e-8."""

    name = "adam"
    label = "Adam"
    formula = r"W_{new}=W_{old}-\eta\,\frac{\hat{m}}{\sqrt{\hat{v}}+\epsilon}"
    buffers = 3
    BETAS: ClassVar = (0.9, 0.999)
    EPSILON: ClassVar = 1e-8

    @property
    def direction(self) -> Array | None:
        return self._state[2]

    def update(
        self,
        parameters: Array,
        gradients: Array,
        learning_rate: float,
        *,
        momentum: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        self._steps += 1
        first, second = self.BETAS
        first_share = 1.0 - first**self._steps
        root = sqrt(1.0 - second**self._steps)
        for chunk in self._chunks:
            W, g = parameters[chunk], gradients[chunk]
            m, v, u = (buffer[chunk] for buffer in self._state)
            work = self._work[..., : W.shape[-1]]
            if scale != 1.0:
                g = np.multiply(g, scale, u)
            np.subtract(g, m, work)
            np.multiply(work, 1.0 - first, work)
            np.add(m, work, m)
            np.multiply(g, g, work)
            np.multiply(work, 1.0 - second, work)
            np.multiply(v, second, v)
            np.add(v, work, v)
            np.sqrt(v, work)
            np.divide(work, root, work)
            np.add(work, self.EPSILON, work)
            np.divide(m, work, u)
            np.divide(u, first_share, u)
            np.subtract(W, np.multiply(u, learning_rate, work), W)


OPTIMIZERS: Final[Mapping[str, type[Optimizer]]] = MappingProxyType(
    {kind.name: kind for kind in (SGD, Momentum, Adam)}
)
