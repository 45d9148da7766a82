"""How well each initializer suits a layer, as choices of a list."""

from __future__ import annotations

import math
from typing import Final

from gradstudio.nn.initializer import Initializer, Twin
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.numbers import figures
from gradstudio.training.audit import LEVEL, expected_factor
from gradstudio.training.start import Part, activation_of
from gradstudio.ui.choices import Choice

FITTING: Final = ("Scaled to the fans", "Made for depth")
"""Groups whose entries stand first where they fit: what is chosen by hand may fit by chance."""


def initializer_choices(part: Part, fan_in: int, fan_out: int) -> list[Choice]:
    """All initializers, those first that keep the gradient of this layer level.

    Each says by what factor per layer it multiplies the gradient together with the activation, by
    theory, with the parameters that the layer has; without normalisation and shortcuts.
    """
    fits = f"Fits {activation_of(part).label}"
    groups: dict[str, list[Choice]] = {fits: []}
    groups |= {entry.group: [] for entry in INITIALIZERS.values()}
    for name, entry in INITIALIZERS.items():
        start = part.initializer.model_copy(update={"name": name})
        candidate = part.model_copy(update={"initializer": start})
        factor = expected_factor(candidate, fan_in, fan_out)
        level = factor > 0 and abs(math.log10(factor)) < LEVEL
        group = fits if level and entry.group in FITTING else entry.group
        groups[group].append(
            Choice(
                name,
                entry.label,
                note=first_name(entry),
                figure=f"×{figures(factor, 2)}",
                figure_title="gradient, with φ alone",
                tooltip=entry.use_when,
                group=group,
            )
        )
    return [choice for group in groups.values() for choice in group]


def first_name(entry: Initializer) -> str:
    """What an initializer is called elsewhere, in a few words; empty where it has no twin."""
    return f"{entry.twins[0].framework} {entry.twins[0].name}" if entry.twins else ""


def truth_card(entry: Initializer) -> list[tuple[str, str]]:
    """All that is to be known about an initializer: pairs of a heading and its words."""
    lines = [("Use", entry.use_when)]
    lines += [(twin.framework, _named(entry, twin)) for twin in entry.twins]
    if not entry.twins:
        lines.append(("Elsewhere", "not built into PyTorch, Keras or JAX"))
    if entry.source:
        lines.append(("Source", entry.source))
    return lines


def _named(entry: Initializer, twin: Twin) -> str:
    is_normal = any(other.truncates for other in entry.twins)
    cut = "truncated" if twin.truncates else "not truncated" if is_normal else ""
    return ", ".join(part for part in (twin.name, cut, twin.remark) if part)
