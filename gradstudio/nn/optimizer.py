"""What all optimizers have in common: one pass over the flat buffers, part by part.

An update is ``parameters -= rate * direction``. Before an optimizer sees the gradient, it is
scaled (clipping by norm), then each element is cut (clipping by value), then the weight decay is
added. This is the order of PyTorch: clipping changes the gradients, the optimizer adds its decay
afterwards. All of it holds for the whole buffer, biases included.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from gradstudio.nn.arrays import Array, aligned_zeros
from gradstudio.nn.products import blas

CHUNK: Final = 32_768
"""Parameters handled at once: 128 KB of each buffer in single precision, which stay in the cache
from one operation to the next. The last ones come first: then the weights of the first layer are
still in the cache when the next step begins, which saves 5 % of a step of 5 million parameters."""

State: TypeAlias = tuple[int, tuple[Array, ...]]
"""Number of updates done, copies of the buffers."""


class Watch(Protocol):
    """Looks at each part of the buffers while it is in the cache."""

    def before(self, index: int) -> None:
        """Part number ``index`` comes next; its parameters are still the old ones."""

    def after(self, index: int) -> None:
        """Part number ``index`` is done: its parameters are new, its direction is written."""


class Part:
    """One stretch of all buffers of an optimizer.

    Attributes
    ----------
    W, g
        Parameters and gradients, (..., n).
    direction
        Where the update goes: a buffer, or the gradient itself.
    memory
        What is remembered.
    cut, work
        Scratch.
    lanes
        Direction, parameters and n of each lane, for axpy; all at once where they lie together,
        as axpy gives a number the same bits wherever it stands.
    """

    __slots__ = ("W", "cut", "direction", "g", "lanes", "memory", "work")

    def __init__(
        self, W: Array, g: Array, direction: Array, memory: tuple[Array, ...], scratch: Array
    ) -> None:
        size = W.shape[-1]
        self.W, self.g, self.direction, self.memory = W, g, direction, memory
        self.cut, self.work = (part[..., :size] for part in scratch)
        if W.flags.c_contiguous and direction.flags.c_contiguous:
            self.lanes = [(direction.reshape(-1), W.reshape(-1), W.size)]
        else:
            self.lanes = [(direction[lane], W[lane], size) for lane in np.ndindex(W.shape[:-1])]


class Optimizer(ABC):
    """Changes parameters by ``-rate * direction``.

    Every lane comes out as if it were alone, bit for bit: nothing is added up across lanes, and
    the last operation is one axpy per lane and part.

    Parameters
    ----------
    shape
        Shape of the flat buffer, (..., parameters); leading axes are lanes.
    dtype
        Floating type of parameters and gradients.
    parts
        Stretches of the last axis that together are all of it, in the order in which they are to
        be changed; stretches of ``CHUNK``, the last one first, if not given.
    alpha
        Share of the mean square of RMSprop that is kept at each update, 0 to below 1.
    beta1, beta2
        The same for mean and mean square of Adam.
    epsilon
        Added to the root that divides, above 0.

    Attributes
    ----------
    name, label, formula, use_when
        As stored in a setup, as shown to a person, as TeX, and in a sentence what it is for.
    parts
        The stretches, in their order.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    use_when: ClassVar[str]
    memory: ClassVar[int] = 0
    """Buffers remembered from one update to the next, each as large as the parameters."""
    buffers: ClassVar[int] = 0
    """Those and the direction, where it has a buffer of its own."""

    def __init__(
        self,
        shape: tuple[int, ...],
        dtype: DTypeLike,
        parts: Sequence[slice] | None = None,
        *,
        alpha: float = 0.99,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self._shape, self._dtype = shape, np.dtype(dtype)
        self.parts = tuple(_chunks(shape[-1]) if parts is None else parts)
        self._is_small = shape[-1] <= CHUNK
        self._memory = tuple(aligned_zeros(shape, dtype) for _ in range(self.memory))
        has_direction = self.buffers > self.memory
        self._direction = aligned_zeros(shape, dtype) if has_direction else None
        longest = max(part.stop - part.start for part in self.parts)
        longest = shape[-1] if self._is_small else longest
        self._scratch = aligned_zeros((2, *shape[:-1], longest), dtype)
        self._axpy = blas(self._dtype).axpy
        self.alpha, self.beta1, self.beta2, self.epsilon = alpha, beta1, beta2, epsilon
        self._updates = 0
        self._rate, self._share = 0.0, 1.0
        self._scale, self._low, self._high, self._decay = (self._number() for _ in range(4))
        self._scales = self._cuts = self._decays = False
        self._asked: tuple[float, float, float, float | None] = (math.nan, 1.0, 0.0, None)
        self._bound: tuple[Array, Array] | None = None
        self._prepare()

    @property
    def direction(self) -> Array | None:
        """Where the last update went, a buffer like the parameters; None: along the gradient."""
        return self._direction

    @property
    def rate(self) -> float:
        """Rate of the last update, which was minus the rate times ``direction``; 0 before it."""
        return -self._rate

    def update(
        self,
        parameters: Array,
        gradients: Array,
        learning_rate: float,
        *,
        momentum: float = 0.0,
        scale: float = 1.0,
        weight_decay: float = 0.0,
        clip_value: float | None = None,
        watch: Watch | None = None,
    ) -> float:
        """Change ``parameters`` in place; ``gradients`` stay what they are.

        Parameters
        ----------
        parameters, gradients
            Flat buffers, (..., parameters).
        learning_rate
            eta.
        momentum
            m of ``Momentum`` and ``Nesterov``, 0 to below 1.
        scale
            Factor of the gradients, for clipping by norm.
        weight_decay
            lambda: the gradient becomes g + lambda W.
        clip_value
            c: each element of the scaled gradient is cut to -c to c before; None cuts nothing.
        watch
            Called around each part. Without it a small buffer is done in one part.

        Returns
        -------
        float
            The rate: the update was minus the rate times ``direction``.
        """
        self._updates += 1
        asked = (momentum, scale, weight_decay, clip_value)
        if asked != self._asked:
            self._take(*asked)
            self._asked = asked
        rate = learning_rate * self._share
        self._rate = -rate
        self._begin()
        bound = self._bound
        if bound is None or bound[0] is not parameters or bound[1] is not gradients:
            self._bind(parameters, gradients)
        if watch is None:
            for part in self._whole:
                self._change(part)
        else:
            for index, part in enumerate(self._parts):
                watch.before(index)
                self._change(part)
                watch.after(index)
        return rate

    def state(self) -> State:
        """Copy what is remembered between updates."""
        return self._updates, tuple(buffer.copy() for buffer in self._memory)

    def restore(self, state: State) -> None:
        """Put back what ``state`` returned."""
        self._updates, saved = state
        for buffer, values in zip(self._memory, saved, strict=True):
            np.copyto(buffer, values)

    @abstractmethod
    def _change(self, part: Part) -> None:
        """Update one part."""

    def _prepare(self) -> None:
        """Make what is the same at every update."""
        self._momentum = self._number()

    def _take(
        self, momentum: float, scale: float, weight_decay: float, clip_value: float | None
    ) -> None:
        """Write other numbers where the operations read them."""
        self._momentum.fill(momentum)
        self._scales = scale != 1.0
        self._scale.fill(scale)
        self._cuts = clip_value is not None
        if clip_value is not None:
            self._low.fill(-clip_value)
            self._high.fill(clip_value)
        self._decays = weight_decay != 0.0
        self._decay.fill(weight_decay)

    def _begin(self) -> None:
        """Make what is the same for all parts of this update."""
        return

    def _gradient(self, part: Part, out: Array) -> Array:
        """Return g as it is, or scaled, cut and with the decay in ``out``."""
        g = part.g
        if self._scales:
            g = np.multiply(g, self._scale, out)
        if self._cuts:
            g = np.clip(g, self._low, self._high, out)
        if self._decays:
            np.multiply(part.W, self._decay, part.work)
            g = np.add(g, part.work, out)
        return g

    def _descend(self, part: Part) -> None:
        """W -= rate * direction, by BLAS: one pass instead of two."""
        axpy, rate = self._axpy, self._rate
        for direction, W, size in part.lanes:
            axpy(direction, W, size, rate)

    def _number(self, value: float = 0.0) -> Array:
        """Return a number as an array: a Python number is converted at every call, in 0.3 us."""
        return np.full((), value, self._dtype)

    def _bind(self, parameters: Array, gradients: Array) -> None:
        """Prepare the views of all parts, for as long as the buffers stay the same ones."""
        direction = gradients if self._direction is None else self._direction

        def part(stretch: slice) -> Part:
            W, g, there, *memory = (
                array[..., stretch] for array in (parameters, gradients, direction, *self._memory)
            )
            return Part(W, g, there, tuple(memory), self._scratch)

        self._parts = [part(stretch) for stretch in self.parts]
        self._whole = [part(slice(0, self._shape[-1]))] if self._is_small else self._parts
        self._bound = (parameters, gradients)


def _chunks(size: int) -> list[slice]:
    starts = range((size - 1) // CHUNK * CHUNK, -1, -CHUNK)
    return [slice(start, min(start + CHUNK, size)) for start in starts]
