"""What stands above and below the bars of the chain rule: legend, balance, formula."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from PySide6.QtCore import QByteArray, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradstudio.export.chain import ChainBars
from gradstudio.numbers import figures
from gradstudio.ui.formula import svg
from gradstudio.ui.plots.chain_bars import colour_of
from gradstudio.ui.theme import current_theme, font, theme_notifier

BOUND_TIP: Final = (
    "sigmoid′ is never above 0.25: up to the line in a bar, 0.60 decade, it takes for certain."
)
BOUND_NAME: Final = "sigmoid′ = 0.25"
SWATCH: Final = 9.0
GAP: Final = 12.0
FORMULA_PIXELS: Final = 13
RATIO_TEX: Final = r"\frac{\mathrm{rms}\,\delta^{1}}{\mathrm{rms}\,\delta^{\mathrm{out}}}"
FACTORS_TEX: Final = (
    r"\underset{W\,\mathrm{factor}}{r_{l}}\cdot\underset{\varphi'\,\mathrm{factor}}{s_{l}}"
)
REST_TEX: Final = r"\cdot\underset{\mathrm{rest}}{t_{l}}"


class Balance(QWidget):
    """Names of the parts at the left, their totals and the sum at the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(22)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._bars: ChainBars | None = None
        theme_notifier().changed.connect(self.update)

    def show_bars(self, bars: ChainBars | None) -> None:
        """Show the parts of these bars, or nothing."""
        self._bars = bars
        self.setAccessibleName("" if bars is None else self.text())
        self.setToolTip(BOUND_TIP if bars is not None and np.isfinite(bars.bounds).any() else "")
        self.update()

    def text(self) -> str:
        """The totals and their sum: −3.8 −7.3 = −11.1; empty before there are any."""
        if self._bars is None:
            return ""
        texts, whole = self._bars.balance()
        return f"{' '.join(texts)} = {whole}" if texts else whole

    def names(self) -> tuple[str, ...]:
        """Names of the parts, in as many letters as have room."""
        bars = self._bars
        if bars is None:
            return ()
        for names in (
            ("weights Wᵀδ", bars.slope, "shortcuts, normalisation, dropout"),
            ("weights", bars.slope, "rest"),
            ("W", "φ′", "rest"),
        ):
            shown = names if bars.has_rest else names[:2]
            if self._width(shown) <= self.width() - 24:
                return shown
        return shown

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both."""
        if self._bars is None:
            return
        painter, theme = QPainter(self), current_theme()
        x, metrics = 12.0, QFontMetricsF(font(11))
        painter.setFont(font(11))
        for part, name in enumerate(self.names()):
            box = QRectF(x, self.height() / 2 - SWATCH / 2, SWATCH, SWATCH)
            painter.fillRect(box, colour_of(theme, part))
            if part == 1:
                painter.fillRect(box, QBrush(theme.color("bg1", 0.75), Qt.BrushStyle.BDiagPattern))
            painter.setPen(theme.color("text2"))
            width = metrics.horizontalAdvance(name) + 2
            place = QRectF(x + SWATCH + 5, 0, width, self.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
            x += SWATCH + 5 + width + GAP
        if np.isfinite(self._bars.bounds).any():
            self._paint_bound(painter, x)
        self._paint_sum(painter)

    def _paint_bound(self, painter: QPainter, x: float) -> None:
        """Name the line in the bars where there is room."""
        width = QFontMetricsF(font(11)).horizontalAdvance(BOUND_NAME) + 2
        sums = QFontMetricsF(font(11, mono=True)).horizontalAdvance(self.text())
        if x + 19 + width + GAP > self.width() - 12 - sums:
            return
        middle = round(self.height() / 2) + 0.5
        painter.setPen(current_theme().color("text"))
        painter.drawLine(QLineF(x, middle, x + 14, middle))
        painter.setPen(current_theme().color("text2"))
        place = QRectF(x + 19, 0, width, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, BOUND_NAME)

    def _paint_sum(self, painter: QPainter) -> None:
        assert self._bars is not None
        theme, (texts, whole) = current_theme(), self._bars.balance()
        painter.setFont(font(11, mono=True))
        metrics = QFontMetricsF(painter.font())
        words = [(text, colour_of(theme, part)) for part, text in enumerate(texts)]
        words.append((f"= {whole}" if texts else whole, theme.color("text")))
        x = self.width() - 12 - metrics.horizontalAdvance(self.text())
        for text, colour in words:
            painter.setPen(colour)
            width = metrics.horizontalAdvance(f"{text} ")
            painter.drawText(
                QRectF(x, 0, width, self.height()), Qt.AlignmentFlag.AlignVCenter, text
            )
            x += width

    def _width(self, names: tuple[str, ...]) -> float:
        metrics = QFontMetricsF(font(11))
        legend = sum(SWATCH + 7 + metrics.horizontalAdvance(name) + GAP for name in names)
        return legend + QFontMetricsF(font(11, mono=True)).horizontalAdvance(self.text())


class ChainFormula(QWidget):
    """The product of the factors, and the measured number that it is equal to."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(50)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._bars: ChainBars | None = None
        theme_notifier().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """The height of a fraction."""
        return QSize(120, 50)

    def show_bars(self, bars: ChainBars | None) -> None:
        """Show the formula of these bars, or nothing."""
        self._bars = bars
        spoken = "" if bars is None else f"The product of all factors is {self.number()}."
        self.setAccessibleName(spoken)
        self.setToolTip(
            "" if bars is None else "rms δ of layer 1 over that of the output layer, as measured"
        )
        self.update()

    def tex(self) -> str:
        """The formula without its number."""
        if self._bars is None:
            return ""
        factors = FACTORS_TEX + (REST_TEX if self._bars.has_rest else "")
        return rf"{RATIO_TEX}=\prod_{{l=1}}^{{{self._bars.layers}}}{factors}="

    def number(self) -> str:
        """The measured ratio; 0 and what is not finite as they are."""
        if self._bars is None:
            return ""
        total = self._bars.total
        return figures(10.0**total if total < 308 else float("inf"), 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint formula and number in the middle, smaller where they would not fit."""
        if self._bars is None:
            return
        theme = current_theme()
        renderer = _renderer(self.tex(), theme.hex("text"))
        size = renderer.defaultSize()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(FORMULA_PIXELS))
        number = QFontMetricsF(painter.font()).horizontalAdvance(self.number()) + 6
        scale = min(
            1.0, (self.width() - 24 - number) / size.width(), (self.height() - 4) / size.height()
        )
        width, height = size.width() * scale, size.height() * scale
        left = (self.width() - width - number) / 2
        top = (self.height() - height) / 2
        renderer.render(painter, QRectF(left, top, width, height))
        line = top + height * renderer_axis(self.tex())
        painter.setPen(theme.color("text"))
        box = QRectF(left + width + 4, line - 10, number, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.number())
        painter.end()


def renderer_axis(tex: str) -> float:
    """Share of the height of a formula at which its equals sign stands."""
    box = _renderer(tex, "#000000").viewBoxF()
    return (-box.top() - 0.26 * FORMULA_PIXELS) / box.height()


@lru_cache(maxsize=16)
def _renderer(tex: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(svg(tex, FORMULA_PIXELS, colour).encode()))
