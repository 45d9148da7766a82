"""How well each initializer suits a layer, as choices of a list."""

from __future__ import annotations

import math
from typing import Final

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.numbers import figures
from gradstudio.setup.models import InitializerSetup
from gradstudio.training.audit import LEVEL, predicted_factor
from gradstudio.ui.choices import Choice

BAD: Final = "Bad on purpose"
OTHERS: Final = "Others"


def initializer_choices(
    activation: str, fan_in: int, fan_out: int, setup: InitializerSetup
) -> list[Choice]:
    """All initializers, those first that keep the gradient of this layer level.

    Each says by what factor per layer it multiplies the gradient, by theory.
    """
    fits = f"Fits {ACTIVATIONS[activation].label}"
    groups: dict[str, list[Choice]] = {fits: [], OTHERS: [], BAD: []}
    for name, entry in INITIALIZERS.items():
        parameters = {field: getattr(setup, field) for field in entry.parameters}
        std = entry.std(fan_in, fan_out, **parameters)
        factor = predicted_factor(std * std, fan_in, fan_out, activation)
        level = factor > 0 and abs(math.log10(factor)) < LEVEL
        group = BAD if entry.bad else fits if level else OTHERS
        groups[group].append(
            Choice(
                name,
                entry.label,
                note=entry.twin,
                figure=f"×{figures(factor, 2)}",
                figure_title="gradient per layer",
                tooltip=entry.use_when,
                group=group,
            )
        )
    return [choice for group in groups.values() for choice in group]
