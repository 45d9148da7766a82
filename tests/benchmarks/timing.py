"""Taking turns: contenders are measured one after the other, so that noise hits all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Steps: TypeAlias = Callable[[int], object]
"""Takes a number of steps."""

SECONDS_PER_TURN: Final = 0.15
WARM_UP: Final = 5
"""Steps before the clock runs: they compile, fill caches and import late."""


@dataclass(frozen=True)
class Turns:
    """Seconds per step of each contender, one number per round."""

    times: tuple[tuple[float, ...], ...]

    def seconds(self, which: int) -> float:
        """Return the median time of a step."""
        return statistics.median(self.times[which])

    def speed(self, which: int) -> float:
        """Return steps per second at the median time."""
        return 1.0 / self.seconds(which)

    def ratio(self, which: int, to: int) -> float:
        """Return how many times longer one takes than another: the median over the rounds."""
        pairs = zip(self.times[which], self.times[to], strict=True)
        return statistics.median(a / b for a, b in pairs)


def take_turns(
    contenders: Sequence[Steps], rounds: int, seconds_per_turn: float = SECONDS_PER_TURN
) -> Turns:
    """Measure all contenders in each round, each time in another order."""
    lengths = [turn_length(steps, seconds_per_turn) for steps in contenders]
    times: list[list[float]] = [[] for _ in contenders]
    for turn in range(rounds):
        for place in range(len(contenders)):
            which = (turn + place) % len(contenders)
            times[which].append(seconds(contenders[which], lengths[which]) / lengths[which])
    return Turns(tuple(tuple(one) for one in times))


def turn_length(steps: Steps, seconds_per_turn: float) -> int:
    """Return how many steps fill a turn, after a warm-up."""
    steps(WARM_UP)
    count = 1
    while (taken := seconds(steps, count)) < seconds_per_turn / 4:
        count *= 2
    return max(1, round(count * seconds_per_turn / taken))


def seconds(steps: Steps, count: int) -> float:
    """Return the processor time that a number of steps takes: other programs do not count."""
    start = time.process_time()
    steps(count)
    return time.process_time() - start
