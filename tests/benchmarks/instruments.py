"""What the window costs with every instrument open, and what a long run costs it."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QCoreApplication

from gradstudio.run.runner import Runner
from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup
from tests.benchmarks.nets import Net
from tests.benchmarks.window import (
    REDRAWS,
    ROUNDS,
    STEPS_PER_REDRAW,
    Reading,
    application,
    extend,
    open_window,
    probe,
    readings_table,
    real_rows,
    speed,
    speed_beside,
)

if TYPE_CHECKING:
    from rich.table import Table

    from gradstudio.ui.main_window import MainWindow

NET: Final = Net("64-128x20-10", "digits", (128,) * 20, 64)
SIZE: Final = (1920, 1080)
SHORT_RUN: Final = 10_000
LONG_RUN: Final = 10_000_000
MAX_LATENESS_MS: Final = 8.0
MAX_REDRAW_MS: Final = 16.0
MIN_SPEED_KEPT: Final = 0.8
MAX_GROWTH_MB: Final = 100.0
MAX_REDRAW_RATIO: Final = 1.5
"""What a redraw after the long run may cost, in multiples of one after the short run."""


def instruments_table(seconds: float) -> tuple[Table, bool]:
    """Return the table of all readings, each over a number of seconds, and whether all hold."""
    application()
    readings = [*under_load(seconds), *long_run()]
    title = f"Window {SIZE[0]}×{SIZE[1]} with all instruments"
    return readings_table(title, readings), all(reading.holds for reading in readings)


def under_load(seconds: float) -> list[Reading]:
    """Measure lateness, kept speed and frames while a network of 20 layers trains."""
    setup = NET.setup()
    alone: list[float] = []
    watched: list[float] = []
    lateness: list[float] = []
    costs: list[float] = []
    runner = Runner()
    runner.prepare(setup)
    with open_window(setup) as window:
        show_everything(window)
        clock = window.session.clock
        clock.ticked.connect(lambda _: costs.append(1000 * clock.cost))
        for _ in range(ROUNDS):
            alone.append(speed(runner, lambda: time.sleep(seconds)))
            watched.append(speed_beside(window, lambda: lateness.extend(probe(seconds))))
    runner.shut_down()
    late, cost = (float(np.percentile(values, 95)) for values in (lateness, costs))
    kept = statistics.median(b / a for a, b in zip(alone, watched, strict=True))
    return [
        Reading(
            f"lateness of the event loop, 95th percentile, while {NET.name} trains",
            f"{late:.1f} ms",
            f"< {MAX_LATENESS_MS:.0f} ms",
            late < MAX_LATENESS_MS,
        ),
        Reading(
            f"speed kept with the window ({statistics.median(watched):,.0f} of "
            f"{statistics.median(alone):,.0f} steps/s)",
            f"{kept:.0%}",
            f"≥ {MIN_SPEED_KEPT:.0%}",
            kept >= MIN_SPEED_KEPT,
        ),
        Reading(
            f"a frame meanwhile, painting included, 95th percentile of {len(costs):,} "
            f"(median {statistics.median(costs):.1f} ms)",
            f"{cost:.1f} ms",
            f"< {MAX_REDRAW_MS:.0f} ms",
            cost < MAX_REDRAW_MS,
        ),
    ]


def long_run() -> list[Reading]:
    """Measure memory and redraws after a short and after a long history of 20 layers."""
    layers = tuple(LayerSetup(units=8) for _ in range(19))
    setup = Setup(network=NetworkSetup(layers=layers))
    rows = real_rows(setup)
    with open_window(setup) as window:
        show_everything(window)
        recording = window.session.recording
        assert recording is not None
        found = []
        for steps in (SHORT_RUN, LONG_RUN - SHORT_RUN):
            extend(recording.history, rows, steps)
            costs = []
            for _ in range(REDRAWS):
                extend(recording.history, rows, STEPS_PER_REDRAW)
                costs += redraws(window, 1)
            found.append((resident_mb(), statistics.median(costs)))
    (memory, cost), (memory_after, cost_after) = found
    grown, ratio = memory_after - memory, cost_after / cost
    return [
        Reading(
            f"memory that {LONG_RUN:,} steps of 20 layers take more than {SHORT_RUN:,}",
            f"{grown:.0f} MB",
            f"< {MAX_GROWTH_MB:.0f} MB",
            grown < MAX_GROWTH_MB,
        ),
        Reading(
            f"a redraw of everything then, against before ({cost_after:.1f} and {cost:.1f} ms)",
            f"× {ratio:.2f}",
            f"< {MAX_REDRAW_RATIO:.1f}",
            ratio < MAX_REDRAW_RATIO,
        ),
    ]


def show_everything(window: MainWindow) -> None:
    """Give the window a large screen's size and show every instrument."""
    window.resize(*SIZE)
    for name in window.studio.shelf.instruments:
        window.places.set_shown(name, True)
    QCoreApplication.processEvents()


def redraws(window: MainWindow, count: int) -> list[float]:
    """Milliseconds that each of some redraws of everything takes, painting included."""
    costs = []
    for _ in range(count):
        began = time.perf_counter()
        window.board.refresh_all()
        QCoreApplication.sendPostedEvents()
        costs.append(1000 * (time.perf_counter() - began))
    return costs


def resident_mb() -> float:
    """Memory of this process that is in use, where the system tells it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
