from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from gradstudio.errors import SetupError
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.nn.probes import delta_rms, weight_grad_norms, weight_norms
from gradstudio.setup.models import Edit, ScheduleSetup, Setup, StopSetup
from gradstudio.training.record import StepRecord
from gradstudio.training.recording import Recording
from gradstudio.training.trainer import Part, Trainer, TrainState
from tests.training.setups import diverging, small


def same(ours: Trainer, theirs: Trainer) -> bool:
    """Whether weights and everything recorded are equal bit for bit."""
    if ours.network.flat.tobytes() != theirs.network.flat.tobytes():
        return False
    return all(
        ours.recording.history.read(name).last.tobytes()
        == theirs.recording.history.read(name).last.tobytes()
        for name in ours.recording.layout.names
    )


def straight(setup: Setup, steps: int) -> Trainer:
    trainer = Trainer(setup)
    assert trainer.run(steps) == steps
    return trainer


def by_steps(trainer: Trainer) -> None:
    for _ in range(25):
        trainer.step()


def by_runs_and_steps(trainer: Trainer) -> None:
    trainer.run(3)
    trainer.step()
    trainer.run(7)
    trainer.step()
    trainer.step()
    trainer.run(12)


def by_parts(trainer: Trainer) -> None:
    for _ in range(25 * len(Part)):
        trainer.advance_part()


def by_half_steps(trainer: Trainer) -> None:
    for parts in (1, 2, 3, 4, 5):
        for _ in range(parts):
            trainer.advance_part()
        trainer.step()  # a step begun by hand is completed by it
    trainer.run(25 - trainer.step_count)


def with_measurements(trainer: Trainer) -> None:
    trainer.measure()
    trainer.run(10)
    trainer.advance_part()
    trainer.measure()
    trainer.run(5)
    trainer.measure()
    trainer.run(10)


def back_and_forth(trainer: Trainer) -> None:
    trainer.run(4)
    kept = trainer.snapshot()
    trainer.run(9)
    trainer.restore(kept)
    assert trainer.step_count == 4
    trainer.run(21)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    "pattern",
    [
        by_steps,
        by_runs_and_steps,
        by_parts,
        by_half_steps,
        with_measurements,
        back_and_forth,
    ],
)
def test_a_run_is_the_same_however_it_is_cut(
    pattern: Callable[[Trainer], None], optimizer: str
) -> None:
    setup = small(
        optimizer=optimizer,
        learning_rate=0.05,
        clip_norm=0.3,
        clip_value=0.1,
        weight_decay=0.01,
        schedule=ScheduleSetup(name="cosine", warmup_steps=4, steps=15),
    )
    trainer = Trainer(setup)
    pattern(trainer)
    assert trainer.step_count == 25
    assert same(trainer, straight(setup, 25))


def test_another_seed_is_another_run() -> None:
    assert not same(straight(small(seed=1), 3), straight(small(seed=2), 3))


def test_a_step_follows_the_formulas() -> None:
    setup = small((5, 5), precision="float64", learning_rate=0.1)
    trainer = Trainer(setup)
    trainer.run(9)
    before = trainer.network.flat.copy()
    norms = weight_norms(trainer.network)
    record = trainer.step()
    net = trainer.network
    after = net.flat.copy()
    np.testing.assert_allclose(after, before - 0.1 * net.flat_grads, rtol=1e-14)
    assert record.step == 9
    assert record.learning_rate == 0.1
    assert record.grad_norm == pytest.approx(np.linalg.norm(net.flat_grads), rel=1e-12)
    np.testing.assert_allclose(record.weight_norm, norms, rtol=1e-12)
    np.testing.assert_allclose(record.weight_grad_norm, weight_grad_norms(net), rtol=1e-12)
    np.testing.assert_allclose(record.delta_rms, delta_rms(net), rtol=1e-12)
    net.flat[...] = after - before
    np.testing.assert_allclose(record.update_ratio, weight_norms(net) / norms, rtol=1e-9)


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_the_update_ratio_is_that_of_the_applied_update(optimizer: str) -> None:
    trainer = Trainer(small(optimizer=optimizer, precision="float64", clip_norm=0.01))
    trainer.run(5)
    before, norms = trainer.network.flat.copy(), weight_norms(trainer.network)
    record = trainer.step()
    net = trainer.network
    net.flat -= before
    np.testing.assert_allclose(record.update_ratio, weight_norms(net) / norms, rtol=1e-8)


