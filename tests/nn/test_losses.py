from __future__ import annotations

import math
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gradstudio.nn.arrays import run
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.network import Network

Floats = NDArray[np.float64]

MADE_FOR_VALUES = ("mse", "half_mse", "mae", "huber")
TARGETS = {"softmax_cross_entropy": "Y_onehot", "binary_cross_entropy": "Y_bin"} | {
    "sigmoid_mse": "Y_bin"
}
"""Targets of the reference network; ``Y_reg`` for the others."""


@pytest.fixture(scope="module")
def reference() -> dict[str, Floats]:
    with np.load(Path(__file__).parents[1] / "reference" / "losses.npz") as file:
        return dict(file)


def example(name: str, reference: dict[str, Floats]) -> tuple[Floats, Floats]:
    z = reference["logits"]
    if name == "softmax_cross_entropy":
        return z, np.eye(z.shape[1])[reference["classes"].astype(int)]
    return z, reference["target" if name in MADE_FOR_VALUES else "binary"]


@pytest.mark.parametrize("name", LOSSES)
def test_value_and_delta_agree_with_pytorch(name: str, reference: dict[str, Floats]) -> None:
    z, y = example(name, reference)
    delta = np.empty_like(z)
    LOSSES[name].delta(z, y, delta)
    loss = LOSSES[name].value(z, y)
    key, share = name, 1.0
    if name == "half_mse":
        key, share = "squares", 0.5 / len(z)
    elif name == "sigmoid_mse":
        pytest.skip("held against JAX below")
    assert loss == pytest.approx(share * float(reference[f"{key}/loss"]), rel=1e-12)
    np.testing.assert_allclose(delta, share * reference[f"{key}/grad"], rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_gradients_of_a_network_agree_with_jax(
    name: str, activation: str, reference: dict[str, Floats]
) -> None:
    net = Network([5, 8, 6, 3], activation, loss=name, dtype=np.float64)
    for layer in range(3):
        net.weights[layer][...] = reference[f"mlp/W{layer + 1}"]
        net.biases[layer][...] = reference[f"mlp/b{layer + 1}"]
    targets = reference[f"mlp/{TARGETS.get(name, 'Y_reg')}"]
    key = f"mlp/{activation}/{name}"
    close = {"rtol": 1e-10, "atol": 1e-14}
    loss = net.loss_and_gradients(reference["mlp/X"], targets)
    np.testing.assert_allclose(loss, reference[f"{key}/loss"], **close)
    for layer in range(3):
        for ours, part in (
            (net.weight_grads, "dW"),
            (net.bias_grads, "db"),
            (net.deltas, "delta"),
        ):
            np.testing.assert_allclose(ours[layer], reference[f"{key}/{part}{layer + 1}"], **close)


@pytest.mark.parametrize("name", LOSSES)
def test_delta_is_the_limit_of_differences(name: str, reference: dict[str, Floats]) -> None:
    z, y = example(name, reference)
    delta, h = np.empty_like(z), 1e-6
    LOSSES[name].delta(z, y, delta)
    for place in np.ndindex(z.shape):
        after, before = z.copy(), z.copy()
        after[place] += h
        before[place] -= h
        slope = (LOSSES[name].value(after, y) - LOSSES[name].value(before, y)) / (2 * h)
        assert delta[place] == pytest.approx(slope, abs=1e-8)


# -- guessing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("classes", [2, 3, 10])
def test_no_constant_output_costs_less_than_chance(name: str, classes: int) -> None:
    loss = LOSSES[name]
    if loss.has_one_output and classes == 2:
        y, middle = np.array([[0.0], [1.0]]), 0.0
    elif name == "binary_cross_entropy":
        pytest.skip("two classes only")
    else:
        y = np.eye(classes)
        middle = 1 / classes if name in MADE_FOR_VALUES else -math.log(classes - 1)
    chance = loss.chance(classes)
    assert chance is not None
    outputs = {middle, *np.linspace(-3, 3, 61)}
    costs = [float(loss.value(np.full(y.shape, z), y)) for z in outputs]
    assert min(costs) == pytest.approx(chance, rel=1e-9)
    assert min(costs) >= chance * (1 - 1e-9)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("softmax_cross_entropy", "ln 3"),
        ("binary_cross_entropy", "ln 2"),
        ("mse", "2/9"),
        ("half_mse", "1/3"),
        ("mae", "1/3"),
        ("huber", "1/9"),
        ("sigmoid_mse", "2/9"),
    ],
)
def test_chance_says_how_it_comes_about(name: str, text: str) -> None:
    loss = LOSSES[name]
    assert loss.chance_text(3) == text
    value = float(np.log(float(text[3:]))) if text.startswith("ln") else eval(text)
    assert loss.chance(3) == pytest.approx(value)


@pytest.mark.parametrize("name", MADE_FOR_VALUES)
def test_values_have_no_chance(name: str) -> None:
    assert LOSSES[name].chance(None) is None


# -- far from the target -------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1e2, 1e4, 1e30])
def test_softmax_does_not_overflow(scale: float) -> None:
    z = np.array([[scale, 0.0, -scale]], np.float32)
    loss = LOSSES["softmax_cross_entropy"]
    delta = np.empty_like(z)
    loss.delta(z, np.array([[0, 0, 1]], np.float32), delta)
    assert loss.value(z, np.array([[0, 0, 1]], np.float32)) == pytest.approx(2 * scale)
    np.testing.assert_allclose(delta, [[1, 0, -1]], atol=1e-6)


