"""The examples: each loads, runs, and shows what its card in the gallery says.

Numbers at step 0 depend on the seed only and are checked to the last figure of the card. Later
ones also depend on the rounding of the BLAS in use, so they are checked with room to spare.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from gradstudio import Trainer, load_setup
from gradstudio.numbers import figures
from gradstudio.resources import resource
from gradstudio.setup import SUFFIX, InitializerSetup, LayerSetup, Setup, dumps
from gradstudio.training.diagnosis import diagnose
from gradstudio.training.trainer import TrainState
from gradstudio.training.verdict import Verdict

FILES = sorted(resource("setups").glob(f"*{SUFFIX}"))
SLUGS = [file.name.removesuffix(SUFFIX) for file in FILES]

VERDICTS = {
    "01-twelve-sigmoid-layers": Verdict.VANISHING,
    "02-the-same-twelve-cured": Verdict.HEALTHY,
    "03-weights-from-n01": Verdict.EXPLODING,
    "04-xavier-made-for-tanh": Verdict.HEALTHY,
    "05-the-default-that-dies": Verdict.VANISHING,
    "06-zeros-never-learn": Verdict.SYMMETRIC,
    "07-saturated-on-purpose": Verdict.VANISHING,
    "08-not-a-number": Verdict.DIVERGED,
    "09-thirty-layers-xavier": Verdict.VANISHING,
    "10-thirty-layers-he": Verdict.HEALTHY,
    "11-explodes-then-vanishes": Verdict.VANISHING,
    "12-right-weights-wrong-rate": Verdict.DIVERGED,
    "13-sixteen-twins": Verdict.SYMMETRIC,
    "14-raw-numbers": Verdict.VANISHING,
    "15-handwritten-digits": Verdict.HEALTHY,
    "16-a-wave-to-follow": Verdict.HEALTHY,
    "17-thirty-layers-shortcuts": Verdict.HEALTHY,
    "18-thirty-layers-batch-norm": Verdict.HEALTHY,
    "19-lost-in-half-precision": Verdict.DEAD,
}
"""After 30 steps."""

RATIOS = {
    "01-twelve-sigmoid-layers": "8.0e−12",
    "05-the-default-that-dies": "4.0e−6",
    "07-saturated-on-purpose": "2.3e−5",
    "09-thirty-layers-xavier": "9.9e−6",
}
"""What layer 1 gets of the output layer's gradient at step 0, as the card says it."""


@cache
def setup(slug: str) -> Setup:
    return load_setup(resource("setups", slug + SUFFIX))


def trained(slug: str, steps: int) -> Trainer:
    trainer = Trainer(setup(slug))
    trainer.run(steps)
    return trainer


def first_ratio(slug: str) -> float:
    return diagnose(trained(slug, 1).recording).ratio


def share_right(trainer: Trainer) -> float:
    predicted = trainer.network.loss.predict(trainer.network.output(trainer.data.x_test))
    return float(np.mean(predicted == trainer.data.labels_test))


def last_loss(trainer: Trainer) -> float:
    losses = trainer.recording.history.read("loss", trainer.step_count - 20).mean
    return float(losses.mean())


def test_the_gallery_has_these_examples_in_this_order():
    assert list(VERDICTS) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_the_file_is_written_as_the_program_would(slug):
    text = resource("setups", slug + SUFFIX).read_text(encoding="utf-8")
    assert text == dumps(setup(slug))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_card_is_short(slug):
    assert len(setup(slug).name) <= 28
    assert 60 <= len(setup(slug).notes) <= 165
    assert setup(slug).notes.endswith(".")


