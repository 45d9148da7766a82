"""Normalisation, dropout and shortcuts: exact gradients, and what they do to the signal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradstudio.nn.network import Network
from gradstudio.nn.non_finite import first_non_finite
from gradstudio.nn.structure import (
    NORMALISATIONS,
    PLAIN,
    RESIDUALS,
    LayerStructure,
    fixup_scales,
)
from tests.nn.examples import drawn_batch, drawn_network

SMOOTH = ("tanh", "sigmoid", "linear")


def worst_gradient_error(net: Network, X: np.ndarray, y: np.ndarray) -> float:
    """Largest distance of an analytic gradient from the central difference."""
    net.loss_and_gradients(X, y)
    analytic = net.flat_grads.copy()
    h, worst = 1e-6, 0.0
    for i in range(net.parameter_count):
        kept = net.flat[i]
        net.flat[i] = kept + h
        after = net.forward(X, y)
        net.flat[i] = kept - h
        before = net.forward(X, y)
        net.flat[i] = kept
        worst = max(worst, abs(analytic[i] - (after - before) / (2 * h)))
    return worst


@st.composite
def structured_networks(draw: st.DrawFn) -> Network:
    hidden = draw(st.integers(1, 5))
    width = draw(st.integers(1, 5))
    structures = []
    for layer in range(hidden):
        residual = draw(st.sampled_from(tuple(RESIDUALS)))
        structures.append(
            LayerStructure(
                draw(st.sampled_from(tuple(NORMALISATIONS))),
                residual if layer or residual == "none" else "none",
                draw(st.integers(1, max(layer, 1))),
                draw(st.sampled_from((0.0, 0.0, 0.4))),
            )
        )
    activations = [draw(st.sampled_from(SMOOTH)) for _ in range(hidden)]
    return drawn_network(
        [3, *[width] * hidden, 2], activations, dtype=np.float64, structure=structures
    )


@settings(max_examples=60, deadline=None)
@given(structured_networks(), st.integers(2, 9))
def test_gradients_of_any_structure_are_the_limit_of_differences(net: Network, batch: int) -> None:
    X, y = drawn_batch(net, batch)
    net.forward(X, y)
    net.draw_masks(np.random.default_rng(1))
    # a normalised unit that is almost constant over the batch has a slope of up to 1 / sqrt(eps)
    assert worst_gradient_error(net, X, y) < 2e-6


@pytest.mark.parametrize("residual", [name for name in RESIDUALS if name != "none"])
@pytest.mark.parametrize("span", [1, 2])
def test_a_shortcut_can_begin_at_the_input(residual: str, span: int) -> None:
    structures = [LayerStructure()] * (span - 1) + [LayerStructure("none", residual, span)]
    net = drawn_network([4] * (span + 1) + [3], "tanh", dtype=np.float64, structure=structures)
    X, y = drawn_batch(net)
    assert worst_gradient_error(net, X, y) < 1e-8


def test_batch_normalisation_gives_every_unit_mean_0_and_variance_1() -> None:
    net = drawn_network([3, 6, 2], dtype=np.float64, structure=LayerStructure("batch"))
    net.scales[0][...], net.shifts[0][...] = 1.0, 0.0
    net.forward(*drawn_batch(net, 40))
    u = net.plan_in_use.layers[0].u
    np.testing.assert_allclose(u.mean(axis=0), 0.0, atol=1e-12)
    variance = net.z[0].var(axis=0)
    np.testing.assert_allclose(u.var(axis=0), variance / (variance + 1e-5))


def test_layer_normalisation_gives_every_sample_mean_0_and_variance_1() -> None:
    net = drawn_network([3, 6, 2], dtype=np.float64, structure=LayerStructure("layer"))
    net.scales[0][...], net.shifts[0][...] = 1.0, 0.0
    X, y = drawn_batch(net, 8)
    net.forward(X, y)
    u = net.plan_in_use.layers[0].u
    np.testing.assert_allclose(u.mean(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(u.var(axis=1), 1.0, rtol=1e-3)
    np.testing.assert_allclose(net.output(X), net.z[-1], rtol=1e-12)


def test_a_normalised_network_ignores_the_size_of_its_weights() -> None:
    net = drawn_network([3, 6, 2], dtype=np.float64, structure=LayerStructure("batch"))
    X, y = drawn_batch(net, 20)
    before = net.loss_and_gradients(X, y)
    delta = np.linalg.norm(net.deltas[0])
    net.weights[0][...] *= 100
    assert net.loss_and_gradients(X, y) == pytest.approx(before, abs=1e-3)
    assert np.linalg.norm(net.deltas[0]) == pytest.approx(delta / 100, rel=1e-2)


def test_evaluation_uses_the_running_statistics_of_batches() -> None:
    net = drawn_network([3, 6, 2], dtype=np.float64, structure=LayerStructure("batch"))
    X, y = drawn_batch(net, 400)
    net.forward(X, y)
    np.testing.assert_allclose(net.output(X), net.z[-1], rtol=1e-12)  # none yet: those of X
    net.statistics.update()
    z = net.z[0].copy()
    np.testing.assert_allclose(net.statistics.mean[0], z.mean(axis=0))
    np.testing.assert_allclose(net.statistics.variance[0], z.var(axis=0, ddof=1))
    single = np.concatenate([net.output(X[i : i + 1]) for i in range(len(X))])
    np.testing.assert_allclose(single, net.output(X), rtol=1e-10, atol=1e-12)
    kept = net.statistics.state()
    net.forward(X + 5, y)
    net.statistics.update()
    assert not np.allclose(net.statistics.mean[0], z.mean(axis=0))
    net.statistics.restore(kept)
    np.testing.assert_allclose(net.statistics.mean[0], z.mean(axis=0))


def test_dropout_silences_its_share_and_keeps_the_mean() -> None:
    net = drawn_network([3, 50, 2], dtype=np.float64, structure=LayerStructure(dropout=0.3))
    X, y = drawn_batch(net, 200)
    net.forward(X, y)
    np.testing.assert_array_equal(net.outputs[0], net.a[0])  # no mask drawn yet
    net.draw_masks(np.random.default_rng(0))
    net.forward(X, y)
    kept = net.outputs[0] != 0
    assert kept.mean() == pytest.approx(0.7, abs=0.02)
    np.testing.assert_allclose(net.outputs[0][kept], net.a[0][kept] / 0.7)
    np.testing.assert_allclose(net.output(X[:1]).shape, (1, 2))


def test_rezero_starts_as_the_identity_and_passes_the_whole_gradient() -> None:
    depth = 30
    net = Network(
        [6] * (depth + 1) + [2],
        "relu",
        dtype=np.float64,
        structure=LayerStructure("none", "rezero"),
    )
    rng = np.random.default_rng(0)
    for W in net.weights:
        W[...] = rng.normal(0, 0.3, W.shape)
    X, y = drawn_batch(net)
    net.loss_and_gradients(X, y)
    np.testing.assert_array_equal(net.outputs[depth - 1], X)
    assert all(np.abs(net.factor_grads[layer]) > 0 for layer in range(depth))
    assert all(not net.deltas[layer].any() for layer in range(depth))


@pytest.mark.parametrize(
    ("residual", "low", "high"), [("plain", 2**9.5, 2**10.5), ("scaled", 2.3, 3.0)]
)
def test_branches_grow_the_variance_as_theory_says(residual: str, low: float, high: float) -> None:
    # a branch W2 relu(W1 x) that keeps the variance doubles it when x is added: 2^10 after ten;
    # divided by the root of their number they grow it by (1 + 1/10)^10 = 2.59
    branches, width = 10, 512
    structures = [LayerStructure(), LayerStructure("none", residual, 2)] * branches
    net = Network(
        [width] * (2 * branches + 1) + [2],
        ["relu", "linear"] * branches,
        dtype=np.float64,
        structure=structures,
    )
    rng = np.random.default_rng(5)
    for layer, W in enumerate(net.weights):
        W[...] = rng.normal(0, np.sqrt((2 - layer % 2) / width), W.shape)
    X = rng.normal(size=(64, width))
    net.forward(X, np.eye(2)[rng.integers(0, 2, 64)])
    assert low < net.outputs[-2].var() / X.var() < high


def test_fixup_makes_the_branches_small_at_the_start() -> None:
    structures = [LayerStructure(), LayerStructure(), LayerStructure("none", "fixup", 3)] * 4
    scales = fixup_scales(structures)
    assert [scales[i] for i in range(3)] == [4**-0.25, 4**-0.25, 0.0]
    assert len(scales) == 12
    assert fixup_scales([LayerStructure("none", "fixup")]) == {0: 0.0}


@pytest.mark.parametrize(
    ("structure", "spoil", "operation"),
    [
        (LayerStructure("layer"), lambda net: net.scales[1].fill(np.inf), "normalisation"),
        (LayerStructure("none", "rezero"), lambda net: net.factors[1].fill(np.nan), "shortcut"),
    ],
)
def test_the_first_value_that_is_not_finite_is_named(
    structure: LayerStructure, spoil: Callable[[Network], object], operation: str
) -> None:
    net = drawn_network([3, 6, 6, 2], "linear", structure=[LayerStructure(), structure])
    X, y = drawn_batch(net, 8)
    spoil(net)
    loss = net.loss_and_gradients(X, y)
    found = first_non_finite(net, loss)
    assert found is not None
    assert (found.operation, found.layer_index) == (operation, 1)


@pytest.mark.parametrize("name", ["scale_grads", "shift_grads", "factor_grads"])
def test_a_gradient_of_what_a_layer_learns_beside_is_looked_at_too(name: str) -> None:
    net = drawn_network([3, 6, 6, 2], structure=[PLAIN, LayerStructure("batch", "fixup")])
    X, y = drawn_batch(net, 8)
    loss = net.loss_and_gradients(X, y)
    assert first_non_finite(net, loss) is None
    getattr(net, name)[1][..., -1] = np.inf
    found = first_non_finite(net, loss)
    assert found is not None and found.layer_index == 1
    assert found.operation == ("shortcut" if name == "factor_grads" else "normalisation")


@pytest.mark.parametrize(
    ("sizes", "structure", "words"),
    [
        ([3, 4, 2], [LayerStructure("none", "plain")], "3 units of the input to 4"),
        (
            [3, 4, 5, 2],
            [LayerStructure(), LayerStructure("none", "plain")],
            "4 units of layer 1",
        ),
        ([3, 3, 2], [LayerStructure("none", "plain", 2)], "at most 1"),
    ],
)
def test_a_shortcut_that_does_not_fit_is_refused(
    sizes: list[int], structure: list[LayerStructure], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Network(sizes, structure=structure)


@pytest.mark.parametrize(
    "wrong", [{"normalisation": "group"}, {"residual": "dense"}, {"span": 0}, {"dropout": 1.0}]
)
def test_an_impossible_structure_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LayerStructure(**wrong)
