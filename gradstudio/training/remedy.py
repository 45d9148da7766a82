"""A cause and what to try against it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remedy:
    """Why it is so, and what to try."""

    cause: str
    fix: str
