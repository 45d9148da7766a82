"""The gain of one layer of a design: what it is, and how to give the layer another one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from gradstudio.data import make_data
from gradstudio.errors import GradStudioError
from gradstudio.nn.activation import Activation
from gradstudio.nn.theory import length_map
from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup
from gradstudio.training.build import layer_sizes, number_type
from gradstudio.training.coverage import Coverage, coverage
from gradstudio.training.expectation import DEPENDENT
from gradstudio.training.start import (
    Part,
    activation_of,
    bias_variance,
    initializer_of,
    parts_of,
    start_arguments,
)

Way = Literal["gain", "std", "range", ""]
"""How an initializer is given a gain: by its gain, by its sigma, by its range, or not at all."""

_COVERED: Final = {
    Coverage.WHOLE: "",
    Coverage.NORMALISED: "This layer is normalised: that divides the size of its weights out, and "
    "the theory of plain layers says nothing.",
    Coverage.BRANCH: "A shortcut leads around this layer: what comes through beside the weights "
    "is more than the theory of plain layers knows.",
}
_UNFIT: Final = {
    "zeros": "All weights are 0: nothing passes through them, at any gain.",
    "constant": "Equal weights make all units the same: theory knows weights drawn one by one.",
    "identical_units": "Identical units are one unit many times: theory knows weights drawn one "
    "by one.",
    "identity": "Identity draws nothing: each unit hears one other, and the variance of a sum of "
    "many does not arise.",
}
_FIXED: Final = {
    "critical": "The critical initializer has the critical gain by itself.",
    "lsuv": "LSUV takes its scale from the data: it has no gain to choose.",
    "uniform_fan_in": "Uniform ±1/√in has no gain to choose: it is always 0.577. LeCun uniform "
    "is the same with a gain.",
}


@dataclass(frozen=True)
class LayerGain:
    """The gain of a layer, and the signal it gets.

    Attributes
    ----------
    phi
        Its activation; the linear one of the output layer.
    name, initializer
        What the layer and its initializer are called.
    fans
        Fan-in and fan-out.
    gain
        sigma of its weights times the root of the fan that its initializer counts by.
    sigma_w
        sigma of its weights times the root of fan-in: what theory asks for.
    sigma_b
        Standard deviation of its biases.
    input_square
        Mean square of the training inputs.
    layers
        Number of hidden layers of the network.
    unfit
        A sentence that says why theory does not cover it; empty where it does.
    fixed
        A sentence that says why it cannot be given another gain; empty where it can.
    way
        How it is given one.
    """

    phi: Activation
    name: str
    initializer: str
    fans: tuple[int, int]
    gain: float
    sigma_w: float
    sigma_b: float
    input_square: float
    layers: int
    unfit: str
    fixed: str
    way: Way

    def sigma_w_of(self, gain: float) -> float:
        """Return sigma_w of this layer at another gain."""
        return gain * self.sigma_w / self.gain if self.gain else 0.0

    def gain_of(self, sigma_w: float) -> float:
        """Return the gain of this layer at another sigma_w."""
        return sigma_w * self.gain / self.sigma_w if self.sigma_w else 0.0

    def first_variance(self, sigma_w: float) -> float:
        """Return the variance of z that such a layer makes of the training inputs."""
        return sigma_w * sigma_w * self.input_square + self.sigma_b**2


def layer_gain(setup: Setup, layer: int) -> LayerGain:
    """Describe layer index ``layer`` (0-based, the output layer last) of a design."""
    network, sizes = setup.network, layer_sizes(setup)
    part, (fan_in, fan_out) = parts_of(network)[layer], sizes[layer : layer + 2]
    entry, spread = initializer_of(part), bias_variance(part.bias, fan_in)
    phi = activation_of(part)
    if entry.by_data:
        std = math.sqrt(max(1.0 - spread, 0.0) / length_map(phi, 1.0, 0.0, 1.0) / fan_in)
    else:
        std = entry.std(fan_in, fan_out, **start_arguments(part, fan_in))
    unfit = unfit_reason(network, layer, fan_in, fan_out)
    way = way_of(part)
    return LayerGain(
        phi,
        "output layer" if layer == len(network.layers) else f"layer {layer + 1}",
        entry.label,
        (fan_in, fan_out),
        std * math.sqrt(gain_fan(part, fan_in, fan_out)),
        std * math.sqrt(fan_in),
        math.sqrt(spread),
        input_square(setup),
        len(network.layers),
        unfit,
        "" if way else _FIXED.get(entry.name, f"{entry.label} has no gain to choose."),
        way,
    )


def unfit_reason(network: NetworkSetup, layer: int, fan_in: int, fan_out: int) -> str:
    """Say why theory does not cover a layer; empty where it does."""
    part = parts_of(network)[layer]
    entry = initializer_of(part)
    covered = _COVERED[coverage(network, layer)]
    if covered:
        return covered
    if isinstance(part, LayerSetup) and part.dropout > 0:
        return "Units of this layer drop out, which the theory of plain layers leaves out."
    if entry.name in DEPENDENT:
        return _UNFIT[entry.name]
    if entry.mean(fan_in, fan_out, **start_arguments(part, fan_in)):
        return "The mean of these weights is not 0: theory knows weights drawn around 0."
    if part.bias.name == "constant" and part.bias.value:
        return "The mean of these biases is not 0: theory knows biases drawn around 0."
    return ""


def way_of(part: Part) -> Way:
    """Return how the initializer of a layer is given a gain."""
    entry = initializer_of(part)
    if entry.name in DEPENDENT:
        return ""
    if "gain" in entry.parameters:
        return "gain"
    if "std" in entry.parameters:
        return "std"
    return "range" if "low" in entry.parameters else ""


def gain_fan(part: Part, fan_in: int, fan_out: int) -> float:
    """Return the fan that the initializer of a layer counts a gain by; fan-in where it has none."""
    entry = initializer_of(part)
    if way_of(part) != "gain":
        return float(fan_in)
    given = start_arguments(part, fan_in)
    given["gain"] = "auto"  # sigma is then the gain of phi over the root of the fan
    return (activation_of(part).gain / entry.std(fan_in, fan_out, **given)) ** 2


def gain_changes(part: Part, fan_in: int, fan_out: int, gain: float) -> dict[str, float | None]:
    """Return what to change in the initializer of a layer so that it has a gain.

    Returns
    -------
    dict
        New values by field of the `InitializerSetup`; empty where it cannot be given one.
    """
    way, entry = way_of(part), initializer_of(part)
    std = gain / math.sqrt(gain_fan(part, fan_in, fan_out))
    given = start_arguments(part, fan_in)
    if way == "gain":
        given["gain"] = None
        value = std / entry.std(fan_in, fan_out, **given)
        return {"gain": None if math.isclose(value, 1.0, rel_tol=1e-9) else value}
    if way == "std":
        given["std"] = 1.0
        whole = entry.std(fan_in, fan_out, **given)
        return {"std": std / whole} if whole > 0 else {}
    if way == "range":
        return {"low": -math.sqrt(3.0) * std, "high": math.sqrt(3.0) * std}
    return {}


def input_square(setup: Setup) -> float:
    """Return the mean square of the training inputs; 1 where there are none to be had."""
    try:
        inputs = make_data(setup.data, setup.training.loss, number_type(setup)).x_train
    except GradStudioError:
        return 1.0
    return float(np.mean(np.square(inputs, dtype=np.float64)))
