from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gradstudio.nn import LayerStructure, Network
from gradstudio.nn.paths import path, typical_path, unit_step, worst_path
from tests.nn.examples import drawn_batch, drawn_network


def after_a_batch(structure: LayerStructure | None = None) -> Network:
    net = drawn_network(
        [3, 5, 4, 3], "sigmoid", dtype=np.float64, structure=structure or LayerStructure()
    )
    net.loss_and_gradients(*drawn_batch(net, 6))
    return net


def test_the_delta_of_a_unit_is_its_slope_times_the_sum_of_its_terms() -> None:
    net = after_a_batch()
    for layer, unit, sample in product(range(2), range(4), range(6)):
        step = unit_step(net, layer, unit, sample)
        assert step.delta == pytest.approx(6 * net.deltas[layer][sample, unit], rel=1e-13)
        assert step.slope * step.passed == pytest.approx(step.delta, rel=1e-12)
        assert step.rest == pytest.approx(1, rel=1e-12)
        k = int(step.largest(1)[0])
        assert abs(step.terms[k]) == np.abs(step.terms).max()
        above = 6 * net.deltas[layer + 1][sample, k]
        assert step.terms[k] == pytest.approx(net.weights[layer + 1][unit, k] * above, rel=1e-14)


def test_largest_terms_come_by_size_and_end_with_the_layer() -> None:
    step = unit_step(after_a_batch(), 0, 2, 1)
    order = step.largest(9)
    assert sorted(order) == list(range(4))
    assert np.all(np.diff(np.abs(step.terms[order])) <= 0)


def test_what_a_normalisation_makes_of_a_unit_is_the_rest() -> None:
    step = unit_step(after_a_batch(LayerStructure("batch")), 1, 0, 0)
    assert abs(step.rest - 1) > 1e-3
    assert step.slope * step.passed * step.rest == pytest.approx(step.delta, rel=1e-12)


def test_a_unit_that_gets_nothing_has_no_rest() -> None:
    net = drawn_network([3, 5, 4, 3], "relu", dtype=np.float64)
    net.biases[0].fill(-100.0)
    net.loss_and_gradients(*drawn_batch(net))
    step = unit_step(net, 0, 1, 0)
    assert step.slope == step.delta == 0
    assert np.isnan(step.rest)


def test_all_paths_together_are_the_delta() -> None:
    net = after_a_batch()
    total = sum(path(net, [2, j, k], 3).contribution for j in range(4) for k in range(3))
    assert total == pytest.approx(6 * net.deltas[0][3, 2], rel=1e-12)


def test_the_worst_path_follows_the_largest_terms() -> None:
    net = after_a_batch()
    units = worst_path(net, 2).units
    assert units[2] == np.abs(net.deltas[2][2]).argmax()
    assert units[1] == np.abs(net.weights[2][:, units[2]]).argmax()
    assert units[0] == np.abs(net.weights[1][:, units[1]]).argmax()


def test_a_path_can_go_through_a_chosen_unit() -> None:
    net = after_a_batch()
    units = worst_path(net, 2, through=(0, 4)).units
    assert units[0] == 4
    assert units[1] == unit_step(net, 0, 4, 2).largest(1)[0]
    assert units[2] == unit_step(net, 1, units[1], 2).largest(1)[0]


def test_the_typical_path_follows_the_median_units() -> None:
    net = after_a_batch()
    found = typical_path(net, 5)
    for layer, unit in enumerate(found.units):
        sizes = np.abs(net.deltas[layer][5])
        below = np.count_nonzero(sizes < sizes[unit])
        assert below == (sizes.size - 1) // 2
    np.testing.assert_allclose(
        found.deltas, [6 * net.deltas[i][5, unit] for i, unit in enumerate(found.units)]
    )
    np.testing.assert_array_equal(found.factors, found.weights * found.slopes)


def test_a_step_of_an_output_unit_is_refused() -> None:
    with pytest.raises(IndexError, match="comes from the loss"):
        unit_step(after_a_batch(), 2, 0, 0)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((3, 0, 0), "layer 3 is not one of 3"),
        ((0, 5, 0), "unit 5 is not one of 5"),
        ((0, 0, 6), "sample 6 is not one of 6"),
        ((-1, 0, 0), "layer -1"),
    ],
)
def test_what_is_not_there_is_refused(place: tuple[int, int, int], message: str) -> None:
    with pytest.raises(IndexError, match=message):
        unit_step(after_a_batch(), *place)


def test_a_path_needs_one_unit_a_layer_and_a_network_without_lanes() -> None:
    with pytest.raises(ValueError, match="2 units for 3 layers"):
        path(after_a_batch(), [0, 0], 0)
    net = drawn_network([3, 5, 3], lanes=(2,))
    net.loss_and_gradients(*drawn_batch(net))
    with pytest.raises(ValueError, match="without lanes"):
        worst_path(net, 0)
