"""The gain lab in the window: how it is opened, and what using a gain changes."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradstudio.setup.models import InitializerSetup, LayerSetup, NetworkSetup, Setup
from gradstudio.ui.main_window import MainWindow


def starts(window: MainWindow) -> list[InitializerSetup]:
    network = window.document.setup.network
    return [part.initializer for part in (*network.layers, network.output)]


def test_it_is_hidden_until_its_key_or_the_panel_asks_for_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    lab = window.studio.gain_lab
    assert not lab.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_G)
    assert lab.isVisible()
    assert window.actions_by_name["show_gain_lab"].isChecked()
    window.actions_by_name["show_gain_lab"].trigger()
    assert not lab.isVisible()
    window.studio.initializer.lab.click()
    assert lab.isVisible()
    assert lab.layer.name == "layer 1"
    window.board.select_layer(2)
    assert lab.layer.name == "layer 3"


def test_a_gain_used_is_one_act_that_can_be_undone(window: MainWindow) -> None:
    window.studio.initializer.lab.click()
    before = window.document.setup
    window.studio.gain_lab.table.rows["pytorch"].use.click()
    assert window.document.undo_stack.undoText() == "Layers 1–3 gain 1 to 1.67"
    assert [start.gain for start in starts(window)] == [pytest.approx(5 / 3)] * 3 + [None]
    assert window.studio.gain_lab.table.rows["pytorch"].use.text() == "in use"
    window.document.undo_stack.undo()
    assert window.document.setup == before


def test_with_the_layers_apart_the_selected_one_alone_is_changed(window: MainWindow) -> None:
    window.studio.initializer.lab.click()
    window.studio.initializer.link.setChecked(False)
    window.board.select_layer(1)
    window.studio.gain_lab.table.rows["forward"].use.click()
    assert [start.gain is None for start in starts(window)] == [True, False, True, True]
    assert window.document.undo_stack.undoText() == "Layer 2 gain 1 to 1.59"


def test_of_a_normal_its_sigma_follows_the_fan_in_of_each_layer(window: MainWindow) -> None:
    normal = InitializerSetup(name="normal", std=1.0)
    layers = tuple(LayerSetup(units=n, initializer=normal) for n in (9, 16, 25))
    window.document.new(Setup(network=NetworkSetup(layers=layers)))
    window.studio.initializer.lab.click()
    window.studio.gain_lab.table.rows["pytorch"].use.click()
    expected = [5 / 3 / math.sqrt(n) for n in (2, 9, 16)]
    assert [start.std for start in starts(window)[:3]] == pytest.approx(expected)
    assert window.document.undo_stack.undoText() == "Layers 1–3 σ 1 to 1.18, 0.556, 0.417"


def test_layers_that_theory_does_not_cover_stay_as_they_are(window: MainWindow) -> None:
    plain = LayerSetup(units=4)
    layers = (plain, plain.model_copy(update={"normalisation": "batch"}), plain)
    window.document.new(Setup(network=NetworkSetup(layers=layers)))
    window.studio.initializer.lab.click()
    window.studio.gain_lab.table.rows["pytorch"].use.click()
    assert [start.gain is None for start in starts(window)] == [False, True, False, True]


def test_a_gain_out_of_range_is_refused_in_words(window: MainWindow) -> None:
    before = window.document.setup
    window.studio.gain_lab.gain_asked.emit(1e4)
    assert window.document.setup == before
    assert window.message_bar.text().startswith("The gain was not used")
