"""The editors of a form: what typing, stepping and the wheel do to them."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.setup.models import (
    DataSetup,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    StopSetup,
    TrainingSetup,
)
from gradstudio.ui.choices import Choice, ChoiceField
from gradstudio.ui.field_spec import FieldError, field_spec, replaced
from gradstudio.ui.fields import NumberField, OptionalNumberField
from gradstudio.ui.forms import Form
from gradstudio.ui.log_field import LogNumberField
from gradstudio.ui.panels.learning_rate import LearningRateField


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    return widget


def wheel(widget: QWidget, ticks: int) -> None:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, 120 * ticks),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


@pytest.fixture
def noise(qtbot: QtBot) -> NumberField:
    field = NumberField(field_spec(DataSetup, "noise"))
    field.set_value(0.05)
    shown(qtbot, field)
    return field


def typed(qtbot: QtBot, field: NumberField, text: str) -> None:
    field.selectAll()
    qtbot.keyClicks(field, text)


@pytest.mark.parametrize(
    ("model", "name", "text", "value"),
    [
        (DataSetup, "samples", "5,000", 5000),
        (DataSetup, "samples", "1e3", 1000),
        (DataSetup, "noise", "5e-2", 0.05),
        (InitializerSetup, "value", "−0.5", -0.5),
        (TrainingSetup, "learning_rate", "1e−6", 1e-6),
        (NetworkSetup, "seed", "2147483647", 2147483647),
    ],
)
def test_a_number_is_read_as_people_write_it(
    model: type, name: str, text: str, value: float
) -> None:
    assert field_spec(model, name).read(text) == value


@pytest.mark.parametrize(
    ("model", "name", "text", "problem"),
    [
        (DataSetup, "samples", "49", "49 is below 50"),
        (DataSetup, "samples", "20001", "20,001 is above 20,000"),
        (DataSetup, "samples", "99.5", "99.5 is not a whole number"),
        (DataSetup, "noise", "abc", "“abc” is not a number"),
        (DataSetup, "noise", "0,3", "“0,3” is not a number: write 0.3"),
        (DataSetup, "noise", "nan", "not a finite number"),
        (LayerSetup, "units", "inf", "not a finite number"),
        (InitializerSetup, "std", "-1", "−1 is below 0.0001"),
    ],
)
def test_a_wrong_number_is_refused_in_a_sentence(
    model: type, name: str, text: str, problem: str
) -> None:
    with pytest.raises(FieldError) as caught:
        field_spec(model, name).read(text)
    assert problem in str(caught.value)


def test_a_spec_says_what_the_model_says() -> None:
    units = field_spec(LayerSetup, "units")
    assert (units.kind, units.low, units.high, units.unit) == ("whole", 1, 2048, "units")
    assert units.help.endswith("1 to 2,048 units")
    loss = field_spec(StopSetup, "loss")
    assert (loss.optional, loss.kind, loss.label) == (True, "number", "Training loss")
    rate = field_spec(TrainingSetup, "learning_rate")
    assert rate.log
    assert rate.live
    assert field_spec(TrainingSetup, "optimizer").choices == tuple(OPTIMIZERS)
    assert math.isinf(field_spec(TrainingSetup, "optimizer").high)


def test_a_model_refuses_values_that_contradict_each_other() -> None:
    with pytest.raises(FieldError, match=r"low 3 must be below high 0.5"):
        replaced(InitializerSetup(), low=3.0)


def test_typing_counts_at_enter(qtbot: QtBot, noise: NumberField) -> None:
    told: list[float] = []
    noise.edited.connect(told.append)
    typed(qtbot, noise, "0.2")
    assert noise.value() == 0.05
    qtbot.keyClick(noise, Qt.Key.Key_Return)
    assert told == [0.2]


def test_typing_counts_after_a_pause(qtbot: QtBot, noise: NumberField) -> None:
    with qtbot.waitSignal(noise.edited) as edited:
        typed(qtbot, noise, "0.3")
    assert edited.args == [0.3]


def test_a_wrong_text_stays_marked_until_it_is_right(qtbot: QtBot, noise: NumberField) -> None:
    told: list[float] = []
    noise.edited.connect(told.append)
    typed(qtbot, noise, "0.9")
    qtbot.keyClick(noise, Qt.Key.Key_Return)
    assert noise.text() == "0.9"
    assert noise.problem() == "0.9 is above 0.5"
    assert noise.property("invalid") is True
    assert told == []
    typed(qtbot, noise, "0.4")
    qtbot.keyClick(noise, Qt.Key.Key_Return)
    assert (told, noise.problem(), noise.property("invalid")) == ([0.4], "", False)


def test_escape_brings_the_value_back(qtbot: QtBot, noise: NumberField) -> None:
    typed(qtbot, noise, "wrong")
    qtbot.keyClick(noise, Qt.Key.Key_Return)
    qtbot.keyClick(noise, Qt.Key.Key_Escape)
    assert (noise.text(), noise.problem()) == ("0.05", "")


def test_what_is_being_typed_survives_a_refresh_of_the_same_value(
    qtbot: QtBot, noise: NumberField
) -> None:
    typed(qtbot, noise, "0.4")
    noise.set_value(0.05)
    assert noise.text() == "0.4"
    noise.set_value(0.1)
    assert noise.text() == "0.1"


def test_arrow_keys_step_and_stop_at_the_range(qtbot: QtBot, noise: NumberField) -> None:
    qtbot.keyClick(noise, Qt.Key.Key_Up)
    assert noise.value() == 0.06
    noise.set_value(0.5)
    qtbot.keyClick(noise, Qt.Key.Key_Up)
    assert noise.value() == 0.5
    qtbot.keyClick(noise, Qt.Key.Key_PageDown)
    assert noise.value() == pytest.approx(0.4)


def test_the_wheel_needs_the_focus(qtbot: QtBot) -> None:
    frame = QWidget()
    spec = field_spec(DataSetup, "samples")
    fields = [NumberField(spec, frame), LogNumberField(field_spec(InitializerSetup, "std"))]
    choice = ChoiceField("Set", frame)
    choice.set_choices([Choice("a", "A"), Choice("b", "B")])
    choice.set_value("a")
    fields[0].set_value(500)
    fields[1].setParent(frame)
    fields[1].set_value(1.0)
    shown(qtbot, frame)
    for widget in (fields[0], fields[1].slider, fields[1].number, choice):
        widget.clearFocus()
        wheel(widget, -1)
    assert (fields[0].value(), fields[1].value(), choice.value()) == (500, 1.0, "a")
    fields[0].setFocus()
    wheel(fields[0], 1)
    choice.setFocus()
    wheel(choice, -1)
    assert (fields[0].value(), choice.value()) == (501, "b")


def test_a_tick_turns_a_number_on_and_keeps_it_for_the_next_time(qtbot: QtBot) -> None:
    field = OptionalNumberField(field_spec(TrainingSetup, "clip_norm"), 1.0)
    shown(qtbot, field)
    told: list[float | None] = []
    field.edited.connect(told.append)
    field.tick.click()
    field.number.stepBy(1)
    field.tick.click()
    field.tick.click()
    assert told == [1.0, 1.25, None, 1.25]
    assert field.number.isEnabled()


def test_a_form_leaves_out_what_does_not_apply_and_explains_what_is_wrong(qtbot: QtBot) -> None:
    form = Form()
    for name in ("samples", "noise"):
        spec = field_spec(DataSetup, name)
        form.add(spec, NumberField(spec))
    shown(qtbot, form)
    editor = form.editor("noise")
    editor.refuse("0.9 is above 0.5")
    assert form.problem("noise") == "Noise: 0.9 is above 0.5"
    form.set_shown("samples")
    assert not editor.isVisible()
    assert form.shown() == ["samples"]
    form.set_shown("samples", "noise")
    assert editor.isVisible()


def test_a_choice_is_found_by_a_part_of_its_name(qtbot: QtBot) -> None:
    field = ChoiceField("Data set", searchable=True)
    field.set_choices([Choice("moons", "Moons"), Choice("cancer", "Breast cancer")])
    field.set_value("moons")
    shown(qtbot, field)
    told: list[str] = []
    field.edited.connect(told.append)
    field.lineEdit().setText("canc")
    field.lineEdit().editingFinished.emit()
    assert (told, field.lineEdit().text()) == (["cancer"], "Breast cancer")
    field.lineEdit().setText("nothing like it")
    field.lineEdit().editingFinished.emit()
    assert field.property("invalid") is True
    assert told == ["cancer"]


def test_headings_cannot_be_chosen(qtbot: QtBot) -> None:
    field = ChoiceField("Initializer")
    field.set_choices([Choice("a", "A", group="Fits"), Choice("b", "B", group="Others")])
    field.set_value("a")
    shown(qtbot, field)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == "b"
    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == "a"


def test_slider_and_field_of_a_log_number_show_the_same(qtbot: QtBot) -> None:
    field = LogNumberField(field_spec(InitializerSetup, "std"))
    shown(qtbot, field)
    told: list[float] = []
    field.edited.connect(told.append)
    field.set_value(0.01)
    assert told == []
    field.slider.setValue(field.slider.value() + 100)
    assert told == [pytest.approx(0.1)]
    assert field.number.value() == pytest.approx(0.1)
    field.slider.setValue(field.slider.maximum())
    assert field.value() == 10.0


def test_the_learning_rate_moves_by_a_quarter_and_stays_in_its_range(qtbot: QtBot) -> None:
    field = LearningRateField()
    shown(qtbot, field)
    told: list[float] = []
    field.edited.connect(told.append)
    field.increase()
    field.decrease()
    field.slider.setFocus()
    qtbot.keyClick(field.slider, Qt.Key.Key_Plus)
    qtbot.keyClick(field.slider, Qt.Key.Key_Minus)
    assert told == [0.125, 0.1, 0.125, 0.1]
    field.set_value(10.0)
    field.increase()
    assert field.value() == 10.0
    assert len(told) == 4
