"""Where the theory of plain layers holds in a network, and what decides elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from gradstudio.numbers import count
from gradstudio.setup.models import NetworkSetup
from gradstudio.training.audit import Finding
from gradstudio.training.structure import branch_of


class Coverage(Enum):
    """What the factor of weights and activation says of a layer."""

    WHOLE = "whole"
    """All: the layer is plain."""
    NORMALISED = "normalised"
    """Nothing: normalisation divides it out."""
    BRANCH = "branch"
    """What the branch alone does; a shortcut leads around it."""

    @property
    def sentence(self) -> str:
        """Say in a sentence why the factor is not the whole; empty where it is."""
        return {
            Coverage.WHOLE: "",
            Coverage.NORMALISED: "Normalisation divides the size of the weights out.",
            Coverage.BRANCH: "That is the branch; the shortcut adds a path of factor 1.",
        }[self]


def coverage(network: NetworkSetup, layer: int) -> Coverage:
    """Return what the factor of a 0-based layer says; the output layer is the last."""
    if layer >= len(network.layers):
        return Coverage.WHOLE
    if network.layers[layer].normalisation != "none":
        return Coverage.NORMALISED
    return Coverage.WHOLE if branch_of(network, layer) is None else Coverage.BRANCH


def covered(
    findings: Sequence[Finding], plain: Sequence[Finding], kinds: Sequence[Coverage]
) -> tuple[Finding, ...]:
    """Let the rule of good variance speak of plain layers alone.

    Parameters
    ----------
    findings
        What the audit says of all layers.
    plain
        What it says of the plain ones among them; empty where there is none.
    kinds
        What the factor of each layer says.
    """
    others = [kind for kind in kinds if kind is not Coverage.WHOLE]
    if not others:
        return tuple(findings)
    *first, variance = findings
    if plain:
        few = "1 layer" if len(others) == 1 else f"{count(len(others))} layers"
        sentence = f"{plain[-1].sentence} {few} with normalisation or a shortcut left out."
        variance = Finding(variance.rule, plain[-1].passes, plain[-1].figure, sentence)
    elif Coverage.BRANCH not in others:
        variance = Finding(variance.rule, True, "normalised", Coverage.NORMALISED.sentence)
    else:
        sentence = f"{variance.sentence} {Coverage.BRANCH.sentence}"
        variance = Finding(variance.rule, True, "shortcut", sentence)
    return (*first, variance)
