"""What the hidden layers of a setup are to the network: activation, normalisation, shortcut."""

from __future__ import annotations

from gradstudio.nn.activations import ACTIVATIONS, Activation, leaky_relu
from gradstudio.nn.structure import LayerStructure
from gradstudio.setup.models import LayerSetup, NetworkSetup


def phi_of(layer: LayerSetup) -> Activation:
    """Return the activation of a hidden layer, a leaky ReLU with the leak it has."""
    if layer.activation == "leaky_relu":
        return leaky_relu(layer.leak)
    return ACTIVATIONS[layer.activation]


def structure_of(layer: LayerSetup) -> LayerStructure:
    """Return what a hidden layer has beside its weights."""
    return LayerStructure(layer.normalisation, layer.residual, layer.span, layer.dropout)


def structures_of(network: NetworkSetup) -> tuple[LayerStructure, ...]:
    """Return what each hidden layer has beside its weights."""
    return tuple(structure_of(layer) for layer in network.layers)


def branch_of(network: NetworkSetup, layer: int) -> int | None:
    """Return the hidden layer, 0-based, at whose end the branch that holds ``layer`` is added.

    The first such layer; None where the layer is in no branch.
    """
    ends = enumerate(network.layers[layer:], layer)
    return next((i for i, end in ends if end.residual != "none" and i - end.span < layer), None)


def closed_layers(network: NetworkSetup) -> frozenset[int]:
    """Hidden layers, 0-based, that get a gradient of exactly 0 at step 0, as they are meant to.

    The branches of ReZero start at the factor 0, so nothing comes back into them; those of Fixup
    end in weights of 0, so nothing comes back to the layers before.
    """
    closed: set[int] = set()
    for end, layer in enumerate(network.layers):
        begin = max(end - layer.span + 1, 0)
        if layer.residual == "rezero":
            closed.update(range(begin, end + 1))
        elif layer.residual == "fixup":
            closed.update(range(begin, end))
    return frozenset(closed)
