"""The row of the gain lab in which a sigma_w is tried, and then used or given up."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gradstudio.export.gain_words import plain_figures
from gradstudio.ui.field_spec import FieldSpec
from gradstudio.ui.log_field import LogNumberField
from gradstudio.ui.widgets import IconButton, label

SIGMA_W: Final = FieldSpec(
    name="sigma_w",
    label="σ_w",
    description="Tries another standard deviation of the weights, times the root of fan-in. The "
    "design stays as it is until the gain is used.",
    unit="",
    kind="number",
    low=0.01,
    high=100.0,
    above=False,
    optional=False,
    choices=(),
    live=False,
    log=True,
)


class GainTrial(QWidget):
    """A slider and a field for sigma_w, and what can be done with what was tried."""

    tried = Signal(float)
    """A person tries a sigma_w."""
    given_up = Signal()
    """A person wants the map of the layer back."""
    used = Signal(float)
    """A person wants the layer to have the gain tried."""

    def __init__(self) -> None:
        super().__init__()
        self._gain: float | None = None
        self.field = LogNumberField(SIGMA_W, 58)
        self.use = QPushButton("Use this gain")
        self.use.setProperty("role", "outline")
        self.use.setStyleSheet("QPushButton { padding: 1px 8px; min-height: 16px; }")
        self.back = IconButton("ph.x", "Back to the σ_w of the layer  (Esc)")
        name = label("σ_w", "label")
        name.setToolTip(SIGMA_W.help)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 8, 6)
        row.setSpacing(8)
        row.addWidget(name)
        row.addWidget(self.field, 1)
        row.addWidget(self.use)
        row.addWidget(self.back)
        self.field.edited.connect(self.tried)
        self.back.clicked.connect(lambda *_: self.given_up.emit())
        self.use.clicked.connect(self._use)

    def within(self, sigma_w: float) -> float:
        """Return a sigma_w within the range of the field."""
        return min(max(sigma_w, SIGMA_W.low), SIGMA_W.high)

    def show_sigma_w(self, sigma_w: float, tried: float | None, *, can_use: bool) -> None:
        """Show a sigma_w and, where it is tried, the gain it is; None where it is the layer's."""
        self._gain = tried
        self.field.set_value(float(f"{self.within(sigma_w):.3g}"))
        self.use.setVisible(tried is not None and can_use)
        self.back.setVisible(tried is not None)
        if tried is not None:
            self.use.setText(f"Use gain {plain_figures(tried)}")
            self.use.setToolTip("Gives it to the selected layers with this φ. Undo takes it back.")

    def _use(self) -> None:
        if self._gain is not None:
            self.used.emit(self._gain)
