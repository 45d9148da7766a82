"""What distributions say in words: shares, counters, and the sentence of the picture."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from gradstudio.export.distributions import Quantity, Ridges
from gradstudio.export.figures.common import divergence_words
from gradstudio.nn.half_octaves import SIDE_EDGES, ZERO
from gradstudio.nn.histograms import Histogram
from gradstudio.nn.saturation import Idleness
from gradstudio.numbers import count, figures, scientific
from gradstudio.training.recording import Recording

HALF_NORMAL: Final = 2.0**-14
"""Smallest normal number of half precision, an edge of the bins."""
LEVEL: Final = 1.26
"""Factor between two medians up to which they count as level: 0.1 decade."""


def percent(share: float) -> str:
    """Write a share in per cent; what is neither nothing nor all is never rounded to it."""
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    if share < 0.001:
        return "<0.1 %"
    if share > 0.999:
        return ">99.9 %"
    return f"{figures(100 * share, 2 if share < 0.995 else 3)} %"


def idle_words(idleness: Idleness, layer: int, *, brief: bool = False) -> list[str]:
    """Say how much of a hidden layer is dead or saturated; nothing where none is."""
    if layer >= len(idleness.dead):
        return []
    words = []
    dead, saturated = float(idleness.dead[layer]), float(idleness.saturated[layer])
    if dead > 0:
        words.append(f"{percent(dead)} dead")
    if saturated > 0:
        words.append(f"{percent(saturated)} {'sat.' if brief else 'saturated'}")
    return words


def strange_words(counts: Histogram) -> list[str]:
    """Count what is not finite in one histogram; nothing where all is."""
    named = (("NaN", counts.nan), ("+∞", counts.plus_infinity), ("−∞", counts.minus_infinity))
    return [f"{count(int(number))} {name}" for name, number in named if number]


def subnormal_count(counts: Histogram, quantity: Quantity, precision: str) -> int | None:
    """Count numbers of one layer that are too small to be normal in the precision of the run.

    Half precision is simulated in single precision, so the bins below its smallest normal number
    are counted; None for δ, which is then no number that is stored: the batch size times one.
    """
    if precision != "float16":
        return int(counts.subnormal)
    if quantity.probe == "deltas":
        return None
    below = int(np.searchsorted(SIDE_EDGES, HALF_NORMAL))
    sides = counts.counts[ZERO + 1 : ZERO + 1 + below], counts.counts[ZERO - below : ZERO]
    return int(sides[0].sum() + sides[1].sum())


def step_words(recording: Recording, ridges: Ridges) -> str:
    """Name the step of a reading: ``step 1,284``, or the start."""
    if ridges.step == 0 and recording.step_count == 0:
        return "at the starting weights"
    return f"step {count(ridges.step)}"


def counter_words(counts: Histogram, quantity: Quantity, precision: str) -> list[str]:
    """Count in one layer what has no place on a logarithmic axis, or hardly one: all counters."""
    tiny = subnormal_count(counts, quantity, precision)
    infinite = int(counts.plus_infinity), int(counts.minus_infinity)
    signs = "±∞" if all(infinite) else "−∞" if infinite[1] else "+∞" if infinite[0] else "±∞"
    return [
        f"{count(int(counts.zero))} exact zeros",
        *([] if tiny is None else [f"{count(tiny)} subnormal"]),
        f"{count(int(counts.nan))} NaN",
        f"{count(sum(infinite))} {signs}",
    ]


def layer_words(recording: Recording, ridges: Ridges, layer: int) -> tuple[list[str], list[str]]:
    """Say the facts of one layer in two lines of parts, the important ones first."""
    counts, quantity = ridges.counts[layer], ridges.quantity
    label = recording.labels[layer]
    name = "Output layer" if label == "out" else f"Layer {label}"
    first = [name, *strange_words(counts), *idle_words(ridges.idleness, layer)]
    low, middle, high = counts.quantile((0.25, 0.5, 0.75)).tolist()
    if quantity.has_sizes:
        first.append(f"median |{quantity.symbol}| {value_words(float(ridges.medians()[layer]))}")
    else:
        first.append(f"median {value_words(middle)}")
    if low < high:
        first.append(f"half between {value_words(low)} and {value_words(high)}")
    second = counter_words(counts, quantity, recording.setup.training.precision)
    return first, [f"{count(int(counts.size))} numbers", *second]


def value_words(value: float) -> str:
    """Write a number with two figures."""
    return figures(value, 2) if value == 0 or 1e-2 <= abs(value) < 1e4 else scientific(value)


def layer_sentence(recording: Recording, ridges: Ridges, layer: int) -> str:
    """Say where the numbers of one layer are, with its counters."""
    first, second = layer_words(recording, ridges, layer)
    name, *facts = first
    return (
        f"{name}, {ridges.quantity.symbol}, {step_words(recording, ridges)}: "
        f"{', '.join(facts)}. {', '.join(second)}."
    )


def distributions_sentence(recording: Recording, ridges: Ridges) -> str:
    """Say how the median moves with depth, and count zeros, what is not finite and idle units."""
    quantity, medians = ridges.quantity, ridges.medians()
    noun = f"The median size of {quantity.noun}"
    names = ["output" if text == "out" else f"layer {text}" for text in recording.labels]
    ends = (0, ridges.layers - 1)
    begin, end = (ends[1], ends[0]) if quantity.is_backward else ends
    a, b = float(medians[begin]), float(medians[end])
    if (ridges.zeros == 1.0).all():
        return (
            f"{_capital(quantity.noun)} is exactly 0 in every layer.{divergence_words(recording)}"
        )
    if ridges.layers == 1:
        text = f"{noun} is {value_words(a)}."
    elif not (math.isfinite(a) and math.isfinite(b)):
        text = f"{noun} is not finite in every layer."
    elif a == b == 0.0:
        text = f"{noun} is 0 in {names[begin]} and {names[end]}."
    else:
        pair = f"{value_words(a)} ({names[begin]}) to {value_words(b)} ({names[end]})"
        is_level = a == b or (a > 0 < b and max(a / b, b / a) <= LEVEL)
        verb = "is level, " if is_level else "falls from " if b < a else "grows from "
        text = f"{noun} {verb}{pair}."
    precision = recording.setup.training.precision
    troubles = _trouble_sentences(ridges, names, precision)
    parts = [text, _zero_sentence(ridges, names), *troubles]
    return " ".join(parts) + divergence_words(recording)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _zero_sentence(ridges: Ridges, names: list[str]) -> str:
    layers = np.flatnonzero(ridges.zeros)
    if not layers.size:
        return "No exact zeros."
    worst = int(np.argmax(ridges.zeros))
    share = percent(float(ridges.zeros[worst]))
    if layers.size == 1:
        return f"{share} of {names[worst]} is exactly 0."
    return (
        f"Exact zeros in {count(layers.size)} of {count(ridges.layers)} layers, "
        f"most in {names[worst]}: {share}."
    )


def _trouble_sentences(ridges: Ridges, names: list[str], precision: str) -> list[str]:
    found = []
    strange = strange_words(ridges.counts.sum())
    if strange:
        found.append(f"Not finite: {', '.join(strange)}.")
    tiny = subnormal_count(ridges.counts.sum(), ridges.quantity, precision)
    if tiny:
        found.append(f"Subnormal: {count(tiny)} of {count(int(ridges.counts.size.sum()))} numbers.")
    for words, shares in (("Dead", ridges.idleness.dead), ("Saturated", ridges.idleness.saturated)):
        if shares.size and np.nanmax(np.nan_to_num(shares)) > 0:
            worst = int(np.argmax(np.nan_to_num(shares)))
            found.append(f"{words}: {percent(float(shares[worst]))} of {names[worst]}.")
    return found
