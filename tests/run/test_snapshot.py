"""What is drawn of a run is its network, whatever its layers have beside their weights."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.run.snapshot import Snapshot
from gradstudio.setup.models import LayerSetup, Setup
from gradstudio.training.trainer import Trainer

from .conftest import small


def structured(precision: str) -> Setup:
    """Normalisation, shortcuts, dropout and a leak of its own."""
    layers = (
        LayerSetup(units=6, activation="leaky_relu", leak=0.4, normalisation="batch"),
        LayerSetup(units=6, residual="rezero", dropout=0.3),
        LayerSetup(units=6, residual="scaled", span=2, normalisation="layer"),
    )
    setup = small(precision=precision, learning_rate=0.5)
    network = setup.network.model_copy(update={"layers": layers})
    return setup.model_copy(update={"network": network})


@pytest.mark.parametrize("precision", ["float32", "float64", "float16"])
def test_a_snapshot_predicts_what_the_network_predicts(precision: str) -> None:
    trainer = Trainer(structured(precision))
    trainer.run(30)
    snapshot = Snapshot.of(trainer)
    x = trainer.data.x_test
    expected = trainer.network.output(x)
    np.testing.assert_array_equal(snapshot.network().output(x), expected)
    alone = np.concatenate([snapshot.network().output(x[i : i + 1]) for i in range(len(x))])
    np.testing.assert_allclose(alone, expected, rtol=1e-2, atol=1e-3)
    trainer.run(30)
    assert not np.array_equal(trainer.network.output(x), expected)
    np.testing.assert_array_equal(snapshot.network().output(x), expected)
