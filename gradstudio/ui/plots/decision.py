"""What the network answers now: a map of the plane, a confusion matrix, a fit or a scatter."""

from __future__ import annotations

import math
from time import perf_counter
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMenu

from gradstudio.data.task import Data
from gradstudio.export.figures.decision import score_sentence
from gradstudio.export.prediction import MAP_SIDES, class_map, next_side
from gradstudio.export.score import ClassScore, ValueScore, score_classes, score_values
from gradstudio.numbers import count, figures
from gradstudio.training.cost import MANY_PARAMETERS, parameter_count
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.decision_view import Answer, DecisionView, value_fit
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.menu import Choices, plot_menu

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure
    from gradstudio.run.snapshot import Snapshot

MAP_BUDGET: Final = 0.004
"""Seconds a map may cost; its grid is as fine as that allows."""
COST_SHARE: Final = 12.0
"""An answer that cost c seconds is not asked again for this many times c."""


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
        self._body.addWidget(self.view, 1)
        self.header.add_tool(
            "ph.export",
            "Export or copy this plot",
            lambda: self.menu().popup(self.header.mapToGlobal(self.header.rect().bottomRight())),
        )
        self._data: Data | None = None
        self._snapshot: Snapshot | None = None
        self._answer: Answer | None = None
        self._side = MAP_SIDES[2]
        self._cost = 0.0
        self._asked_at = -math.inf
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.refresh_anew)

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
        self.refresh()

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
        data, snapshot = self._data, self._snapshot
        if data is not None and snapshot is not None and self._fits(data, snapshot):
            wait = self._asked_at + COST_SHARE * self._cost - perf_counter()
            if wait > 0 and self._answer is not None:
                self._later.start(math.ceil(wait * 1000))
            elif self._answer is None or self._answer.step_key != id(snapshot):
                self._ask(data, snapshot)
        self.view.show_answer(data, self._answer)
        self.header.set_subtitle(self._scope())

    def sentence(self) -> str:
        """How many are right, against chance."""
        answer = self._answer
        if answer is None:
            return "No answer yet. Press Space: what the network decides appears."
        text = score_sentence(answer.score)
        flat = None if answer.map is None else answer.map.flat_share()
        if flat is not None:
            text += f" The map is {figures(flat, 2)} everywhere."
        return text

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same answer as on screen."""
        from gradstudio.export.figures import decision_figure

        return decision_figure(
            self._recording, self._data, self._snapshot, palette_name=palette_name
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        return plot_menu(self, Choices())

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
        self._answer = Answer(snapshot.step, id(snapshot), score, picture, fit)
        self._asked_at = perf_counter()
        self._cost = self._asked_at - started

    def _fits(self, data: Data, snapshot: Snapshot) -> bool:
        """Whether both belong to the same design; a snapshot of the last run may come late."""
        return snapshot.sizes[0] == data.input_size and snapshot.sizes[-1] == data.output_size

    def _scope(self) -> str:
        if self._answer is None:
            return "now"
        return f"{self._answer.score.part} set · step {count(self._answer.step)}"
