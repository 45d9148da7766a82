"""How biases start."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from gradstudio.nn.biases import BIAS_DEFAULTS, BIAS_INITIALIZERS


def sample(name: str, units: int = 10_000, fan_in: int = 50, **numbers: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    return BIAS_INITIALIZERS[name].sample(units, fan_in=fan_in, rng=rng, **numbers)


def test_fixed_biases() -> None:
    assert not sample("zeros").any()
    assert (sample("constant", value=-0.5) == -0.5).all()


@pytest.mark.parametrize(
    ("name", "numbers", "distribution"),
    [
        ("uniform", {"bound": 0.3}, stats.uniform(-0.3, 0.6)),
        ("normal", {"std": 0.2}, stats.norm(0, 0.2)),
        ("uniform_fan_in", {}, stats.uniform(-1 / math.sqrt(50), 2 / math.sqrt(50))),
    ],
)
def test_random_biases_have_their_distribution(
    name: str, numbers: dict[str, float], distribution: stats.rv_continuous
) -> None:
    b = sample(name, **numbers)
    assert b.shape == (10_000,)
    assert b.dtype == np.float64
    assert stats.kstest(b, distribution.cdf).pvalue > 1e-3
    variance = BIAS_INITIALIZERS[name].variance(50, **numbers)
    assert variance == pytest.approx(distribution.var(), rel=1e-12)


@pytest.mark.parametrize("name", BIAS_INITIALIZERS)
def test_an_entry_works_without_numbers_and_repeats(name: str) -> None:
    entry = BIAS_INITIALIZERS[name]
    assert entry.name == name and entry.label
    assert set(entry.parameters) <= set(BIAS_DEFAULTS)
    assert sample(name).tobytes() == sample(name).tobytes()
    assert sample(name).var() == pytest.approx(entry.variance(50), rel=0.08)
