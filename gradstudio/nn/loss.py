"""What all losses have in common: a value, and the signal they send back, dL/dz of the output.

A loss takes the pre-activations z of the output layer. Each says in its formula over what it is a
mean and whether there is a factor 1/2: B is the batch size, K the number of outputs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array, Call, run

Mean: TypeAlias = Callable[[], float | NDArray[np.float64]]
"""Calculates the loss: a number, or one per lane."""


class Loss(ABC):
    """A loss of z and targets, both (..., batch, outputs).

    NaN stays NaN, in the loss and in dL/dz. An infinite z gives the limit: infinite for a distance
    and for a wrong answer in the eyes of a cross-entropy, finite where a sigmoid levels it.

    Attributes
    ----------
    name, label
        As stored in a setup and as shown to a person.
    formula
        TeX; B is the batch size and K the number of outputs.
    use_when
        What it is for, in a sentence.
    output
        What the loss makes of z before it compares: softmax, sigmoid, or z itself.
    unit
        Unit of the loss.
    has_one_output
        Whether two classes share one output, whose target is 0 or 1.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    use_when: ClassVar[str]
    output: ClassVar[Literal["softmax", "sigmoid", "linear"]] = "linear"
    unit: ClassVar[Literal["nat", "1"]] = "1"
    has_one_output: ClassVar[bool] = False

    def prepare(self, targets: Array, batch: int) -> Array:
        """Return targets in the form that ``bind`` takes, for batches of ``batch`` samples."""
        return targets.copy()

    @abstractmethod
    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """Prepare the loss, and the calls that then write dL/dz into ``delta``.

        ``prepared`` and ``z`` are read when called, so their contents may change between calls.
        """

    @abstractmethod
    def chance(self, class_count: int | None) -> float | None:
        """Loss of guessing: the best constant output when all classes are equally frequent.

        None without classes: then it depends on the data.
        """

    @abstractmethod
    def chance_text(self, class_count: int) -> str:
        """How that number comes about: ``"ln 3"``, ``"2/9"``."""

    @abstractmethod
    def predict(self, z: Array) -> NDArray[Any]:
        """Class index of each sample (..., batch), or the value of one linear output."""

    def value(self, z: Array, targets: Array) -> float | NDArray[np.float64]:
        """Return the loss: a number, or one per lane (...,)."""
        with np.errstate(all="ignore"):
            mean, _ = self.bind(z, self.prepare(targets, z.shape[-2]), np.empty_like(z))
            return mean()

    def delta(self, z: Array, targets: Array, out: Array) -> None:
        """Write dL/dz."""
        with np.errstate(all="ignore"):
            mean, calls = self.bind(z, self.prepare(targets, z.shape[-2]), out)
            mean()
            run(calls)


def element_count(z: Array) -> int:
    """Number of elements of a batch, B K."""
    return int(z.shape[-2] * z.shape[-1])


def sum_of(x: Array, y: Array | None = None) -> Mean:
    """Prepare the sum of x, or of x * y, over the last two axes: a number, or one per lane."""
    lanes, elements = x.shape[:-2], element_count(x)
    first = x.reshape(*lanes, elements)
    second = np.ones(elements, x.dtype) if y is None else y.reshape(*y.shape[:-2], elements)
    if not lanes:
        dot = np.dot
        return lambda: float(dot(first, second))
    return lambda: np.vecdot(first, second).astype(np.float64)
