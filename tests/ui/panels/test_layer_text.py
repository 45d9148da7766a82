"""The one-line text of a network: what it means, and where it goes wrong."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.setup.models import InitializerSetup, LayerSetup
from gradstudio.ui.panels.layer_text import WRITTEN, LayerTextError, format_layers, parse_layers

HE = InitializerSetup(name="he_normal")
PRESENT = (LayerSetup(units=5, activation="sigmoid"), LayerSetup(units=6, initializer=HE))


def meaning(text: str) -> list[tuple[int, str]]:
    return [(layer.units, layer.activation) for layer in parse_layers(text, PRESENT)]


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("64x3 tanh, 32", [(64, "tanh")] * 3 + [(32, "tanh")]),
        ("64×3 tanh,32 relu", [(64, "tanh")] * 3 + [(32, "relu")]),
        ("  8 * 2   Leaky  ReLU ", [(8, "leaky_relu")] * 2),
        ("8X2leaky_relu", [(8, "leaky_relu")] * 2),
        ("4 hard tanh, 3 lecun_tanh, 2 Swish", [(4, "hard_tanh"), (3, "lecun_tanh"), (2, "silu")]),
        ("7", [(7, "sigmoid")]),
        ("7, 8, 9", [(7, "sigmoid"), (8, "tanh"), (9, "tanh")]),
        ("1, 2048 linear", [(1, "sigmoid"), (2048, "linear")]),
        ("1x100 tanh", [(1, "tanh")] * 100),
    ],
)
def test_a_text_means_layers(text: str, layers: list[tuple[int, str]]) -> None:
    assert meaning(text) == layers


@pytest.mark.parametrize(
    ("text", "character", "words"),
    [
        ("", 1, "missing"),
        ("64,,32", 4, "missing"),
        ("64, ", 5, "missing"),
        ("tanh", 1, "starts no layer"),
        ("64 qanh", 4, "no activation; did you mean tanh?"),
        ("64 zzz", 4, "no activation; known are linear, .*, batchnorm, layernorm, dropout and"),
        ("64x tanh", 5, "number of layers"),
        ("64x3 tanh, -5", 12, "starts no layer"),
        ("0", 1, "at least 1"),
        ("8, 2049", 4, "at most 2,048"),
        ("99999999999999999999", 1, "at most 2,048"),
        ("8x101", 3, "at most 100"),
        ("8x0", 3, "at least 1"),
        ("8x60, 9x60 relu", 9, "120 hidden layers"),
        ("8x60, 9x40, 5", 13, "101 hidden layers"),
        ("64 relu tanh", 9, "activation of the layer is named already"),
        ("64 bn layernorm", 7, "normalisation of the layer is named already"),
        ("64 +skip +fixup", 10, "shortcut of the layer is named already"),
        ("64 dropout", 11, "share of units, such as 0.2"),
        ("64 dropout x", 12, "share of units"),
        ("64 dropout 0.99", 12, "dropout 0.99 is above 0.95"),
        ("64 +", 5, "comes a shortcut: skip, scaled, rezero, fixup"),
        ("64 relu +dense", 10, "comes a shortcut"),
        ("64 +skip 0", 10, "at least 1"),
        ("64 leaky(", 10, "slope below 0"),
        ("64 leaky(2)", 10, "leak 2 is above 1"),
        ("64 leaky(0.2", 13, "is missing"),
        ("64 relu(0.2)", 8, "only leaky ReLU"),
        ("64 (0.2)", 4, "no activation"),
        ("64, (32, 16", 12, "bracket of character 5 stays open"),
        ("64)", 3, "closes no bracket"),
        ("(64)x", 6, "number of layers"),
        ("(64x60, 8x60)x2", 11, "120 hidden layers"),
        ("(64x60)x2", 9, "120 hidden layers"),
        ("()", 2, "missing"),
    ],
)
def test_an_error_names_the_character(text: str, character: int, words: str) -> None:
    with pytest.raises(LayerTextError, match=words) as caught:
        parse_layers(text, PRESENT)
    assert caught.value.position == character - 1
    assert str(caught.value).startswith(f"Character {character}: ")


def test_every_activation_can_be_written() -> None:
    assert tuple(WRITTEN) == tuple(ACTIVATIONS)
    for name, text in WRITTEN.items():
        assert text.lower() == ACTIVATIONS[name].label.lower()


def test_layers_keep_the_initializer_of_their_place_and_new_ones_that_of_the_last() -> None:
    made = parse_layers("1, 2, 3", PRESENT)
    assert [layer.initializer for layer in made] == [InitializerSetup(), HE, HE]


def test_equal_neighbours_are_written_once() -> None:
    layers = [LayerSetup(units=24, activation="sigmoid")] * 12 + [LayerSetup(units=2)]
    assert format_layers(layers) == "24×12 sigmoid, 2 tanh"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("64 relu +skip", {"activation": "relu", "residual": "plain", "span": 1}),
        ("64 tanh batchnorm", {"activation": "tanh", "normalisation": "batch"}),
        ("64 Layer Norm tanh", {"activation": "tanh", "normalisation": "layer"}),
        ("32 relu dropout 0.2", {"activation": "relu", "dropout": 0.2}),
        ("32 dropout .5 ln", {"activation": "sigmoid", "dropout": 0.5, "normalisation": "layer"}),
        ("32 leaky(0.2)", {"activation": "leaky_relu", "leak": 0.2}),
        ("32 Leaky ReLU (1e-3)+rezero3",
         {"activation": "leaky_relu", "leak": 1e-3, "residual": "rezero", "span": 3}),
        ("8 +scaled 2 elu", {"activation": "elu", "residual": "scaled", "span": 2}),
        ("8 + fixup", {"activation": "sigmoid", "residual": "fixup"}),
    ],
)  # fmt: skip
def test_what_a_layer_has_beside_is_read(text: str, fields: dict[str, object]) -> None:
    (layer,) = parse_layers(text, PRESENT[:1])
    assert {name: getattr(layer, name) for name in fields} == fields
    plain = {"normalisation": "none", "residual": "none", "dropout": 0.0}
    rest = {name: value for name, value in plain.items() if name not in fields}
    assert {name: getattr(layer, name) for name in rest} == rest


def test_what_is_not_written_is_not_there() -> None:
    present = [LayerSetup(normalisation="batch", residual="plain", dropout=0.3)]
    (layer,) = parse_layers("16 tanh", present)
    assert layer == LayerSetup()


def test_a_leak_holds_as_long_as_its_activation() -> None:
    layers = parse_layers("1 leaky(0.3), 2, 3 tanh, 4 leaky", PRESENT)
    assert [layer.leak for layer in layers] == [0.3, 0.3, 0.01, 0.01]
    assert format_layers(layers) == "1 leaky ReLU(0.3), 2, 3 tanh, 4 leaky ReLU"


def test_groups_come_as_often_as_they_are_said_to() -> None:
    layers = parse_layers("9 relu, (8, 7x2 tanh +skip)x3, 6", PRESENT)
    assert [layer.units for layer in layers] == [9, *[8, 7, 7] * 3, 6]
    assert [layer.activation for layer in layers][:6] == ["relu", "relu", *["tanh"] * 4]
    assert parse_layers("((1, 2)x2, 3)x2", PRESENT) == parse_layers("1,2,1,2,3,1,2,1,2,3", PRESENT)


@pytest.mark.parametrize(
    "text",
    [
        "32 ReLU, 32×29 +scaled",
        "32×30 ReLU batchnorm",
        "(32 ReLU, 32 +skip 2)×15",
        "32 ReLU, (32×2, 32 layernorm dropout 0.1 +rezero 3)×5, 8 tanh",
        "(8 ReLU, 9 tanh)×3, 9",
        "1 tanh, 2, 1, 2",
        "100 GELU, 100 batchnorm dropout 0.25 +fixup 2",
    ],
)
def test_the_short_way_is_found_again(text: str) -> None:
    assert format_layers(parse_layers(text, PRESENT)) == text


STRUCTURED = st.builds(
    LayerSetup,
    units=st.integers(1, 2048) | st.integers(7, 8),
    activation=st.sampled_from(sorted(WRITTEN)) | st.sampled_from(["relu", "leaky_relu"]),
    leak=st.floats(0, 1) | st.just(0.01),
    normalisation=st.sampled_from(["none", "none", "batch", "layer"]),
    residual=st.sampled_from(["none", "none", "plain", "scaled", "rezero", "fixup"]),
    span=st.integers(1, 100) | st.just(1),
    dropout=st.floats(0, 0.95) | st.just(0.0),
)
REPEATED = st.tuples(st.lists(STRUCTURED, min_size=1, max_size=4), st.integers(1, 6)).map(
    lambda block: block[0] * block[1]
)


@given(st.lists(REPEATED, min_size=1, max_size=4).map(lambda blocks: [*chain(*blocks)]))
def test_what_is_written_reads_the_same(layers: list[LayerSetup]) -> None:
    assert parse_layers(format_layers(layers), layers) == tuple(layers)


@given(st.text(alphabet="1 2x,()+tanhskiprelu.dobc", max_size=20))
def test_any_text_is_read_or_refused_at_a_character_of_it(text: str) -> None:
    try:
        assert parse_layers(text, PRESENT)
    except LayerTextError as error:
        assert 0 <= error.position <= len(text)
