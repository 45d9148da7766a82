"""Probes are measured on the worker, when asked, of the step whose gradients they show."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.run.runner import Runner
from gradstudio.run.status import RunState
from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup, StopSetup
from gradstudio.training.trainer import Trainer

SETUP = Setup(network=NetworkSetup(layers=(LayerSetup(units=6), LayerSetup(units=5))))


def settle(runner: Runner) -> None:
    assert runner.wait(lambda status: status.state is not RunState.PREPARING, timeout=20.0)


def test_nothing_is_measured_as_long_as_nobody_looks(runner: Runner) -> None:
    runner.prepare(SETUP)
    runner.step()
    settle(runner)
    assert runner.reading is None
    assert runner.first_reading is None


def test_the_start_and_every_stop_are_measured(runner: Runner) -> None:
    runner.watch(["chain", "weights"])
    runner.prepare(SETUP)
    settle(runner)
    first = runner.first_reading
    assert first is not None
    assert first.step == 0
    assert first is runner.reading
    runner.step()
    runner.step()
    settle(runner)
    assert runner.reading is not None
    assert runner.reading.step == 1
    assert runner.first_reading is first
    assert set(runner.reading.values) == {"chain", "weights"}


def test_a_reading_is_that_of_the_gradients_before_the_update(runner: Runner) -> None:
    runner.watch(["chain"])
    runner.prepare(SETUP)
    runner.step()
    runner.step()
    settle(runner)
    assert runner.reading is not None
    trainer = Trainer(SETUP)
    trainer.step()
    record = trainer.step()
    ratio = record.delta_rms[0] / record.delta_rms[-1]
    assert runner.reading.values["chain"].ratio == pytest.approx(ratio, rel=1e-5)


def test_a_running_network_is_measured_when_asked_and_where_it_stops(runner: Runner) -> None:
    runner.watch(["weights"])
    runner.prepare(SETUP)
    runner.run()
    assert runner.wait(lambda status: status.step > 50, timeout=20.0)
    runner.request_reading()
    assert runner.wait(lambda status: (r := runner.reading) is not None and r.step > 50, 20.0)
    runner.pause()
    assert runner.wait_for(RunState.PAUSED, timeout=20.0)
    assert runner.reading is not None
    assert runner.reading.step == runner.status.step  # of the batch that comes next


def test_a_run_that_ends_by_itself_is_measured_where_it_ends(runner: Runner) -> None:
    runner.watch(["weights"])
    training = SETUP.training.model_copy(update={"stop": StopSetup(steps=40)})
    runner.prepare(SETUP.model_copy(update={"training": training}))
    runner.run()
    assert runner.wait_for(RunState.FINISHED, timeout=20.0)
    assert runner.reading is not None
    assert runner.reading.step == 40


def test_a_probe_watched_at_rest_measures_the_next_batch_without_training(runner: Runner) -> None:
    runner.prepare(SETUP)
    runner.step()
    settle(runner)
    before = runner.trainer.network.flat.copy()
    runner.watch(["deltas"])
    runner.request_reading()
    settle(runner)
    assert runner.reading is not None
    assert runner.reading.step == 1
    assert runner.status.step == 1
    np.testing.assert_array_equal(runner.trainer.network.flat, before)
    kept = runner.reading
    runner.request_reading()
    settle(runner)
    assert runner.reading is kept


def test_readings_change_nothing_of_a_run(runner: Runner) -> None:
    runner.watch(["chain", "weights", "noise"])
    runner.prepare(SETUP)
    for _ in range(3):
        runner.step()
    settle(runner)
    trainer = Trainer(SETUP)
    trainer.run(3)
    np.testing.assert_array_equal(runner.trainer.network.flat, trainer.network.flat)


def test_an_unknown_probe_is_refused(runner: Runner) -> None:
    with pytest.raises(KeyError, match="heat"):
        runner.watch(["heat"])
