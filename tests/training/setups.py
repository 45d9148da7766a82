"""Small setups of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradstudio.setup.models import (
    DataSetup,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    OutputSetup,
    Setup,
    TrainingSetup,
)


def small(
    units: tuple[int, ...] = (5, 5, 3),
    *,
    data: str = "xor",
    activation: str = "tanh",
    initializer: str = "xavier_normal",
    output: str = "xavier_normal",
    seed: int = 11,
    structure: Mapping[str, Any] | None = None,
    **training: Any,
) -> Setup:
    """Eight steps per epoch of five samples, if nothing else is asked for.

    ``structure`` holds fields of the hidden layers from the second on.
    """
    start = InitializerSetup(name=initializer, std=10.0)
    layers = tuple(LayerSetup(units=n, activation=activation, initializer=start) for n in units)
    layers = (layers[0], *(layer.model_copy(update=structure or {}) for layer in layers[1:]))
    return Setup(
        data=DataSetup(name=data, samples=53, test_share=0.2),
        network=NetworkSetup(
            layers=layers, output=OutputSetup(initializer=InitializerSetup(name=output)), seed=seed
        ),
        training=TrainingSetup.model_validate({"batch_size": 5, **training}),
    )


def diverging() -> Setup:
    """Weights explode until a product overflows."""
    return small(
        (16,) * 6, activation="linear", initializer="normal", loss="mse", learning_rate=10.0
    )
