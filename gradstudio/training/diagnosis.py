"""What is wrong with the gradient of a run: verdict, evidence, cause and what to try.

The verdict goes by the *rate* at which the signal, the per-sample dL/dz, changes from layer to
layer, not by its size: a small gradient that is level can be cured by the learning rate, a
falling one cannot.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from gradstudio.numbers import count, figures, signed
from gradstudio.training.branches import (
    closed_diagnosis,
    is_opening,
    opening_diagnosis,
    silent_diagnosis,
    silent_layers,
    starts_closed,
)
from gradstudio.training.causes import (
    SATURATED_OUTPUTS,
    Remedy,
    cause_of_divergence,
    cause_of_explosion,
    cause_of_vanishing,
    cause_of_zeros,
    symmetric_layer,
)
from gradstudio.training.evidence import Evidence, evidence_at
from gradstudio.training.finding import layer_name, small, with_numbers, zero_since
from gradstudio.training.reading import Reading
from gradstudio.training.recording import Recording
from gradstudio.training.shares import shares_of
from gradstudio.training.verdict import Diagnosis, Severity, Verdict

__all__ = ["Diagnosis", "Severity", "Verdict", "diagnose", "layer_name", "rate_verdict"]

RATE_LIMIT: Final = 0.15
"""Decades per layer from which on a change of the signal counts: a factor of 1.41."""
TOTAL_LIMIT: Final = 2.0
"""Decades in all from which on a change at that rate counts: a factor of 100."""
CRITICAL_TOTAL: Final = 4.0
"""Decades in all from which on a change is critical, and counts at any rate."""
UPDATE_LIMIT: Final = 1.0
"""Update over weights above which a layer is rewritten, not trained; 1e-3 is usual."""
LEARNED: Final = 1e-6
"""Loss of saturated outputs up to which they are right, all of them."""
CHANCE_BAND: Final = 0.02
"""Share by which a loss may differ from chance and still be called chance."""


def diagnose(
    recording: Recording, *, at_step: int | None = None, reading: Reading | None = None
) -> Diagnosis:
    """Say what is wrong with a run, now or as it was after ``at_step``.

    With a ``reading`` of the chain rule the cause of a vanishing gradient gives its numbers.
    """
    divergence = recording.divergence
    evidence = evidence_at(recording, at_step)
    if divergence is not None and (at_step is None or at_step >= divergence.step):
        return _diverged(recording, evidence)
    if evidence is None:
        return Diagnosis(
            Verdict.TOO_EARLY, "none", "Not enough steps yet", "Nothing has been measured yet."
        )
    same = symmetric_layer(recording.setup)
    if same is not None:
        return _symmetric(recording, evidence, same)
    if evidence.log_delta[-1] == -math.inf:
        return _no_signal(recording, evidence)
    if evidence.log_delta[0] == -math.inf:
        closed = starts_closed(recording, evidence)
        return closed_diagnosis(recording, evidence) if closed else _dead(recording, evidence)
    if math.isnan(evidence.total):
        return _not_finite(recording, evidence)
    verdict = _by_rate(recording, evidence, None if at_step is not None else reading)
    if verdict.verdict is Verdict.VANISHING and is_opening(recording):
        return opening_diagnosis(recording, evidence)
    silent = silent_layers(recording, evidence)
    if silent and verdict.verdict is Verdict.HEALTHY:
        return silent_diagnosis(recording, evidence, silent)
    return verdict


def rate_verdict(evidence: Evidence) -> Verdict:
    """Verdict by the rate of the signal and the size of the updates alone."""
    total, rate = evidence.total, evidence.per_layer
    _, update = evidence.largest_update
    if (rate < -RATE_LIMIT and total < -TOTAL_LIMIT) or total < -CRITICAL_TOTAL:
        return Verdict.VANISHING
    if (rate > RATE_LIMIT and total > TOTAL_LIMIT) or total > CRITICAL_TOTAL:
        return Verdict.EXPLODING
    return Verdict.EXPLODING if update > UPDATE_LIMIT else Verdict.HEALTHY


def _by_rate(recording: Recording, evidence: Evidence, reading: Reading | None) -> Diagnosis:
    verdict = rate_verdict(evidence)
    if verdict is Verdict.VANISHING:
        return _vanishing(recording, evidence, reading)
    if verdict is Verdict.EXPLODING:
        return _exploding(recording, evidence)
    return _healthy(evidence)


def _verdict_at_start(recording: Recording) -> Verdict | None:
    """Verdict of step 0 by rate; None when it was not measured."""
    start = evidence_at(recording, 0)
    if start is None or starts_closed(recording, start):
        return None
    return rate_verdict(start)


def _vanishing(recording: Recording, evidence: Evidence, reading: Reading | None) -> Diagnosis:
    is_critical = evidence.total < -CRITICAL_TOTAL
    sentence = f"Layer 1 gets {small(evidence.ratio)} of the output layer's gradient."
    if is_critical:
        sentence += _still_at_chance(recording, evidence)
    else:
        sentence += f" It falls {small(-evidence.per_layer)} decade per layer."
    start = _verdict_at_start(recording)
    if start is Verdict.EXPLODING:
        remedy = cause_of_explosion(recording.setup, began_so=True, grows=True)
        remedy = Remedy(f"At step 0 it exploded. {remedy.cause}", remedy.fix)
    else:
        remedy = cause_of_vanishing(recording.setup, began_so=start is not Verdict.HEALTHY)
    shares = shares_of(reading, recording.setup.network)
    if shares:
        remedy = Remedy(f"{shares} {remedy.cause}", remedy.fix)
    return with_numbers(
        Verdict.VANISHING,
        "critical" if is_critical else "mild",
        "Vanishing gradient",
        sentence,
        remedy,
        evidence,
    )


def _exploding(recording: Recording, evidence: Evidence) -> Diagnosis:
    """Growth of the signal, size of the updates, or both."""
    _, update = evidence.largest_update
    grows = evidence.total > TOTAL_LIMIT
    seen = []
    if grows:
        seen.append(f"Layer 1 gets {small(evidence.ratio)} times the output layer's gradient.")
    if update > UPDATE_LIMIT:
        seen.append(_rewriting(recording, evidence))
    is_critical = evidence.total > CRITICAL_TOTAL or update > UPDATE_LIMIT
    start = _verdict_at_start(recording)
    return with_numbers(
        Verdict.EXPLODING,
        "critical" if is_critical else "mild",
        "Exploding gradient",
        " ".join(seen),
        cause_of_explosion(
            recording.setup, began_so=start in (None, Verdict.EXPLODING), grows=grows
        ),
        evidence,
    )


def _rewriting(recording: Recording, evidence: Evidence) -> str:
    """Say of which layer an update replaces the weights, and how many others it does."""
    layer, update = evidence.largest_update
    which = "The first update" if evidence.is_early else "An update"
    name = layer_name(recording.labels[layer])
    text = f"{which} is {small(update)} times the size of the weights of {name}"
    layers, all_layers = (
        int((evidence.log_update > math.log10(UPDATE_LIMIT)).sum()),
        evidence.hops + 1,
    )
    if layers > 1:
        whole = "every layer" if layers == all_layers else f"{layers} of {all_layers} layers"
        text += f" and larger than the weights in {whole}"
    return f"{text}."


def _healthy(evidence: Evidence) -> Diagnosis:
    hops = "1 layer" if evidence.hops == 1 else f"{evidence.hops} layers"
    sentence = f"{signed(evidence.per_layer)} decade per layer over {hops}"
    known = evidence.log_update[np.isfinite(evidence.log_update)]
    if len(known):
        usual = 10.0 ** float(np.median(known))
        sentence += f"; updates are {small(usual)} of the weights"
    sentence += f"; loss {figures(evidence.loss)}."
    return with_numbers(
        Verdict.HEALTHY, "none", "Healthy gradient", sentence, Remedy("", ""), evidence
    )


def _dead(recording: Recording, evidence: Evidence) -> Diagnosis:
    top = int(np.argmax(evidence.log_delta > -np.inf)) - 1
    since = zero_since(recording, top, evidence.last)
    reach = "Layer 1 gets" if top == 0 else f"Layers 1 to {top + 1} get"
    sentence = f"{reach} a gradient of exactly 0{since}."
    smallest = float(evidence.log_delta[top + 1])
    title, remedy = cause_of_zeros(recording.setup, top, smallest)
    return with_numbers(Verdict.DEAD, "critical", title, sentence, remedy, evidence)


def _symmetric(recording: Recording, evidence: Evidence, layer: int) -> Diagnosis:
    units = recording.setup.network.layers[layer].units
    sentence = (
        f"Layer {layer + 1} has {count(units)} units but 1 distinct one; they stay equal for ever."
    )
    if evidence.log_delta[layer] == -np.inf:
        sentence = f"The gradient of layer {layer + 1} is exactly 0, and its units are all equal."
    remedy = Remedy(
        "Equal starts get equal gradients.",
        "Any random initializer breaks it.",
    )
    return with_numbers(
        Verdict.SYMMETRIC, "critical", "Symmetric start", sentence, remedy, evidence
    )


def _no_signal(recording: Recording, evidence: Evidence) -> Diagnosis:
    """The loss itself sends back 0: everything is learned, or the outputs are saturated."""
    if recording.setup.training.loss == "sigmoid_mse" and evidence.loss > LEARNED:
        return with_numbers(
            Verdict.VANISHING,
            "critical",
            "Saturated outputs",
            f"The loss is {figures(evidence.loss)} and sends back exactly 0.",
            SATURATED_OUTPUTS,
            evidence,
        )
    return with_numbers(
        Verdict.HEALTHY,
        "none",
        "Nothing left to learn",
        "The loss sends back exactly 0: the outputs equal the targets.",
        Remedy("", ""),
        evidence,
    )


def _not_finite(recording: Recording, evidence: Evidence) -> Diagnosis:
    """Say of a measurement, before any step has failed, that nothing in it is finite."""
    return with_numbers(
        Verdict.DIVERGED,
        "critical",
        "Not finite",
        "The gradient is infinite or not a number.",
        cause_of_explosion(recording.setup, began_so=True, grows=True),
        evidence,
    )


def _diverged(recording: Recording, evidence: Evidence | None) -> Diagnosis:
    divergence = recording.divergence
    assert divergence is not None
    name = layer_name(divergence.layer_label)
    place = ", ".join(
        [
            name,
            divergence.operation,
            *([f"unit {divergence.unit + 1}"] if divergence.unit is not None else []),
            *([f"sample {divergence.sample + 1}"] if divergence.sample is not None else []),
        ]
    )
    kept = {0: "Nothing came before it.", 1: "Step 0 is kept."}.get(
        divergence.step, f"Steps 0 to {count(divergence.step - 1)} are kept."
    )
    sentence = (
        f"Stopped at step {count(divergence.step)}, before the update. "
        f"First bad value: {place}. {kept}"
    )
    grew = _verdict_at_start(recording) is Verdict.EXPLODING
    if grew and evidence is not None and evidence.largest_update[1] > UPDATE_LIMIT:
        sentence += f" {_rewriting(recording, evidence)}"
    remedy = cause_of_divergence(recording.setup, evidence, grew_at_start=grew)
    shown = (
        ("Step", count(divergence.step)),
        ("Layer", divergence.layer_label),
        ("Operation", divergence.operation),
        ("Last loss", _last_loss(recording, divergence.step)),
    )
    return Diagnosis(
        Verdict.DIVERGED,
        "critical",
        "Not finite",
        sentence,
        evidence=shown,
        cause=remedy.cause,
        fix=remedy.fix,
        basis=f"step {count(divergence.step)}",
    )


def _last_loss(recording: Recording, step: int) -> str:
    """Loss of the last step that was done; a dash when there was none."""
    return figures(float(recording.history.at("loss", step - 1).mean[0])) if step else "–"


def _still_at_chance(recording: Recording, evidence: Evidence) -> str:
    chance = recording.chance
    if evidence.is_early or chance is None or abs(evidence.loss / chance - 1) > CHANCE_BAND:
        return ""
    return f" After {count(evidence.recorded)} steps the loss is still at chance."
