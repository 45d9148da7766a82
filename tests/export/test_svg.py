from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import MakeRun
from numpy.testing import assert_allclose

from gradstudio.export.figure import (
    Axis,
    Curve,
    EndLabel,
    Figure,
    Mark,
    OffScale,
    Picture,
    Points,
    Rule,
    Text,
)
from gradstudio.export.figures import depth_figure, gradient_figure, loss_figure
from gradstudio.export.svg import to_svg
from gradstudio.export.words import width

sys.path.insert(0, str(Path(__file__).parent))
