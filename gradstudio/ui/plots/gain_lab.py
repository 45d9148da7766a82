"""The gain lab as an instrument: where gains come from, and what a layer makes of a signal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from gradstudio.export.gain_map import GainMap, gain_map
from gradstudio.export.gain_words import (
    gain_rows,
    gradient_words,
    map_sentence,
    scope_words,
    signal_words,
)
from gradstudio.nn.gaussian import moments
from gradstudio.numbers import figures
from gradstudio.setup.models import Setup
from gradstudio.training.gain import LayerGain, layer_gain
from gradstudio.training.recording import Recording
from gradstudio.training.start import parts_of
from gradstudio.ui.panels.gain_acts import change_words
from gradstudio.ui.plots.gain_canvas import ChiCanvas, LengthCanvas, read_out
from gradstudio.ui.plots.gain_marks import DecadeAxis
from gradstudio.ui.plots.gain_table import GainTable
from gradstudio.ui.plots.gain_trial import GainTrial
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.marks import CrossHair
from gradstudio.ui.plots.menu import Choices, plot_menu
from gradstudio.ui.widgets import Segmented, label, rule_line

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

WIDE: Final = 740
"""Width in pixels from which on map and gains have room beside each other."""
TALL: Final = 330
"""Height from which on chi has room below the map."""
ROOMY: Final = 460
"""Width from which on a low lab has room for the words on the signal."""
PAGES: Final = (
    ("map", "Map", "What one more layer makes of the variance of z"),
    ("gains", "Gains", "Where gains come from"),
)
NOTHING: Final = "No layer to look at yet."


class GainLab(Instrument):
    """The length map of the selected layer, and where the gains of its activation come from.

    A reader sees to which variance a stack of such layers leads a signal, whatever the data, and
    by which factor per layer the gradient shrinks or grows there; so that no single gain is right
    for an activation: each keeps something level, for signals of one size.

    Both axes are logarithmic: signals that die or explode go over many decades, a factor per layer
    is then the distance from the diagonal, and with biases of 0 another sigma_w moves the curve as
    a whole. The curve can be pulled and gains can be tried; the design changes only by "Use".
    """

    title = "Gain lab"
    subtitle = "variance of z from layer to layer"

    gain_asked = Signal(float)
    """A person wants the selected layers to have this gain."""

    def __init__(self) -> None:
        super().__init__()
        self._setup: Setup | None = None
        self._index = 0
        self._layer: LayerGain | None = None
        self._tried: float | None = None
        x = DecadeAxis()
        self.map, self.chi = LengthCanvas(x), ChiCanvas(x)
        self.map.setAccessibleName(self.title)
        self.map.setToolTip("Pull the curve up or down to try another σ_w. Nothing is changed.")
        self.chi.setAccessibleName("χ, the factor per layer of the squared gradient")
        self.gradient, self.signal = label("", "strong"), label("", "body")
        self.trial, self.table = GainTrial(), GainTable()
        self.pages = Segmented(PAGES, "Part of the gain lab")
        self.header.add_widget(self.pages)
        self._build()
        self._connect()

    @property
    def layer(self) -> LayerGain | None:
        """The layer shown; None before there is a design."""
        if self._layer is None and self._setup is not None:
            self._layer = layer_gain(self._setup, self._index)
        return self._layer

    @property
    def tried(self) -> float | None:
        """The sigma_w whose map is shown instead of that of the layer; None where it is its own."""
        return self._tried

    def show_layer(self, setup: Setup, layer: int) -> None:
        """Look at layer index ``layer`` of a design, the output layer being the last."""
        if setup == self._setup and layer == self._index:
            return
        self._setup, self._index, self._layer = setup, layer, None
        self._tried = None
        self.refresh_anew()

    def set_recording(self, recording: Recording | None) -> None:
        """Take another run, which changes nothing: the lab knows the design alone."""
        self._recording = recording

    def set_cursor(self, step: int | None) -> None:
        """Stay at the start, whatever step the others show."""

    def select_layer(self, index: int | None) -> None:
        """Wait for the layer together with its design."""
        self._selected = index

    def try_sigma_w(self, sigma_w: float | None) -> None:
        """Show what the map would be at another sigma_w; None goes back to that of the layer."""
        layer = self.layer
        if layer is None or layer.unfit:
            return
        is_own = sigma_w is not None and math.isclose(sigma_w, layer.sigma_w, rel_tol=1e-6)
        self._tried = None if is_own else sigma_w
        self.refresh()

    def try_gain(self, gain: float) -> None:
        """Show what the map would be at another gain."""
        if self.layer is not None:
            self.try_sigma_w(self.layer.sigma_w_of(gain))

    def describe(self) -> None:
        """Have a screen reader say what is seen; hidden, it costs nothing."""
        if self.isVisible():
            super().describe()

    def state(self) -> object:
        """Return what the picture depends on."""
        return (id(self._setup), self._index, self._tried, self.map.size(), self.theme.name)

    def draw(self) -> None:
        """Draw the maps and write the words and the table."""
        layer = self.layer
        self._show_table(layer)
        if layer is None or layer.unfit:
            self._show_reason(NOTHING if layer is None else layer.unfit)
            return
        own = gain_map(layer)
        shown = own if self._tried is None else gain_map(layer, self._tried)
        colours = self.theme.depth(layer.layers + 1)
        colour = colours[min(self._index, layer.layers)]
        self.map.show_map(own, shown, colour, handle=layer.sigma_w > 0)
        self.chi.show_map(own, shown, colour)
        self.gradient.setText(gradient_words(shown, layer.layers))
        self.signal.setText(signal_words(shown, layer.layers))
        self.gradient.setToolTip(map_sentence(layer, shown))
        tried = None if self._tried is None else layer.gain_of(self._tried)
        self.trial.show_sigma_w(shown.sigma_w, tried, can_use=bool(layer.way))
        self.header.set_subtitle(scope_words(layer))
        self._arrange()
        self.describe()

    def sentence(self) -> str:
        """Say what a stack of such layers does to the gradient and to the signal."""
        layer = self.layer
        if layer is None:
            return NOTHING
        return layer.unfit or map_sentence(layer, gain_map(layer, self._tried))

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same map as on screen, with the gains beside it."""
        from gradstudio.export.figures import gain_lab_figure

        return gain_lab_figure(
            self.layer, self._index, sigma_w=self._tried, palette_name=palette_name
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        return plot_menu(self, Choices())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put map and gains beside each other, or one of them alone."""
        super().resizeEvent(event)
        self._arrange()
        self.refresh()

    def _build(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.map, 5)
        left.addWidget(self.chi, 2)
        words = QVBoxLayout()
        words.setContentsMargins(12, 2, 12, 2)
        words.setSpacing(1)
        for line in (self.gradient, self.signal):
            line.setWordWrap(True)
            words.addWidget(line)
        left.addLayout(words)
        left.addWidget(self.trial)
        self._map_page, self._line = QWidget(), rule_line(vertical=True)
        left.setContentsMargins(0, 0, 0, 0)
        self._map_page.setLayout(left)
        whole = QHBoxLayout()
        whole.setSpacing(0)
        whole.addWidget(self._map_page, 3)
        whole.addWidget(self._line)
        whole.addWidget(self.table, 2)
        self._body.addLayout(whole, 1)
        self.add_export_tool()

    def _connect(self) -> None:
        for canvas in (self.map, self.chi):
            canvas.hovered.connect(self._hover)
            canvas.pressed.connect(self.pressed)
            canvas.menu_asked.connect(lambda at: self.menu().popup(at))
            canvas.focused.connect(self.describe)
            canvas.toggled.connect(lambda: self.try_sigma_w(None))
            canvas.left.connect(lambda: self.try_sigma_w(None))
        self.map.pulled.connect(self._pull)
        self.map.let_go.connect(self.refresh_anew)
        self.trial.tried.connect(self.try_sigma_w)
        self.trial.given_up.connect(lambda: self.try_sigma_w(None))
        self.trial.used.connect(self.gain_asked)
        self.table.tried.connect(self.try_gain)
        self.table.used.connect(self.gain_asked)
        self.pages.chosen.connect(lambda _: self._arrange())

    def _arrange(self) -> None:
        is_wide = self.width() >= WIDE
        page = self.pages.key()
        self.pages.setVisible(not is_wide)
        self._line.setVisible(is_wide)
        self._map_page.setVisible(is_wide or page == "map")
        self.table.setVisible(is_wide or page == "gains")
        fits = self.layer is not None and not self.layer.unfit
        self.chi.setVisible(fits and self.height() >= TALL)
        self.map.set_names_x(self.height() < TALL or not fits)
        self.gradient.setVisible(fits)
        self.signal.setVisible(fits and (self.height() >= TALL or self.width() >= ROOMY))
        self.trial.setVisible(fits)
        takes_escape = self._tried is not None
        self.map.takes_escape = self.chi.takes_escape = takes_escape

    def _show_reason(self, reason: str) -> None:
        self.map.forget(reason)
        self.chi.forget("")
        if self.layer is not None:
            self.header.set_subtitle(f"{self.layer.name}, {self.layer.phi.label}")
        self._arrange()
        self.describe()

    def _show_table(self, layer: LayerGain | None) -> None:
        if layer is None or self._setup is None:
            return
        rows = gain_rows(layer.phi, layer.sigma_b)
        part = parts_of(self._setup.network)[self._index]
        fan_in, fan_out = layer.fans
        can_use = bool(layer.way) and (not layer.unfit or layer.way == "range")
        changes = [
            change_words(part, fan_in, fan_out, row.gain)
            if can_use and row.gain is not None
            else ""
            for row in rows
        ]
        tried = None if self._tried is None else layer.gain_of(self._tried)
        if not can_use:
            changes = [""] * len(rows)
        note = layer.unfit or layer.fixed or _fan_words(layer)
        self.table.show_rows(rows, note, None if layer.unfit else layer.gain, tried, changes)

    def _pull(self, at: float, to: float) -> None:
        layer = self.layer
        if layer is None:
            return
        weights = 10.0**to - layer.sigma_b**2
        square = moments(layer.phi, 10.0**at).square
        if weights > 0 and square > 0:
            self.try_sigma_w(self.trial.within(math.sqrt(weights / square)))

    def _hover(self, at: QPointF | None) -> None:
        shown: GainMap | None = self.map.shown
        for canvas in (self.map, self.chi):
            cross = CrossHair()
            frame = canvas.frame()
            if at is not None and shown is not None:
                x = frame.x_position(at.x())
                if frame.x_low <= x <= frame.x_high:
                    y = shown.q_next_at(x) if canvas is self.map else shown.chi_at(x)
                    has_box = canvas is self.map
                    cross = CrossHair(
                        x,
                        y if frame.y_low <= y <= frame.y_high else None,
                        self.theme.color("text"),
                        f"q = {figures(10.0**x)}" if has_box else "",
                        read_out(shown, x) if has_box else (),
                    )
            canvas.show_cross(cross)


def _fan_words(layer: LayerGain) -> str:
    """Say what a gain is here where sigma_w is another number; empty where they are one."""
    if math.isclose(layer.gain, layer.sigma_w, rel_tol=1e-3):
        return ""
    fan_in, fan_out = layer.fans
    return (
        f"{layer.initializer} counts a gain by another fan than σ_w, which counts by fan-in: "
        f"with {fan_in} in and {fan_out} out, gain {figures(layer.gain)} is σ_w "
        f"{figures(layer.sigma_w)}."
    )
