"""Canned recordings, sick and healthy, each get their verdict, numbers, cause and fix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gradstudio.setup.models import (
    BiasSetup,
    InitializerName,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    OutputSetup,
    Setup,
    TrainingSetup,
)
from gradstudio.training.diagnosis import Diagnosis, Verdict, diagnose
from gradstudio.training.evidence import log_mean
from gradstudio.training.recording import Recording
from gradstudio.training.state import Divergence


def design(
    hidden: int = 10,
    activation: str = "relu",
    initializer: str = "he_normal",
    units: int = 24,
    **training: object,
) -> Setup:
    weights = InitializerSetup.model_validate({"name": initializer})
    layer = LayerSetup.model_validate(
        {"units": units, "activation": activation, "initializer": weights}
    )
    return Setup(
        network=NetworkSetup(layers=(layer,) * hidden, output=OutputSetup(initializer=weights)),
        training=TrainingSetup.model_validate(training),
    )


def recorded(
    setup: Setup,
    signals: Sequence[Sequence[float]],
    updates: float | Sequence[float] | np.ndarray[Any, Any] = 1e-3,
    loss: float = 0.5,
    chance: float | None = math.log(2),
) -> Recording:
    """Record one row per entry of `signals`: delta_rms of the layers from 1 to out."""
    recording = Recording(setup, chance=chance, class_count=2)
    for index, signal in enumerate(signals):
        row = recording.layout.new_row()
        row[recording.layout.slice_of("loss")] = loss
        row[recording.layout.slice_of("delta_rms")] = signal
        ratio = updates if isinstance(updates, float) else updates[index]
        row[recording.layout.slice_of("update_ratio")] = ratio
        recording.history.append(row)
    return recording


def falling(rate: float, hidden: int = 10, output: float = 0.5) -> list[float]:
    """A signal that changes by `rate` decades per layer on its way to layer 1."""
    return [output * 10.0 ** (rate * hops) for hops in range(hidden, -1, -1)]


def steady(rate: float, hidden: int = 10, steps: int = 40) -> list[list[float]]:
    return [falling(rate, hidden)] * steps


def test_nothing_measured_is_too_early() -> None:
    assert diagnose(Recording(Setup())).verdict is Verdict.TOO_EARLY


@pytest.mark.parametrize(
    ("rate", "hidden", "verdict", "severity"),
    [
        (-0.93, 12, Verdict.VANISHING, "critical"),
        (-0.21, 10, Verdict.VANISHING, "mild"),
        (-0.14, 20, Verdict.HEALTHY, "none"),
        (-0.21, 9, Verdict.HEALTHY, "none"),
        (-0.10, 41, Verdict.VANISHING, "critical"),
        (-2.10, 1, Verdict.VANISHING, "mild"),
        (-1.90, 1, Verdict.HEALTHY, "none"),
        (0.0, 12, Verdict.HEALTHY, "none"),
        (0.19, 10, Verdict.HEALTHY, "none"),
        (0.21, 10, Verdict.EXPLODING, "mild"),
        (0.60, 10, Verdict.EXPLODING, "critical"),
    ],
)
def test_the_verdict_goes_by_the_rate_and_the_total(
    rate: float, hidden: int, verdict: Verdict, severity: str
) -> None:
    found = diagnose(recorded(design(hidden), steady(rate, hidden)))
    assert (found.verdict, found.severity) == (verdict, severity)
    assert found.per_layer == pytest.approx(rate, abs=1e-12)
    assert found.ratio == pytest.approx(10.0 ** (rate * hidden))


def test_the_verdict_does_not_depend_on_the_size_of_the_gradient() -> None:
    signals = [falling(-0.3, output=1e-9)] * 30
    assert diagnose(recorded(design(), signals)).verdict is Verdict.VANISHING
    signals = [falling(-0.01, output=1e-9)] * 30
    assert diagnose(recorded(design(), signals)).verdict is Verdict.HEALTHY


def test_the_numbers_are_geometric_means_of_the_last_twenty_steps() -> None:
    rng = np.random.default_rng(5)
    signals = 10.0 ** rng.uniform(-6, 0, (57, 11))
    found = diagnose(recorded(design(), signals.tolist()))
    logs = np.log10(signals[-20:]).mean(axis=0)
    assert found.layer1 == pytest.approx(10 ** logs[0])
    assert found.output == pytest.approx(10 ** logs[-1])
    assert found.ratio == pytest.approx(10 ** (logs[0] - logs[-1]))
    assert found.per_layer == pytest.approx((logs[0] - logs[-1]) / 10)
    assert found.basis == "geometric mean of steps 37 to 56"


def test_an_earlier_step_is_judged_by_the_steps_before_it() -> None:
    signals = steady(-0.9) + steady(0.0)
    recording = recorded(design(), signals)
    assert diagnose(recording).verdict is Verdict.HEALTHY
    before = diagnose(recording, at_step=39)
    assert before.verdict is Verdict.VANISHING
    assert before.basis == "geometric mean of steps 20 to 39"
    assert diagnose(recording, at_step=0).basis == "step 0"


def test_before_twenty_steps_step_0_decides_and_says_so() -> None:
    signals = steady(-0.9, steps=1) + steady(0.0, steps=6)
    found = diagnose(recorded(design(), signals))
    assert found.verdict is Verdict.VANISHING
    assert found.sentence.endswith("Measured at step 0 (7 of 20 steps).")
    assert found.basis == "step 0"
    assert diagnose(recorded(design(), signals + steady(0.0, steps=13))).sentence.find("of 20") < 0


def test_before_training_the_first_measurement_decides() -> None:
    recording = recorded(design(), [])
    recording.initial = recorded(design(), steady(-0.9, steps=1)).newest()
    found = diagnose(recording)
    assert found.verdict is Verdict.VANISHING
    assert found.sentence.endswith("Measured at step 0, before training.")


def test_the_card_shows_the_numbers_of_the_recording() -> None:
    found = diagnose(recorded(design(12, "sigmoid"), steady(-0.93, 12)))
    minus = "\N{MINUS SIGN}"
    assert found.evidence == (
        ("Layer 1", f"3.5e{minus}12"),
        ("Output", "0.50"),
        ("Ratio", f"6.9e{minus}12"),
        ("Per layer", f"{minus}0.93"),
    )
    assert found.sentence == f"Layer 1 gets 6.9e{minus}12 of the output layer's gradient."


def test_a_loss_at_chance_is_said_to_be_at_chance() -> None:
    found = diagnose(recorded(design(), steady(-0.9), loss=0.697))
    assert found.sentence.endswith("After 40 steps the loss is still at chance.")
    found = diagnose(recorded(design(), steady(-0.9), loss=0.5))
    assert "chance" not in found.sentence


def test_a_bad_value_in_the_window_does_not_hide_the_rest() -> None:
    signals = steady(-0.9)
    signals[-3] = [math.nan] * 11
    signals[-4] = [0.0] * 11
    signals[-5] = [math.inf] * 11
    assert diagnose(recorded(design(), signals)).per_layer == pytest.approx(-0.9)


def test_a_log_mean_takes_only_what_has_a_logarithm() -> None:
    values = np.array([[1.0, np.inf, 0.0, np.nan], [100.0, 10.0, 0.0, np.inf]])
    assert log_mean(values).tolist()[:3] == [1.0, 1.0, -math.inf]
    assert math.isnan(log_mean(values)[3])


def test_updates_larger_than_the_weights_explode() -> None:
    found = diagnose(recorded(design(), steady(0.0), updates=3.0))
    assert (found.verdict, found.severity) == (Verdict.EXPLODING, "critical")
    assert found.sentence == (
        "An update is 3.0 times the size of the weights of layer 1 and larger than the weights in "
        "every layer."
    )
    assert "learning rate" in found.cause
    assert "rate 0.01," in found.fix
    assert diagnose(recorded(design(), steady(0.0), updates=0.9)).verdict is Verdict.HEALTHY


def test_the_first_update_is_named_with_the_layers_it_rewrites() -> None:
    updates = np.tile([0.1, 12_199.0, 2.0, *[0.5] * 8], (3, 1))
    found = diagnose(recorded(design(), steady(0.0, steps=3), updates=updates))
    assert found.sentence.startswith(
        "The first update is 12,199 times the size of the weights of layer 2 and larger than the "
        "weights in 2 of 11 layers."
    )
    end = diverged_at(2, steady(0.6, steps=2), updates=updates)
    assert "The first update is 12,199 times the size of the weights of layer 2" in end.sentence


def test_weights_that_start_at_0_are_no_explosion() -> None:
    found = diagnose(recorded(design(), steady(0.0), updates=math.inf))
    assert found.verdict is Verdict.HEALTHY


def test_a_change_since_step_0_is_laid_to_training() -> None:
    signals = steady(0.0) + steady(-0.9)
    found = diagnose(recorded(design(), signals))
    assert "Training has moved the weights" in found.cause
    assert "learning rate" in found.fix
    signals = steady(0.0) + steady(0.9)
    assert "Training has moved the weights" in diagnose(recorded(design(), signals)).cause


def test_an_explosion_that_ended_in_saturation_is_laid_to_the_start() -> None:
    signals = steady(0.5) + steady(-0.9)
    found = diagnose(recorded(design(10, "tanh", "normal"), signals))
    assert found.verdict is Verdict.VANISHING
    assert found.cause.startswith("At step 0 it exploded. Normal(0, 1) has 24 times the variance")
    assert "Xavier normal" in found.fix


@pytest.mark.parametrize(
    ("activation", "initializer", "rate", "cause", "fix"),
    [
        ("sigmoid", "uniform_fan_in", -0.9, "never above 0.25", "ReLU with He normal"),
        ("relu", "xavier_normal", -0.3, "half the variance", "He normal, made for ReLU"),
        ("relu", "uniform_fan_in", -0.5, "a sixth of the variance", "He normal"),
        ("tanh", "uniform_fan_in", -0.3, "a third of the variance", "Xavier normal"),
        ("tanh", "xavier_normal", -0.3, "saturated", "orthogonal"),
        ("relu", "he_normal", -0.3, "scatters", "more units"),
        ("relu", "normal", 0.6, "12 times the variance", "He normal"),
        ("tanh", "he_normal", 0.3, "2.0 times the variance", "Xavier normal"),
    ],
)
def test_cause_and_fix_follow_from_the_setup(
    activation: str, initializer: str, rate: float, cause: str, fix: str
) -> None:
    found = diagnose(recorded(design(10, activation, initializer), steady(rate)))
    assert cause in found.cause
    assert fix in found.fix


def test_a_lone_hidden_layer_is_judged_too() -> None:
    found = diagnose(recorded(design(1, "tanh", "xavier_normal"), steady(-2.5, 1)))
    assert found.verdict is Verdict.VANISHING
    assert found.per_layer == pytest.approx(-2.5)
    assert found.cause
    assert found.fix


def zeros_up_to(top: int, hidden: int = 10) -> list[float]:
    signal = falling(-0.1, hidden)
    signal[: top + 1] = [0.0] * (top + 1)
    return signal


def test_a_dead_layer_is_named_with_its_step() -> None:
    signals = steady(-0.1, steps=30) + [zeros_up_to(6)] * 30
    found = diagnose(recorded(design(), signals))
    assert (found.verdict, found.severity) == (Verdict.DEAD, "critical")
    assert found.title == "Dead layer"
    assert found.sentence == "Layers 1 to 7 get a gradient of exactly 0 since step 30."
    assert found.cause.startswith("All 24 units of layer 7 output 0.")
    assert found.ratio == 0.0


def test_a_dead_layer_1_is_alone() -> None:
    found = diagnose(recorded(design(), [zeros_up_to(0)] * 30))
    assert found.sentence == "Layer 1 gets a gradient of exactly 0 since step 0."


def test_underflow_is_not_called_death() -> None:
    signal = falling(-5.0)
    signal[0] = 0.0
    found = diagnose(recorded(design(10, "sigmoid"), [signal] * 30))
    assert found.title == "Vanishing gradient"
    assert "float32" in found.cause
    found = diagnose(recorded(design(10, "sigmoid", precision="float64"), [signal] * 30))
    assert "float32" not in found.cause


def test_weights_of_zero_above_pass_nothing_back() -> None:
    setup = design()
    layers = list(setup.network.layers)
    layers[7] = layers[7].model_copy(update={"initializer": InitializerSetup(name="zeros")})
    network = setup.network.model_copy(update={"layers": tuple(layers)})
    setup = setup.model_copy(update={"network": network})
    found = diagnose(recorded(setup, [zeros_up_to(6)] * 30))
    assert found.title == "No gradient"
    assert "weights of layer 8" in found.cause


@pytest.mark.parametrize("initializer", ["zeros", "constant"])
@pytest.mark.parametrize("rate", [0.0, -0.9, 0.9])
def test_equal_starts_are_symmetric_whatever_the_signal(
    initializer: InitializerName, rate: float
) -> None:
    found = diagnose(recorded(design(10, "tanh", initializer), steady(rate)))
    assert (found.verdict, found.severity) == (Verdict.SYMMETRIC, "critical")
    assert found.sentence == "Layer 1 has 24 units but 1 distinct one; they stay equal for ever."


def test_a_random_layer_on_either_side_or_a_lone_unit_breaks_symmetry() -> None:
    equal, random = InitializerSetup(name="constant"), InitializerSetup(name="he_normal")

    def verdict(first: LayerSetup, output: InitializerSetup) -> Verdict:
        network = NetworkSetup(layers=(first,), output=OutputSetup(initializer=output))
        return diagnose(recorded(Setup(network=network), steady(0.0, 1))).verdict

    assert verdict(LayerSetup(initializer=equal), equal) is Verdict.SYMMETRIC
    assert verdict(LayerSetup(initializer=random), equal) is Verdict.HEALTHY
    assert verdict(LayerSetup(initializer=equal), random) is Verdict.HEALTHY
    assert verdict(LayerSetup(initializer=equal, units=1), equal) is Verdict.HEALTHY
    spread = LayerSetup(initializer=equal, bias=BiasSetup(name="uniform"))
    assert verdict(spread, equal) is Verdict.HEALTHY


def test_a_loss_that_sends_nothing_back_is_no_illness() -> None:
    found = diagnose(recorded(design(), [[0.0] * 11] * 30))
    assert (found.verdict, found.title) == (Verdict.HEALTHY, "Nothing left to learn")


def diverged_at(step: int, signals: Sequence[Sequence[float]], **kinds: Any) -> Diagnosis:
    recording = recorded(design(initializer="normal"), signals, **kinds)
    recording.divergence = Divergence(
        step=step, layer_label="8", operation="matrix product", unit=0, sample=4
    )
    return diagnose(recording)


def test_a_divergence_is_reported_at_once_with_its_place() -> None:
    found = diverged_at(2, steady(0.6, steps=2))
    assert (found.verdict, found.severity) == (Verdict.DIVERGED, "critical")
    assert found.sentence == (
        "Stopped at step 2, before the update. "
        "First bad value: layer 8, matrix product, unit 1, sample 5. Steps 0 to 1 are kept."
    )
    assert dict(found.evidence)["Step"] == "2"
    assert found.cause.startswith(
        "It exploded from the start. Normal(0, 1) has 12 times the variance"
    )
    assert "He normal" in found.fix


def test_a_divergence_of_a_level_start_is_laid_to_the_rate() -> None:
    found = diverged_at(40, steady(0.0), updates=0.01)
    assert "learning rate 0.1 is too high" in found.cause
    assert found.fix == "Try learning rate 0.01, or clip the gradient at 1."


def test_steps_before_a_divergence_keep_their_verdict() -> None:
    recording = recorded(design(), steady(0.0))
    recording.divergence = Divergence(40, "1", "loss", None, None)
    assert diagnose(recording, at_step=39).verdict is Verdict.HEALTHY
    assert diagnose(recording, at_step=40).verdict is Verdict.DIVERGED


def test_equal_recordings_have_equal_diagnoses() -> None:
    first, second = (diagnose(recorded(design(), steady(-0.9))) for _ in range(2))
    assert first == second
