"""Formulas as pictures: TeX set by ziamath, in the colours of the scheme, kept once drawn."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradstudio.ui.theme import current_theme, theme_notifier


class FormulaLabel(QWidget):
    """One formula, at its own size or smaller where it would not fit.

    Parameters
    ----------
    pixels
        Size of its letters in logical pixels.
    role
        Palette role of its colour.
    """

    def __init__(self, pixels: int = 13, role: str = "text") -> None:
        super().__init__()
        self._pixels, self._role = pixels, role
        self._tex = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme_notifier().changed.connect(self.update)

    def tex(self) -> str:
        """The formula shown, as TeX."""
        return self._tex

    def set_tex(self, tex: str, spoken: str) -> None:
        """Show a formula; `spoken` is what a screen reader says."""
        self._tex = tex
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The height of one line; the width is whatever there is."""
        return QSize(120, 2 * self._pixels)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the formula at the left edge, scaled down to the width there is."""
        if not self._tex:
            return
        renderer = _renderer(self._tex, self._pixels, current_theme().hex(self._role))
        size = QSizeF(renderer.defaultSize())
        room = QSizeF(self.size())
        if size.width() > room.width() or size.height() > room.height():
            size.scale(room, Qt.AspectRatioMode.KeepAspectRatio)
        top = (room.height() - size.height()) / 2
        painter = QPainter(self)
        renderer.render(painter, QRectF(0.0, top, size.width(), size.height()))


@lru_cache(maxsize=256)
def _renderer(tex: str, pixels: int, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(svg(tex, pixels, colour).encode()))


@lru_cache(maxsize=256)
def svg(tex: str, pixels: int, colour: str) -> str:
    """A formula as SVG text."""
    from ziamath.config import config  # 0.19 s, so only when the first formula is shown
    from ziamath.zmath import Latex

    config.svg2 = False
    picture: str = Latex(tex, size=pixels, color=colour).svg()
    return picture
