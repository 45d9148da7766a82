"""What the network answers now: a map of the plane, a confusion matrix, a fit or a scatter."""

from __future__ import annotations

import math
from time import perf_counter
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QIcon, QResizeEvent
from PySide6.QtWidgets import QMenu

from gradstudio.data.task import Data
from gradstudio.export.figures.decision import score_sentence
from gradstudio.export.prediction import MAP_SIDES, class_map, next_side
from gradstudio.export.score import ClassScore, ValueScore, score_classes, score_values
from gradstudio.numbers import count, figures
from gradstudio.training.cost import MANY_PARAMETERS, parameter_count
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.answer import Answer, value_fit
from gradstudio.ui.plots.decision_places import has_matrix
from gradstudio.ui.plots.decision_view import DecisionView
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.menu import Choices, plot_menu
from gradstudio.ui.theme import icon
from gradstudio.ui.widgets import Segmented

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure
    from gradstudio.run.snapshot import Snapshot

MAP_BUDGET: Final = 0.004
"""Seconds a map may cost; its grid is as fine as that allows."""
COST_SHARE: Final = 12.0
"""An answer that cost c seconds is not asked again for this many times c."""
SPACIOUS: Final = 320
"""From this width on the switch in the header has words, else symbols."""
NARROW: Final = 260
"""Below, the export makes room; the menu has it as well."""
NARROWEST: Final = 240
"""Below, the switch makes room for the step; Enter and the menu do the same."""
PARTS: Final = (
    ("confusion", "matrix", "Confusion matrix: which classes are mistaken for which (Enter)"),
    ("wrong", "wrong", "The wrong samples, the most certain first (Enter)"),
)
SYMBOLS: Final = {"confusion": "ph.squares-four", "wrong": "ph.x-circle"}