def test_clipping_caps_the_update_and_not_what_is_recorded() -> None:
    free, clipped = (Trainer(small(clip_norm=c, precision="float64")) for c in (None, 1e-3))
    before = free.network.flat.copy()
    ours, theirs = free.step(), clipped.step()
    assert theirs.grad_norm == ours.grad_norm > 1e-3
    np.testing.assert_array_equal(theirs.weight_grad_norm, ours.weight_grad_norm)
    moved = np.linalg.norm(clipped.network.flat - before)
    assert moved == pytest.approx(clipped.learning_rate * 1e-3, rel=1e-9)


def test_each_pass_takes_every_sample_at_most_once_in_a_new_order() -> None:
    trainer = Trainer(small())
    assert (trainer.batch_size, trainer.steps_per_epoch) == (5, 8)
    inputs = trainer.data.x_train
    orders = []
    for _ in range(2):
        order = []
        for _ in range(trainer.steps_per_epoch):
            trainer.advance_part()
            seen = trainer._calculation.batches.at(trainer.step_count)  # its calls read these rows
            assert seen is trainer._calculation.batch
            place = trainer.step_count % trainer.steps_per_epoch * 5
            rows = trainer._calculation.batches._near_x[place : place + 5]
            order += [int(np.flatnonzero((inputs == row).all(axis=1))[0]) for row in rows]
            trainer.step()
        assert len(set(order)) == 40
        orders.append(order)
    assert orders[0] != orders[1]
    assert trainer.epoch == 2.0


def test_long_passes_are_brought_near_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = straight(small(), 30)
    monkeypatch.setattr("gradstudio.training.batches.STRETCH_BATCHES", 3)
    assert same(straight(small(), 30), whole)


def test_the_largest_batch_is_the_training_set() -> None:
    trainer = Trainer(small(batch_size=42))
    assert (trainer.batch_size, trainer.steps_per_epoch) == (42, 1)
    assert trainer.run(3) == 3


def test_parts_come_in_order_and_weights_change_in_the_fourth() -> None:
    trainer = Trainer(small())
    start = trainer.network.flat.tobytes()
    changed, counts = [], []
    for part in Part:
        assert trainer.advance_part() is part is trainer.part
        changed.append(trainer.network.flat.tobytes() != start)
        counts.append(trainer.step_count)
    assert changed == [False, False, False, True, True]
    assert counts == [0, 0, 0, 0, 1]
    assert trainer.advance_part() is Part.FORWARD
    trainer.step()
    assert trainer.part is None


def test_measuring_changes_and_records_nothing() -> None:
    trainer = Trainer(small(optimizer="adam"))
    start = trainer.network.flat.tobytes()
    measured = trainer.measure()
    assert trainer.network.flat.tobytes() == start
    assert len(trainer.recording.history) == trainer.step_count == 0
    assert measured.row.tobytes() == trainer.step().row.tobytes()


def test_records_are_appended_in_step() -> None:
    trainer = Trainer(small())
    records = [trainer.step() for _ in range(5)]
    assert len(trainer.recording.history) == 5
    losses = trainer.recording.history.read("loss").last[:, 0]
    assert losses.tolist() == [record.loss for record in records]
    assert records[0].loss != records[1].loss
    assert isinstance(records[0], StepRecord)


