"""What probes said of one step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Reading:
    """Probes measured of one batch, between its gradients and its update.

    Attributes
    ----------
    step
        0-based number of the update that comes next.
    values
        What each probe measured, by its name in ``PROBES``. Copies: training does not change them.
    """

    step: int
    values: Mapping[str, Any]

    def covers(self, probes: frozenset[str]) -> bool:
        """Whether all of some probes were measured."""
        return probes <= self.values.keys()
