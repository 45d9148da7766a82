"""The mathematics of a dense network: NumPy and BLAS; no file, thread or hidden randomness."""

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.network import Network
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.nn.structure import LayerStructure

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "LayerStructure",
    "Network",
]
