"""The Studio page: left what is designed, middle what happens, right what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QSplitter, QVBoxLayout, QWidget

from gradstudio.ui.fitting_scroll import FittingScroll
from gradstudio.ui.panels.data import DataPanel
from gradstudio.ui.panels.initializer import InitializerPanel
from gradstudio.ui.panels.loop import LoopPanel
from gradstudio.ui.panels.network import NetworkPanel
from gradstudio.ui.panels.training import TrainingPanel
from gradstudio.ui.panels.verdict import VerdictPanel
from gradstudio.ui.plots.decision import DecisionPlot
from gradstudio.ui.plots.diagram import NetworkDiagram
from gradstudio.ui.plots.gradient import GradientPlot
from gradstudio.ui.plots.histogram import WeightHistogram
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.loss import LossPlot
from gradstudio.ui.plots.profile import DepthProfile
from gradstudio.ui.widgets import rule_line

LEFT_WIDTH: Final = 312
RIGHT_WIDTH: Final = 344
NARROW_RIGHT: Final = 312
NARROW_WINDOW: Final = 1360
DIAGRAM_HEIGHT: Final = 132
LOW_WINDOW: Final = 840
"""Below this height the network diagram is folded away at first."""


class StudioPage(QWidget):
    """All panels and instruments; who is connected to whom is decided by the window."""

    def __init__(self) -> None:
        super().__init__()
        self.network = NetworkPanel()
        self.initializer = InitializerPanel()
        self.data = DataPanel()
        self.training = TrainingPanel()
        self.verdict = VerdictPanel()
        self.loop = LoopPanel()
        self.diagram = NetworkDiagram()
        self.gradient = GradientPlot()
        self.profile = DepthProfile()
        self.loss = LossPlot()
        self.decision = DecisionPlot()
        self.histogram = WeightHistogram()
        self.instruments: Mapping[str, Instrument] = {
            "gradient": self.gradient,
            "depth": self.profile,
            "loss": self.loss,
            "decision": self.decision,
            "diagram": self.diagram,
            "histogram": self.histogram,
        }
        self._focused: Instrument | None = None
        self._columns = (
            self._row(self.gradient, self.profile),
            self._row(self.loss, self.decision),
        )
        self._middle = QSplitter(Qt.Orientation.Vertical)
        self._middle.setHandleWidth(1)
        self._middle.setChildrenCollapsible(False)
        for row in (self.diagram, *self._columns):
            self._middle.addWidget(row)
        self._whole = QSplitter(Qt.Orientation.Horizontal)
        self._whole.setHandleWidth(1)
        self._whole.setChildrenCollapsible(False)
        self._left, self._right = self._make_left(), self._make_right()
        for part in (self._left, self._middle, self._right):
            self._whole.addWidget(part)
        self._whole.setStretchFactor(0, 0)
        self._whole.setStretchFactor(1, 1)
        self._whole.setStretchFactor(2, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._whole)
        self._is_laid_out = False

    def reset_layout(self) -> None:
        """Give every panel the size it has at first."""
        width, height = self.width(), self.height()
        left, right = LEFT_WIDTH, NARROW_RIGHT if width < NARROW_WINDOW else RIGHT_WIDTH
        self._whole.setSizes([left, width - left - right, right])
        middle = width - left - right
        for row in self._columns:
            row.setSizes([round(0.61 * middle), round(0.39 * middle)])
        diagram = DIAGRAM_HEIGHT if height >= LOW_WINDOW - 106 else 0
        self.diagram.setVisible(diagram > 0 and self._focused is None)
        rest = height - diagram
        self._middle.setSizes([diagram, round(0.56 * rest), round(0.44 * rest)])

    def focus_on(self, instrument: Instrument | None) -> None:
        """Give one instrument the whole middle; None brings the others back."""
        self._focused = instrument
        for other in (self.diagram, self.gradient, self.profile, self.loss, self.decision):
            other.setVisible(instrument is None or other is instrument)
        for row in self._columns:
            row.setVisible(
                instrument is None or any(row.widget(i) is instrument for i in range(row.count()))
            )
        if instrument is None:
            self.reset_layout()

    @property
    def focused(self) -> Instrument | None:
        """The instrument that has the whole middle; None when all are shown."""
        return self._focused

    def showEvent(self, event: object) -> None:
        self._lay_out_once()

    def resizeEvent(self, event: object) -> None:
        self._lay_out_once()

    def _lay_out_once(self) -> None:
        """Give every panel its first size, as soon as the page has a true size of its own."""
        if not self._is_laid_out and self.isVisible():
            self._is_laid_out = True
            self.reset_layout()

    def _row(self, first: QWidget, second: QWidget) -> QSplitter:
        row = QSplitter(Qt.Orientation.Horizontal)
        row.setHandleWidth(1)
        row.setChildrenCollapsible(False)
        row.addWidget(first)
        row.addWidget(second)
        row.splitterMoved.connect(lambda *_: self._lock_columns(row))
        return row

    def _lock_columns(self, moved: QSplitter) -> None:
        for row in self._columns:
            if row is not moved:
                row.setSizes(moved.sizes())

    def _make_left(self) -> QWidget:
        self.initializer.histogram_slot.addWidget(self.histogram)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for panel in (self.initializer, self.data, self.training):
            column.addWidget(rule_line())
            column.addWidget(panel)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetMinAndMaxSize)
        left = QWidget()
        left.setProperty("role", "panel")
        left.setMinimumWidth(LEFT_WIDTH)
        whole = QVBoxLayout(left)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.network, 1)
        whole.addWidget(FittingScroll(lower))
        return left

    def _make_right(self) -> QWidget:
        inner = QWidget()
        inner.setProperty("role", "panel")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.verdict)
        column.addWidget(rule_line())
        column.addWidget(self.loop, 1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(NARROW_RIGHT)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return scroll
