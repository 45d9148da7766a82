"""How often? A small window over the layer table with one number."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSpinBox, QWidget

from gradstudio.setup.models import MAX_HIDDEN_LAYERS
from gradstudio.ui.widgets import label


class RepeatPopup(QFrame):
    """Asks how many times some layers shall come; Enter takes the number, Esc leaves.

    Parameters
    ----------
    block
        Number of layers to repeat.
    hidden
        Number of hidden layers there are.
    """

    chosen = Signal(int)
    """How many times, 2 or more."""

    def __init__(self, block: int, hidden: int, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self._block, self._hidden = block, hidden
        most = max((MAX_HIDDEN_LAYERS - hidden) // block + 1, 1)
        self.times = QSpinBox()
        self.times.setObjectName("repeatTimes")
        self.times.setAccessibleName("Times")
        self.times.setRange(min(2, most), most)
        self.times.setPrefix("× ")
        self.total = label("", "caption")
        button = QPushButton("Repeat")
        button.setProperty("role", "outline")
        button.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        for widget in (self.times, self.total, button):
            layout.addWidget(widget)
        self.times.valueChanged.connect(self._show_total)
        self._show_total(self.times.value())

    def open_at(self, corner: QPoint) -> None:
        """Open with the number selected, so that typing replaces it."""
        self.move(corner)
        self.show()
        self.times.setFocus()
        self.times.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the number."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        self.times.interpretText()
        times = self.times.value()
        self.close()
        if times > 1:
            self.chosen.emit(times)

    def _show_total(self, times: int) -> None:
        total = self._hidden + (times - 1) * self._block
        self.total.setText(f"{self._hidden} to {total} layers")
