"""The optimizers: the formulas of PyTorch, each with the direction in which it goes.

In the formulas g is the gradient after clipping, with weight decay; AdamW alone keeps the decay
out of it. Operations with a dot are element by element.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from gradstudio.nn.arrays import Array, aligned_zeros
from gradstudio.nn.optimizer import CHUNK as CHUNK
from gradstudio.nn.optimizer import Optimizer as Optimizer
from gradstudio.nn.optimizer import Part
from gradstudio.nn.optimizer import State as State
from gradstudio.nn.optimizer import Watch as Watch


class SGD(Optimizer):
    """W -= eta g."""

    name = "sgd"
    label = "SGD"
    formula = r"W_{new}=W_{old}-\eta\,g"
    use_when = "The rule itself: every layer moves in proportion to its gradient."

    def _prepare(self) -> None:
        super()._prepare()
        self._buffer: Array | None = None

    def _take(
        self, momentum: float, scale: float, weight_decay: float, clip_value: float | None
    ) -> None:
        """Turn away from the gradient only where weight decay or cutting asks for it."""
        super()._take(momentum, scale, weight_decay, clip_value)
        turns = self._cuts or self._decays
        self._share = 1.0 if turns else scale
        if turns and self._buffer is None:
            self._buffer = aligned_zeros(self._shape, self._dtype)
        direction = self._buffer if turns else None
        if direction is not self._direction:
            self._direction = direction
            self._bound = None

    def _change(self, part: Part) -> None:
        if self._direction is not None:
            self._gradient(part, part.direction)
        self._descend(part)


class Momentum(Optimizer):
    """v = m v + g; W -= eta v. There is no factor 1 - m: v sums up to g / (1 - m)."""

    name = "momentum"
    label = "Momentum"
    formula = r"v\leftarrow m\,v+g,\quad W_{new}=W_{old}-\eta\,v"
    use_when = "Narrow valleys: what points the same way for many steps adds up."
    memory = 1
    buffers = 1

    def _prepare(self) -> None:
        super()._prepare()
        self._direction = self._memory[0]

    def _change(self, part: Part) -> None:
        (v,) = part.memory
        np.multiply(v, self._momentum, v)
        np.add(v, self._gradient(part, part.cut), v)
        self._descend(part)


class Nesterov(Optimizer):
    """v = m v + g; W -= eta (g + m v): the velocity after one more step of it."""

    name = "nesterov"
    label = "Nesterov"
    formula = r"v\leftarrow m\,v+g,\quad W_{new}=W_{old}-\eta\,(g+m\,v)"
    use_when = "As momentum, but it brakes a step earlier when the gradient turns."
    memory = 1
    buffers = 2

    def _change(self, part: Part) -> None:
        (v,) = part.memory
        g = self._gradient(part, part.cut)
        np.multiply(v, self._momentum, v)
        np.add(v, g, v)
        np.multiply(v, self._momentum, part.work)
        np.add(g, part.work, part.direction)
        self._descend(part)


class RMSprop(Optimizer):
    """s = alpha s + (1 - alpha) g^2; W -= eta g / (sqrt(s) + epsilon)."""

    name = "rmsprop"
    label = "RMSprop"
    formula = (
        r"s\leftarrow\alpha\,s+(1-\alpha)\,g^{2},\quad W_{new}=W_{old}-\eta\,"
        r"\frac{g}{\sqrt{s}+\varepsilon}"
    )
    use_when = "Gradients of very different size: each weight is divided by its own."
    memory = 1
    buffers = 2

    def _prepare(self) -> None:
        super()._prepare()
        self._kept, self._new = self._number(self.alpha), self._number(1.0 - self.alpha)
        self._epsilon = self._number(self.epsilon)

    def _change(self, part: Part) -> None:
        (s,) = part.memory
        g, work = self._gradient(part, part.cut), part.work
        np.multiply(s, self._kept, s)
        np.multiply(g, g, work)
        np.multiply(work, self._new, work)
        np.add(s, work, s)
        np.sqrt(s, work)
        np.add(work, self._epsilon, work)
        np.divide(g, work, part.direction)
        self._descend(part)


class Adagrad(Optimizer):
    """s = s + g^2; W -= eta g / (sqrt(s) + epsilon). The steps become smaller and smaller.

    PyTorch takes 1e-10 for epsilon where nothing else is said.
    """

    name = "adagrad"
    label = "Adagrad"
    formula = r"s\leftarrow s+g^{2},\quad W_{new}=W_{old}-\eta\,\frac{g}{\sqrt{s}+\varepsilon}"
    use_when = "Rare inputs: a weight that seldom gets a gradient keeps its large steps."
    memory = 1
    buffers = 2

    def _prepare(self) -> None:
        super()._prepare()
        self._epsilon = self._number(self.epsilon)

    def _change(self, part: Part) -> None:
        (s,) = part.memory
        g, work = self._gradient(part, part.cut), part.work
        np.multiply(g, g, work)
        np.add(s, work, s)
        np.sqrt(s, work)
        np.add(work, self._epsilon, work)
        np.divide(g, work, part.direction)
        self._descend(part)


class Adam(Optimizer):
    """Kingma & Ba 2015, algorithm 1: the mean of the gradient over the root of its mean square.

    m = beta1 m + (1 - beta1) g and v = beta2 v + (1 - beta2) g^2 are corrected for their start
    at 0: m^ = m / (1 - beta1^t), v^ = v / (1 - beta2^t). W -= eta m^ / (sqrt(v^) + epsilon).
    """

    name = "adam"
    label = "Adam"
    formula = r"W_{new}=W_{old}-\eta\,\frac{\hat{m}}{\sqrt{\hat{v}}+\varepsilon}"
    use_when = "Deep networks without tuning. It hides a vanishing gradient: look at δ."
    memory = 2
    buffers = 3

    def _prepare(self) -> None:
        super()._prepare()
        first, second = self.beta1, self.beta2
        self._first, self._first_new = self._number(first), self._number(1.0 - first)
        self._second, self._second_new = self._number(second), self._number(1.0 - second)
        self._shares, self._epsilon = self._number(), self._number()

    def _begin(self) -> None:
        first = 1.0 - self.beta1**self._updates
        self._shares.fill(first / math.sqrt(1.0 - self.beta2**self._updates))
        self._epsilon.fill(self.epsilon * first)

    def _change(self, part: Part) -> None:
        self._adapt(part, self._gradient(part, part.cut))
        self._descend(part)

    def _adapt(self, part: Part, g: Array) -> None:
        """Write m^ / (sqrt(v^) + epsilon); both sides times 1 - beta1^t, so m stays as it is."""
        (m, v), work = part.memory, part.work
        np.multiply(m, self._first, m)
        np.multiply(g, self._first_new, work)
        np.add(m, work, m)
        np.multiply(v, self._second, v)
        np.multiply(g, g, work)
        np.multiply(work, self._second_new, work)
        np.add(v, work, v)
        np.sqrt(v, work)
        np.multiply(work, self._shares, work)
        np.add(work, self._epsilon, work)
        np.divide(m, work, part.direction)


class AdamW(Adam):
    """Adam with the decay beside the gradient: W -= eta (m^ / (sqrt(v^) + epsilon) + lambda W).

    Decoupled weight decay, after Loshchilov & Hutter: it is not divided by the gradient's size.
    """

    name = "adamw"
    label = "AdamW"
    formula = (
        r"W_{new}=W_{old}-\eta\left(\frac{\hat{m}}{\sqrt{\hat{v}}+\varepsilon}"
        r"+\lambda\,W_{old}\right)"
    )
    use_when = "Adam with a weight decay that pulls on all weights alike."

    def _take(
        self, momentum: float, scale: float, weight_decay: float, clip_value: float | None
    ) -> None:
        super()._take(momentum, scale, weight_decay, clip_value)
        self._pulls, self._decays = self._decays, False

    def _change(self, part: Part) -> None:
        self._adapt(part, self._gradient(part, part.cut))
        if self._pulls:
            np.multiply(part.W, self._decay, part.work)
            np.add(part.direction, part.work, part.direction)
        self._descend(part)


OPTIMIZERS: Final[Mapping[str, type[Optimizer]]] = MappingProxyType(
    {kind.name: kind for kind in (SGD, Momentum, Nesterov, RMSprop, Adagrad, Adam, AdamW)}
)
