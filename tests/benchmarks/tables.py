"""How the tables look: ratios first, then the name, then numbers; colours say what holds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

Item = TypeVar("Item")


def new_table(
    title: str, ratios: Sequence[str], name: str, numbers: Sequence[str], caption: str | None = None
) -> Table:
    """Make an empty table; the columns of ``ratios`` and ``numbers`` end at the right."""
    table = Table(title=title, caption=caption, box=SIMPLE_HEAD, collapse_padding=True)
    for heading in ratios:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(name, no_wrap=True)
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def tracked(items: Iterable[Item], what: str) -> Iterable[Item]:
    """Show on the error output how far it is, so that the output holds tables only."""
    return track(items, what, console=Console(stderr=True), transient=True)


def judged(text: str, holds: bool) -> str:
    """Write green what holds and red what does not."""
    return f"[bold {'green' if holds else 'red'}]{text}[/]"


def aimed(
    value: float | None, aim: float | None = None, floor: float = 0.0, form: str = ".2f"
) -> str:
    """Write a ratio: green from its aim on, yellow below it, red below its floor."""
    if value is None:
        return "–"
    if aim is None:
        return f"{value:{form}}"
    colour = "green" if value >= aim else "yellow" if value >= floor else "red"
    return f"[bold {colour}]{value:{form}}[/]"


def number(value: float, form: str = ",.0f") -> str:
    """Write a number, or a dash where there is none."""
    return f"{value:{form}}" if math.isfinite(value) else "–"