class DecisionPlot(Instrument):
    """What the network answers, from a snapshot of its weights, against guessing.

    A reader sees what the gradient has achieved: where the boundary runs between the classes of a
    plane, which classes are mistaken for which, or how far predicted values are from true ones.
    A network without a signal in its first layers answers the same everywhere.
    """

    title = "Decision"
    subtitle = "test set · now"

    def __init__(self) -> None:
        super().__init__()
        self.view = DecisionView()
        self.view.setAccessibleName(self.title)
        self.view.menu_asked.connect(lambda at: self.menu().popup(at))
        self.view.pressed.connect(self.pressed)
        self.view.shown_changed.connect(self._say_shown)
        self._body.addWidget(self.view, 1)
        self.switch = Segmented(PARTS, "Shown")
        self.switch.chosen.connect(lambda key: self.view.show_wrong(key == "wrong"))
        self.header.add_widget(self.switch)
        self._export = self.add_export_tool()
        self._data: Data | None = None
        self._snapshot: Snapshot | None = None
        self._answer: Answer | None = None
        self._side = MAP_SIDES[2]
        self._cost = 0.0
        self._asked_at = -math.inf
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.refresh_anew)
        self._fit_header()

    @property
    def answer(self) -> Answer | None:
        """What is on screen; None before the first snapshot."""
        return self._answer

    def set_data(self, data: Data | None) -> None:
        """Tell on which samples the network is trained and tested."""
        self._data = data
        self._answer = None
        self._snapshot = None
        self._cost = 0.0
        self.refresh_anew()

    def set_snapshot(self, snapshot: Snapshot | None) -> None:
        """Take newer weights; they are asked as soon as the last answer has paid off."""
        self._snapshot = snapshot
        self.refresh_in_turn()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run: the old answers are dropped."""
        if recording is not self._recording:
            self._snapshot = self._answer = None
        super().set_recording(recording)

    def state(self) -> object:
        """Return what the picture depends on."""
        return (self._data, self._snapshot, self.view.size())

    def draw(self) -> None:
        """Ask the network, unless the last answer was so dear that it has to last."""
        data, snapshot, before = self._data, self._snapshot, self._answer
        if data is not None and snapshot is not None and self._fits(data, snapshot):
            wait = self._asked_at + COST_SHARE * self._cost - perf_counter()
            if wait > 0 and self._answer is not None:
                self._later.start(math.ceil(wait * 1000))
            elif self._answer is None or self._answer.step_key != id(snapshot):
                self._ask(data, snapshot)
        self.view.show_answer(data, self._answer)
        self.header.set_subtitle(self._scope())
        self._fit_header()
        if self._answer is not before:
            self.describe()

    def apply_theme(self) -> None:
        """Take on the colours of the scheme in force."""
        super().apply_theme()
        self._fit_header()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out of the header what has no room there."""
        super().resizeEvent(event)
        self._fit_header()

    def sentence(self) -> str:
        """How many are right, against chance."""
        answer = self._answer
        if answer is None:
            return "No answer yet. Press Space: what the network decides appears."
        text = score_sentence(answer.score, self._data)
        flat = None if answer.map is None else answer.map.flat_share()
        if flat is not None:
            text += f" The map is {figures(flat, 2)} everywhere."
        if self._data is not None and has_matrix(self._data) and self.view.cell is not None:
            shown = self.view.mistake_list()
            text += "" if shown is None else f" Shown: {', '.join(shown.words)}."
        return text

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same answer as on screen."""
        from gradstudio.export.figures import decision_figure

        return decision_figure(
            self._recording,
            self._data,
            self._snapshot,
            palette_name=palette_name,
            shown=self.view.shown,
            cell=self.view.cell,
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        menu = plot_menu(self, Choices())
        if not has_matrix(self._data):
            return menu
        top, is_wrong = menu.actions()[0], self.switch.key() == "wrong"
        if self.view.shown != "both":
            text = "Confusion matrix\tEnter" if is_wrong else "Wrong samples\tEnter"
            part = QAction(text, menu)
            part.triggered.connect(lambda: self.view.show_wrong(not is_wrong))
            menu.insertAction(top, part)
        following = QAction("Next mistake\tPgDown", menu)
        following.triggered.connect(lambda: self.view.next_cell(1))
        every = QAction("All wrong samples\tEsc", menu)
        every.setEnabled(self.view.cell is not None)
        every.triggered.connect(lambda: self.view.choose_cell(None))
        menu.insertActions(top, [following, every])
        menu.insertSeparator(top)
        return menu

    def _say_shown(self) -> None:
        self._fit_header()
        self.describe()

    def _fit_header(self) -> None:
        """Show the switch where there is something to change, in words where they have room."""
        self.switch.choose("confusion" if self.view.shown == "confusion" else "wrong")
        width, is_one_of_both = self.width(), has_matrix(self._data) and self.view.shown != "both"
        self.switch.setVisible(is_one_of_both and width >= NARROWEST)
        self._export.setVisible(self.switch.isHidden() or width >= NARROW)
        for key, text, _ in PARTS:
            has_words = width >= SPACIOUS
            symbol = QIcon() if has_words else icon(SYMBOLS[key])
            self.switch.set_text(key, text if has_words else "", symbol)

    def _ask(self, data: Data, snapshot: Snapshot) -> None:
        started = perf_counter()
        network = snapshot.network()
        if self._answer is None and parameter_count(snapshot.sizes) >= MANY_PARAMETERS:
            self._side = MAP_SIDES[0]
        score: ClassScore | ValueScore
        picture = fit = None
        if data.kind == "classification":
            score = score_classes(network.output, data, snapshot.loss)
            if data.plane:
                begun = perf_counter()
                picture = class_map(network.output, data, snapshot.loss, self._side)
                self._side = next_side(self._side, perf_counter() - begun, MAP_BUDGET)
        else:
            score = score_values(network.output, data)
            fit = value_fit(network.output, data) if data.input_size == 1 else None
        self._answer = Answer(
            snapshot.step, id(snapshot), score, picture, fit, network.output, snapshot.loss
        )
        self._asked_at = perf_counter()
        self._cost = self._asked_at - started

    def _fits(self, data: Data, snapshot: Snapshot) -> bool:
        """Whether both belong to the same design; a snapshot of the last run may come late."""
        return snapshot.sizes[0] == data.input_size and snapshot.sizes[-1] == data.output_size

    def _scope(self) -> str:
        if self._answer is None:
            return "now"
        return f"step {count(self._answer.step)} · {self._answer.score.part} set"
