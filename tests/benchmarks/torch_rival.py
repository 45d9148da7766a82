"""A training step in PyTorch eager."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from gradstudio import Trainer
from gradstudio.training.evaluation import TRAIN_SAMPLES

torch.set_num_threads(1)

TORCH_ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class TorchRival:
    """The same job in PyTorch eager: same start, batches, update, recorded numbers, evaluations.

    Written to be as fast as eager code gets without losing a recorded number: no modules or
    hooks, gradients of the pre-activations kept by ``retain_grad``, all norms by ``_foreach_norm``,
    the update by one ``_foreach_add_``, which is faster here than ``torch.optim.SGD``, and the norm
    of the update as learning rate times norm of the gradient, which holds for plain SGD.
    """

    def __init__(self, trainer: Trainer) -> None:
        training = trainer.setup.training
        self.activation = TORCH_ACTIVATIONS[trainer.setup.network.layers[0].activation]
        self.binary = training.loss == "binary_cross_entropy"
        self.learning_rate = training.learning_rate
        self.x = torch.from_numpy(np.array(trainer.data.x_train))
        self.y = torch.from_numpy(np.array(trainer.data.y_train))
        if not self.binary:
            self.y = self.y.argmax(dim=1)
        self.batch_size = min(training.batch_size, len(self.x))
        self.weights = [_leaf(w.T) for w in trainer.network.weights]
        self.biases = [_leaf(b) for b in trainer.network.biases]
        self.parameters = self.weights + self.biases
        self.labels = torch.from_numpy(np.array(trainer.data.labels_train))
        self.evaluation_interval = trainer.recording.evaluation_interval
        self.steps_done = 0
        self.accuracy = 0.0
        self.rows: list[NDArray[np.float32]] = []
        self._batches: list[torch.Tensor] = []

    def run(self, steps: int) -> None:
        self.rows = [self.step() for _ in range(steps)]

    def step(self) -> NDArray[np.float32]:
        """Return loss, gradient norm, then four numbers per layer in blocks."""
        if self.steps_done % self.evaluation_interval == 0:
            self.accuracy = self._evaluate()
        self.steps_done += 1
        index = self._next_batch()
        z = self._pre_activations(self.x[index])
        if self.binary:
            loss = functional.binary_cross_entropy_with_logits(z[-1], self.y[index])
        else:
            loss = functional.cross_entropy(z[-1], self.y[index])
        for parameter in self.parameters:
            parameter.grad = None
        loss.backward()
        return self._measure_and_update(z, loss)

    @torch.no_grad()
    def _evaluate(self) -> float:
        """Return the share of training samples that are classified as they should be."""
        a = self.x[:TRAIN_SAMPLES]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            a = self.activation(functional.linear(a, weight, bias))
        z = functional.linear(a, self.weights[-1], self.biases[-1])
        predicted = (z[:, 0] > 0).long() if self.binary else z.argmax(dim=1)
        return (predicted == self.labels[:TRAIN_SAMPLES]).float().mean().item()

    def _pre_activations(self, a: torch.Tensor) -> list[torch.Tensor]:
        z = []
        last = len(self.weights) - 1
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            z.append(functional.linear(a, weight, bias))
            z[-1].retain_grad()
            if index < last:
                a = self.activation(z[-1])
        return z

    @torch.no_grad()
    def _measure_and_update(self, z: list[torch.Tensor], loss: torch.Tensor) -> NDArray[np.float32]:
        grads: list[Any] = [parameter.grad for parameter in self.parameters]
        deltas: list[Any] = [tensor.grad for tensor in z]
        layers = len(z)
        norms = torch.stack(torch._foreach_norm(grads + deltas + self.weights)).numpy()
        torch._foreach_add_(self.parameters, grads, alpha=-self.learning_rate)
        weight_grads = norms[:layers]
        weights = norms[3 * layers :]
        row = np.empty(2 + 4 * layers, np.float32)
        row[0] = loss.item()
        row[1] = math.sqrt(np.dot(norms[: 2 * layers], norms[: 2 * layers]))
        row[2 : 2 + layers] = weight_grads
        row[2 + layers : 2 + 2 * layers] = norms[2 * layers : 3 * layers] * self._rms_factors(z)
        row[2 + 2 * layers : 2 + 3 * layers] = weights
        row[2 + 3 * layers :] = self.learning_rate * weight_grads / weights
        return row

    def _rms_factors(self, z: list[torch.Tensor]) -> NDArray[np.float64]:
        """Factors that turn norms of mean-loss deltas into per-sample root mean squares, (L,)."""
        if not hasattr(self, "_factors"):
            self._factors = np.array([len(t) / math.sqrt(t.numel()) for t in z])
        return self._factors

    def _next_batch(self) -> torch.Tensor:
        if not self._batches:
            order = torch.randperm(len(self.x))
            whole = len(order) // self.batch_size * self.batch_size
            self._batches = list(order[:whole].split(self.batch_size))
        return self._batches.pop()


def _leaf(values: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(np.array(values, order="C")).requires_grad_()
