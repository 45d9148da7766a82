"""How a layer starts: what a file says of it, and what is refused."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from gradstudio.errors import SetupError
from gradstudio.nn.biases import BIAS_DEFAULTS, BIAS_INITIALIZERS
from gradstudio.nn.initializer import DEFAULTS, PARAMETERS
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.setup import (
    BiasSetup,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    Setup,
    dumps,
    loads,
)
from gradstudio.setup.starts import BiasInitializerName, InitializerName


def of(**initializer: Any) -> Setup:
    """A network whose one hidden layer starts in some way."""
    layer = LayerSetup(initializer=InitializerSetup.model_validate(initializer))
    return Setup(network=NetworkSetup(layers=(layer,)))


def written(setup: Setup, part: str = "initializer") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dumps(setup))["network"]["layers"][0][part]
    return found


def read(part: str, fields: dict[str, Any]) -> Any:
    body = {"network": {"layers": [{part: fields}]}}
    text = json.dumps({"format": "gradstudio-setup", "version": 1, **body})
    return getattr(loads(text).network.layers[0], part)


def refused(fields: dict[str, Any]) -> str:
    with pytest.raises(SetupError) as caught:
        read("initializer", fields)
    return str(caught.value).removeprefix("network.layers[0].initializer")


def test_the_names_and_defaults_of_a_setup_are_those_of_the_tables() -> None:
    assert set(get_args(InitializerName)) == set(INITIALIZERS)
    assert set(get_args(BiasInitializerName)) == set(BIAS_INITIALIZERS)
    fields, biases = InitializerSetup.model_fields, BiasSetup.model_fields
    assert {name: fields[name].default for name in fields if name != "name"} == {
        name: DEFAULTS[name]
        for name in PARAMETERS  # type: ignore[literal-required]
    }
    assert {name: biases[name].default for name in biases if name != "name"} == BIAS_DEFAULTS


def test_every_field_has_a_title_and_says_what_it_does() -> None:
    for model in (InitializerSetup, BiasSetup):
        for name, field in model.model_fields.items():
            assert field.title, name
            assert field.description or name == "name", name


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_setup_gives_an_initializer_what_it_takes(name: str) -> None:
    setup = InitializerSetup(name=name)  # type: ignore[arg-type]
    assert setup.parameters == INITIALIZERS[name].parameters


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_parameter_that_is_used_is_written_unless_old_files_lack_it(name: str) -> None:
    used = set(INITIALIZERS[name].parameters) - {"gain", "mode"}
    assert set(written(of(name=name))) == {"name", *used}


def test_a_gain_and_a_fan_are_written_when_they_say_something() -> None:
    setup = of(name="he_normal", gain="auto", mode="fan_out")
    assert written(setup) == {"name": "he_normal", "gain": "auto", "mode": "fan_out"}
    assert loads(dumps(setup)) == setup
    assert written(of(name="xavier_normal", gain=1.5)) == {"name": "xavier_normal", "gain": 1.5}


@pytest.mark.parametrize("name", BIAS_INITIALIZERS)
def test_biases_are_written_with_exactly_the_numbers_they_use(name: str) -> None:
    layer = LayerSetup(bias=BiasSetup(name=name))  # type: ignore[arg-type]
    setup = Setup(network=NetworkSetup(layers=(layer,)))
    assert set(written(setup, "bias")) == {"name", *BIAS_INITIALIZERS[name].parameters}
    assert loads(dumps(setup)) == setup


def test_files_from_before_there_were_gains_mean_the_same() -> None:
    assert read("initializer", {"name": "he_normal"}) == InitializerSetup(name="he_normal")
    assert read("initializer", {"name": "normal", "std": 2.0}) == InitializerSetup(
        name="normal", std=2.0
    )
    assert read("bias", {"name": "uniform", "bound": 0.2}) == BiasSetup(name="uniform", bound=0.2)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"gain": "foo"}, ".gain: needs a number or 'auto', got 'foo'"),
        ({"gain": "Auto"}, ".gain: needs a number or 'auto', got 'Auto'; did you mean 'auto'?"),
        ({"gain": True}, ".gain: needs a number or 'auto', got true"),
        ({"gain": {}}, ".gain: needs a number or 'auto', got an object"),
        ({"gain": 0}, ".gain: 0 is below 0.001"),
        ({"gain": 101}, ".gain: 101 is above 100"),
        ({"gain": float("inf")}, ".gain: needs a finite number, got Infinity"),
        (
            {"mode": "fan_inn"},
            ".mode: 'fan_inn' is not one of fan_in, fan_out, fan_avg, fan_geo_avg; "
            "did you mean 'fan_in'?",
        ),
        (
            {"distribution": "cauchy"},
            ".distribution: 'cauchy' is not one of normal, truncated_normal, uniform",
        ),
        ({"sparsity": 1.5}, ".sparsity: 1.5 is above 1"),
        (
            {"gain": "foo", "sparsity": -1},
            ".gain: needs a number or 'auto', got 'foo' (and 1 more)",
        ),
        (
            {"gain": "foo", "sparsity": -1},
            ".gain: needs a number or 'auto', got 'foo' (and 1 more)",
        ),
        ({"gian": 1}, ": unknown field 'gian'; did you mean 'gain'?"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_start_is_named_with_what_would_be_right(
    fields: dict[str, Any], sentence: str
) -> None:
    assert refused(fields) == sentence
