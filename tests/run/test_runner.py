"""The run in time: states, commands, and the same numbers whatever way one goes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from gradstudio.run import worker
from gradstudio.run.runner import Runner
from gradstudio.run.status import RunState, RunStatus
from gradstudio.setup.models import Setup, StopSetup
from gradstudio.training.state import Part
from gradstudio.training.trainer import Trainer

from .conftest import TIMEOUT, diverging, finishing, impossible, small

ANY = tuple(RunState)


def in_state(state: RunState, runner: Runner) -> None:
    """Bring a new runner into a state."""
    setups = {RunState.FINISHED: finishing(5), RunState.DIVERGED: diverging()}
    if state is RunState.EMPTY:
        return
    runner.prepare(setups.get(state, small()))
    if state in (RunState.RUNNING, RunState.PAUSED, *setups):
        runner.run()
    if state is RunState.PAUSED:
        assert runner.wait(lambda status: status.step > 0, TIMEOUT)
        runner.pause()
    if state is RunState.FAILED:
        assert runner.wait_for(RunState.READY, timeout=TIMEOUT)
        runner.prepare(impossible())
    assert runner.wait_for(state, timeout=TIMEOUT)


COMMANDS: dict[str, Callable[[Runner], None]] = {
    "prepare": lambda runner: runner.prepare(small()),
    "run": Runner.run,
    "pause": Runner.pause,
    "step": Runner.step,
    "step_epoch": Runner.step_epoch,
    "advance_part": Runner.advance_part,
    "reset": Runner.reset,
    "set": lambda runner: runner.set("learning_rate", 0.01),
    "set_stop": lambda runner: runner.set_stop(StopSetup()),
    "set_pace": lambda runner: runner.set_pace(None),
    "request_snapshot": Runner.request_snapshot,
}
MOVES: dict[RunState, dict[str, RunState]] = {
    RunState.EMPTY: {},
    RunState.READY: {
        "run": RunState.RUNNING,
        "step": RunState.PAUSED,
        "step_epoch": RunState.PAUSED,
        "advance_part": RunState.PAUSED,
    },
    RunState.RUNNING: {
        "pause": RunState.PAUSED,
        "step": RunState.PAUSED,
        "step_epoch": RunState.PAUSED,
        "advance_part": RunState.PAUSED,
        "reset": RunState.READY,
    },
    RunState.PAUSED: {"run": RunState.RUNNING, "reset": RunState.READY},
    RunState.FINISHED: {
        "run": RunState.RUNNING,
        "step": RunState.PAUSED,
        "step_epoch": RunState.PAUSED,
        "advance_part": RunState.PAUSED,
        "reset": RunState.READY,
    },
    RunState.DIVERGED: {"reset": RunState.READY},
    RunState.FAILED: {"reset": RunState.READY},
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", MOVES)
def test_every_command_in_every_state_twice(runner: Runner, state: RunState, command: str) -> None:
    in_state(state, runner)
    expected = RunState.READY if command == "prepare" else MOVES[state].get(command, state)
    for _ in range(2):
        COMMANDS[command](runner)
        assert runner.wait_for(expected, timeout=TIMEOUT), runner.status


def test_a_prepared_run_is_measured_and_copied_but_not_trained(runner: Runner) -> None:
    assert runner.status == RunStatus()
    assert runner.recording is None
    runner.prepare(small())
    assert runner.wait_for(RunState.READY, timeout=TIMEOUT)
    trainer, recording, snapshot = runner.trainer, runner.recording, runner.snapshot
    assert trainer is not None
    assert recording is not None
    assert snapshot is not None
    assert recording.initial is not None
    assert np.isfinite(recording.initial.delta_rms).all()
    assert len(recording.history) == 0
    assert (runner.status.step, runner.status.elapsed, snapshot.step) == (0, 0.0, 0)
    fresh = Trainer(small())
    assert trainer.network.flat.tobytes() == fresh.network.flat.tobytes()


def run_some(runner: Runner) -> None:
    runner.run()
    step = runner.status.step
    assert runner.wait(lambda status: status.step > step + 2, TIMEOUT)
    runner.pause()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)


def advance_half(runner: Runner) -> None:
    for _ in range(3):
        runner.advance_part()


def take_a_part_and_run(runner: Runner) -> None:
    runner.advance_part()
    run_some(runner)


PATTERNS: dict[str, tuple[Callable[[Runner], None], ...]] = {
    "run": (run_some,),
    "step": (Runner.step,) * 7,
    "run, step, run": (run_some, Runner.step, run_some),
    "epochs": (Runner.step_epoch, run_some, Runner.step_epoch),
    "parts": (advance_half, Runner.step, advance_half, advance_half),
    "part, run": (take_a_part_and_run, Runner.step, take_a_part_and_run),
    "snapshots": (run_some, Runner.request_snapshot, run_some, Runner.request_snapshot),
    "reset": (run_some, Runner.reset, run_some),
}


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_way_there_does_not_change_the_weights(
    runner: Runner, pattern: str, optimizer: str
) -> None:
    setup = small(optimizer=optimizer)
    runner.prepare(setup)
    for act in PATTERNS[pattern]:
        act(runner)
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    runner.step()
    assert runner.wait(lambda status: status.part is None, TIMEOUT)
    trainer = runner.trainer
    assert trainer is not None
    straight = Trainer(setup)
    straight.run(trainer.step_count)
    assert trainer.step_count == straight.step_count > 0
    assert trainer.network.flat.tobytes() == straight.network.flat.tobytes()
    for name in ("loss", "delta_rms", "update_ratio"):
        first, last = max(0, trainer.step_count - 1000), trainer.step_count
        ours = trainer.recording.history.read(name, first, last)
        theirs = straight.recording.history.read(name, first, last)
        assert ours.last.tobytes() == theirs.last.tobytes()


def test_a_live_change_is_dated_and_can_be_repeated(runner: Runner) -> None:
    runner.prepare(small())
    run_some(runner)
    runner.set("learning_rate", 0.02)
    run_some(runner)
    trainer = runner.trainer
    assert trainer is not None
    (edit,) = trainer.live.edits
    assert (edit.field, edit.value) == ("learning_rate", 0.02)
    again = Trainer(small())
    again.run(edit.step)
    again.set("learning_rate", 0.02)
    again.run(trainer.step_count - edit.step)
    assert trainer.network.flat.tobytes() == again.network.flat.tobytes()


def test_an_impossible_change_is_refused_and_the_run_goes_on(runner: Runner) -> None:
    runner.prepare(small())
    runner.run()
    runner.set("learning_rate", -1.0)
    assert runner.wait(lambda status: "learning_rate" in status.message, TIMEOUT)
    assert runner.status.state is RunState.RUNNING


def test_step_epoch_ends_with_the_pass(runner: Runner) -> None:
    runner.prepare(small())
    runner.step()
    for passes in (1, 2, 3):
        runner.step_epoch()
        assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
        trainer = runner.trainer
        assert trainer is not None
        assert trainer.step_count == passes * trainer.steps_per_epoch
        assert runner.status.epoch == passes


def test_parts_of_a_step_are_shown_and_counted(runner: Runner) -> None:
    runner.prepare(small())
    shown = []
    for _ in range(6):
        runner.advance_part()
        assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
        shown.append((runner.status.part, runner.status.step))
    assert [part for part, _ in shown] == [*Part, Part.FORWARD]
    assert [step for _, step in shown] == [0, 0, 0, 0, 1, 1]
    runner.step()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    assert (runner.status.part, runner.status.step) == (None, 2)


def test_a_snapshot_between_update_and_repeat_counts_the_update(runner: Runner) -> None:
    runner.prepare(small())
    steps = []
    for _ in Part:
        runner.advance_part()
        runner.request_snapshot()
        assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
        assert runner.snapshot is not None
        steps.append(runner.snapshot.step)
    assert steps == [0, 0, 0, 1, 1]


def test_the_closed_gate_stops_the_steps_but_not_the_commands(runner: Runner) -> None:
    runner.prepare(small())
    runner.run()
    assert runner.wait(lambda status: status.step > 0, TIMEOUT)
    runner.close_gate()
    runner.set_pace(None)
    assert runner.wait_for(RunState.RUNNING, timeout=TIMEOUT)
    trainer = runner.trainer
    assert trainer is not None
    stood = trainer.step_count
    for _ in range(3):
        runner.set_pace(None)
        assert runner.wait_for(RunState.RUNNING, timeout=TIMEOUT)
        assert trainer.step_count == stood
    runner.open_gate()
    assert runner.wait(lambda status: status.step > stood, TIMEOUT)


def test_a_paced_run_takes_its_time_and_still_obeys(runner: Runner) -> None:
    runner.set_pace(0.001)
    runner.prepare(small())
    runner.run()
    assert runner.wait(lambda status: status.step == 1, TIMEOUT)
    runner.set("learning_rate", 0.05)
    runner.pause()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    assert runner.status.step == 1
    runner.set_pace(None)
    run_some(runner)


def test_a_snapshot_holds_the_parameters_of_its_step(runner: Runner) -> None:
    setup = small()
    runner.prepare(setup)
    runner.run()
    taken = []
    for _ in range(5):
        step = runner.status.step
        runner.request_snapshot()
        runner.request_snapshot()
        assert runner.wait(lambda status, step=step: status.step > step, TIMEOUT)
        taken.append(runner.snapshot)
    runner.pause()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    straight = Trainer(setup)
    for snapshot in taken:
        assert snapshot is not None
        straight.run(snapshot.step - straight.step_count)
        assert snapshot.parameters.tobytes() == straight.network.flat.tobytes()
        if snapshot.step:
            assert snapshot.gradients.tobytes() == straight.network.flat_grads.tobytes()
    assert taken[-1] is not None
    assert taken[-1].step > 0


def test_a_snapshot_makes_a_network_of_its_own(runner: Runner) -> None:
    runner.prepare(small())
    runner.step()
    runner.request_snapshot()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    trainer, snapshot = runner.trainer, runner.snapshot
    assert trainer is not None
    assert snapshot is not None
    assert snapshot.step == 1
    x = trainer.data.x_test
    net = snapshot.network()
    assert net.output(x).tobytes() == trainer.network.output(x).tobytes()
    net.flat[...] = 0.0
    assert trainer.network.flat.any()
    assert snapshot.parameters.any()


def test_divergence_ends_the_run_and_keeps_what_came_before(runner: Runner) -> None:
    runner.prepare(diverging())
    runner.run()
    assert runner.wait_for(RunState.DIVERGED, timeout=TIMEOUT)
    recording = runner.recording
    assert recording is not None
    assert recording.divergence is not None
    assert runner.status.step == recording.divergence.step
    assert runner.status.message


def test_a_stop_rule_ends_the_run_and_running_on_passes_it(runner: Runner) -> None:
    runner.prepare(finishing(5))
    runner.run()
    assert runner.wait_for(RunState.FINISHED, timeout=TIMEOUT)
    assert runner.status.step == 5
    assert "5" in runner.status.message
    runner.run()
    assert runner.wait(lambda status: status.step > 20, TIMEOUT)
    assert runner.status.state is RunState.RUNNING
    assert runner.status.message == ""


def test_a_new_stop_rule_reaches_a_running_run(runner: Runner) -> None:
    runner.prepare(small())
    runner.run()
    runner.set_stop(StopSetup(steps=1))
    assert runner.wait_for(RunState.FINISHED, timeout=TIMEOUT)


def test_a_setup_that_cannot_be_leaves_the_last_run(runner: Runner) -> None:
    runner.prepare(small())
    runner.step()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    recording = runner.recording
    runner.prepare(impossible())
    assert runner.wait_for(RunState.FAILED, timeout=TIMEOUT)
    assert "training.loss" in runner.status.message
    assert runner.recording is recording
    assert recording is not None
    assert len(recording.history) == 1


def test_a_fault_while_training_is_told_and_logged(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Trainer, steps: int) -> int:
        raise ZeroDivisionError("the tenth of nothing")

    runner.prepare(small())
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(Trainer, "run", broken)
        runner.run()
        assert runner.wait_for(RunState.FAILED, timeout=TIMEOUT)
    assert "the tenth of nothing" in runner.status.message
    assert "Traceback" in caplog.text
    runner.prepare(small())
    run_some(runner)


def test_too_little_memory_is_told(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(setup: Setup) -> Trainer:
        raise MemoryError

    monkeypatch.setattr(worker, "Trainer", too_large)
    runner.prepare(small())
    assert runner.wait_for(RunState.FAILED, timeout=TIMEOUT)
    assert "memory" in runner.status.message


class SlowMaking:
    """Makes trainers, the first one only when told to."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.made: list[Setup] = []

    def __call__(self, setup: Setup) -> Trainer:
        self.begun.set()
        assert self.go_on.wait(TIMEOUT)
        self.made.append(setup)
        return Trainer(setup)


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowMaking]:
    slow = SlowMaking()
    monkeypatch.setattr(worker, "Trainer", slow)
    yield slow
    slow.go_on.set()


