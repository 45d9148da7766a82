"""How fast a run goes: the limit that was asked for, the size of a burst, the measured speed."""

from __future__ import annotations

from collections import deque
from typing import Final

BURST_S: Final = 0.0007
"""Wanted duration of a burst of steps: short enough to feel at once, long enough to cost little."""
MAX_BURST: Final = 1000
MAX_LAG_S: Final = 0.1
"""A paced run that falls further behind than this does not catch up."""
WINDOW_S: Final = 1.0
"""Steps per second are measured over this time."""
SAMPLE_S: Final = 0.02


class Pace:
    """Says when the next burst is due and how many steps it may have. All times in seconds."""

    def __init__(self) -> None:
        self._interval: float | None = None
        self._due = 0.0
        self._burst = 1
        self._samples: deque[tuple[float, int]] = deque()

    def limit(self, steps_per_second: float | None, now: float) -> None:
        """Set the limit; None for none."""
        self._interval = None if steps_per_second is None else 1.0 / steps_per_second
        self._due = now

    def start(self, now: float, step: int) -> None:
        """Begin to run: the first step is due at once."""
        self._due = now
        self._samples.clear()
        self._samples.append((now, step))

    def wait_time(self, now: float) -> float:
        """Seconds until the next step is due; 0 when it is."""
        return 0.0 if self._interval is None else max(0.0, self._due - now)

    def burst(self, now: float) -> int:
        """Return how many steps to do now in one go; at least 1."""
        if self._interval is None:
            return self._burst
        self._due = max(self._due, now - MAX_LAG_S)
        due = 1 + int((now - self._due) / self._interval)
        return min(due, self._burst)

    def note(self, begin: float, now: float, steps: int, step: int) -> None:
        """Take note of a burst of ``steps`` that ended at ``now`` with update ``step``."""
        if self._interval is not None:
            self._due += steps * self._interval
        if steps:
            fitting = int(BURST_S * steps / max(now - begin, 1e-7))
            self._burst = max(1, min(fitting, 2 * self._burst, MAX_BURST))
        if now - self._samples[-1][0] >= SAMPLE_S:
            self._samples.append((now, step))
            while len(self._samples) > 2 and now - self._samples[1][0] >= WINDOW_S:
                self._samples.popleft()

    def steps_per_second(self, now: float, step: int) -> float:
        """Mean over the last second, or since the start when that is shorter."""
        begin, first = self._samples[0]
        return (step - first) / (now - begin) if now > begin else 0.0
