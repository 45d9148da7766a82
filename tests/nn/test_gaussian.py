"""Means over normal pre-activations, against adaptive quadrature and series."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from gradstudio.nn import gaussian
from gradstudio.nn.activation import Activation
from gradstudio.nn.activations import ACTIVATIONS, leaky_relu
from gradstudio.nn.gaussian import moments, pair_moments, spreads

ALL = (*ACTIVATIONS.values(), leaky_relu(0.2))
CURVED = tuple(phi for phi in ALL if phi.name not in ("linear", "relu", "leaky_relu"))


def name_of(phi: object) -> str | None:
    return f"{phi.name} {phi.leak or ''}" if isinstance(phi, Activation) else None


def mean(f: Callable[[float], float], q: float) -> float:
    """Adaptive quadrature of f(z) over normal z, panel by panel."""
    width = math.sqrt(q)
    corners = [0, 0.5, 1, 2, 4, 8, 16, 40, *(width * np.linspace(0.5, 12, 24))]
    ends = sorted({s * x for x in corners if x <= 12 * width for s in (-1, 1)})

    def weighed(z: float) -> float:
        return f(z) * math.exp(-0.5 * (z / width) ** 2) / (width * math.sqrt(2 * math.pi))

    return sum(
        quad(weighed, low, high, epsabs=0, epsrel=1e-11, limit=200)[0]
        for low, high in pairwise(ends)
    )


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
@pytest.mark.parametrize("phi", CURVED, ids=name_of)
@pytest.mark.parametrize("q", [1e-6, 0.3, 1e6])
def test_moments_agree_with_adaptive_quadrature(phi: Activation, q: float) -> None:
    def a(z: float) -> float:
        return float(phi.apply(z))

    def slope(z: float) -> float:
        return float(phi.derivative(z))

    known = moments(phi, q)
    assert known.square == pytest.approx(mean(lambda z: a(z) ** 2, q), rel=1e-9)
    assert known.slope_square == pytest.approx(mean(lambda z: slope(z) ** 2, q), rel=1e-9)
    assert known.mean == pytest.approx(mean(a, q), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("phi", ALL, ids=name_of)
@pytest.mark.parametrize("q", [1e-4, 0.02, 1.0, 50.0, 1e4])
def test_the_rate_is_the_derivative_of_the_mean_square(phi: Activation, q: float) -> None:
    h = 1e-4 * q
    difference = (moments(phi, q + h).square - moments(phi, q - h).square) / (2 * h)
    assert moments(phi, q).rate == pytest.approx(difference, rel=1e-6)


@pytest.mark.parametrize("phi", ALL, ids=name_of)
@pytest.mark.parametrize("q", [1e-6, 1e-2, 1.0, 30.0, 1e6])
def test_closed_forms_and_sums_agree(phi: Activation, q: float, monkeypatch) -> None:
    closed = moments(phi, q)
    monkeypatch.setattr(gaussian, "_CLOSED", {})
    summed = moments.__wrapped__(phi, q)
    for field in ("mean", "square", "slope_square"):
        exact, slack = getattr(closed, field), 1e-15 * math.sqrt(closed.square)
        assert getattr(summed, field) == pytest.approx(exact, rel=1e-11, abs=slack)
    assert summed.rate == pytest.approx(closed.rate, rel=1e-11)


@pytest.mark.parametrize(
    ("name", "square", "slope_square"),
    [
        ("linear", 1, 1),
        ("sigmoid", 0.293379, 0.044836),
        ("tanh", 0.394294, 0.464403),
        ("relu", 0.5, 0.5),
        ("leaky_relu", 0.50005, 0.50005),
        ("elu", 0.644945, 0.668102),
        ("softsign", 0.183014, 0.227671),
        ("softplus", 0.921246, 0.293379),
        ("gelu", 0.425221, 0.455851),
        ("silu", 0.355776, 0.379482),
        ("erf", 0.464559, 0.569410),
    ],
)
def test_moments_at_variance_1(name: str, square: float, slope_square: float) -> None:
    known = moments(ACTIVATIONS[name], 1.0)
    assert known.square == pytest.approx(square, abs=6e-7)
    assert known.slope_square == pytest.approx(slope_square, abs=6e-7)


def test_selu_keeps_mean_0_and_variance_1_of_standard_normal_signals() -> None:
    selu = moments(ACTIVATIONS["selu"], 1.0)
    assert selu.mean == pytest.approx(0.0, abs=1e-12)
    assert selu.square == pytest.approx(1.0, rel=1e-12)
    # lambda on the right half, lambda alpha exp z on the left: E[exp 2g; g < 0] = e^2 Phi(-2)
    left = 1.6732632423543772**2 * math.exp(2) * 0.5 * math.erfc(math.sqrt(2))
    assert selu.slope_square == pytest.approx(1.0507009873554805**2 * (0.5 + left), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("sigmoid", 1 / 4.8013),
        ("tanh", 1 / 1.5925),
        ("relu", 1 / 1.7129),
        ("selu", 1.0),
        ("elu", 1 / 1.2708),
    ],
)
def test_the_spread_of_activations_is_the_inverse_of_known_gains(
    name: str, deviation: float
) -> None:
    known = moments(ACTIVATIONS[name], 1.0)
    assert math.sqrt(known.square - known.mean**2) == pytest.approx(deviation, rel=6e-5)


def series(phi: Activation, q: float, c: float, terms: int = 300) -> tuple[float, float]:
    """Sum of c^k times the squared Hermite coefficients of phi and phi'."""
    z, weights = gaussian._points(q)
    g = z / math.sqrt(q)
    curves = np.stack([phi.apply(z), phi.derivative(z)]) * weights
    before, here = np.zeros_like(g), np.ones_like(g)
    total = np.zeros(2)
    for k in range(terms):
        total += c**k * (curves @ here) ** 2
        before, here = here, (g * here - math.sqrt(k) * before) / math.sqrt(k + 1)
    return float(total[0]), float(total[1])


