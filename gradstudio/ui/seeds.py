"""New seeds, drawn by the machine and not by a generator of the run."""

from __future__ import annotations

import secrets
from typing import Final

ROLLED_SEEDS: Final = 10_000
"""A rolled seed is below this: short enough to be read, said and typed again."""


def rolled_seed(old: int) -> int:
    """Return a seed that is not the old one."""
    seed = secrets.randbelow(ROLLED_SEEDS - 1)
    return seed if seed < old else seed + 1
