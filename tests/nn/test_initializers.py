from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from gradstudio.nn.initializers import BIAS_INITIALIZERS, INITIALIZERS

FANS = (400, 300)
PARAMETERS = {
    "constant": {"value": 0.25},
    "normal": {"std": 0.7},
    "uniform": {"low": -0.2, "high": 0.6},
}
RANDOM = [name for name in INITIALIZERS if name not in ("zeros", "constant")]
VARIANCES = {
    "uniform_fan_in": 1 / (3 * 400),
    "xavier_normal": 2 / 700,
    "xavier_uniform": 2 / 700,
    "he_normal": 2 / 400,
    "he_uniform": 2 / 400,
    "lecun_normal": 1 / 400,
    "lecun_uniform": 1 / 400,
    "orthogonal": 1 / 400,
    "normal": 0.49,
    "uniform": 0.64 / 12,
}


def sample(name: str, fans: tuple[int, int] = FANS, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return INITIALIZERS[name].sample(fans, rng=rng, **PARAMETERS.get(name, {}))


@pytest.mark.parametrize("name", RANDOM)
def test_variance_is_that_of_the_formula(name: str) -> None:
    W = sample(name)
    std = INITIALIZERS[name].std(*FANS, **PARAMETERS.get(name, {}))
    assert W.shape == FANS
    assert W.dtype == np.float64
    assert std**2 == pytest.approx(VARIANCES[name], rel=1e-12)
    assert W.var() == pytest.approx(std**2, rel=0.02)
    mean = 0.2 if name == "uniform" else 0.0
    assert W.mean() == pytest.approx(mean, abs=5 * std / math.sqrt(W.size))


@pytest.mark.parametrize("name", [name for name in RANDOM if name != "orthogonal"])
def test_draws_have_the_distribution_that_is_drawn_over_them(name: str) -> None:
    entry, parameters = INITIALIZERS[name], PARAMETERS.get(name, {})
    std = entry.std(*FANS, **parameters)
    grid = np.linspace(-6 * std, 6 * std, 4001) + (0.2 if name == "uniform" else 0.0)
    density = entry.density(grid, *FANS, **parameters)
    assert density is not None
    share = np.cumsum(density) * (grid[1] - grid[0])
    assert share[-1] == pytest.approx(1.0, abs=2e-3)
    result = stats.kstest(sample(name).ravel()[:20_000], lambda x: np.interp(x, grid, share))
    assert result.statistic < 0.012


def test_entries_of_an_orthogonal_matrix_have_the_density_of_a_sphere() -> None:
    fans = (5, 3)
    draws = np.concatenate([sample("orthogonal", fans, seed).ravel() for seed in range(1500)])
    grid = np.linspace(-1.0, 1.0, 4001)
    density = INITIALIZERS["orthogonal"].density(grid, *fans)
    assert density is not None
    share = np.cumsum(density) * (grid[1] - grid[0])
    assert share[-1] == pytest.approx(1.0, abs=1e-3)
    assert stats.kstest(draws, lambda x: np.interp(x, grid, share)).statistic < 0.015
    assert INITIALIZERS["orthogonal"].density(grid, 1, 1) is None


@pytest.mark.parametrize("name", RANDOM)
def test_bounds_hold_and_are_reached(name: str) -> None:
    bound = INITIALIZERS[name].bound(*FANS, **PARAMETERS.get(name, {}))
    W = sample(name)
    if bound is None:
        assert "uniform" not in name
        return
    low, high = bound if isinstance(bound, tuple) else (-bound, bound)
    assert low <= W.min() < low + 0.001 * (high - low)
    assert high - 0.001 * (high - low) < W.max() <= high


@pytest.mark.parametrize("fans", [(200, 200), (50, 20), (20, 50), (1, 7)])
def test_orthogonal_rows_or_columns_are_orthonormal(fans: tuple[int, int]) -> None:
    W = sample("orthogonal", fans)
    gram = W.T @ W if fans[0] >= fans[1] else W @ W.T
    assert np.abs(gram - np.eye(min(fans))).max() < 1e-12


def test_singular_values_are_those_of_glorot_and_bengio() -> None:
    # mean singular value of a square matrix with variance s^2/n: 8 s / (3 pi)
    mean = 8 / (3 * math.pi)
    for name, factor in (("uniform_fan_in", 1 / math.sqrt(3)), ("xavier_uniform", 1.0)):
        values = np.linalg.svd(sample(name, (300, 300)), compute_uv=False)
        assert values.mean() == pytest.approx(mean * factor, rel=0.01)


def test_fixed_starts() -> None:
    assert not sample("zeros").any()
    assert (sample("constant") == 0.25).all()
    for name in ("zeros", "constant"):
        assert INITIALIZERS[name].std(*FANS, **PARAMETERS.get(name, {})) == 0
        assert INITIALIZERS[name].density(0.0, *FANS) is None
        assert INITIALIZERS[name].bad


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_same_generator_gives_the_same_weights(name: str) -> None:
    assert sample(name, seed=5).tobytes() == sample(name, seed=5).tobytes()
    if name in RANDOM:
        assert sample(name, seed=5).tobytes() != sample(name, seed=6).tobytes()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_entry_says_everything_about_itself(name: str) -> None:
    entry = INITIALIZERS[name]
    assert entry.name == name
    assert entry.label and entry.formula and entry.twin and entry.use_when
    assert set(entry.parameters) == set(PARAMETERS.get(name, {}))
    text = entry.numbers(24, 16, **PARAMETERS.get(name, {}))
    assert text.count("{") == text.count("}")


def test_numbers_are_those_of_the_layer() -> None:
    assert INITIALIZERS["xavier_normal"].numbers(24, 24) == r"\sigma=\sqrt{2/(24+24)}=0.204"
    assert INITIALIZERS["he_uniform"].numbers(6, 9) == r"l=\sqrt{6/6}=1"
    assert INITIALIZERS["uniform_fan_in"].numbers(16, 2) == r"l=\sqrt{1/16}=0.25"


def test_biases() -> None:
    rng = np.random.default_rng(0)
    assert not BIAS_INITIALIZERS["zeros"].sample(5, rng=rng).any()
    assert (BIAS_INITIALIZERS["constant"].sample(5, rng=rng, value=-0.5) == -0.5).all()
    b = BIAS_INITIALIZERS["uniform"].sample(10_000, rng=rng, bound=0.3)
    assert b.shape == (10_000,)
    assert 0.299 < np.abs(b).max() <= 0.3
    assert b.std() == pytest.approx(0.3 / math.sqrt(3), rel=0.02)
