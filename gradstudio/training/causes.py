"""Why the gradient of a setup vanishes or explodes, and what to try: in words, from the setup.

What a layer does to the signal is a product of two factors. Weights of variance v pass back
sqrt(fan_out v) of it; the activation lets through the root mean square of phi', which is 1 over
its gain near z = 0. The signal stays level when the product is 1 (He et al. 2015, equation 14).
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import Final

from gradstudio.data import data_set
from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.numbers import figures, plain, scientific
from gradstudio.setup.models import InitializerSetup, LayerSetup, Setup
from gradstudio.training.evidence import Evidence
from gradstudio.training.remedy import Remedy as Remedy
from gradstudio.training.start import start_arguments
from gradstudio.training.structure_causes import (
    is_normalised,
    why_branches_are_silent,
    why_it_explodes,
    why_it_vanishes,
)

MATCH: Final = 1.25
"""Factor within which a variance counts as the one that an activation needs."""
FRACTIONS: Final = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 6: "a sixth"}
UNDERFLOW: Final = {"float16": -4.0, "float32": -36.0, "float64": -math.inf}
"""log10 of a delta of the mean loss whose next factors can be too small for a precision, which
ends at 6e-8, 1e-45 and 5e-324."""


SATURATED_OUTPUTS: Final = Remedy(
    "σ′ of the output multiplies its signal: a certain answer gets none, be it right or wrong.",
    "Try a cross-entropy, which has no σ′ in its signal, or smaller steps.",
)


def symmetric_layer(setup: Setup) -> int | None:
    """Index of the first hidden layer whose units start equal and stay equal; None if none does.

    The units of a layer stay equal when their weights and biases start equal and so do the
    weights with which the next layer takes them up; a shortcut or dropout tells them apart.
    """
    layers = setup.network.layers
    following = [*(layer.initializer for layer in layers[1:]), setup.network.output.initializer]
    for index, (layer, after) in enumerate(zip(layers, following, strict=True)):
        equal_bias = layer.bias.name != "uniform" and not _tells_units_apart(setup, index)
        if layer.units > 1 and equal_bias and _is_equal(layer.initializer) and _is_equal(after):
            return index
    return None


def cause_of_vanishing(setup: Setup, *, began_so: bool) -> Remedy:
    """Why the signal shrinks; ``began_so`` says whether it did so at step 0."""
    saturation = _cause_of_saturation(setup)
    if saturation is not None:
        return saturation
    if not began_so:
        return Remedy(
            "Training has moved the weights there: at step 0 the gradient did not vanish.",
            _lower_rate(setup),
        )
    by_structure = why_it_vanishes(setup.network)
    if by_structure is not None:
        return by_structure
    layer = _typical(setup)
    phi = ACTIVATIONS[layer.activation]
    share = _variance_share(setup)
    if layer.activation == "sigmoid":
        factor = _weight_factor(setup)
        cause = "sigmoid′ is never above 0.25: it takes 0.60 decade per layer or more."
        if factor is not None and factor < phi.gain:
            name, part = _named(layer.initializer), figures(factor, 2)
            cause += f" Weights from {name} pass back {part} times; 4 would keep it level."
        return Remedy(cause, "Try ReLU with He normal, or tanh with Xavier normal.")
    if share is not None and share < 1 / MATCH:
        return Remedy(_variance_sentence(setup, share), _matched(layer))
    if layer.activation == "tanh":
        return Remedy(
            "tanh′ is below 1 wherever z is not 0: saturated units pass back almost nothing.",
            _matched(layer),
        )
    return Remedy(
        f"Each draw of {layer.units} units scatters around its mean, and the layers multiply.",
        "Try more units per layer, or fewer layers.",
    )


def _cause_of_saturation(setup: Setup) -> Remedy | None:
    """What the setup itself does to drive its units to where phi' is small; None if nothing."""
    layer = _typical(setup)
    if layer.activation not in ("sigmoid", "tanh"):
        return None
    phi = ACTIVATIONS[layer.activation].label
    if layer.bias.name == "constant" and abs(layer.bias.value) >= 1:
        return Remedy(
            f"Biases of {plain(layer.bias.value)} hold every unit where {phi}′ is small.",
            "Try biases of zero.",
        )
    if not setup.data.standardise and not data_set(setup.data.name).generated:
        return Remedy(
            f"The data are not standardised: large inputs drive {phi} to where its slope is small.",
            "Standardise the data.",
        )
    return None


