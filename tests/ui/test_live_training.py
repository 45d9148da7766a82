"""The training panel beside a run: what goes to it at once, and what waits for a new one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gradstudio import Trainer, load_setup
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.run.status import RunState
from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.fields import NumberField
from gradstudio.ui.main_window import MainWindow
from gradstudio.ui.panels.training import TrainingPanel

Settle = Callable[[], None]


def choose(field: object, value: str) -> None:
    assert isinstance(field, ChoiceField)
    field.setCurrentIndex(field.findData(value))
    field.activated.emit(field.currentIndex())


def put(field: object, value: float) -> None:
    assert isinstance(field, NumberField)
    field.lineEdit().setText(str(value))
    field._dirty = True
    field.commit()


def clip(panel: TrainingPanel) -> None:
    choose(panel.clipping.editor("clip"), "both")
    put(panel.clipping.editor("clip_norm"), 0.05)
    put(panel.clipping.editor("clip_value"), 0.01)


def decay(panel: TrainingPanel) -> None:
    put(panel.details.editor("weight_decay"), 0.02)


@pytest.mark.parametrize("act", [clip, decay])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_clipping_and_decay_go_to_the_running_run_which_can_be_repeated(
    qtbot: QtBot,
    window: MainWindow,
    settle: Settle,
    tmp_path: Path,
    act: Callable[[TrainingPanel], None],
    optimizer: str,
) -> None:
    panel = window.studio.training
    choose(panel.form.editor("optimizer"), optimizer)
    window.session.run()
    qtbot.waitUntil(lambda: window.session.status.step > 20, timeout=10_000)
    act(panel)
    assert not window.session.is_stale
    before = window.session.status.step
    qtbot.waitUntil(lambda: window.session.status.step > before + 20, timeout=10_000)
    window.session.toggle()
    settle()
    trainer = window.runner.trainer
    assert trainer is not None
    assert {edit.field for edit in trainer.live.edits} >= (
        {"weight_decay"} if act is decay else {"clip_norm", "clip_value"}
    )
    path = tmp_path / "run.gradstudio.json"
    window.document.save(path, window.session.setup_to_save())
    again = Trainer(load_setup(path))
    again.run(window.session.status.step)
    assert again.network.flat.tobytes() == trainer.network.flat.tobytes()


def test_a_schedule_waits_for_a_new_run(window: MainWindow, settle: Settle) -> None:
    window.session.step()
    settle()
    panel = window.studio.training
    choose(panel.schedule.editor("name"), "step")
    put(panel.schedule.editor("steps"), 2)
    assert window.session.is_stale
    assert window.transport.run_text() == "Apply and run"
    window.session.prepare()
    settle()
    assert window.run_state() is RunState.READY
    for _ in range(5):
        window.session.step()
        settle()
    assert window.session.recording is not None
    rates = window.session.recording.history.read("learning_rate").last[:, 0]
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.05, 0.05, 0.025])
    assert "η is 0.0250" in window.studio.loop.lines()[3]


def test_undo_during_a_run_takes_a_live_change_back(window: MainWindow, settle: Settle) -> None:
    window.session.step()
    settle()
    put(window.studio.training.details.editor("weight_decay"), 0.5)
    window.session.step()
    settle()
    trainer = window.runner.trainer
    assert trainer is not None
    assert trainer.live.weight_decay == 0.5
    window.document.undo_stack.undo()
    window.session.step()
    settle()
    assert trainer.live.weight_decay == 0.0


def test_the_loop_shows_the_formula_of_the_optimizer(window: MainWindow, settle: Settle) -> None:
    assert r"\partial" in window.studio.loop.formulas()[3]
    for optimizer in ("adam", "nesterov"):
        choose(window.studio.training.form.editor("optimizer"), optimizer)
        window.session.prepare()
        settle()
        assert window.studio.loop.formulas()[3] == OPTIMIZERS[optimizer].formula
    choose(window.studio.training.form.editor("optimizer"), "sgd")
    window.session.prepare()
    settle()
    assert r"\partial" in window.studio.loop.formulas()[3]
