from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradstudio.nn import ACTIVATIONS, LOSSES, LayerStructure, Network, gradcheck
from gradstudio.nn.complex_step import ANALYTIC, is_analytic
from gradstudio.nn.gradcheck import (
    GradientCheck,
    Verdict,
    check_network,
    check_parameter,
    float64_copy,
)
from gradstudio.nn.numerical import derivative
from gradstudio.nn.parameters import Parameter
from tests.nn.examples import drawn_batch, drawn_network

STRUCTURES = {
    "batch": LayerStructure("batch"),
    "layer, dropout, shortcut": LayerStructure("layer", "plain", 1, 0.3),
    "scaled": LayerStructure("none", "scaled"),
    "rezero": LayerStructure("batch", "rezero"),
    "two layers": LayerStructure("none", "fixup", 2),
}


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def outputs(loss: str) -> int:
    return 1 if LOSSES[loss].has_one_output else 3


@pytest.fixture(params=["complex step", "central differences"])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways; the second forced where the first would be taken."""
    if request.param == "central differences":
        monkeypatch.setattr(gradcheck, "is_analytic", lambda net: False)
    return str(request.param)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "huber"])
def test_backpropagation_agrees_to_nine_digits(activation: str, loss: str) -> None:
    net = drawn_network([4, 6, 5, outputs(loss)], activation, loss=loss, dtype=np.float64)
    found = check_network(net, *drawn_batch(net), rng=rng())
    assert found.passes
    assert found.worst_relative_error < 2e-9
    assert len(found.checks) == 18


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_can_be_checked(loss: str, method: str) -> None:
    net = drawn_network([4, 6, 5, outputs(loss)], "tanh", loss=loss)
    found = check_network(net, *drawn_batch(net), rng=rng())
    assert found.passes
    assert found.worst_relative_error < 2e-9
    is_smooth = loss not in ("mae", "huber")
    assert found.checks[0].method == (method if is_smooth else "central differences")


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_normalisation_dropout_and_shortcuts_can_be_checked(
    name: str, activation: str, method: str
) -> None:
    plain, structure = LayerStructure(), STRUCTURES[name]
    net = drawn_network(
        [5, 6, 6, 6, 6, 6, 3], activation, structure=[plain, plain, structure, plain, structure]
    )
    X, y = drawn_batch(net, 8)
    net.forward(X, y)
    net.draw_masks(rng())
    found = check_network(net, X, y, rng=rng(), each=2)
    assert found.passes
    assert found.count(Verdict.AGREES) > len(found.checks) / 2
    assert found.worst_relative_error < 1e-6
    kinds = {check.parameter.kind for check in found.checks}
    assert ("scales" in kinds) == structure.has_norm
    assert ("factors" in kinds) == structure.has_learnt_factor


def wrong_tanh() -> Network:
    """A network whose tanh takes 1 percent too much for its slope."""
    tanh = ACTIVATIONS["tanh"]

    def slope(z: np.ndarray, a: np.ndarray, out: np.ndarray, work: np.ndarray) -> None:
        tanh.slope(z, a, out, work)
        np.multiply(out, 1.01, out)

    return drawn_network([4, 6, 5, 3], replace(tanh, slope=slope))  # type: ignore[arg-type]


def test_a_wrong_slope_is_found(method: str) -> None:
    net = wrong_tanh()
    found = check_network(net, *drawn_batch(net), rng=rng())
    assert not found.passes
    assert found.count(Verdict.DIFFERS) == 12
    assert found.worst_relative_error == pytest.approx(1 - 1 / 1.01**2, rel=0.5)
    assert found.worst is not None
    assert found.worst.parameter.layer < 2
    assert found.worst.trusted_digits >= 8


def test_a_parameter_is_checked_and_named(method: str) -> None:
    net = drawn_network([4, 6, 3])
    X, y = drawn_batch(net)
    found = check_parameter(net, X, y, Parameter("weights", 0, (2, 5)))
    net.loss_and_gradients(X, y)
    assert found.parameter == Parameter("weights", 0, (2, 5))
    assert found.analytic == pytest.approx(net.weight_grads[0][2, 5], rel=1e-5)
    assert found.numerical == pytest.approx(found.analytic, rel=1e-9)
    assert found.method == method
    assert found.verdict is Verdict.AGREES


def vanishing() -> Network:
    net = drawn_network([4, *[6] * 10, 3], "sigmoid", dtype=np.float64)
    for W in net.weights[1:]:
        W *= 0.3
    return net


def test_a_vanished_gradient_is_checked_to_the_last_digits_by_a_complex_step() -> None:
    net = vanishing()
    found = check_network(net, *drawn_batch(net), rng=rng())
    assert min(abs(check.analytic) for check in found.checks) < 1e-10
    assert found.count(Verdict.AGREES) == len(found.checks)
    assert found.worst_relative_error < 1e-11


def test_differences_say_that_they_do_not_see_a_vanished_gradient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gradcheck, "is_analytic", lambda net: False)
    net = vanishing()
    X, y = drawn_batch(net)
    first = check_parameter(net, X, y, Parameter("weights", 0, (0, 0)))
    assert first.verdict is Verdict.TOO_SMALL
    assert first.trusted_digits < 3
    last = check_parameter(net, X, y, Parameter("weights", 10, (0, 0)))
    assert last.verdict is Verdict.AGREES
    assert last.trusted_digits >= 9
    assert check_network(net, X, y, rng=rng()).passes


def test_a_relu_at_0_is_a_kink_and_no_error() -> None:
    net = drawn_network([2, 3, 2], "relu", dtype=np.float64)
    net.biases[0].fill(0.0)
    X, y = np.zeros((1, 2)), np.eye(2)[:1]
    net.loss_and_gradients(X, y)
    found = check_parameter(net, X, y, Parameter("biases", 0, (1,)))
    assert found.verdict is Verdict.KINK
    assert found.analytic == 0
    assert found.numerical != 0
    whole = check_network(net, X, y, rng=rng())
    assert whole.passes
    assert whole.count(Verdict.KINK) == 3
    assert whole.worst_relative_error < 1e-9


def test_a_wrong_gradient_at_a_kink_is_an_error() -> None:
    relu = ACTIVATIONS["relu"]

    def slope(z: np.ndarray, a: np.ndarray, out: np.ndarray, work: np.ndarray) -> None:
        out.fill(3.0)

    net = drawn_network([2, 3, 2], replace(relu, slope=slope), dtype=np.float64)  # type: ignore[arg-type]
    net.biases[0].fill(0.0)
    found = check_parameter(net, np.zeros((1, 2)), np.eye(2)[:1], Parameter("biases", 0, (1,)))
    assert found.verdict is Verdict.DIFFERS


def test_a_kink_near_by_does_not_disturb() -> None:
    net = drawn_network([1, 1, 1], "relu", loss="mse", dtype=np.float64)
    net.weights[0].fill(1.0)
    net.biases[0].fill(1e-5)
    found = check_parameter(net, [[0.0]], [[3.0]], Parameter("biases", 0, (0,)))
    assert found.verdict is Verdict.AGREES
    assert found.relative_error < 1e-9


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_network_itself_is_left_alone(dtype: type) -> None:
    net = drawn_network([4, 6, 6, 3], dtype=dtype, structure=LayerStructure("batch", dropout=0.3))
    X, y = drawn_batch(net)
    net.loss_and_gradients(X, y)
    arrays = (net.flat, net.flat_grads, *net.z, *net.a, *net.deltas)
    before = [array.copy() for array in arrays]
    plan = net.plan_in_use
    check_network(net, X[:5], y[:5], rng=rng())
    assert net.plan_in_use is plan
    for array, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_the_copy_keeps_the_dropout_masks() -> None:
    net = drawn_network([4, 50, 3], dtype=np.float32, structure=LayerStructure(dropout=0.5))
    X, y = drawn_batch(net)
    net.forward(X, y)
    net.draw_masks(rng())
    loss = net.forward(X, y)
    copy = float64_copy(net, len(X))
    assert copy.forward(X, y) == pytest.approx(loss, rel=1e-5)
    np.testing.assert_array_equal(copy.outputs[0] == 0, net.outputs[0] == 0)
    assert GradientCheck(net, X, y).loss == pytest.approx(loss, rel=1e-5)


def test_what_cannot_be_checked_is_refused() -> None:
    net = drawn_network([4, 6, 3])
    X, y = drawn_batch(net)
    for place in (("weights", 0, (4, 0)), ("weights", 0, (0,)), ("biases", 2, (0,))):
        with pytest.raises(IndexError, match="does not exist"):
            check_parameter(net, X, y, Parameter(*place))
    with pytest.raises(IndexError, match="'gammas' is not one of weights"):
        check_parameter(net, X, y, Parameter("gammas", 0, (0,)))
    net.weights[0][0, 0] = np.nan
    with pytest.raises(ValueError, match="loss of nan"):
        check_parameter(net, X, y, Parameter("weights", 0, (1, 0)))
    lanes = drawn_network([4, 6, 3], lanes=(2,))
    with pytest.raises(ValueError, match="without lanes"):
        check_network(lanes, X, y, rng=rng())


def test_nothing_to_compare_has_no_worst_error() -> None:
    net = Network([2, 2], dtype=np.float64)
    found = check_network(net, *drawn_batch(net), rng=rng(), each=0)
    assert found.worst is None
    assert math.isnan(found.worst_relative_error)


def test_only_analytic_networks_take_a_complex_step() -> None:
    for name in ACTIVATIONS:
        net = drawn_network([4, 6, 5, 3], ["tanh", name])
        assert is_analytic(net) == (name in ANALYTIC) == (not ACTIVATIONS[name].kinks)


FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "exp": (math.exp, math.exp),
    "sin": (lambda x: math.sin(40 * x), lambda x: 40 * math.cos(40 * x)),
    "tanh": (lambda x: 5 + math.tanh(9 * x), lambda x: 9 / math.cosh(9 * x) ** 2),
    "cubic": (lambda x: x**3 - x, lambda x: 3 * x * x - 1),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(at=st.floats(-2, 2))
def test_a_derivative_is_no_farther_off_than_its_error_says(name: str, at: float) -> None:
    f, slope = FUNCTIONS[name]
    found = derivative(f, at, 1.0)
    assert abs(found.value - slope(at)) <= 3 * found.error
    assert found.error <= 1e-8
    assert not found.has_kink


@given(at=st.floats(-2, 2), bend=st.floats(-3, 3), jump=st.sampled_from([1e-3, 0.5, -2.0]))
def test_a_corner_has_two_sides(at: float, bend: float, jump: float) -> None:
    def f(x: float) -> float:
        return bend * x * x + (jump * (x - at) if x > at else 0.0)

    found = derivative(f, at, 1.0)
    assert found.has_kink
    assert found.left == pytest.approx(2 * bend * at, abs=found.one_sided_error)
    assert found.right == pytest.approx(2 * bend * at + jump, abs=found.one_sided_error)


def test_steps_into_what_is_not_finite_are_left_out() -> None:
    def f(x: float) -> float:
        return math.log(x) if x > 0 else math.nan

    assert derivative(f, 0.01, 1.0).value == pytest.approx(100.0, rel=1e-9)
    assert math.isnan(derivative(lambda x: math.nan, 0.0, 1.0).value)
