"""The layer table and its line of text: what a person does, and what the setup then is."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QSpinBox
from pytestqt.qtbot import QtBot

from gradstudio.setup.models import NetworkSetup
from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.panels.layer_model import Column
from gradstudio.ui.panels.layer_table import LayerTable
from gradstudio.ui.panels.repeat import RepeatPopup
from gradstudio.ui.theme import apply_theme, font
from tests.ui.panels.desk import Desk

# The screen of the tests has no windows to bring to the front.
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)


def press(qtbot: QtBot, table: LayerTable, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    qtbot.keyClick(table, key, held)


def cell(desk: Desk, row: int, column: Column) -> str:
    return str(desk.network.model.index(row, column).data())


def test_rows_stand_for_input_layers_and_output(desk: Desk) -> None:
    desk.network.set_sizes(13, 3)
    model = desk.network.model
    assert [cell(desk, row, Column.LAYER) for row in range(model.rowCount())] == [
        "x", "1", "2", "3", "4", "out",
    ]  # fmt: skip
    assert [cell(desk, row, Column.UNITS) for row in (0, 1, 4, 5)] == ["13", "10", "40", "3"]
    assert cell(desk, 5, Column.ACTIVATION) == "softmax"
    desk.network.set_sizes(13, 1, "mse")
    assert cell(desk, 5, Column.ACTIVATION) == "linear"


def test_header_counts_parameters_and_estimates_the_step(desk: Desk) -> None:
    subtitle = desk.network.header.subtitle()
    assert subtitle.startswith("2,202 params · ≈ ")
    assert subtitle.endswith(" µs/step")
    desk.network.set_measured_step(0.35)
    assert desk.network.header.subtitle() == "2,202 params · 0.35 ms/step"
    assert not desk.network.warning.isVisible()


def test_two_million_parameters_are_worth_a_warning(desk: Desk) -> None:
    desk.network.text.setText("1024×3 relu")
    desk.network.text.returnPressed.emit()
    assert desk.network.warning.isVisible()
    assert desk.network.warning.text().startswith("2,104,322 parameters")


def test_the_text_builds_layers_at_enter(qtbot: QtBot, desk: Desk) -> None:
    text = desk.network.text
    text.setFocus()
    text.selectAll()
    qtbot.keyClicks(text, "64x3 relu, 32")
    assert desk.units == [10, 20, 30, 40]
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert desk.units == [64, 64, 64, 32]
    assert {layer.activation for layer in desk.layers} == {"relu"}
    assert text.text() == "64×3 ReLU, 32"
    assert desk.last_act == "Layers 10 tanh, 20, 30, 40 to 64×3 ReLU, 32"


def test_a_wrong_text_is_marked_at_its_character_and_changes_nothing(
    qtbot: QtBot, desk: Desk
) -> None:
    text = desk.network.text
    text.setFocus()
    text.setText("64 qanh")
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert desk.network.problem.text().startswith("Character 4: “qanh”")
    assert desk.network.problem.isVisible()
    assert (text.selectionStart(), text.property("invalid")) == (3, True)
    assert desk.units == [10, 20, 30, 40]
    qtbot.keyClick(text, Qt.Key.Key_Escape)
    assert (text.text(), text.property("invalid")) == ("10 tanh, 20, 30, 40", False)
    assert not desk.network.problem.isVisible()


def test_typing_a_number_in_the_table_sets_the_units(qtbot: QtBot, desk: Desk) -> None:
    table = desk.network.table
    table.setFocus()
    table.select([2])
    press(qtbot, table, Qt.Key.Key_4)
    editor = table.findChild(QSpinBox, "unitsEditor")
    assert editor is not None
    qtbot.keyClicks(editor, "8")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.units == [10, 20, 48, 40])
    assert desk.last_act == "Layer 3 units 30 to 48"


def test_the_units_editor_keeps_to_the_range(qtbot: QtBot, desk: Desk) -> None:
    table = desk.network.table
    table.select([0])
    table.edit_column(Column.UNITS)
    editor = table.findChild(QSpinBox, "unitsEditor")
    assert editor is not None
    assert (editor.minimum(), editor.maximum()) == (1, 2048)


@pytest.mark.parametrize(
    ("key", "value", "act"),
    [
        (Qt.Key.Key_A, "relu", "Layers 2–3 φ tanh to ReLU"),
        (Qt.Key.Key_I, "zeros", "Layers 2–3 initializer Xavier normal to Zeros"),
    ],
)
def test_a_letter_opens_the_list_for_all_selected_layers(
    qtbot: QtBot, desk: Desk, key: Qt.Key, value: str, act: str
) -> None:
    table = desk.network.table
    table.setFocus()
    table.select([1, 2])
    press(qtbot, table, key)
    editor = table.findChild(ChoiceField, "choiceEditor")
    assert editor is not None
    editor.setCurrentIndex(editor.findData(value))
    editor.activated.emit(editor.currentIndex())
    assert desk.last_act == act
    changed = [value in (layer.activation, layer.initializer.name) for layer in desk.layers]
    assert changed == [False, True, True, False]


def test_the_output_takes_an_initializer_but_no_units(desk: Desk) -> None:
    table = desk.network.table
    table.select([4])
    assert not table.edit_column(Column.UNITS)
    assert not table.edit_column(Column.ACTIVATION)
    desk.network.set_initializer("he_normal")
    assert desk.document.setup.network.output.initializer.name == "he_normal"
    assert desk.network.selected_layers() == [4]


def test_keys_add_copy_move_and_delete(qtbot: QtBot, desk: Desk) -> None:
    table, control, alt = (
        desk.network.table,
        Qt.KeyboardModifier.ControlModifier,
        (Qt.KeyboardModifier.AltModifier),
    )
    table.setFocus()
    table.select([1])
    press(qtbot, table, Qt.Key.Key_Insert)
    assert (desk.units, table.selected()) == ([10, 20, 20, 30, 40], [2])
    table.select([3, 4])
    press(qtbot, table, Qt.Key.Key_D, control)
    assert (desk.units, table.selected()) == ([10, 20, 20, 30, 40, 30, 40], [5, 6])
    press(qtbot, table, Qt.Key.Key_Up, alt)
    assert (desk.units, table.selected()) == ([10, 20, 20, 30, 30, 40, 40], [4, 5])
    press(qtbot, table, Qt.Key.Key_Down, alt)
    press(qtbot, table, Qt.Key.Key_Delete)
    assert (desk.units, table.selected()) == ([10, 20, 20, 30, 40], [4])
    for _ in range(5):
        desk.document.undo_stack.undo()
    assert desk.units == [10, 20, 30, 40]


def test_repeat_asks_how_often_and_shows_the_sum(qtbot: QtBot, desk: Desk) -> None:
    table = desk.network.table
    table.setFocus()
    table.select([0, 1])
    shift_control = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press(qtbot, table, Qt.Key.Key_D, shift_control)
    popup = table.findChild(RepeatPopup)
    assert popup is not None
    assert popup.times.maximum() == 49
    popup.times.setValue(3)
    assert popup.total.text() == "4 to 8 layers"
    qtbot.keyClick(popup.times, Qt.Key.Key_Return)
    assert desk.units == [10, 20, 10, 20, 10, 20, 30, 40]


def test_a_hundred_layers_are_the_end(qtbot: QtBot, desk: Desk) -> None:
    desk.network.table.select([0])
    desk.network.repeat_selected(97)
    assert len(desk.layers) == 100
    desk.network.add_layer()
    assert len(desk.layers) == 100
    assert "at most 100" in desk.network.problem.text()
    assert desk.network.problem.isVisible()


def test_the_only_layer_cannot_be_deleted(desk: Desk) -> None:
    desk.network.table.select([0, 1, 2, 3])
    desk.network.delete_layers()
    assert len(desk.layers) == 4
    assert "at least 1" in desk.network.problem.text()


def test_dragged_rows_move_where_they_are_dropped(desk: Desk) -> None:
    model = desk.network.model
    rows = [model.index(row, 0) for row in (3, 4)]
    mime = model.mimeData(rows)
    accepted = model.dropMimeData(mime, Qt.DropAction.MoveAction, 1, 0, model.index(-1, -1))
    assert not accepted, "Qt would remove the rows itself"
    assert desk.units == [30, 40, 10, 20]
    assert desk.network.table.selected() == [0, 1]
    assert desk.last_act == "Move layers 3–4 to 1–2"


def test_only_hidden_layers_can_be_dragged_and_the_input_not_selected(desk: Desk) -> None:
    model = desk.network.model
    draggable = [
        bool(model.index(row, 0).flags() & Qt.ItemFlag.ItemIsDragEnabled) for row in range(6)
    ]
    assert draggable == [False, True, True, True, True, False]
    assert not model.index(0, 0).flags() & Qt.ItemFlag.ItemIsSelectable


def test_up_home_and_end_stay_among_the_layers(qtbot: QtBot, desk: Desk) -> None:
    table = desk.network.table
    table.setFocus()
    told: list[int] = []
    desk.network.layer_selected.connect(told.append)
    press(qtbot, table, Qt.Key.Key_End)
    press(qtbot, table, Qt.Key.Key_Up)
    press(qtbot, table, Qt.Key.Key_Home)
    press(qtbot, table, Qt.Key.Key_Up)
    assert told == [4, 3, 0]
    assert table.selected() == [0]


def test_space_and_unused_letters_are_left_to_the_window(qtbot: QtBot, desk: Desk) -> None:
    table = desk.network.table
    table.setFocus()
    table.select([1])
    for key in (Qt.Key.Key_Space, Qt.Key.Key_L):
        press(qtbot, table, key)
    assert table.selected() == [1]
    assert desk.document.undo_stack.count() == 0


def test_a_layer_chosen_elsewhere_is_selected_without_telling(desk: Desk) -> None:
    told: list[int] = []
    desk.network.layer_selected.connect(told.append)
    desk.network.select_layer(2)
    assert (desk.network.selected_layers(), told) == ([2], [])
    desk.network.table.select([1, 2, 3])
    desk.network.select_layer(2)
    assert desk.network.selected_layers() == [1, 2, 3]


def test_live_sizes_share_one_log_axis(desk: Desk) -> None:
    desk.network.set_live(np.array([1e-8, 1e-6, 0.0, np.nan, 1.0]))
    model = desk.network.model
    texts = [cell(desk, row, Column.DELTA) for row in range(6)]
    assert texts == ["–", "1.0e−8", "1.0e−6", "0", "NaN", "1.0e0"]
    bars = [model.bar(row) for row in range(6)]
    assert 0 < bars[1] < bars[2] < bars[5] == 1.0
    assert (bars[0], bars[3]) == (0.0, 0.0)
    before = bars[2]
    desk.network.set_live(np.array([1e-7, 1e-6, 1e-3, 1e-2, 0.5]))
    assert model.bar(2) == before, "the axis does not jump back"
    desk.network.set_live(None)
    assert cell(desk, 1, Column.DELTA) == "–"


def test_live_sizes_of_another_network_are_not_shown(desk: Desk) -> None:
    desk.network.set_live(np.ones(3))
    assert cell(desk, 1, Column.DELTA) == "–"


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("count", [1, 3, 12, 100])
def test_nothing_in_the_table_is_cut_or_covered(
    qapp: QApplication, desk: Desk, scheme: str, count: int
) -> None:
    apply_theme(qapp, scheme)  # type: ignore[arg-type]
    layer = desk.layers[0]
    initializer = layer.initializer.model_copy(update={"name": "uniform_fan_in"})
    layer = layer.model_copy(
        update={"units": 2048, "activation": "sigmoid", "initializer": initializer}
    )
    network = NetworkSetup(layers=(layer,) * count)
    desk.network.show_slice(network)
    desk.network.set_live(np.full(count + 1, 3.3e-11))
    qapp.processEvents()
    table = desk.network.table
    widths = [table.columnWidth(column) for column in Column]
    assert sum(widths) == table.viewport().width()
    metrics = table.fontMetrics()
    assert widths[Column.INITIALIZER] - 8 >= metrics.horizontalAdvance("Xavier normal")
    assert widths[Column.UNITS] >= metrics.horizontalAdvance("2048") - 8
    assert table.rowHeight(0) == 21


def test_the_context_menu_offers_every_act(qtbot: QtBot, desk: Desk) -> None:
    table = desk.network.table
    texts = [action.text().split("\t")[0] for action in table.menu.actions() if action.text()]
    assert texts == [
        "Add layer", "Duplicate", "Repeat × N…", "Delete", "Move up", "Move down",
        "Activation φ", "Initializer", "Normalisation", "Shortcut", "Dropout",
        "Beside the weights…", "Select all layers",
    ]  # fmt: skip
    table.customContextMenuRequested.emit(QPoint(5, 30))
    assert table.menu.isVisible()
    table.menu.close()


def test_the_column_of_units_is_as_wide_as_the_widest_layer(desk: Desk) -> None:
    table = desk.network.table
    narrow = table.columnWidth(Column.UNITS)
    desk.network.text.entered.emit("2048x2 tanh")
    metrics = QFontMetrics(font(12, 600))
    assert table.columnWidth(Column.UNITS) > narrow
    assert table.columnWidth(Column.UNITS) >= metrics.horizontalAdvance("2048")
