"""What optimizer, schedule, weight decay and clipping do to the steps of a run."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn.losses import LOSSES
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.nn.schedules import SCHEDULES
from gradstudio.setup.models import DataSetup, Edit, ScheduleSetup, Setup, TrainingSetup
from gradstudio.training.build import memory_bytes
from gradstudio.training.diagnosis import diagnose
from gradstudio.training.trainer import Trainer, TrainState
from tests.training.setups import small

SCHEDULED = {
    "constant": ScheduleSetup(warmup_steps=5),
    "step": ScheduleSetup(name="step", steps=7, factor=0.1),
    "cosine": ScheduleSetup(name="cosine", warmup_steps=3, steps=12, floor=0.05),
}


def rates(trainer: Trainer) -> list[float]:
    return [float(rate) for rate in trainer.recording.history.read("learning_rate").last[:, 0]]


@pytest.mark.parametrize("name", SCHEDULED)
def test_the_rate_recorded_is_that_of_the_schedule(name: str) -> None:
    trainer = Trainer(small(learning_rate=0.2, schedule=SCHEDULED[name]))
    trainer.run(20)
    expected = {
        "constant": [0.2 * min(1, (t + 1) / 5) for t in range(20)],
        "step": [0.2 * 0.1 ** (t // 7) for t in range(20)],
        "cosine": [0.2 * (t + 1) / 3 for t in range(3)]
        + [0.2 * (0.05 + 0.95 * (1 + np.cos(np.pi * min(t, 12) / 12)) / 2) for t in range(17)],
    }
    np.testing.assert_allclose(rates(trainer), expected[name], rtol=1e-12)


def test_the_rate_recorded_is_the_one_applied() -> None:
    trainer = Trainer(small(precision="float64", schedule=SCHEDULED["cosine"]))
    for _ in range(6):
        before = trainer.network.flat.copy()
        due = trainer.learning_rate
        record = trainer.step()
        assert record.learning_rate == due
        moved = before - trainer.network.flat
        np.testing.assert_allclose(moved, due * trainer.network.flat_grads, atol=1e-15)


def test_a_live_rate_goes_through_the_schedule_too() -> None:
    trainer = Trainer(small(learning_rate=0.2, schedule=SCHEDULED["step"]))
    trainer.run(8)
    trainer.set("learning_rate", 0.4)
    trainer.run(1)
    assert rates(trainer)[-2:] == [pytest.approx(0.02), pytest.approx(0.04)]
    assert trainer.live.learning_rate == 0.4


def test_a_schedule_that_ends_at_0_lets_the_weights_stand() -> None:
    trainer = Trainer(small(schedule=ScheduleSetup(name="cosine", steps=5)))
    trainer.run(5)
    weights = trainer.network.flat.tobytes()
    record = trainer.step()
    assert trainer.network.flat.tobytes() == weights
    assert record.learning_rate == 0.0
    assert not record.update_ratio.any()


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_weight_decay_alone_shrinks_the_weights_by_the_known_factor(optimizer: str) -> None:
    setup = small(
        optimizer=optimizer, precision="float64", learning_rate=0.1, weight_decay=0.5, loss="mae"
    )
    trainer = Trainer(setup)
    net = trainer.network
    start, W = net.flat.copy(), net.weights[-1]
    W[...] = start_of_output = W * 0.0  # then the hidden layers get no gradient
    trainer.run(1)
    hidden = slice(0, net.weight_count - start_of_output.size)
    np.testing.assert_allclose(net.flat[hidden], 0.95 * start[hidden], rtol=1e-12)


def test_the_update_ratio_knows_of_the_decay() -> None:
    trainer = Trainer(small(precision="float64", weight_decay=0.3))
    trainer.run(3)
    trainer.set("weight_decay", 0.0)
    trainer.run(3)
    trainer.set("weight_decay", 1.0)
    for _ in range(2):
        before = [W.copy() for W in trainer.network.weights]
        record = trainer.step()
        for layer, W in enumerate(trainer.network.weights):
            moved = np.linalg.norm(W - before[layer]) / np.linalg.norm(before[layer])
            assert record.update_ratio[layer] == pytest.approx(moved, rel=1e-9)


def test_clipping_by_value_bounds_the_direction_and_not_what_is_recorded() -> None:
    free, cut = (Trainer(small(clip_value=c, precision="float64")) for c in (None, 1e-3))
    before = free.network.flat.copy()
    ours, theirs = free.step(), cut.step()
    assert theirs.grad_norm == ours.grad_norm > 1e-3
    np.testing.assert_array_equal(theirs.weight_grad_norm, ours.weight_grad_norm)
    moved = before - cut.network.flat
    assert np.abs(moved).max() == pytest.approx(0.1 * 1e-3, rel=1e-9)
    wanted = 0.1 * np.clip(free.network.flat_grads, -1e-3, 1e-3)
    np.testing.assert_allclose(moved, wanted, atol=1e-15)
    np.testing.assert_array_equal(cut.network.flat_grads, free.network.flat_grads)


def test_with_both_the_norm_is_clipped_first() -> None:
    trainer = Trainer(small(clip_norm=0.01, clip_value=1e-3, precision="float64"))
    before = trainer.network.flat.copy()
    record = trainer.step()
    scaled = trainer.network.flat_grads * (0.01 / record.grad_norm)
    moved = before - trainer.network.flat
    np.testing.assert_allclose(moved, 0.1 * np.clip(scaled, -1e-3, 1e-3), atol=1e-15)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_can_go_back_and_do_the_same_again(optimizer: str) -> None:
    setup = small(optimizer=optimizer, learning_rate=0.01, weight_decay=0.01, clip_value=0.1)
    trainer = Trainer(setup)
    trainer.run(7)
    kept = trainer.snapshot()
    trainer.run(9)
    ahead = trainer.network.flat.tobytes()
    trainer.restore(kept)
    assert trainer.network.flat.tobytes() != ahead
    trainer.run(9)
    assert trainer.network.flat.tobytes() == ahead
    assert Trainer(setup).run(0) == 0
    afresh = Trainer(setup)
    afresh.run(16)
    assert afresh.network.flat.tobytes() == ahead


@pytest.mark.parametrize(
    ("optimizer", "field", "value"),
    [
        ("momentum", "momentum", 0.1),
        ("nesterov", "momentum", 0.1),
        ("rmsprop", "alpha", 0.5),
        ("rmsprop", "epsilon", 0.1),
        ("adagrad", "epsilon", 0.1),
        ("adam", "beta1", 0.1),
        ("adam", "beta2", 0.5),
        ("adamw", "epsilon", 0.1),
    ],
)
def test_every_parameter_of_an_optimizer_reaches_it(
    optimizer: str, field: str, value: float
) -> None:
    weights = []
    for given in ({}, {field: value}):
        trainer = Trainer(small(optimizer=optimizer, learning_rate=0.01, **given))
        trainer.run(3)
        weights.append(trainer.network.flat.tobytes())
    assert weights[0] != weights[1]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_setup_names_the_parameters_that_an_optimizer_uses(optimizer: str) -> None:
    used = TrainingSetup(optimizer=optimizer).parameters
    for field in TrainingSetup.OPTIMIZER_FIELDS:
        weights = []
        for value in (0.3, 0.6):
            trainer = Trainer(small(optimizer=optimizer, learning_rate=0.01, **{field: value}))
            trainer.run(3)
            weights.append(trainer.network.flat.tobytes())
        assert (weights[0] != weights[1]) == (field in used), field


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_setup_names_the_parameters_that_a_schedule_uses(name: str) -> None:
    assert ScheduleSetup(name=name).parameters == SCHEDULES[name].parameters


@pytest.mark.parametrize("loss", LOSSES)
def test_two_classes_can_be_learned_with_every_loss(loss: str) -> None:
    setup = small(
        (8, 8), data="moons", loss=loss, optimizer="adam", learning_rate=0.02, batch_size=10
    )
    trainer = Trainer(setup)
    assert trainer.network.sizes[-1] == (1 if LOSSES[loss].has_one_output else 2)
    trainer.run(300)
    trainer._evaluation.record(trainer.recording)
    accuracy = trainer.recording.evaluations.read("train_accuracy").last[-1, 0]
    assert accuracy > 0.85
    assert trainer.recording.chance == LOSSES[loss].chance(2)


@pytest.mark.parametrize("loss", ["mse", "half_mse", "mae", "huber"])
def test_values_can_be_learned_with_every_distance(loss: str) -> None:
    setup = Setup(
        data=DataSetup(name="sine", samples=80),
        training=TrainingSetup(loss=loss, optimizer="adam", learning_rate=0.01),
    )
    trainer = Trainer(setup)
    trainer.run(600)
    losses = trainer.recording.history.read("loss").last[:, 0]
    assert losses[-20:].mean() < 0.5 * losses[:5].mean()
    assert trainer.recording.chance is None


def test_a_diverging_run_records_the_rate_of_the_schedule() -> None:
    schedule = ScheduleSetup(warmup_steps=3)
    edits = (Edit(step=0, field="learning_rate", value=10.0),)
    setup = small(
        (16,) * 6, activation="linear", initializer="normal", loss="mse", schedule=schedule
    )
    training = setup.training.model_copy(update={"edits": edits})
    trainer = Trainer(setup.model_copy(update={"training": training}))
    trainer.run(1000)
    assert trainer.state is TrainState.DIVERGED
    expected = [10.0 * min(1, (t + 1) / 3) for t in range(trainer.step_count + 1)]
    np.testing.assert_allclose(rates(trainer), expected)


def test_the_direction_of_plain_sgd_counts_as_memory_once_it_is_needed() -> None:
    plain, decayed = (memory_bytes(small((500, 500), weight_decay=d)) for d in (0.0, 0.1))
    assert decayed - plain == pytest.approx(4 * 500 * 503, rel=0.01)
    adam = [memory_bytes(small(optimizer="adam", weight_decay=d)) for d in (0.0, 0.1)]
    assert adam[0] == adam[1]


@pytest.mark.parametrize(
    ("are_right", "title"), [(False, "Saturated outputs"), (True, "Nothing left to learn")]
)
def test_certain_and_wrong_sigmoids_are_not_called_learned(are_right: bool, title: str) -> None:
    trainer = Trainer(small(loss="sigmoid_mse", output="zeros"))
    trainer.network.biases[-1][...] = 200.0
    if are_right:
        trainer.advance_part()
        trainer._calculation.batches._near_targets[...] = 1.0
        trainer.part = None
    trainer.step()
    assert diagnose(trainer.recording).title == title
