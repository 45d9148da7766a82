"""The network as a picture: where the gradient reaches, what weights and units are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from gradstudio.data.task import Data
from gradstudio.export.arcs import extras_of
from gradstudio.export.diagram_words import network_sentence, units_words
from gradstudio.export.edges import DASH, KINDS, MOST_UNITS, Shown, look_of_edges, units_drawn
from gradstudio.numbers import count, figures
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.diagram_answers import UnitQuestions
from gradstudio.ui.plots.diagram_paint import Drawing
from gradstudio.ui.plots.diagram_places import Spot
from gradstudio.ui.plots.diagram_readout import Known, words_for
from gradstudio.ui.plots.diagram_strip import Strip
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.legend import Entry, Legend
from gradstudio.ui.plots.menu import Choices, plot_menu
from gradstudio.ui.widgets import PART_BREAK, Segmented, label

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure
    from gradstudio.run.snapshot import Snapshot

FIRST: Final = "No update yet. Press Space: the first step makes one."
UNITS: Final = (4, 8, 16, 24)
SPACIOUS: Final = 900
"""From this width on the header says which way the gradient flows."""
SIGNS: Final = 200
"""What the legend of both signs needs beside the rest."""
NARROW: Final = 460
"""Below, the switch makes room; the menu has the same choice."""


class NetworkDiagram(Instrument):
    """Units as dots, weights as lines that fade where their gradient fades.

    A reader sees how far the gradient gets on its way from the output (right) to the input
    (left): where the lines are invisible, nothing is learned. Arcs are shortcuts, on which it goes
    around layers; bars stand under normalised layers. The lines can be the weights themselves or
    their last update; units with room are maps of what they answer over the plane of the data, in
    which a reader sees what a layer makes of the one before.
    """

    title = "Backward signal"
    subtitle = "|∂L/∂w| on a log scale"

    def __init__(self) -> None:
        super().__init__()
        self.strip = Strip()
        self.strip.setAccessibleName(self.title)
        self.strip.layer_clicked.connect(self.layer_clicked)
        self.strip.menu_asked.connect(lambda at: self.menu().popup(at))
        self.strip.pressed.connect(self.pressed)
        self.strip.hovered.connect(self._hover)
        self._body.addWidget(self.strip, 1)
        signs = Entry("positive", "class_1"), Entry("negative", "class_0", DASH)
        self.legend = Legend(signs)
        self.header.add_widget(self.legend)
        self._way = label("← gradients flow this way", "caption")
        self.header.add_widget(self._way)
        self.switch = Segmented([(k.key, k.segment, k.meaning) for k in KINDS.values()], "Lines")
        self.switch.chosen.connect(self.show_lines)
        self.header.add_widget(self.switch)
        self.add_export_tool()
        self._snapshot: Snapshot | None = None
        self._most, self._has_fills = MOST_UNITS, False
        self._questions = UnitQuestions(self)
        self._questions.due.connect(self.refresh_in_turn)
        self._fit_header()

    @property
    def lines(self) -> Shown:
        """What the lines are."""
        return next(key for key in KINDS if key == self.switch.key())

    def show_lines(self, shown: str) -> None:
        """Choose what the lines are: ``gradient``, ``weight`` or ``update``."""
        self.switch.choose(shown)
        self._fit_header()
        self.refresh_anew()
        self.describe()

    def show_units(self, most: int) -> None:
        """Draw so many units of a layer, at most."""
        self._most = most
        self.refresh_anew()

    def fill_units(self, has_fills: bool) -> None:
        """Fill units by their mean activation, or in the colour of their layer."""
        self._has_fills = has_fills
        self.refresh_anew()

    def set_snapshot(self, snapshot: Snapshot | None) -> None:
        """Take newer weights and gradients."""
        self._snapshot = snapshot
        self.refresh_in_turn()

    def set_data(self, data: Data | None) -> None:
        """Tell which samples the units answer."""
        self._questions.set_data(data)
        self.refresh_anew()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run; its gradients come with its first snapshot."""
        if recording is not self._recording:
            self._snapshot = None
            self._questions.set_data(None)
        super().set_recording(recording)

    def select_layer(self, index: int | None) -> None:
        """Outline one layer, or none; the edges stay as they are."""
        self._selected = index
        self.strip.select(index)

    def state(self) -> object:
        """Return what the picture depends on."""
        return (id(self._recording), self._snapshot, self.strip.size(), self._questions.rounds)

    def draw(self) -> None:
        """Draw the network of the run, with the gradients of the snapshot when it has one."""
        recording = self._recording
        if recording is None:
            self.strip.show_drawing(Drawing())
            return
        snapshot, sizes = self._fitting(), self._sizes(recording)
        drawn = units_drawn(sizes, self._most)
        edges = None if snapshot is None else look_of_edges(snapshot, drawn, self.lines)
        drawing = Drawing(sizes, drawn, edges, extras_of(recording.setup.network))
        if snapshot is not None and self._wants_answers(drawing):
            answers = self._questions.ask(snapshot, drawn)
            drawing = Drawing(sizes, drawn, edges, drawing.extras, answers, self._has_fills)
        self.strip.show_drawing(drawing)
        self.header.set_subtitle(self._scope(drawing, snapshot))

    def sentence(self) -> str:
        """How far the gradient reaches, or what is to be said of the weights."""
        recording, snapshot = self._recording, self._fitting()
        if recording is None or snapshot is None:
            return "No gradient yet. Press Space: it flows from the output to layer 1."
        edges = look_of_edges(snapshot, units_drawn(snapshot.sizes, self._most), self.lines)
        if edges is None:
            is_first = snapshot.step == 0
            return FIRST if is_first else "The last update is not kept: its lines are faint."
        return network_sentence(recording.labels, edges, extras_of(recording.setup.network))

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same network and lines as on screen."""
        from gradstudio.export.figures import diagram_figure
        from gradstudio.export.figures.diagram import DiagramView

        drawing, has_maps = self.strip.drawing, self.strip.shows_maps
        answers = drawing.answers if has_maps or self._has_fills else None
        view = DiagramView(self.lines, self._most, answers, has_maps)
        return diagram_figure(
            self._recording, self._fitting(), palette_name=palette_name, view=view
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        menu = plot_menu(self, Choices())
        top = menu.actions()[0]
        group = QActionGroup(menu)
        for kind in KINDS.values():
            action = QAction(f"Lines: {kind.symbol}", menu, checkable=True)
            action.setChecked(kind.key == self.lines)
            action.triggered.connect(lambda _=False, key=kind.key: self.show_lines(key))
            group.addAction(action)
        menu.insertActions(top, group.actions())
        menu.insertSeparator(top)
        fill = QAction("Fill units by mean activation", menu, checkable=True)
        fill.setChecked(self._has_fills)
        fill.toggled.connect(self.fill_units)
        menu.insertAction(top, fill)
        part = QMenu("Units per layer", menu)
        for most in UNITS:
            action = QAction(f"At most {most}", part, checkable=True)
            action.setChecked(most == self._most)
            action.triggered.connect(lambda _=False, n=most: self.show_units(n))
            part.addAction(action)
        menu.insertMenu(top, part)
        menu.insertSeparator(top)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out of the header what has no room there."""
        super().resizeEvent(event)
        self._fit_header()

    def _view(self) -> QWidget | None:
        return self.strip

    def _fit_header(self) -> None:
        is_weight = self.lines == "weight"
        self._way.setVisible(self.width() >= SPACIOUS and not is_weight)
        self.legend.setVisible(self.width() >= NARROW + SIGNS and is_weight)
        self.switch.setVisible(self.width() >= NARROW)

    def _fitting(self) -> Snapshot | None:
        """Return the snapshot, if it is one of the network of the run looked at."""
        recording, snapshot = self._recording, self._snapshot
        if recording is None or snapshot is None:
            return None
        hidden = tuple(layer.units for layer in recording.setup.network.layers)
        return snapshot if tuple(snapshot.sizes[1:-1]) == hidden else None

    def _sizes(self, recording: Recording) -> tuple[int, ...]:
        """Units of all columns; before the first snapshot as far as they are known."""
        snapshot = self._fitting()
        if snapshot is not None:
            return snapshot.sizes
        hidden = (layer.units for layer in recording.setup.network.layers)
        data = self._questions.data
        inputs = 2 if data is None else data.input_size
        return (inputs, *hidden, max(recording.class_count, 1))

    def _wants_answers(self, drawing: Drawing) -> bool:
        """Whether units are to be asked, and the network can be."""
        data = self._questions.data
        if data is None or not self._questions.fit(drawing.sizes):
            return False
        has_room = data.plane and self.strip.places(drawing).side > 0
        return has_room or self._has_fills or self.strip.spot is not None

    def _hover(self, spot: Spot | None) -> None:
        """Put words beside the pointer."""
        recording, drawing = self._recording, self.strip.drawing
        if recording is None or spot is None:
            self.strip.show_words(None)
            return
        snapshot, answers = self._fitting(), drawing.answers
        if snapshot is not None and snapshot.sizes != drawing.sizes:
            snapshot = None
        if answers is None and snapshot is not None and self._wants_answers(drawing):
            answers = self._questions.ask(snapshot, drawing.drawn)
        data = self._questions.data
        names = () if data is None else data.feature_names
        known = Known(recording, drawing.sizes, drawing.drawn, snapshot, answers, names)
        self.strip.show_words(words_for(known, spot))

    def _scope(self, drawing: Drawing, snapshot: Snapshot | None) -> str:
        kind, edges = KINDS[self.lines], drawing.edges
        if snapshot is None:
            text = "no gradient yet"
        elif edges is None:
            text = "no update yet" if snapshot.step == 0 else "the last update is not kept"
        elif not edges.is_finite:
            text = f"{kind.symbol} is not finite"
        elif edges.shown == "weight":
            text = f"w, largest {figures(edges.largest, 2)}"
        else:
            text = f"{kind.symbol} on a log scale"
        shown = units_words(drawing.sizes, drawing.drawn)
        if shown and snapshot is not None:
            text += f": {shown}"
        parts = [text]
        if snapshot is not None:
            parts.append(f"step {count(snapshot.step)}")
        if self.strip.shows_maps:
            parts.append("units: answer over the plane")
        elif drawing.has_fills and drawing.answers is not None:
            parts.append("units: mean activation")
        parts += ["arcs: shortcuts"] if drawing.extras.shortcuts else []
        parts += ["bars: normalised"] if drawing.extras.normalised else []
        return PART_BREAK.join(parts)
