"""What is said of runs with normalisation, shortcuts, dropout and half precision: nothing wrong."""

from __future__ import annotations

from typing import Any

import pytest

from gradstudio.setup.models import DataSetup, InitializerSetup, LayerSetup, NetworkSetup, Setup
from gradstudio.training.diagnosis import Diagnosis, diagnose
from gradstudio.training.structure_causes import normalised_factor
from gradstudio.training.trainer import Trainer
from gradstudio.training.verdict import Verdict
from tests.training.setups import small


def deep(count: int = 20, first: dict[str, Any] | None = None, **layer: Any) -> Setup:
    """Layers of 16 units on two inputs; ``layer`` holds fields of those from the second on."""
    start = {"initializer": InitializerSetup(name=layer.pop("initializer", "xavier_normal"))}
    plain = LayerSetup(units=16, activation=layer.get("activation", "relu"), **start)
    rest = plain.model_copy(update=layer)
    layers = (plain.model_copy(update=first or {}), *[rest] * (count - 1))
    setup = small(learning_rate=0.01)
    return setup.model_copy(update={"network": NetworkSetup(layers=layers)})


def after(setup: Setup, steps: int) -> Diagnosis:
    trainer = Trainer(setup)
    trainer.recording.initial = trainer.measure()
    trainer.run(steps)
    return diagnose(trainer.recording)


@pytest.mark.parametrize("steps", [0, 1, 7])
@pytest.mark.parametrize("span", [1, 2])
def test_rezero_from_layer_1_on_is_not_dead_at_step_0(steps: int, span: int) -> None:
    layers = [LayerSetup(units=2), LayerSetup(units=2)]
    layers[span - 1] = LayerSetup(units=2, residual="rezero", span=span)
    setup = small((2, 2)).model_copy(update={"network": NetworkSetup(layers=tuple(layers))})
    early = after(setup, steps)
    assert early.verdict is Verdict.TOO_EARLY
    assert early.sentence.startswith("ReZero starts every branch at 0: the layers in it get noth")
    late = after(setup, 40)
    assert late.verdict is Verdict.HEALTHY
    if late.ratio < 1e-3:
        assert "the factor of its ReZero branch started at 0" in late.sentence


@pytest.mark.parametrize("steps", [1, 30])
@pytest.mark.parametrize("residual", ["rezero", "scaled"])
def test_thirty_layers_with_shortcuts_are_healthy(steps: int, residual: str) -> None:
    assert after(deep(30, residual=residual), steps).verdict is Verdict.HEALTHY
    assert after(deep(30), steps).verdict is Verdict.VANISHING


@pytest.mark.parametrize("steps", [1, 30])
def test_branches_that_fixup_makes_dead_for_ever_are_found(steps: int) -> None:
    found = after(deep(6, residual="fixup"), steps)
    assert (found.verdict, found.severity, found.title) == (Verdict.DEAD, "mild", "Dead branches")
    assert found.sentence.startswith(
        "5 layers get exactly 0 since step 0, the first of them layer 2; shortcuts carry"
    )
    assert "Fixup starts the last weights of each branch at 0, where ReLU" in found.cause
    assert after(deep(6, residual="fixup", activation="tanh"), steps).verdict is Verdict.HEALTHY


def test_the_layers_before_the_last_of_a_fixup_branch_wait_without_being_dead() -> None:
    setup = deep(5, activation="tanh")
    layers = list(setup.network.layers)
    for end in (2, 4):
        layers[end] = layers[end].model_copy(update={"residual": "fixup", "span": 2})
    setup = setup.model_copy(update={"network": NetworkSetup(layers=tuple(layers))})
    record = Trainer(setup).step()
    assert [i for i, x in enumerate(record.delta_rms) if x == 0] == [1, 3]
    assert after(setup, 1).verdict is Verdict.HEALTHY
    assert after(setup, 30).verdict is Verdict.HEALTHY


def test_many_plain_shortcuts_explode_and_the_cause_is_named() -> None:
    found = after(deep(60, residual="plain"), 1)
    assert found.verdict is Verdict.EXPLODING
    assert found.cause == "Each plain shortcut adds to the signal: 59 of them multiply it."
    assert "1/√L" in found.fix


def test_layer_normalisation_does_not_blame_the_weights() -> None:
    setup = deep(20, {"normalisation": "layer"}, activation="sigmoid", normalisation="layer")
    found = after(setup, 1)
    assert found.verdict is Verdict.VANISHING
    assert "divides out the size of the weights" in found.cause
    assert "Xavier" not in found.cause + found.fix
    factor = normalised_factor(setup.network.layers[1])
    assert 10**found.per_layer == pytest.approx(factor, rel=0.1)
    assert f"{factor:.2f} times" in found.cause


def test_large_weights_of_normalised_layers_are_not_blamed() -> None:
    setup = deep(12, normalisation="batch", initializer="normal")
    trainer = Trainer(setup)
    trainer.run(1)
    found = diagnose(trainer.recording)
    assert "variance that" not in found.cause


@pytest.mark.parametrize("beside", [{"residual": "plain"}, {"dropout": 0.3}])
def test_shortcuts_and_dropout_tell_equal_units_apart(beside: dict[str, Any]) -> None:
    zeros = InitializerSetup(name="constant", value=0.1)
    layers = (LayerSetup(units=8), *[LayerSetup(units=8, initializer=zeros)] * 2)
    network = NetworkSetup(layers=layers, output={"initializer": zeros})
    setup = small().model_copy(update={"network": network})
    assert after(setup, 5).verdict is Verdict.SYMMETRIC
    told = [layer.model_copy(update=beside if i else {}) for i, layer in enumerate(layers)]
    apart = setup.model_copy(update={"network": network.model_copy(update={"layers": tuple(told)})})
    assert after(apart, 5).verdict is not Verdict.SYMMETRIC


def test_half_precision_loses_a_small_gradient_and_says_so() -> None:
    setup = deep(16, activation="sigmoid", initializer="uniform_fan_in")
    half = setup.model_copy(
        update={"training": setup.training.model_copy(update={"precision": "float16"})}
    )
    found = after(half, 1)
    assert found.verdict is Verdict.DEAD
    assert found.title == "Vanishing gradient"
    assert "It has shrunk below what float16 can hold." in found.cause
    assert after(setup, 1).verdict is Verdict.VANISHING


def test_a_dead_relu_is_no_underflow_in_half_precision() -> None:
    layers = tuple(
        LayerSetup(units=8, activation="relu", bias={"name": "constant", "value": -10.0})
        for _ in range(3)
    )
    setup = small(precision="float16", batch_size=8).model_copy(
        update={"network": NetworkSetup(layers=layers), "data": DataSetup(name="xor", samples=80)}
    )
    assert after(setup, 1).title == "Dead layer"
