from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.initializers import INITIALIZERS

TWINS = ("sigmoid", "tanh", "relu", "leaky_relu")


@pytest.mark.parametrize("name", TWINS)
def test_value_and_derivative_agree_with_pytorch(name: str, reference: dict) -> None:
    z = reference["activations/z"]
    a = np.empty_like(z)
    ACTIVATIONS[name].value(z, a)
    np.testing.assert_allclose(a, reference[f"activations/{name}/f"], rtol=1e-12, atol=1e-300)
    slope, theirs = ACTIVATIONS[name].derivative(z), reference[f"activations/{name}/df"]
    np.testing.assert_allclose(slope, theirs, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative_is_the_limit_of_differences(name: str) -> None:
    z = np.linspace(-4.0, 4.0, 80) + 0.013
    h = 1e-6
    after, before = np.empty_like(z), np.empty_like(z)
    ACTIVATIONS[name].value(z + h, after)
    ACTIVATIONS[name].value(z - h, before)
    np.testing.assert_allclose(
        ACTIVATIONS[name].derivative(z), (after - before) / (2 * h), atol=1e-9
    )


@pytest.mark.parametrize("z", [-700.0, -100.0, -40.0, 40.0, 100.0, 700.0])
def test_a_saturated_sigmoid_still_passes_a_tiny_gradient(z: float) -> None:
    slope = ACTIVATIONS["sigmoid"].derivative(np.array([z]))[0]
    assert slope == pytest.approx(np.exp(-abs(z)), rel=1e-9)
    assert slope > 0


def test_a_saturated_sigmoid_is_honest_in_single_precision() -> None:
    z = np.array([-80.0, -20.0, 20.0, 80.0], np.float32)
    slope = ACTIVATIONS["sigmoid"].derivative(z)
    assert slope.dtype == np.float32
    np.testing.assert_allclose(slope, np.exp(-np.abs(z.astype(np.float64))), rtol=1e-5)


def test_a_sigmoid_far_out_is_0_or_1_without_a_warning() -> None:
    a = np.empty(2, np.float32)
    with np.errstate(over="ignore"):
        ACTIVATIONS["sigmoid"].value(np.array([-1e4, 1e4], np.float32), a)
    assert a.tolist() == [0.0, 1.0]


def test_the_derivative_of_relu_at_0_is_0() -> None:
    assert ACTIVATIONS["relu"].derivative(np.zeros(1))[0] == 0.0
    assert ACTIVATIONS["leaky_relu"].derivative(np.zeros(1, np.float32))[0] == np.float32(0.01)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_goes_through_an_activation(name: str) -> None:
    a = np.empty(1)
    ACTIVATIONS[name].value(np.array([-np.nan]), a)
    assert np.isnan(a[0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_times_derivative_may_write_where_it_reads(name: str) -> None:
    rng = np.random.default_rng(1)
    z, delta = rng.normal(size=(2, 5, 3))
    a = np.empty_like(z)
    ACTIVATIONS[name].value(z, a)
    expected = delta * ACTIVATIONS[name].derivative(z)
    ACTIVATIONS[name].times_derivative(z, a, delta, delta)
    np.testing.assert_array_equal(delta, expected)


@pytest.mark.parametrize(
    ("name", "gain"), [("linear", 1), ("tanh", 1), ("relu", 2**0.5), ("sigmoid", 4)]
)
def test_gain_undoes_the_mean_slope_near_0(name: str, gain: float) -> None:
    z = np.random.default_rng(0).normal(0.0, 1e-4, 100_000)
    slope = ACTIVATIONS[name].derivative(z)
    assert ACTIVATIONS[name].gain == pytest.approx(gain)
    assert ACTIVATIONS[name].gain * np.sqrt(np.mean(slope**2)) == pytest.approx(1.0, rel=5e-3)


def test_every_entry_is_named_and_recommends_an_initializer() -> None:
    for name, entry in ACTIVATIONS.items():
        assert entry.name == name
        assert entry.recommended in INITIALIZERS
        assert "varphi" in entry.formula or "sigma" in entry.formula
