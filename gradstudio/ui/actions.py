"""Every action of the window in one table: menus, tooltips and the list of keys come from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gradstudio.ui.theme import icon, theme_notifier

SEPARATOR: Final = "-"


@dataclass(frozen=True)
class ActionSpec:
    """What an action is called, how it is reached and what it does, in words."""

    name: str
    text: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    icon: str = ""
    checkable: bool = False


INSTRUMENTS: Final = (
    ("diagram", "&Backward signal", "how far the gradient gets through the network."),
    ("gradient", "&Gradient of every layer", "its size over the steps."),
    ("depth", "By &depth", "the gradient from layer to layer."),
    ("loss", "&Loss", "loss and accuracy over the steps."),
    ("decision", "De&cision", "what the network answers."),
    ("seismograph", "&Seismograph", "size by layer and step, as colours."),
    ("distributions", "Dist&ributions", "the spread of single values in each layer."),
    ("chain", "C&hain rule", "what weights and slopes take in each layer."),
    ("gain_lab", "G&ain lab", "where gains come from, and what each makes of the signal."),
)
"""Name, text and purpose of the instruments, in the order of their keys 1 to 9."""

LETTERS: Final = {"gain_lab": "G"}
"""Instruments that have a letter beside their number."""


def keys_of(name: str, number: int) -> tuple[str, ...]:
    """Return the keys that turn to an instrument."""
    letter = LETTERS.get(name)
    return (str(number),) if letter is None else (letter, str(number))


_SPECS: Final = (
    ActionSpec("new", "&New setup", ("Ctrl+N",), "Start from two tanh layers.", "ph.file-plus"),
    ActionSpec("open", "&Open…", ("Ctrl+O",), "Open a setup file.", "ph.folder-open"),
    ActionSpec("save", "&Save", ("Ctrl+S",), "Save the setup to its file.", "ph.floppy-disk"),
    ActionSpec("save_as", "Save &as…", ("Ctrl+Shift+S",), "Save the setup to another file."),
    ActionSpec(
        "export_plot",
        "&Export plot…",
        ("Ctrl+E",),
        "Write one plot as PNG, SVG or PDF, or its data as CSV.",
        "ph.export",
    ),
    ActionSpec(
        "export_all",
        "Export a&ll plots…",
        ("Ctrl+Shift+E",),
        "Write every plot as PNG, SVG, PDF and CSV to a folder.",
    ),
    ActionSpec("quit", "&Quit", ("Ctrl+Q",), "Close the window."),
    ActionSpec("undo", "&Undo", ("Ctrl+Z",), "Take the last edit back."),
    ActionSpec("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Do the edit again."),
    ActionSpec(
        "copy_setup", "&Copy setup as text", ("Ctrl+Shift+C",), "Put the setup on the clipboard."
    ),
    ActionSpec(
        "paste_setup", "&Paste setup", ("Ctrl+Shift+V",), "Take the setup from the clipboard."
    ),
    ActionSpec("add_layer", "&Add layer", ("Ins",), "Add a hidden layer below the selected one."),
    ActionSpec("duplicate_layer", "&Duplicate layer", ("Ctrl+D",), "Copy the selected layers."),
    ActionSpec(
        "repeat_layer",
        "&Repeat layer…",
        ("Ctrl+Shift+D",),
        "Have the selected layer N times in a row.",
    ),
    ActionSpec("delete_layer", "De&lete layer", ("Del",), "Take the selected layers out."),
    ActionSpec("move_layer_up", "Move &up", ("Alt+Up",), "Move towards the input."),
    ActionSpec("move_layer_down", "Move &down", ("Alt+Down",), "Move towards the output."),
    ActionSpec(
        "layer_structure",
        "Beside the &weights…",
        ("S",),
        "Normalisation, shortcut, dropout and leak of the selected layers.",
    ),
    ActionSpec(
        "run",
        "&Run",
        ("Space",),
        "Train. Press again to pause after this step.",
        "ph.play-fill",
    ),
    ActionSpec(
        "apply",
        "Appl&y and run",
        ("Ctrl+Return", "Ctrl+Enter"),
        "Run the edited setup from step 0. Without an edit: run, or pause.",
    ),
    ActionSpec("step", "&Step", (".", "Right"), "One update.", "ph.caret-right"),
    ActionSpec(
        "step_epoch",
        "Step &epoch",
        ("Shift+.", ">"),
        "To the end of this pass over the data.",
        "ph.skip-forward",
    ),
    ActionSpec(
        "advance_part",
        "Next &part of the step",
        ("Ctrl+Right",),
        "Walk through one update: forward, backpropagation, gradients, update, repeat.",
        "ph.list-numbers",
    ),
    ActionSpec(
        "reset", "Rese&t", ("Ctrl+R",), "Back to step 0 with the same weights.", "ph.skip-back"
    ),
    ActionSpec(
        "reroll",
        "Re&roll",
        ("Ctrl+Shift+R",),
        "New random start, same design. Undo brings the old one back.",
        "ph.dice-five",
    ),
    ActionSpec(
        "rate_up", "Learning rate × 1.&25", ("+", "="), "A larger step, without a new start."
    ),
    ActionSpec("rate_down", "Learning rate × 0.&8", ("-",), "A smaller step, without a new start."),
    ActionSpec("gallery", "&Gallery", ("F5",), "Pick an experiment.", "ph.squares-four"),
    ActionSpec("studio", "&Studio", ("F6",), "Design, train, see.", "ph.chart-line"),
    ActionSpec("theme_system", "&System", (), "The scheme of the desktop.", checkable=True),
    ActionSpec("theme_dark", "&Dark", (), "Light text on dark.", checkable=True),
    ActionSpec("theme_light", "&Light", (), "Dark text on light.", checkable=True),
    ActionSpec("toggle_theme", "Switch dark and light", ("Ctrl+Shift+L",), "The other scheme.", ""),
    ActionSpec(
        "focus",
        "&Focus",
        ("F",),
        "Give the plot last clicked the whole middle. Again, or Esc: back.",
    ),
    *(
        ActionSpec(f"show_{name}", text, (), f"Show or hide: {tip}", checkable=True)
        for name, text, tip in INSTRUMENTS
    ),
    *(
        ActionSpec(f"go_{name}", text, keys_of(name, number), f"Turn to this instrument: {tip}")
        for number, (name, text, tip) in enumerate(INSTRUMENTS, start=1)
    ),
    ActionSpec(
        "own_window",
        "Own &window",
        ("W",),
        "Put the plot last clicked into a window of its own, or back.",
    ),
    ActionSpec("live", "&Live", ("L",), "Look at the newest step again, and follow it."),
    ActionSpec("full_screen", "F&ull screen", ("F11",), "The window alone.", checkable=True),
    ActionSpec("reset_layout", "Reset &layout", (), "The panels as they were at first."),
    ActionSpec("layer_up", "Select layer above", ("Up",), "Select the layer towards the input."),
    ActionSpec(
        "layer_down", "Select layer below", ("Down",), "Select the layer towards the output."
    ),
    ActionSpec("keys", "&Keys", ("?",), "All keys on one page."),
    ActionSpec("about", "&About GradStudio", (), "Versions, for a question or a report."),
)
SPECS: Final[Mapping[str, ActionSpec]] = {spec.name: spec for spec in _SPECS}

MENUS: Final[Mapping[str, tuple[str, ...]]] = {
    "&File": (
        "new", "open", "@examples", "@recent", SEPARATOR, "save", "save_as", SEPARATOR,
        "export_plot", "export_all", SEPARATOR, "quit",
    ),
    "&Edit": ("undo", "redo", SEPARATOR, "copy_setup", "paste_setup"),
    "&Setup": (
        "add_layer", "duplicate_layer", "repeat_layer", "delete_layer", SEPARATOR,
        "move_layer_up", "move_layer_down", SEPARATOR, "layer_structure", SEPARATOR,
        "layer_up", "layer_down",
    ),
    "&Run": (
        "run", "apply", "step", "step_epoch", "advance_part", SEPARATOR, "reset", "reroll",
        SEPARATOR, "rate_up", "rate_down", "@speed",
    ),
    "&View": (
        "gallery", "studio", SEPARATOR, "@instruments", "@turn_to", "focus", "own_window", "live",
        SEPARATOR, "@theme", "toggle_theme", "full_screen", "reset_layout",
    ),
    "&Help": ("keys", "about"),
}  # fmt: skip
"""The menu bar; a name after ``@`` is a submenu."""

SUBMENUS: Final[Mapping[str, tuple[str, ...]]] = {
    "theme": ("theme_system", "theme_dark", "theme_light"),
    "instruments": tuple(f"show_{name}" for name, _, _ in INSTRUMENTS),
    "turn_to": tuple(f"go_{name}" for name, _, _ in INSTRUMENTS),
}
"""Actions of submenus; the window fills those that are not here."""


class Actions(QObject):
    """The QActions of one window, made from the table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = {name: _make(spec, parent) for name, spec in SPECS.items()}
        parent.addActions(list(self._actions.values()))
        theme_notifier().changed.connect(self.refresh_icons)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def bind(self, slots: Mapping[str, Callable[[], object]]) -> None:
        """Call a function when the action of that name is triggered."""
        for name, slot in slots.items():
            self._actions[name].triggered.connect(lambda *_, s=slot: s())

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; gives back the submenus by name, for the window to fill."""
        submenus = {}
        for title, names in MENUS.items():
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(True)
            for name in names:
                if name == SEPARATOR:
                    menu.addSeparator()
                elif name.startswith("@"):
                    submenus[name[1:]] = self._add_submenu(menu, name[1:])
                else:
                    menu.addAction(self._actions[name])
        return submenus

    def _add_submenu(self, menu: QMenu, name: str) -> QMenu:
        submenu = menu.addMenu(name.replace("_", " ").capitalize())
        submenu.setToolTipsVisible(True)
        submenu.addActions([self._actions[entry] for entry in SUBMENUS.get(name, ())])
        return submenu

    def refresh_icons(self) -> None:
        """Draw the icons again in the colours of the scheme in force."""
        for name, action in self._actions.items():
            if SPECS[name].icon:
                action.setIcon(icon(SPECS[name].icon))


def tooltip(name: str) -> str:
    """What an action does, with its key."""
    spec = SPECS[name]
    return f"{spec.tip}  ({spec.keys[0]})" if spec.keys else spec.tip


def _make(spec: ActionSpec, parent: QWidget) -> QAction:
    action = QAction(spec.text, parent)
    action.setObjectName(f"action_{spec.name}")
    action.setShortcuts([QKeySequence(key) for key in spec.keys])
    action.setToolTip(tooltip(spec.name))
    action.setStatusTip(spec.tip)
    action.setCheckable(spec.checkable)
    if spec.icon:
        action.setIcon(icon(spec.icon))
    return action
