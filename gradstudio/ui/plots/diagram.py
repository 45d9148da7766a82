"""The network as a picture: where the gradient reaches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from gradstudio.export.edges import edge_strengths, units_drawn
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.menu import Choices, plot_menu
from gradstudio.ui.theme import current_theme, font
from gradstudio.ui.widgets import label

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure
    from gradstudio.run.snapshot import Snapshot

Floats = npt.NDArray[np.float64]

STRENGTHS: Final = 10
"""Steps of opacity; edges of one layer and step are drawn in one batch."""


class NetworkDiagram(Instrument):
    """Units as dots, weights as lines that fade where their gradient fades.

    A reader sees how far the gradient gets on its way from the output (right) to the input
    (left): where the lines are invisible, nothing is learned.
    """

    title = "Backward signal"
    subtitle = "|∂L/∂w| on a log scale"

    def __init__(self) -> None:
        super().__init__()
        self.strip = _Strip()
        self.strip.setAccessibleName(self.title)
        self.strip.layer_clicked.connect(self.layer_clicked)
        self.strip.menu_asked.connect(lambda at: self.menu().popup(at))
        self.strip.pressed.connect(self.pressed)
        self._body.addWidget(self.strip, 1)
        self.header.add_widget(label("← gradients flow this way", "caption"))
        self.header.add_tool(
            "ph.export",
            "Export or copy this plot",
            lambda: self.menu().popup(self.header.mapToGlobal(self.header.rect().bottomRight())),
        )
        self._snapshot: Snapshot | None = None

    def set_snapshot(self, snapshot: Snapshot | None) -> None:
        """Take newer weights and gradients."""
        self._snapshot = snapshot
        self.refresh()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run; its gradients come with its first snapshot."""
        if recording is not self._recording:
            self._snapshot = None
        super().set_recording(recording)

    def select_layer(self, index: int | None) -> None:
        """Outline one layer, or none; the edges stay as they are."""
        self._selected = index
        self.strip.select(index)

    def state(self) -> object:
        """Return what the picture depends on."""
        return (id(self._recording), self._snapshot)

    def draw(self) -> None:
        """Draw the network of the run, with the gradients of the snapshot when it has one."""
        recording, snapshot = self._recording, self._fitting()
        if recording is None:
            self.strip.show_network((), ())
            return
        sizes = snapshot.sizes if snapshot is not None else _sizes(recording)
        strengths = () if snapshot is None else edge_strengths(snapshot, units_drawn(sizes))
        self.strip.show_network(sizes, strengths)
        self.header.set_subtitle(self._scope(sizes, snapshot))

    def sentence(self) -> str:
        """How far the gradient reaches."""
        snapshot = self._fitting()
        if snapshot is None:
            return "No gradient yet. Press Space: it flows from the output to layer 1."
        if not np.isfinite(snapshot.gradients).any():
            return "The gradient is not finite."
        return self.figure().caption

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same network and gradients as on screen."""
        from gradstudio.export.figures import diagram_figure

        return diagram_figure(self._recording, self._fitting(), palette_name=palette_name)

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        return plot_menu(self, Choices())

    def _fitting(self) -> Snapshot | None:
        """Return the snapshot, if it is one of the network of the run looked at."""
        recording, snapshot = self._recording, self._snapshot
        if recording is None or snapshot is None:
            return None
        hidden = tuple(layer.units for layer in recording.setup.network.layers)
        return snapshot if tuple(snapshot.sizes[1:-1]) == hidden else None

    def _scope(self, sizes: tuple[int, ...], snapshot: Snapshot | None) -> str:
        drawn = units_drawn(sizes)
        most = max(sizes[1:])
        text = "|∂L/∂w| on a log scale" if snapshot is not None else "no gradient yet"
        if snapshot is not None and not np.isfinite(snapshot.gradients).any():
            return "the gradient is not finite"
        if most > max(drawn[1:]):
            text += f": {max(drawn[1:])} of {most} units drawn per layer"
        return text


class _Strip(QWidget):
    """Paints the network once per snapshot and the selection on top of it."""

    layer_clicked = Signal(int)
    menu_asked = Signal(QPoint)
    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sizes: tuple[int, ...] = ()
        self._strengths: tuple[Floats, ...] = ()
        self._selected: int | None = None
        self._picture: QPixmap | None = None
        self._picture_size = QSize()
        self.setMinimumSize(200, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_network(self, sizes: tuple[int, ...], strengths: tuple[Floats, ...]) -> None:
        """Show a network of these sizes, x first; one array of opacities per layer."""
        self._sizes, self._strengths = sizes, strengths
        self._picture = None
        self.update()

    def select(self, index: int | None) -> None:
        """Outline one layer."""
        self._selected = index
        self.update()

    def column(self, position: int) -> float:
        """Pixels from the left of column `position`, 0 being the input."""
        left, right = 30.0, self.width() - 30.0
        return left + (right - left) * position / max(len(self._sizes) - 1, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the layer nearest to the pointer."""
        self.pressed.emit()
        if event.button() != Qt.MouseButton.LeftButton or len(self._sizes) < 2:
            return
        reach = [abs(self.column(k) - event.position().x()) for k in range(1, len(self._sizes))]
        self.layer_clicked.emit(int(np.argmin(reach)))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_asked.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cached network and the outline of the selected layer."""
        painter = QPainter(self)
        theme = current_theme()
        if not self._sizes:
            painter.setPen(theme.color("text3"))
            painter.setFont(font(12))
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter, "The network appears with its first run"
            )
            painter.end()
            return
        if self._picture is None or self._picture_size != self.size():
            self._picture, self._picture_size = self._painted(), self.size()
        painter.drawPixmap(0, 0, self._picture)
        if self._selected is not None and self._selected < len(self._sizes) - 1:
            spacing = self.column(1) - self.column(0)
            half = min(11.0, max(spacing * 0.45, 3.0))
            x = self.column(self._selected + 1)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(x - half, 2.5, 2 * half, self.height() - 23.0), 4, 4)
        painter.end()

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        theme = current_theme()
        picture.fill(theme.color("bg1"))
        colours = theme.depth(len(self._sizes) - 1)
        drawn = units_drawn(self._sizes)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = [self._units(k, drawn) for k in range(len(drawn))]
        for k in range(1, len(drawn)):
            strengths = self._strengths[k - 1] if self._strengths else None
            paint_edges(painter, columns[k - 1], columns[k], colours[k - 1], strengths)
        spacing = self.column(1) - self.column(0)
        radius = min(3.2, max(1.2, spacing / 5, 0.0), self._gap(drawn) / 2.4)
        for k, units in enumerate(columns):
            colour = theme.color("text3") if k == 0 else colours[k - 1]
            painter.setPen(QPen(colour, 1.3))
            fill = QColor(colour)
            fill.setAlphaF(0.35 if k else 0.0)
            painter.setBrush(fill if k else Qt.BrushStyle.NoBrush)
            for unit in units:
                painter.drawEllipse(unit, radius, radius)
        self._paint_names(painter)
        painter.end()
        return picture

    def _paint_names(self, painter: QPainter) -> None:
        theme = current_theme()
        last = len(self._sizes) - 1
        spacing = self.column(1) - self.column(0)
        stride = next((s for s in (1, 2, 5, 10, 20, 50) if s * spacing >= 24), 100)
        y = self.height() - 19.0
        for k in range(last + 1):
            is_end = k in (0, last)
            if not is_end and (k % stride or (last - k) * spacing < 26):
                continue
            if stride > 1 and k > 0 and k * spacing < 22:
                continue
            text = "x" if k == 0 else "out" if k == last else str(k)
            painter.setFont(font(10))
            painter.setPen(theme.color("text2"))
            painter.drawText(
                QRectF(self.column(k) - 20, y, 40, 16), Qt.AlignmentFlag.AlignCenter, text
            )

    def _gap(self, drawn: tuple[int, ...]) -> float:
        return (self.height() - 30.0) / max(*drawn, 2)

    def _units(self, position: int, drawn: tuple[int, ...]) -> list[QPointF]:
        """Places of the units of one column, centred."""
        gap = min(self._gap(drawn), 22.0)
        x, middle, count = self.column(position), (self.height() - 22.0) / 2 + 1, drawn[position]
        return [QPointF(x, middle + (i - (count - 1) / 2) * gap) for i in range(count)]


def paint_edges(
    painter: QPainter,
    left: list[QPointF],
    right: list[QPointF],
    colour: QColor,
    strengths: Floats | None,
) -> None:
    """Lines from every unit of one column to every unit of the next, in batches of opacity.

    `strengths` has shape (left, right), 0 to 1; None draws faint lines of equal strength.
    """
    batches: dict[int, list[QLineF]] = {}
    for i, start in enumerate(left):
        for j, end in enumerate(right):
            strength = 0.18 if strengths is None else float(strengths[i, j])
            level = math.ceil(strength * STRENGTHS)
            if level > 0:
                batches.setdefault(level, []).append(QLineF(start, end))
    for level, batch in sorted(batches.items()):
        pen_colour = QColor(colour)
        pen_colour.setAlphaF(0.85 * level / STRENGTHS)
        painter.setPen(QPen(pen_colour, 1))
        painter.drawLines(batch)


def _sizes(recording: Recording) -> tuple[int, ...]:
    hidden = (layer.units for layer in recording.setup.network.layers)
    return (2, *hidden, max(recording.class_count, 1))