def test_a_newer_setup_supersedes_those_that_wait(making: SlowMaking) -> None:
    runner = Runner()
    setups = [small(learning_rate=rate) for rate in (0.1, 0.2, 0.3)]
    runner.prepare(setups[0])
    assert making.begun.wait(TIMEOUT)
    assert runner.status.state is RunState.PREPARING
    assert not runner.is_idle
    runner.prepare(setups[1])
    runner.run()
    runner.prepare(setups[2])
    making.go_on.set()
    assert runner.wait_for(RunState.READY, timeout=TIMEOUT)
    assert making.made == [setups[0], setups[2]]
    assert runner.trainer is not None
    assert runner.trainer.setup == setups[2]
    assert runner.status.step == 0
    assert runner.shut_down(TIMEOUT)


def test_shutting_down_while_preparing_keeps_its_time(making: SlowMaking) -> None:
    runner = Runner()
    runner.prepare(small())
    assert making.begun.wait(TIMEOUT)
    assert not runner.shut_down(timeout=0.01)
    making.go_on.set()
    assert runner.shut_down(TIMEOUT)


@pytest.mark.parametrize("state", MOVES)
def test_shutting_down_ends_the_thread_in_every_state(state: RunState) -> None:
    runner = Runner()
    in_state(state, runner)
    assert runner.shut_down(TIMEOUT)
    assert runner.shut_down(0.0)
    runner.run()
    assert "gradstudio-run" not in [thread.name for thread in threading.enumerate()]


