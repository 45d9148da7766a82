"""Pictures of a recording: one builder each, without Qt."""

from gradstudio.export.figures.chain import chain_figure
from gradstudio.export.figures.decision import decision_figure
from gradstudio.export.figures.depth import depth_figure
from gradstudio.export.figures.diagram import diagram_figure
from gradstudio.export.figures.distributions import distributions_figure, layer_figure
from gradstudio.export.figures.gain_lab import gain_lab_figure
from gradstudio.export.figures.gradient import gradient_figure
from gradstudio.export.figures.histogram import histogram_figure
from gradstudio.export.figures.loss import loss_figure
from gradstudio.export.figures.seismograph import seismograph_figure

__all__ = [
    "chain_figure",
    "decision_figure",
    "depth_figure",
    "diagram_figure",
    "distributions_figure",
    "gain_lab_figure",
    "gradient_figure",
    "histogram_figure",
    "layer_figure",
    "loss_figure",
    "seismograph_figure",
]
