"""Small tags in the row of a layer: what it has beside its weights."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath

from gradstudio.nn.structure import RESIDUALS
from gradstudio.setup.models import LayerSetup
from gradstudio.ui.theme import current_theme, font

DROP: Final = "drop"
"""The tag that is drawn as a drop."""
HEIGHT: Final = 14
GAP: Final = 2
_INSET: Final = 3
_DROP_WIDTH: Final = 13
_NORMALISATION_TAGS: Final = {"none": "", "batch": "BN", "layer": "LN"}
_NORMALISATION_WORDS: Final = {
    "batch": "batch normalisation",
    "layer": "layer normalisation",
}


def tags_of(layer: LayerSetup) -> tuple[str, ...]:
    """Return the tags of a layer: ``BN`` or ``LN``, ``+`` with the span of a shortcut, a drop."""
    shortcut = f"+{layer.span}" if layer.residual != "none" else ""
    drop = DROP if layer.dropout else ""
    found = (_NORMALISATION_TAGS[layer.normalisation], shortcut, drop)
    return tuple(tag for tag in found if tag)


def spoken(layer: LayerSetup) -> str:
    """Say what a layer has beside its weights; empty where it has nothing."""
    words = []
    if layer.normalisation != "none":
        words.append(_NORMALISATION_WORDS[layer.normalisation])
    if layer.residual != "none":
        over = "" if layer.span == 1 else f" over {layer.span} layers"
        words.append(f"shortcut{over} ({RESIDUALS[layer.residual]})")
    if layer.dropout:
        words.append(f"dropout {layer.dropout:g}")
    return ", ".join(words)


def tags_width(tags: tuple[str, ...]) -> int:
    """Pixels that some tags take side by side."""
    return sum(_width(tag) for tag in tags) + GAP * max(len(tags) - 1, 0)


def draw_tags(painter: QPainter, area: QRect, tags: tuple[str, ...], *, wrong: bool) -> None:
    """Draw tags from the left of an area; ``wrong`` marks a shortcut that cannot be made."""
    theme = current_theme()
    left, top = float(area.left()), area.top() + (area.height() - HEIGHT) / 2
    painter.setFont(_tag_font())
    for tag in tags:
        is_wrong = wrong and tag.startswith("+")
        box = QRectF(left, top, _width(tag), HEIGHT)
        painter.setPen(theme.color("critical_edge" if is_wrong else "line"))
        painter.setBrush(theme.color("critical_soft" if is_wrong else "bg2"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        ink = theme.color("critical" if is_wrong else "text2")
        if tag == DROP:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawPath(_drop(box.center()))
        else:
            painter.setPen(ink)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tag)
        left += box.width() + GAP


def _width(tag: str) -> int:
    if tag == DROP:
        return _DROP_WIDTH
    return QFontMetrics(_tag_font()).horizontalAdvance(tag) + 2 * _INSET


def _tag_font() -> QFont:
    return font(10, 600)


def _drop(centre: QPointF) -> QPainterPath:
    """A drop of water, 6 by 8 pixels."""
    x, y = centre.x(), centre.y()
    path = QPainterPath(QPointF(x, y - 4.2))
    path.cubicTo(x + 1.2, y - 2.2, x + 3, y - 0.6, x + 3, y + 1.4)
    path.cubicTo(x + 3, y + 3.2, x + 1.6, y + 4.2, x, y + 4.2)
    path.cubicTo(x - 1.6, y + 4.2, x - 3, y + 3.2, x - 3, y + 1.4)
    path.cubicTo(x - 3, y - 0.6, x - 1.2, y - 2.2, x, y - 4.2)
    return path
