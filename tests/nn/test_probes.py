from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gradstudio.nn.network import Network
from gradstudio.nn.norms import FEW, LayerNorms, safe_norm
from gradstudio.nn.probes import (
    PROBES,
    NonFinite,
    Price,
    Quantity,
    delta_rms,
    first_non_finite,
    histograms_of,
    measure,
    weight_grad_norms,
    weight_norms,
)
from gradstudio.nn.signal import activation_means, activation_spreads, rms
from tests.nn.examples import drawn_batch, drawn_network

SIZES = {"one buffer": (3, 40), "row by row": (3, FEW)}


@pytest.mark.parametrize("lanes", [(), (2,), (2, 3)])
@pytest.mark.parametrize("sizes", [[3, 5, 5, 5, 2], [8, 60, 60, 60, 3]])
def test_quantities_have_their_definitions(sizes: list[int], lanes: tuple[int, ...]) -> None:
    net = drawn_network(sizes, lanes=lanes, dtype=np.float64)
    batch = 9
    net.loss_and_gradients(*drawn_batch(net, batch))
    for layer in range(net.layer_count):
        W, dW = net.weights[layer], net.weight_grads[layer]
        per_sample = net.deltas[layer] * batch
        exact = {"rtol": 1e-12}
        np.testing.assert_allclose(
            weight_norms(net)[..., layer], np.sqrt((W**2).sum((-2, -1))), **exact
        )
        np.testing.assert_allclose(
            weight_grad_norms(net)[..., layer], np.sqrt((dW**2).sum((-2, -1))), **exact
        )
        np.testing.assert_allclose(
            delta_rms(net)[..., layer], np.sqrt((per_sample**2).mean((-2, -1))), **exact
        )


def test_delta_rms_does_not_depend_on_the_batch_size() -> None:
    net = drawn_network([3, 6, 2])
    X, y = drawn_batch(net, 5)
    net.loss_and_gradients(X, y)
    once = delta_rms(net)
    net.loss_and_gradients(np.tile(X, (4, 1)), np.tile(y, (4, 1)))
    np.testing.assert_allclose(delta_rms(net), once, rtol=1e-6)


