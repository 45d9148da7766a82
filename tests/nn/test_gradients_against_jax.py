"""Every activation with every loss, against gradients that JAX made in float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gradstudio.nn import ACTIVATIONS, LOSSES, Network
from gradstudio.nn.activations import leaky_relu

Arrays = dict[str, NDArray[np.float64]]
KEYS = {
    "leaky_relu": "leaky",
    "hard_tanh": "hardtanh",
    "lecun_tanh": "lecun",
}
LOSS_KEYS = {
    "softmax_cross_entropy": ("softmax_ce", "Y_onehot"),
    "binary_cross_entropy": ("sigmoid_bce", "Y_bin"),
    "mse": ("mse", "Y_reg"),
    "half_mse": ("half_mse_sum", "Y_reg"),
    "mae": ("mae", "Y_reg"),
    "huber": ("huber", "Y_reg"),
    "sigmoid_mse": ("sigmoid_mse", "Y_bin"),
}
CHOICES = [*ACTIVATIONS, leaky_relu(0.2)]


@pytest.fixture(scope="module")
def mlp() -> Arrays:
    """A network 5-8-6-3 with a batch of 7."""
    with np.load(Path(__file__).parents[1] / "reference" / "mlp.npz") as file:
        return dict(file)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", CHOICES, ids=str)
def test_loss_deltas_and_gradients_agree(activation: str, loss: str, mlp: Arrays) -> None:
    net = Network([5, 8, 6, 3], activation, loss=loss, dtype=np.float64)
    for layer in range(3):
        net.weights[layer][...] = mlp[f"W{layer + 1}"]
        net.biases[layer][...] = mlp[f"b{layer + 1}"]
    loss_key, targets = LOSS_KEYS[loss]
    value = net.loss_and_gradients(mlp["X"], mlp[targets])
    key = KEYS.get(activation, activation) if isinstance(activation, str) else "leaky0.2"
    close = {"rtol": 1e-10, "atol": 1e-14}
    np.testing.assert_allclose(value, mlp[f"{key}/{loss_key}/loss"], **close)
    for ours, name in ((net.weight_grads, "dW"), (net.bias_grads, "db"), (net.deltas, "delta")):
        for layer in range(3):
            theirs = mlp[f"{key}/{loss_key}/{name}{layer + 1}"]
            np.testing.assert_allclose(ours[layer], theirs, **close)
