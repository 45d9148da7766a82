"""What can be done to what layers have beside their weights, and how it is named."""

from __future__ import annotations

import pytest

from gradstudio.setup.models import LayerSetup, NetworkSetup
from gradstudio.ui.panels import structure_acts as acts
from gradstudio.ui.panels.network_acts import Act, ActError

NET = NetworkSetup(layers=(LayerSetup(units=8),) * 6)


def shortcuts(act: Act) -> list[tuple[str, int]]:
    return [(layer.residual, layer.span) for layer in act.network.layers]


@pytest.mark.parametrize(
    ("layers", "span", "ends"),
    [
        ([1, 2, 3], 1, [1, 2, 3]),
        ([1, 2, 3, 4], 2, [2, 4]),
        ([1, 2, 3, 4, 5], 2, [2, 4]),
        ([4], 3, [4]),
        ([0, 1, 3, 4, 5], 2, [1, 4]),
    ],
)
def test_branches_follow_each_other(layers: list[int], span: int, ends: list[int]) -> None:
    assert acts.branch_ends(layers, span) == ends


def test_an_edit_of_a_field_names_layers_field_old_and_new_value() -> None:
    act = acts.set_field(NET, [1, 2, 6], "normalisation", "batch")
    assert act.text == "Layers 2–3 normalisation None to Batch"
    assert [x.normalisation for x in act.network.layers] == ["none", *["batch"] * 2, *["none"] * 3]
    assert acts.set_field(NET, [0], "dropout", 0.2).text == "Layer 1 dropout 0 to 0.2"
    assert acts.set_field(NET, [0], "leak", 0.3).text == "Layer 1 leak 0.01 to 0.3"
    with pytest.raises(ActError, match="output layer"):
        acts.set_field(NET, [6], "dropout", 0.2)


def test_shortcuts_are_laid_over_the_layers_chosen() -> None:
    act = acts.set_shortcut(NET, [1, 2, 3, 4], "scaled", 2, inputs=2)
    none = ("none", 1)
    assert shortcuts(act) == [none, none, ("scaled", 2), none, ("scaled", 2), none]
    assert act.text == "Layers 2–5 shortcut None to Scaled by 1/√L, over 2"
    assert not act.note
    again = acts.set_shortcut(act.network, [1, 2, 3, 4], "plain", 1, inputs=2)
    assert shortcuts(again) == [none, *[("plain", 1)] * 4, none]
    assert again.text == "Layers 2–5 shortcut None, Scaled by 1/√L, over 2 to Plain"
    gone = acts.set_shortcut(again.network, [1, 2, 3, 4], "none", 1, inputs=2)
    assert gone.network == NET
    assert gone.text == "Layers 2–5 shortcut Plain to None"


def test_what_does_not_fit_is_left_out_and_said() -> None:
    act = acts.set_shortcut(NET, range(7), "plain", 1, inputs=2)
    assert shortcuts(act) == [("none", 1), *[("plain", 1)] * 5]
    assert act.note == ("Layer 1 gets no shortcut: 2 units of the input cannot be added to 8")
    narrow = NET.model_copy(update={"layers": (*NET.layers, LayerSetup(units=3))})
    with pytest.raises(ActError, match="Layer 7 gets no shortcut: 8 units of layer 6 cannot"):
        acts.set_shortcut(narrow, [6], "rezero", 1, inputs=2)
    with pytest.raises(ActError, match="over 3 layers begins before the input"):
        acts.set_shortcut(NET, [1], "rezero", 3, inputs=2)


def test_a_shortcut_can_begin_at_the_input() -> None:
    assert shortcuts(acts.set_shortcut(NET, [0], "plain", 1, inputs=8))[0] == ("plain", 1)


def test_the_first_shortcut_among_the_layers_stands_for_them() -> None:
    act = acts.set_shortcut(NET, [1, 2, 3, 4], "fixup", 2, inputs=2)
    shown = acts.shortcut_shown(act.network.layers[1:5])
    assert (shown.residual, shown.span) == ("fixup", 2)
    assert acts.shortcut_shown(NET.layers).residual == "none"