@pytest.mark.parametrize("phi", ALL, ids=name_of)
@pytest.mark.parametrize("q", [1e-3, 1.0, 40.0])
@pytest.mark.parametrize("c", [-0.9, -0.2, 0.0, 0.05, 0.6, 0.9])
def test_pairs_agree_with_the_hermite_series(phi: Activation, q: float, c: float) -> None:
    pair, known = pair_moments(phi, q, c), moments(phi, q)
    product, slope_product = series(phi, q, c)
    assert pair.product == pytest.approx(product, rel=1e-10, abs=1e-11 * known.square)
    assert pair.slope_product == pytest.approx(slope_product, rel=1e-10)


@pytest.mark.parametrize("phi", ALL, ids=name_of)
@pytest.mark.parametrize("q", [1e-3, 1.0, 400.0])
def test_a_pair_of_equals_is_one(phi: Activation, q: float) -> None:
    known, same = moments(phi, q), pair_moments(phi, q, 1.0)
    assert same.product == pytest.approx(known.square, rel=1e-12)
    assert same.slope_product == pytest.approx(known.slope_square, rel=1e-12)
    near = pair_moments(phi, q, 1 - 1e-9)
    assert near.product == pytest.approx(known.square, rel=1e-7)
    assert near.slope_product == pytest.approx(known.slope_square, rel=1e-3)


@pytest.mark.parametrize("name", ["relu", "erf"])
@pytest.mark.parametrize("q", [1e-2, 1.0, 1e3])
@pytest.mark.parametrize("c", [-0.999, 0.3, 0.9999, 1 - 1e-9])
def test_closed_pairs_and_sums_agree(name: str, q: float, c: float, monkeypatch) -> None:
    phi = ACTIVATIONS[name]
    closed, known = pair_moments(phi, q, c), moments(phi, q)
    monkeypatch.setattr(gaussian, "_CLOSED_PAIRS", {})
    summed = pair_moments.__wrapped__(phi, q, c)
    assert abs(summed.product - closed.product) < 1e-10 * known.square
    assert abs(summed.slope_product - closed.slope_product) < 1e-10 * known.slope_square


@pytest.mark.parametrize(
    ("name", "q", "of_phi", "of_slope"),
    [("linear", 3.0, 3, 1), ("relu", 1e-5, 6, 2), ("relu", 1e200, 6, 2), ("tanh", 1e-9, 3, 1)],
)
def test_spreads_are_fourth_moments_over_squared_second_ones(
    name: str, q: float, of_phi: float, of_slope: float
) -> None:
    assert spreads(ACTIVATIONS[name], q) == pytest.approx((of_phi, of_slope), rel=1e-6)


@pytest.mark.parametrize("phi", ALL, ids=name_of)
@pytest.mark.parametrize("q", [1e-24, 1e-12, 1e12, 1e300])
def test_extreme_variances_stay_finite(phi: Activation, q: float) -> None:
    known = moments(phi, q)
    assert all(math.isfinite(x) for x in (known.mean, known.square, known.slope_square))
    assert known.slope_square >= 0 < known.square
    assert all(math.isfinite(x) and x > 1 - 1e-9 for x in spreads(phi, q))
