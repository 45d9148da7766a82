"""The initializer panel: which layers it edits, what it shows, and what the rules say."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradstudio.nn.initializer import PARAMETERS
from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.training.start import initializer_of, start_arguments
from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.fields import NumberField
from gradstudio.ui.gain_field import GainField
from gradstudio.ui.theme import apply_theme
from tests.ui.panels.desk import Desk


def choose(field: ChoiceField, value: str) -> None:
    """What a click on an entry of the list does."""
    field.setCurrentIndex(field.findData(value))
    field.activated.emit(field.currentIndex())


def names(desk: Desk) -> list[str]:
    network = desk.document.setup.network
    return [layer.initializer.name for layer in (*network.layers, network.output)]


def drawn(desk: Desk) -> list[np.ndarray]:
    network = desk.document.setup.network
    sizes = [2, *(layer.units for layer in network.layers), 2]
    rng = np.random.default_rng(1)
    weights = []
    for index, layer in enumerate((*network.layers, network.output)):
        fans = (sizes[index], sizes[index + 1])
        arguments = start_arguments(layer, fans[0])
        weights.append(initializer_of(layer).sample(fans, rng=rng, **arguments))
    return weights


def test_linked_it_edits_all_layers_and_unlinked_the_selected_ones(desk: Desk) -> None:
    panel = desk.initializer
    assert panel.header.subtitle() == "layers 1–4 and out"
    choose(panel.choice, "he_normal")
    assert names(desk) == ["he_normal"] * 5
    panel.link.click()
    desk.network.table.select([1, 2])
    assert panel.header.subtitle() == "layers 2–3"
    choose(panel.choice, "zeros")
    assert names(desk) == ["he_normal", "zeros", "zeros", "he_normal", "he_normal"]
    assert desk.last_act == "Layers 2–3 initializer He normal to Zeros"


def test_layers_that_differ_are_counted(desk: Desk) -> None:
    panel = desk.initializer
    desk.network.table.select([0])
    desk.network.set_initializer("he_normal")
    assert panel.header.subtitle() == "layers 1–4 and out · 2 kinds"
    assert panel.choice.value() == "he_normal"
    desk.network.table.select([3])
    assert panel.choice.value() == "xavier_normal"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("uniform_fan_in", []),
        ("xavier_normal", ["gain"]),
        ("he_normal", ["gain", "mode"]),
        ("variance_scaling", ["gain", "mode", "scale", "distribution"]),
        ("sparse", ["sparsity", "std"]),
        ("normal", ["std"]),
        ("constant", ["value"]),
        ("uniform", ["low", "high"]),
    ],
)
def test_only_the_parameters_of_the_chosen_one_show(
    desk: Desk, name: str, fields: list[str]
) -> None:
    choose(desk.initializer.choice, name)
    assert desk.initializer.parameters.shown() == fields
    visible = [
        field for field in PARAMETERS if desk.initializer.parameters.editor(field).isVisible()
    ]
    assert visible == fields


def test_sigma_is_set_on_a_log_scale_and_a_drag_is_one_act(desk: Desk) -> None:
    choose(desk.initializer.choice, "normal")
    slider = desk.initializer.parameters.editor("std").slider
    assert (slider.minimum(), slider.maximum()) == (-400, 100)
    count = desk.document.undo_stack.count()
    for position in (-10, -50, -100):
        slider.setValue(position)
    assert desk.document.undo_stack.count() == count + 1
    assert desk.last_act == "Layers 1–4 and out σ 1 to 0.1"
    assert {layer.initializer.std for layer in desk.layers} == {0.1}


def test_ends_in_the_wrong_order_are_refused_in_place(qtbot: QtBot, desk: Desk) -> None:
    choose(desk.initializer.choice, "uniform")
    kept = desk.document.setup
    low = desk.initializer.parameters.editor("low")
    assert isinstance(low, NumberField)
    low.setFocus()
    low.selectAll()
    qtbot.keyClicks(low, "2")
    qtbot.keyClick(low, Qt.Key.Key_Return)
    assert desk.document.setup == kept
    assert desk.initializer.parameters.problem("low") == "a: low 2 must be below high 0.5"
    assert low.property("invalid") is True


def test_the_gain_is_a_number_or_follows_the_activation(qtbot: QtBot, desk: Desk) -> None:
    panel = desk.initializer
    choose(panel.choice, "he_normal")
    gain = panel.parameters.editor("gain")
    assert isinstance(gain, GainField)
    assert gain.tick.text() == "auto, for tanh"
    gain.number.setFocus()
    gain.number.selectAll()
    qtbot.keyClicks(gain.number, "1.5")
    qtbot.keyClick(gain.number, Qt.Key.Key_Return)
    assert {layer.initializer.gain for layer in desk.layers} == {1.5}
    assert desk.last_act == "Layers 1–4 and out Gain 1 to 1.5"
    assert panel.formula.tex().startswith(r"\sigma=1.5\sqrt")
    gain.tick.click()
    assert {layer.initializer.gain for layer in desk.layers} == {"auto"}
    assert desk.last_act == "Layers 1–4 and out Gain 1.5 to auto"
    assert panel.formula.tex().startswith(r"\sigma=\sqrt{1/")
    desk.network.set_activation("relu")
    assert gain.tick.text() == "auto, for ReLU"
    assert gain.number.text() == "1.41"
    gain.tick.click()
    assert {layer.initializer.gain for layer in desk.layers} == {1.5}


def test_a_gain_out_of_range_is_refused_in_place(qtbot: QtBot, desk: Desk) -> None:
    gain = desk.initializer.parameters.editor("gain")
    assert isinstance(gain, GainField)
    kept = desk.document.setup
    gain.number.setFocus()
    gain.number.selectAll()
    qtbot.keyClicks(gain.number, "1000")
    qtbot.keyClick(gain.number, Qt.Key.Key_Return)
    assert desk.document.setup == kept
    assert desk.initializer.parameters.problem("gain") == "Gain: 1000 is above 100"


def test_fan_and_shape_are_chosen_by_their_words(desk: Desk) -> None:
    panel = desk.initializer
    choose(panel.choice, "variance_scaling")
    mode, shape = (panel.parameters.editor(name) for name in ("mode", "distribution"))
    assert isinstance(mode, ChoiceField) and isinstance(shape, ChoiceField)
    choose(mode, "fan_avg")
    assert desk.last_act == "Layers 1–4 and out Fan in to mean"
    choose(shape, "uniform")
    assert desk.last_act == "Layers 1–4 and out Shape normal, cut at 2σ to uniform"
    chosen = desk.layers[0].initializer
    assert (chosen.mode, chosen.distribution) == ("fan_avg", "uniform")
    assert panel.formula.tex().startswith("l=")


def test_bias_fields_follow_the_bias_initializer(desk: Desk) -> None:
    start = desk.initializer.start
    bias = start.editor("bias")
    assert isinstance(bias, ChoiceField)
    assert start.shown() == ["bias", "seed"]
    choose(bias, "constant")
    assert start.shown() == ["bias", "seed", "bias_value"]
    choose(bias, "uniform")
    assert start.shown() == ["bias", "seed", "bias_bound"]
    assert {layer.bias.name for layer in desk.layers} == {"uniform"}
    assert desk.last_act == "Layers 1–4 and out bias constant to uniform"
    choose(bias, "normal")
    assert start.shown() == ["bias", "seed", "bias_std"]
    choose(bias, "uniform_fan_in")
    assert start.shown() == ["bias", "seed"]


def test_the_dice_take_another_seed_and_undo_the_old_one(desk: Desk) -> None:
    old = desk.document.setup.network.seed
    desk.initializer.dice.click()
    new = desk.document.setup.network.seed
    assert new != old
    assert desk.initializer.seed.value() == new
    assert desk.last_act == f"Seed {old} to {new}"
    desk.initializer.dice.click()
    assert desk.document.undo_stack.count() == 2, "two throws are two acts"
    desk.document.undo_stack.undo()
    desk.document.undo_stack.undo()
    assert desk.initializer.seed.value() == old


def test_the_list_puts_what_fits_the_activation_first(desk: Desk) -> None:
    panel = desk.initializer
    desk.network.table.select([1])
    groups = {choice.value: choice.group for choice in panel.choice._choices}
    assert groups["xavier_normal"] == "Fits tanh"
    assert groups["uniform_fan_in"] == "Scaled to the fans"
    assert groups["zeros"] == groups["all_positive"] == "Bad on purpose"
    assert groups["normal"] == "By hand"
    assert set(panel.choice.values()) == set(INITIALIZERS)
    assert next(iter(dict.fromkeys(groups.values()))) == "Fits tanh"
    assert panel.choice.values()[0] != "zeros"
    desk.network.set_activation("relu")
    groups = {choice.value: choice.group for choice in panel.choice._choices}
    assert groups["he_normal"] == "Fits ReLU"
    assert groups["identity"] == "Made for depth"


def test_a_gain_from_the_activation_moves_an_initializer_among_those_that_fit(desk: Desk) -> None:
    panel = desk.initializer
    desk.network.table.select([1, 2, 3])
    desk.network.set_activation("relu")
    groups = {choice.value: choice.group for choice in panel.choice._choices}
    assert groups["xavier_normal"] == "Scaled to the fans"
    choose(panel.choice, "xavier_normal")
    panel.parameters.editor("gain").tick.click()
    groups = {choice.value: choice.group for choice in panel.choice._choices}
    assert groups["xavier_normal"] == "Fits ReLU"
    assert panel.factor.text() == "×1.0 / layer"


def test_the_formula_has_the_numbers_of_the_layer_shown(desk: Desk) -> None:
    panel = desk.initializer
    desk.network.table.select([2])
    assert "20" in panel.formula.tex()
    assert "30" in panel.formula.tex()
    desk.network.table.select([0])
    assert "30" not in panel.formula.tex()
    assert "2 in, 10 out" in panel.formula.accessibleName()


def test_the_formula_is_painted_in_the_colour_of_the_scheme(qapp: QApplication, desk: Desk) -> None:
    formula = desk.initializer.formula
    colours = {}
    for scheme in ("dark", "light"):
        apply_theme(qapp, scheme)  # type: ignore[arg-type]
        image = formula.grab().toImage()
        lights = [
            image.pixelColor(x, y).lightness()
            for x in range(0, image.width())
            for y in range(image.height())
        ]
        colours[scheme] = (min(lights), max(lights))
    assert colours["dark"][1] > 180, "light letters on dark"
    assert colours["light"][0] < 90, "dark letters on light"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("xavier_normal", (True, True, True)),
        ("zeros", (True, False, False)),
        ("constant", (True, False, False)),
        ("normal", (False, True, False)),
        ("orthogonal", (True, True, True)),
        ("identical_units", (True, False, True)),
        ("all_positive", (True, True, False)),
    ],
)
def test_the_three_rules_judge_the_weights_drawn(
    desk: Desk, name: str, kept: tuple[bool, ...]
) -> None:
    panel = desk.initializer
    choose(panel.choice, name)
    if name == "normal":
        panel.parameters.editor("std").slider.setValue(20)
    panel.set_drawn_weights(drawn(desk))
    assert tuple(finding.passes for finding in panel.rules.findings()) == kept


def test_the_old_weights_say_nothing_about_a_new_design(desk: Desk) -> None:
    desk.initializer.set_drawn_weights(drawn(desk))
    assert len(desk.initializer.rules.findings()) == 3
    choose(desk.initializer.choice, "he_normal")
    assert desk.initializer.rules.findings() == ()


def test_the_rules_speak_of_the_layers_that_are_edited(desk: Desk) -> None:
    panel = desk.initializer
    panel.set_drawn_weights(drawn(desk))
    assert panel.rules.findings()[1].figure == "102 of 102"
    panel.link.click()
    desk.network.table.select([0])
    assert panel.rules.findings()[1].figure == "10 of 10"
    panel.set_drawn_weights({0: np.zeros((2, 10))})
    assert panel.rules.findings()[1].figure == "1 of 10"


def test_the_card_says_names_elsewhere_use_and_source(desk: Desk) -> None:
    panel = desk.initializer
    assert not panel.card.isVisible()
    panel.info.click()
    assert panel.card.isVisible()
    text = panel.card.text.text()
    for words in (
        "xavier_normal_, not truncated",
        "GlorotNormal, truncated",
        "glorot_normal, truncated",
        "For tanh and linear layers.",
        "Glorot &amp; Bengio 2010, eq. 12",
    ):
        assert words in text
    assert panel.card.formula.tex() == INITIALIZERS["xavier_normal"].formula
    choose(panel.choice, "lsuv")
    assert "not built into PyTorch, Keras or JAX" in panel.card.text.text()
    assert panel.card.formula.tex() == INITIALIZERS["lsuv"].formula


@pytest.mark.parametrize("name", INITIALIZERS)
def test_every_initializer_can_be_chosen_shown_and_painted(desk: Desk, name: str) -> None:
    panel = desk.initializer
    panel.info.click()
    choose(panel.choice, name)
    assert names(desk) == [name] * 5
    panel.set_drawn_weights(drawn(desk))
    assert len(panel.rules.findings()) == 3
    assert panel.factor.text().endswith(" / layer")
    for formula in (panel.formula, panel.card.formula):
        image = formula.grab().toImage()
        shades = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
        assert len(shades) > 2, "there is a formula"
