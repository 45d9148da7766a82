"""Every initializer with arguments worth a test."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradstudio.nn.initializers import INITIALIZERS

FANS = (400, 300)
CASES: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in INITIALIZERS),
    ("xavier_normal", {"gain": 2.5}),
    ("xavier_uniform", {"gain": "auto", "activation": "relu"}),
    ("he_normal", {"mode": "fan_out"}),
    ("he_normal", {"gain": "auto", "activation": "tanh"}),
    ("he_uniform", {"mode": "fan_avg", "gain": 0.5}),
    ("lecun_normal", {"gain": "auto", "activation": "leaky_relu"}),
    ("variance_scaling", {"distribution": "uniform", "scale": 3.0, "mode": "fan_out"}),
    ("variance_scaling", {"distribution": "normal", "scale": 0.2, "mode": "fan_geo_avg"}),
    ("variance_scaling", {"distribution": "truncated_normal", "gain": "auto"}),
    ("orthogonal", {"gain": 1.5}),
    ("identity", {"gain": 0.25}),
    ("critical", {"activation": "tanh", "bias_variance": 0.05}),
    ("critical", {"activation": "softplus"}),
    ("normal", {"std": 0.7}),
    ("truncated_normal", {"std": 0.02}),
    ("uniform", {"low": -0.2, "high": 0.6}),
    ("sparse", {"sparsity": 0.9, "std": 0.3}),
    ("sparse", {"sparsity": 0.0}),
    ("sparse", {"sparsity": 1.0}),
    ("constant", {"value": 0.25}),
]
NAMES = [f"{name} {arguments or ''}".strip() for name, arguments in CASES]


def sample(name: str, fans: tuple[int, int] = FANS, seed: int = 0, **arguments: Any) -> np.ndarray:
    """What a seed draws."""
    return INITIALIZERS[name].sample(fans, rng=np.random.default_rng(seed), **arguments)
