"""Real runs, sick on purpose and healthy, get the verdict that their design earns."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.setup.models import (
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    OutputSetup,
    Setup,
    TrainingSetup,
)
from gradstudio.training.diagnosis import Diagnosis, Verdict, diagnose
from gradstudio.training.trainer import Trainer


def trained(
    activation: str,
    initializer: str,
    steps: int,
    std: float = 1.0,
    hidden: int = 10,
    **training: object,
) -> Trainer:
    """Train hidden layers of 64 units on the spirals."""
    weights = InitializerSetup.model_validate({"name": initializer, "std": std})
    layer = LayerSetup.model_validate(
        {"units": 64, "activation": activation, "initializer": weights}
    )
    setup = Setup(
        network=NetworkSetup(layers=(layer,) * hidden, output=OutputSetup(initializer=weights)),
        training=TrainingSetup.model_validate({"precision": "float64", **training}),
    )
    trainer = Trainer(setup)
    trainer.recording.initial = trainer.measure()
    trainer.run(steps)
    return trainer


def diagnosed(activation: str, initializer: str, steps: int, std: float = 1.0) -> Diagnosis:
    return diagnose(trained(activation, initializer, steps, std).recording)


@pytest.mark.parametrize("steps", [0, 25])
@pytest.mark.parametrize(
    ("activation", "initializer", "std"),
    [
        ("sigmoid", "uniform_fan_in", 1.0),
        ("sigmoid", "xavier_normal", 1.0),
        ("sigmoid", "he_normal", 1.0),
        ("sigmoid", "orthogonal", 1.0),
        ("sigmoid", "normal", 0.01),
        ("tanh", "uniform_fan_in", 1.0),
        ("tanh", "normal", 0.01),
        ("relu", "uniform_fan_in", 1.0),
        ("relu", "normal", 0.01),
    ],
)
def test_sick_by_design_is_vanishing(
    activation: str, initializer: str, std: float, steps: int
) -> None:
    found = diagnosed(activation, initializer, steps, std)
    assert found.verdict is Verdict.VANISHING
    assert found.cause
    assert found.fix


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_normal_0_1_explodes_at_once(activation: str) -> None:
    found = diagnosed(activation, "normal", 1)
    assert (found.verdict, found.severity) == (Verdict.EXPLODING, "critical")
    assert found.cause.startswith("Normal(0, 1) has ")


@pytest.mark.parametrize("initializer", ["zeros", "constant"])
def test_equal_weights_are_symmetric(initializer: str) -> None:
    assert diagnosed("tanh", initializer, 25).verdict is Verdict.SYMMETRIC


@pytest.mark.parametrize("steps", [0, 25])
@pytest.mark.parametrize(
    ("activation", "initializer"),
    [
        ("tanh", "xavier_normal"),
        ("tanh", "xavier_uniform"),
        ("tanh", "he_normal"),
        ("tanh", "orthogonal"),
        ("relu", "he_normal"),
        ("relu", "he_uniform"),
    ],
)
def test_made_for_each_other_is_healthy(activation: str, initializer: str, steps: int) -> None:
    found = diagnosed(activation, initializer, steps)
    assert (found.verdict, found.severity) == (Verdict.HEALTHY, "none")
    assert found.cause == found.fix == ""


def test_an_overflow_is_reported_with_the_step_before_it() -> None:
    trainer = trained("relu", "normal", 50, precision="float32", learning_rate=1.0)
    found = diagnose(trainer.recording)
    assert trainer.recording.divergence is not None
    assert found.verdict is Verdict.DIVERGED
    assert found.basis == f"step {trainer.step_count}"
    assert "exploded from the start" in found.cause


def test_a_start_that_is_not_finite_is_said_to_be_so_before_the_first_step() -> None:
    trainer = trained("relu", "normal", 0, 10.0, hidden=30, precision="float32")
    found = diagnose(trainer.recording)
    assert (found.verdict, found.severity) == (Verdict.DIVERGED, "critical")
    assert found.sentence.endswith("before training.")
    assert "He normal" in found.fix


def test_the_numbers_are_those_of_the_recorded_rows() -> None:
    trainer = trained("sigmoid", "uniform_fan_in", 30)
    found = diagnose(trainer.recording)
    delta = trainer.recording.history.read("delta_rms", 10, 30).last
    logs = np.log10(delta).mean(axis=0)
    assert found.per_layer == pytest.approx((logs[0] - logs[-1]) / 10, rel=1e-12)
    assert found.layer1 == pytest.approx(10.0 ** logs[0], rel=1e-12)
