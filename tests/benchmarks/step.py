"""Speed of one training step against PyTorch and scikit-learn."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.progress import track
from rich.table import Table

from gradstudio import Trainer
from tests.benchmarks.nets import NETS, Net
from tests.benchmarks.rivals import GradStudioRival, Rival, ScikitLearnRival, TorchRival

SECONDS_PER_TURN = 0.15


@dataclass(frozen=True)
class Comparison:
    """Speed of the three on one network, as medians over the rounds."""

    net: Net
    steps_per_second: tuple[float, float, float]
    over_torch: float
    over_scikit_learn: float

    @property
    def reaches_floor(self) -> bool:
        return self.over_torch >= self.net.floor


def compare(net: Net, rounds: int) -> Comparison:
    """Let the three take turns on one network, in changing order, so that noise hits all alike."""
    rivals: list[Rival] = [
        GradStudioRival(Trainer(net.setup())),
        TorchRival(Trainer(net.setup())),
        ScikitLearnRival(Trainer(net.setup())),
    ]
    steps = [turn_length(rival) for rival in rivals]
    times: list[list[float]] = [[], [], []]
    for turn in range(rounds):
        for place in range(3):
            which = (turn + place) % 3
            times[which].append(seconds(rivals[which], steps[which]) / steps[which])
    ours, torch, scikit_learn = times
    return Comparison(
        net,
        (speed(ours), speed(torch), speed(scikit_learn)),
        statistics.median(b / a for a, b in zip(ours, torch, strict=True)),
        statistics.median(b / a for a, b in zip(ours, scikit_learn, strict=True)),
    )


def turn_length(rival: Rival) -> int:
    """Return how many steps fill a turn, after a warm-up."""
    rival.run(5)
    steps = 1
    while (taken := seconds(rival, steps)) < SECONDS_PER_TURN / 4:
        steps *= 2
    return max(1, round(steps * SECONDS_PER_TURN / taken))


def seconds(rival: Rival, steps: int) -> float:
    """Return the processor time that a number of steps takes: other programs do not count."""
    start = time.process_time()
    rival.run(steps)
    return time.process_time() - start


def speed(times: list[float]) -> float:
    """Return steps per second at the median time."""
    return 1.0 / statistics.median(times)


def step_table(rounds: int) -> tuple[Table, bool]:
    """Return the table of all networks and whether each reaches its floor."""
    title = "Training step with per-layer norms, float32, one thread"
    table = Table(title=title, box=SIMPLE_HEAD, collapse_padding=True)
    for heading in ("× torch", "floor", "× sklearn"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("network", no_wrap=True)
    for heading in ("batch", "steps/s", "torch", "sklearn"):
        table.add_column(heading, justify="right", no_wrap=True)
    results = [compare(net, rounds) for net in track(NETS, "Measuring", transient=True)]
    for result in results:
        colour = "green" if result.reaches_floor else "red"
        table.add_row(
            f"[bold {colour}]{result.over_torch:.2f}[/]",
            f"{result.net.floor:.1f}",
            f"{result.over_scikit_learn:.2f}",
            result.net.name,
            str(result.net.batch_size),
            *(f"{value:,.0f}" for value in result.steps_per_second),
        )
    return table, all(result.reaches_floor for result in results)
