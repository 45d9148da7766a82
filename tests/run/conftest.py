"""A runner that is always shut down, and small setups of every kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradstudio.run.runner import Runner
from gradstudio.setup.models import (
    DataSetup,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    OutputSetup,
    Setup,
    StopSetup,
    TrainingSetup,
)

TIMEOUT = 10.0
"""Seconds after which a wait that should end at once has failed."""


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    assert made.shut_down(TIMEOUT)


def small(**training: object) -> Setup:
    """A network that takes microseconds per step; 4 steps per epoch."""
    layer = LayerSetup(units=4)
    return Setup(
        data=DataSetup(name="xor", samples=50, test_share=0.2),
        network=NetworkSetup(layers=(layer, layer)),
        training=TrainingSetup.model_validate({"batch_size": 10, **training}),
    )


def finishing(steps: int) -> Setup:
    """The small setup with a stop rule."""
    return small(stop=StopSetup(steps=steps))


def diverging() -> Setup:
    """A setup that is not finite after a few steps."""
    wild = InitializerSetup(name="normal", std=10.0)
    layer = LayerSetup(units=16, activation="relu", initializer=wild)
    network = NetworkSetup(layers=(layer,) * 12, output=OutputSetup(initializer=wild))
    return small(learning_rate=10.0).model_copy(update={"network": network})


def impossible() -> Setup:
    """A setup that fits its own ranges but cannot be built: a regression with classes."""
    setup = small(loss="softmax_cross_entropy")
    return setup.model_copy(update={"data": DataSetup(name="sine")})
