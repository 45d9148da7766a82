"""What a diagnosis says of layers in branches that get exactly 0."""

from __future__ import annotations

import math

import numpy as np

from gradstudio.nn.structure import RESIDUALS
from gradstudio.numbers import count
from gradstudio.training.causes import cause_of_zeros
from gradstudio.training.evidence import Evidence
from gradstudio.training.finding import small, with_numbers, zero_since
from gradstudio.training.recording import Recording
from gradstudio.training.remedy import Remedy
from gradstudio.training.structure import branch_of, closed_layers
from gradstudio.training.verdict import Diagnosis, Verdict


def silent_layers(recording: Recording, evidence: Evidence) -> list[int]:
    """Hidden layers, 0-based, that get exactly 0 while shortcuts carry the signal around them.

    At step 0 those do not count that are meant to.
    """
    silent = set(np.flatnonzero(evidence.log_delta == -np.inf).tolist())
    if evidence.last == 0:
        silent -= closed_layers(recording.setup.network)
    return sorted(silent)


def silent_diagnosis(recording: Recording, evidence: Evidence, layers: list[int]) -> Diagnosis:
    """Say which layers get nothing although the signal reaches layer 1."""
    first, number = layers[0], len(layers)
    names = f"Layer {first + 1} gets" if number == 1 else f"{count(number)} layers get"
    others = f", the first of them layer {first + 1}" if number > 1 else ""
    since = zero_since(recording, first, evidence.last)
    sentence = f"{names} exactly 0{since}{others}; shortcuts carry the signal around."
    title, remedy = cause_of_zeros(recording.setup, first, float(evidence.log_delta[-1]))
    return with_numbers(Verdict.DEAD, "mild", title, sentence, remedy, evidence)


def starts_closed(recording: Recording, evidence: Evidence) -> bool:
    """Whether layer 1 gets 0 at step 0 because its branch starts closed."""
    is_zero = evidence.log_delta[0] == -math.inf and evidence.last == 0
    return is_zero and 0 in closed_layers(recording.setup.network)


def closed_diagnosis(recording: Recording, evidence: Evidence) -> Diagnosis:
    """Say of a start like this that it is meant so."""
    network = recording.setup.network
    end = branch_of(network, 0)
    kind = RESIDUALS[network.layers[0 if end is None else end].residual]
    return with_numbers(
        Verdict.TOO_EARLY,
        "none",
        "Branches start closed",
        f"{kind} starts every branch at 0: the layers in it get nothing at step 0, and the "
        "shortcuts carry the signal.",
        Remedy("", ""),
        evidence,
    )


def is_opening(recording: Recording) -> bool:
    """Whether layer 1 lies in a branch of ReZero, so that its signal grows with a factor from 0."""
    network = recording.setup.network
    return any(
        layer.residual == "rezero" and end - layer.span < 0
        for end, layer in enumerate(network.layers)
    )


def opening_diagnosis(recording: Recording, evidence: Evidence) -> Diagnosis:
    """Say of a small signal of layer 1 that a shortcut leads around it."""
    return with_numbers(
        Verdict.HEALTHY,
        "none",
        "Branches open slowly",
        f"Layer 1 gets {small(evidence.ratio)} of the output layer's gradient: the factor of its "
        "ReZero branch started at 0. The shortcuts carry the signal around it.",
        Remedy("", ""),
        evidence,
    )
