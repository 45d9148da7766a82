"""Activations against PyTorch, their own differences, and what happens far out."""

from __future__ import annotations

import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gradstudio.nn.activation import Activation
from gradstudio.nn.activations import ACTIVATIONS, activation, leaky_relu
from gradstudio.nn.initializers import INITIALIZERS

NAMES = (
    "linear",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "gelu",
    "silu",
    "erf",
    "hard_tanh",
    "lecun_tanh",
)
TWINS = tuple(name for name in NAMES if name not in ("linear", "lecun_tanh"))
ALL = (*ACTIVATIONS.values(), leaky_relu(0.0), leaky_relu(0.2), leaky_relu(1.0))
LIMITS = {
    "linear": ((-math.inf, 1), (math.inf, 1)),
    "sigmoid": ((0, 0), (1, 0)),
    "tanh": ((-1, 0), (1, 0)),
    "relu": ((0, 0), (math.inf, 1)),
    "leaky_relu": ((-math.inf, 0.01), (math.inf, 1)),
    "elu": ((-1, 0), (math.inf, 1)),
    "selu": ((-1.7580993408473766, 0), (math.inf, 1.0507009873554805)),
    "softplus": ((0, 0), (math.inf, 1)),
    "softsign": ((-1, 0), (1, 0)),
    "gelu": ((0, 0), (math.inf, 1)),
    "silu": ((0, 0), (math.inf, 1)),
    "erf": ((-1, 0), (1, 0)),
    "hard_tanh": ((-1, 0), (1, 0)),
    "lecun_tanh": ((-1.7159, 0), (1.7159, 0)),
}
TAILS = {
    "sigmoid": (lambda z: math.exp(-abs(z)), (-700.0, -90.0, -40.0, 40.0, 90.0, 700.0)),
    "tanh": (lambda z: 4 * math.exp(-2 * abs(z)), (-350.0, -50.0, -19.0, 19.0, 50.0, 350.0)),
    "lecun_tanh": (
        lambda z: 4 * 1.7159 * 2 / 3 * math.exp(-4 / 3 * abs(z)),
        (-500.0, -40.0, -30.0, 30.0, 40.0, 500.0),
    ),
    "softplus": (math.exp, (-700.0, -90.0, -40.0)),
    "elu": (math.exp, (-700.0, -90.0, -40.0)),
    "selu": (lambda z: 1.7580993408473766 * math.exp(z), (-700.0, -90.0, -40.0)),
    "silu": (lambda z: (1 + z) * math.exp(z), (-700.0, -90.0, -40.0)),
    "gelu": (
        lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z - 1 / z + 1 / z**3),
        (-37.0, -30.0, -25.0),
    ),
    "erf": (lambda z: 2 / math.sqrt(math.pi) * math.exp(-z * z), (-26.0, -10.0, 10.0, 26.0)),
    "softsign": (lambda z: z**-2.0, (-1e150, -1e15, 1e15, 1e150)),
}
"""phi' far out, and where it is asked for."""


@pytest.fixture(scope="module")
def curves() -> dict[str, NDArray[np.float64]]:
    """Curves that PyTorch made in float64, from z = -50 to 50."""
    with np.load(Path(__file__).parents[1] / "reference" / "activations.npz") as file:
        return dict(file)


