"""``python -m tests.benchmarks``: print how fast GradStudio is."""

from __future__ import annotations

import argparse
import os
import sys

from gradstudio.environment import has_display, prepare_environment

prepare_environment()
if not has_display():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def main() -> int:
    """Measure, print, and return 1 where a limit is missed."""
    parser = argparse.ArgumentParser(prog="./studio bench")
    parser.add_argument("part", nargs="?", choices=("all", "step", "window"), default="all")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each contender (9)")
    parser.add_argument("--seconds", type=float, default=5.0, help="time for each reading (5)")
    arguments = parser.parse_args()

    from rich.console import Console

    console = Console()
    all_hold = True
    if arguments.part != "window":
        from tests.benchmarks.step import step_table

        table, holds = step_table(arguments.rounds)
        console.print(table)
        all_hold = all_hold and holds
    if arguments.part != "step":
        from tests.benchmarks.window import window_table

        table, holds = window_table(arguments.seconds)
        console.print(table)
        all_hold = all_hold and holds
    return 0 if all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
