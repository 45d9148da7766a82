"""How layers are written in text: the words for activations and for what a layer has beside."""

from __future__ import annotations

from typing import Final

from gradstudio.setup.models import ActivationName, LayerSetup, NormalisationName, ResidualName

WRITTEN: Final[dict[ActivationName, str]] = {
    "linear": "linear",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "elu": "ELU",
    "selu": "SELU",
    "softplus": "softplus",
    "softsign": "softsign",
    "gelu": "GELU",
    "silu": "SiLU",
    "erf": "erf",
    "hard_tanh": "hard tanh",
    "lecun_tanh": "LeCun tanh",
}
NAMES: Final[dict[str, ActivationName]] = {
    **{text.lower(): name for name, text in WRITTEN.items()},
    **{name: name for name in WRITTEN},
    "leaky": "leaky_relu",
    "swish": "silu",
}
NORMALISATION_WORDS: Final[dict[NormalisationName, str]] = {
    "batch": "batchnorm",
    "layer": "layernorm",
}
NORMALISATION_NAMES: Final[dict[str, NormalisationName]] = {
    **{text: name for name, text in NORMALISATION_WORDS.items()},
    "batch norm": "batch",
    "bn": "batch",
    "layer norm": "layer",
    "ln": "layer",
}
SHORTCUT_WORDS: Final[dict[ResidualName, str]] = {
    "plain": "skip",
    "scaled": "scaled",
    "rezero": "rezero",
    "fixup": "fixup",
}
SHORTCUT_NAMES: Final[dict[str, ResidualName]] = {
    **{text: name for name, text in SHORTCUT_WORDS.items()},
    "plain": "plain",
    "residual": "plain",
}
DEFAULT_LEAK: Final[float] = LayerSetup.model_fields["leak"].default


def activation_words(layer: LayerSetup) -> str:
    """Write the activation of a layer: ``tanh``, ``leaky ReLU(0.2)``."""
    text = WRITTEN[layer.activation]
    if layer.activation == "leaky_relu" and layer.leak != DEFAULT_LEAK:
        text += f"({shortest(layer.leak)})"
    return text


def structure_words(layer: LayerSetup) -> str:
    """Write what a layer has beside its weights: ``batchnorm dropout 0.2 +skip 2``."""
    words = []
    if layer.normalisation != "none":
        words.append(NORMALISATION_WORDS[layer.normalisation])
    if layer.dropout:
        words.append(f"dropout {shortest(layer.dropout)}")
    if layer.residual != "none":
        words.append(f"+{SHORTCUT_WORDS[layer.residual]}")
        if layer.span > 1:
            words.append(f"{layer.span}")
    return " ".join(words)


def shortest(x: float) -> str:
    """Write a number with as few digits as tell it apart from all others."""
    short = f"{x:g}"
    return short if float(short) == x else repr(x)
