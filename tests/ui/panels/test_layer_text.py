"""The one-line text of a network: what it means, and where it goes wrong."""

from __future__ import annotations

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
        ("64 qanh", 4, "no activation"),
        ("64x tanh", 5, "number of layers"),
        ("64x3 tanh, -5", 12, "starts no layer"),
        ("0", 1, "at least 1"),
        ("8, 2049", 4, "at most 2,048"),
        ("99999999999999999999", 1, "at most 2,048"),
        ("8x101", 3, "at most 100"),
        ("8x0", 3, "at least 1"),
        ("8x60, 9x60 relu", 9, "120 hidden layers"),
        ("8x60, 9x40, 5", 13, "101 hidden layers"),
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


@given(
    st.lists(
        st.builds(
            LayerSetup, units=st.integers(1, 2048), activation=st.sampled_from(sorted(WRITTEN))
        ),
        min_size=1,
        max_size=100,
    )
)
def test_what_is_written_reads_the_same(layers: list[LayerSetup]) -> None:
    assert parse_layers(format_layers(layers), PRESENT[:1]) == tuple(layers)
