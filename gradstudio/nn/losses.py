"""The table of losses: one entry feeds the combo box, the file, the training step and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gradstudio.nn.cross_entropies import BinaryCrossEntropy, SoftmaxCrossEntropy
from gradstudio.nn.distances import (
    HalfSquaredError,
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    SigmoidSquaredError,
)
from gradstudio.nn.loss import Loss as Loss
from gradstudio.nn.loss import Mean as Mean

LOSSES: Final[Mapping[str, Loss]] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            SoftmaxCrossEntropy(),
            BinaryCrossEntropy(),
            SigmoidSquaredError(),
            MeanSquaredError(),
            HalfSquaredError(),
            MeanAbsoluteError(),
            Huber(),
        )
    }
)
