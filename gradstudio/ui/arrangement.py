"""How the instruments of a page are arranged: which are shown, and how they share the room."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

TALL_PAGE: Final = 754
"""Pixels of a page (106 less than the window) from which on all rows are legible."""
STRIPS: Final = frozenset({"diagram"})
"""Rows that keep their height in pixels, by their first instrument."""
STRIP_HEIGHT: Final = 132
"""Pixels of such a row, whatever the height of the page."""
FOLDED: Final = frozenset({"diagram", "seismograph", "distributions", "chain"})
"""Hidden at first where a page is low."""
ASKED_FOR: Final = frozenset({"gain_lab"})
"""Hidden at first on every page, until a person asks for them."""
SHARES: Final[Mapping[str, float]] = {"gradient": 0.43, "loss": 0.25, "seismograph": 0.32}
"""Share of the rest of the height that a row has at first, by its first instrument."""
LEFT_SHARE: Final = 0.61
"""Share of the width that the left column has at first."""


@dataclass(frozen=True)
class Arrangement:
    """What a person has made of a page.

    Attributes
    ----------
    hidden
        Names of the instruments that are not shown.
    heights
        Height of each row by its first instrument: pixels of a strip, else a share of the rest.
    left
        Share of the width of the left column, 0 to 1.
    """

    hidden: tuple[str, ...] = ()
    heights: Mapping[str, float] = field(default_factory=lambda: dict(SHARES))
    left: float = LEFT_SHARE

    def to_text(self) -> str:
        """Return it as a line of text for the settings."""
        return json.dumps(asdict(self))


def size_class(height: int) -> str:
    """Name of the class of page heights, in pixels, that share an arrangement."""
    return "tall" if height >= TALL_PAGE else "low"


def first_arrangement(name: str) -> Arrangement:
    """Arrangement of a class of page heights before anyone has changed it."""
    hidden = FOLDED | ASKED_FOR if name == "low" else ASKED_FOR
    return Arrangement(hidden=tuple(sorted(hidden)))


def read_arrangement(text: str, known: Collection[str]) -> Arrangement | None:
    """Read what :meth:`Arrangement.to_text` wrote; None for what is no arrangement.

    Parameters
    ----------
    text
        A line of the settings; a person or another version may have written it.
    known
        Names of the instruments there are; others are left out.
    """
    try:
        read: Any = json.loads(text)
        hidden = tuple(name for name in read["hidden"] if name in known)
        heights = {str(name): float(height) for name, height in read["heights"].items()}
        left = float(read["left"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if not 0.0 < left < 1.0 or not all(0.0 < height < 1e5 for height in heights.values()):
        return None
    return Arrangement(hidden, heights, left)
