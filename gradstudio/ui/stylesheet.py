"""The style sheet of the window, made from one palette.

Widgets ask for a look by the property ``role``: panel, header, title, subtitle, caption, error,
key-figure, mono, primary, outline, tool, segment, pill, card.
"""

from __future__ import annotations

from string import Template
from typing import Final

from gradstudio.palette import Palette

_SHEET: Final = Template("""
* { outline: none; }
QWidget { color: $text; }
QMainWindow, QMainWindow > QWidget { background: $bg1; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QSplitter { background: $bg1; }
QSplitter::handle { background: $line; }
QSplitter::handle:hover { background: $accent; }
QToolTip { background: $bg3; color: $text; border: 1px solid $line; padding: 5px 7px; }

*[role="panel"] { background: $bg1; }
*[role="window"] { background: $bg0; }
*[role="title"] { font-size: 13px; font-weight: 600; color: $text; }
*[role="subtitle"] { font-size: 11px; color: $text3; }
*[role="caption"] { font-size: 11px; color: $text3; }
*[role="small-label"] { font-size: 11px; color: $text2; }
*[role="label"] { font-size: 12px; color: $text2; }
*[role="error"] { font-size: 11px; color: $critical; }
*[role="key-figure"] { font-size: 17px; font-weight: 600; color: $text; }
*[role="mono"] { font-family: "$mono"; font-size: 12px; }
*[role="line"] { background: $line; border: none; }
*[role="body"] { font-size: 12px; color: $text2; }
*[role="strong"] { font-size: 12px; font-weight: 500; color: $text; }
*[role="figure"] { font-size: 14px; font-weight: 600; color: $text; }
*[role="verdict-title"] { font-size: 15px; font-weight: 600; color: $text; }
*[role="verdict"] { background: $bg2; border: 1px solid $line; border-radius: 8px; }
*[role="verdict"][severity="critical"] { background: $critical_soft; border-color: $critical_edge; }
*[role="verdict"][severity="none"] { background: $accent_soft; border-color: $accent_edge; }
*[role="pill"] { font-size: 10px; font-weight: 600; border-radius: 9px; padding: 2px 8px;
  color: $text3;
  border: 1px solid $line; }
*[role="pill"][severity="critical"] { color: $critical; border-color: $critical_edge; }
*[role="pill"][severity="mild"] { color: $warning; border-color: $warning; }
*[role="pill"][severity="live"] { color: $accent; border-color: $accent_edge;
  background: $accent_soft; }
*[role="mark"] { font-size: 10px; font-weight: 500; border-radius: 9px; padding: 0 7px;
  color: $text2; border: 1px solid $line; }
QToolButton[role="live"] { font-size: 10px; font-weight: 600; border-radius: 9px; padding: 0;
  color: $text2; border: 1px solid $line; }
QToolButton[role="live"]:hover { color: $text; border-color: $text3; }
QToolButton[role="live"][lit="true"] { color: $accent; border-color: $accent_edge;
  background: $accent_soft; }
QToolButton[role="live"]:focus { border-color: $accent; }
*[role="example"] { background: $bg1; border: 1px solid $line; border-radius: 8px; }
*[role="example"]:hover, *[role="example"]:focus { border: 1px solid $accent; }
*[role="card-text"] { font-size: 12px; color: $text2; }
*[role="page-title"] { font-size: 20px; font-weight: 600; color: $text; }
*[role="brand"] { font-size: 20px; font-weight: 600; color: $text; }
*[role="rail-panel"] { background: $bg1; border: none; border-right: 1px solid $line; }
QPushButton[role="rail"] { background: transparent; border: none; text-align: left;
  padding: 6px 6px;
  color: $text2; font-size: 13px; }
QPushButton[role="rail"]:hover, QPushButton[role="rail"]:focus { background: $bg2; color: $text; }
QScrollArea[role="window"], QScrollArea[role="window"] > QWidget > QWidget { background: $bg0; }
*[role="hero"] { background: $bg1; border: 1px solid $accent_edge; border-radius: 10px; }
*[role="hero-title"] { font-size: 22px; font-weight: 600; color: $text; }
*[role="message"] { background: $bg2; border: none; border-bottom: 1px solid $line; }
*[role="message"][kind="error"] { background: $critical_soft;
  border-bottom: 1px solid $critical_edge; }
*[role="part"][lit="true"] { background: $accent_soft; }
*[role="badge"] { border: 1px solid $text3; border-radius: 10px; font-size: 10px; font-weight: 600;
  color: $text2; qproperty-alignment: AlignCenter; }
*[role="badge"][lit="true"] { background: $accent; border-color: $accent; color: $on_accent; }
*[role="card"] { background: $bg1; border: 1px solid $line; border-radius: 8px; }

QMenuBar { background: $bg1; padding: 2px 6px; border: none; }
QMenuBar::item { background: transparent; color: $text2; padding: 4px 9px; border-radius: 4px; }
QMenuBar::item:selected { background: $bg2; color: $text; }
QMenu { background: $bg2; border: 1px solid $line; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 12px; border-radius: 4px; color: $text; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $text3; }
QMenu::separator { height: 1px; background: $line; margin: 5px 4px; }
QMenu::icon { padding-left: 8px; }

QToolBar { background: $bg1; border: none; border-bottom: 1px solid $line; spacing: 6px;
  padding: 0; }
QStatusBar { background: $bg1; border-top: 1px solid $line; color: $text2; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $text2; font-size: 12px; }

QPushButton { background: $bg2; border: 1px solid $line; border-radius: 6px; padding: 4px 12px;
  min-height: 18px; color: $text; }
QPushButton:hover { background: $bg3; }
QPushButton:pressed { background: $bg3; border-color: $accent; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $text3; background: $bg1; border-color: $soft; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent;
  border-radius: 7px; font-weight: 600; font-size: 13px; padding: 5px 14px; }
QPushButton[role="primary"]:hover { border-color: $text; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $bg3; color: $text3; border-color: $bg3; }
QPushButton[role="outline"] { background: $accent_soft; border: 1px solid $accent_edge;
  color: $accent;
  font-weight: 600; }
QPushButton[role="outline"]:hover { border-color: $accent; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px;
  padding: 3px;
  color: $text2; }
QToolButton:hover { background: $bg2; color: $text; }
QToolButton:pressed, QToolButton:checked { background: $bg3; color: $text; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton:disabled { color: $text3; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="tab"] { border: none; border-radius: 0; padding: 5px 12px; color: $text3;
  font-size: 12px;
  border-bottom: 2px solid transparent; }
QToolButton[role="tab"]:hover { background: transparent; color: $text; }
QToolButton[role="tab"]:checked { background: transparent; color: $text;
  border-bottom: 2px solid $accent; }
QToolButton[role="transport"] { border-radius: 7px; }
QToolButton[role="link"] { color: $accent; font-size: 12px; }

*[role="segmented"] { background: $bg2; border: 1px solid $soft; border-radius: 6px; }
QToolButton[role="segment"] { border: none; border-radius: 5px; padding: 2px 9px; font-size: 11px;
  color: $text3; min-height: 16px; }
QToolButton[role="segment"]:hover { color: $text; }
QToolButton[role="segment"]:checked { background: $bg3; color: $text; font-weight: 500; }
QToolButton[role="segment"]:focus { border: 1px solid $accent; }

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QAbstractSpinBox {
  background: $bg2; border: 1px solid $line; border-radius: 5px; padding: 1px 7px; min-height: 20px;
  color: $text; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $text3; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {
  border: 1px solid $accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $text3;
  background: $bg1; }
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"], QComboBox[invalid="true"] {
  border: 1px solid $critical; background: $critical_soft; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { image: url("$arrow"); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: $bg2; border: 1px solid $line; padding: 4px;
  selection-background-color: $accent_soft; selection-color: $text; outline: none; }

QCheckBox { spacing: 7px; color: $text2; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $text3; border-radius: 4px;
  background: $bg2; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$tick"); }
QCheckBox::indicator:focus { border: 2px solid $accent; }
QCheckBox:disabled { color: $text3; }

QSlider::groove:horizontal { height: 3px; background: $bg3; border-radius: 1px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 1px; }
QSlider::handle:horizontal { background: $bg1; border: 2px solid $accent; width: 10px; height: 10px;
  margin: -6px 0; border-radius: 7px; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent; }

QProgressBar { background: $bg3; border: none; max-height: 3px; min-height: 3px; }
QProgressBar::chunk { background: $accent; }

QTableView, QListView, QTreeView { background: $bg1; border: none; gridline-color: $soft;
  selection-background-color: $accent_soft; selection-color: $text; }
QTableView::item, QListView::item { border: none; padding: 0 4px; }
QTableView::item:selected, QListView::item:selected { background: $accent_soft; color: $text; }
QHeaderView { background: $bg1; border: none; }
QHeaderView::section { background: $bg1; color: $text3; border: none; padding: 2px 4px;
  font-size: 11px; font-weight: 400; }

QScrollArea { background: $bg1; border: none; }
QScrollArea > QWidget > QWidget { background: $bg1; }
QScrollBar:vertical { background: transparent; width: 9px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 9px; margin: 0; }
QScrollBar::handle { background: $bg3; border-radius: 3px; min-height: 24px; min-width: 24px;
  margin: 2px; }
QScrollBar::handle:hover { background: $text3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }
QTabBar::tab { background: transparent; color: $text3; padding: 6px 14px; border: none; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QDialog { background: $bg1; }
QMessageBox { background: $bg1; }
""")


def style_sheet(palette: Palette, sans: str, mono: str) -> str:
    """The style sheet of one scheme, with the shipped arrow and tick of that scheme."""
    from gradstudio.resources import resource

    colours = {name: value for name, value in vars(palette).items() if isinstance(value, str)}
    return _SHEET.substitute(
        colours,
        sans=sans,
        mono=mono,
        arrow=resource("icons", f"arrow-down-{palette.name}.svg").as_posix(),
        tick=resource("icons", f"tick-{palette.name}.svg").as_posix(),
    )
