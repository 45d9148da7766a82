"""Whose turn it is to be drawn: no more in a frame than leaves the window free for a person."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final, TypeAlias

from PySide6.QtCore import QCoreApplication

Job: TypeAlias = tuple[str, Callable[[], object]]
"""A name, and what draws it."""

BUDGET_S: Final = 0.008
"""Seconds of drawing in a frame: a click waits no longer than one frame and one step."""
MEMORY: Final = 0.8
"""Share of the old cost in the expected one."""


class Turns:
    """Draws what has waited longest first, as much as is expected to fit into a frame.

    Where everything is cheap, everything is drawn in every frame; where it is not, each has its
    turn as often as there is time for it, and none waits for ever.
    """

    def __init__(self) -> None:
        self._drawn: dict[str, float] = {}
        self._costs: dict[str, float] = {}

    def waited(self, name: str) -> float:
        """Seconds since something was drawn; infinite before the first time."""
        return perf_counter() - self._drawn.get(name, -math.inf)

    def take(self, jobs: Sequence[Job], *, everything: bool = False) -> None:
        """Draw and paint some of the jobs that are due, or all of them.

        Parameters
        ----------
        jobs
            What has something new to show.
        everything
            Whether all are to be drawn, whatever it costs: while nothing else goes on.
        """
        spent = 0.0
        for name, draw in sorted(jobs, key=lambda job: self._drawn.get(job[0], 0.0)):
            expected = self._costs.get(name, 0.0)
            if spent and not everything and spent + expected > BUDGET_S:
                continue
            began = perf_counter()
            draw()
            # painted now: the cost of a picture is mostly that of its paint
            QCoreApplication.sendPostedEvents()
            ended = perf_counter()
            self._drawn[name] = ended
            spent += ended - began
            self._costs[name] = MEMORY * expected + (1 - MEMORY) * (ended - began)
