"""The learning rate, as it stands in the toolbar."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout

from gradstudio.setup.models import TrainingSetup
from gradstudio.ui.field_spec import field_spec
from gradstudio.ui.fields import FACTOR
from gradstudio.ui.log_field import LogNumberField
from gradstudio.ui.widgets import label


class LearningRateField(LogNumberField):
    """The learning rate with its label, as it stands in the toolbar."""

    def __init__(self) -> None:
        spec = field_spec(TrainingSetup, "learning_rate")
        super().__init__(spec)
        caption = label("Learning\nrate η", "caption")
        caption.setToolTip(spec.help)
        layout = self.layout()
        if isinstance(layout, QBoxLayout):
            layout.insertWidget(0, caption)
        self.set_value(0.1)

    def increase(self) -> None:
        """One step up: times 1.25."""
        self.multiply(FACTOR)

    def decrease(self) -> None:
        """One step down: times 0.8."""
        self.multiply(1 / FACTOR)
