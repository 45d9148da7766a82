"""Made-up sets: points in a plane, or on a line, drawn by formula.

Each function takes the number of ``samples``, the ``noise`` as a share of the radius (every set
has radius 1 before scaling) and the generator ``rng`` that all its draws come from. scikit-learn
is imported only by the three that need it: importing it takes longer than starting the window.
"""

from __future__ import annotations

from math import pi
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.data.samples import Samples

SPIRAL_TURNS: Final = 1.5
SINE_PERIODS: Final = 2
BLOB_DEVIATION: Final = 0.15
_PLANE: Final = ("x1", "x2")


def spirals(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """Draw two arms of ``SPIRAL_TURNS`` turns around one centre, half of the samples each.

    The square root spreads the points evenly along an arm instead of crowding its centre.
    """
    labels = _alternating(samples, 2)
    radius = np.sqrt(rng.uniform(size=samples))
    angle = 2 * pi * SPIRAL_TURNS * radius + pi * labels
    x = radius[:, None] * np.stack((np.cos(angle), np.sin(angle)), axis=1)
    return _plane(x + noise * rng.standard_normal(x.shape), labels)


def xor(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """Draw a square of side 2; class 1 where the two coordinates differ in sign."""
    quadrant = _alternating(samples, 4)
    signs = np.stack((1 - 2 * (quadrant % 2), 1 - 2 * (quadrant // 2)), axis=1)
    x = signs * rng.uniform(size=signs.shape)
    labels = (signs[:, 0] != signs[:, 1]).astype(np.int64)
    return _plane(x + noise * rng.standard_normal(x.shape), labels)


def sine(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """Draw ``y = sin(2πx)`` for x in [-1, 1], two periods, with noise on y."""
    x = rng.uniform(-1.0, 1.0, size=(samples, 1))
    y = np.sin(pi * SINE_PERIODS * x[:, 0]) + noise * rng.standard_normal(samples)
    return Samples(x, y, ("x",))


def moons(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """Draw two half circles that reach into each other."""
    from sklearn.datasets import make_moons

    return _plane(*make_moons(samples, noise=noise, random_state=_integer_seed(rng)))


def circles(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """Draw a ring of half the radius inside another."""
    from sklearn.datasets import make_circles

    return _plane(*make_circles(samples, factor=0.5, noise=noise, random_state=_integer_seed(rng)))


def blobs(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """Draw three round clouds on a circle, of deviation ``BLOB_DEVIATION`` + ``noise``."""
    from sklearn.datasets import make_blobs

    angles = pi / 2 + 2 * pi * np.arange(3) / 3
    x, labels = make_blobs(
        samples,
        centers=np.stack((np.cos(angles), np.sin(angles)), axis=1),
        cluster_std=BLOB_DEVIATION + noise,
        random_state=_integer_seed(rng),
    )
    return _plane(x, labels)


def _plane(x: NDArray[np.float64], labels: NDArray[np.int64]) -> Samples:
    names = tuple(f"class {label}" for label in range(int(labels.max()) + 1))
    return Samples(np.asarray(x), np.asarray(labels, dtype=np.int64), _PLANE, names)


def _alternating(samples: int, kinds: int) -> NDArray[np.int64]:
    """0, 1, ..., kinds - 1, 0, 1, ...: classes as equal as ``samples`` allows."""
    return np.arange(samples, dtype=np.int64) % kinds


def _integer_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