def test_shutting_down_ends_a_wait_at_the_gate_and_for_the_pace() -> None:
    for pace in (None, 0.001):
        runner = Runner()
        runner.set_pace(pace)
        runner.prepare(small())
        runner.run()
        assert runner.wait(lambda status: status.step > 0, TIMEOUT)
        runner.close_gate()
        assert runner.shut_down(TIMEOUT)
        runner.close_gate()


def test_elapsed_time_and_speed_belong_to_running(runner: Runner) -> None:
    runner.prepare(small())
    runner.step()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    stepped = runner.status.elapsed
    assert stepped > 0
    runner.run()
    assert runner.wait(lambda status: status.elapsed > stepped, TIMEOUT)
    assert runner.wait(lambda status: status.steps_per_second > 0, TIMEOUT)
    runner.pause()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    paused = runner.status
    assert paused.elapsed > stepped
    assert paused.steps_per_second == 0
    runner.request_snapshot()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    assert runner.status.elapsed == paused.elapsed
    runner.reset()
    assert runner.wait_for(RunState.READY, timeout=TIMEOUT)
    assert runner.status.elapsed == 0


def test_the_revision_rises_with_every_change_and_rests_otherwise(runner: Runner) -> None:
    seen = [runner.status.revision]
    acts = (lambda: runner.prepare(small()), runner.step, runner.step, runner.advance_part)
    for act in acts:
        act()
        assert runner.wait_for(RunState.READY, RunState.PAUSED, timeout=TIMEOUT)
        seen.append(runner.status.revision)
    assert seen == sorted(set(seen))
    resting = runner.status
    runner.request_snapshot()
    runner.pause()
    assert runner.wait_for(RunState.PAUSED, timeout=TIMEOUT)
    assert runner.status == resting


def test_the_caller_is_told_when_the_trainer_is_its_own(runner: Runner) -> None:
    runner.prepare(small())
    assert not runner.is_idle or runner.status.state is RunState.READY
    assert runner.wait_for(RunState.READY, timeout=TIMEOUT)
    assert runner.is_idle
    runner.run()
    assert not runner.is_idle
    assert runner.wait(lambda status: status.step > 3, TIMEOUT)
    assert not runner.is_idle
    runner.pause()
    assert runner.wait_for(*ANY, timeout=TIMEOUT)
    assert runner.is_idle