# -- live edits --------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adamw"])
def test_edits_of_the_setup_repeat_a_run_that_was_changed_live(optimizer: str) -> None:
    setup = small(optimizer=optimizer)
    live = Trainer(setup)
    live.run(6)
    live.set("learning_rate", 0.02)
    live.run(5)
    for _ in range(4):  # after the update, so it counts for the next one
        live.advance_part()
    live.set("clip_norm", 0.1)
    live.step()
    live.set("momentum", 0.5)
    live.set("clip_norm", None)
    live.set("clip_value", 0.02)
    live.run(5)
    live.set("weight_decay", 0.2)
    live.run(5)
    assert [(edit.step, edit.field, edit.value) for edit in live.live.edits] == [
        (6, "learning_rate", 0.02),
        (12, "momentum", 0.5),
        (12, "clip_norm", None),
        (12, "clip_value", 0.02),
        (17, "weight_decay", 0.2),
    ]
    training = setup.training.model_copy(update={"edits": tuple(live.live.edits)})
    again = straight(setup.model_copy(update={"training": training}), live.step_count)
    assert same(again, live)
    assert again.live.edits == live.live.edits


def test_a_planned_edit_takes_effect_at_its_step() -> None:
    edits = (
        Edit(step=7, field="learning_rate", value=0.5),
        Edit(step=3, field="learning_rate", value=0.25),
    )
    trainer = straight(small(edits=edits), 9)
    rates = trainer.recording.history.read("learning_rate").last[:, 0]
    assert rates.tolist() == [0.1] * 3 + [0.25] * 4 + [0.5] * 2


def test_a_live_edit_leaves_those_still_to_come() -> None:
    trainer = Trainer(small(edits=(Edit(step=7, field="learning_rate", value=0.5),)))
    trainer.run(2)
    trainer.set("learning_rate", 0.3)
    trainer.run(6)
    assert [edit.step for edit in trainer.live.edits] == [2, 7]
    assert trainer.learning_rate == 0.5


def test_the_same_value_again_is_no_edit() -> None:
    trainer = Trainer(small())
    trainer.set("learning_rate", trainer.learning_rate)
    assert trainer.live.edits == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("learning_rate", 11.0, "training.learning_rate: 11 is above 10"),
        ("learning_rate", math.nan, "training.learning_rate: nan is"),
        ("learning_rate", None, "training.learning_rate: needs a number"),
        ("momentum", -0.1, "training.momentum: -0.1 is below 0"),
        ("weight_decay", None, "training.weight_decay: needs a number"),
        ("clip_value", 0.0, "training.clip_value: 0 is below 1e-06"),
        ("batch_size", 3, "training.batch_size: cannot change during a run"),
    ],
)
def test_an_impossible_change_is_refused(field: str, value: float | None, said: str) -> None:
    trainer = Trainer(small())
    with pytest.raises(SetupError, match=said):
        trainer.set(field, value)
    assert trainer.live.edits == []


# -- how a run ends ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stop", "steps", "said"),
    [
        (StopSetup(steps=12), 12, "12 steps"),
        (StopSetup(epochs=2), 16, "2 epochs"),
        (StopSetup(steps=40, epochs=3), 24, "3 epochs"),
    ],
)
def test_a_stop_rule_ends_the_run(stop: StopSetup, steps: int, said: str) -> None:
    trainer = Trainer(small(stop=stop))
    assert trainer.run(1000) == steps
    assert trainer.state is TrainState.FINISHED
    assert said in trainer.ending
    assert trainer.run(5) == 0
    trainer.pass_stop()
    assert (trainer.state, trainer.ending) == (TrainState.ACTIVE, "")
    assert trainer.run(3) == 3


