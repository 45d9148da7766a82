"""The five parts of a step in words: what has been calculated has numbers, and they are true."""

from __future__ import annotations

import math

import numpy as np

from gradstudio.numbers import figures
from gradstudio.setup.models import InitializerSetup, LayerSetup, NetworkSetup, Setup
from gradstudio.training.explanation import explain_step, explain_step_by_hand
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