@pytest.mark.parametrize(("z", "y"), [(60.0, 1.0), (-60.0, 0.0)])
def test_binary_cross_entropy_keeps_its_tails(z: float, y: float) -> None:
    logit, target = np.array([[z]]), np.array([[y]])
    delta = np.empty_like(logit)
    LOSSES["binary_cross_entropy"].delta(logit, target, delta)
    assert LOSSES["binary_cross_entropy"].value(logit, target) == pytest.approx(
        math.exp(-60), rel=1e-9
    )
    assert abs(delta[0, 0]) == pytest.approx(math.exp(-60), rel=1e-9)


def test_a_wrong_and_certain_answer_is_pushed_back_at_full_strength() -> None:
    delta = np.empty((2, 1))
    LOSSES["binary_cross_entropy"].delta(np.array([[1e3], [-1e3]]), np.array([[0], [1.0]]), delta)
    np.testing.assert_allclose(delta, [[0.5], [-0.5]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_squared_error_of_a_sigmoid_gives_it_almost_nothing_but_not_0(dtype: type) -> None:
    z = np.array([[40.0], [40.0], [-40.0], [-40.0]], dtype)
    y = np.array([[0.0], [1.0], [0.0], [1.0]], dtype)
    delta = np.empty_like(z)
    LOSSES["sigmoid_mse"].delta(z, y, delta)
    wrong, right = 2 / 4 * math.exp(-40), 2 / 4 * math.exp(-80)
    np.testing.assert_allclose(delta, [[wrong], [-right], [right], [-wrong]], rtol=1e-5)


def test_mae_and_huber_are_bounded_and_mae_is_0_at_the_target() -> None:
    z, y = np.array([[5.0, -1e6, 1.0, 1.0625]]), np.array([[0.0, 0.0, 1.0, 1.0]])
    delta = np.empty_like(z)
    LOSSES["mae"].delta(z, y, delta)
    assert delta.tolist() == [[0.25, -0.25, 0.0, 0.25]]
    LOSSES["huber"].delta(z, y, delta)
    assert delta.tolist() == [[0.25, -0.25, 0.0, 0.015625]]
    assert LOSSES["huber"].value(z[:, :1], y[:, :1]) == 4.5


# -- what a training step relies on --------------------------------------------------------------


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_is_never_hidden(name: str, dtype: type) -> None:
    loss = LOSSES[name]
    for wrong in ("z", "y"):
        z, y = np.zeros((4, 3), dtype), np.eye(4, 3, dtype=dtype)
        (z if wrong == "z" else y)[1, 2] = np.nan
        delta = np.empty_like(z)
        loss.delta(z, y, delta)
        assert math.isnan(float(loss.value(z, y)))
        assert np.isnan(delta[1, 2])


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("far", [np.inf, -np.inf])
def test_an_infinite_output_that_is_wrong_costs_infinitely_much_or_all_there_is(
    name: str, far: float
) -> None:
    z, y = np.array([[far], [0.0]]), np.array([[0.0 if far > 0 else 1.0], [1.0]])
    cost = float(LOSSES[name].value(z, y))
    if name == "sigmoid_mse":
        assert cost == pytest.approx((1.0 + 0.25) / 2)
    else:
        assert not math.isfinite(cost)


@pytest.mark.parametrize("name", LOSSES)
def test_the_bound_calls_follow_the_contents_and_allocate_nothing(name: str) -> None:
    loss = LOSSES[name]
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(2, 400, 30)).astype(np.float32)
    y = (y > 0).astype(np.float32)
    prepared, delta = loss.prepare(y, 400), np.empty_like(z)
    mean, calls = loss.bind(z, prepared, delta)
    mean()
    run(calls)
    z *= -1
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    value = mean()
    run(calls)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most - before < 8_000
    fresh = np.empty_like(z)
    loss.delta(z, y, fresh)
    assert value == loss.value(z, y)
    assert delta.tobytes() == fresh.tobytes()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_lane_has_the_loss_of_its_batch_alone(name: str, dtype: type) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(2, 2, 7, 3)).astype(dtype)
    y = rng.integers(0, 2, (2, 2, 7, 3)).astype(dtype)
    loss = LOSSES[name]
    delta = np.empty_like(z)
    loss.delta(z, y, delta)
    together: Any = loss.value(z, y)
    for lane in np.ndindex(2, 2):
        alone = np.empty_like(z[lane])
        loss.delta(z[lane], y[lane], alone)
        assert loss.value(z[lane], y[lane]) == together[lane]
        assert alone.tobytes() == delta[lane].tobytes()


def test_predictions() -> None:
    z = np.array([[0.2, 1.5, -3.0], [4.0, 0.0, 0.0]])
    for name in LOSSES:
        if name != "binary_cross_entropy":
            assert LOSSES[name].predict(z).tolist() == [1, 0]
    for name in MADE_FOR_VALUES:
        assert LOSSES[name].predict(z[:, :1]).tolist() == [0.2, 4.0]
    for name in ("binary_cross_entropy", "sigmoid_mse"):
        assert LOSSES[name].predict(np.array([[-0.1], [0.1]])).tolist() == [0, 1]