def cause_of_explosion(setup: Setup, *, began_so: bool, grows: bool) -> Remedy:
    """Why the signal grows (``grows``) or only the updates are too large."""
    share = _variance_share(setup)
    if not began_so:
        return Remedy(
            "Training has moved the weights there: at step 0 nothing exploded.",
            _lower_rate(setup),
        )
    by_structure = why_it_explodes(setup.network) if grows else None
    if by_structure is not None:
        return by_structure
    if share is not None and share > MATCH:
        return Remedy(_variance_sentence(setup, share), _matched(_typical(setup)))
    if not grows:
        rate = plain(setup.training.learning_rate)
        return Remedy(f"The learning rate {rate} is too high for this loss.", _lower_rate(setup))
    return Remedy("The starting weights are too large.", _matched(_typical(setup)))


def cause_of_divergence(setup: Setup, evidence: Evidence | None, *, grew_at_start: bool) -> Remedy:
    """Why a value has become infinite or not a number."""
    if grew_at_start:
        share = _variance_share(setup)
        grows = share is None or share > MATCH
        found = cause_of_explosion(setup, began_so=True, grows=grows)
        return Remedy(f"It exploded from the start. {found.cause}", found.fix)
    if evidence is not None and evidence.largest_update[1] > 1:
        ratio = figures(evidence.largest_update[1])
        return Remedy(
            f"Before that, an update was {ratio} times the size of the weights.",
            _lower_rate(setup),
        )
    rate = plain(setup.training.learning_rate)
    return Remedy(f"The learning rate {rate} is too high for this loss.", _lower_rate(setup))


def cause_of_zeros(setup: Setup, top: int, log_above: float) -> tuple[str, Remedy]:
    """Name and reason of a signal that is exactly 0 in all layers up to index ``top``.

    ``log_above`` is log10 of the signal of the layer after them.
    """
    layers = setup.network.layers
    is_last = top + 1 == len(layers)
    after = setup.network.output.initializer if is_last else layers[top + 1].initializer
    if _is_zero(after):
        name = "the output layer" if is_last else f"layer {top + 2}"
        return "No gradient", Remedy(
            f"The weights of {name} start at 0 and pass nothing back.",
            "Any random initializer lets the gradient through.",
        )
    silent = why_branches_are_silent(setup.network, top)
    if silent is not None:
        return "Dead branches", silent
    if log_above < _underflow(setup):
        shrunk = cause_of_vanishing(setup, began_so=True)
        precision = setup.training.precision
        return "Vanishing gradient", Remedy(
            f"It has shrunk below what {precision} can hold. {shrunk.cause}", shrunk.fix
        )
    dead = layers[top]
    if dead.activation == "relu":
        return "Dead layer", Remedy(
            f"All {dead.units} units of layer {top + 1} output 0. ReLU units that never fire do "
            "not come back.",
            "Try He normal, a lower learning rate, or leaky ReLU.",
        )
    return "Dead layer", Remedy(
        f"Every unit of layer {top + 1} is saturated: its slope is 0 to the last digit.",
        _matched(dead),
    )


def _underflow(setup: Setup) -> float:
    """log10 of a signal per sample below which deltas of the mean loss can be rounded to 0."""
    per_sample = math.log10(setup.training.batch_size)
    precision = setup.training.precision
    return UNDERFLOW[precision] + (per_sample if precision == "float16" else 0.0)


