from __future__ import annotations

import math

import numpy as np
import pytest

from gradstudio.nn.losses import LOSSES


def example(name: str, reference: dict) -> tuple[np.ndarray, np.ndarray]:
    z = reference["losses/logits"]
    if name == "softmax_cross_entropy":
        return z, np.eye(z.shape[1])[reference["losses/classes"].astype(int)]
    return z, reference["losses/target" if name == "mse" else "losses/binary"]


@pytest.mark.parametrize("name", LOSSES)
def test_value_and_delta_agree_with_pytorch(name: str, reference: dict) -> None:
    z, y = example(name, reference)
    delta = np.empty_like(z)
    LOSSES[name].delta(z, y, delta)
    loss = LOSSES[name].value(z, y)
    assert loss == pytest.approx(float(reference[f"losses/{name}/loss"]), rel=1e-12)
    np.testing.assert_allclose(delta, reference[f"losses/{name}/grad"], rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize("name", LOSSES)
def test_delta_is_the_limit_of_differences(name: str, reference: dict) -> None:
    z, y = example(name, reference)
    delta, h = np.empty_like(z), 1e-6
    LOSSES[name].delta(z, y, delta)
    for place in [(0, 0), (2, 3), (5, 1)]:
        after, before = z.copy(), z.copy()
        after[place] += h
        before[place] -= h
        slope = (LOSSES[name].value(after, y) - LOSSES[name].value(before, y)) / (2 * h)
        assert delta[place] == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_logits_of_0_cost_the_log_of_the_number_of_classes(classes: int) -> None:
    loss = LOSSES["softmax_cross_entropy"]
    value = loss.value(np.zeros((6, classes)), np.eye(classes)[np.zeros(6, int)])
    assert value == pytest.approx(math.log(classes), rel=1e-12)
    assert loss.chance(classes) == pytest.approx(value, rel=1e-12)


def test_logits_of_0_cost_ln_2_in_binary_cross_entropy() -> None:
    loss = LOSSES["binary_cross_entropy"]
    assert loss.value(np.zeros((4, 1)), np.eye(4)[:, :1]) == pytest.approx(math.log(2), rel=1e-12)
    assert loss.chance(2) == pytest.approx(math.log(2))
    assert LOSSES["mse"].chance(None) is None


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


def test_predictions() -> None:
    z = np.array([[0.2, 1.5, -3.0], [4.0, 0.0, 0.0]])
    assert LOSSES["softmax_cross_entropy"].predict(z).tolist() == [1, 0]
    assert LOSSES["mse"].predict(z).tolist() == [1, 0]
    assert LOSSES["mse"].predict(z[:, :1]).tolist() == [0.2, 4.0]
    assert LOSSES["binary_cross_entropy"].predict(np.array([[-0.1], [0.1]])).tolist() == [0, 1]
