"""The data and training panels: which fields show, and what their edits say."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gradstudio.data import DATA_SETS
from gradstudio.setup.models import StopSetup
from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.fields import NumberField, OptionalNumberField
from gradstudio.ui.panels.training import stop_text
from tests.ui.panels.desk import Desk


def choose(field: object, value: str) -> None:
    assert isinstance(field, ChoiceField)
    field.setCurrentIndex(field.findData(value))
    field.activated.emit(field.currentIndex())


def enter(qtbot: QtBot, field: object, text: str) -> None:
    assert isinstance(field, NumberField)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_every_data_set_is_offered_with_its_kind(desk: Desk) -> None:
    field = desk.data.form.editor("name")
    assert isinstance(field, ChoiceField)
    assert set(field.values()) == set(DATA_SETS)
    notes = {choice.value: choice.note for choice in field._choices}
    assert notes["sine"] == "regression"


def test_noise_and_samples_show_for_made_up_sets_only(desk: Desk) -> None:
    desk.data.details_switch.click()
    assert desk.data.form.shown() == ["name", "noise"]
    assert desk.data.details.shown() == ["test_share", "samples", "seed", "standardise"]
    choose(desk.data.form.editor("name"), "wine")
    assert desk.last_act == "Data set Spirals to Wine"
    assert desk.data.form.shown() == ["name"]
    assert desk.data.details.shown() == ["test_share", "seed", "standardise"]
    assert not desk.data.details.editor("samples").isVisible()
    assert desk.data.details.editor("seed").isVisible()


def test_a_wrong_number_is_explained_under_its_field(qtbot: QtBot, desk: Desk) -> None:
    enter(qtbot, desk.data.form.editor("noise"), "0.9")
    assert desk.data.form.problem("noise") == "Noise: 0.9 is above 0.5"
    assert desk.document.undo_stack.count() == 0
    enter(qtbot, desk.data.form.editor("noise"), "0.2")
    assert desk.last_act == "Noise 0.05 to 0.2"
    assert desk.data.form.problem("noise") == ""


def test_a_tick_is_an_act(desk: Desk) -> None:
    desk.data.details_switch.click()
    desk.data.details.editor("standardise").click()
    assert desk.last_act == "Standardise on to off"
    assert not desk.document.setup.data.standardise


def test_only_losses_that_fit_the_data_are_offered(desk: Desk) -> None:
    loss = desk.training.form.editor("loss")
    assert isinstance(loss, ChoiceField)
    assert len(loss.values()) == 7
    choose(desk.data.form.editor("name"), "iris")
    assert "binary_cross_entropy" not in loss.values()
    choose(desk.data.form.editor("name"), "sine")
    assert loss.values() == ["mse", "half_mse", "mae", "huber"]
    assert loss.value() == "mse"
    desk.document.undo_stack.undo()
    desk.document.undo_stack.undo()
    assert loss.value() == "softmax_cross_entropy"


def test_momentum_shows_for_the_momentum_optimizer_only(desk: Desk) -> None:
    assert "momentum" not in desk.training.form.shown()
    choose(desk.training.form.editor("optimizer"), "momentum")
    assert desk.training.form.editor("momentum").isVisible()
    choose(desk.training.form.editor("optimizer"), "adam")
    assert not desk.training.form.editor("momentum").isVisible()
    assert desk.last_act == "Optimizer Momentum to Adam"


def test_clipping_is_off_or_a_number(qtbot: QtBot, desk: Desk) -> None:
    clip = desk.training.form.editor("clip_norm")
    assert isinstance(clip, OptionalNumberField)
    clip.tick.click()
    assert desk.document.setup.training.clip_norm == 1.0
    assert desk.last_act == "Clip |g| off to 1"
    enter(qtbot, clip.number, "2.5")
    assert desk.document.setup.training.clip_norm == 2.5
    clip.tick.click()
    assert desk.document.setup.training.clip_norm is None


def test_stop_rules_are_ticks_with_numbers_and_stand_in_the_header(
    qtbot: QtBot, desk: Desk
) -> None:
    panel = desk.training
    assert panel.header.subtitle() == "no stop rule"
    panel.stop_switch.click()
    steps, loss = panel.stops.editor("steps"), panel.stops.editor("loss")
    assert isinstance(steps, OptionalNumberField)
    assert isinstance(loss, OptionalNumberField)
    loss.tick.click()
    steps.tick.click()
    assert panel.header.subtitle() == "stop: loss ≤ 0.01 or 5,000 steps"
    enter(qtbot, steps.number, "900")
    assert desk.document.setup.training.stop == StopSetup(steps=900, loss=0.01)
    assert desk.last_act == "Stop rule steps off to 900"
    desk.document.undo_stack.undo()
    assert not steps.tick.isChecked()
    assert loss.tick.isChecked()


def test_stop_rules_read_as_a_sentence() -> None:
    assert stop_text(StopSetup(epochs=1000)) == "stop: 1,000 epochs"
    assert stop_text(StopSetup()) == "no stop rule"


def test_a_folded_panel_shows_its_header_only(desk: Desk) -> None:
    full = desk.training.sizeHint().height()
    desk.training.set_folded(True)
    assert desk.training.is_folded
    assert desk.training.sizeHint().height() < 40 < full
    desk.training.set_folded(False)
    assert desk.training.form.isVisible()


def test_every_control_has_a_name_for_a_screen_reader(desk: Desk) -> None:
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for kind in (QToolButton, QComboBox, QSpinBox, NumberField)
        for widget in desk.root.findChildren(kind)
        if not widget.accessibleName()
    ]
    assert nameless == []
    nameless = [
        widget.objectName()
        for widget in desk.root.findChildren(QLineEdit)
        if not widget.accessibleName() and widget.parent() is desk.root
    ]
    assert nameless == []


def test_no_text_is_cut_at_the_width_of_the_dock(desk: Desk) -> None:
    for switch in (desk.data.details_switch, desk.training.stop_switch, desk.initializer.info):
        switch.click()
    choose(desk.training.form.editor("optimizer"), "momentum")
    QApplication.processEvents()
    assert desk.root.width() == 312
    cut = [
        label.text()
        for panel in (desk.initializer, desk.data, desk.training)
        for label in panel.findChildren(QLabel)
        if label.isVisible()
        and not label.wordWrap()
        and label.fontMetrics().horizontalAdvance(label.text()) > label.width() + 1
        and not isinstance(label.parent(), type(desk.data.header))
    ]
    assert cut == []
    wide = [
        type(widget).__name__
        for widget in desk.root.findChildren(QWidget)
        if widget.isVisible() and widget.mapTo(desk.root, widget.rect().topRight()).x() > 312
    ]
    assert wide == []
