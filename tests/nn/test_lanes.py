"""Networks side by side: each lane has the bits it would have alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.network import Network
from gradstudio.nn.structure import NORMALISATIONS, RESIDUALS, LayerStructure
from tests.nn.examples import drawn_batch


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_lane_has_the_bits_of_the_network_alone(data: st.DataObject) -> None:
    draw = data.draw
    width = draw(st.integers(1, 40))
    hidden = draw(st.integers(1, 4))
    widths = (
        [width] * hidden
        if draw(st.booleans())
        else [draw(st.integers(1, 40)) for _ in range(hidden)]
    )
    loss = draw(st.sampled_from(tuple(LOSSES)))
    dtype = draw(st.sampled_from((np.float32, np.float64, np.float16)))
    structure = LayerStructure(
        draw(st.sampled_from(tuple(NORMALISATIONS))), "none", 1, draw(st.sampled_from((0.0, 0.5)))
    )
    structures = [structure] * hidden
    if hidden > 1 and widths[-1] == widths[-2]:
        residual = draw(st.sampled_from(tuple(RESIDUALS)))
        structures[-1] = LayerStructure(structure.normalisation, residual, 1, structure.dropout)
    activations = [draw(st.sampled_from(tuple(ACTIVATIONS))) for _ in range(hidden)]
    sizes = [draw(st.integers(1, 12)), *widths, draw(st.integers(1, 5))]
    settings = {"loss": loss, "dtype": dtype, "structure": structures}
    lanes = draw(st.sampled_from(((3,), (2, 2))))
    net = Network(sizes, activations, lanes=lanes, **settings)
    net.flat[...] = np.random.default_rng(1).normal(0, 0.6, net.flat.shape)
    X, y = drawn_batch(net, draw(st.integers(1, 20)))
    net.forward(X, y)
    net.draw_masks(np.random.default_rng(2))
    losses = net.loss_and_gradients(X, y)
    for lane in np.ndindex(lanes):
        alone = Network(sizes, activations, **settings)
        alone.flat[...] = net.flat[lane]
        alone.forward(X, y)
        alone.draw_masks(np.random.default_rng(2))
        assert np.array_equal(alone.loss_and_gradients(X, y), losses[lane], equal_nan=True)
        np.testing.assert_array_equal(alone.flat_grads, net.flat_grads[lane])
        for mine, theirs in zip(alone.deltas, net.deltas, strict=True):
            np.testing.assert_array_equal(mine, theirs[lane])


def test_lanes_can_have_batches_of_their_own() -> None:
    net = Network([3, 5, 2], lanes=(2,), dtype=np.float64)
    net.flat[...] = np.random.default_rng(0).normal(size=net.parameter_count)
    X = np.random.default_rng(1).normal(size=(2, 6, 3))
    y = np.broadcast_to(np.eye(2)[[0, 1, 0, 1, 1, 0]], (2, 6, 2))
    losses = net.loss_and_gradients(X, y)
    assert losses.shape == (2,)
    assert losses[0] != losses[1]
    same = net.loss_and_gradients(X[0], y[0])
    assert same[0] == same[1] == losses[0]
