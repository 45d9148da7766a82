"""The menu of what can be done to the selected layers, with its keys and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.nn.structure import NORMALISATIONS, RESIDUALS
from gradstudio.ui.panels.structure_form import DROPOUTS

if TYPE_CHECKING:
    from gradstudio.ui.panels.network import NetworkPanel

Entries = Iterable[tuple[str, Callable[[], object]]]


def fill_menu(panel: NetworkPanel) -> None:
    """Put all acts on layers into the menu of the layer table."""
    menu, add = panel.table.menu, panel.table.add_act
    add("Add layer", "Ins", "A layer like the current one, behind it", panel.add_layer)
    add("Duplicate", "Ctrl+D", "Copy the layers behind the last of them", panel.duplicate_layers)
    add("Repeat × N…", "Ctrl+Shift+D", "Let the layers come N times", panel.ask_repeat)
    add("Delete", "Del", "Take the layers out", panel.delete_layers)
    menu.addSeparator()
    add("Move up", "Alt+Up", "One place towards the input", lambda: panel.move_layers(-1))
    add("Move down", "Alt+Down", "One place towards the output", lambda: panel.move_layers(1))
    menu.addSeparator()
    phis = [(phi.label, partial(panel.set_activation, name)) for name, phi in ACTIVATIONS.items()]
    starts = [(x.label, partial(panel.set_initializer, name)) for name, x in INITIALIZERS.items()]
    _add_submenu(menu, "Activation φ", phis)
    _add_submenu(menu, "Initializer", starts)
    _add_structure(panel, menu)
    add("Beside the weights…", "S", "Fields for all of this", panel.open_structure)
    menu.addSeparator()
    add("Select all layers", "Ctrl+A", "", panel.select_all)


def _add_structure(panel: NetworkPanel, menu: QMenu) -> None:
    set_field, set_shortcut = panel.set_beside, panel.set_shortcut
    norms = [(text, partial(set_field, "normalisation", x)) for x, text in NORMALISATIONS.items()]
    shortcuts = [(text, partial(set_shortcut, kind)) for kind, text in RESIDUALS.items()]
    shares = [(f"{x:g}" if x else "None", partial(set_field, "dropout", x)) for x in DROPOUTS]
    _add_submenu(menu, "Normalisation", norms)
    _add_submenu(menu, "Shortcut", shortcuts)
    _add_submenu(menu, "Dropout", shares)


def _add_submenu(menu: QMenu, title: str, entries: Entries) -> None:
    submenu: QMenu = menu.addMenu(title)
    for text, act in entries:
        submenu.addAction(text).triggered.connect(lambda _=False, act=act: act())
