"""A step that is not measured is the same step, and nothing of it is measured."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio import Trainer
from tests.benchmarks.nets import Net, deep
from tests.benchmarks.record import blind_trainer, no_history

pytestmark = pytest.mark.bench

LARGE = Net("large", "digits", (256, 256), 16)


@pytest.mark.parametrize("net", [deep(3), LARGE], ids=lambda net: net.name)
def test_a_step_that_is_not_measured_changes_the_weights_alike(net: Net) -> None:
    seeing, blind = Trainer(net.setup()), blind_trainer(net.setup())
    assert seeing.run(20) == blind.run(20) == 20
    np.testing.assert_array_equal(blind.network.flat, seeing.network.flat)


@pytest.mark.parametrize("net", [deep(3), LARGE], ids=lambda net: net.name)
def test_nothing_is_measured_of_a_step_that_is_not_to_be(net: Net) -> None:
    trainer = blind_trainer(net.setup())
    trainer.run(3)
    newest = trainer.recording.newest()
    assert newest is not None
    assert np.isnan(newest.row).all()


def test_without_history_no_row_is_kept() -> None:
    trainer = blind_trainer(deep(1).setup())
    with no_history():
        assert trainer.run(3) == 3
    assert len(trainer.recording.history) == 0
