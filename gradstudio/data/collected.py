"""Real sets: measured by people, read from scikit-learn's files and from GradStudio's own.

They have a fixed size, so the arguments that made-up sets need are taken and not used.
"""

from __future__ import annotations

from zipfile import BadZipFile

import numpy as np

from gradstudio.data.samples import Samples
from gradstudio.errors import DataError
from gradstudio.resources import resource


def iris(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """150 flowers, 4 lengths, 3 species."""
    from sklearn.datasets import load_iris

    return _table(load_iris())


def wine(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """178 wines, 13 chemical measurements, 3 growers."""
    from sklearn.datasets import load_wine

    return _table(load_wine())


def breast_cancer(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """569 tumours, 30 measurements of cell nuclei, malignant or benign."""
    from sklearn.datasets import load_breast_cancer

    return _table(load_breast_cancer())


def digits(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """1,797 handwritten digits of 8 by 8 pixels, 0 to 1."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return _images(np.asarray(bunch.data) / 16.0, np.asarray(bunch.target), 8)


def diabetes(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """442 patients, 10 measurements, and how far the disease got in one year."""
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    values = np.asarray(bunch.target, dtype=np.float64)
    return Samples(np.asarray(bunch.data, dtype=np.float64), values, _names(bunch.feature_names))


def mnist5k(samples: int, noise: float, rng: np.random.Generator) -> Samples:
    """5,000 handwritten digits of 28 by 28 pixels, 0 to 1, 500 of each, sorted by class.

    Raises
    ------
    DataError
        If the file that comes with the program is missing or damaged.
    """
    path = resource("data", "mnist5k.npz")
    try:
        with np.load(path) as arrays:
            pixels, labels = arrays["X"], arrays["y"]
    except FileNotFoundError as error:
        raise DataError(f"MNIST 5k: {path} is missing. Install GradStudio again.") from error
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(f"MNIST 5k: {path} is damaged. Install GradStudio again.") from error
    return _images(pixels.astype(np.float32) / np.float32(255), labels, 28)


def _table(bunch: object) -> Samples:
    """Take the parts of a scikit-learn bunch, which is a dictionary with attributes."""
    assert isinstance(bunch, dict)
    return Samples(
        np.asarray(bunch["data"], dtype=np.float64),
        np.asarray(bunch["target"], dtype=np.int64),
        _names(bunch["feature_names"]),
        _names(bunch["target_names"]),
    )


def _images(pixels: np.ndarray, labels: np.ndarray, side: int) -> Samples:
    names = tuple(f"row {row}, column {column}" for row in range(side) for column in range(side))
    return Samples(pixels, labels.astype(np.int64), names, tuple(str(digit) for digit in range(10)))


def _names(names: object) -> tuple[str, ...]:
    return tuple(str(name) for name in np.asarray(names).tolist())
