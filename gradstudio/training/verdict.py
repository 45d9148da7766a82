"""What can be said of a run: a verdict, how bad it is, and what it stands on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["none", "mild", "critical"]


class Verdict(Enum):
    """What a run suffers from."""

    TOO_EARLY = "too early"
    """Nothing has been measured yet."""
    HEALTHY = "healthy"
    """The signal keeps its size from the output to layer 1."""
    VANISHING = "vanishing"
    """The signal shrinks from layer to layer."""
    DEAD = "dead"
    """The signal of the first layers is exactly 0."""
    SYMMETRIC = "symmetric"
    """The units of a layer start equal and stay equal."""
    EXPLODING = "exploding"
    """The signal grows from layer to layer, or updates are larger than the weights."""
    DIVERGED = "diverged"
    """A value has become infinite or not a number."""


@dataclass(frozen=True)
class Diagnosis:
    """A verdict and what it stands on.

    Parameters
    ----------
    verdict, severity, title
        What it is, how bad, and its name for a headline.
    sentence
        What is seen, in one or two sentences.
    evidence
        Up to four numbers as (label, text).
    layer1, output, ratio
        Signal (RMS of the per-sample dL/dz) of layer 1 and of the output layer, and the first
        over the second: geometric means over the steps of ``basis``. NaN when not known.
    per_layer
        Decades per layer from the output to layer 1: log10(ratio) / (L - 1).
    cause, fix
        Why, by the setup; what to try. Empty when nothing is wrong.
    basis
        The steps of the evidence in words.
    """

    verdict: Verdict
    severity: Severity
    title: str
    sentence: str
    evidence: tuple[tuple[str, str], ...] = ()
    layer1: float = math.nan
    output: float = math.nan
    ratio: float = math.nan
    per_layer: float = math.nan
    cause: str = ""
    fix: str = ""
    basis: str = ""
