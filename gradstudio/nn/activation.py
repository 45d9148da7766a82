"""What an activation is: a curve and its slope, with the formulas a person reads."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from gradstudio.nn.arrays import Array
from gradstudio.nn.curves import Slope, Value


@dataclass(frozen=True)
class Activation:
    """phi and phi' of a hidden layer. Two are equal if their name and their leak are.

    Attributes
    ----------
    name, label
        As stored in a setup and as shown to a person.
    formula, derivative_formula
        TeX of phi(z) and phi'(z).
    value
        ``value(z, out, work=None)`` writes phi(z).
    slope
        ``slope(z, a, out, work=None)`` writes phi'(z), where ``a`` is phi(z). Arrays of one shape
        and dtype; ``work`` is scratch, see ``curves.py``.
    gain
        Standard deviation of a weight times the square root of the fan at which a wide layer
        passes small signals back unchanged: 1 over the root mean square of phi' near z = 0. For
        SELU it is 1, with which signals of variance 1 keep it.
    recommended
        Name of the initializer made for it.
    framework_gain
        What ``torch.nn.init.calculate_gain`` returns; None where it knows no value.
    source
        Author and year of the publication it comes from; empty where that is not settled.
    kinks
        Places where phi' or its derivative jumps.
    leak
        Slope for negative z of a leaky ReLU; None for all others.
    """

    name: str
    label: str = field(compare=False)
    formula: str = field(compare=False)
    derivative_formula: str = field(compare=False)
    value: Value = field(compare=False, repr=False)
    slope: Slope = field(compare=False, repr=False)
    gain: float = field(compare=False)
    recommended: str = field(compare=False)
    framework_gain: float | None = field(default=None, compare=False)
    source: str = field(default="", compare=False)
    kinks: tuple[float, ...] = field(default=(), compare=False)
    leak: float | None = None

    def apply(self, z: ArrayLike) -> Array:
        """Return phi(z); numbers that are not floating become float64."""
        z = _floating(z)
        a, work = np.empty(z.shape, z.dtype), np.empty(z.shape, z.dtype)
        with np.errstate(all="ignore"):
            self.value(z, a, work)
        return a

    def derivative(self, z: ArrayLike) -> Array:
        """Return phi'(z); numbers that are not floating become float64."""
        z = _floating(z)
        a, out, work = (np.empty(z.shape, z.dtype) for _ in range(3))
        if z.size:
            with np.errstate(all="ignore"):
                self.value(z, a, work)
                self.slope(z, a, out, work)
        return out


def _floating(z: ArrayLike) -> Array:
    z = np.asarray(z)
    return z if np.issubdtype(z.dtype, np.floating) else z.astype(np.float64)
