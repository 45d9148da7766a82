"""What the initializers of a layer are given: the numbers chosen, and the layer around them."""

from __future__ import annotations

from typing import cast

from gradstudio.nn.activations import ACTIVATIONS, Activation
from gradstudio.nn.biases import BIAS_INITIALIZERS, BiasArguments
from gradstudio.nn.initializer import Arguments
from gradstudio.nn.initializers import INITIALIZERS, Initializer
from gradstudio.setup.models import BiasSetup, LayerSetup, NetworkSetup, OutputSetup
from gradstudio.training.structure import phi_of

Part = LayerSetup | OutputSetup


def parts_of(network: NetworkSetup) -> tuple[Part, ...]:
    """Return the hidden layers and, behind them, the output layer."""
    return (*network.layers, network.output)


def is_scaled_by_data(network: NetworkSetup) -> bool:
    """Whether the starting weights of any layer depend on the training data."""
    return any(initializer_of(part).by_data for part in parts_of(network))


def initializer_of(part: Part) -> Initializer:
    """Return the entry in the table that draws the weights of a layer."""
    return INITIALIZERS[part.initializer.name]


def activation_of(part: Part) -> Activation:
    """Return the activation of a layer; the linear one for the output layer."""
    return phi_of(part) if isinstance(part, LayerSetup) else ACTIVATIONS["linear"]


def start_arguments(part: Part, fan_in: int) -> Arguments:
    """Return what the initializer of a layer is given beside the fans."""
    given: dict[str, object] = {
        name: getattr(part.initializer, name) for name in part.initializer.parameters
    }
    given |= {"activation": activation_of(part), "bias_variance": bias_variance(part.bias, fan_in)}
    return cast(Arguments, given)


def bias_arguments(bias: BiasSetup) -> BiasArguments:
    """Return what the initializer of the biases of a layer is given."""
    return cast(BiasArguments, {name: getattr(bias, name) for name in bias.parameters})


def bias_variance(bias: BiasSetup, fan_in: int) -> float:
    """Return sigma_b^2, the variance of one bias of a layer with ``fan_in`` inputs."""
    return BIAS_INITIALIZERS[bias.name].variance(fan_in, **bias_arguments(bias))
