"""Speed of one training step: against its rivals, and against its own matrix products."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from gradstudio import Trainer
from tests.benchmarks.nets import GOALS, Goal
from tests.benchmarks.products import best_products, multiply_adds, own_products
from tests.benchmarks.rivals import GradStudioRival, is_installed, rivals
from tests.benchmarks.tables import aimed, new_table, number, tracked
from tests.benchmarks.timing import Steps, Turns, take_turns

OURS: Final = "steps/s"
RIVALS: Final = ("torch", "jax", "sklearn")
OWN_PRODUCTS: Final = "as called"
BEST_PRODUCTS: Final = "at best"


@dataclass(frozen=True)
class Comparison:
    """What was measured on one network: names of the contenders, ours first, and their times."""

    goal: Goal
    names: tuple[str, ...]
    turns: Turns
    multiply_adds: int

    def seconds(self, name: str) -> float:
        """Return the median time of a step; NaN for a contender that is missing."""
        return self.turns.seconds(self.names.index(name)) if name in self.names else math.nan

    def over(self, name: str) -> float | None:
        """Return how many times longer a contender takes than we do; None when it is missing."""
        if name not in self.names:
            return None
        return self.turns.ratio(self.names.index(name), to=0)

    @property
    def reaches_floor(self) -> bool:
        """Whether it is fast enough; so it is where there is nothing to compare it with."""
        over = self.over("torch")
        return over is None or over >= self.goal.floor


def compare(goal: Goal, rounds: int) -> Comparison:
    """Let all contenders take turns on one network."""
    setup = goal.net.setup()
    contenders: dict[str, Steps] = {OURS: GradStudioRival(Trainer(setup)).run}
    contenders |= {name: rival.run for name, rival in rivals(setup).items()}
    measured = Trainer(setup)
    measured.step()
    sizes, batch = measured.network.sizes, measured.batch_size
    own = own_products(measured.network)
    if own is not None:
        contenders[OWN_PRODUCTS] = own.run
    contenders[BEST_PRODUCTS] = best_products(sizes, batch).run
    turns = take_turns(list(contenders.values()), rounds)
    return Comparison(goal, tuple(contenders), turns, multiply_adds(sizes, batch))


def step_tables(rounds: int) -> tuple[list[Table], bool]:
    """Return both tables of all networks and whether each reaches its floor."""
    results = [compare(goal, rounds) for goal in tracked(GOALS, "Steps")]
    tables = [_rival_table(results), _product_table(results)]
    return tables, all(result.reaches_floor for result in results)


def _rival_table(results: list[Comparison]) -> Table:
    table = new_table(
        "Training step with per-layer norms, float32, one thread",
        ("× torch", "floor", "aim", "× jax", "aim", "× sklearn"),
        "network",
        ("batch", OURS, *RIVALS),
        _remark(),
    )
    for result in results:
        goal = result.goal
        table.add_row(
            aimed(result.over("torch"), goal.aim, goal.floor),
            f"{goal.floor:.1f}",
            f"{goal.aim:.1f}",
            aimed(result.over("jax"), goal.jax_aim),
            "" if goal.jax_aim is None else f"{goal.jax_aim:.1f}",
            aimed(result.over("sklearn")),
            goal.net.name,
            str(goal.net.batch_size),
            *(number(1.0 / result.seconds(name)) for name in (OURS, *RIVALS)),
        )
    return table


def _remark() -> str | None:
    missing = [name for name in RIVALS if not is_installed(name)]
    return f"not installed, not compared: {', '.join(missing)}" if missing else None


def _product_table(results: list[Comparison]) -> Table:
    lacking = any(OWN_PRODUCTS not in result.names for result in results)
    table = new_table(
        "Share of the step that its matrix products take",
        (OWN_PRODUCTS, "aim", BEST_PRODUCTS),
        "network",
        ("step, µs", "as called, µs", "at best, µs", "Gflop/s"),
        "–: not all products were found among the calls of the step" if lacking else None,
    )
    for result in results:
        aim, best = result.goal.product_aim, result.seconds(BEST_PRODUCTS)
        table.add_row(
            aimed(result.over(OWN_PRODUCTS), aim, form=".0%"),
            "" if aim is None else f"{aim:.0%}",
            aimed(result.over(BEST_PRODUCTS), form=".0%"),
            result.goal.net.name,
            *(number(1e6 * result.seconds(name), ",.1f") for name in (OURS, OWN_PRODUCTS)),
            f"{1e6 * best:,.1f}",
            f"{2e-9 * result.multiply_adds / best:,.0f}",
        )
    return table
