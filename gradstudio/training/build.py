"""From a setup to what is trained: checks, sizes, starting weights."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.data import data_set, losses_for
from gradstudio.errors import SetupError
from gradstudio.nn.initializers import BIAS_INITIALIZERS, INITIALIZERS
from gradstudio.nn.network import Network
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.setup.models import BiasSetup, InitializerSetup, LayerSetup, OutputSetup, Setup
from gradstudio.training.cost import parameter_count

MAX_PARAMETERS: Final = 50_000_000
MAX_BYTES: Final = 2 * 2**30
"""Memory that parameters, gradients, optimizer and one batch may take together."""


def check_setup(setup: Setup) -> None:
    """Refuse a setup whose parts do not fit each other.

    Raises
    ------
    SetupError
        With the path of the field, what is wrong and what would be right.
    """
    fitting = losses_for(setup.data.name)
    if setup.training.loss not in fitting:
        entry = data_set(setup.data.name)
        raise SetupError(
            f"'{setup.training.loss}' does not fit {entry.label} ({entry.kind}): "
            f"{' or '.join(fitting)} would",
            "training.loss",
        )
    parameters = parameter_count(layer_sizes(setup))
    if parameters > MAX_PARAMETERS:
        raise SetupError(
            f"{parameters:,} parameters are above {MAX_PARAMETERS:,}: fewer or smaller layers "
            "are needed",
            "network.layers",
        )
    needed = memory_bytes(setup)
    if needed > MAX_BYTES:
        raise SetupError(
            f"{needed / 2**30:.1f} GB of memory are above {MAX_BYTES / 2**30:.0f} GB: smaller "
            "layers or batches are needed",
            "network.layers",
        )


def memory_bytes(setup: Setup) -> int:
    """Memory that training a setup takes, without data and recording, to within some percent."""
    sizes = layer_sizes(setup)
    training = setup.training
    parameters = parameter_count(sizes) * (2 + OPTIMIZERS[training.optimizer].buffers)
    samples = data_set(setup.data.name).samples or setup.data.samples
    batch = max(1, min(training.batch_size, round(samples * (1 - setup.data.test_share))))
    buffers = 4 * batch * sum(sizes[1:])  # z, a, slope and delta
    return (parameters + buffers) * np.dtype(training.precision).itemsize


def layer_sizes(setup: Setup) -> tuple[int, ...]:
    """Units of the input, of each hidden layer and of the output."""
    entry = data_set(setup.data.name)
    if entry.classes is None or setup.training.loss == "binary_cross_entropy":
        outputs = 1
    else:
        outputs = entry.classes
    units = (layer.units for layer in setup.network.layers)
    return (entry.features, *units, outputs)


def initial_weights(setup: Setup, layer: int) -> NDArray[np.float64]:
    """Weights that layer index `layer` (0-based, the output layer last) starts from.

    Each layer has a random stream of its own, so that one layer can be drawn without the others
    and an edit of one layer leaves the others as they are.

    Returns
    -------
    ndarray
        float64, (fan_in, fan_out); the network holds them in its own precision.
    """
    sizes = layer_sizes(setup)
    part = _parts(setup)[layer]
    rng = np.random.default_rng([setup.network.seed, 0, layer])
    return INITIALIZERS[part.initializer.name].sample(
        (sizes[layer], sizes[layer + 1]), rng=rng, **initializer_parameters(part.initializer)
    )


def initial_biases(setup: Setup, layer: int) -> NDArray[np.float64]:
    """Biases that layer index `layer` starts from, float64, (units,)."""
    bias = _parts(setup)[layer].bias
    rng = np.random.default_rng([setup.network.seed, 2, layer])
    chosen = BIAS_INITIALIZERS[bias.name]
    return chosen.sample(layer_sizes(setup)[layer + 1], rng=rng, **_bias_parameters(bias))


def initializer_parameters(setup: InitializerSetup) -> dict[str, float]:
    """The parameters that an initializer uses, by name."""
    return {name: getattr(setup, name) for name in INITIALIZERS[setup.name].parameters}


def build_network(setup: Setup) -> Network:
    """Make the network of a setup, with its starting weights."""
    net = Network(
        layer_sizes(setup),
        [layer.activation for layer in setup.network.layers],
        loss=setup.training.loss,
        dtype=np.dtype(setup.training.precision),
    )
    for layer in range(net.layer_count):
        net.weights[layer][...] = initial_weights(setup, layer)
        net.biases[layer][...] = initial_biases(setup, layer)
    return net


def _parts(setup: Setup) -> tuple[LayerSetup | OutputSetup, ...]:
    return (*setup.network.layers, setup.network.output)


def _bias_parameters(bias: BiasSetup) -> dict[str, float]:
    return {name: getattr(bias, name) for name in BIAS_INITIALIZERS[bias.name].parameters}
