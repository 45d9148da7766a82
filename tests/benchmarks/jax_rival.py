"""A training step in JAX: one compiled function of the parameters and the place in the data."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradstudio import Trainer
from gradstudio.training.evaluation import TRAIN_SAMPLES

# JAX reads these when it is imported: one thread, as everybody else has here
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
from jax import lax
from jax import numpy as jnp

jax.config.update("jax_cpu_enable_async_dispatch", False)  # every step is waited for anyway

FLAT_LAYERS = 3
"""Layers up to which all parameters in one array are faster: 21 microseconds a step of 2-4-2-1,
not 26; with six layers the copies cost more than the arguments, 110 microseconds, not 52."""

Values: TypeAlias = list[jax.Array]
Layers: TypeAlias = tuple[Values, Values]
"""Weights and biases."""


def _tanh_slope(a: jax.Array) -> jax.Array:
    return 1.0 - a * a


def _relu_slope(a: jax.Array) -> jax.Array:
    return (a > 0).astype(a.dtype)


ACTIVATIONS: dict[str, tuple[Callable[..., jax.Array], Callable[..., jax.Array]]] = {
    "tanh": (jnp.tanh, _tanh_slope),
    "relu": (jax.nn.relu, _relu_slope),
}


class JaxRival:
    """The same job in JAX: same start, update, recorded numbers, evaluations.

    Written to be as fast as one compiled call per step gets: the parameters are donated, the
    order of a pass and the place in it stay on the device, so that a step hands nothing over and
    takes back one row; the deltas come from the formulas, which is as fast as gradients of
    offsets or faster; sums of squares, not ``vdot``, can be fused with the update.
    """

    def __init__(self, trainer: Trainer) -> None:
        training, network = trainer.setup.training, trainer.network
        self.activation, self.slope = ACTIVATIONS[trainer.setup.network.layers[0].activation]
        self.binary = training.loss == "binary_cross_entropy"
        self.learning_rate = training.learning_rate
        self.x = jnp.array(trainer.data.x_train)
        labels = np.array(trainer.data.labels_train)
        y = np.array(trainer.data.y_train) if self.binary else labels.astype(np.int32)
        self.y, self.labels = jnp.array(y), jnp.array(labels[:TRAIN_SAMPLES])
        self.batch_size = min(training.batch_size, len(self.x))
        self.shapes = [w.shape for w in network.weights]
        start = ([jnp.array(w) for w in network.weights], [jnp.array(b) for b in network.biases])
        self.is_flat = network.layer_count <= FLAT_LAYERS
        self.parameters: Any = _joined(start) if self.is_flat else start
        self.evaluation_interval = trainer.recording.evaluation_interval
        self.steps_done = self.steps_left = 0
        self.accuracy = 0.0
        self.rows: list[NDArray[np.float32]] = []
        self.rng = np.random.default_rng(0)
        self._step = jax.jit(self._trace, donate_argnums=(0, 2))
        self._accuracy = jax.jit(self._trace_accuracy)

    def run(self, steps: int) -> None:
        self.rows = [self.step() for _ in range(steps)]

    def step(self) -> NDArray[np.float32]:
        """Return loss, gradient norm, then four numbers per layer in blocks."""
        if self.steps_done % self.evaluation_interval == 0:
            self.accuracy = float(self._accuracy(self.parameters))
        if not self.steps_left:
            self.order = jnp.array(self.rng.permutation(len(self.x)).astype(np.int32))
            self.index = jnp.int32(0)
            self.steps_left = len(self.x) // self.batch_size
        self.steps_done += 1
        self.steps_left -= 1
        self.parameters, self.index, row = self._step(self.parameters, self.order, self.index)
        return np.asarray(row)

    # -- what is compiled --------------------------------------------------------------------

    def _trace(
        self, parameters: Any, order: jax.Array, index: jax.Array
    ) -> tuple[Any, jax.Array, jax.Array]:
        chosen = lax.dynamic_slice(order, (index * self.batch_size,), (self.batch_size,))
        weights, biases = self._layers(parameters)
        a = self._activations(self.x[chosen], weights, biases)
        loss, delta = jax.value_and_grad(self._loss)(a.pop(), self.y[chosen])
        deltas = [delta]
        for w, before in zip(weights[:0:-1], a[:0:-1], strict=True):
            deltas.insert(0, (deltas[0] @ w.T) * self.slope(before))
        gradients = (
            [before.T @ delta for before, delta in zip(a, deltas, strict=True)],
            [delta.sum(axis=0) for delta in deltas],
        )
        row = self._row(loss, weights, deltas, gradients)
        if self.is_flat:
            return parameters - self.learning_rate * _joined(gradients), index + 1, row
        descend = partial(jax.tree.map, lambda p, g: p - self.learning_rate * g)
        return descend((weights, biases), gradients), index + 1, row

    def _trace_accuracy(self, parameters: Any) -> jax.Array:
        """Return the share of training samples that are classified as they should be."""
        z = self._activations(self.x[:TRAIN_SAMPLES], *self._layers(parameters))[-1]
        predicted = z[:, 0] > 0 if self.binary else z.argmax(axis=1)
        return (predicted == self.labels).mean()

    def _activations(self, x: jax.Array, weights: Values, biases: Values) -> Values:
        """Return what each layer gets, and at the end the pre-activations of the last one."""
        a = [x]
        for w, b in zip(weights, biases, strict=True):
            a.append(a[-1] @ w + b)
            if w is not weights[-1]:
                a[-1] = self.activation(a[-1])
        return a

    def _loss(self, z: jax.Array, y: jax.Array) -> jax.Array:
        if self.binary:
            return jax.nn.softplus((1.0 - 2.0 * y) * z).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1).mean()

    def _row(
        self, loss: jax.Array, weights: Values, deltas: Values, gradients: Layers
    ) -> jax.Array:
        weight_grads = _squares(gradients[0])
        total = weight_grads.sum() + _squares(gradients[1]).sum()
        # from the mean loss of a batch to root mean squares per sample
        units = np.array([delta.shape[1] for delta in deltas], np.float32)
        delta_squares = _squares(deltas) * (self.batch_size / units)
        squares = [total[None], weight_grads, delta_squares, _squares(weights)]
        norms = jnp.sqrt(jnp.concatenate(squares))
        count = len(weights)
        ratio = self.learning_rate * norms[1 : 1 + count] / norms[-count:]
        return jnp.concatenate([loss[None], norms, ratio])

    def _layers(self, parameters: Any) -> Layers:
        if not self.is_flat:
            return parameters
        sizes = [*(int(np.prod(s)) for s in self.shapes), *(units for _, units in self.shapes)]
        parts = jnp.split(parameters, np.cumsum(sizes[:-1]))
        count = len(self.shapes)
        weights = [part.reshape(s) for part, s in zip(parts[:count], self.shapes, strict=True)]
        return weights, parts[count:]


def _squares(arrays: Values) -> jax.Array:
    return jnp.stack([jnp.sum(array * array) for array in arrays])


def _joined(layers: Layers) -> jax.Array:
    weights, biases = layers
    return jnp.concatenate([*(w.ravel() for w in weights), *biases])
