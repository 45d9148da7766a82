"""Asks the units of a network, no more often than it is worth."""

from __future__ import annotations

import math
from time import perf_counter
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from gradstudio.data.task import Data
from gradstudio.export.units import UnitAnswers, can_be_asked, unit_answers

if TYPE_CHECKING:
    from gradstudio.run.snapshot import Snapshot

COST_SHARE: Final = 12.0
"""Units that took c seconds to answer are not asked again for this many times c."""
FEWEST_S: Final = 0.25
"""Seconds from one question to the next at least."""


class UnitQuestions(QObject):
    """Keeps the last answers, and asks again when they have lasted long enough."""

    due = Signal()
    """The units may be asked again, and newer weights have been waiting for it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.data: Data | None = None
        self.rounds = 0
        """How often ``due`` was told."""
        self._last: tuple[Snapshot, tuple[int, ...], UnitAnswers] | None = None
        self._asked_at, self._cost = -math.inf, 0.0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._tell)

    def set_data(self, data: Data | None) -> None:
        """Ask about other samples from now on."""
        self.data, self._last = data, None

    def fit(self, sizes: tuple[int, ...]) -> bool:
        """Whether a network can be asked about the samples, and is small enough."""
        return self.data is not None and self.data.input_size == sizes[0] and can_be_asked(sizes)

    def ask(self, snapshot: Snapshot, drawn: tuple[int, ...]) -> UnitAnswers:
        """Ask the units drawn, unless they have just been asked: then the last answers serve."""
        last = self._last
        if last is not None and last[0] is snapshot and last[1] == drawn:
            return last[2]
        wait = self._asked_at + max(FEWEST_S, COST_SHARE * self._cost) - perf_counter()
        if last is not None and last[1] == drawn and wait > 0:
            self._later.start(math.ceil(wait * 1000))
            return last[2]
        assert self.data is not None
        begun = perf_counter()
        answers = unit_answers(snapshot.network(), self.data, drawn)
        self._asked_at = perf_counter()
        self._cost = self._asked_at - begun
        self._last = snapshot, drawn, answers
        return answers

    def _tell(self) -> None:
        self.rounds += 1
        self.due.emit()