@pytest.mark.parametrize("shape", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(
    ("dtype", "value"),
    [(np.float32, f"1e{n}") for n in (-44, -25, -20, 0, 18, 30, 36)]
    + [(np.float64, f"1e{n}") for n in (-300, -200, 0, 200, 300)],
)
def test_a_norm_neither_underflows_nor_overflows(
    dtype: type, value: str, shape: tuple[int, int]
) -> None:
    rows = np.ones(shape, dtype)
    rows[1] = dtype(value)
    norms = LayerNorms([rows])
    with np.errstate(over="ignore"):
        norms.measure()
    expected = float(rows[1, 0]) * np.sqrt(shape[1])
    np.testing.assert_allclose(norms.norms, [np.sqrt(shape[1]), expected, np.sqrt(shape[1])], 1e-5)


@pytest.mark.parametrize("shape", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_zero_infinity_and_nan_stay_what_they_are(bad: float, shape: tuple[int, int]) -> None:
    rows = np.ones(shape, np.float32)
    rows[0] = 0.0
    rows[1, 7] = bad
    norms = LayerNorms([rows])
    assert not norms.measure()
    assert norms.norms[0] == 0.0
    np.testing.assert_array_equal(norms.norms[1], abs(bad))
    assert norms.norms[2] == pytest.approx(np.sqrt(shape[1]))


def test_safe_norm() -> None:
    assert safe_norm(np.array([3e-200, 4e-200])) == pytest.approx(5e-200)
    assert safe_norm(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert safe_norm(np.zeros(3)) == 0.0
    assert safe_norm(np.empty(0)) == 0.0


def test_a_vanished_gradient_is_measured_and_not_taken_for_0() -> None:
    net = drawn_network([4, *[6] * 20, 3], "tanh")
    for W in net.weights[1:]:
        W *= 0.02
    with np.errstate(under="ignore"):
        net.loss_and_gradients(*drawn_batch(net))
    deltas, gradients = delta_rms(net), weight_grad_norms(net)
    assert 0 < deltas[0] < 1e-22
    assert 0 < gradients[0] < 1e-22
    assert deltas[0] == pytest.approx(np.sqrt(np.mean((7 * net.deltas[0].astype(float)) ** 2)))


def _break_weights(net: Network) -> None:
    net.weights[1][2, 1] = np.nan


def _break_bias(net: Network) -> None:
    net.biases[2][3] = np.inf


def _break_product(net: Network) -> None:
    net.z[1][4, 2] = -np.inf


def _break_activation(net: Network) -> None:
    net.a[0][2, 3] = np.nan


def _break_delta(net: Network) -> None:
    net.deltas[1][6, 0] = np.nan
    net.deltas[0][0, 0] = np.nan


def _break_gradient(net: Network) -> None:
    net.weight_grads[0][1, 4] = np.inf


def _break_bias_gradient(net: Network) -> None:
    net.bias_grads[2][1] = np.nan


BREAKS: list[tuple[Callable[[Network], None], NonFinite]] = [
    (_break_weights, NonFinite(1, "weights", 1)),
    (_break_bias, NonFinite(2, "weights", 3)),
    (_break_product, NonFinite(1, "matrix product", 2, 4)),
    (_break_activation, NonFinite(0, "activation", 3, 2)),
    (_break_delta, NonFinite(1, "delta", 0, 6)),
    (_break_gradient, NonFinite(0, "weight gradient", 4)),
    (_break_bias_gradient, NonFinite(2, "weight gradient", 1)),
]


@pytest.mark.parametrize(
    ("damage", "place"), BREAKS, ids=[damage.__name__[7:] for damage, _ in BREAKS]
)
def test_the_first_bad_value_is_found(damage: Callable[[Network], None], place: NonFinite) -> None:
    net = drawn_network([3, 5, 5, 4])
    loss = net.loss_and_gradients(*drawn_batch(net))
    assert first_non_finite(net, loss) is None
    damage(net)
    assert first_non_finite(net, loss) == place


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_found(loss: float) -> None:
    net = drawn_network([3, 5, 5, 4])
    net.loss_and_gradients(*drawn_batch(net))
    _break_delta(net)
    assert first_non_finite(net, loss) == NonFinite(2, "loss")


def test_nan_in_the_weights_reaches_loss_and_gradients() -> None:
    for activation in ("relu", "leaky_relu", "tanh", "sigmoid"):
        net = drawn_network([3, 5, 5, 4], activation)
        net.weights[1][2, 1] = np.nan
        loss = net.loss_and_gradients(*drawn_batch(net))
        assert np.isnan(loss)
        assert first_non_finite(net, loss) == NonFinite(1, "weights", 1)


def test_activations_have_a_mean_and_a_spread() -> None:
    net = drawn_network([3, 5, 4, 2], lanes=(2,))
    net.forward(*drawn_batch(net))
    for layer in (0, 1):
        a = net.a[layer].astype(np.float64)
        np.testing.assert_allclose(activation_means(net)[..., layer], a.mean((-1, -2)))
        np.testing.assert_allclose(activation_spreads(net)[..., layer], a.std((-1, -2)))


@pytest.mark.parametrize("value", [0.0, 1e-300, 1.0, 1e300, np.inf, np.nan])
def test_a_root_mean_square_is_right_at_any_size(value: float) -> None:
    x = np.ones((2, 3, 4))
    x[1] = value
    np.testing.assert_allclose(rms(x), [1.0, value], rtol=1e-15)


@pytest.mark.parametrize("lanes", [(), (2,)])
@pytest.mark.parametrize("sizes", [[4, 3], [4, 6, 5, 3]])
@pytest.mark.parametrize("name", PROBES)
def test_every_probe_measures_a_batch_and_changes_nothing(
    name: str, sizes: list[int], lanes: tuple[int, ...]
) -> None:
    net = drawn_network(sizes, lanes=lanes)
    X, y = drawn_batch(net)
    net.loss_and_gradients(X, y)
    before = [x.copy() for x in (net.flat, net.flat_grads, *net.z, *net.a, *net.deltas)]
    assert measure(name, net, X) is not None
    after = (net.flat, net.flat_grads, *net.z, *net.a, *net.deltas)
    for x, old in zip(after, before, strict=True):
        np.testing.assert_array_equal(x, old)


@pytest.mark.parametrize("name", PROBES)
def test_every_probe_says_what_it_is_for_and_what_it_costs(name: str) -> None:
    probe = PROBES[name]
    assert probe.name == name
    assert probe.label
    assert probe.says.endswith(".")
    one, two = drawn_network([4, 60, 30, 2]), drawn_network([4, 60, 30, 2], lanes=(2,))
    price = probe.price(one, 8)
    assert price.operations > 0
    assert price.traffic > 0
    assert probe.price(two, 8) == Price(2 * price.operations, 2 * price.traffic)


def test_every_quantity_is_counted_for_every_layer() -> None:
    net = drawn_network([4, 6, 5, 3], "relu")
    net.loss_and_gradients(*drawn_batch(net))
    layers: list[tuple[Quantity, list[int]]] = [
        ("weights", [24, 30, 15]),
        ("weight_grads", [24, 30, 15]),
        ("pre_activations", [42, 35, 21]),
        ("activation_inputs", [42, 35]),
        ("activations", [42, 35]),
        ("deltas", [42, 35, 21]),
    ]
    for quantity, sizes in layers:
        assert histograms_of(net, quantity).size.tolist() == sizes
    for layer in (0, 1):
        zeros = histograms_of(net, "activations").zero[layer]
        assert zeros == np.count_nonzero(net.a[layer] == 0) > 0
    largest = histograms_of(net, "deltas").magnitudes.quantile(1.0)
    for layer in range(3):
        assert 1 / 1.5 < largest[layer, 0] / (7 * np.abs(net.deltas[layer]).max()) < 1.5


def test_a_probe_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="'weather' is not one of weight_norm"):
        measure("weather", drawn_network([2, 2]), np.zeros((1, 2)))
