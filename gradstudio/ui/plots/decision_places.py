"""Where the parts of the decision plot stand, by what is shown and how much room there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF

from gradstudio.data.task import Data

WORDS_WIDTH: Final = 132.0
NARROW_WORDS: Final = 92.0
STRIP: Final = 36.0
LEGEND: Final = 18.0
GAP: Final = 16.0
BOTH_WIDTH: Final = 560
BOTH_HEIGHT: Final = 250
"""From this size on, matrix and wrong samples stand side by side."""


@dataclass(frozen=True)
class Places:
    """Rectangles of the words, the picture and the list of wrong samples, where they are shown.

    Attributes
    ----------
    is_column
        Whether the words stand beside the picture, one below the other.
    """

    words: QRectF
    is_column: bool
    picture: QRectF | None = None
    wrong: QRectF | None = None


def has_matrix(data: Data | None) -> bool:
    """Whether answers are drawn as a confusion matrix, which has a list of wrong samples."""
    return data is not None and data.kind == "classification" and not data.plane


def shows_both(data: Data | None, width: int, height: int) -> bool:
    """Whether matrix and wrong samples have room side by side."""
    return has_matrix(data) and width >= BOTH_WIDTH and height >= BOTH_HEIGHT


def places(data: Data, width: int, height: int, *, wrong: bool) -> Places:
    """Return where everything stands; `wrong` asks for the wrong samples instead of the matrix."""
    whole = QRectF(12, 2, width - 24, height - 12)
    if shows_both(data, width, height):
        side = min(whole.height(), 0.52 * whole.width())
        picture = QRectF(whole.left(), whole.top(), side, side)
        right = whole.adjusted(side + GAP + 8, 0, 0, 0)
        words, below = _split(right, STRIP + 4)
        return Places(words, False, picture, below)
    if has_matrix(data):
        return _one_of_both(whole, wrong=wrong)
    if data.kind == "classification":
        return _beside_square(whole, WORDS_WIDTH, STRIP + LEGEND)
    beside = whole.width() - WORDS_WIDTH - GAP
    if beside + GAP >= whole.height():
        picture = QRectF(whole.left(), whole.top(), beside, whole.height())
        return Places(whole.adjusted(beside + GAP, 0, 0, 0), True, picture)
    words, below = _split(whole, STRIP)
    return Places(words, False, below)


def _one_of_both(whole: QRectF, *, wrong: bool) -> Places:
    if not wrong:
        return _beside_square(whole, NARROW_WORDS, STRIP)
    if whole.width() >= 3 * WORDS_WIDTH:
        left = whole.adjusted(0, 0, -WORDS_WIDTH - GAP, 0)
        return Places(whole.adjusted(left.width() + GAP, 0, 0, 0), True, wrong=left)
    words, below = _split(whole, STRIP)
    return Places(words, False, wrong=below)


def _beside_square(whole: QRectF, words_width: float, strip: float) -> Places:
    """Put a square where it is larger: beside a column of words, or below a strip of them."""
    side = min(whole.height(), whole.width() - words_width - GAP)
    if side >= min(whole.height() - strip, whole.width()):
        picture = QRectF(whole.left(), whole.top(), side, side)
        return Places(whole.adjusted(side + GAP, 0, 0, 0), True, picture)
    words, below = _split(whole, strip)
    side = min(below.width(), below.height())
    left = whole.left() + (whole.width() - side) / 2
    return Places(words, False, QRectF(left, below.top(), side, side))


def _split(whole: QRectF, height: float) -> tuple[QRectF, QRectF]:
    above = QRectF(whole.left(), whole.top(), whole.width(), height)
    return above, whole.adjusted(0, height, 0, 0)
