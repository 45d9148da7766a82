"""What initializers draw, against what they say of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from gradstudio.nn.distributions import CUT_STD, SPREADS
from gradstudio.nn.initializers import INITIALIZERS
from tests.nn.starts import CASES, FANS, NAMES, sample

ALL = pytest.mark.parametrize(("name", "arguments"), CASES, ids=NAMES)
KURTOSIS = {"normal": 3.0, "truncated_normal": 2.3655, "uniform": 1.8, "positive": 3.8692}
VARIANCES: list[tuple[str, dict[str, Any], float]] = [
    ("uniform_fan_in", {}, 1 / (3 * 400)),
    ("xavier_normal", {}, 2 / 700),
    ("xavier_uniform", {}, 2 / 700),
    ("he_normal", {}, 2 / 400),
    ("he_uniform", {}, 2 / 400),
    ("he_normal", {"mode": "fan_out"}, 2 / 300),
    ("he_uniform", {"mode": "fan_avg"}, 2 / 350),
    ("lecun_normal", {}, 1 / 400),
    ("lecun_uniform", {}, 1 / 400),
    ("variance_scaling", {}, 1 / 400),
    ("variance_scaling", {"scale": 3.0, "mode": "fan_geo_avg"}, 3 / math.sqrt(400 * 300)),
    ("orthogonal", {}, 1 / 400),
    ("orthogonal", {"gain": 1.5}, 2.25 / 400),
    ("lsuv", {}, 1 / 400),
    ("identity", {"gain": 2.0}, 4 * (1 / 400) * (399 / 400)),
    ("normal", {"std": 0.7}, 0.49),
    ("truncated_normal", {"std": 0.7}, 0.49),
    ("uniform", {"low": -0.2, "high": 0.6}, 0.64 / 12),
    ("sparse", {"sparsity": 0.75, "std": 0.4}, 0.16 / 4),
    ("identical_units", {}, 2 / 400),
    ("swapped_fans", {}, 2 / 300),
    ("all_positive", {}, 2 / 700 * (1 - 2 / math.pi)),
    ("zeros", {}, 0.0),
    ("constant", {}, 0.0),
]


def spread(name: str, arguments: dict[str, Any]) -> str:
    """Which shape the weights have."""
    if name == "variance_scaling":
        return arguments.get("distribution", "truncated_normal")
    if name == "all_positive":
        return "positive"
    return "uniform" if "uniform" in name else name if name in KURTOSIS else "normal"


@pytest.mark.parametrize(("name", "arguments", "variance"), VARIANCES)
def test_the_variance_is_that_of_the_literature(
    name: str, arguments: dict[str, Any], variance: float
) -> None:
    std = INITIALIZERS[name].std(*FANS, **arguments)
    assert std**2 == pytest.approx(variance, rel=1e-12)


@ALL
def test_draws_have_the_mean_and_the_variance_that_are_said(
    name: str, arguments: dict[str, Any]
) -> None:
    entry, W = INITIALIZERS[name], sample(name, **arguments)
    mean, std = entry.mean(*FANS, **arguments), entry.std(*FANS, **arguments)
    assert W.shape == FANS
    assert W.dtype == np.float64
    independent = FANS[0] if name == "identical_units" else W.size
    kurtosis = 3.0 / (std / arguments.get("std", 1.0)) ** 2 if name == "sparse" and std else 3.0
    kurtosis = KURTOSIS[spread(name, arguments)] if name != "sparse" else kurtosis
    error = 5 * math.sqrt((kurtosis - 1) / independent) if std else 0.0
    assert W.var() == pytest.approx(std**2, rel=error, abs=1e-30)
    assert W.mean() == pytest.approx(mean, rel=1e-12, abs=5 * std / math.sqrt(independent))


@ALL
def test_density_and_atoms_give_the_mean_and_the_variance(
    name: str, arguments: dict[str, Any]
) -> None:
    entry = INITIALIZERS[name]
    mean, std = entry.mean(*FANS, **arguments), entry.std(*FANS, **arguments)
    atoms = entry.atoms(*FANS, **arguments)
    parts = np.array([[share * value**k for k in range(3)] for value, share in atoms])
    moments = parts.reshape(-1, 3).sum(0)
    bound = entry.bound(*FANS, **arguments)
    ends = bound if isinstance(bound, tuple) else (-(bound or math.inf), bound or math.inf)
    widest = 12 * max(std, arguments.get("std", 0.0))
    low, high = max(ends[0], mean - widest), min(ends[1], mean + widest)
    grid = np.unique(np.concatenate([np.linspace(low, high, 200_001), [0.0]]))
    density = entry.density(grid, *FANS, **arguments)
    if density is not None:
        continuous = [integrate.trapezoid(density * grid**k, grid) for k in range(3)]
        moments = moments + np.array(continuous)
    assert moments[0] == pytest.approx(1.0, abs=1e-4)
    assert moments[1] == pytest.approx(mean, abs=1e-4 * std + 1e-15)
    assert moments[2] - moments[1] ** 2 == pytest.approx(std**2, rel=1e-3, abs=1e-15)


@ALL
def test_draws_have_the_distribution_that_is_drawn_over_them(
    name: str, arguments: dict[str, Any]
) -> None:
    """Kolmogorov and Smirnov, on what is no atom; a wrong density fails by far."""
    entry, W = INITIALIZERS[name], sample(name, **arguments)
    atoms = entry.atoms(*FANS, **arguments)
    drawn = (W[:, 0] if name == "identical_units" else W).ravel()
    for value, share in atoms:
        assert np.mean(value == W) == pytest.approx(share, abs=1e-12)
        drawn = drawn[drawn != value]
    span = 8 * max(drawn.std(), 1e-12) if drawn.size else 1.0
    grid = np.linspace(-span, span, 40_001) + (drawn.mean() if drawn.size else 0.0)
    density = entry.density(grid, *FANS, **arguments)
    assert (density is None) == (drawn.size == 0)
    if density is not None:
        share = integrate.cumulative_trapezoid(density, grid, initial=0)
        result = stats.kstest(drawn, lambda x: np.interp(x, grid, share / share[-1]))
        assert result.pvalue > 1e-3


@ALL
def test_bounds_hold_and_uniform_draws_reach_them(name: str, arguments: dict[str, Any]) -> None:
    bound = INITIALIZERS[name].bound(*FANS, **arguments)
    W = sample(name, **arguments)
    if bound is None:
        assert "uniform" not in (name, spread(name, arguments))
        return
    low, high = bound if isinstance(bound, tuple) else (-bound, bound)
    assert low <= W.min() and W.max() <= high
    if spread(name, arguments) == "uniform":
        assert W.min() < low + 0.001 * (high - low)
        assert W.max() > high - 0.001 * (high - low)


@ALL
def test_the_same_generator_gives_the_same_weights(name: str, arguments: dict[str, Any]) -> None:
    drawn = [sample(name, seed=seed, **arguments).tobytes() for seed in (5, 5, 6)]
    assert drawn[0] == drawn[1]
    is_random = INITIALIZERS[name].density(0.1, *FANS, **arguments) is not None
    assert (drawn[0] != drawn[2]) == is_random


def test_a_truncated_normal_has_the_deviation_asked_for_after_the_cut() -> None:
    ends = SPREADS["truncated_normal"].reach
    assert stats.truncnorm.std(-2, 2) == pytest.approx(CUT_STD, rel=1e-12)
    assert ends == pytest.approx(2.2737, abs=1e-4)
    W = sample("truncated_normal", (600, 500), std=0.02)
    assert np.abs(W).max() == pytest.approx(0.02 * ends, rel=1e-4)
    assert stats.kurtosis(W.ravel(), fisher=False) == pytest.approx(2.3655, abs=0.02)
    t = np.linspace(-3, 3, 601)
    parent = 1 / CUT_STD
    expected = stats.truncnorm.pdf(t, -2, 2, scale=parent)
    density = INITIALIZERS["truncated_normal"].density(t, 7, 9)
    np.testing.assert_allclose(density, expected, rtol=1e-12)


@pytest.mark.parametrize("fans", [(200, 200), (50, 20), (20, 50), (1, 7)])
@pytest.mark.parametrize(("name", "gain"), [("orthogonal", 1.0), ("orthogonal", 1.5), ("lsuv", 1)])
def test_orthogonal_rows_or_columns_are_orthogonal(
    name: str, gain: float, fans: tuple[int, int]
) -> None:
    W = sample(name, fans, **({"gain": gain} if gain != 1 else {}))
    gram = W.T @ W if fans[0] >= fans[1] else W @ W.T
    assert np.abs(gram - gain**2 * np.eye(min(fans))).max() < 1e-12


def test_entries_of_an_orthogonal_matrix_have_the_density_of_a_sphere() -> None:
    fans, entry = (5, 3), INITIALIZERS["orthogonal"]
    draws = np.concatenate([sample("orthogonal", fans, s, gain=2.0).ravel() for s in range(1500)])
    grid = np.linspace(-2.0, 2.0, 4001)
    density = entry.density(grid, *fans, gain=2.0)
    assert density is not None
    share = np.cumsum(density) * (grid[1] - grid[0])
    assert share[-1] == pytest.approx(1.0, abs=1e-3)
    assert stats.kstest(draws, lambda x: np.interp(x, grid, share)).statistic < 0.015
    assert entry.density(grid, 1, 1) is None
    assert entry.atoms(1, 1) == ((-1.0, 0.5), (1.0, 0.5))


@pytest.mark.parametrize("fans", [(4, 4), (5, 3), (3, 5), (1, 1)])
def test_the_identity_passes_the_signal_on(fans: tuple[int, int]) -> None:
    W = sample("identity", fans, gain=3.0)
    np.testing.assert_array_equal(W, 3.0 * np.eye(*fans))
    assert math.fsum(share for _, share in INITIALIZERS["identity"].atoms(*fans)) == 1.0


@pytest.mark.parametrize(
    ("sparsity", "fan_in", "zeros"),
    [(0.1, 600, 60), (0.5, 7, 4), (0.07, 100, 7), (0.9, 16, 15), (0.0, 9, 0), (1.0, 9, 9)],
)
def test_every_unit_of_a_sparse_layer_has_the_same_number_of_zeros(
    sparsity: float, fan_in: int, zeros: int
) -> None:
    W = sample("sparse", (fan_in, 40), sparsity=sparsity, std=0.3)
    assert ((W == 0).sum(axis=0) == zeros).all()
    places = {tuple(np.flatnonzero(column == 0)) for column in W.T}
    assert len(places) > 1 or zeros in (0, fan_in), "the zeros of units lie in different places"


def test_identical_units_differ_in_their_inputs_alone() -> None:
    W = sample("identical_units", (50, 8))
    assert (W[:, :1] == W).all()
    assert len(set(W[:, 0])) == 50


def test_swapped_fans_draw_what_the_transposed_layer_would() -> None:
    swapped = INITIALIZERS["swapped_fans"].std(40, 10)
    assert swapped == INITIALIZERS["he_normal"].std(10, 40)
    assert swapped == INITIALIZERS["he_normal"].std(40, 10, mode="fan_out")


def test_positive_weights_are_those_of_xavier_without_their_signs() -> None:
    np.testing.assert_array_equal(sample("all_positive"), np.abs(sample("xavier_normal")))


def test_fixed_starts() -> None:
    assert not sample("zeros").any()
    assert (sample("constant", value=0.25) == 0.25).all()
    assert INITIALIZERS["constant"].mean(*FANS, value=0.25) == 0.25


def test_plain_draws_are_those_of_the_generator_so_that_a_file_repeats_its_run() -> None:
    def rng() -> np.random.Generator:
        return np.random.default_rng(0)

    bound = math.sqrt(3.0) * math.sqrt((1 / 3) / 400)
    expected = {
        "he_normal": rng().normal(0.0, math.sqrt(2.0 / 400), FANS),
        "xavier_normal": rng().normal(0.0, math.sqrt(1.0 / 350.0), FANS),
        "uniform_fan_in": rng().uniform(-bound, bound, FANS),
        "normal": rng().normal(0.0, 1.0, FANS),
        "uniform": rng().uniform(-0.5, 0.5, FANS),
    }
    for name, W in expected.items():
        assert sample(name).tobytes() == W.tobytes(), name


def test_the_acceptance_numbers_of_draws() -> None:
    fan_in, fan_out = FANS
    mean_fan = (fan_in + fan_out) / 2
    assert fan_in * sample("uniform_fan_in").var() == pytest.approx(1 / 3, rel=0.01)
    assert mean_fan * sample("xavier_uniform").var() == pytest.approx(1.0, rel=0.01)
    assert mean_fan * sample("xavier_normal").var() == pytest.approx(1.0, rel=0.02)
    assert fan_in * sample("he_normal").var() == pytest.approx(2.0, rel=0.02)
    largest = np.abs(sample("he_uniform")).max() * math.sqrt(fan_in / 6)
    assert largest == pytest.approx(1.0, rel=0.001)


@pytest.mark.parametrize(
    ("name", "mean"),
    [("uniform_fan_in", 0.4900701292638152), ("xavier_uniform", 0.8488263631567752)],
)
def test_singular_values_are_those_of_glorot_and_bengio(name: str, mean: float) -> None:
    # mean singular value of a square matrix with variance s^2/n: 8 s / (3 pi)
    values = np.linalg.svd(sample(name, (300, 300)), compute_uv=False)
    assert values.mean() == pytest.approx(mean, rel=0.01)