def test_the_loss_rule_looks_at_the_mean_of_20_steps() -> None:
    free = straight(small(), 200)
    losses = free.recording.history.read("loss").last[:, 0]
    means = np.convolve(losses, np.ones(20) / 20, "valid")
    limit = float(means[:60].min()) * (1 + 1e-9)
    step = 20 + int(np.argmax(means <= limit))
    trainer = Trainer(small(stop=StopSetup(loss=limit)))
    assert trainer.run(200) == step
    assert trainer.ending.startswith("loss below")
    assert trainer.ending.endswith(f"at step {step}")


def test_the_loss_rule_waits_for_20_steps() -> None:
    assert Trainer(small(stop=StopSetup(loss=1e6))).run(100) == 20


def test_other_stop_rules_let_a_finished_run_go_on() -> None:
    trainer = Trainer(small(stop=StopSetup(steps=4)))
    trainer.run(10)
    trainer.set_stop(StopSetup(steps=6))
    assert trainer.run(10) == 2


def test_divergence_stops_before_the_update_and_says_where() -> None:
    trainer = Trainer(diverging())
    done = trainer.run(10_000)
    assert trainer.state is TrainState.DIVERGED
    divergence = trainer.divergence
    assert divergence is not None
    assert divergence.step == done == trainer.step_count
    assert len(trainer.recording.history) == done + 1
    assert f"step {done}" in trainer.ending
    assert divergence.operation in trainer.ending
    assert np.isfinite(trainer.network.flat).all() or divergence.operation == "weights"
    weights = trainer.network.flat.tobytes()
    assert trainer.run(5) == 0
    record = trainer.step()
    assert record.step == done
    assert np.isnan(record.update_ratio).all()
    trainer.advance_part()
    assert trainer.network.flat.tobytes() == weights
    assert len(trainer.recording.history) == done + 1


@pytest.mark.parametrize(("layer", "label"), [(0, "layer 1"), (2, "layer 3"), (3, "output layer")])
def test_nan_in_the_weights_is_found_at_the_next_step(layer: int, label: str) -> None:
    trainer = Trainer(small(activation="relu", initializer="he_normal"))
    trainer.run(3)
    trainer.network.weights[layer][0, 1] = np.nan
    assert trainer.run(5) == 0
    assert trainer.ending == f"not finite at step 3: {label}, weights"
    divergence = trainer.divergence
    assert divergence is not None
    assert (divergence.unit, divergence.sample) == (1, None)


def test_a_huge_but_finite_weight_is_no_divergence() -> None:
    trainer = Trainer(small(precision="float64"))
    trainer.network.weights[0][0, 0] = 1e200
    assert trainer.run(3) == 3
    assert trainer.step().weight_norm[0] == pytest.approx(1e200)


def test_a_run_can_go_back_from_its_divergence() -> None:
    trainer = Trainer(diverging())
    start = trainer.snapshot()
    steps = trainer.run(10_000)
    trainer.restore(start)
    assert (trainer.state, trainer.ending, trainer.divergence) == (TrainState.ACTIVE, "", None)
    assert trainer.run(10_000) == steps
    assert same(trainer, straight(diverging(), 0)) is False
    assert trainer.state is TrainState.DIVERGED


def test_going_back_takes_back_live_changes() -> None:
    trainer = Trainer(small(edits=(Edit(step=2, field="momentum", value=0.5),)))
    trainer.run(4)
    trainer.set("learning_rate", 0.3)
    kept = trainer.snapshot()
    trainer.run(3)
    trainer.set("learning_rate", 0.7)
    trainer.set("clip_norm", 1.0)
    trainer.run(1)
    trainer.restore(kept)
    assert (trainer.learning_rate, trainer.live.momentum, trainer.live.clip_norm) == (
        0.3,
        0.5,
        None,
    )
    assert [edit.step for edit in trainer.live.edits] == [2, 4]
    assert len(trainer.recording.history) == 8


def test_a_snapshot_ahead_of_the_recording_is_refused() -> None:
    ahead = straight(small(), 5).snapshot()
    with pytest.raises(ValueError, match="step 5 is not reached"):
        Trainer(small()).restore(ahead)


