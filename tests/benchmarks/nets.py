"""The networks whose speed is measured."""

from __future__ import annotations

from dataclasses import dataclass

from gradstudio.setup.models import (
    ActivationName,
    DataName,
    DataSetup,
    InitializerSetup,
    LayerSetup,
    LossName,
    NetworkSetup,
    OutputSetup,
    Setup,
    TrainingSetup,
)


@dataclass(frozen=True)
class Net:
    """One network and the task that has its input and output size."""

    name: str
    data: DataName
    hidden: tuple[int, ...]
    batch_size: int

    @property
    def activation(self) -> ActivationName:
        """The usual choice: tanh for small nets in the plane, ReLU for pictures."""
        return "tanh" if self.data == "moons" else "relu"

    def setup(self) -> Setup:
        """Return the whole setup: plain SGD, float32, no test set."""
        loss: LossName = "binary_cross_entropy" if self.data == "moons" else "softmax_cross_entropy"
        start = InitializerSetup(name="xavier_normal" if self.activation == "tanh" else "he_normal")
        layers = tuple(
            LayerSetup(units=units, activation=self.activation, initializer=start)
            for units in self.hidden
        )
        return Setup(
            name=self.name,
            data=DataSetup(name=self.data, samples=2000, test_share=0.0),
            network=NetworkSetup(layers=layers, output=OutputSetup(initializer=start)),
            training=TrainingSetup(loss=loss, learning_rate=0.01, batch_size=self.batch_size),
        )


@dataclass(frozen=True)
class Goal:
    """A network with the floor it must reach and the aims it should.

    Attributes
    ----------
    floor, aim
        Least and wanted speed in multiples of PyTorch eager doing the same job.
    jax_aim
        Wanted speed in multiples of JAX; None where there is no aim.
    product_aim
        Wanted share of a step that is spent in matrix products; None where there is no aim.
    """

    net: Net
    floor: float
    aim: float
    jax_aim: float | None = None
    product_aim: float | None = None


TINY = Net("2-4-2-1", "moons", (4, 2), 10)
SMALL = Net("2-8x6-1", "moons", (8,) * 6, 10)
DIGITS = Net("64-128x5-10", "digits", (128,) * 5, 64)
PICTURES = Net("784-256x3-10", "mnist5k", (256,) * 3, 128)
LARGE = Net("784-1000x5-10", "mnist5k", (1000,) * 5, 10)
TEN_LAYERS = Net("64-128x10-10", "digits", (128,) * 10, 64)


def deep(layers: int) -> Net:
    """Return a network of many layers of 32 units."""
    return Net(f"2-32x{layers}-1", "moons", (32,) * layers, 64)


def wide(units: int) -> Net:
    """Return a network of three wide layers."""
    return Net(f"64-{units}x3-10", "digits", (units,) * 3, 32)


GOALS = (
    Goal(TINY, floor=5.0, aim=8.0, jax_aim=1.0),
    Goal(SMALL, floor=4.5, aim=6.0, jax_aim=1.0),
    Goal(deep(30), floor=3.0, aim=4.0, jax_aim=1.0),
    Goal(DIGITS, floor=1.3, aim=1.6, jax_aim=1.0),
    Goal(PICTURES, floor=1.3, aim=1.6, product_aim=0.85),
    Goal(LARGE, floor=1.0, aim=1.2, product_aim=0.8),
)
