"""What is drawn of a run is its network, whatever its layers have beside their weights."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn.evaluation import unit_outputs
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


@pytest.mark.parametrize("fields", [{}, {"weight_decay": 0.1}, {"optimizer": "adam"}])
def test_a_snapshot_knows_what_the_last_update_added_to_the_weights(
    fields: dict[str, object],
) -> None:
    trainer = Trainer(small(precision="float64", learning_rate=0.05, **fields))
    trainer.measure()
    assert Snapshot.of(trainer).updates is None
    trainer.run(4)
    before = trainer.network.flat[: trainer.network.weight_count].copy()
    trainer.step()
    after = Snapshot.of(trainer)
    assert after.updates == pytest.approx(after.parameters[: len(before)] - before, abs=1e-12)


def test_gradients_of_the_next_step_are_not_taken_for_the_last_update() -> None:
    trainer = Trainer(small(learning_rate=0.05, optimizer="sgd"))
    trainer.run(2)
    for _ in range(3):
        trainer.advance_part()
    assert Snapshot.of(trainer).updates is None
    trainer.advance_part()
    updates = Snapshot.of(trainer).updates
    assert updates == pytest.approx(-0.05 * trainer.network.flat_grads[: len(updates)], rel=1e-5)


@pytest.mark.parametrize("precision", ["float32", "float64", "float16"])
def test_units_hand_on_what_they_do_in_the_network(precision: str) -> None:
    trainer = Trainer(structured(precision))
    trainer.run(30)
    net, x = trainer.network, trainer.data.x_test
    chosen = [np.array([0, 5]), np.array([1]), np.arange(6), np.arange(net.sizes[-1])]
    found = unit_outputs(net, x, chosen)
    assert [part.shape[1] for part in found] == [len(units) for units in chosen]
    np.testing.assert_array_equal(found[-1], net.output(x))
    z = net.pre_activations(x, 1)
    a = np.empty_like(z)
    net.activations[1].value(z, a, np.empty_like(z))
    below = unit_outputs(net, x, [np.arange(6), np.arange(6)])
    expected = below[0] + net.factors[1] * a
    np.testing.assert_allclose(below[1], expected, rtol=1e-2, atol=1e-3)
