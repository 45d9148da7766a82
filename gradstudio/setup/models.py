"""The frozen models of a setup: fields with their names, units, ranges and help texts.

Every field carries what a form, a file and a message need: ``title`` (label), ``description``
(one line that says what the field does to the gradient), bounds, and in ``json_schema_extra``
its ``unit`` and whether it is ``live`` (takes effect in a running run, at the next step).
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from gradstudio.setup.model import Finite
from gradstudio.setup.model import Model as Model
from gradstudio.setup.starts import BiasSetup as BiasSetup
from gradstudio.setup.starts import InitializerSetup as InitializerSetup
from gradstudio.setup.training import EDIT_RANGES as EDIT_RANGES
from gradstudio.setup.training import Edit as Edit
from gradstudio.setup.training import LossName as LossName
from gradstudio.setup.training import OptimizerName as OptimizerName
from gradstudio.setup.training import StopSetup as StopSetup
from gradstudio.setup.training import TrainingSetup as TrainingSetup

MAX_HIDDEN_LAYERS: Final = 100
MAX_UNITS: Final = 2048
MAX_SEED: Final = 2**31 - 1

ActivationName = Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu"]
DataName = Literal[
    "spirals",
    "circles",
    "moons",
    "xor",
    "blobs",
    "sine",
    "iris",
    "wine",
    "breast_cancer",
    "diabetes",
    "digits",
    "mnist5k",
]


class LayerSetup(Model):
    """One hidden layer."""

    units: int = Field(
        16,
        ge=1,
        le=MAX_UNITS,
        title="Units",
        description="More units: less noise in the gradient, not more of it.",
        json_schema_extra={"unit": "units"},
    )
    activation: ActivationName = Field(
        "tanh",
        title="Activation φ",
        description="φ′ multiplies the gradient once per layer.",
    )
    initializer: InitializerSetup = InitializerSetup()
    bias: BiasSetup = BiasSetup()


class OutputSetup(Model):
    """The output layer: its size follows the data, its activation the loss."""

    initializer: InitializerSetup = InitializerSetup()
    bias: BiasSetup = BiasSetup()


class NetworkSetup(Model):
    """The layers, from the input towards the output."""

    layers: tuple[LayerSetup, ...] = Field(
        (LayerSetup(), LayerSetup()),
        min_length=1,
        max_length=MAX_HIDDEN_LAYERS,
        title="Hidden layers",
    )
    output: OutputSetup = OutputSetup()
    seed: int = Field(
        11,
        ge=0,
        le=MAX_SEED,
        title="Seed",
        description="Same seed, same starting weights, same order of samples, same run.",
    )


class DataSetup(Model):
    """The task."""

    name: DataName = Field(
        "spirals",
        title="Set",
        description="What the network has to learn. Hard sets need a signal in layer 1.",
    )
    samples: int = Field(
        500,
        ge=50,
        le=20_000,
        title="Samples",
        description="More points: less noise in the mean gradient. Made-up sets only.",
    )
    noise: Finite = Field(
        0.05,
        ge=0.0,
        le=0.5,
        title="Noise",
        description="Noise raises the loss floor, not the gradient. Made-up sets only.",
        json_schema_extra={"unit": "share of the radius"},
    )
    test_share: Finite = Field(
        0.25,
        ge=0.0,
        le=0.8,
        title="Test share",
        description="Samples the gradient never sees.",
    )
    standardise: bool = Field(
        True,
        title="Standardise",
        description="Mean 0 and deviation 1 per input. Large inputs make large gradients in "
        "layer 1 and saturate units.",
    )
    seed: int = Field(
        7, ge=0, le=MAX_SEED, title="Data seed", description="Another draw of the same task."
    )


class Setup(Model):
    """Everything needed to repeat a run."""

    name: str = Field("Untitled", min_length=1, max_length=120, title="Name")
    notes: str = Field("", max_length=4000, title="Notes")
    data: DataSetup = DataSetup()
    network: NetworkSetup = NetworkSetup()
    training: TrainingSetup = TrainingSetup()
