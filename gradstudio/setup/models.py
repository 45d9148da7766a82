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
from gradstudio.setup.starts import BiasInitializerName as BiasInitializerName
from gradstudio.setup.starts import BiasSetup as BiasSetup
from gradstudio.setup.starts import InitializerName as InitializerName
from gradstudio.setup.starts import InitializerSetup as InitializerSetup
from gradstudio.setup.training import CAN_BE_OFF as CAN_BE_OFF
from gradstudio.setup.training import EDIT_RANGES as EDIT_RANGES
from gradstudio.setup.training import Edit as Edit
from gradstudio.setup.training import LossName as LossName
from gradstudio.setup.training import OptimizerName as OptimizerName
from gradstudio.setup.training import ScheduleName as ScheduleName
from gradstudio.setup.training import ScheduleSetup as ScheduleSetup
from gradstudio.setup.training import StopSetup as StopSetup
from gradstudio.setup.training import TrainingSetup as TrainingSetup

MAX_HIDDEN_LAYERS: Final = 100
MAX_UNITS: Final = 2048
MAX_SEED: Final = 2**31 - 1

ActivationName = Literal[
    "linear",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "gelu",
    "silu",
    "erf",
    "hard_tanh",
    "lecun_tanh",
]
NormalisationName = Literal["none", "batch", "layer"]
ResidualName = Literal["none", "plain", "scaled", "rezero", "fixup"]
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
    leak: Finite = Field(
        0.01,
        ge=0.0,
        le=1.0,
        title="Leak",
        description="Slope of leaky ReLU where z is below 0: the share of the gradient that a unit "
        "which does not fire still passes back. 0 is ReLU, 1 is linear.",
    )
    initializer: InitializerSetup = InitializerSetup()
    bias: BiasSetup = BiasSetup()
    normalisation: NormalisationName = Field(
        "none",
        title="Normalise",
        description="Keeps the variance of z, so that the size of the weights no longer shrinks or "
        "blows up the gradient. Batch: each unit over the samples; layer: each sample over the "
        "units.",
    )
    residual: ResidualName = Field(
        "none",
        title="Shortcut",
        description="Adds what came in before the branch to what this layer hands on: a path of "
        "factor 1, on which the gradient comes back whole.",
    )
    span: int = Field(
        1,
        ge=1,
        le=MAX_HIDDEN_LAYERS,
        title="Span",
        description="Layers the shortcut goes around; the last one is this. Both ends need the "
        "same number of units.",
        json_schema_extra={"unit": "layers"},
    )
    dropout: Finite = Field(
        0.0,
        ge=0.0,
        le=0.95,
        title="Dropout",
        description="Sets this share of the units to 0, others at each step: noise in the "
        "gradient, but no vanishing. 0: none.",
        json_schema_extra={"unit": "of the units"},
    )

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of the fields that a file leaves out while they have their default."""
        off = ("normalisation", "residual", "dropout")
        leak = () if self.activation == "leaky_relu" else ("leak",)
        span = () if self.residual != "none" else ("span",)
        return (*off, *leak, *span)


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
