"""What a person does with the window, and what the window then shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from gradstudio import load_setup
from gradstudio.run.status import RunState
from gradstudio.setup.file import write_setup
from gradstudio.setup.models import LayerSetup, Setup, StopSetup
from gradstudio.training.trainer import Trainer
from gradstudio.ui.clock import FRAME_SECONDS
from gradstudio.ui.main_window import MainWindow
from gradstudio.ui.seeds import ROLLED_SEEDS

Settle = Callable[[], None]


def weights_of(window: MainWindow) -> bytes:
    trainer = window.runner.trainer
    assert trainer is not None
    return trainer.network.flat.tobytes()


def trigger(window: MainWindow, name: str) -> None:
    window.actions_by_name[name].trigger()


def with_layer(setup: Setup, **fields: object) -> Setup:
    layers = (LayerSetup(units=4).model_copy(update=fields), *setup.network.layers[1:])
    network = setup.network.model_copy(update={"layers": layers})
    return setup.model_copy(update={"network": network})


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    window.dropEvent(
        QDropEvent(
            QPointF(10, 10),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def test_run_moves_the_curves_and_pause_stops_them(
    qtbot: QtBot, window: MainWindow, settle: Settle
) -> None:
    trigger(window, "run")
    assert window.actions_by_name["run"].text() in ("&Run", "&Pause")
    qtbot.waitUntil(lambda: window.transport.shown_step() > 50, timeout=10_000)
    assert window.transport.run_text() == "Pause"
    trigger(window, "run")
    settle()
    assert window.run_state() is RunState.PAUSED
    shown = window.transport.shown_step()
    assert shown == window.session.status.step == len(window.session.recording.history)
    assert window.transport.run_text() == "Continue"
    assert window.status_line.word().startswith("Paused")


def test_one_step_is_the_step_of_a_plain_trainer(
    window: MainWindow, settle: Settle, small_setup: Setup
) -> None:
    plain = Trainer(small_setup)
    for _ in range(3):
        trigger(window, "step")
        settle()
        plain.step()
        assert weights_of(window) == plain.network.flat.tobytes()
    assert window.transport.shown_step() == 3


def test_reset_gives_the_first_weights_back_every_time(window: MainWindow, settle: Settle) -> None:
    first = weights_of(window)
    for _ in range(2):
        trigger(window, "step_epoch")
        settle()
        assert weights_of(window) != first
        trigger(window, "reset")
        settle()
        assert weights_of(window) == first
        assert window.session.status.step == 0
        assert window.transport.shown_step() == 0


def test_reroll_draws_other_weights_and_undo_brings_the_old_ones_back(
    window: MainWindow, settle: Settle
) -> None:
    first = weights_of(window)
    trigger(window, "reroll")
    settle()
    assert weights_of(window) != first
    assert window.document.setup.network.seed < ROLLED_SEEDS
    trigger(window, "undo")
    settle()
    if window.session.is_stale:
        trigger(window, "reset")
        settle()
    assert weights_of(window) == first


def test_step_epoch_ends_at_the_end_of_the_pass(window: MainWindow, settle: Settle) -> None:
    trainer = window.runner.trainer
    assert trainer is not None
    trigger(window, "step")
    settle()
    trigger(window, "step_epoch")
    settle()
    assert window.session.status.step == trainer.steps_per_epoch


def test_the_five_parts_light_up_in_order_and_make_one_exact_step(
    window: MainWindow, settle: Settle, small_setup: Setup
) -> None:
    plain = Trainer(small_setup)
    plain.step()
    seen = []
    for _ in range(5):
        trigger(window, "advance_part")
        settle()
        seen.append(window.transport.stepper.part())
    assert seen == [1, 2, 3, 4, 5]
    assert weights_of(window) == plain.network.flat.tobytes()
    assert "Step 1 is done" in window.studio.loop.lines()[4]


def test_learning_rate_changes_a_running_run_without_a_reset(
    qtbot: QtBot, window: MainWindow, settle: Settle
) -> None:
    trigger(window, "run")
    qtbot.waitUntil(lambda: window.session.status.step > 20, timeout=10_000)
    before = window.session.status.step
    window.session.set_learning_rate(0.025)
    qtbot.waitUntil(lambda: window.session.status.step > before + 100, timeout=10_000)
    trigger(window, "run")
    settle()
    rates = window.session.recording.history.read("learning_rate").last[:, 0]
    assert rates[0] == 0.1
    assert rates[-1] == 0.025
    assert np.count_nonzero(np.diff(rates)) == 1
    assert window.session.recording.history.read("loss").steps[0] == 0
    assert not window.session.is_stale


def test_a_saved_run_with_a_changed_rate_repeats_bit_for_bit(
    window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    trigger(window, "step_epoch")
    settle()
    window.session.set_learning_rate(0.02)
    trigger(window, "step_epoch")
    settle()
    path = tmp_path / "run.gradstudio.json"
    window.document.save(path, window.session.setup_to_save())
    again = Trainer(load_setup(path))
    again.run(window.session.status.step)
    assert again.network.flat.tobytes() == weights_of(window)


def test_an_edit_of_the_design_waits_until_it_is_applied(
    window: MainWindow, settle: Settle, small_setup: Setup
) -> None:
    trigger(window, "step")
    settle()
    kept = weights_of(window)
    window.document.edit(with_layer(small_setup, units=9), "Layer 1 units 4 to 9")
    settle()
    assert window.session.is_stale
    assert window.transport.run_text() == "Apply and run"
    assert weights_of(window) == kept
    trigger(window, "undo")
    settle()
    assert not window.session.is_stale
    assert window.transport.run_text() == "Continue"
    trigger(window, "redo")
    trigger(window, "step")
    settle()
    assert window.runner.trainer.network.sizes[1] == 9
    assert window.session.status.step == 1


def test_the_button_applies_an_edit_to_a_running_run_and_space_pauses_it(
    qtbot: QtBot, window: MainWindow, settle: Settle, small_setup: Setup
) -> None:
    trigger(window, "run")
    qtbot.waitUntil(lambda: window.session.status.step > 20, timeout=10_000)
    window.document.edit(with_layer(small_setup, units=9), "Layer 1 units 4 to 9")
    assert window.transport.run_text() == "Apply and run"
    assert window.actions_by_name["run"].text() == "&Pause"
    trigger(window, "run")
    settle()
    assert window.run_state() is RunState.PAUSED
    assert window.runner.trainer.network.sizes[1] == 4
    trigger(window, "apply")
    qtbot.waitUntil(lambda: window.transport.run_text() == "Pause", timeout=10_000)
    assert window.runner.trainer.network.sizes[1] == 9
    window.document.edit(small_setup, "Layer 1 units 9 to 4")
    button = window.transport.findChild(QPushButton, "run_button")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.transport.run_text() == "Pause", timeout=10_000)
    assert window.runner.trainer.network.sizes[1] == 4
    trigger(window, "apply")
    settle()
    assert window.run_state() is RunState.PAUSED


def test_the_data_panel_describes_the_data_of_the_run_alone(
    window: MainWindow, settle: Settle, small_setup: Setup
) -> None:
    trigger(window, "step")
    settle()
    header = window.studio.data.header
    described = header.subtitle()
    assert described == window.runner.trainer.data.describe()
    data = small_setup.data.model_copy(update={"samples": 80})
    window.document.edit(small_setup.model_copy(update={"data": data}), "Samples 500 to 80")
    assert header.subtitle() == "loaded with the next run"
    trigger(window, "undo")
    assert header.subtitle() == described


def test_a_plot_takes_the_middle_by_its_header_and_gives_it_back_by_escape(
    qtbot: QtBot, window: MainWindow
) -> None:
    studio = window.studio
    qtbot.mouseDClick(studio.loss.header, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert studio.focused is studio.loss
    assert not studio.gradient.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert studio.focused is None
    assert studio.gradient.isVisible()


def test_a_command_is_drawn_soon_after_a_dear_frame(qtbot: QtBot, window: MainWindow) -> None:
    clock = window.session.clock
    clock._timer.start(60_000)
    trigger(window, "step")
    assert clock._timer.remainingTime() <= 1000 * FRAME_SECONDS
    qtbot.waitUntil(lambda: window.transport.shown_step() == 1, timeout=10_000)


def test_an_edit_at_step_0_is_prepared_at_once(
    qtbot: QtBot, window: MainWindow, small_setup: Setup
) -> None:
    window.document.edit(with_layer(small_setup, units=7), "Layer 1 units 4 to 7")
    qtbot.waitUntil(
        lambda: window.runner.is_idle and window.runner.trainer.network.sizes[1] == 7,
        timeout=10_000,
    )
    assert window.run_state() is RunState.READY


def test_a_stop_rule_ends_the_run_and_says_so(
    qtbot: QtBot, window: MainWindow, small_setup: Setup
) -> None:
    training = small_setup.training.model_copy(update={"stop": StopSetup(steps=25)})
    window.document.edit(small_setup.model_copy(update={"training": training}), "Stop")
    trigger(window, "run")
    qtbot.waitUntil(lambda: window.run_state() is RunState.FINISHED, timeout=10_000)
    qtbot.waitUntil(lambda: "25" in window.status_line.word(), timeout=5_000)
    assert window.session.status.step == 25


def test_a_diverging_run_stops_itself_and_keeps_what_was_recorded(
    qtbot: QtBot, window: MainWindow, small_setup: Setup
) -> None:
    setup = with_layer(small_setup, activation="relu")
    training = setup.training.model_copy(update={"learning_rate": 10.0, "loss": "mse"})
    layers = tuple(
        layer.model_copy(
            update={
                "activation": "linear",
                "initializer": layer.initializer.model_copy(update={"name": "normal", "std": 10.0}),
            }
        )
        for layer in setup.network.layers
    )
    network = setup.network.model_copy(update={"layers": layers})
    window.document.edit(
        setup.model_copy(update={"training": training, "network": network}), "Explode"
    )
    trigger(window, "run")
    qtbot.waitUntil(lambda: window.run_state() is RunState.DIVERGED, timeout=10_000)
    qtbot.waitUntil(lambda: "step" in window.status_line.word(), timeout=5_000)
    recording = window.session.recording
    assert recording.divergence is not None
    assert np.isfinite(recording.history.read("loss").last[0, 0])
    qtbot.waitUntil(lambda: window.studio.verdict.shown_title() != "", timeout=5_000)
    assert (
        "finite"
        in (window.studio.verdict.shown_title() + window.studio.verdict.shown_sentence()).lower()
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"format": "gradstudio-setup", "version": 1, "network": {"layers"', "complete"),
        ('{"format": "gradstudio-setup", "version": 99}', "newer"),
        ('{"hello": 1}', "format"),
        ("not json at all", "JSON"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence_and_nothing_is_lost(
    window: MainWindow, settle: Settle, tmp_path: Path, text: str, said: str
) -> None:
    trigger(window, "step")
    settle()
    setup, kept = window.document.setup, weights_of(window)
    path = tmp_path / "bad.gradstudio.json"
    path.write_text(text)
    drop(window, path)
    assert said in window.message_bar.text()
    assert "bad.gradstudio.json" in window.message_bar.text()
    assert window.document.setup == setup
    assert weights_of(window) == kept


def test_a_dropped_setup_is_opened_and_remembered(
    window: MainWindow, settle: Settle, tmp_path: Path, small_setup: Setup
) -> None:
    path = tmp_path / "mine.gradstudio.json"
    write_setup(with_layer(small_setup, units=5), path)
    drop(window, path)
    settle()
    assert window.document.path == path
    assert window.runner.trainer.network.sizes[1] == 5
    assert window.files.recent()[0] == path.resolve()
    assert "mine" in window.windowTitle()


def test_saving_clears_the_mark_and_an_edit_sets_it(
    window: MainWindow, tmp_path: Path, small_setup: Setup
) -> None:
    window.document.edit(with_layer(small_setup, units=6), "Layer 1 units 4 to 6")
    assert window.isWindowModified()
    window.document.save(tmp_path / "a.gradstudio.json", window.session.setup_to_save())
    assert not window.isWindowModified()
    assert load_setup(tmp_path / "a.gradstudio.json").network.layers[0].units == 6


def test_setup_goes_through_the_clipboard_as_text(window: MainWindow, small_setup: Setup) -> None:
    trigger(window, "copy_setup")
    copied = QApplication.clipboard().text()
    assert '"gradstudio-setup"' in copied
    QApplication.clipboard().setText(copied.replace('"Small"', '"Pasted"'))
    trigger(window, "paste_setup")
    assert window.document.setup.name == "Pasted"
    QApplication.clipboard().setText("nonsense")
    trigger(window, "paste_setup")
    assert window.document.setup.name == "Pasted"
    assert "clipboard" in window.message_bar.text()


def test_the_verdict_of_the_window_is_that_of_the_recording(
    qtbot: QtBot, window: MainWindow, settle: Settle
) -> None:
    from gradstudio.training.diagnosis import diagnose

    trigger(window, "step_epoch")
    settle()
    trigger(window, "step_epoch")
    settle()
    trigger(window, "step_epoch")
    settle()
    found = diagnose(window.session.recording)
    window.board.refresh_all()
    assert window.studio.verdict.shown_title() == found.title
    assert window.studio.verdict.shown_sentence() == found.sentence
    assert list(window.studio.verdict.shown_evidence().items()) == list(found.evidence)
    assert found.sentence in window.status_line.sentence()


def test_choosing_a_layer_chooses_it_everywhere(window: MainWindow) -> None:
    window.studio.gradient.layer_clicked.emit(2)
    assert window.board.layer == 2
    assert window.studio.network.selected_layers() == [2]
    trigger(window, "layer_up")
    assert window.board.layer == 1
    assert window.studio.network.selected_layers() == [1]


def test_both_schemes_colour_every_instrument(window: MainWindow) -> None:
    window.set_scheme("light")
    light = window.grab().toImage()
    window.set_scheme("dark")
    dark = window.grab().toImage()
    middle = light.width() // 2, light.height() // 2
    assert light.pixelColor(5, middle[1]).lightness() > 200
    assert dark.pixelColor(5, middle[1]).lightness() < 60


def test_closing_while_training_ends_the_worker(qtbot: QtBot, window: MainWindow) -> None:
    trigger(window, "run")
    qtbot.waitUntil(lambda: window.session.status.step > 10, timeout=10_000)
    assert window.close()
    assert window.runner.shut_down()


def test_closing_with_edits_asks_and_cancel_keeps_the_window(
    window: MainWindow, small_setup: Setup
) -> None:
    window.document.edit(with_layer(small_setup, units=6), "Layer 1 units 4 to 6")
    window.files.may_discard = lambda: False  # type: ignore[method-assign]
    assert not window.close()
    assert window.isVisible()
    window.files.may_discard = lambda: True  # type: ignore[method-assign]


def test_a_new_setup_asks_before_it_drops_edits(window: MainWindow, small_setup: Setup) -> None:
    window.document.edit(with_layer(small_setup, units=6), "Layer 1 units 4 to 6")
    window.files.may_discard = lambda: False  # type: ignore[method-assign]
    trigger(window, "new")
    assert window.document.setup.network.layers[0].units == 6
    window.files.may_discard = lambda: True  # type: ignore[method-assign]
    trigger(window, "new")
    assert window.document.setup == Setup()


def test_export_of_all_plots_writes_every_format(
    window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    trigger(window, "step")
    settle()
    written = window.exports.export_all(tmp_path)
    assert written == 4 * len(window.studio.instruments)
    assert len(list(tmp_path.iterdir())) == written
    assert all(file.stat().st_size > 100 for file in tmp_path.iterdir())
