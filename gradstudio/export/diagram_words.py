"""What the picture of a network says, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradstudio.export.arcs import Extras
from gradstudio.export.edges import DECADES, KINDS, Edges
from gradstudio.numbers import count, figures


def units_words(sizes: Sequence[int], drawn: Sequence[int]) -> str:
    """Say how many units of how many are drawn; empty where all are."""
    cut = [(shown, size) for shown, size in zip(drawn, sizes, strict=True) if shown < size]
    if not cut:
        return ""
    most = max(shown for shown, _ in cut)
    low, high = min(size for _, size in cut), max(size for _, size in cut)
    of = count(high) if low == high else f"{count(low)} to {count(high)}"
    return f"{most} of {of} units per layer"


def network_sentence(labels: Sequence[str], edges: Edges, extras: Extras) -> str:
    """Say how far what is shown reaches, and what the network has beside its weights."""
    text = _weights(labels, edges) if edges.shown == "weight" else _reach(labels, edges)
    return f"{text} The network has {extras.words}." if extras.words else text


def _weights(labels: Sequence[str], edges: Edges) -> str:
    if not edges.is_finite:
        return "The weights are not finite."
    if not edges.largest or edges.negative is None:
        return "All weights drawn are exactly 0."
    tops = [float(part.max()) if part.size else 0.0 for part in edges.strengths]
    layer = labels[int(np.argmax(tops))]
    number = sum(part.size for part in edges.negative)
    share = 100 * sum(int(part.sum()) for part in edges.negative) / max(number, 1)
    where = "the output layer" if layer == "out" else f"layer {layer}"
    return (
        f"Of {count(number)} weights drawn {share:.0f} % are negative; the largest is "
        f"{figures(edges.largest, 2)}, in {where}."
    )


def _reach(labels: Sequence[str], edges: Edges) -> str:
    noun = KINDS[edges.shown].noun
    thing = "gradient" if edges.shown == "gradient" else noun
    if not edges.is_finite:
        return f"The {thing} is not finite."
    visible = [bool((part > 0.0).any()) for part in edges.strengths]
    if not any(visible):
        return f"The {thing} is exactly 0 everywhere."
    if all(visible):
        return f"The {noun} is visible from the output to layer 1."
    dark = max(i for i, seen in enumerate(visible) if not seen)
    if dark == len(visible) - 1:
        return f"No {noun} is visible in the output layer."
    reached = labels[dark + 1]
    reached = "the output layer only" if reached == "out" else f"the output to layer {reached}"
    below = "layer 1" if dark == 0 else f"layers 1 to {count(dark + 1)}"
    return (
        f"The {noun} is visible from {reached}; in {below} it is more than {DECADES:g} decades "
        "below the largest, or exactly 0."
    )
