"""How a diagnosis is put together from its evidence, in words and numbers."""

from __future__ import annotations

import numpy as np

from gradstudio.numbers import count, figures, signed
from gradstudio.training.evidence import WINDOW, Evidence
from gradstudio.training.recording import Recording
from gradstudio.training.remedy import Remedy
from gradstudio.training.verdict import Diagnosis, Severity, Verdict


def with_numbers(
    verdict: Verdict,
    severity: Severity,
    title: str,
    sentence: str,
    remedy: Remedy,
    evidence: Evidence,
) -> Diagnosis:
    """Make a diagnosis with the four numbers of the signal."""
    numbers = (
        ("Layer 1", small(evidence.layer1)),
        ("Output", small(evidence.output)),
        ("Ratio", small(evidence.ratio)),
        ("Per layer", signed(evidence.per_layer)),
    )
    if evidence.is_early and evidence.recorded:
        sentence += f" Measured at step 0 ({evidence.recorded} of {WINDOW} steps)."
    elif evidence.is_early:
        sentence += " Measured at step 0, before training."
    return Diagnosis(
        verdict,
        severity,
        title,
        sentence,
        numbers,
        evidence.layer1,
        evidence.output,
        evidence.ratio,
        evidence.per_layer,
        remedy.cause,
        remedy.fix,
        basis(evidence),
    )


def basis(evidence: Evidence) -> str:
    """Say which steps the evidence is of."""
    if evidence.first == evidence.last:
        return f"step {count(evidence.first)}"
    return f"geometric mean of steps {count(evidence.first)} to {count(evidence.last)}"


def zero_since(recording: Recording, layer: int, last: int) -> str:
    """Since when a layer's signal is exactly 0, in words."""
    view = recording.history.read("delta_rms", 0, last + 1)
    alive = np.flatnonzero(view.high[:, layer] > 0)
    if len(alive) == 0:
        return " since step 0"
    begin = int(view.steps[alive[-1]]) + view.stride
    about = "" if view.stride == 1 else "about "
    return f" since {about}step {count(begin)}"


def layer_name(label: str) -> str:
    """Name a layer in a sentence: "layer 3", "the output layer"."""
    return "the output layer" if label == "out" else f"layer {label}"


def small(x: float) -> str:
    """Write two figures: 0.50, 12, 3.8e−12."""
    return figures(x, 2)
