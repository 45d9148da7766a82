"""Hidden layers as one line of text: ``64x3 tanh, 32`` means 64, 64, 64 and 32 units, all tanh.

::

    layers   = item {"," item}
    item     = layer | "(" layers ")" ["x" count]
    layer    = units ["x" count] {addition}
    addition = activation | "batchnorm" | "layernorm" | "dropout" share | "+" shortcut [span]
    shortcut = "skip" | "scaled" | "rezero" | "fixup"

An activation holds until the next one is named; leaky ReLU can have its slope behind it:
``leaky(0.2)``. What else is added holds for its own layers, and what is not written is not there.
``+skip 2`` goes around two layers and ends behind this one. Capitals do not matter; ``×`` and
``*`` are as good as ``x``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from gradstudio.setup.models import ActivationName, LayerSetup
from gradstudio.ui.panels.layer_reader import Draft, LayerReader, LayerTextError
from gradstudio.ui.panels.layer_words import WRITTEN, activation_words, structure_words

__all__ = ["WRITTEN", "LayerTextError", "format_layers", "parse_layers"]

LONGEST_BLOCK: Final = 4
"""Layers that are looked for together when they come again and again."""
SHORTEST_SPARED: Final = 6
"""Layers that a group must stand for."""

_Kind = tuple[int, str, str]


def format_layers(layers: Sequence[LayerSetup]) -> str:
    """Write layers the short way, what comes again as one: ``64×3 tanh, (32, 32 +skip 2)×4``."""
    kinds = [(layer.units, activation_words(layer), structure_words(layer)) for layer in layers]
    parts, spoken, at = [], "", 0
    while at < len(kinds):
        block, times = _block(kinds, at)
        if block > 1:
            # each pass begins behind the last layer of the pass before
            before = spoken if spoken == kinds[at + block - 1][1] else ""
            parts.append(f"({_listed(kinds[at : at + block], before)})×{times}")
        else:
            parts.append(_listed(kinds[at : at + times], spoken))
        at += block * times
        spoken = kinds[at - 1][1]
    return ", ".join(parts)


def parse_layers(text: str, present: Sequence[LayerSetup]) -> tuple[LayerSetup, ...]:
    """Read layers from a text.

    Parameters
    ----------
    text
        For instance ``"64x3 tanh, 32 batchnorm"``.
    present
        The layers there now, at least one. Each new layer takes the initializers, and before the
        first named activation the activation too, of the layer at its place or of the last one.

    Raises
    ------
    LayerTextError
        With the character where the text goes wrong.
    """
    made: list[LayerSetup] = []
    activation: tuple[ActivationName, float] | None = None
    for draft in LayerReader(text).read():
        if draft.activation is not None:
            activation = draft.activation, draft.leak
        made.append(_layer(draft, activation, present[min(len(made), len(present) - 1)]))
    return tuple(made)


def _layer(
    draft: Draft, activation: tuple[ActivationName, float] | None, like: LayerSetup
) -> LayerSetup:
    change: dict[str, object] = {
        "units": draft.units,
        "normalisation": draft.normalisation or "none",
        "residual": draft.residual or "none",
        "dropout": draft.dropout or 0.0,
    }
    if activation is not None:
        change["activation"] = activation[0]
        if activation[0] == "leaky_relu":
            change["leak"] = activation[1]
    if draft.residual is not None:
        change["span"] = draft.span
    return like.model_copy(update=change)


def _block(kinds: Sequence[_Kind], at: int) -> tuple[int, int]:
    """Layers from ``at`` on that come again, and how often: the pair that covers most."""
    equal = _repeats(kinds, at, 1)
    best = _group(kinds, at)
    if best[0] * best[1] > equal:
        return best
    # equal layers end where a group begins that takes in the rest of them
    ends = (k for k in range(1, equal) if math.prod(_group(kinds, at + k)) > equal - k)
    return 1, next(ends, equal)


def _group(kinds: Sequence[_Kind], at: int) -> tuple[int, int]:
    """Return the layers and passes of the group that covers most from ``at`` on; (0, 0) if none."""
    groups = [(n, _repeats(kinds, at, n)) for n in range(2, LONGEST_BLOCK + 1)]
    worth = [group for group in groups if group[1] > 1 and math.prod(group) >= SHORTEST_SPARED]
    return max(worth, key=math.prod, default=(0, 0))


def _repeats(kinds: Sequence[_Kind], at: int, length: int) -> int:
    first, times = kinds[at : at + length], 1
    while kinds[at + times * length : at + (times + 1) * length] == first:
        times += 1
    return times


def _listed(kinds: Sequence[_Kind], spoken: str) -> str:
    """Write layers one by one, equal neighbours as one; ``spoken`` is the activation in force."""
    parts = []
    for (units, activation, structure), run in groupby(kinds):
        length = len(list(run))
        words = [f"{units}×{length}" if length > 1 else f"{units}"]
        if activation != spoken:
            words.append(activation)
        if structure:
            words.append(structure)
        spoken = activation
        parts.append(" ".join(words))
    return ", ".join(parts)
