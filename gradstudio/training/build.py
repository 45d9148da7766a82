"""From a setup to what is trained: checks, sizes, starting weights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradstudio.data import data_set, losses_for, make_data
from gradstudio.data.catalogue import either
from gradstudio.errors import DataError, SetupError
from gradstudio.nn.initializers import BIAS_INITIALIZERS
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.lsuv import rescale_to_unit_variance
from gradstudio.nn.network import Network
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.nn.structure import fixup_scales
from gradstudio.setup.models import Setup, TrainingSetup
from gradstudio.training.checks import check_batch, check_structure
from gradstudio.training.cost import parameter_count
from gradstudio.training.start import (
    bias_arguments,
    initializer_of,
    parts_of,
    start_arguments,
)
from gradstudio.training.structure import phi_of, structures_of

MAX_PARAMETERS: Final = 50_000_000
MAX_BYTES: Final = 2 * 2**30
"""Memory that parameters, gradients, optimizer and one batch may take together."""
SCALING_SAMPLES: Final = 256
"""Training samples, from the first on, that scale the weights of an initializer by data."""


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
            f"{either(fitting)} would",
            "training.loss",
        )
    sizes = layer_sizes(setup)
    check_structure(setup, sizes)
    parameters = parameter_count(sizes, structures_of(setup.network))
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
    check_batch(setup)


def setup_problem(setup: Setup) -> SetupError | None:
    """Return why the parts of a setup do not fit each other; None where they do."""
    try:
        check_setup(setup)
    except SetupError as error:
        return error
    return None


def memory_bytes(setup: Setup) -> int:
    """Memory that training a setup takes, without data and recording, to within some percent."""
    sizes, structures = layer_sizes(setup), structures_of(setup.network)
    training = setup.training
    buffers = OPTIMIZERS[training.optimizer].buffers
    if training.weight_decay or training.clip_value:
        buffers = max(buffers, 1)  # plain SGD then needs one for its direction
    parameters = parameter_count(sizes, structures) * (2 + buffers)
    samples = data_set(setup.data.name).samples or setup.data.samples
    batch = max(1, min(training.batch_size, round(samples * (1 - setup.data.test_share))))
    buffers = 4 * batch * sum(sizes[1:])  # z, a, slope and delta
    for units, structure in zip(sizes[1:-1], structures, strict=True):
        # u, z without its mean, scratch; the branch and dL/dout; activations and mask
        kept = 3 * structure.has_norm + 2 * structure.has_shortcut + 3 * (structure.dropout > 0)
        buffers += kept * batch * units
    return (parameters + buffers) * number_type(setup).itemsize


def number_type(setup: Setup) -> np.dtype[np.floating[Any]]:
    """Type of the numbers of a setup in memory; half precision is kept in single precision."""
    return np.dtype(np.float64 if setup.training.precision == "float64" else np.float32)


def layer_sizes(setup: Setup) -> tuple[int, ...]:
    """Units of the input, of each hidden layer and of the output."""
    entry = data_set(setup.data.name)
    shares_one = entry.classes == 2 and LOSSES[setup.training.loss].has_one_output
    outputs = 1 if entry.classes is None or shares_one else entry.classes
    units = (layer.units for layer in setup.network.layers)
    return (entry.features, *units, outputs)


def initial_weights(setup: Setup, layer: int) -> NDArray[np.float64]:
    """Weights that layer index `layer` (0-based, the output layer last) starts from.

    Each layer has a random stream of its own, so that one layer can be drawn without the others
    and an edit of one layer leaves the others as they are. Only weights that are scaled by the
    data follow the layers before them. Those in Fixup branches are as small as Fixup makes them.

    Returns
    -------
    ndarray
        float64, (fan_in, fan_out); the network holds them in its own precision.
    """
    W = _drawn_weights(setup, layer)
    if initializer_of(parts_of(setup.network)[layer]).by_data:
        W *= _data_factors(_what_scales(setup)).get(layer, 1.0)
    return W * fixup_scales(structures_of(setup.network)).get(layer, 1.0)


def initial_biases(setup: Setup, layer: int) -> NDArray[np.float64]:
    """Biases that layer index `layer` starts from, float64, (units,)."""
    bias = parts_of(setup.network)[layer].bias
    rng = np.random.default_rng([setup.network.seed, 2, layer])
    fan_in, units = layer_sizes(setup)[layer : layer + 2]
    return BIAS_INITIALIZERS[bias.name].sample(
        units, fan_in=fan_in, rng=rng, **bias_arguments(bias)
    )


def build_network(setup: Setup) -> Network:
    """Make the network of a setup, with its starting weights."""
    net = _empty_network(setup, setup.training.precision)
    for layer in range(net.layer_count):
        net.weights[layer][...] = initial_weights(setup, layer)
        net.biases[layer][...] = initial_biases(setup, layer)
    net.round()
    return net


def _empty_network(setup: Setup, dtype: DTypeLike) -> Network:
    return Network(
        layer_sizes(setup),
        [phi_of(layer) for layer in setup.network.layers],
        loss=setup.training.loss,
        dtype=dtype,
        structure=structures_of(setup.network),
    )


def _drawn_weights(setup: Setup, layer: int) -> NDArray[np.float64]:
    part = parts_of(setup.network)[layer]
    fan_in, fan_out = layer_sizes(setup)[layer : layer + 2]
    rng = np.random.default_rng([setup.network.seed, 0, layer])
    return initializer_of(part).sample((fan_in, fan_out), rng=rng, **start_arguments(part, fan_in))


def _what_scales(setup: Setup) -> Setup:
    """Return the setup without what the scaling by data does not depend on."""
    return Setup(
        data=setup.data, network=setup.network, training=TrainingSetup(loss=setup.training.loss)
    )


@lru_cache(maxsize=8)
def _data_factors(setup: Setup) -> Mapping[int, float]:
    """By which factor each layer scales what it has drawn; in double precision for any setup."""
    shrunk = fixup_scales(structures_of(setup.network))
    parts = enumerate(parts_of(setup.network))
    layers = [i for i, part in parts if initializer_of(part).by_data and i not in shrunk]
    try:
        check_structure(setup, layer_sizes(setup))
        data = make_data(setup.data, setup.training.loss)
    except (DataError, SetupError):  # then there is no training either, and the trainer says why
        return {}
    net = _empty_network(setup, np.float64)
    for layer in range(max(layers, default=-1) + 1):
        net.weights[layer][...] = _drawn_weights(setup, layer) * shrunk.get(layer, 1.0)
        net.biases[layer][...] = initial_biases(setup, layer)
    return rescale_to_unit_variance(net, data.x_train[:SCALING_SAMPLES], layers)
