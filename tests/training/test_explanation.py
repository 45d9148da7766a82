"""The five parts of a step in words: what has been calculated has numbers, and they are true."""

from __future__ import annotations

import math

import numpy as np

from gradstudio.numbers import figures
from gradstudio.setup.models import InitializerSetup, LayerSetup, NetworkSetup, Setup
from gradstudio.training.explanation import FORMULAS, explain_step, explain_step_by_hand
from gradstudio.training.trainer import Trainer


def make_trainer() -> Trainer:
    return Trainer(Setup(network=NetworkSetup(layers=(LayerSetup(units=5), LayerSetup(units=4)))))


def test_a_step_by_hand_reveals_one_part_after_the_other() -> None:
    trainer = make_trainer()
    trainer.step()
    for done in range(1, 6):
        trainer.advance_part()
        lines = [part.line for part in explain_step_by_hand(trainer, 0)]
        assert [bool(line) for line in lines] == [i < done for i in range(5)]


def test_the_numbers_by_hand_are_those_of_the_step_then_recorded() -> None:
    trainer = make_trainer()
    trainer.run(3)
    for _ in range(4):
        trainer.advance_part()
    by_hand = [part.line for part in explain_step_by_hand(trainer, 1)]
    under_way = trainer.step_under_way
    trainer.advance_part()
    recorded = trainer.recording.newest()
    assert recorded is not None
    assert np.array_equal(under_way.row, recorded.row)
    assert by_hand[:4] == [part.line for part in explain_step(trainer.recording, 1)][:4]


def test_deltas_are_known_before_the_gradients_and_updates_after_them() -> None:
    trainer = make_trainer()
    trainer.advance_part()
    assert np.isnan(trainer.step_under_way.delta_rms).all()
    trainer.advance_part()
    deltas = trainer.step_under_way.delta_rms
    assert np.isnan(trainer.step_under_way.weight_grad_norm).all()
    trainer.advance_part()
    assert np.allclose(trainer.step_under_way.delta_rms, deltas, rtol=1e-6)
    assert np.isnan(trainer.step_under_way.update_ratio).all()


def test_the_sentence_of_the_update_says_how_much_of_the_weights_it_is() -> None:
    trainer = make_trainer()
    record = trainer.step()
    line = explain_step(trainer.recording, 0)[3].line
    ratio = record.update_ratio[0]
    assert 0 < ratio < 1
    assert f"1 part in {figures(1 / ratio)}" in line


def test_weights_of_zero_that_get_no_gradient_are_said_to_stay_there() -> None:
    zeros = InitializerSetup(name="zeros")
    layers = (LayerSetup(units=3, initializer=zeros), LayerSetup(units=3, initializer=zeros))
    trainer = Trainer(Setup(network=NetworkSetup(layers=layers, output={"initializer": zeros})))
    trainer.step()
    assert "Layer 1 stays at 0" in explain_step(trainer.recording, 0)[3].line


def test_before_the_first_step_there_is_nothing_to_explain() -> None:
    trainer = make_trainer()
    assert [part.line for part in explain_step(trainer.recording, 0)] == [""] * 5
    assert math.isnan(trainer.step_under_way.loss)


def structured() -> Trainer:
    layers = (
        LayerSetup(units=5),
        LayerSetup(units=5, residual="rezero"),
        LayerSetup(units=5, normalisation="batch", dropout=0.2, residual="scaled", span=2),
    )
    return Trainer(Setup(network=NetworkSetup(layers=layers)))


def test_the_formulas_are_those_of_what_a_layer_has() -> None:
    trainer = structured()
    trainer.step()
    forward, backward, gradient = (
        [explain_step(trainer.recording, layer)[part].formula for layer in range(4)]
        for part in range(3)
    )
    assert forward[0] == forward[3] == FORMULAS[0]
    assert "o=o^{l-1}+c\\,a" in forward[1]
    assert r"\mathrm{N}(aW+b)" in forward[2] and r"o=o^{l-2}+c\,m\odot a" in forward[2]
    assert r"(\delta^{l+1}W^{l+1\,T}+G^{2}+G^{3})" in backward[0]
    assert backward[3] == FORMULAS[1]
    assert r"\mathrm{N}^{\prime\,T}" in backward[2]
    assert [r"a^{l-1" in formula for formula in gradient] == [True, True, False, False]


def test_the_way_back_by_a_shortcut_is_named() -> None:
    trainer = structured()
    trainer.step()
    lines = [explain_step(trainer.recording, layer)[1].line for layer in range(3)]
    assert lines[0].endswith("all of it by the shortcut from layer 2 and 1 more.")
    assert lines[1] == "Layer 2 gets exactly 0: its branch starts closed."
    assert "× " in lines[2]
    trainer.run(3)
    later = explain_step(trainer.recording, 0)[1].line
    assert later.endswith("through layer 2 and by the shortcut from layer 2 and 1 more.")
