"""A step allocates nothing once its calls are prepared."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from gradstudio.nn import ACTIVATIONS, LOSSES, OPTIMIZERS, LayerStructure, Network
from gradstudio.nn.arrays import run
from tests.nn.examples import drawn_batch, drawn_network

BYTES = 80_000
"""NumPy's own buffers, of at most 8,192 numbers. An array of the networks here, 256 samples of 100
units, has 102,400 bytes in single precision."""


def peak(act: Callable[[], object]) -> int:
    """Most bytes allocated at once while something is done, after it was done before."""
    for _ in range(3):
        act()
    tracemalloc.start()
    try:
        act()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        act()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def step_of(net: Network, optimizer: str) -> Callable[[], None]:
    net.flat[...] *= 0.1  # far from saturation, where a slope may take room to be exact
    net.round()
    net.loss_and_gradients(*drawn_batch(net, 256))
    batch = net.plan_in_use.own
    update = OPTIMIZERS[optimizer](net.flat.shape, net.dtype).update

    def step() -> None:
        with np.errstate(all="ignore"):
            run(batch.forward)
            batch.loss()
            run(batch.backward)
            run(batch.gradients)
            update(net.flat, net.flat_grads, 1e-6, momentum=0.9, weight_decay=0.01, clip_value=0.1)

    return step


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_no_activation_allocates(activation: str) -> None:
    assert peak(step_of(drawn_network([20, 100, 100, 4], activation), "sgd")) < BYTES


@pytest.mark.parametrize("loss", LOSSES)
def test_no_loss_allocates(loss: str) -> None:
    assert peak(step_of(drawn_network([20, 100, 100], loss=loss), "sgd")) < BYTES


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_optimizer_allocates(optimizer: str) -> None:
    assert peak(step_of(drawn_network([20, 100, 100, 4]), optimizer)) < BYTES


@pytest.mark.parametrize("normalisation", ["batch", "layer"])
@pytest.mark.parametrize("residual", ["plain", "scaled", "rezero", "fixup"])
def test_no_structure_allocates(normalisation: str, residual: str) -> None:
    structure = LayerStructure(normalisation, residual, 1, 0.2)
    assert peak(step_of(drawn_network([100, 100, 100, 4], structure=structure), "sgd")) < BYTES


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize("lanes", [(), (3,)])
def test_neither_precision_nor_lanes_allocate(dtype: type, lanes: tuple[int, ...]) -> None:
    net = drawn_network([20, 100, 100, 4], "relu", dtype=dtype, lanes=lanes)
    assert peak(step_of(net, "adam")) < BYTES
