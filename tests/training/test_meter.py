"""What is measured of a step, the same for small and for large networks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gradstudio.nn import stretches
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup, TrainingSetup
from gradstudio.training import meters
from gradstudio.training.large_meter import LargeMeter
from gradstudio.training.small_meter import SmallMeter
from gradstudio.training.tiny_meter import TinyMeter
from gradstudio.training.trainer import Trainer

UNITS = (7, 7, 7, 30, 5)


def make_setup(**training: object) -> Setup:
    layers = tuple(LayerSetup(units=units) for units in UNITS)
    return Setup(network=NetworkSetup(layers=layers), training=TrainingSetup(**training))


def rows(setup: Setup, steps: int = 6) -> np.ndarray:
    trainer = Trainer(setup)
    return np.array([trainer.step().row for _ in range(steps)])


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every network for a large one, in stretches that cut layers and join others."""
    monkeypatch.setattr(TinyMeter, "suits", lambda net, plan: False)
    monkeypatch.setattr(meters, "CHUNK", 0)
    monkeypatch.setattr(stretches, "STRETCH", 120)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("more", [{}, {"clip_norm": 0.05}, {"weight_decay": 0.01}])
def test_a_large_network_is_measured_like_a_small_one(
    optimizer: str, more: dict, request: pytest.FixtureRequest
) -> None:
    setup = make_setup(optimizer=optimizer, learning_rate=0.01, **more)
    small = rows(setup)
    assert isinstance(Trainer(setup)._meter, SmallMeter)
    request.getfixturevalue("large")
    assert isinstance(Trainer(setup)._meter, LargeMeter)
    np.testing.assert_allclose(rows(setup), small, rtol=2e-5)


@pytest.mark.usefixtures("large")
def test_a_step_by_parts_and_after_going_back_is_measured_alike() -> None:
    setup = make_setup(optimizer="momentum")
    straight = rows(setup)
    trainer = Trainer(setup)
    trainer.measure()
    start = trainer.snapshot()
    trainer.run(3)
    trainer.restore(start)
    again = []
    for _ in range(len(straight)):
        for _ in range(5):
            trainer.advance_part()
        again.append(trainer._meter.row.copy())
    np.testing.assert_array_equal(again, straight)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("layer", [0, 3, 5])
def test_no_update_is_made_with_a_gradient_that_is_not_finite(layer: int) -> None:
    trainer = Trainer(make_setup())
    trainer.run(2)
    trainer.network.weights[layer][0, 0] = np.inf
    trainer.restore(trainer.snapshot())  # the weights were changed behind the back of the trainer
    before = trainer.network.flat.copy()
    trainer.step()
    assert trainer.has_diverged
    np.testing.assert_array_equal(trainer.network.flat, before)
    assert trainer.divergence is not None
    assert trainer.divergence.step == 2


@pytest.mark.usefixtures("large")
def test_a_tiny_gradient_keeps_its_size() -> None:
    setup = make_setup(learning_rate=1e-6)
    trainer = Trainer(setup)
    trainer.network.weights[-1][...] *= 1e-22
    record = trainer.step()
    norms = [np.linalg.norm(g.astype(np.float64)) for g in trainer.network.weight_grads]
    assert 0 < norms[0] < 1e-20
    np.testing.assert_allclose(record.weight_grad_norm, norms, rtol=1e-5)


TINY_UNITS = (6, 6, 3)


def tiny_setup(**training: object) -> Setup:
    layers = tuple(LayerSetup(units=units) for units in TINY_UNITS)
    return Setup(network=NetworkSetup(layers=layers), training=TrainingSetup(**training))


def recorded(trainer: Trainer) -> np.ndarray:
    history = trainer.recording.history
    names = trainer.recording.layout.names
    return np.hstack([history.read(name).last for name in names])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("more", [{}, {"clip_norm": 0.05}, {"weight_decay": 0.01}])
@pytest.mark.parametrize("steps", [[150], [1, 63, 64, 22], [64, 65, 21]])
def test_steps_measured_together_have_the_bits_of_steps_measured_alone(
    optimizer: str, more: dict, steps: list[int]
) -> None:
    setup = tiny_setup(optimizer=optimizer, learning_rate=0.01, batch_size=8, **more)
    alone, together = Trainer(setup), Trainer(setup)
    assert isinstance(alone._meter, TinyMeter)
    rows = np.array([alone.step().row for _ in range(150)])
    for count in steps:
        together.run(count)
        assert len(together.recording.history) == together.step_count
    np.testing.assert_array_equal(recorded(together), rows)
    np.testing.assert_array_equal(together.network.flat, alone.network.flat)


def step_by_step(trainer: Trainer) -> Callable[[int], object]:
    return lambda steps: [trainer.step() for _ in range(steps)]


def test_edits_and_going_back_are_measured_alike() -> None:
    setup = tiny_setup(batch_size=8)
    alone, together = Trainer(setup), Trainer(setup)
    for trainer in (alone, together):
        take = step_by_step(trainer) if trainer is alone else trainer.run
        take(30)
        trainer.set("weight_decay", 0.1)
        start = trainer.snapshot()
        take(30)
        trainer.restore(start)
        take(50)
        trainer.set("clip_norm", 1e-3)
        take(10)
        trainer.set("clip_norm", None)
        take(10)
    np.testing.assert_array_equal(recorded(together), recorded(alone))


def test_a_run_that_diverges_keeps_every_step_before() -> None:
    setup = tiny_setup(learning_rate=10.0, optimizer="sgd", batch_size=8, loss="mse")
    runs = [Trainer(setup), Trainer(setup)]
    for trainer in runs:
        trainer.network.weights[-1][...] *= 1e6
    while not runs[0].has_diverged and runs[0].step_count < 500:
        runs[0].step()
    runs[1].run(500)
    assert runs[0].has_diverged
    assert runs[1].ending == runs[0].ending
    np.testing.assert_array_equal(recorded(runs[1]), recorded(runs[0]))
