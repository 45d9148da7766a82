"""Why BLAS gets one thread: two wait for each other as soon as something else wants a core."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.table import Table
from threadpoolctl import threadpool_limits

from gradstudio import Trainer
from tests.benchmarks.nets import TEN_LAYERS
from tests.benchmarks.tables import new_table, tracked

THREADS: Final = (1, 2)
ROUNDS: Final = 3
SHARE: Final = 0.3
"""Of the time of a reading, for each single measurement here."""
BURST_SECONDS: Final = 0.02


def threads_table(seconds: float) -> Table:
    """Return the table of steps per second with one and two threads."""
    speeds = measure(seconds * SHARE)
    cores = os.cpu_count() or 1
    table = new_table(
        f"{TEN_LAYERS.name}, batch {TEN_LAYERS.batch_size}, on {cores} cores: speed kept when "
        "another program uses one",
        ("kept",),
        "BLAS threads",
        ("alone, steps/s", "beside it, steps/s"),
    )
    for threads in THREADS:
        idle, busy = speeds[threads, False], speeds[threads, True]
        table.add_row(f"[bold]{busy / idle:.0%}[/]", str(threads), f"{idle:,.0f}", f"{busy:,.0f}")
    return table


def measure(seconds: float) -> dict[tuple[int, bool], float]:
    """Measure steps per second by threads and by whether another program is busy."""
    trainer = Trainer(TEN_LAYERS.setup())
    trainer.run(5)
    cases = [(threads, busy) for threads in THREADS for busy in (False, True)]
    speeds: dict[tuple[int, bool], list[float]] = {case: [] for case in cases}
    for threads, busy in tracked(cases * ROUNDS, "Threads"):
        with threadpool_limits(threads, user_api="blas"), busy_core(busy):
            speeds[threads, busy].append(speed(trainer, seconds))
    return {case: statistics.median(values) for case, values in speeds.items()}


def speed(trainer: Trainer, seconds: float) -> float:
    """Return steps per second of the clock on the wall."""
    steps, began = 0, time.perf_counter()
    while (taken := time.perf_counter() - began) < seconds:
        burst = max(1, round(steps * BURST_SECONDS / taken)) if steps else 1
        steps += trainer.run(burst)
    return steps / taken


@contextmanager
def busy_core(busy: bool) -> Iterator[None]:
    """Let another program use a core meanwhile, or not."""
    if not busy:
        yield
        return
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as program:
        try:
            yield
        finally:
            program.kill()
