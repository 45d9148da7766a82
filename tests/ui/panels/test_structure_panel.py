"""Normalisation, shortcuts, dropout and leak: what a person does in the layer table and sees."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from gradstudio.setup.models import LayerSetup, NetworkSetup
from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.fields import NumberField
from gradstudio.ui.panels.layer_model import Column
from gradstudio.ui.panels.layer_tags import DROP, tags_width
from gradstudio.ui.theme import apply_theme
from tests.ui.panels.desk import Desk

pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)


@pytest.fixture
def even(desk: Desk) -> Desk:
    """Six layers of 8 units; layers 2 to 5 are selected."""
    network = NetworkSetup(layers=(LayerSetup(units=8),) * 6)
    desk.document.new(desk.document.setup.model_copy(update={"network": network}))
    desk.network.table.select([1, 2, 3, 4])
    return desk


def choose(desk: Desk, field: str, value: str) -> None:
    editor = desk.network.structure.form.editor(field)
    assert isinstance(editor, ChoiceField)
    editor.setCurrentIndex(editor.findData(value))
    editor.activated.emit(editor.currentIndex())


def fields(desk: Desk, name: str) -> list[object]:
    return [getattr(layer, name) for layer in desk.layers]


def entries(menu: QMenu, title: str) -> dict[str, object]:
    submenu = next(action.menu() for action in menu.actions() if action.text() == title)
    assert isinstance(submenu, QMenu)
    return {action.text(): action for action in submenu.actions()}


def test_a_key_opens_the_fields_and_escape_goes_back(qtbot: QtBot, even: Desk) -> None:
    table, structure = even.network.table, even.network.structure
    table.setFocus()
    assert not structure.isVisible()
    qtbot.keyClick(table, Qt.Key.Key_S)
    assert structure.isVisible() and even.network.structure_switch.isChecked()
    normalisation = structure.form.editor("normalisation")
    assert normalisation.hasFocus()
    assert structure.caption.text() == "Beside the weights of layers 2–5"
    qtbot.keyClick(normalisation, Qt.Key.Key_Escape)
    assert table.hasFocus()
    even.network.structure_switch.click()
    assert not structure.isVisible()


def test_enter_on_the_tags_opens_the_fields(qtbot: QtBot, even: Desk) -> None:
    table = even.network.table
    table.setFocus()
    table.setCurrentIndex(even.network.model.index(2, Column.STRUCTURE))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert even.network.structure.isVisible()


def test_the_fields_edit_all_selected_layers_and_can_be_undone(even: Desk) -> None:
    choose(even, "normalisation", "layer")
    assert fields(even, "normalisation") == ["none", *["layer"] * 4, "none"]
    assert even.last_act == "Layers 2–5 normalisation None to Layer"
    assert even.network.selected_layers() == [1, 2, 3, 4]
    choose(even, "residual", "rezero")
    assert fields(even, "residual") == ["none", *["rezero"] * 4, "none"]
    span = even.network.structure.form.editor("span")
    assert isinstance(span, NumberField)
    span.stepBy(1)
    assert fields(even, "residual") == ["none", "none", "rezero", "none", "rezero", "none"]
    assert even.last_act == "Layers 2–5 shortcut ReZero to ReZero, over 2"
    assert span.value() == 2
    dropout = even.network.structure.form.editor("dropout")
    assert isinstance(dropout, NumberField)
    for _ in range(3):
        even.clock.now += 0.1
        dropout.stepBy(1)
    assert fields(even, "dropout") == [0.0, *[0.03] * 4, 0.0]
    assert even.last_act == "Layers 2–5 dropout 0 to 0.03"
    assert even.document.undo_stack.count() == 4
    for _ in range(4):
        even.document.undo_stack.undo()
    assert even.layers == (LayerSetup(units=8),) * 6
    assert not any(even.network.model.tags(row) for row in range(8))


def test_only_what_applies_is_asked_for(even: Desk) -> None:
    form = even.network.structure.form
    assert form.shown() == ["normalisation", "residual", "dropout"]
    choose(even, "residual", "plain")
    even.network.set_activation("leaky_relu")
    assert form.shown() == ["normalisation", "residual", "dropout", "span", "leak"]
    leak = form.editor("leak")
    assert isinstance(leak, NumberField)
    leak.stepBy(1)
    assert fields(even, "leak") == [0.01, *[0.02] * 4, 0.01]
    even.network.table.select([1, 5])
    assert "leak" not in form.shown()
    assert even.network.structure.caption.text().endswith("layers 2 and 6 · 2 kinds")
    even.network.table.select([6])
    assert not form.isEnabled()
    assert "output layer has nothing" in even.network.structure.caption.text()


def test_the_fields_follow_a_layer_chosen_elsewhere(even: Desk) -> None:
    choose(even, "normalisation", "batch")
    even.network.select_layer(5)
    assert even.network.structure.form.editor("normalisation").value() == "none"
    assert even.network.structure.caption.text() == "Beside the weights of layer 6"


def test_the_menu_sets_them_too(even: Desk) -> None:
    menu = even.network.table.menu
    assert list(entries(menu, "Normalisation")) == ["None", "Batch", "Layer"]
    assert list(entries(menu, "Dropout")) == ["None", "0.1", "0.2", "0.5"]
    entries(menu, "Shortcut")["Scaled by 1/√L"].trigger()  # type: ignore[attr-defined]
    entries(menu, "Dropout")["0.2"].trigger()  # type: ignore[attr-defined]
    entries(menu, "Normalisation")["Batch"].trigger()  # type: ignore[attr-defined]
    assert even.network.model.tags(3) == ("BN", "+1", DROP)
    assert even.network.text.text() == ("8 tanh, 8×4 batchnorm dropout 0.2 +scaled, 8")


def test_a_shortcut_that_does_not_fit_says_why_and_changes_nothing(desk: Desk) -> None:
    desk.network.table.select([2])
    desk.network.open_structure()
    choose(desk, "residual", "plain")
    problem = desk.network.structure.form.problem("residual")
    assert problem == (
        "Shortcut: Layer 3 gets no shortcut: 20 units of layer 2 cannot be added to 30"
    )
    assert desk.document.undo_stack.count() == 0
    desk.network.table.select([1])
    desk.network.table.select([2])
    assert not desk.network.structure.form.problem("residual")


def test_of_all_layers_those_get_a_shortcut_that_can(even: Desk) -> None:
    even.network.table.select(range(7))
    even.network.open_structure()
    choose(even, "residual", "plain")
    assert fields(even, "residual") == ["none", *["plain"] * 5]
    assert even.network.problem.text() == (
        "Layer 1 gets no shortcut: 2 units of the input cannot be added to 8"
    )


def test_a_fault_stays_in_sight_until_it_is_gone(even: Desk) -> None:
    choose(even, "residual", "plain")
    even.network.show_fault("a shortcut adds 8 units of layer 2 to 9: both must be equal", 2)
    assert even.network.problem.isVisible()
    even.network.table.select([0])
    assert even.network.problem.text().startswith("Layer 3: a shortcut adds 8 units")
    assert even.network.model.is_faulty(3) and not even.network.model.is_faulty(2)
    even.network.show_fault("")
    assert not even.network.problem.isVisible()
    assert not even.network.model.is_faulty(3)


def test_tags_are_said_in_words(even: Desk) -> None:
    layer = LayerSetup(units=8, normalisation="batch", residual="scaled", span=2, dropout=0.25)
    even.network.show_slice(NetworkSetup(layers=(LayerSetup(units=8), layer, layer)))
    index = even.network.model.index(2, Column.STRUCTURE)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == (
        "Layer 2, +: batch normalisation, shortcut over 2 layers (Scaled by 1/√L), dropout 0.25"
    )


def test_the_header_counts_what_normalisation_and_shortcuts_learn(even: Desk) -> None:
    before = int(even.network.header.subtitle().split(" ")[0].replace(",", ""))
    choose(even, "normalisation", "batch")
    choose(even, "residual", "fixup")
    after = int(even.network.header.subtitle().split(" ")[0].replace(",", ""))
    assert after - before == 4 * (16 + 1)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("count", [1, 12, 100])
def test_tags_and_names_have_room_in_a_narrow_dock(
    qapp: QApplication, desk: Desk, scheme: str, count: int
) -> None:
    apply_theme(qapp, scheme)  # type: ignore[arg-type]
    layer = LayerSetup(
        units=2048, activation="sigmoid", normalisation="batch", residual="plain", dropout=0.5
    )
    desk.network.show_slice(NetworkSetup(layers=(layer,) * count))
    qapp.processEvents()
    table = desk.network.table
    widths = [table.columnWidth(column) for column in Column]
    assert sum(widths) == table.viewport().width()
    assert widths[Column.STRUCTURE] >= tags_width(("BN", "+1", DROP)) + 4
    assert widths[Column.INITIALIZER] - 8 >= 48  # "Xavier N"
    desk.network.show_slice(NetworkSetup(layers=(LayerSetup(),) * count))
    assert table.columnWidth(Column.STRUCTURE) == 0


def test_the_initializer_panel_claims_no_factor_for_structured_layers(even: Desk) -> None:
    assert even.initializer.factor.text().endswith(" / layer")
    choose(even, "residual", "plain")
    assert even.initializer.factor.text().endswith(" in the branch")
    choose(even, "normalisation", "batch")
    assert even.initializer.factor.text() == "normalised"
    assert "divides the size of the weights out" in even.initializer.factor.toolTip()
    tip = even.network.model.index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "Beside the weights: batch normalisation, shortcut (Plain)." in tip


def test_nothing_covers_the_table_where_room_is_scarce(
    qtbot: QtBot, qapp: QApplication, even: Desk
) -> None:
    panel = even.network
    panel.open_structure()
    panel.show_fault("a shortcut adds 32 units of layer 3 to 20: both must be equal", 3)
    for _ in range(2):
        panel.setParent(None)
        panel.resize(312, panel.minimumSizeHint().height())
        panel.show()
        qapp.processEvents()
    parts = [panel.text, panel.problem, panel.table, panel.structure]
    ends = [panel.mapFromGlobal(part.mapToGlobal(part.rect().bottomLeft())).y() for part in parts]
    tops = [panel.mapFromGlobal(part.mapToGlobal(part.rect().topLeft())).y() for part in parts]
    assert all(end < top for end, top in zip(ends[:-1], tops[1:], strict=True))
    assert ends[-1] <= panel.height()
    assert panel.table.height() >= 5 * 21
    panel.close()
