"""The data and training panels: which fields show, and what their edits say."""

from __future__ import annotations

import pytest
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
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.setup.models import ScheduleSetup, StopSetup
from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.fields import NumberField, OptionalNumberField
from gradstudio.ui.panels.training_text import stop_text
from tests.ui.panels.desk import Desk

OPTIMIZER_FIELDS = {
    "momentum": ["momentum"],
    "nesterov": ["momentum"],
    "rmsprop": ["alpha", "epsilon"],
    "adagrad": ["epsilon"],
    "adam": ["beta1", "beta2", "epsilon"],
    "adamw": ["beta1", "beta2", "epsilon"],
}


def read(shown: QLabel) -> str:
    return shown.text().replace("\N{NO-BREAK SPACE}", " ")


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


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_shows_its_own_fields_only(desk: Desk, optimizer: str) -> None:
    form = desk.training.form
    choose(form.editor("optimizer"), "sgd")
    choose(form.editor("optimizer"), optimizer)
    used = OPTIMIZER_FIELDS.get(optimizer, [])
    assert form.shown() == ["loss", "optimizer", "batch_size", *used]
    assert all(form.editor(name).isVisible() for name in used)
    assert OPTIMIZERS[optimizer].use_when in form.editor("optimizer").toolTip()


def test_a_parameter_of_an_optimizer_is_edited_and_explained(qtbot: QtBot, desk: Desk) -> None:
    form = desk.training.form
    choose(form.editor("optimizer"), "adam")
    enter(qtbot, form.editor("beta1"), "0.5")
    assert desk.document.setup.training.beta1 == 0.5
    assert desk.last_act == "β₁ 0.9 to 0.5"
    enter(qtbot, form.editor("beta2"), "1")
    assert form.problem("beta2") == "β₂: 1 is above 0.99999"
    enter(qtbot, form.editor("epsilon"), "0")
    assert form.problem("epsilon") == "ε: 0 is below 1e−12"
    assert desk.document.setup.training.epsilon == 1e-8


def test_clipping_is_off_or_by_norm_or_by_value_or_both(qtbot: QtBot, desk: Desk) -> None:
    form = desk.training.clipping
    assert form.shown() == ["clip"]
    choose(form.editor("clip"), "norm")
    assert form.shown() == ["clip", "clip_norm"]
    assert desk.document.setup.training.clip_norm == 1.0
    assert desk.last_act == "Clip off to norm 1"
    enter(qtbot, form.editor("clip_norm"), "2.5")
    assert desk.last_act == "Clip |g| 1 to 2.5"
    choose(form.editor("clip"), "value")
    assert form.shown() == ["clip", "clip_value"]
    training = desk.document.setup.training
    assert (training.clip_norm, training.clip_value) == (None, 1.0)
    choose(form.editor("clip"), "both")
    assert desk.last_act == "Clip value 1 to norm 2.5, value 1"
    choose(form.editor("clip"), "off")
    training = desk.document.setup.training
    assert (training.clip_norm, training.clip_value) == (None, None)
    desk.document.undo_stack.undo()
    assert form.editor("clip").value() == "both"
    assert form.shown() == ["clip", "clip_norm", "clip_value"]


def test_a_schedule_shows_its_fields_and_the_rates_it_leads_to(qtbot: QtBot, desk: Desk) -> None:
    panel = desk.training
    form = panel.schedule
    assert not form.isVisible()
    panel.details_switch.click()
    assert form.shown() == ["name", "warmup_steps"]
    assert not panel.rates.isVisible()
    choose(form.editor("name"), "step")
    assert desk.last_act == "Schedule Constant to Stairs"
    assert form.shown() == ["name", "steps", "factor", "warmup_steps"]
    assert read(panel.rates) == "η 0.1 at step 0, 0.05 at 1,000, 0.025 at 2,000"
    choose(form.editor("name"), "cosine")
    assert form.shown() == ["name", "steps", "floor", "warmup_steps"]
    enter(qtbot, form.editor("steps"), "500")
    assert desk.last_act == "Schedule steps 1,000 to 500"
    enter(qtbot, form.editor("warmup_steps"), "100")
    assert desk.last_act == "Schedule warm-up 0 to 100"
    assert panel.rates.isVisible()
    assert read(panel.rates) == "η 0.001 at step 0, 0.1 at 100, 0.05 at 350, 0 at 600"
    assert desk.document.setup.training.schedule == ScheduleSetup(
        name="cosine", steps=500, warmup_steps=100
    )
    enter(qtbot, form.editor("floor"), "2")
    assert form.problem("floor") == "Floor: 2 is above 1"
    for _ in range(4):
        desk.document.undo_stack.undo()
    assert form.editor("name").value() == "constant"
    assert not panel.rates.isVisible()


def test_what_is_folded_away_stands_in_the_header(qtbot: QtBot, desk: Desk) -> None:
    panel = desk.training
    panel.details_switch.click()
    choose(panel.schedule.editor("name"), "cosine")
    enter(qtbot, panel.schedule.editor("warmup_steps"), "50")
    enter(qtbot, panel.details.editor("weight_decay"), "0.01")
    assert desk.last_act == "Weight decay 0 to 0.01"
    choose(panel.details.editor("precision"), "float64")
    panel.details_switch.click()
    assert not panel.details.isVisible()
    assert panel.header.subtitle() == "cosine · warm-up · decay 0.01 · float64 · no stop rule"


def test_weight_decay_is_stepped_by_thousandths(desk: Desk) -> None:
    desk.training.details_switch.click()
    desk.training.details.editor("weight_decay").stepBy(2)
    assert desk.document.setup.training.weight_decay == 0.002


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


@pytest.mark.parametrize(
    ("optimizer", "schedule"), [("sgd", "constant"), ("momentum", "step"), ("adamw", "cosine")]
)
def test_no_text_is_cut_at_the_width_of_the_dock(desk: Desk, optimizer: str, schedule: str) -> None:
    switches = (
        desk.data.details_switch,
        desk.training.stop_switch,
        desk.training.details_switch,
        desk.initializer.info,
    )
    for switch in switches:
        switch.click()
    choose(desk.training.form.editor("optimizer"), optimizer)
    choose(desk.training.clipping.editor("clip"), "both")
    choose(desk.training.schedule.editor("name"), schedule)
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
