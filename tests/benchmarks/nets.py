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
    """One network, the task that has its input and output size, and the floor it must reach."""

    name: str
    data: DataName
    hidden: tuple[int, ...]
    batch_size: int
    floor: float
    """Least speed in multiples of PyTorch eager doing the same job."""

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


NETS = (
    Net("2-4-2-1", "moons", (4, 2), 10, 5.0),
    Net("2-8x6-1", "moons", (8,) * 6, 10, 4.5),
    Net("2-32x30-1", "moons", (32,) * 30, 64, 3.0),
    Net("64-128x5-10", "digits", (128,) * 5, 64, 1.3),
    Net("784-256x3-10", "mnist5k", (256,) * 3, 128, 1.3),
    Net("784-1000x5-10", "mnist5k", (1000,) * 5, 10, 1.0),
)