def written(phi: Activation, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """phi and phi' by the calls a network makes, from scratch full of rubbish."""
    a, slope, work = (np.full_like(z, np.nan) for _ in range(3))
    with np.errstate(all="ignore"):
        phi.value(z, a, work)
        work.fill(7.0)
        phi.slope(z, a, slope, work)
    return a, slope


def test_the_table_has_these_names_in_this_order() -> None:
    assert tuple(ACTIVATIONS) == NAMES
    assert all(entry.name == name for name, entry in ACTIVATIONS.items())


@pytest.mark.parametrize("name", TWINS)
def test_value_and_slope_agree_with_pytorch(name: str, curves: dict) -> None:
    z = curves["z"]
    a, slope = written(ACTIVATIONS[name], z)
    # what PyTorch cancels to 0 far out is not below 1e-16 here; above 20 its softplus is linear
    near = z <= 20 if name == "softplus" else np.full(z.shape, True)
    close = {"rtol": 1e-10, "atol": 1e-15}
    np.testing.assert_allclose(a[near], curves[f"{name}/value"][near], **close)
    np.testing.assert_allclose(slope[near], curves[f"{name}/slope"][near], **close)


def test_lecun_tanh_is_a_stretched_tanh_through_one() -> None:
    z = np.linspace(-30, 30, 301)
    a, slope = written(ACTIVATIONS["lecun_tanh"], z)
    np.testing.assert_allclose(a, 1.7159 * np.tanh(2 * z / 3), rtol=1e-14)
    np.testing.assert_allclose(slope, 1.7159 * 2 / 3 / np.cosh(2 * z / 3) ** 2, rtol=1e-12)
    np.testing.assert_allclose(ACTIVATIONS["lecun_tanh"].apply([-1, 1]), [-1, 1], rtol=1e-5)


@pytest.mark.parametrize("phi", ALL, ids=lambda phi: f"{phi.name} {phi.leak or ''}")
def test_the_slope_is_the_limit_of_differences(phi: Activation) -> None:
    z, h = np.linspace(-6.0, 6.0, 120) + 0.013, 1e-5
    differences = (phi.apply(z + h) - phi.apply(z - h)) / (2 * h)
    np.testing.assert_allclose(phi.derivative(z), differences, rtol=1e-8, atol=1e-9)


@given(st.sampled_from(ALL), st.lists(st.floats(-60, 60), min_size=1, max_size=9))
def test_single_precision_is_close_to_double(phi: Activation, values: list[float]) -> None:
    z = np.array(values, np.float32)
    for ours, exact in zip(written(phi, z), written(phi, z.astype(np.float64)), strict=True):
        assert ours.dtype == np.float32
        # 5e-4 is what 1 - tanh^2 has lost where it is not mended yet; zeros of phi' are absolute
        np.testing.assert_allclose(ours, exact, rtol=5e-4, atol=2e-7 if exact.min() < 0 else 2e-38)


@given(st.sampled_from(ALL), st.lists(st.floats(-50, 50), min_size=2, max_size=9))
def test_a_number_depends_on_the_number_at_its_place_only(
    phi: Activation, values: list[float]
) -> None:
    for dtype in (np.float32, np.float64):
        z = np.array(values, dtype)
        a, slope = written(phi, z)
        for i in range(z.size):
            a_alone, slope_alone = written(phi, z[i : i + 1])
            assert a_alone.tobytes() == a[i : i + 1].tobytes()
            assert slope_alone.tobytes() == slope[i : i + 1].tobytes()


@pytest.mark.parametrize("name", TAILS)
def test_a_saturated_unit_still_passes_a_tiny_gradient(name: str) -> None:
    tail, places = TAILS[name]
    for z in places:
        slope = ACTIVATIONS[name].derivative(np.array([0.0, z, 1.0]))[1]
        assert slope == pytest.approx(tail(z), rel=1e-4 if name == "gelu" else 1e-9)
        assert slope != 0


@pytest.mark.parametrize("name", TAILS)
def test_single_precision_is_honest_about_tails_too(name: str) -> None:
    low, high = (-12, 9) if name == "gelu" else (-9, 9) if name == "erf" else (-40, 40)
    z = np.linspace(low, high, 99).astype(np.float32)
    slope = ACTIVATIONS[name].derivative(z)
    exact = ACTIVATIONS[name].derivative(z.astype(np.float64))
    assert (slope != 0).all()
    far = np.abs(z) > 2
    np.testing.assert_allclose(slope[far], exact[far], rtol=5e-4)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "erf", "softsign", "lecun_tanh"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_slope_of_a_squashing_curve_falls_from_0_outwards(name: str, dtype: type) -> None:
    z = np.linspace(0, 12, 4_001).astype(dtype)
    slope = ACTIVATIONS[name].derivative(z).astype(np.float64)
    slack = 3e-4 if dtype == np.float32 else 1e-12
    assert (slope[1:] <= slope[:-1] * (1 + slack) + slack * 1e-3).all()
    np.testing.assert_array_equal(ACTIVATIONS[name].derivative(-z), slope.astype(dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_infinite_numbers_give_the_limit_and_nan_gives_nan(name: str, dtype: type) -> None:
    a, slope = written(ACTIVATIONS[name], np.array([-np.inf, np.inf, np.nan], dtype))
    for i in range(2):
        assert a[i] == pytest.approx(LIMITS[name][i][0], rel=1e-6)
        assert slope[i] == pytest.approx(LIMITS[name][i][1], rel=1e-6)
    assert np.isnan(a[2])
    a, slope = written(ACTIVATIONS[name], np.array([-1e30, 1e30], dtype))
    assert np.isfinite(a).all()
    for i in range(2):
        assert slope[i] == pytest.approx(LIMITS[name][i][1], rel=1e-6, abs=1e-30)


@pytest.mark.parametrize("name", ["tanh", "lecun_tanh"])
def test_a_nan_beside_it_spoils_no_tail(name: str) -> None:
    slope = ACTIVATIONS[name].derivative(np.array([np.nan, 20.0, 0.5, -20.0], np.float32))
    assert np.isnan(slope[0])
    assert slope[1] == slope[3] > 0


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("relu", 0),
        ("leaky_relu", 0.01),
        ("elu", 1),
        ("selu", 1.7580993408473766),
        ("gelu", 0.5),
        ("silu", 0.5),
        ("softplus", 0.5),
        ("hard_tanh", 1),
    ],
)
def test_the_slope_at_0_is_that_of_the_frameworks(name: str, slope: float) -> None:
    assert ACTIVATIONS[name].derivative(np.zeros(1))[0] == pytest.approx(slope, rel=1e-15)


def test_the_slope_of_hard_tanh_at_its_corners_is_0() -> None:
    assert ACTIVATIONS["hard_tanh"].derivative(np.array([-1.0, 1.0])).tolist() == [0, 0]


@pytest.mark.parametrize("phi", ALL, ids=lambda phi: f"{phi.name} {phi.leak or ''}")
@pytest.mark.parametrize("shape", [(), (0,), (3, 2, 4), (2, 0)])
def test_numbers_of_any_shape_are_taken(phi: Activation, shape: tuple[int, ...]) -> None:
    z = np.full(shape, 20.0)
    assert phi.apply(z).shape == phi.derivative(z).shape == shape
    assert phi.apply([1, -1]).dtype == phi.derivative([1, -1]).dtype == np.float64


@pytest.mark.parametrize("phi", ALL, ids=lambda phi: f"{phi.name} {phi.leak or ''}")
def test_lanes_that_are_not_contiguous_are_written_in_place(phi: Activation) -> None:
    room = np.random.default_rng(0).normal(0, 20, (4, 3, 50))
    z, a, slope, work = (part[:, 10:20] for part in room.reshape(4, 3, 50))
    expected = phi.apply(z), phi.derivative(z)
    for scratch in (work, None):
        with np.errstate(all="ignore"):
            phi.value(z, a, scratch)
            phi.slope(z, a, slope, scratch)
        np.testing.assert_array_equal(a, expected[0])
        np.testing.assert_array_equal(slope, expected[1])


@pytest.mark.parametrize("phi", ALL, ids=lambda phi: f"{phi.name} {phi.leak or ''}")
def test_with_scratch_nothing_is_allocated(phi: Activation) -> None:
    z = np.random.default_rng(0).normal(0, 0.5, 100_000).astype(np.float32)
    a, slope, work = np.empty((3, z.size), np.float32)
    phi.value(z, a, work)
    phi.slope(z, a, slope, work)
    tracemalloc.start()
    try:
        phi.value(z, a, work)
        phi.slope(z, a, slope, work)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000  # NumPy casts through 8,192 numbers at a time


@pytest.mark.parametrize("phi", ALL, ids=lambda phi: f"{phi.name} {phi.leak or ''}")
def test_the_gain_undoes_the_mean_slope_near_0(phi: Activation) -> None:
    mean_square = np.mean(np.square(phi.derivative(np.array([-1e-9, 1e-9]))))
    if phi.name == "selu":
        mean_square = 1.0  # it keeps signals of variance 1, not small ones
    assert phi.gain * math.sqrt(mean_square) == pytest.approx(1.0, rel=1e-8)


@pytest.mark.parametrize(
    ("phi", "gain"),
    [
        ("linear", 1),
        ("sigmoid", 1),
        ("tanh", 5 / 3),
        ("relu", math.sqrt(2)),
        (leaky_relu(0.01), 1.414142856998),
        (leaky_relu(0.1), 1.407195),
        (leaky_relu(0.2), 1.386750),
        ("selu", 0.75),
        ("elu", None),
        ("softplus", None),
        ("gelu", None),
        ("silu", None),
        ("erf", None),
    ],
)
def test_the_gain_of_the_frameworks_is_theirs(phi: Activation | str, gain: float | None) -> None:
    known = activation(phi).framework_gain
    assert known == (None if gain is None else pytest.approx(gain, rel=1e-6))


def test_activations_are_equal_by_name_and_leak() -> None:
    assert leaky_relu(0.01) == ACTIVATIONS["leaky_relu"]
    assert leaky_relu(0.01) != leaky_relu(0.2)
    assert leaky_relu(0.0) != ACTIVATIONS["relu"]
    assert len({leaky_relu(0.1), leaky_relu(0.1), leaky_relu(0.3)}) == 2
    assert len(set(ACTIVATIONS.values())) == len(ACTIVATIONS)


def test_a_leaky_relu_lets_through_what_it_is_told() -> None:
    np.testing.assert_allclose(leaky_relu(0.2).apply([-5.0, 5.0]), [-1.0, 5.0])
    np.testing.assert_allclose(leaky_relu(0.2).derivative([-5.0, 5.0]), [0.2, 1.0])
    assert "0.2" in leaky_relu(0.2).formula
    assert leaky_relu(0.0).apply([-math.inf])[0] == 0


@pytest.mark.parametrize("leak", [-0.1, 1.5, math.nan])
def test_a_leak_that_is_no_share_is_refused(leak: float) -> None:
    with pytest.raises(ValueError, match="not from 0 to 1"):
        leaky_relu(leak)


def test_an_activation_is_found_by_its_name() -> None:
    assert activation("tanh") is ACTIVATIONS["tanh"]
    assert activation(leaky_relu(0.2)) is leaky_relu(0.2)


@pytest.mark.parametrize("phi", ALL, ids=lambda phi: f"{phi.name} {phi.leak or ''}")
def test_formulas_can_be_set_and_initializers_are_known(phi: Activation) -> None:
    from ziamath.zmath import Latex

    assert phi.recommended in INITIALIZERS
    for formula in (phi.formula, phi.derivative_formula):
        assert "varphi" in formula or "sigma" in formula
        assert Latex(formula, size=13).svg().startswith("<svg")