def test_names_differ():
    assert len({setup(slug).name for slug in SLUGS}) == len(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_after_30_steps_it_shows_its_verdict(slug):
    assert diagnose(trained(slug, 30).recording).verdict is VERDICTS[slug]


@pytest.mark.parametrize("slug", RATIOS)
def test_the_ratio_on_the_card_is_that_of_step_0(slug):
    assert figures(first_ratio(slug), 2) == RATIOS[slug]
    assert RATIOS[slug] in setup(slug).notes


def test_sigmoid_loses_eleven_decades_and_stays_at_chance():
    assert math.log10(first_ratio("01-twelve-sigmoid-layers")) == pytest.approx(-11.1, abs=0.01)
    assert last_loss(trained("01-twelve-sigmoid-layers", 5000)) == pytest.approx(
        math.log(2), abs=0.02
    )


def test_the_cure_changes_activation_and_initializer_and_nothing_else():
    sick, cured = setup("01-twelve-sigmoid-layers"), setup("02-the-same-twelve-cured")
    assert [layer.units for layer in sick.network.layers] == [
        layer.units for layer in cured.network.layers
    ]
    assert sick.data == cured.data
    assert sick.network.seed == cured.network.seed
    stop = {"stop": sick.training.stop}
    assert sick.training == cured.training.model_copy(update=stop)
    assert first_ratio("02-the-same-twelve-cured") == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("slug", "steps", "right"),
    [
        ("02-the-same-twelve-cured", 1200, 0.95),
        ("04-xavier-made-for-tanh", 4500, 0.95),
        ("10-thirty-layers-he", 6000, 0.95),
        ("15-handwritten-digits", 1200, 0.92),
        ("17-thirty-layers-shortcuts", 9000, 0.95),
    ],
)
def test_a_healthy_one_learns(slug, steps, right):
    trainer = trained(slug, steps)
    assert trainer.state is TrainState.FINISHED
    assert "loss" in trainer.ending
    assert share_right(trainer) > right


def test_the_wave_is_learned():
    assert trained("16-a-wave-to-follow", 2500).state is TrainState.FINISHED


def test_normal_weights_explode_by_17_tenths_per_layer():
    ratio = first_ratio("03-weights-from-n01")
    assert ratio == pytest.approx(32_000, rel=0.01)
    assert ratio ** (1 / 20) == pytest.approx(1.7, abs=0.05)
    late = diagnose(trained("03-weights-from-n01", 2000).recording)
    assert late.verdict is Verdict.EXPLODING


def test_xavier_differs_from_normal_weights_in_the_initializer_only():
    normal, xavier = setup("03-weights-from-n01"), setup("04-xavier-made-for-tanh")
    assert {layer.initializer.name for layer in xavier.network.layers} == {"xavier_normal"}
    assert normal.data == xavier.data
    stop = {"stop": normal.training.stop}
    assert normal.training == xavier.training.model_copy(update=stop)


def test_the_default_dies():
    diagnosis = diagnose(trained("05-the-default-that-dies", 600).recording)
    assert diagnosis.verdict is Verdict.DEAD
    assert "Layers 1 to 12 get a gradient of exactly 0" in diagnosis.sentence


def test_from_zeros_only_the_output_biases_move():
    trainer = trained("06-zeros-never-learn", 100)
    assert not any(weights.any() for weights in trainer.network.weights)
    assert [bool(biases.any()) for biases in trainer.network.biases] == [False] * 4 + [True]


def test_the_slope_of_tanh_at_2():
    assert 1 - math.tanh(2) ** 2 == pytest.approx(0.07, abs=0.001)
    biases = {layer.bias.value for layer in setup("07-saturated-on-purpose").network.layers}
    assert biases == {2.0}


def test_not_a_number_comes_in_a_few_steps_at_the_smallest_rate():
    trainer = trained("08-not-a-number", 10)
    assert trainer.divergence is not None and 2 <= trainer.divergence.step <= 6
    assert first_ratio("08-not-a-number") == pytest.approx(2e6, rel=0.05)
    assert setup("08-not-a-number").training.learning_rate == 1e-6


def test_thirty_layers_differ_in_the_initializer_only():
    xavier, he = setup("09-thirty-layers-xavier"), setup("10-thirty-layers-he")
    assert len(xavier.network.layers) == len(he.network.layers) == 30
    assert xavier.data == he.data
    assert xavier.training == he.training.model_copy(update={"stop": xavier.training.stop})
    assert first_ratio("10-thirty-layers-he") == pytest.approx(0.25, abs=0.01)
    assert last_loss(trained("09-thirty-layers-xavier", 500)) == pytest.approx(
        math.log(2), abs=0.005
    )


