"""One step over all instruments: the cross-hair, the cursor on the slider, LIVE."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradstudio.setup.models import Setup
from gradstudio.training.diagnosis import diagnose
from gradstudio.training.history import History
from gradstudio.training.moment import record_at
from gradstudio.training.recording import Recording
from gradstudio.ui.main_window import MainWindow
from gradstudio.ui.time_bar import REST, TimeSlider, step_words

Settle = Callable[[], None]


@pytest.fixture
def run(window: MainWindow, settle: Settle) -> MainWindow:
    """The window after four passes over the data."""
    window.resize(1440, 960)
    for _ in range(4):
        window.actions_by_name["step_epoch"].trigger()
        settle()
    window.board.refresh_all()
    return window


def slider_of(window: MainWindow) -> TimeSlider:
    return window.studio.shelf.time.slider


def click(qtbot: QtBot, window: MainWindow, step: int) -> None:
    """Click on the slider under the place of a step on the axis of the plot above."""
    slider = slider_of(window)
    axis = window.studio.gradient.x_axis
    x = REST + (step - axis.low) / axis.span * (slider.width() - 2 * REST)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(x), slider.height() // 2))


def newest(window: MainWindow) -> int:
    return window.session.recording.step_count - 1


def test_the_track_lies_under_the_step_axis(run: MainWindow) -> None:
    slider, plot = slider_of(run), run.studio.gradient
    area = plot.canvas.frame().area
    left = plot.canvas.mapTo(run, QPoint(round(area.left()), 0)).x()
    right = plot.canvas.mapTo(run, QPoint(round(area.right()), 0)).x()
    assert abs(slider.mapTo(run, QPoint(REST, 0)).x() - left) <= 1
    assert abs(slider.mapTo(run, QPoint(slider.width() - REST, 0)).x() - right) <= 1
    run.places.toggle_enlarged("loss")
    area = run.studio.loss.canvas.frame().area
    right = run.studio.loss.canvas.mapTo(run, QPoint(round(area.right()), 0)).x()
    assert abs(slider.mapTo(run, QPoint(slider.width() - REST, 0)).x() - right) <= 1


def test_a_click_on_the_slider_takes_everything_that_can_go_back_to_that_step(
    qtbot: QtBot, run: MainWindow
) -> None:
    click(qtbot, run, 30)
    step = run.places.timeline.cursor
    assert step is not None
    assert abs(step - 30) <= 1
    values = record_at(run.session.recording, step).delta_rms
    model = run.studio.network.model
    assert [model.live(row) for row in (1, 2)] == pytest.approx(values[:2])
    assert run.studio.profile.header.subtitle().startswith(f"to step {step} ")
    assert run.studio.loop.header.subtitle() == f"step {step}"
    found = diagnose(run.session.recording, at_step=step)
    assert run.studio.verdict.shown_sentence() == found.sentence
    assert run.studio.verdict.header.subtitle() == f"at step {step}"
    assert run.studio.shelf.time.words() == f"step {step} of {newest(run) + 1}"
    for plot in (run.studio.gradient, run.studio.loss, run.studio.seismograph):
        assert plot._cursor.position == step


def test_what_shows_the_present_alone_says_so(qtbot: QtBot, run: MainWindow) -> None:
    marks = lambda: {  # noqa: E731
        name for name, plot in run.studio.shelf.instruments.items() if plot.header.mark()
    }
    assert marks() == set()
    click(qtbot, run, 10)
    assert marks() == {"diagram", "decision", "distributions", "chain"}
    run.actions_by_name["live"].trigger()
    assert marks() == set()


def test_the_pill_and_its_key_bring_the_newest_step_back(qtbot: QtBot, run: MainWindow) -> None:
    pill = run.studio.shelf.time.pill
    click(qtbot, run, 10)
    assert not pill.property("lit")
    qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert run.places.timeline.cursor is None
    assert pill.property("lit")
    assert run.studio.network.table.titles._step is None
    click(qtbot, run, 10)
    run.activateWindow()
    run.studio.gradient.canvas.setFocus()
    qtbot.keyClick(run.studio.gradient.canvas, Qt.Key.Key_L)
    assert run.places.timeline.cursor is None


def test_live_follows_the_run_and_a_cursor_stays(
    qtbot: QtBot, run: MainWindow, settle: Settle
) -> None:
    slider = slider_of(run)
    assert slider.value() == newest(run)
    run.actions_by_name["step"].trigger()
    settle()
    assert slider.value() == newest(run)
    run.places.timeline.set_cursor(12)
    run.actions_by_name["step"].trigger()
    settle()
    assert run.places.timeline.cursor == 12
    assert slider.value() == 12
    assert slider.maximum() == newest(run)


def test_keys_of_the_slider_walk_through_the_history(qtbot: QtBot, run: MainWindow) -> None:
    slider = slider_of(run)
    before = run.session.status.step
    run.activateWindow()
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus, timeout=5_000)
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert run.places.timeline.cursor == newest(run) - 1
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert run.places.timeline.cursor == 0
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert run.places.timeline.cursor == 1
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert run.places.timeline.cursor is None
    assert run.session.status.step == before


def test_a_drag_and_the_wheel_move_the_cursor(qtbot: QtBot, run: MainWindow) -> None:
    slider = slider_of(run)
    middle = QPoint(slider.width() // 2, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=middle)
    first = run.places.timeline.cursor
    assert first is not None
    qtbot.mouseMove(slider, middle - QPoint(100, 0))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=middle - QPoint(100, 0))
    here = run.places.timeline.cursor
    assert here is not None
    assert here < first
    QApplication.sendEvent(slider, wheel(-120))
    assert run.places.timeline.cursor == here - 1
    QApplication.sendEvent(slider, wheel(240))
    assert run.places.timeline.cursor == here + 1


def test_a_new_run_begins_live(qtbot: QtBot, run: MainWindow, settle: Settle) -> None:
    click(qtbot, run, 10)
    run.actions_by_name["reset"].trigger()
    settle()
    assert run.places.timeline.cursor is None
    assert not slider_of(run).isEnabled()
    assert run.studio.shelf.time.words() == "no step yet"


def test_the_cross_hair_goes_through_all_plots_over_time(run: MainWindow) -> None:
    studio = run.studio
    plots = (studio.gradient, studio.loss, studio.seismograph)
    for source in plots:
        area = source.canvas.frame().area
        source.canvas.hovered.emit(area.center())
        steps = {plot._cross.x for plot in plots}
        assert len(steps) == 1
        assert steps != {None}
        step = round(steps.pop() or 0)
        assert studio.profile.header.subtitle().startswith(f"to step {step} ")
        source.canvas.hovered.emit(None)
        assert {plot._cross.x for plot in plots} == {None}
        assert studio.profile.header.subtitle() == "mean of 20 steps"


def test_after_the_pointer_has_left_the_profile_shows_the_cursor_again(
    qtbot: QtBot, run: MainWindow
) -> None:
    run.places.timeline.set_cursor(25)
    run.studio.loss.canvas.hovered.emit(run.studio.loss.canvas.frame().area.center())
    run.studio.loss.canvas.hovered.emit(None)
    assert run.studio.profile.header.subtitle().startswith("to step 25 ")


def test_zoom_and_scale_of_one_plot_are_those_of_all_and_of_the_track(
    qtbot: QtBot, run: MainWindow
) -> None:
    studio = run.studio
    studio.loss.x_axis.show(10.0, 20.0)
    for plot in (studio.gradient, studio.seismograph):
        assert (plot.x_axis.low, plot.x_axis.high) == (10.0, 20.0)
    click(qtbot, run, 15)
    assert run.places.timeline.cursor == 15
    studio.seismograph.canvas.fit()
    assert studio.gradient.x_axis.automatic
    assert studio.loss.x_axis.automatic
    studio.gradient.x_axis.set_log(True)
    assert studio.loss.x_axis.log
    assert studio.loss._cursor.position == pytest.approx(np.log10(15))
    studio.loss.set_last_steps(20)
    assert studio.gradient.last_steps == 20


def test_a_step_that_is_no_longer_kept_alone_is_called_a_mean(small_setup: Setup) -> None:
    recording = Recording(small_setup)
    recording.history = History(recording.layout, bins=256, ring_rows=256)
    assert step_words(None, recording) == "no step yet"
    for step in range(256):
        recording.history.append(np.full(recording.layout.width, float(step)))
    assert step_words(None, recording) == "history: every step"
    for step in range(256, 1024):
        recording.history.append(np.full(recording.layout.width, float(step)))
    assert step_words(None, recording) == "history: means of 4 steps before the latest"
    assert step_words(3, recording) == "step 3 of 1,024 · mean of 4 steps"
    assert record_at(recording, 3).loss == 1.5


def wheel(delta: int) -> QWheelEvent:
    return QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
