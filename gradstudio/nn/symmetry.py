"""How many units of a layer are different: equal ones get equal gradients and stay equal."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network

EQUAL: Final = 1e-12
"""Difference, relative to their largest number, up to which two columns are the same.

Units that started equal stay equal to the bit as long as BLAS adds their products in one order,
which it does not promise.
"""
_ROWS: Final = 64  # rows converted at a time: 1 MB at 2,048 columns

Floats = NDArray[np.float64]


def distinct_units(weights: Array, biases: Array | None = None, *, equal: float = EQUAL) -> int:
    """Count the units that differ from every unit before them.

    Parameters
    ----------
    weights
        One column per unit, (fan_in, units); or what the units put out in a batch, (batch, units).
    biases
        One more number of each unit, (units,); without them units count as equal that only differ
        in their bias.
    equal
        Largest difference of two equal columns, relative to the largest number in them.

    Notes
    -----
    The columns are multiplied by one random vector. Those whose products differ by more than equal
    ones can are different; only the few others are compared number by number. 2,048 columns of
    2,048 numbers take 5 ms, not the seconds of comparing all pairs.
    """
    rows = np.asarray(weights)
    if biases is not None:
        rows = np.concatenate([rows, np.asarray(biases)[None]])
    if not rows.shape[0]:
        return int(min(rows.shape[1], 1))
    size = _sizes(rows)
    is_finite = np.isfinite(size)
    strange = np.ascontiguousarray(rows[:, ~is_finite].T) + 0.0  # turns -0 into 0
    count = len({column.tobytes() for column in strange})
    groups, alike = _groups(rows, np.flatnonzero(is_finite), size, equal)
    return count + groups + sum(_distinct(rows, group, size, equal) - 1 for group in alike)


def distinct_weights(net: Network) -> NDArray[np.int64]:
    """Units of each layer whose incoming weights and bias are their own, (..., L)."""
    result = np.zeros((*net.lanes, net.layer_count), np.int64)
    for place in np.ndindex(result.shape):
        lane, layer = place[:-1], place[-1]
        result[place] = distinct_units(net.weights[layer][lane], net.biases[layer][lane])
    return result


def distinct_outputs(net: Network) -> NDArray[np.int64]:
    """Units of each hidden layer whose activations over the last batch are their own, (..., L - 1).

    Units that are 0 for all samples count as one.
    """
    activations = net.a[:-1]
    result = np.zeros((*net.lanes, len(activations)), np.int64)
    for place in np.ndindex(result.shape):
        result[place] = distinct_units(activations[place[-1]][place[:-1]])
    return result


def _sizes(rows: Array) -> Floats:
    """Largest absolute number of each column, NaN and infinity included."""
    largest: Any = np.maximum(rows.max(0), -rows.min(0))
    return np.asarray(largest, np.float64)


def _groups(
    rows: Array, columns: NDArray[np.intp], size: Floats, equal: float
) -> tuple[int, list[NDArray[np.intp]]]:
    """Split columns so that equal ones are in one group: number of groups, and those of several."""
    if not columns.size:
        return 0, []
    image, reach = _projected(rows)
    with np.errstate(all="ignore"):
        # the products of two equal columns are nearer to each other than twice this
        margin = reach * (equal + len(rows) * np.finfo(np.float64).eps) * size[columns]
        low, high = image[columns] - margin, image[columns] + margin
    order = np.argsort(low, kind="stable")
    is_far = low[order][1:] > np.maximum.accumulate(high[order])[:-1]
    starts = np.concatenate([[0], np.flatnonzero(is_far) + 1, [columns.size]])
    many = np.flatnonzero(np.diff(starts) > 1)
    return len(starts) - 1, [columns[order[starts[i] : starts[i + 1]]] for i in many]


def _projected(rows: Array) -> tuple[Floats, float]:
    """Each column times one random vector, and how far at the most it moves a number of size 1."""
    direction, reach = _direction(len(rows))
    image = np.zeros(rows.shape[1])
    with np.errstate(all="ignore"):
        for part in _parts(rows):
            image += direction[part] @ rows[part].astype(np.float64)
    return image, reach


@lru_cache(maxsize=32)
def _direction(size: int) -> tuple[Floats, float]:
    """Return a random vector, always the same, and the sum of its absolute numbers."""
    direction = np.random.default_rng(0).normal(size=size)
    return direction, float(np.abs(direction).sum())


def _distinct(rows: Array, group: NDArray[np.intp], size: Floats, equal: float) -> int:
    """Count by comparing all that are left with the first of them, again and again."""
    count = 0
    while group.size:
        difference = np.zeros(group.size)
        for part in _parts(rows):
            numbers = rows[part][:, group].astype(np.float64)
            with np.errstate(over="ignore"):
                np.subtract(numbers, numbers[:, :1].copy(), numbers)
            np.maximum(difference, np.abs(numbers, numbers).max(0), out=difference)
        group = group[difference > equal * np.maximum(size[group], size[group[0]])]
        count += 1
    return count


def _parts(rows: Array) -> Iterator[slice]:
    return (slice(start, start + _ROWS) for start in range(0, len(rows), _ROWS))
