"""Parameters and the estimated time of a step."""

from __future__ import annotations

from gradstudio.nn.network import Network
from gradstudio.nn.structure import LayerStructure
from gradstudio.training.cost import parameter_count, step_seconds


def test_the_count_is_that_of_the_network_built() -> None:
    sizes = [11, 9, 7, 6]
    assert parameter_count(sizes) == Network(sizes, "tanh").parameter_count


def test_what_layers_have_beside_their_weights_counts() -> None:
    sizes = [4, 9, 7, 3]
    structures = [LayerStructure("batch"), LayerStructure("layer", "none", dropout=0.2)]
    net = Network(sizes, "tanh", structure=structures)
    assert parameter_count(sizes, structures) == net.parameter_count
    plain = step_seconds(sizes, 32)
    assert step_seconds(sizes, 32, [LayerStructure()] * 2) == plain
    assert step_seconds(sizes, 32, structures) > 1.5 * plain
    shortcut = [LayerStructure(), LayerStructure("none", "rezero")]
    assert parameter_count([4, 4, 4, 2], shortcut) == parameter_count([4, 4, 4, 2]) + 1


def test_twelve_layers_of_24_units_have_6722_parameters() -> None:
    assert parameter_count([2, *[24] * 12, 2]) == 6722


def test_a_step_takes_longer_with_more_layers_more_units_and_more_samples() -> None:
    plain = step_seconds([2, 16, 16, 2], 32)
    assert step_seconds([2, 16, 16, 16, 2], 32) > plain
    assert step_seconds([2, 512, 512, 2], 32) > plain
    assert step_seconds([2, 16, 16, 2], 4096) > plain
