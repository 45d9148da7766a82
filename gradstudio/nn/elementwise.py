"""Pieces that curves are made of: element by element, into arrays that are given.

``np.minimum`` and ``np.maximum`` are vectorised for two whole arrays only (60,000 numbers: 8 us,
not 23), so a bound is filled into an array first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np

from gradstudio.nn.arrays import Array


@lru_cache(maxsize=64)
def number(value: float, dtype: np.dtype[Any]) -> Array:
    """Return a number as an array: a Python number would be converted at every call."""
    return np.array(value, dtype)


@lru_cache(maxsize=32)
def zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Zeros to compare with, never written to."""
    array = np.zeros(shape, dtype)
    array.flags.writeable = False
    return array


@cache
def largest(dtype: np.dtype[Any]) -> float:
    """Largest finite number: in the place of infinity it keeps 0 times it at 0."""
    return float(np.finfo(dtype).max)


@cache
def special(name: str) -> Callable[[Array, Array], object]:
    """Return ``f(z, out)`` of scipy.special."""
    import scipy.special  # 0.15 s, so only when an activation needs it

    function: Callable[[Array, Array], object] = getattr(scipy.special, name)
    return function


def scratch(z: Array, work: Array | None) -> Array:
    """Return ``work``, or an array like z where there is none."""
    return np.empty(z.shape, z.dtype) if work is None else work


def filled(z: Array, value: float, work: Array | None) -> Array:
    """Return ``work``, or an array like z, with one number everywhere."""
    work = scratch(z, work)
    work.fill(value)
    return work


def decay(z: Array, out: Array) -> None:
    """Write exp(-|z|)."""
    np.abs(z, out)
    np.negative(out, out)
    np.exp(out, out)


def logistic(z: Array, out: Array, work: Array) -> None:
    """Write sigma(z) = exp(min(z, 0)) / (1 + exp(-|z|)), which overflows nowhere."""
    work.fill(0.0)
    np.minimum(z, work, out=out)
    np.exp(out, out)
    decay(z, work)
    np.add(work, number(1.0, work.dtype), work)
    np.divide(out, work, out)


def finite(z: Array, out: Array, work: Array) -> None:
    """Write z, the largest finite numbers in the place of infinite ones."""
    work.fill(largest(z.dtype))
    np.minimum(z, work, out=out)
    np.negative(work, work)
    np.maximum(out, work, out=out)
