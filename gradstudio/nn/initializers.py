"""The table of initializers: how weights start.

One entry feeds the combo box, the file, the message and the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gradstudio.nn.biases import BIAS_INITIALIZERS, BiasInitializer
from gradstudio.nn.by_hand import AllPositive, Fixed, OfStd, Uniform
from gradstudio.nn.distributions import SpreadName
from gradstudio.nn.initializer import Group, Initializer, Mode
from gradstudio.nn.matrices import IdenticalUnits, Identity, Lsuv, Orthogonal, Sparse
from gradstudio.nn.scaled import Critical, Scaled
from gradstudio.nn.twins import TWINS

__all__ = ["BIAS_INITIALIZERS", "INITIALIZERS", "BiasInitializer", "Initializer"]

_FANS: Final[Group] = "Scaled to the fans"
_DEPTH: Final[Group] = "Made for depth"
_HAND: Final[Group] = "By hand"
_BAD: Final[Group] = "Bad on purpose"


def _scaled(
    name: str,
    label: str,
    formula: str,
    use_when: str,
    source: str,
    *,
    scale: float,
    mode: Mode | None = "fan_in",
    parameters: tuple[str, ...] = ("gain",),
    group: Group = _FANS,
) -> Scaled:
    """Return normal weights of variance ``scale`` / fan, or uniform ones where the name says so."""
    spread: SpreadName = "uniform" if "uniform" in name else "normal"
    return Scaled(
        name,
        label,
        group,
        formula,
        use_when,
        source,
        TWINS.get(name, ()),
        parameters,
        scale=scale,
        mode=mode,
        spread=spread,
    )


_SCALED: Final[tuple[Initializer, ...]] = (
    _scaled(
        "uniform_fan_in",
        "Uniform ±1/√in",
        r"w\sim U\left[-\frac{1}{\sqrt{n_{in}}},\frac{1}{\sqrt{n_{in}}}\right]",
        "A third of the variance that keeps a linear layer level: shallow nets only.",
        "Glorot & Bengio 2010, eq. 1",
        scale=1 / 3,
        parameters=(),
    ),
    _scaled(
        "xavier_normal",
        "Xavier normal",
        r"\sigma=\sqrt{\frac{2}{n_{in}+n_{out}}}",
        "For tanh and linear layers.",
        "Glorot & Bengio 2010, eq. 12",
        scale=1.0,
        mode="fan_avg",
    ),
    _scaled(
        "xavier_uniform",
        "Xavier uniform",
        r"l=\sqrt{\frac{6}{n_{in}+n_{out}}}",
        "For tanh and linear layers.",
        "Glorot & Bengio 2010, eq. 16",
        scale=1.0,
        mode="fan_avg",
    ),
    _scaled(
        "he_normal",
        "He normal",
        r"\sigma=\sqrt{\frac{2}{n_{in}}}",
        "For ReLU and leaky ReLU: twice the variance, for half of the units are silent.",
        "He et al. 2015, eq. 10 (fan in) and 14 (fan out)",
        scale=2.0,
        mode=None,
        parameters=("gain", "mode"),
    ),
    _scaled(
        "he_uniform",
        "He uniform",
        r"l=\sqrt{\frac{6}{n_{in}}}",
        "For ReLU and leaky ReLU.",
        "He et al. 2015, eq. 10 (fan in) and 14 (fan out)",
        scale=2.0,
        mode=None,
        parameters=("gain", "mode"),
    ),
    _scaled(
        "lecun_normal",
        "LeCun normal",
        r"\sigma=\sqrt{\frac{1}{n_{in}}}",
        "For tanh, SELU and linear layers; the forward signal stays level at any width.",
        "Glorot & Bengio 2010, eq. 8",
        scale=1.0,
    ),
    _scaled(
        "lecun_uniform",
        "LeCun uniform",
        r"l=\sqrt{\frac{3}{n_{in}}}",
        "For tanh and linear layers; the forward signal stays level at any width.",
        "Glorot & Bengio 2010, eq. 8",
        scale=1.0,
    ),
    Scaled(
        "variance_scaling",
        "Variance scaling",
        _FANS,
        r"\sigma=\sqrt{\frac{s}{n}}",
        "To put any of the formulas above together: a scale, a fan, a shape.",
        twins=TWINS["variance_scaling"],
        parameters=("gain", "mode", "scale", "distribution"),
    ),
)

_DEEP: Final[tuple[Initializer, ...]] = (
    Orthogonal(
        "orthogonal",
        "Orthogonal",
        _DEPTH,
        r"W^{T}W=I\;\text{or}\;WW^{T}=I",
        "For deep linear and tanh nets: no direction grows or shrinks.",
        "Saxe et al. 2014",
        TWINS["orthogonal"],
        ("gain",),
    ),
    Lsuv(
        "lsuv",
        "LSUV",
        _DEPTH,
        r"W^{T}W=I,\;W\leftarrow\frac{W}{\sqrt{\mathrm{Var}(z)}}",
        "For any φ: training data set the scale, so that z has variance 1 in every layer.",
        "Mishkin & Matas 2016",
        by_data=True,
    ),
    Critical(
        "critical",
        "Critical",
        _DEPTH,
        r"\sigma=\frac{\sigma_{w}}{\sqrt{n_{in}}},\;\chi(\sigma_{w},\sigma_{b})=1",
        "For very deep nets: on the edge of chaos for φ and the variance of the biases.",
        "Poole et al. 2016; Schoenholz et al. 2017",
    ),
    Identity(
        "identity",
        "Identity",
        _DEPTH,
        r"w_{ij}=g\,\delta_{ij}",
        "To pass the signal on unchanged; units beyond the smaller fan start silent or unheard.",
        twins=TWINS["identity"],
        parameters=("gain",),
    ),
)

_CHOSEN: Final[tuple[Initializer, ...]] = (
    OfStd(
        "normal",
        "Normal(0, σ)",
        _HAND,
        r"w\sim N(0,\sigma^{2})",
        "To choose the variance by hand: σ of 1 explodes, σ of 0.01 vanishes.",
        twins=TWINS["normal"],
        parameters=("std",),
    ),
    OfStd(
        "truncated_normal",
        "Truncated normal",
        _HAND,
        r"w\sim N(0,\sigma^{2}),\;|w|\leq 2.27\,\sigma",
        "As normal, without far weights; σ is that of the weights after the cut.",
        twins=TWINS["truncated_normal"],
        parameters=("std",),
        spread="truncated_normal",
    ),
    Uniform(
        "uniform",
        "Uniform(a, b)",
        _HAND,
        r"w\sim U[a,b]",
        "To choose the range by hand; all weights of one sign are possible.",
        twins=TWINS["uniform"],
        parameters=("low", "high"),
    ),
    Sparse(
        "sparse",
        "Sparse",
        _HAND,
        r"w\sim N(0,\sigma^{2}),\;\lceil s\,n_{in}\rceil\text{ zeros per unit}",
        "To let each unit listen to few others; σ is that of the weights that are left.",
        twins=TWINS["sparse"],
        parameters=("sparsity", "std"),
    ),
)

_FAULTS: Final[tuple[Initializer, ...]] = (
    Fixed(
        "zeros",
        "Zeros",
        _BAD,
        r"w=0",
        "To see that nothing is passed back through weights of 0.",
        twins=TWINS["zeros"],
    ),
    Fixed(
        "constant",
        "Constant",
        _BAD,
        r"w=c",
        "To see that units that start equal stay equal.",
        twins=TWINS["constant"],
        parameters=("value",),
    ),
    IdenticalUnits(
        "identical_units",
        "Identical units",
        _BAD,
        r"w_{ij}=w_{i},\;\sigma=\sqrt{\frac{2}{n_{in}}}",
        "To see a layer that starts as one unit many times: all pass the same number on.",
    ),
    _scaled(
        "swapped_fans",
        "Swapped fans",
        r"\sigma=\sqrt{\frac{2}{n_{out}}}",
        "To see the wrong fan: forward × √(in/out), which hurts where the widths differ.",
        "He et al. 2015, eq. 14",
        scale=2.0,
        mode="fan_out",
        parameters=(),
        group=_BAD,
    ),
    AllPositive(
        "all_positive",
        "All positive",
        _BAD,
        r"w=|v|,\;v\sim N\left(0,\frac{2}{n_{in}+n_{out}}\right)",
        "To see weights that do not cancel: the sum of a wide layer explodes or saturates.",
    ),
)

INITIALIZERS: Final[Mapping[str, Initializer]] = MappingProxyType(
    {entry.name: entry for entry in (*_SCALED, *_DEEP, *_CHOSEN, *_FAULTS)}
)
