"""What a layer has beside its weights, in the file: short where it can be, refused by name."""

import json

import pytest

from gradstudio.errors import SetupError
from gradstudio.nn.structure import NORMALISATIONS, RESIDUALS
from gradstudio.setup import LayerSetup, NetworkSetup, Setup, dumps, loads
from gradstudio.ui.field_spec import field_spec

BESIDE = ("leak", "normalisation", "residual", "span", "dropout")


def written(**fields):
    layer = LayerSetup(**fields)
    text = dumps(Setup(network=NetworkSetup(layers=(layer,))))
    assert loads(text).network.layers == (layer,)
    body = json.loads(text)["network"]["layers"][0]
    return {name: body[name] for name in BESIDE if name in body}


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({}, {}),
        ({"activation": "leaky_relu"}, {"leak": 0.01}),
        ({"leak": 0.3}, {"leak": 0.3}),
        ({"normalisation": "batch"}, {"normalisation": "batch"}),
        ({"residual": "plain"}, {"residual": "plain", "span": 1}),
        ({"span": 4}, {"span": 4}),
        ({"dropout": 0.2}, {"dropout": 0.2}),
    ],
)
def test_only_what_is_used_or_chosen_is_written(fields, kept):
    assert written(**fields) == kept


def test_a_layer_with_everything_is_one_line():
    layer = LayerSetup(normalisation="layer", residual="rezero", span=2, dropout=0.1)
    line = next(x for x in dumps(Setup(network={"layers": (layer,)})).splitlines() if "units" in x)
    assert line.strip().endswith(
        '"normalisation": "layer", "residual": "rezero", "span": 2, "dropout": 0.1}'
    )


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("normalisation", "bach", "'bach' is not one of none, batch, layer; did you mean 'batch'?"),
        ("residual", "dense", "'dense' is not one of none, plain, scaled, rezero, fixup"),
        ("span", 0, "0 is below 1"),
        ("span", 101, "101 is above 100"),
        ("span", 1.5, "needs a whole number, got 1.5"),
        ("dropout", 0.96, "0.96 is above 0.95"),
        ("dropout", -0.1, "-0.1 is below 0"),
        ("leak", 1.01, "1.01 is above 1"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(field, value, problem):
    body = {"network": {"layers": [{}, {field: value}]}}
    with pytest.raises(SetupError) as refused:
        loads(json.dumps({"format": "gradstudio-setup", "version": 1, **body}))
    assert str(refused.value) == f"network.layers[1].{field}: {problem}"


def test_the_choices_are_those_of_the_engine():
    assert field_spec(LayerSetup, "normalisation").choices == tuple(NORMALISATIONS)
    assert field_spec(LayerSetup, "residual").choices == tuple(RESIDUALS)


@pytest.mark.parametrize("field", BESIDE)
def test_every_field_says_what_it_does_to_the_gradient(field):
    spec = field_spec(LayerSetup, field)
    assert spec.label != field and len(spec.description) > 40
    words = ("gradient", "Both ends need")
    assert any(word in spec.description for word in words)
