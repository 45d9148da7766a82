"""Where the numbers of every layer are: weights, gradients, signal, z and activations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QAction, QColor, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from gradstudio.errors import ExportError
from gradstudio.export.distributions import PROBE_OF_IDLENESS, QUANTITIES, SEEN, Ridges, ridges_of
from gradstudio.export.figures.distribution_words import (
    distributions_sentence,
    layer_sentence,
    layer_words,
    step_words,
)
from gradstudio.export.one_layer import LayerPicture, layer_picture
from gradstudio.nn.activation import Activation
from gradstudio.training.recording import Recording
from gradstudio.training.structure import phi_of
from gradstudio.ui.plots.distribution_readout import bar_readout, ridge_readout
from gradstudio.ui.plots.distribution_tools import DistributionTools
from gradstudio.ui.plots.instrument import NO_RUN, Instrument
from gradstudio.ui.plots.marks import CrossHair
from gradstudio.ui.plots.menu import Choices, plot_menu
from gradstudio.ui.plots.one_layer import LayerCanvas
from gradstudio.ui.plots.ridges import RidgeCanvas
from gradstudio.ui.plots.still_canvas import StillCanvas

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

FIRST: Final = "weight_grads"
"""The quantity shown first."""
OUTLINE: Final = "outline: step 0"


class Distributions(Instrument):
    """The numbers of every layer over their sizes, as ridges by depth, or of one layer large.

    A reader sees what a mean hides: whether all of a layer has lost its gradient or a few units
    have, how much is exactly 0, whether z has left the slope of its activation, and what has
    changed since step 0. Counts are those of one batch at the step named; nothing is averaged.
    """

    quantity_changed = Signal(str)
    """Name of the probe of the quantity now shown."""

    title = "Distributions"
    subtitle = ""

    def __init__(self) -> None:
        super().__init__()
        self.tools = DistributionTools(self.header)
        self.tools.choice.edited.connect(self.set_quantity)
        self.tools.large.toggled.connect(self._show_size)
        self.tools.export.clicked.connect(
            lambda: self.menu().popup(self.header.mapToGlobal(self.header.rect().bottomRight()))
        )
        self.ridges, self.layer = RidgeCanvas(), LayerCanvas()
        self._quantity = QUANTITIES[FIRST]
        self._cursor: int | None = None
        self._is_log: dict[str, bool] = {q.probe: q.has_sizes for q in QUANTITIES.values()}
        self._now: Ridges | None = None
        self._first: Ridges | None = None
        self._first_of: tuple[int, str] | None = None
        self._first_ridges: Ridges | None = None
        self._picture: LayerPicture | None = None
        self._last_picture: tuple[object, LayerPicture] | None = None
        self._crosses: dict[StillCanvas, CrossHair] = {}
        for canvas in (self.ridges, self.layer):
            self._connect(canvas)
        self.layer.hide()
        self.layer.takes_escape = True
        self.set_quantity(FIRST)

    @property
    def quantity(self) -> str:
        """Name of the probe of the quantity shown."""
        return self._quantity.probe

    @property
    def is_large(self) -> bool:
        """Whether one layer is shown large."""
        return self.tools.large.isChecked()

    @property
    def shown_layer(self) -> int:
        """Index of the layer that is, or would be, large: the selected one."""
        layers = 1 if self._now is None else self._now.layers
        return min(max(self._selected or 0, 0), layers - 1)

    @property
    def picture(self) -> LayerPicture | None:
        """What is drawn of one layer; None while all are shown."""
        return self._picture

    def set_quantity(self, name: str) -> None:
        """Show another quantity, by the name of its probe; only that one is measured."""
        self._quantity = QUANTITIES[name]
        self.tools.show_choice(self._quantity)
        self._choose_probes()
        self.ridges.forget()
        self.quantity_changed.emit(name)
        self.refresh_anew()

    def set_large(self, is_large: bool) -> None:
        """Show the selected layer alone and large, or all layers."""
        self.tools.large.setChecked(is_large)

    def set_log(self, is_log: bool) -> None:
        """Choose the axis of one layer: logarithmic to either side of 0, or linear."""
        self._is_log[self._quantity.probe] = is_log
        self.refresh_anew()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run: the axes begin anew."""
        if recording is not self._recording:
            self.ridges.forget()
            self._last_picture = None
            self._recording = recording
            self._choose_probes()
        super().set_recording(recording)

    def set_cursor(self, step: int | None) -> None:
        """Say "now" while the other plots show a past step: what was not measured is not shown."""
        super().set_cursor(step)
        self._cursor = step
        self._fit_header()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out of the header what has no room there."""
        super().resizeEvent(event)
        self._fit_header()

    def state(self) -> object:
        """Return what the picture depends on."""
        recording, canvas = self._recording, self.layer if self.is_large else self.ridges
        if recording is None:
            return None
        started, ended = recording.step_count > 0, recording.divergence is not None
        readings = id(self.reading), id(self.first_reading)
        return (id(recording), started, ended, *readings, canvas.size())

    def draw(self) -> None:
        """Draw the ridges of the newest reading, or one layer of it."""
        name, first = self._counted(), self.first_reading
        self._now = ridges_of(self.reading, name)
        is_other = self.reading is not None and first is not None and first.step < self.reading.step
        if self._first_of != (id(first), name):
            self._first_of, self._first_ridges = (id(first), name), ridges_of(first, name)
        self._first = self._first_ridges if is_other else None
        recording = self._recording
        if self._now is not None and (recording is None or not self._fits(recording, self._now)):
            self._now = self._first = None
        notice = "" if self._now is not None else self._notice()
        self.ridges.notice = self.layer.notice = notice
        self._picture = None
        if self.is_large:
            self._draw_layer()
        else:
            labels = () if recording is None else recording.labels
            self.ridges.selected = self._selected
            self.ridges.show_ridges(self._now, self._first, labels)
        self._say_step()

    def sentence(self) -> str:
        """How the median moves with depth, or the facts of the layer that is large."""
        if self._recording is None or self._now is None:
            return f"{self._notice()}."
        if self.is_large:
            return layer_sentence(self._recording, self._now, self.shown_layer)
        return distributions_sentence(self._recording, self._now)

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same ridges, or the same layer, as on screen."""
        from gradstudio.export.figures.distributions import distributions_figure, layer_figure

        if self._recording is None or self._now is None:
            raise ExportError(NO_RUN if self._recording is None else f"{self._notice()}.")
        if self.is_large and self._picture is not None:
            return layer_figure(
                self._recording,
                self._now,
                self._first,
                self.shown_layer,
                self._picture,
                palette_name=palette_name,
            )
        axis = self.ridges.x_axis
        return distributions_figure(
            self._recording,
            self._now,
            self._first,
            x_range=(axis.low, axis.high),
            selected=self._selected,
            palette_name=palette_name,
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        menu = plot_menu(self, Choices())
        top = menu.actions()[0]
        size = QAction("One layer large\tEnter", menu, checkable=True, checked=self.is_large)
        size.toggled.connect(self.set_large)
        menu.insertAction(top, size)
        if self.is_large:
            is_log = self._is_log[self.quantity]
            scale = QAction("Logarithmic axis", menu, checkable=True, checked=is_log)
            scale.toggled.connect(self.set_log)
            menu.insertAction(top, scale)
        return menu

    def _view(self) -> QWidget | None:
        """The canvas that is visible takes the focus and the description."""
        return self.layer if self.is_large else self.ridges

    def _connect(self, canvas: StillCanvas) -> None:
        canvas.setAccessibleName(self.title)
        self._body.addWidget(canvas, 1)
        self._crosses[canvas] = CrossHair()
        canvas.layers.live.append(self._crosses[canvas])
        canvas.hovered.connect(lambda at, on=canvas: self._hover(on, at))
        canvas.clicked.connect(self._click)
        canvas.pressed.connect(self.pressed)
        canvas.focused.connect(lambda on=canvas: on.setAccessibleDescription(self.sentence()))
        canvas.menu_asked.connect(lambda at: self.menu().popup(at))
        canvas.toggled.connect(self.tools.large.toggle)
        canvas.left.connect(lambda: self.set_large(False))

    def _show_size(self, is_large: bool) -> None:
        had_focus = self.ridges.hasFocus() or self.layer.hasFocus()
        self.ridges.setVisible(not is_large)
        self.layer.setVisible(is_large)
        if had_focus:
            (self.layer if is_large else self.ridges).setFocus()
        self.tools.large.setToolTip("All layers (Esc)" if is_large else "One layer large (Enter)")
        self.refresh_anew()

    def _draw_layer(self) -> None:
        now, recording, layer = self._now, self._recording, self.shown_layer
        if now is None or recording is None:
            self.layer.show_layer(None, QColor(), ())
            return
        is_log = self._is_log[self.quantity]
        key, last = (now.quantity.probe, layer, is_log), self._last_picture
        first = None if self._first is None else self._first.counts[layer]
        self._picture = layer_picture(
            now.counts[layer],
            first,
            log=is_log,
            activation=self._activation(recording, layer),
            before=last[1] if last is not None and last[0] == key else None,
        )
        self._last_picture = key, self._picture
        colour = self.theme.depth(recording.layer_count)[layer]
        self.layer.show_layer(self._picture, colour, layer_words(recording, now, layer))

    def _activation(self, recording: Recording, layer: int) -> Activation | None:
        """Return what sees the numbers of a layer, where they are its pre-activations."""
        hidden = recording.setup.network.layers
        is_seen = self.quantity == "pre_activations" and layer < len(hidden)
        return phi_of(hidden[layer]) if is_seen else None

    def _choose_probes(self) -> None:
        """Ask for what is shown; of z that is normalised, for both."""
        probes = {self.quantity, PROBE_OF_IDLENESS}
        if self.quantity == "pre_activations" and any(self._normalised()):
            probes.add(SEEN.probe)
        self.probes = frozenset(probes)

    def _normalised(self) -> list[bool]:
        """Whether each hidden layer normalises its z."""
        recording = self._recording
        layers = () if recording is None else recording.setup.network.layers
        return [layer.normalisation != "none" for layer in layers]

    def _counted(self) -> str:
        """Name of the probe that counts what is shown: what phi sees, of one layer large."""
        if not self.is_large or self.quantity != "pre_activations":
            return self.quantity
        layer, normalised = max(self._selected or 0, 0), self._normalised()
        is_other = layer < len(normalised) and normalised[layer]
        return SEEN.probe if is_other else self.quantity

    def _fits(self, recording: Recording, ridges: Ridges) -> bool:
        """Whether a reading is of the run looked at; one of the last run may come late."""
        return ridges.layers in (recording.layer_count, recording.layer_count - 1)

    def _notice(self) -> str:
        recording, symbol = self._recording, self._quantity.symbol
        if recording is None:
            return "A ridge per layer appears here. Open or design a network first"
        if recording.divergence is not None:
            return f"{symbol} was not measured before the run stopped. Ctrl+R: back to step 0"
        return f"Press Space: {symbol} of every layer appears with the next step"

    def _say_step(self) -> None:
        recording, now = self._recording, self._now
        parts = []
        if recording is not None and now is not None:
            parts = [step_words(recording, now)]
            if self._first is not None:
                parts.append(OUTLINE)
        text = " · ".join(parts)
        needed = text.removesuffix(f" · {OUTLINE}")
        has_room = self.tools.has_room(needed, self.width(), has_mark=self._cursor is not None)
        self.header.set_subtitle(text if has_room else "")
        for canvas in (self.ridges, self.layer):
            canvas.show_note("" if has_room else needed)

    def _fit_header(self) -> None:
        self.tools.fit(self.width(), has_mark=self._cursor is not None)
        self._say_step()

    def _click(self, at: QPointF) -> None:
        """Select the layer under the pointer; the one that is selected becomes large."""
        if self.is_large:
            return
        index = self.ridges.layer_at(at)
        if index is None:
            return
        if index == self._selected:
            self.set_large(True)
        else:
            self.layer_clicked.emit(index)

    def _hover(self, canvas: StillCanvas, at: QPointF | None) -> None:
        cross, now, recording = CrossHair(), self._now, self._recording
        if at is not None and now is not None and recording is not None:
            if canvas is self.ridges:
                cross = ridge_readout(self.ridges, recording, now, at)
            elif self._picture is not None:
                cross = bar_readout(self.layer, recording, now, self.shown_layer, at)
        live = canvas.layers.live
        live[live.index(self._crosses[canvas])] = cross
        self._crosses[canvas] = cross
        canvas.update()
