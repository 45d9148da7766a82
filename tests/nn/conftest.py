"""Numbers made with other frameworks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(scope="session")
def reference() -> dict[str, NDArray[np.float64]]:
    """The arrays of ``tests/reference/nn.npz``."""
    with np.load(Path(__file__).parents[1] / "reference" / "nn.npz") as file:
        return dict(file)
