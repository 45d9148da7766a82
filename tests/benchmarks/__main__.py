"""``python -m tests.benchmarks``: print how fast GradStudio is."""

from __future__ import annotations

import argparse
import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"


def main() -> int:
    """Measure, print, and return 1 where a floor is missed."""
    parser = argparse.ArgumentParser(prog="./studio bench")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each contender (9)")
    arguments = parser.parse_args()

    from rich.console import Console

    from tests.benchmarks.step import step_table

    console = Console()
    table, fast_enough = step_table(arguments.rounds)
    console.print(table)
    return 0 if fast_enough else 1


if __name__ == "__main__":
    sys.exit(main())