def _tells_units_apart(setup: Setup, index: int) -> bool:
    """Whether the units of a hidden layer differ by what they have beside their weights."""
    layers = setup.network.layers
    begins = any(
        layer.residual != "none" and end - layer.span == index for end, layer in enumerate(layers)
    )
    return begins or layers[index].residual != "none" or layers[index].dropout > 0


def _is_equal(initializer: InitializerSetup) -> bool:
    return initializer.name in ("zeros", "constant")


def _is_zero(initializer: InitializerSetup) -> bool:
    return initializer.name == "zeros" or (
        initializer.name == "constant" and initializer.value == 0
    )


def _typical(setup: Setup) -> LayerSetup:
    """Return the first hidden layer with the most frequent activation and initializer.

    Layer 1 counts only when it is alone: its weights pass nothing back.
    """
    layers = setup.network.layers[1:] or setup.network.layers
    kinds = Counter((layer.activation, layer.initializer.name) for layer in layers)
    kind = kinds.most_common(1)[0][0]
    return next(layer for layer in layers if (layer.activation, layer.initializer.name) == kind)


def _weight_factor(setup: Setup) -> float | None:
    """Geometric mean of sqrt(fan_out v) over the hidden layers from 2 on; None when not known."""
    logs = []
    for below, layer in pairwise(setup.network.layers):
        drawn = layer.initializer
        initializer = INITIALIZERS[drawn.name]
        if drawn.name == "constant" or initializer.by_data:
            return None
        std = initializer.std(below.units, layer.units, **start_arguments(layer, below.units))
        if std <= 0:
            return 0.0
        logs.append(math.log(std * math.sqrt(layer.units)))
    return math.exp(sum(logs) / len(logs)) if logs else None


def _variance_share(setup: Setup) -> float | None:
    """Variance of the weights over the one that keeps the signal level; None when not known.

    Normalised layers divide it out.
    """
    factor = None if is_normalised(setup.network) else _weight_factor(setup)
    return None if factor is None else (factor / ACTIVATIONS[_typical(setup).activation].gain) ** 2


def _variance_sentence(setup: Setup, share: float) -> str:
    layer = _typical(setup)
    label = _named(layer.initializer)
    phi = ACTIVATIONS[layer.activation].label
    inverse = round(1 / share) if share else 0
    if share > 1:
        amount = f"{figures(share, 2)} times"
    elif inverse in FRACTIONS and abs(share * inverse - 1) < 0.03:
        amount = f"{FRACTIONS[inverse]} of"
    else:
        amount = f"{scientific(share) if share < 1e-3 else figures(share, 2)} of"
    if amount == "half of":
        amount = "half"
    return f"{label} has {amount} the variance that {phi} needs to keep the gradient level."


def _named(initializer: InitializerSetup) -> str:
    """Name an initializer with the numbers chosen: Normal(0, 1)."""
    if initializer.name == "normal":
        return f"Normal(0, {plain(initializer.std)})"
    if initializer.name == "uniform":
        return f"Uniform({plain(initializer.low)}, {plain(initializer.high)})"
    return INITIALIZERS[initializer.name].label


def _matched(layer: LayerSetup) -> str:
    """Say what to try instead of a layer's initializer."""
    recommended = ACTIVATIONS[layer.activation].recommended
    label = INITIALIZERS[recommended].label
    if layer.initializer.name != recommended:
        return f"Try {label}, made for {ACTIVATIONS[layer.activation].label}."
    return "Try orthogonal weights, or fewer layers."


def _lower_rate(setup: Setup) -> str:
    training = setup.training
    advice = f"Try learning rate {plain(training.learning_rate / 10)}"
    is_clipped = training.clip_norm is not None or training.clip_value is not None
    return f"{advice}." if is_clipped else f"{advice}, or clip the gradient at 1."
