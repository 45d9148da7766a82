"""How the decades of a signal part into those of the weights and those of the slopes, in words."""

from __future__ import annotations

import numpy as np

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.chain import ChainFactors
from gradstudio.numbers import adding_up, count, signed
from gradstudio.setup.models import NetworkSetup
from gradstudio.training.reading import Reading


def shares_of(reading: Reading | None, network: NetworkSetup) -> str:
    """Say which part of the decades weights and slopes take, as a sentence.

    Empty where the factors were not measured, or where a signal is 0 or not finite.
    """
    if reading is None or "chain" not in reading.values:
        return ""
    factors: ChainFactors = reading.values["chain"]
    with np.errstate(all="ignore"):
        total = float(np.log10(factors.ratio))
        parts = factors.decades.sum(axis=0).tolist()
    if len(factors.weights) != len(network.layers) or not np.isfinite([total, *parts]).all():
        return ""
    whole = float(f"{total:.1f}")
    has_rest = bool((factors.rest != 1.0).any())
    weights, slopes, *rest = adding_up(parts if has_rest else parts[:2], whole, 1)
    said = f"{signed(slopes, 1)} come from {slope_name(network)}"
    more = f"{signed(weights, 1)} from the weights"
    if rest:
        more = f"{more} and {signed(rest[0], 1)} from shortcuts, normalisation and dropout"
    joined = f"{said}, {more}" if rest else f"{said} and {more}"
    return f"At step {count(reading.step)}, of {signed(whole, 1)} decades {joined}."


def slope_name(network: NetworkSetup) -> str:
    """Name the slope of the hidden layers inside a line: sigmoid′; φ′ where they differ."""
    kinds = {layer.activation for layer in network.layers}
    if len(kinds) > 1:
        return "φ′"
    label = ACTIVATIONS[kinds.pop()].label
    is_word = label.split(" ")[0][1:].islower()
    return f"{label[0].lower()}{label[1:]}′" if is_word else f"{label}′"
