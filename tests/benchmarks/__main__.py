"""``python -m tests.benchmarks``: print how fast GradStudio is."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gradstudio.environment import has_display, prepare_environment

if TYPE_CHECKING:
    from rich.table import Table

prepare_environment()
if not has_display():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

PARTS = ("step", "record", "growth", "threads", "window", "instruments")
WIDTH = 110
"""Characters of a line where there is no terminal."""


def main() -> int:
    """Measure, print, and return 1 where a floor or a limit is missed."""
    arguments = _parser().parse_args()

    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    all_hold = True
    for part in PARTS:
        if part not in arguments.parts and "all" not in arguments.parts:
            continue
        tables, holds = _measure(part, arguments)
        all_hold = all_hold and holds
        for table in tables:
            console.print(table)
    return 0 if all_hold else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./studio bench",
        description="Measure the speed. Red is below a floor or beyond a limit and makes the "
        "command fail; yellow is below an aim.",
    )
    choices = ("all", *PARTS)
    parser.add_argument(
        "parts", nargs="*", choices=choices, default="all", help="what to measure (all)"
    )
    parser.add_argument("--rounds", type=int, default=9, help="turns of each contender (9)")
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="time for each reading of the window (5)"
    )
    parser.add_argument("--out", type=Path, help="folder for the pictures (a new one)")
    return parser


def _measure(part: str, arguments: argparse.Namespace) -> tuple[list[Table], bool]:
    """Measure one part; returns its tables and whether floors and limits are kept."""
    match part:
        case "step":
            from tests.benchmarks.step import step_tables

            return step_tables(arguments.rounds)
        case "record":
            from tests.benchmarks.record import record_table

            table, holds = record_table(arguments.rounds)
        case "growth":
            from tests.benchmarks.growth import growth

            out = arguments.out or Path(tempfile.mkdtemp(prefix="gradstudio-bench-"))
            return growth(arguments.rounds, out)
        case "threads":
            from tests.benchmarks.threads import threads_table

            table, holds = threads_table(arguments.seconds), True
        case "window":
            from tests.benchmarks.window import window_table

            table, holds = window_table(arguments.seconds)
        case _:
            from tests.benchmarks.instruments import instruments_table

            table, holds = instruments_table(arguments.seconds)
    return [table], holds


if __name__ == "__main__":
    sys.exit(main())
