"""The table of activations.

One entry feeds the combo box, the file, the message and the tests; the curves stand in
``curves.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Final

from gradstudio.nn import curves
from gradstudio.nn.activation import Activation
from gradstudio.nn.curves import Slope, Value

__all__ = ["ACTIVATIONS", "LEAK", "Activation", "activation", "leaky_relu"]

LEAK: Final = 0.01
"""Slope of the leaky ReLU for negative z where none is chosen."""


@lru_cache(maxsize=64)
def leaky_relu(leak: float) -> Activation:
    """Leaky ReLU: z where z > 0, ``leak`` times z where not.

    Parameters
    ----------
    leak
        From 0, a ReLU, to 1, a linear unit.

    Raises
    ------
    ValueError
        If the leak is outside.
    """
    if not 0.0 <= leak <= 1.0:
        raise ValueError(f"leak: {leak} is not from 0 to 1")
    value: Value = partial(curves.leaky_relu, leak) if leak else curves.relu
    slope: Slope = partial(curves.leaky_relu_slope, leak) if leak else curves.relu_slope
    gain = math.sqrt(2.0 / (1.0 + leak * leak))
    return Activation(
        "leaky_relu",
        "Leaky ReLU",
        rf"\varphi(z)=\max({leak:g}\,z,z)",
        rf"\varphi^{{\prime}}(z)=1\;(z>0),\;{leak:g}\;(z\leq 0)",
        value,
        slope,
        gain,
        "he_normal",
        framework_gain=gain,
        source="Maas et al. 2013",
        kinks=(0.0,),
        leak=float(leak),
    )


_ENTRIES: Final = (
    Activation(
        "linear",
        "Linear",
        r"\varphi(z)=z",
        r"\varphi^{\prime}(z)=1",
        curves.linear,
        curves.linear_slope,
        gain=1.0,
        recommended="xavier_normal",
        framework_gain=1.0,
    ),
    Activation(
        "sigmoid",
        "Sigmoid",
        r"\sigma(z)=\frac{1}{1+e^{-z}}",
        r"\sigma^{\prime}(z)=\sigma(z)\,\sigma(-z)\leq\frac{1}{4}",
        curves.sigmoid,
        curves.sigmoid_slope,
        gain=4.0,
        recommended="xavier_normal",
        framework_gain=1.0,
    ),
    Activation(
        "tanh",
        "tanh",
        r"\varphi(z)=\tanh z",
        r"\varphi^{\prime}(z)=1-\tanh^{2}z\leq 1",
        curves.tanh,
        curves.tanh_slope,
        gain=1.0,
        recommended="xavier_normal",
        framework_gain=5.0 / 3.0,
    ),
    Activation(
        "relu",
        "ReLU",
        r"\varphi(z)=\max(0,z)",
        r"\varphi^{\prime}(z)=1\;(z>0),\;0\;(z\leq 0)",
        curves.relu,
        curves.relu_slope,
        gain=math.sqrt(2.0),
        recommended="he_normal",
        framework_gain=math.sqrt(2.0),
        source="Nair & Hinton 2010",
        kinks=(0.0,),
    ),
    leaky_relu(LEAK),
    Activation(
        "elu",
        "ELU",
        r"\varphi(z)=z\;(z>0),\;e^{z}-1\;(z\leq 0)",
        r"\varphi^{\prime}(z)=1\;(z>0),\;e^{z}\;(z\leq 0)",
        curves.elu,
        curves.elu_slope,
        gain=1.0,
        recommended="xavier_normal",
        source="Clevert et al. 2015",
        kinks=(0.0,),
    ),
    Activation(
        "selu",
        "SELU",
        r"\varphi(z)=\lambda z\;(z>0),\;\lambda\alpha(e^{z}-1)\;(z\leq 0)",
        r"\varphi^{\prime}(z)=\lambda\;(z>0),\;\lambda\alpha e^{z}\;(z\leq 0)",
        curves.selu,
        curves.selu_slope,
        gain=1.0,
        recommended="lecun_normal",
        framework_gain=0.75,
        source="Klambauer et al. 2017",
        kinks=(0.0,),
    ),
    Activation(
        "softplus",
        "Softplus",
        r"\varphi(z)=\ln(1+e^{z})",
        r"\varphi^{\prime}(z)=\sigma(z)=\frac{1}{1+e^{-z}}",
        curves.softplus,
        curves.softplus_slope,
        gain=2.0,
        recommended="he_normal",
        source="Dugas et al. 2001",
    ),
    Activation(
        "softsign",
        "Softsign",
        r"\varphi(z)=\frac{z}{1+|z|}",
        r"\varphi^{\prime}(z)=\frac{1}{(1+|z|)^{2}}",
        curves.softsign,
        curves.softsign_slope,
        gain=1.0,
        recommended="xavier_normal",
        kinks=(0.0,),
    ),
    Activation(
        "gelu",
        "GELU",
        r"\varphi(z)=z\,\Phi(z),\;\Phi(z)=\frac{1}{2}\left(1+\mathrm{erf}\frac{z}{\sqrt{2}}\right)",
        r"\varphi^{\prime}(z)=\Phi(z)+\frac{z}{\sqrt{2\pi}}e^{-z^{2}/2}",
        curves.gelu,
        curves.gelu_slope,
        gain=2.0,
        recommended="he_normal",
        source="Hendrycks & Gimpel 2016",
    ),
    Activation(
        "silu",
        "SiLU",
        r"\varphi(z)=z\,\sigma(z)=\frac{z}{1+e^{-z}}",
        r"\varphi^{\prime}(z)=\sigma(z)\left(1+z\,\sigma(-z)\right)",
        curves.silu,
        curves.silu_slope,
        gain=2.0,
        recommended="he_normal",
        source="Elfwing et al. 2017",
    ),
    Activation(
        "erf",
        "erf",
        r"\varphi(z)=\mathrm{erf}\,z=\frac{2}{\sqrt{\pi}}\int_{0}^{z}e^{-t^{2}}dt",
        r"\varphi^{\prime}(z)=\frac{2}{\sqrt{\pi}}e^{-z^{2}}",
        curves.erf,
        curves.erf_slope,
        gain=math.sqrt(math.pi) / 2,
        recommended="xavier_normal",
    ),
    Activation(
        "hard_tanh",
        "Hard tanh",
        r"\varphi(z)=\max(-1,\min(1,z))",
        r"\varphi^{\prime}(z)=1\;(|z|<1),\;0\;(|z|\geq 1)",
        curves.hard_tanh,
        curves.hard_tanh_slope,
        gain=1.0,
        recommended="xavier_normal",
        kinks=(-1.0, 1.0),
    ),
    Activation(
        "lecun_tanh",
        "LeCun tanh",
        r"\varphi(z)=1.7159\,\tanh\frac{2z}{3}",
        r"\varphi^{\prime}(z)=1.1439\left(1-\tanh^{2}\frac{2z}{3}\right)",
        curves.lecun_tanh,
        curves.lecun_tanh_slope,
        gain=1.0 / (curves.LECUN_SCALE * curves.LECUN_STRETCH),
        recommended="lecun_normal",
        source="LeCun et al. 1998",
    ),
)

ACTIVATIONS: Final[Mapping[str, Activation]] = MappingProxyType(
    {entry.name: entry for entry in _ENTRIES}
)


def activation(chosen: Activation | str) -> Activation:
    """Return an activation as it is, or by its name in the table."""
    return ACTIVATIONS[chosen] if isinstance(chosen, str) else chosen
