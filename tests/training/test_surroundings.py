"""Runs with masks, statistics and half precision are as exact and repeatable as plain ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradstudio.setup.models import LayerSetup, Setup
from gradstudio.training.build import build_network, initial_weights, memory_bytes
from gradstudio.training.cost import parameter_count
from gradstudio.training.structure import structures_of
from gradstudio.training.trainer import Trainer, TrainingState
from tests.training.setups import small

EVERYTHING: dict[str, Any] = {"normalisation": "batch", "residual": "rezero", "dropout": 0.3}
STRUCTURES: dict[str, dict[str, Any]] = {
    "dropout": {"dropout": 0.4},
    "batch": {"normalisation": "batch"},
    "layer": {"normalisation": "layer", "dropout": 0.2},
    "plain": {"residual": "plain"},
    "scaled": {"residual": "scaled", "span": 2},
    "everything": EVERYTHING,
}
UNITS = (5, 5, 5, 5)


def structured(name: str, **training: Any) -> Setup:
    structure = STRUCTURES[name]
    setup = small(UNITS, structure=structure, optimizer="momentum", **training)
    if structure.get("span") != 2:
        return setup
    layers = list(setup.network.layers)
    layers[1] = layers[1].model_copy(update={"residual": "none"})  # two before it is the input
    network = setup.network.model_copy(update={"layers": tuple(layers)})
    return setup.model_copy(update={"network": network})


def everything(trainer: Trainer) -> list[bytes]:
    count, arrays = trainer.network.statistics.state()
    losses = trainer.recording.history.read("loss", 0, trainer.step_count).mean
    parts = (trainer.network.flat, losses, *arrays, np.array(count))
    return [part.tobytes() for part in parts]


def straight(setup: Setup, steps: int) -> list[bytes]:
    trainer = Trainer(setup)
    trainer.run(steps)
    return everything(trainer)


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_any_pattern_of_runs_steps_and_parts_gives_the_same_run(name: str, precision: str) -> None:
    setup = structured(name, precision=precision)
    trainer = Trainer(setup)
    trainer.recording.initial = trainer.measure()
    trainer.run(3)
    trainer.step()
    for _ in range(7):
        trainer.advance_part()
    trainer.step()
    trainer.measure()
    for _ in range(5):
        trainer.advance_part()
    trainer.run(20 - trainer.step_count)
    assert everything(trainer) == straight(setup, 20)


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_snapshot_put_back_leads_to_the_same_steps(name: str) -> None:
    trainer = Trainer(structured(name))
    trainer.run(7)
    kept: TrainingState = trainer.snapshot()
    trainer.run(13)
    first = everything(trainer)
    trainer.restore(kept)
    assert trainer.step_count == 7
    trainer.run(13)
    assert everything(trainer) == first


@pytest.mark.parametrize("part", range(1, 5))
def test_a_measurement_leaves_statistics_and_masks_alone(part: int) -> None:
    trainer = Trainer(structured("everything"))
    trainer.run(4)
    for _ in range(part):
        trainer.advance_part()
    trainer.measure()
    trainer.step()
    assert everything(trainer) == straight(structured("everything"), trainer.step_count)


def test_other_steps_and_seeds_have_other_masks() -> None:
    def dropped(seed: int, steps: int) -> np.ndarray:
        trainer = Trainer(small((2, 50), structure={"dropout": 0.5}, seed=seed))
        trainer.run(steps)
        return trainer.network.outputs[1] == 0

    assert 0.3 < dropped(1, 1).mean() < 0.7
    assert np.array_equal(dropped(1, 3), dropped(1, 3))
    assert not np.array_equal(dropped(1, 1), dropped(1, 2))
    assert not np.array_equal(dropped(1, 1), dropped(2, 1))


def test_statistics_are_taken_in_once_per_update() -> None:
    trainer = Trainer(structured("batch"))
    trainer.measure()
    assert trainer.network.statistics.count == 0
    trainer.run(6)
    assert trainer.network.statistics.count == 6


def test_the_whole_gradient_counts_what_normalisation_and_shortcuts_learn() -> None:
    trainer = Trainer(structured("everything"))
    trainer.run(3)
    record = trainer.step()
    assert record.grad_norm == pytest.approx(np.linalg.norm(trainer.network.flat_grads), rel=1e-5)
    weights = np.sqrt((record.weight_grad_norm**2).sum())
    assert record.grad_norm > 1.001 * weights


def test_a_plain_network_pays_nothing() -> None:
    trainer = Trainer(small())
    surroundings = trainer._calculation.surroundings
    assert not surroundings.draws_masks
    assert surroundings.before_update == surroundings.after_update == ()


def test_in_half_precision_everything_is_a_half_and_lost_updates_are_0() -> None:
    trainer = Trainer(small(precision="float16", learning_rate=1e-6))
    net = trainer.network
    start = net.flat.copy()
    assert np.array_equal(start, start.astype(np.float16).astype(np.float32))
    record = trainer.step()
    assert np.array_equal(net.flat[: net.weight_count], start[: net.weight_count])
    assert (record.update_ratio == 0).all()
    assert (record.weight_grad_norm > 0).all()
    lively = Trainer(small(precision="float16", learning_rate=0.5))
    before = lively.network.weights[1].copy()
    ratio = lively.step().update_ratio[1]
    moved = np.linalg.norm(lively.network.weights[1] - before) / np.linalg.norm(before)
    assert ratio == pytest.approx(moved, rel=1e-5)
    lively.run(20)
    flat = lively.network.flat
    assert np.array_equal(flat, flat.astype(np.float16).astype(np.float32))


def test_a_setup_is_built_with_its_structure_leak_and_count() -> None:
    layers = (
        LayerSetup(units=6, activation="leaky_relu", leak=0.3),
        LayerSetup(units=6, normalisation="layer", residual="rezero", dropout=0.1),
        LayerSetup(units=6, normalisation="batch", residual="fixup", span=2),
    )
    setup = small()
    network = setup.network.model_copy(update={"layers": layers})
    setup = setup.model_copy(update={"network": network})
    net = build_network(setup)
    assert net.structures == structures_of(network)
    assert net.activations[0].derivative([-1.0]) == pytest.approx([0.3])
    assert net.parameter_count == parameter_count(net.sizes, net.structures)
    plain = setup.model_copy(update={"network": small((6, 6, 6)).network})
    assert memory_bytes(setup) > memory_bytes(plain)
    assert memory_bytes(small(precision="float16")) == memory_bytes(small())


def test_fixup_makes_the_weights_small_that_the_panel_shows() -> None:
    structure = {"residual": "fixup", "span": 1}
    setup = small((5, 5, 5), structure=structure)
    assert not initial_weights(setup, 1).any()
    layers = [LayerSetup(units=5) for _ in range(5)]
    for end in (2, 4):
        layers[end] = LayerSetup(units=5, residual="fixup", span=2)
    network = setup.network.model_copy(update={"layers": tuple(layers)})
    paired = setup.model_copy(update={"network": network})
    plain = small((5,) * 5)
    shares = [
        np.linalg.norm(initial_weights(paired, i)) / np.linalg.norm(initial_weights(plain, i))
        for i in range(5)
    ]
    assert shares == pytest.approx([1.0, 2**-0.5, 0.0, 2**-0.5, 0.0])
    net = build_network(paired)
    for index, W in enumerate(net.weights):
        np.testing.assert_array_equal(W, initial_weights(paired, index).astype(np.float32))


def test_weights_scaled_by_data_go_through_the_structure() -> None:
    structure = {"normalisation": "batch", "residual": "plain"}
    setup = small((5, 5, 5), initializer="lsuv", output="lsuv", structure=structure)
    trainer = Trainer(setup)
    x = trainer.data.x_train[:256]
    variances = [trainer.network.pre_activations(x, i).var() for i in range(4)]
    assert variances == pytest.approx([1.0] * 4, abs=0.1)
