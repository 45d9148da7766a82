"""How a step grows with depth, width and lanes, beside the time of its matrix products."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from rich.table import Table

from gradstudio import Trainer
from tests.benchmarks.lanes import LaneStep
from tests.benchmarks.nets import Net, deep, wide
from tests.benchmarks.products import Products, best_products, own_products
from tests.benchmarks.tables import judged, new_table, number, tracked
from tests.benchmarks.timing import Steps, take_turns

LANES_IN_LIMIT: Final = 32
LANE_LIMIT: Final = 3.0
"""Times that one lane takes which 32 lanes may take."""
SECONDS_PER_TURN: Final = 0.05

Case: TypeAlias = tuple[Steps, Products | None]
"""A step of one size, and its products where they are known."""


@dataclass(frozen=True)
class Kind:
    """One way to grow.

    Attributes
    ----------
    name, unit, of
        What grows, what is counted, and of what network.
    sizes
        From small to large.
    case
        Makes what is measured.
    """

    name: str
    unit: str
    of: str
    sizes: tuple[int, ...]
    case: Callable[[int], Case]


@dataclass(frozen=True)
class Point:
    """One size: seconds of a step and of its products (NaN: not known), and times the first."""

    size: int
    step: float
    products: float
    times_first: float
    share: float


@dataclass(frozen=True)
class Series:
    """One way to grow, measured."""

    kind: Kind
    points: tuple[Point, ...]


def trained(net: Net) -> Case:
    """Measure a step of a trainer."""
    trainer, measured = Trainer(net.setup()), Trainer(net.setup())
    measured.step()
    own = own_products(measured.network)
    return trainer.run, own or best_products(measured.network.sizes, net.batch_size)


def side_by_side(count: int) -> Case:
    """Measure a step of many networks."""
    step, measured = LaneStep(count), LaneStep(count)
    measured.run(1)
    return step.run, own_products(measured.net)


DEPTH: Final = Kind(
    "depth",
    "hidden layers",
    "2-32xN-1, batch 64",
    (1, 2, 5, 10, 20, 50, 100),
    lambda size: trained(deep(size)),
)
WIDTH: Final = Kind(
    "width",
    "units per layer",
    "64-Nx3-10, batch 32",
    (8, 16, 32, 64, 128, 256, 512, 1024, 2048),
    lambda size: trained(wide(size)),
)
LANES: Final = Kind(
    "lanes", "lanes", "N times 2-4-2-1, batch 10", (1, 2, 4, 8, 16, 32, 64), side_by_side
)


def measure(kind: Kind, rounds: int) -> Series:
    """Let steps and products of all sizes take turns."""
    cases = [kind.case(size) for size in kind.sizes]
    steps = [step for step, _ in cases]
    known = [products.run for _, products in cases if products is not None]
    turns = take_turns([*steps, *known], rounds, SECONDS_PER_TURN)
    points = []
    place = len(steps)
    for index, (size, (_, products)) in enumerate(zip(kind.sizes, cases, strict=True)):
        seconds = share = math.nan
        if products is not None:
            seconds, share = turns.seconds(place), turns.ratio(place, to=index)
            place += 1
        times_first = turns.ratio(index, to=0)
        points.append(Point(size, turns.seconds(index), seconds, times_first, share))
    return Series(kind, tuple(points))


def growth(rounds: int, folder: Path) -> tuple[list[Table], bool]:
    """Measure, write the pictures to a folder; returns the table and whether the limit is kept."""
    from tests.benchmarks.growth_figure import write_pictures

    series = [measure(kind, rounds) for kind in tracked((DEPTH, WIDTH, LANES), "Growth")]
    names = write_pictures(series, folder)
    limited = [point for one in series for point in one.points if is_limited(one, point)]
    table = growth_table(series)
    table.caption = f"{', '.join(names)} in {folder}"
    return [table], all(point.times_first < LANE_LIMIT for point in limited)


def growth_table(series: list[Series]) -> Table:
    """Return the table of all series."""
    table = new_table(
        "Growth of a step",
        ("× first", "limit", "products"),
        "network",
        ("N", "step, µs", "products, µs"),
    )
    for one in series:
        for point in one.points:
            times, limited = f"{point.times_first:,.2f}", is_limited(one, point)
            table.add_row(
                judged(times, point.times_first < LANE_LIMIT) if limited else times,
                f"< {LANE_LIMIT:.1f}" if limited else "",
                number(point.share, ".0%"),
                one.kind.of if point is one.points[0] else "",
                f"{point.size:,}",
                f"{1e6 * point.step:,.1f}",
                number(1e6 * point.products, ",.1f"),
                end_section=point is one.points[-1],
            )
    return table


def is_limited(series: Series, point: Point) -> bool:
    """Whether there is a limit for this point."""
    return series.kind is LANES and point.size == LANES_IN_LIMIT
