"""What can be done to layers, and how it is named."""

from __future__ import annotations

import pytest

from gradstudio.setup.models import LayerSetup, NetworkSetup
from gradstudio.ui.panels import network_acts as acts

NET = NetworkSetup(layers=tuple(LayerSetup(units=units) for units in (10, 20, 30, 40)))


def units(act: acts.Act) -> list[int]:
    return [layer.units for layer in act.network.layers]


@pytest.mark.parametrize(
    ("indices", "name"),
    [
        ([2], "layer 3"),
        ([0, 1, 2, 3], "layers 1–4"),
        ([0, 1, 2, 3, 4], "layers 1–4 and out"),
        ([0, 2, 3], "layers 1 and 3–4"),
        ([4], "layer out"),
    ],
)
def test_layers_are_named_in_runs(indices: list[int], name: str) -> None:
    assert acts.layer_names(indices, 4) == name


def test_an_edit_of_a_field_names_layer_field_old_and_new_value() -> None:
    assert acts.set_units(NET, [2], 48).text == "Layer 3 units 30 to 48"
    assert acts.set_activation(NET, [0, 1], "relu").text == "Layers 1–2 φ tanh to ReLU"
    text = acts.set_initializer(NET, [3, 4], "he_normal").text
    assert text == "Layers 4 and out initializer Xavier normal to He normal"
    assert acts.set_units(NET, [0, 1], 5).text == "Layers 1–2 units 10, 20 to 5"


def test_units_and_activation_of_the_output_stay() -> None:
    assert units(acts.set_units(NET, [3, 4], 7)) == [10, 20, 30, 7]
    with pytest.raises(acts.ActError, match="output layer"):
        acts.set_activation(NET, [4], "relu")


def test_a_new_layer_is_like_the_one_before_it() -> None:
    act = acts.add(NET, 1)
    assert units(act) == [10, 20, 20, 30, 40]
    assert act.selection == (2,)
    assert units(acts.add(NET, 4)) == [10, 20, 30, 40, 40]
    assert units(acts.add(NET, -1)) == [10, 20, 30, 40, 40]


def test_copies_stand_behind_the_last_of_the_selected() -> None:
    act = acts.duplicate(NET, [0, 2])
    assert units(act) == [10, 20, 30, 10, 30, 40]
    assert act.selection == (3, 4)


def test_repeat_counts_the_block_itself() -> None:
    act = acts.repeat(NET, [1, 2], 3)
    assert units(act) == [10, 20, 30, 20, 30, 20, 30, 40]
    assert act.text == "Repeat layers 2–3 × 3: 4 to 8 layers"


def test_more_than_a_hundred_layers_are_refused() -> None:
    assert len(acts.repeat(NET, [0], 97).network.layers) == 100
    with pytest.raises(acts.ActError, match="101 hidden layers are too many, at most 100"):
        acts.repeat(NET, [0], 98)


def test_the_last_hidden_layer_stays() -> None:
    assert units(acts.delete(NET, [0, 1, 3, 4])) == [30]
    with pytest.raises(acts.ActError, match="at least 1"):
        acts.delete(NET, [0, 1, 2, 3])


@pytest.mark.parametrize(
    ("indices", "gap", "result", "selection"),
    [
        ([0], 4, [20, 30, 40, 10], (3,)),
        ([3], 0, [40, 10, 20, 30], (0,)),
        ([0, 2], 4, [20, 40, 10, 30], (2, 3)),
        ([1], 1, [10, 20, 30, 40], (1,)),
        ([1], 2, [10, 20, 30, 40], (1,)),
        ([0, 3], 2, [20, 10, 40, 30], (1, 2)),
    ],
)
def test_layers_move_in_front_of_a_gap(
    indices: list[int], gap: int, result: list[int], selection: tuple[int, ...]
) -> None:
    act = acts.move(NET, indices, gap)
    assert units(act) == result
    assert act.selection == selection


def test_a_move_by_one_ends_at_the_ends() -> None:
    assert units(acts.move_by(NET, [1, 2], -1)) == [20, 30, 10, 40]
    assert units(acts.move_by(NET, [1, 2], +1)) == [10, 40, 20, 30]
    assert acts.move_by(NET, [1], +1).text == "Move layer 2 to 3"
    with pytest.raises(acts.ActError, match="cannot move further"):
        acts.move_by(NET, [0], -1)
    with pytest.raises(acts.ActError, match="cannot move further"):
        acts.move_by(NET, [3], +1)


def test_a_text_replaces_all_layers_and_says_both() -> None:
    act = acts.retype(NET, "8x2 relu")
    assert units(act) == [8, 8]
    assert act.text == "Layers 10 tanh, 20, 30, 40 to 8×2 ReLU"
