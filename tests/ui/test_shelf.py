"""Instruments are shown, hidden, enlarged, put into windows, and found again where they were."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtWidgets import QLineEdit, QSplitter
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from gradstudio.run.status import RunState
from gradstudio.setup.models import Setup
from gradstudio.ui.arrangement import Arrangement, first_arrangement, read_arrangement
from gradstudio.ui.main_window import MainWindow
from gradstudio.ui.plots.instrument import Place
from gradstudio.ui.plots.menu import place_menu

Settle = Callable[[], None]
TALL, LOW = (1440, 960), (1280, 800)
ALL = {"diagram", "gradient", "depth", "loss", "decision", "seismograph", "distributions", "chain"}


@pytest.fixture
def tall(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """The window with room for all instruments."""
    resize(qtbot, window, TALL)
    return window


@pytest.fixture
def low(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """The window with room for the instruments that matter most."""
    resize(qtbot, window, LOW)
    return window


def resize(qtbot: QtBot, window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    qtbot.waitUntil(lambda: window.size().toTuple() == size, timeout=5_000)


def trigger(window: MainWindow, name: str) -> None:
    window.actions_by_name[name].trigger()


def visible(window: MainWindow) -> set[str]:
    shelf = window.studio.shelf
    return {name for name, plot in shelf.instruments.items() if plot.isVisible()}


def entries(window: MainWindow, name: str) -> list[str]:
    """What the menu of the header of an instrument offers."""
    menu = place_menu(window.studio.instruments[name])
    texts = [action.text().split("\t")[0] for action in menu.actions()]
    menu.close()
    return texts


def another(qtbot: QtBot, window: MainWindow, settings: QSettings, setup: Setup) -> MainWindow:
    """Close the window and open the next one with the same settings."""
    size = window.size()
    window.close()
    made = MainWindow(settings, [])
    made.files.may_discard = lambda: True  # type: ignore[method-assign]
    made.document.new(setup)
    qtbot.addWidget(made)
    made.resize(size)
    made.show_studio()
    made.show()
    made.session.prepare()
    qtbot.waitUntil(lambda: made.run_state() is RunState.READY, timeout=10_000)
    return made


def test_a_tall_window_shows_all_and_a_low_one_what_is_legible(
    qtbot: QtBot, tall: MainWindow
) -> None:
    assert visible(tall) == ALL
    resize(qtbot, tall, LOW)
    assert visible(tall) == {"gradient", "depth", "loss", "decision"}
    resize(qtbot, tall, TALL)
    assert visible(tall) == ALL


def test_what_is_hidden_in_the_menu_goes_and_comes_back(tall: MainWindow) -> None:
    hide = tall.actions_by_name["show_loss"]
    assert hide.isChecked()
    hide.trigger()
    assert not tall.studio.loss.isVisible()
    assert not hide.isChecked()
    hide.trigger()
    assert tall.studio.loss.isVisible()


def test_an_instrument_has_the_row_of_a_hidden_neighbour(tall: MainWindow) -> None:
    before = tall.studio.gradient.width()
    trigger(tall, "show_depth")
    assert tall.studio.gradient.width() > 1.5 * before
    trigger(tall, "show_depth")
    assert tall.studio.gradient.width() == before


def test_rows_share_the_height_of_a_hidden_row(tall: MainWindow) -> None:
    before = tall.studio.gradient.height()
    trigger(tall, "show_loss")
    assert tall.studio.gradient.height() == before
    trigger(tall, "show_decision")
    assert tall.studio.gradient.height() > before


def test_nothing_is_squeezed_where_all_is_shown_in_the_smallest_window(
    qtbot: QtBot, window: MainWindow
) -> None:
    resize(qtbot, window, (1100, 700))
    for name in window.studio.shelf.instruments:
        window.places.set_shown(name, True)
    window.studio.shelf.layout().activate()
    for plot in window.studio.shelf.instruments.values():
        assert plot.height() >= plot.minimumHeight()


def test_a_page_without_instruments_says_how_to_get_them_back(window: MainWindow) -> None:
    for name in window.studio.shelf.instruments:
        window.places.set_shown(name, False)
    assert window.studio.shelf._empty.isVisible()
    assert "View > Instruments" in window.studio.shelf._empty.text()


def test_a_hidden_instrument_is_neither_drawn_nor_measured(
    qtbot: QtBot, tall: MainWindow, settle: Settle
) -> None:
    settle()
    assert "chain" in tall.session._watched
    trigger(tall, "show_chain")
    qtbot.waitUntil(lambda: "chain" not in tall.session._watched, timeout=5_000)
    drawn = tall.studio.chain._drawn
    trigger(tall, "step")
    settle()
    assert tall.studio.chain._drawn is drawn


def test_keys_turn_to_an_instrument_and_show_it(qtbot: QtBot, low: MainWindow) -> None:
    window = low
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_4)
    assert window.places.last_clicked == "loss"
    assert window.studio.loss.canvas.hasFocus()
    assert not window.studio.seismograph.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_6)
    assert window.studio.seismograph.isVisible()
    assert window.studio.seismograph.canvas.hasFocus()


def test_each_digit_gives_the_keyboard_to_its_instrument(qtbot: QtBot, tall: MainWindow) -> None:
    tall.activateWindow()
    for number, name in enumerate(("diagram", "gradient", "depth", "loss", "decision",
                                   "seismograph", "distributions", "chain")):  # fmt: skip
        qtbot.keyClick(tall.focusWidget() or tall, chr(ord("1") + number))
        assert tall.places.last_clicked == name
        assert tall.studio.instruments[name].isAncestorOf(tall.focusWidget())


def test_while_one_is_enlarged_a_key_enlarges_another(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_2)
    qtbot.keyClick(window, Qt.Key.Key_F)
    assert window.studio.focused is window.studio.gradient
    qtbot.keyClick(window, Qt.Key.Key_3)
    assert window.studio.focused is window.studio.profile
    assert visible(window) == {"depth", "chain"}, "the chain rule is beside the middle"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.studio.focused is None


def test_an_instrument_of_the_right_is_enlarged_in_the_middle_and_returns(
    tall: MainWindow,
) -> None:
    home = tall.studio.chain.parentWidget().parentWidget()
    tall.places.toggle_enlarged("chain")
    assert visible(tall) == {"chain"}
    assert tall.studio.shelf.isAncestorOf(tall.studio.chain)
    assert tall.studio.chain.height() > 600
    tall.places.toggle_enlarged("chain")
    assert tall.studio.chain.parentWidget().parentWidget() is home
    assert tall.studio.gradient.isVisible()


def test_digits_typed_into_a_field_are_text(qtbot: QtBot, window: MainWindow) -> None:
    field = window.studio.network.findChild(QLineEdit)
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=5_000)
    qtbot.keyClick(field, Qt.Key.Key_4)
    assert "4" in field.text()
    assert window.places.last_clicked == "gradient"
    qtbot.keyClick(field, Qt.Key.Key_Backspace)


def test_in_the_gallery_digits_are_those_of_the_cards(window: MainWindow) -> None:
    window.show_gallery()
    assert not window.actions_by_name["go_loss"].isEnabled()
    window.show_studio()
    assert window.actions_by_name["go_loss"].isEnabled()


def test_an_instrument_in_a_window_comes_back_to_its_place_when_that_is_closed(
    tall: MainWindow,
) -> None:
    row = tall.studio.loss.parentWidget()
    assert isinstance(row, QSplitter)
    tall.places.toggle_window("loss")
    window = tall.places.window_of("loss")
    assert window is not None
    assert window.isWindow()
    assert window.windowTitle() == "Loss · GradStudio"
    assert tall.studio.loss.isVisible()
    assert tall.studio.loss.window() is window
    assert row.indexOf(tall.studio.loss) == -1
    window.close()
    assert tall.places.window_of("loss") is None
    assert row.indexOf(tall.studio.loss) == 0
    assert tall.studio.loss.isVisible()
    assert tall.studio.loss.place is Place.SHELF


def test_keys_work_in_the_window_of_an_instrument(
    qtbot: QtBot, tall: MainWindow, settle: Settle
) -> None:
    tall.places.toggle_window("loss")
    window = tall.places.window_of("loss")
    assert window is not None
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5_000)
    tall.studio.loss.canvas.setFocus()
    qtbot.keyClick(tall.studio.loss.canvas, Qt.Key.Key_Period)
    settle()
    assert tall.session.status.step == 1


def test_a_window_has_the_place_it_had_before(tall: MainWindow) -> None:
    tall.places.toggle_window("loss")
    first = tall.places.window_of("loss")
    assert first is not None
    first.setGeometry(30, 40, 500, 400)
    first.close()
    tall.places.toggle_window("loss")
    second = tall.places.window_of("loss")
    assert second is not None
    assert second.size().toTuple() == (500, 400)


def test_the_main_window_takes_the_others_along_and_brings_them_next_time(
    qtbot: QtBot, tall: MainWindow, settings: QSettings, small_setup: Setup
) -> None:
    tall.places.toggle_window("loss")
    old = tall.places.window_of("loss")
    assert old is not None
    new = another(qtbot, tall, settings, small_setup)
    assert not isValid(old)
    assert new.places.window_of("loss") is not None
    assert new.studio.loss.isVisible()
    new.close()


def test_hidden_instruments_and_borders_are_found_again_next_time(
    qtbot: QtBot, tall: MainWindow, settings: QSettings, small_setup: Setup
) -> None:
    row = tall.studio.gradient.parentWidget()
    assert isinstance(row, QSplitter)
    row.moveSplitter(300, 1)
    trigger(tall, "show_diagram")
    new = another(qtbot, tall, settings, small_setup)
    assert abs(new.studio.gradient.width() - 300) <= 2
    assert abs(new.studio.loss.width() - 300) <= 2
    assert not new.studio.diagram.isVisible()
    new.close()


def test_each_class_of_heights_has_its_own_arrangement(qtbot: QtBot, tall: MainWindow) -> None:
    trigger(tall, "show_diagram")
    resize(qtbot, tall, LOW)
    trigger(tall, "show_diagram")
    assert tall.studio.diagram.isVisible()
    resize(qtbot, tall, TALL)
    assert not tall.studio.diagram.isVisible()


def test_reset_brings_the_first_picture_back(tall: MainWindow) -> None:
    before = {name: plot.geometry() for name, plot in tall.studio.shelf.instruments.items()}
    row = tall.studio.gradient.parentWidget()
    assert isinstance(row, QSplitter)
    row.moveSplitter(300, 1)
    trigger(tall, "show_decision")
    tall.places.toggle_window("depth")
    tall.places.toggle_enlarged("gradient")
    trigger(tall, "reset_layout")
    assert tall.places.window_of("depth") is None
    for name in ALL:
        plot = tall.studio.shelf.instruments[name]
        assert plot.isVisible()
        assert abs(plot.width() - before[name].width()) <= 1
        assert abs(plot.height() - before[name].height()) <= 1


def test_the_menu_of_a_header_says_what_is_possible(tall: MainWindow) -> None:
    assert entries(tall, "loss") == ["Enlarge", "Window of its own", "Hide"]
    tall.places.toggle_enlarged("loss")
    assert entries(tall, "loss")[0] == "Beside the others again"
    tall.places.toggle_enlarged("loss")
    tall.places.toggle_window("loss")
    assert entries(tall, "loss") == ["Back to the page", "Hide"]
    tall.studio.loss.hide_asked.emit()
    assert not tall.studio.loss.isVisible()
    assert tall.places.window_of("loss") is None


def test_the_menu_of_a_plot_hides_it(window: MainWindow) -> None:
    menu = window.studio.loss.menu()
    (hide,) = (action for action in menu.actions() if action.text() == "Hide")
    hide.trigger()
    menu.close()
    assert not window.studio.loss.isVisible()


def test_every_instrument_has_a_sentence_for_a_screen_reader(
    window: MainWindow, settle: Settle
) -> None:
    trigger(window, "step_epoch")
    settle()
    for name in ALL:
        plot = window.studio.instruments[name]
        assert plot.accessibleDescription() == plot.sentence()


def test_hidden_instruments_are_exported_with_what_is_measured_for_it(
    low: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    window = low
    assert not window.studio.chain.isVisible()
    trigger(window, "step_epoch")
    settle()
    window.exports.export_all(tmp_path)
    (table,) = tmp_path.glob("*-chain.csv")
    assert len(table.read_text().splitlines()) > 3
    assert "chain" not in window.session._watched


def test_what_cannot_be_written_is_left_out_by_name(
    qtbot: QtBot,
    window: MainWindow,
    settle: Settle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from gradstudio.errors import ExportError

    trigger(window, "step")
    settle()

    def refuse(_name: str = "light") -> None:
        raise ExportError("nothing")

    monkeypatch.setattr(window.studio.loss, "figure", refuse)
    with qtbot.waitSignal(window.exports.noted) as noted:
        window.exports.export_all(tmp_path)
    assert "Nothing to write yet: Loss." in noted.args[0]
    assert not list(tmp_path.glob("*-loss.*"))
    assert len(list(tmp_path.glob("*-decision.*"))) == 4


def test_an_arrangement_reads_what_it_wrote_and_refuses_what_it_did_not() -> None:
    mine = Arrangement(hidden=("loss",), heights={"gradient": 0.5}, left=0.4)
    assert read_arrangement(mine.to_text(), ALL) == mine
    assert read_arrangement(mine.to_text(), {"gradient"}) == Arrangement((), mine.heights, 0.4)
    for text in ("", "{}", "[]", "3", '{"hidden": 1, "heights": {}, "left": 0.5}',
                 '{"hidden": [], "heights": {"a": -1}, "left": 0.5}',
                 '{"hidden": [], "heights": {}, "left": 2}'):  # fmt: skip
        assert read_arrangement(text, ALL) is None
    assert not ALL.intersection(first_arrangement("tall").hidden)


def test_double_click_on_the_header_of_a_window_fills_the_screen(
    qtbot: QtBot, tall: MainWindow
) -> None:
    tall.places.toggle_window("loss")
    window = tall.places.window_of("loss")
    assert window is not None
    qtbot.mouseDClick(tall.studio.loss.header, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert window.isMaximized()
