"""The products that are measured are those of the step, all of them and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio import Trainer
from gradstudio.nn.arrays import run
from gradstudio.nn.network import Network
from tests.benchmarks.nets import GOALS, Goal
from tests.benchmarks.products import _pairs, _ways, multiply_adds, own_products

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.net.name)
def test_all_products_are_found_among_the_calls_of_a_step(goal: Goal) -> None:
    trainer = Trainer(goal.net.setup())
    trainer.step()
    assert own_products(trainer.network) is not None


@pytest.mark.parametrize("lanes", [(), (3,)])
def test_the_products_of_lanes_are_found(lanes: tuple[int, ...]) -> None:
    net = Network((2, 4, 2, 1), loss="binary_cross_entropy", lanes=lanes)
    net.plan(10)
    assert own_products(net) is not None


def test_a_step_multiplies_three_times_per_weight_and_sample_but_twice_in_the_first_layer() -> None:
    assert multiply_adds((3, 5, 2), 10) == 10 * (2 * 15 + 3 * 10)


@pytest.mark.parametrize("sizes", [(7, 5, 3), (700, 500, 30)], ids=str)
def test_all_ways_to_call_blas_give_the_product(sizes: tuple[int, ...]) -> None:
    for _, left, right in _pairs(sizes, 4):
        expected = left.astype(np.float64) @ right
        for way in _ways(left, right):
            way.result[...] = np.nan
            run(way.calls)
            np.testing.assert_allclose(way.result, expected, atol=1e-3)
