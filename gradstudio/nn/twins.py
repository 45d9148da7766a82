"""What initializers are called elsewhere, and where they are not the same there.

Read from the source of PyTorch 2.14 (``torch.nn.init``), Keras 3.15 (``keras.initializers``) and
JAX 0.10 (``jax.nn.initializers``), and measured: what truncates there cuts at two standard
deviations and has a kurtosis of 2.37 in place of 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gradstudio.nn.initializer import Twin

_UNCORRECTED: Final = "its σ is that before the cut: the real one is 0.8796 of it"

TWINS: Final[Mapping[str, tuple[Twin, ...]]] = MappingProxyType(
    {
        "uniform_fan_in": (
            Twin("PyTorch", "nn.Linear", remark="its default, as kaiming_uniform_(a=√5)"),
            Twin("Keras", "VarianceScaling(1/3, 'fan_in', 'uniform')"),
            Twin("JAX", "variance_scaling(1/3, 'fan_in', 'uniform')"),
        ),
        "xavier_normal": (
            Twin("PyTorch", "xavier_normal_"),
            Twin("Keras", "GlorotNormal", truncates=True),
            Twin("JAX", "glorot_normal", truncates=True),
        ),
        "xavier_uniform": (
            Twin("PyTorch", "xavier_uniform_"),
            Twin("Keras", "GlorotUniform", remark="the default of Dense"),
            Twin("JAX", "glorot_uniform"),
        ),
        "he_normal": (
            Twin("PyTorch", "kaiming_normal_"),
            Twin("Keras", "HeNormal", truncates=True),
            Twin("JAX", "he_normal", truncates=True),
        ),
        "he_uniform": (
            Twin("PyTorch", "kaiming_uniform_", remark="with its default a=0; nn.Linear has a=√5"),
            Twin("Keras", "HeUniform"),
            Twin("JAX", "he_uniform"),
        ),
        "lecun_normal": (
            Twin("PyTorch", "kaiming_normal_(nonlinearity='linear')"),
            Twin("Keras", "LecunNormal", truncates=True),
            Twin("JAX", "lecun_normal", truncates=True),
        ),
        "lecun_uniform": (
            Twin("PyTorch", "kaiming_uniform_(nonlinearity='linear')"),
            Twin("Keras", "LecunUniform"),
            Twin("JAX", "lecun_uniform"),
        ),
        "variance_scaling": (
            Twin("Keras", "VarianceScaling", truncates=True, remark="by default; no fan_geo_avg"),
            Twin("JAX", "variance_scaling", truncates=True, remark="with 'truncated_normal'"),
        ),
        "orthogonal": (
            Twin("PyTorch", "orthogonal_"),
            Twin("Keras", "Orthogonal"),
            Twin("JAX", "orthogonal"),
        ),
        "identity": (
            Twin("PyTorch", "eye_", remark="without a gain"),
            Twin("Keras", "Identity"),
        ),
        "sparse": (
            Twin(
                "PyTorch",
                "sparse_",
                remark="on a weight stored (out, in) its zeros are counted per input, not per unit",
            ),
        ),
        "normal": (
            Twin("PyTorch", "normal_", remark="σ = 1 by default"),
            Twin("Keras", "RandomNormal", remark="σ = 0.05 by default"),
            Twin("JAX", "normal", remark="σ = 0.01 by default"),
        ),
        "truncated_normal": (
            Twin(
                "PyTorch",
                "trunc_normal_",
                truncates=True,
                remark="at −2 and 2 whatever σ is: a small σ is not cut at all",
            ),
            Twin("Keras", "TruncatedNormal", truncates=True, remark=_UNCORRECTED),
            Twin("JAX", "truncated_normal", truncates=True, remark=_UNCORRECTED),
        ),
        "uniform": (
            Twin("PyTorch", "uniform_", remark="0 to 1 by default"),
            Twin("Keras", "RandomUniform", remark="±0.05 by default"),
            Twin("JAX", "uniform", remark="0 to 0.01 by default: all of one sign"),
        ),
        "zeros": (Twin("PyTorch", "zeros_"), Twin("Keras", "Zeros"), Twin("JAX", "zeros")),
        "constant": (
            Twin("PyTorch", "constant_"),
            Twin("Keras", "Constant"),
            Twin("JAX", "constant"),
        ),
        "swapped_fans": (
            Twin("PyTorch", "kaiming_normal_(mode='fan_out')"),
            Twin("Keras", "VarianceScaling(2.0, 'fan_out', 'untruncated_normal')"),
            Twin("JAX", "variance_scaling(2.0, 'fan_out', 'normal')"),
        ),
    }
)
"""By name in the table of initializers; what is missing has no twin."""
