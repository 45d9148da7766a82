"""Hidden layers as one line of text: ``64x3 tanh, 32`` means 64, 64, 64 and 32 units, all tanh.

::

    layers = layer {"," layer}
    layer  = units ["x" count] [activation]

An activation holds until the next one is named. Capitals do not matter; ``×`` and ``*`` are as
good as ``x``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from gradstudio.setup.models import MAX_HIDDEN_LAYERS, MAX_UNITS, ActivationName, LayerSetup

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
_NUMBER: Final = re.compile(r"\d+")
_TIMES: Final = re.compile(r"\s*[x×*]\s*", re.IGNORECASE)
_WORDS: Final = re.compile(r"[^\s,]+(?: +[^\s,]+)*")


class LayerTextError(ValueError):
    """A text that describes no layers.

    Parameters
    ----------
    position
        Index of the first character that is wrong, from 0.
    problem
        What is wrong there and what would be right.
    """

    def __init__(self, position: int, problem: str) -> None:
        self.position = position
        self.problem = problem
        super().__init__(f"Character {position + 1}: {problem}")


def format_layers(layers: Sequence[LayerSetup]) -> str:
    """Write layers the short way, equal neighbours as one: ``64×3 tanh, 32``."""
    parts = []
    spoken: ActivationName | None = None
    for (units, activation), run in groupby(layers, key=lambda x: (x.units, x.activation)):
        length = len(list(run))
        text = f"{units}×{length}" if length > 1 else f"{units}"
        if activation != spoken:
            text += f" {WRITTEN[activation]}"
        spoken = activation
        parts.append(text)
    return ", ".join(parts)


def parse_layers(text: str, present: Sequence[LayerSetup]) -> tuple[LayerSetup, ...]:
    """Read layers from a text.

    Parameters
    ----------
    text
        For instance ``"64x3 tanh, 32"``.
    present
        The layers there now, at least one. Each new layer takes the initializers, and before the
        first named activation the activation too, of the layer at its place or of the last one.

    Raises
    ------
    LayerTextError
        With the character where the text goes wrong.
    """
    made: list[LayerSetup] = []
    activation: ActivationName | None = None
    for start, part in _parts(text):
        units, times, named, times_at = _layer(start, part)
        activation = named or activation
        if len(made) + times > MAX_HIDDEN_LAYERS:
            total = len(made) + times
            raise LayerTextError(
                times_at, f"{total:,} hidden layers are too many, at most {MAX_HIDDEN_LAYERS}"
            )
        for _ in range(times):
            like = present[min(len(made), len(present) - 1)]
            change = {"units": units, "activation": activation or like.activation}
            made.append(like.model_copy(update=change))
    return tuple(made)


def _parts(text: str) -> list[tuple[int, str]]:
    """Split at commas; keep where each part starts."""
    parts, start = [], 0
    for part in text.split(","):
        parts.append((start, part))
        start += len(part) + 1
    return parts


def _layer(start: int, part: str) -> tuple[int, int, ActivationName | None, int]:
    """Read one layer: units, count, activation, and where the count stands."""
    at = len(part) - len(part.lstrip())
    if at == len(part):
        # The comma, or the end, that comes where a layer should.
        raise LayerTextError(start + at, "a layer is missing: write its units, such as 16")
    number = _NUMBER.match(part, at)
    if number is None:
        raise LayerTextError(
            start + at, f"“{part[at]}” starts no layer: write its units, such as 16"
        )
    units = _within(start + at, number.group(), MAX_UNITS, "units")
    at = number.end()
    times, times_at = 1, start + number.start()
    sign = _TIMES.match(part, at)
    if sign is not None:
        factor = _NUMBER.match(part, sign.end())
        if factor is None:
            raise LayerTextError(
                start + sign.end(), f"after “{sign.group().strip()}” comes a number of layers"
            )
        times_at = start + sign.end()
        times = _within(times_at, factor.group(), MAX_HIDDEN_LAYERS, "layers")
        at = factor.end()
    return units, times, _activation(start, part, at), times_at


def _activation(start: int, part: str, at: int) -> ActivationName | None:
    words = _WORDS.search(part, at)
    if words is None:
        return None
    name = NAMES.get(" ".join(words.group().lower().split()))
    if name is None:
        known = ", ".join(WRITTEN.values())
        raise LayerTextError(
            start + words.start(), f"“{words.group()}” is no activation; known are {known}"
        )
    return name


def _within(position: int, digits: str, high: int, what: str) -> int:
    value = int(digits) if len(digits) < 10 else high + 1
    if value < 1:
        raise LayerTextError(position, f"{digits} {what} are too few, at least 1")
    if value > high:
        raise LayerTextError(position, f"{digits} {what} are too many, at most {high:,}")
    return value
