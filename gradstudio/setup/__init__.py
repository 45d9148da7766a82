"""What the user designs: frozen models, their ranges and help texts, and their file."""

from gradstudio.setup.file import SUFFIX, dumps, loads, read_setup, write_setup
from gradstudio.setup.models import (
    BiasSetup,
    DataSetup,
    Edit,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    OutputSetup,
    ScheduleSetup,
    Setup,
    StopSetup,
    TrainingSetup,
)

__all__ = [
    "SUFFIX",
    "BiasSetup",
    "DataSetup",
    "Edit",
    "InitializerSetup",
    "LayerSetup",
    "NetworkSetup",
    "OutputSetup",
    "ScheduleSetup",
    "Setup",
    "StopSetup",
    "TrainingSetup",
    "dumps",
    "loads",
    "read_setup",
    "write_setup",
]
