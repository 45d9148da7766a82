"""Which meter measures a network."""

from __future__ import annotations

from gradstudio.nn.network import Network
from gradstudio.nn.optimizers import CHUNK, Optimizer
from gradstudio.nn.plan import Plan
from gradstudio.training.large_meter import LargeMeter
from gradstudio.training.meter import Meter
from gradstudio.training.record import RowLayout
from gradstudio.training.small_meter import SmallMeter
from gradstudio.training.tiny_meter import TinyMeter


def make_meter(net: Network, plan: Plan, optimizer: Optimizer, layout: RowLayout) -> Meter:
    """Return the meter that suits a network; half precision is rounded behind its back."""
    if TinyMeter.suits(net, plan):
        return TinyMeter(net, plan, optimizer, layout)
    is_small = net.parameter_count <= CHUNK or net.is_half
    return (SmallMeter if is_small else LargeMeter)(net, plan, optimizer, layout)
