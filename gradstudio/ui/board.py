"""The wiring of the Studio page: who shows what of the setup, the run and the chosen layer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from gradstudio.run.snapshot import Snapshot
from gradstudio.run.status import RunStatus
from gradstudio.setup.models import DataSetup, NetworkSetup, Setup, TrainingSetup
from gradstudio.training.build import initial_weights, layer_sizes, setup_problem
from gradstudio.training.cost import MANY_PARAMETERS, parameter_count
from gradstudio.training.diagnosis import Diagnosis
from gradstudio.training.reading import Reading
from gradstudio.training.recording import Recording
from gradstudio.training.start import initializer_of, is_scaled_by_data, parts_of
from gradstudio.ui.field_spec import FieldError
from gradstudio.ui.panels.gain_acts import use_gain
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.reports import Reports
from gradstudio.ui.turns import Job, Turns

if TYPE_CHECKING:
    from gradstudio.ui.main_window import MainWindow

LAYER_PATH: Final = re.compile(r"network\.layers\[(\d+)\]")
TEXT_S: Final = 0.12
"""Seconds from one change of the texts to the next: faster than 8 a second is unreadable."""
VERDICT_S: Final = 0.3
"""Seconds from one change of the verdict to the next."""


class Board(QObject):
    """Connects the panels to the document and the instruments to the run of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._document = window.document
        self._session = window.session
        self._studio = window.studio
        self._places = window.places
        self._layer = 0
        self._reports = Reports(window)
        self._turns = Turns()
        self._drawn_for: object = None
        self._drawn: dict[int, NDArray[np.float64]] = {}
        self._connect_panels()
        self._connect_run()
        for instrument in self._studio.instruments.values():
            instrument.layer_clicked.connect(self.select_layer)
            instrument.shown.connect(self._watch)
        self._studio.shelf.changed.connect(self._watch)
        window.hero_plot.layer_clicked.connect(self.select_layer)

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The verdict shown."""
        return self._reports.diagnosis

    @property
    def layer(self) -> int:
        """Index of the layer chosen, 0-based; the output layer is the last."""
        return self._layer

    # -- what the user does ----------------------------------------------------------------

    def select_layer(self, layer: int) -> None:
        """Choose a layer in every panel and instrument."""
        last = len(self._document.setup.network.layers)
        self._layer = min(max(layer, 0), last)
        self._studio.network.select_layer(self._layer)
        for instrument in (*self._studio.instruments.values(), self._window.hero_plot):
            instrument.select_layer(self._layer)
        self._show_initializer(self._document.setup)
        self._refresh_texts()

    def _edit_data(self, data: DataSetup, text: str, key: str) -> None:
        setup = self._document.setup
        self._document.edit(setup.model_copy(update={"data": data}), text, key or None)

    def _edit_network(self, network: NetworkSetup, text: str, key: str) -> None:
        setup = self._document.setup
        self._document.edit(setup.model_copy(update={"network": network}), text, key or None)

    def _use_gain(self, gain: float) -> None:
        """Give the selected layers a gain, as the initializer panel would."""
        try:
            targets = self._studio.initializer.targets()
            act = use_gain(self._document.setup, self._layer, targets, gain)
        except FieldError as error:
            self._window.message_bar.show_error(f"The gain was not used: {error}.")
            return
        self._edit_network(act.network, act.text, "")

    def _edit_training(self, training: TrainingSetup, text: str, key: str) -> None:
        setup = self._document.setup
        training = training.model_copy(update={"edits": ()})
        self._document.edit(setup.model_copy(update={"training": training}), text, key or None)

    # -- what is shown ---------------------------------------------------------------------

    def show_setup(self, setup: Setup) -> None:
        """Show a setup in all panels."""
        studio = self._studio
        self._layer = min(self._layer, len(setup.network.layers))
        sizes = layer_sizes(setup)
        studio.network.set_sizes(sizes[0], sizes[-1], setup.training.loss)
        studio.network.set_batch(setup.training.batch_size)
        studio.network.show_slice(setup.network)
        studio.data.show_slice(setup.data)
        self._describe_data(setup.data)
        studio.training.set_data(setup.data.name)
        studio.training.show_slice(setup.training)
        self._window.transport.learning_rate.set_value(setup.training.learning_rate)
        self._window.hero.show_setup(setup)
        self._show_initializer(setup)
        self._show_problem(setup)

    def _show_problem(self, setup: Setup) -> None:
        """Say at its field why a design cannot be run, if it cannot."""
        problem = setup_problem(setup)
        path, sentence = (problem.path, problem.problem) if problem is not None else ("", "")
        faulty = LAYER_PATH.match(path)
        in_network = sentence if path.startswith("network.") else ""
        self._studio.network.show_fault(in_network, int(faulty[1]) if faulty else None)
        self._studio.training.show_fault(sentence if path == "training.batch_size" else "")

    def _describe_data(self, data: DataSetup) -> None:
        """Say what the set amounts to, once it is that of the run."""
        trainer = self._session.runner.trainer
        is_loaded = trainer is not None and trainer.setup.data == data
        text = trainer.data.describe() if trainer is not None and is_loaded else ""
        self._studio.data.set_description(text or "loaded with the next run")

    def refresh_all(self) -> None:
        """Draw everything anew, whatever the frame."""
        for instrument in (*self._studio.instruments.values(), self._window.hero_plot):
            if instrument.isVisible():
                instrument.refresh()
        self._refresh_texts()

    def _show_initializer(self, setup: Setup) -> None:
        network = setup.network
        sizes = layer_sizes(setup)
        weights = self._starting_weights(setup)
        self._studio.initializer.set_sizes(sizes)
        self._studio.initializer.show_slice(network)
        self._studio.initializer.select_layer(self._layer)
        self._studio.initializer.set_drawn_weights(weights)
        self._studio.gain_lab.show_layer(setup, self._layer)
        part = parts_of(network)[self._layer]
        self._studio.histogram.set_weights(
            weights.get(self._layer), self._layer, len(sizes) - 1, part
        )

    def _starting_weights(self, setup: Setup) -> dict[int, NDArray[np.float64]]:
        """Weights that the layers start from; of a large network the chosen layer alone.

        What the data scale needs a pass through all layers below: too slow for a large network.
        """
        data = setup.data if is_scaled_by_data(setup.network) else setup.data.name
        key = (setup.network, data, setup.training.loss)
        if key != self._drawn_for:
            self._drawn_for, self._drawn = key, {}
        total = parameter_count(layer_sizes(setup))
        is_large = total > MANY_PARAMETERS
        parts = parts_of(setup.network)
        for layer in (self._layer,) if is_large else range(len(parts)):
            is_slow = is_large and initializer_of(parts[layer]).by_data
            if layer not in self._drawn and not is_slow:
                self._drawn[layer] = initial_weights(setup, layer)
        return self._drawn

    # -- the run ---------------------------------------------------------------------------

    def _connect_panels(self) -> None:
        studio = self._studio
        studio.data.edited.connect(self._edit_data)
        studio.network.edited.connect(self._edit_network)
        studio.initializer.edited.connect(self._edit_network)
        studio.training.edited.connect(self._edit_training)
        studio.gain_lab.gain_asked.connect(self._use_gain)
        studio.initializer.lab.clicked.connect(lambda *_: self._places.turn_to("gain_lab"))
        studio.network.layer_selected.connect(self.select_layer)
        studio.network.layers_selected.connect(studio.initializer.select_layers)
        studio.profile.link(studio.gradient)
        self._document.changed.connect(lambda _old, new: self.show_setup(new))
        self._window.transport.learning_rate.edited.connect(self._session.set_learning_rate)
        self._window.transport.pace_chosen.connect(self._session.runner.set_pace)
        self._window.transport.stepper.part_clicked.connect(self._session.advance_to)
        actions = self._window.actions_by_name
        network = studio.network
        actions.bind(
            {
                "add_layer": network.add_layer,
                "duplicate_layer": network.duplicate_layers,
                "repeat_layer": network.ask_repeat,
                "delete_layer": network.delete_layers,
                "move_layer_up": lambda: network.move_layers(-1),
                "move_layer_down": lambda: network.move_layers(1),
                "layer_structure": network.open_structure,
                "rate_up": self._window.transport.learning_rate.increase,
                "rate_down": self._window.transport.learning_rate.decrease,
                "layer_up": lambda: self.select_layer(self._layer - 1),
                "layer_down": lambda: self.select_layer(self._layer + 1),
            }
        )

    def _connect_run(self) -> None:
        session = self._session
        session.recording_changed.connect(self._show_recording)
        session.ticked.connect(self._refresh)
        session.snapshot_taken.connect(self._show_snapshot)
        session.reading_taken.connect(self._show_reading)
        session.status_changed.connect(self._show_status)
        self._places.timeline.moved.connect(lambda _: self._refresh_texts())

    def _show_recording(self, recording: Recording) -> None:
        trainer = self._session.runner.trainer
        for instrument in (*self._studio.instruments.values(), self._window.hero_plot):
            instrument.set_recording(recording)
            instrument.select_layer(self._layer)
        self._places.set_recording(recording)
        if trainer is not None:
            self._studio.decision.set_data(trainer.data)
            self._studio.diagram.set_data(trainer.data)
            self._describe_data(self._document.setup.data)
        self._refresh_texts()

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        self._studio.decision.set_snapshot(snapshot)
        self._studio.diagram.set_snapshot(snapshot)

    def _show_reading(self, reading: Reading | None, first: Reading | None) -> None:
        for instrument in self._studio.instruments.values():
            instrument.set_reading(reading, first)

    def _watch(self) -> None:
        """Have measured what the visible instruments draw."""
        visible = self._visible_instruments()
        self._session.watch(frozenset().union(*(plot.probes for plot in visible)))

    def _refresh(self, frame: int) -> None:
        self._watch()
        is_busy = self._session.is_busy
        plots = self._visible_instruments()
        for plot in plots:
            plot.by_turns = is_busy
        jobs: list[Job] = [(plot.title, plot.refresh) for plot in plots if plot.is_due]
        if not is_busy or self._turns.waited("texts") > TEXT_S:
            jobs.append(("texts", lambda: self._reports.refresh_numbers(self._layer)))
        if not is_busy or self._turns.waited("verdict") > VERDICT_S:
            jobs.append(("verdict", self._reports.refresh_verdict))
        self._turns.take(jobs, everything=not is_busy)

    def _visible_instruments(self) -> list[Instrument]:
        plots = (*self._studio.instruments.values(), self._window.hero_plot)
        return [plot for plot in plots if plot.isVisible()]

    def _refresh_texts(self) -> None:
        self._reports.refresh(self._layer)

    def _show_status(self, status: RunStatus) -> None:
        self._reports.show_status(status)
        self._refresh_texts()