def test_a_gradient_too_small_for_single_squares_is_recorded() -> None:
    setup = small((6,) * 25, activation="sigmoid", initializer="uniform_fan_in")
    record = Trainer(setup).step()
    assert 0 < record.delta_rms[0] < 1e-18
    assert 0 < record.weight_grad_norm[0] < 1e-18
    assert 0 < record.update_ratio[0] < 1e-18


def test_a_start_of_zeros_gives_exact_zeros() -> None:
    record = Trainer(small(initializer="zeros", output="zeros")).step()
    assert not record.weight_grad_norm[:-1].any()
    assert not record.delta_rms[:-1].any()
    assert record.delta_rms[-1] > 0
    assert np.isnan(record.update_ratio).all()  # 0 over 0: tanh of 0 feeds the output with 0


def test_a_symmetric_start_stays_symmetric() -> None:
    trainer = Trainer(small(initializer="constant", output="constant", learning_rate=0.3))
    trainer.run(100)
    for W in trainer.network.weights[:2]:
        assert np.abs(W - W[:, :1]).max() <= 1e-12
    assert trainer.network.weights[0][0, 0] != np.float32(0.1)


# -- evaluation --------------------------------------------------------------------------------


def test_test_set_is_evaluated_on_schedule() -> None:
    trainer = Trainer(small(learning_rate=0.5))
    interval = trainer.recording.evaluation_interval
    assert interval >= 10
    trainer.run(2 * interval + 1)
    rows = trainer.recording.evaluations
    assert len(rows) == 3
    seen = rows.read("test_loss")
    assert seen.steps.tolist() == [0, interval, 2 * interval]
    straight_run = straight(small(learning_rate=0.5), 2 * interval)
    net, data = straight_run.network, straight_run.data
    z = net.output(data.x_test)
    latest = trainer.recording.evaluations
    assert latest.latest("test_loss")[0] == net.loss.value(z, data.y_test)
    hits = net.loss.predict(z) == data.labels_test
    assert latest.latest("test_accuracy")[0] == np.mean(hits)
    hits = net.loss.predict(net.output(data.x_train)) == data.labels_train
    assert latest.latest("train_accuracy")[0] == np.mean(hits)


def test_a_recording_that_is_given_keeps_its_own_schedule() -> None:
    setup = small()
    recording = Recording(setup, evaluation_interval=4)
    trainer = Trainer(setup, recording)
    trainer.run(9)
    assert trainer.recording is recording
    assert recording.evaluations.read("train_accuracy").steps.tolist() == [0, 4, 8]


def test_a_regression_has_a_test_loss_but_no_accuracy() -> None:
    trainer = Trainer(small(data="sine", loss="mse"))
    trainer.run(1)
    evaluations = trainer.recording.evaluations
    assert evaluations.latest("test_loss")[0] > 0
    assert np.isnan(evaluations.latest("test_accuracy")[0])
    assert trainer.recording.class_count == 0
    assert trainer.recording.chance is None


def test_evaluating_leaves_the_step_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = small()
    usual = straight(setup, 30)
    monkeypatch.setattr(
        "gradstudio.training.evaluation.Evaluation.is_due", lambda self, step: step % 3 == 1
    )
    often = straight(setup, 30)
    assert len(often.recording.evaluations) == 10
    assert same(often, usual)


def test_learning_works() -> None:
    setup = small((16, 16), optimizer="adam", learning_rate=0.02)
    setup = setup.model_copy(
        update={"data": setup.data.model_copy(update={"samples": 400, "noise": 0.0})}
    )
    trainer = Trainer(setup)
    trainer.run(2 * trainer.recording.evaluation_interval + 1500)
    assert trainer.recording.evaluations.latest("train_accuracy")[0] > 0.95
    assert trainer.recording.chance == pytest.approx(math.log(2))