STRUCTURE = ("normalisation", "residual", "span", "dropout")


@pytest.mark.parametrize("slug", ["17-thirty-layers-shortcuts", "18-thirty-layers-batch-norm"])
def test_thirty_layers_differ_in_their_structure_only(slug):
    plain, structured = setup("09-thirty-layers-xavier"), setup(slug)
    none = {name: getattr(LayerSetup(), name) for name in STRUCTURE}
    layers = tuple(layer.model_copy(update=none) for layer in structured.network.layers)
    assert layers == plain.network.layers != structured.network.layers
    assert structured.data == plain.data
    stop = {"stop": plain.training.stop}
    assert structured.training.model_copy(update=stop) == plain.training


def test_shortcuts_keep_the_gradient_level():
    assert first_ratio("17-thirty-layers-shortcuts") == pytest.approx(0.45, abs=0.005)


def test_batch_normalisation_blows_the_gradient_up_at_first_and_levels_it():
    assert first_ratio("18-thirty-layers-batch-norm") == pytest.approx(1500, rel=0.05)
    trainer = trained("18-thirty-layers-batch-norm", 500)
    assert 0.1 < diagnose(trainer.recording).ratio < 20
    assert last_loss(trainer) < 0.64


def test_half_precision_loses_what_single_precision_learns_from():
    half = setup("19-lost-in-half-precision")
    trainer = trained("19-lost-in-half-precision", 300)
    assert trainer.recording.newest().delta_rms[0] == 0
    assert last_loss(trainer) == pytest.approx(math.log(2), abs=0.005)
    single = half.training.model_copy(update={"precision": "float32"})
    learning = Trainer(half.model_copy(update={"training": single}))
    assert 0 < learning.step().delta_rms[0] < 1e-7
    learning.run(1500)
    assert last_loss(learning) < 0.68


def test_an_explosion_is_followed_by_a_vanishing_gradient():
    trainer = Trainer(setup("11-explodes-then-vanishes"))
    first = trainer.step()
    assert first.update_ratio[0] == pytest.approx(255, rel=0.01)
    assert diagnose(trainer.recording).verdict is Verdict.EXPLODING


def test_a_rate_of_2_ends_a_run_that_started_level():
    trainer = Trainer(setup("12-right-weights-wrong-rate"))
    first = trainer.step()
    assert first.update_ratio[-1] == pytest.approx(17, abs=0.5)
    assert first.delta_rms[0] / first.delta_rms[-1] > 0.1
    trainer.run(30)
    assert trainer.divergence is not None and trainer.divergence.step <= 5


def test_twins_learn_what_one_unit_per_layer_can():
    trainer = trained("13-sixteen-twins", 5000)
    assert last_loss(trainer) == pytest.approx(0.55, abs=0.04)
    for weights in trainer.network.weights[:-1]:
        assert np.allclose(weights, weights[:, :1], rtol=1e-5)


def test_without_the_equal_start_the_twins_learn():
    twins = setup("13-sixteen-twins")
    random = {"initializer": InitializerSetup(name="xavier_normal")}
    layers = tuple(layer.model_copy(update=random) for layer in twins.network.layers)
    output = twins.network.output.model_copy(update=random)
    network = twins.network.model_copy(update={"layers": layers, "output": output})
    trainer = Trainer(twins.model_copy(update={"network": network}))
    trainer.run(5000)
    assert last_loss(trainer) < 0.1


def test_raw_numbers_saturate_and_scaling_cures_it():
    raw = setup("14-raw-numbers")
    trainer = trained("14-raw-numbers", 300)
    assert trainer.data.x_train.max() == 1680
    assert share_right(trainer) < 0.5
    cured = Trainer(
        raw.model_copy(update={"data": raw.data.model_copy(update={"standardise": True})})
    )
    cured.run(30)
    assert share_right(cured) > 0.95
