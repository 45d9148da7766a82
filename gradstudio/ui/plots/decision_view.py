"""The widget of the decision plot: picture, words, and what the pointer and the keys do."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from gradstudio.data.task import Data
from gradstudio.export.mistakes import Cell, mistaken_cells
from gradstudio.export.score import ClassScore, ValueScore
from gradstudio.ui.plots.answer import Answer
from gradstudio.ui.plots.answer_readout import (
    cell_readout,
    plane_readout,
    sample_readout,
    value_at,
)
from gradstudio.ui.plots.canvas import KEYBOARD_REASONS
from gradstudio.ui.plots.confusion import MatrixPlace, paint_confusion
from gradstudio.ui.plots.decision_places import Places, has_matrix, places, shows_both
from gradstudio.ui.plots.decision_words import answer_words, paint_column, paint_empty, paint_strip
from gradstudio.ui.plots.mistake_list import MistakeList, paint_frame
from gradstudio.ui.plots.pictures import (
    DrawnPoints,
    paint_fit,
    paint_map,
    paint_scatter,
)
from gradstudio.ui.plots.readout import Readout, paint_readout
from gradstudio.ui.theme import current_theme

Shown = Literal["confusion", "wrong", "both"]
EMPTY = "Press Space: what the network decides"


class DecisionView(QWidget):
    """Paints an answer: a picture, or the wrong samples, or both, and the words.

    The pointer tells what it is on; a click on a cell of the matrix chooses its wrong samples,
    another or Esc chooses all. Enter changes between matrix and samples, Page Up and Page Down go
    through the mistakes, the most frequent first.
    """

    menu_asked = Signal(QPoint)
    shown_changed = Signal()
    """Another part is shown, or other wrong samples."""
    pressed = Signal()
    """A mouse button went down here."""

    def __init__(self) -> None:
        super().__init__()
        self._data: Data | None = None
        self._answer: Answer | None = None
        self._wrong = False
        self._cell: Cell | None = None
        self._pointer: QPointF | None = None
        self._is_ringed = False
        self._points = DrawnPoints()
        self._picture: QPixmap | None = None
        self._picture_key: object = None
        self._list: MistakeList | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(120, 80)

    @property
    def shown(self) -> Shown:
        """Which parts are on screen, of answers that have a confusion matrix."""
        if shows_both(self._data, self.width(), self.height()):
            return "both"
        return "wrong" if self._wrong else "confusion"

    @property
    def cell(self) -> Cell | None:
        """The cell whose wrong samples are shown; None for all."""
        return self._cell

    def show_answer(self, data: Data | None, answer: Answer | None) -> None:
        """Show an answer, or the samples alone before there is one."""
        if data is not self._data:
            self._cell = None
        self._data, self._answer = data, answer
        self.update()

    def show_wrong(self, wrong: bool) -> None:
        """Show the wrong samples, or the confusion matrix, where one alone has room."""
        if wrong != self._wrong:
            self._wrong = wrong
            self._has_changed()

    def choose_cell(self, cell: Cell | None) -> None:
        """Show the wrong samples of one cell, or all."""
        if cell != self._cell:
            self._cell = cell
            self._has_changed()

    def words(self) -> list[str]:
        """Return the lines beside the picture, the largest first."""
        return [] if self._data is None else answer_words(self._data, self._answer)

    def mistake_list(self) -> MistakeList | None:
        """Return the wrong samples on screen."""
        self._paint_anew()
        return self._list

    def matrix_place(self) -> MatrixPlace | None:
        """Return where the cells of the matrix are on screen."""
        data, score = self._data, self._class_score()
        if data is None or score is None or not has_matrix(data):
            return None
        picture = self._places(data).picture
        return None if picture is None else MatrixPlace.inside(picture, score.classes)

    def picture_place(self) -> QRectF | None:
        """Return where the picture is on screen; None while the wrong samples are alone."""
        return None if self._data is None else self._places(self._data).picture

    def readout(self) -> tuple[Readout, QRectF | None] | None:
        """Return what the pointer is on, and the frame around it."""
        data, answer, at = self._data, self._answer, self._pointer
        if data is None or answer is None or at is None:
            return None
        if isinstance(answer.score, ValueScore):
            place = self.picture_place()
            return None if place is None else value_at(data, answer.score, place, at)
        place = self.picture_place()
        if data.plane:
            if place is None or not place.contains(at):
                return None
            return plane_readout(data, answer, place, at), None
        matrix, found = self.matrix_place(), self.mistake_list()
        cell = None if matrix is None else matrix.cell_at(at)
        if matrix is not None and cell is not None:
            return cell_readout(data, answer.score, cell), matrix.box(cell)
        sample = None if found is None else found.sample_at(at)
        if found is None or sample is None:
            return None
        return sample_readout(data, answer.score, sample), found.box_of(sample)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_asked.emit(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring."""
        self._is_ringed = event.reason() in KEYBOARD_REASONS
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self.update()
        super().focusOutEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the pointer is on."""
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Say nothing more."""
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a cell, or all again by a click on the chosen one or on the line that names it."""
        self.pressed.emit()
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._is_ringed = False
        score, matrix, found = self._class_score(), self.matrix_place(), self.mistake_list()
        cell = None if matrix is None else matrix.cell_at(event.position())
        if cell is not None and score is not None:
            is_mistake = cell[0] != cell[1] and score.confusion[cell] > 0
            self.choose_cell(cell if is_mistake and cell != self._cell else None)
            if self._cell is not None:
                self.show_wrong(True)
        elif found is not None and found.head.contains(event.position()):
            self.choose_cell(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Change between matrix and samples, go through the mistakes, choose all again."""
        key, has_list = event.key(), has_matrix(self._data)
        if key == Qt.Key.Key_Escape and self._cell is not None:
            self.choose_cell(None)
        elif has_list and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.show_wrong(not self._wrong)
        elif has_list and key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.next_cell(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the shortcuts of the window while a cell is chosen."""
        is_key = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_key and self._cell is not None and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def next_cell(self, by: int) -> None:
        """Choose the mistake that is next in frequency, or the one before; all at either end."""
        score = self._class_score()
        cells = [] if score is None else mistaken_cells(score)
        places = [None, *cells]
        at = places.index(self._cell) if self._cell in places else 0
        self.choose_cell(places[(at + by) % len(places)])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint picture and words, then what follows the pointer."""
        self._paint_anew()
        painter = QPainter(self)
        if self._picture is not None:
            painter.drawPixmap(0, 0, self._picture)
        read = self.readout()
        if read is not None and self._pointer is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if read[1] is not None:
                paint_frame(painter, read[1])
            paint_readout(
                painter, read[0], self._pointer, QRectF(self.rect()).adjusted(4, 2, -4, -4)
            )
        if self._is_ringed and self.hasFocus():
            painter.setPen(QPen(current_theme().color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _has_changed(self) -> None:
        self.update()
        self.shown_changed.emit()

    def _class_score(self) -> ClassScore | None:
        score = None if self._answer is None else self._answer.score
        return score if isinstance(score, ClassScore) else None

    def _places(self, data: Data) -> Places:
        return places(data, self.width(), self.height(), wrong=self._wrong)

    def _paint_anew(self) -> None:
        """Paint what does not follow the pointer, unless that has been done."""
        ratio = self.devicePixelRatioF()
        key = (self._data, self._answer, self.size().toTuple(), ratio, current_theme().name,
               self._wrong, self._cell)  # fmt: skip
        if self._picture is not None and key == self._picture_key:
            return
        self._picture_key = key
        self._picture = QPixmap((QRectF(self.rect()).size() * ratio).toSize())
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._list = None
        if self._data is None:
            paint_empty(painter, QRectF(self.rect()), EMPTY)
        else:
            self._paint_parts(painter, self._data)
        painter.end()

    def _paint_parts(self, painter: QPainter, data: Data) -> None:
        at, score = self._places(data), self._class_score()
        if at.picture is not None:
            self._paint_picture(painter, at.picture, data)
        if at.wrong is not None and score is not None:
            self._list = MistakeList(at.wrong, data, score, self._cell)
            self._list.paint(painter)
        elif at.wrong is not None and at.picture is None:
            paint_empty(painter, at.wrong, "Press Space")
        (paint_column if at.is_column else paint_strip)(painter, at.words, data, self._answer)

    def _paint_picture(self, painter: QPainter, place: QRectF, data: Data) -> None:
        answer, score = self._answer, None if self._answer is None else self._answer.score
        if data.kind == "classification" and data.plane:
            picture = None if answer is None else answer.map
            paint_map(
                painter,
                place,
                data,
                picture,
                self._points.drawn(place, self.devicePixelRatioF(), data),
            )
        elif data.kind == "regression" and data.input_size == 1:
            paint_fit(painter, place, data, None if answer is None else answer.fit)
        elif isinstance(score, ClassScore):
            matrix = MatrixPlace.inside(place, score.classes)
            paint_confusion(painter, matrix, data, score, self._cell)
        elif score is not None:
            paint_scatter(painter, place, score)
        else:
            paint_empty(painter, place, "Press Space")
