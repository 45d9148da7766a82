"""Which samples are held back, and how numbers are brought to one scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]


def split(
    strata: NDArray[np.int64], test_share: float, *, rng: np.random.Generator
) -> tuple[Indices, Indices]:
    """Divide samples into train and test, and return their indices, shuffled.

    The test part has ``round(test_share · n)`` samples. Each stratum (class) gives the same share,
    to within one sample, and keeps at least one sample for training.

    Parameters
    ----------
    strata
        Class index of each sample, shape (n,); all zero for an unstratified split.
    test_share
        0 to 0.8.
    """
    order = rng.permutation(strata.size)
    members = [order[strata[order] == stratum] for stratum in np.unique(strata)]
    counts = _shares(np.array([m.size for m in members]), test_share)
    test = np.concatenate([m[:count] for m, count in zip(members, counts, strict=True)])
    is_test = np.zeros(strata.size, dtype=bool)
    is_test[test] = True
    return order[~is_test[order]], order[is_test[order]]


def _shares(sizes: NDArray[np.intp], share: float) -> NDArray[np.intp]:
    """Count the tested samples of each stratum, by largest remainder."""
    exact = sizes * share
    counts = np.floor(exact).astype(np.intp)
    left = round(float(sizes.sum()) * share) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:left]] += 1
    return np.asarray(np.minimum(counts, sizes - 1))


@dataclass(frozen=True, eq=False)
class Scaling:
    """Brings numbers to mean 0 and deviation 1, or leaves them as they are.

    Attributes
    ----------
    mean, std
        One per feature, shape (features,); 0 and 1 where nothing is changed.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    @classmethod
    def none(cls, features: int) -> Scaling:
        """Return the scaling that changes nothing."""
        return cls(np.zeros(features), np.ones(features))

    @classmethod
    def fit(cls, x: NDArray[np.floating], *, common: bool = False) -> Scaling:
        """Measure the scaling that gives ``x`` mean 0 and deviation 1.

        A constant column has no deviation: it is moved to 0 and not stretched.

        Parameters
        ----------
        x
            Train inputs, shape (n, features).
        common
            One mean and deviation for all columns, as for pixels. A pixel that is almost always
            black would otherwise be stretched until one stroke counts as much as all others.
        """
        axis = None if common else 0
        mean = np.broadcast_to(x.mean(axis=axis, dtype=np.float64), x.shape[1:]).copy()
        std = np.broadcast_to(x.std(axis=axis, dtype=np.float64), x.shape[1:]).copy()
        std[std <= 1e-9 * np.maximum(np.abs(mean), 1e-300)] = 1.0
        return cls(mean, std)

    def apply(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the scaled numbers, shape as ``x``."""
        return np.asarray((x - self.mean) / self.std, dtype=np.float64)

    def undo(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the numbers ``apply`` started from."""
        return np.asarray(x * self.std + self.mean, dtype=np.float64)
