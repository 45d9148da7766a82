"""The context menu of an instrument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSlider, QSpinBox, QWidget, QWidgetAction

from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.instrument import Instrument, Place
from gradstudio.ui.widgets import label

LAST_STEPS: Final = (None, 100, 1_000, 10_000)
FORMATS: Final = (("png", "PNG…"), ("svg", "SVG…"), ("pdf", "PDF…"), ("csv", "CSV…"))
COPIES: Final = (
    ("copy_sentence", "Copy sentence"),
    ("copy_image", "Copy image"),
    ("copy_data", "Copy data"),
)
MOST_STEPS: Final = 1_000_000_000


@dataclass(frozen=True)
class Choices:
    """What the menu of one instrument offers beside copies and export.

    Attributes
    ----------
    x, y
        Axes whose scale may be changed; None where it may not.
    last_steps, set_last_steps
        Number of newest steps shown (None for all), and how to change it.
    smoothing, set_smoothing
        Share of the past kept per step, and how to change it.
    fit
        Gives both axes back to the data.
    """

    x: Axis | None = None
    y: Axis | None = None
    last_steps: int | None = None
    set_last_steps: Callable[[int | None], None] | None = None
    smoothing: float = 0.0
    set_smoothing: Callable[[float], None] | None = None
    fit: Callable[[], None] | None = None


def plot_menu(instrument: Instrument, choices: Choices) -> QMenu:
    """Build the menu; it deletes itself when it closes."""
    menu = QMenu(instrument)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if choices.y is not None:
        _add_scale(menu, choices.y, "y")
    if choices.x is not None:
        _add_scale(menu, choices.x, "x")
    if choices.set_last_steps is not None:
        _add_last_steps(menu, choices.last_steps, choices.set_last_steps)
    if choices.set_smoothing is not None:
        _add_smoothing(menu, choices.smoothing, choices.set_smoothing)
    if choices.fit is not None:
        menu.addAction("Fit to the data\tDouble-click", choices.fit)
    menu.addSeparator()
    for key, text in COPIES:
        menu.addAction(text, partial(instrument.export_requested.emit, key))
    export = menu.addMenu("Export")
    for key, text in FORMATS:
        export.addAction(text, partial(instrument.export_requested.emit, key))
    if instrument.place is not Place.FIXED:
        menu.addSeparator()
        add_places(menu, instrument)
    return menu


def place_menu(instrument: Instrument) -> QMenu:
    """Build the menu of where an instrument may be; it deletes itself when it closes."""
    menu = QMenu(instrument)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    add_places(menu, instrument)
    return menu


def add_places(menu: QMenu, instrument: Instrument) -> None:
    """Offer to enlarge an instrument, to give it a window of its own, and to hide it."""
    is_out = instrument.place is Place.WINDOW
    if not is_out:
        is_large = instrument.place is Place.ENLARGED
        text = "Beside the others again\tEsc" if is_large else "Enlarge\tF"
        menu.addAction(text, instrument.focus_asked.emit)
    text = "Back to the page\tW" if is_out else "Window of its own\tW"
    menu.addAction(text, instrument.window_asked.emit)
    menu.addAction("Hide", instrument.hide_asked.emit)


def _add_scale(menu: QMenu, axis: Axis, name: str) -> None:
    action = QAction(f"Logarithmic {name}", menu, checkable=True, checked=axis.log)
    action.toggled.connect(axis.set_log)
    menu.addAction(action)


def _add_last_steps(menu: QMenu, present: int | None, choose: Callable[[int | None], None]) -> None:
    part = menu.addMenu("Steps")
    group = QActionGroup(part)
    for steps in LAST_STEPS:
        text = "All" if steps is None else f"Last {steps:,}"
        action = QAction(text, part, checkable=True, checked=steps == present)
        action.triggered.connect(lambda _=False, n=steps: choose(n))
        group.addAction(action)
        part.addAction(action)
    spin = QSpinBox()
    spin.setRange(10, MOST_STEPS)
    spin.setGroupSeparatorShown(True)
    spin.setKeyboardTracking(False)
    spin.setValue(present or 500)
    spin.setAccessibleName("Number of newest steps shown")
    spin.valueChanged.connect(choose)
    spin.editingFinished.connect(lambda: choose(spin.value()))
    part.addAction(_row(part, "Last", spin))


def _add_smoothing(menu: QMenu, present: float, choose: Callable[[float], None]) -> None:
    part = menu.addMenu("Smoothing")
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, 99)
    slider.setValue(round(present * 100))
    slider.setFixedWidth(140)
    slider.setAccessibleName("Smoothing")
    number = label(f"{present:.2f}", "mono")

    def show(value: int) -> None:
        number.setText(f"{value / 100:.2f}")
        choose(value / 100)

    slider.valueChanged.connect(show)
    part.addAction(_row(part, "0", slider, number))


def _row(menu: QMenu, text: str, *widgets: QWidget) -> QWidgetAction:
    box = QWidget()
    layout = QHBoxLayout(box)
    layout.setContentsMargins(12, 4, 12, 4)
    layout.addWidget(label(text))
    for widget in widgets:
        layout.addWidget(widget)
    action = QWidgetAction(menu)
    action.setDefaultWidget(box)
    return action
