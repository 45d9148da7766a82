"""The Studio page: left what is designed, middle what happens, right what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QSplitter, QVBoxLayout, QWidget

from gradstudio.ui.fitting_scroll import FittingScroll
from gradstudio.ui.panels.data import DataPanel
from gradstudio.ui.panels.initializer import InitializerPanel
from gradstudio.ui.panels.loop import LoopPanel
from gradstudio.ui.panels.network import NetworkPanel
from gradstudio.ui.panels.training import TrainingPanel
from gradstudio.ui.panels.verdict import VerdictPanel
from gradstudio.ui.plots.chain import ChainRule
from gradstudio.ui.plots.decision import DecisionPlot
from gradstudio.ui.plots.diagram import NetworkDiagram
from gradstudio.ui.plots.distributions import Distributions
from gradstudio.ui.plots.gain_lab import GainLab
from gradstudio.ui.plots.gradient import GradientPlot
from gradstudio.ui.plots.histogram import WeightHistogram
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.loss import LossPlot
from gradstudio.ui.plots.profile import DepthProfile
from gradstudio.ui.plots.seismograph import Seismograph
from gradstudio.ui.shelf import Shelf
from gradstudio.ui.widgets import rule_line

LEFT_WIDTH: Final = 312
RIGHT_WIDTH: Final = 344
NARROW_RIGHT: Final = 312
NARROW_WINDOW: Final = 1360
ROWS: Final = (
    ("diagram",),
    ("gain_lab",),
    ("gradient", "depth"),
    ("loss", "decision"),
    ("seismograph", "distributions"),
    ("chain",),
)
"""Left what happens over time, right what is the case now; a row shares its other axis."""


class StudioPage(QWidget):
    """All panels and instruments; who is connected to whom is decided by the window."""

    resized = Signal(int)
    """The page has another height, in pixels."""

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
        self.seismograph = Seismograph()
        self.distributions = Distributions()
        self.chain = ChainRule()
        self.gain_lab = GainLab()
        self.histogram = WeightHistogram()
        self.instruments: Mapping[str, Instrument] = {
            "diagram": self.diagram,
            "gradient": self.gradient,
            "depth": self.profile,
            "loss": self.loss,
            "decision": self.decision,
            "seismograph": self.seismograph,
            "distributions": self.distributions,
            "chain": self.chain,
            "gain_lab": self.gain_lab,
            "histogram": self.histogram,
        }
        self._chain_slot = QVBoxLayout()
        self.shelf = Shelf(ROWS, self.instruments, {"chain": self._chain_slot})
        self._whole = QSplitter(Qt.Orientation.Horizontal)
        self._whole.setHandleWidth(1)
        self._whole.setChildrenCollapsible(False)
        self._left, self._right = self._make_left(), self._make_right()
        for part in (self._left, self.shelf, self._right):
            self._whole.addWidget(part)
        self._whole.setStretchFactor(0, 0)
        self._whole.setStretchFactor(1, 1)
        self._whole.setStretchFactor(2, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._whole)
        self._is_laid_out = False

    def reset_columns(self) -> None:
        """Give the panels at both sides the width they have at first."""
        width = self.width()
        left, right = LEFT_WIDTH, NARROW_RIGHT if width < NARROW_WINDOW else RIGHT_WIDTH
        self._whole.setSizes([left, width - left - right, right])

    @property
    def focused(self) -> Instrument | None:
        """The instrument that has the whole middle; None when all are shown."""
        name = self.shelf.enlarged
        return None if name is None else self.instruments[name]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._lay_out_once()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit(self.height())
        self._lay_out_once()

    def _lay_out_once(self) -> None:
        """Give the sides their first width, as soon as the page has a true size of its own."""
        if not self._is_laid_out and self.isVisible():
            self._is_laid_out = True
            self.reset_columns()

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
        column.addLayout(self._chain_slot)
        line = rule_line()
        column.addWidget(line)
        self.shelf.changed.connect(lambda: line.setVisible(self.shelf.is_at_home("chain")))
        column.addWidget(self.loop, 1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(NARROW_RIGHT)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return scroll
