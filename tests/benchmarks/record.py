"""What it costs to measure the norms of every layer at every step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from rich.table import Table

from gradstudio import Trainer
from gradstudio.setup.models import Setup
from gradstudio.training.record import RowLayout
from tests.benchmarks.nets import LARGE, PICTURES, Net, deep
from tests.benchmarks.tables import judged, new_table, tracked
from tests.benchmarks.timing import Turns, take_turns

LIMIT: Final = 0.15
"""Share of a step without measuring that measuring it may add."""
DEPTHS: Final = (1, 10, 30, 100)
METER: Final = "gradstudio.training.trainer.make_meter"
HISTORY: Final = "gradstudio.training.history.History.append"


class Blindfold:
    """Stands where a meter stands and measures nothing."""

    watch = None
    is_finite = True
    is_full = keeps = False
    grad_norm = 0.0

    def __init__(self, layout: RowLayout) -> None:
        self.row = layout.new_row()

    def release(self) -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> Any:
        return _nothing


NETS: Final = (*(deep(depth) for depth in DEPTHS), PICTURES, LARGE)


def blind_trainer(setup: Setup) -> Trainer:
    """Make a trainer that takes the same steps without measuring them."""

    def blindfold(*parts: object) -> Blindfold:
        return Blindfold(next(part for part in parts if isinstance(part, RowLayout)))

    with patch(METER, blindfold):
        return Trainer(setup)


def cost(net: Net, rounds: int) -> Turns:
    """Let a step as it is, one that is not measured and one that leaves no row take turns."""
    setup = net.setup()
    seeing, blind, silent = Trainer(setup), blind_trainer(setup), blind_trainer(setup)

    def run_silently(steps: int) -> None:
        with no_history():
            silent.run(steps)

    return take_turns([seeing.run, blind.run, run_silently], rounds)


@contextmanager
def no_history() -> Iterator[None]:
    """Let rows be lost."""
    with patch(HISTORY, _nothing):
        yield


def record_table(rounds: int) -> tuple[Table, bool]:
    """Return the table of all networks and whether each keeps the limit."""
    table = new_table(
        "Time that recording every step adds to it",
        ("norms", "limit", "norms and history"),
        "network",
        ("batch", "step, µs", "without norms, µs", "without both, µs"),
    )
    all_hold = True
    for net in tracked(NETS, "Recording"):
        turns = cost(net, rounds)
        norms, both = turns.ratio(0, to=1) - 1.0, turns.ratio(0, to=2) - 1.0
        holds = norms <= LIMIT
        all_hold = all_hold and holds
        table.add_row(
            judged(f"{norms:.1%}", holds),
            f"≤ {LIMIT:.0%}",
            f"{both:.1%}",
            net.name,
            str(net.batch_size),
            *(f"{1e6 * turns.seconds(which):,.1f}" for which in range(3)),
        )
    return table, all_hold


def _nothing(*arguments: object) -> None:
    """Do nothing."""
