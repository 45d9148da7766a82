"""The rivals do the same job: only then do their times compare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradstudio import Trainer
from gradstudio.setup.models import DataName, Setup
from gradstudio.training.record import StepRecord
from tests.benchmarks.nets import Net

pytestmark = pytest.mark.bench

WHOLE: dict[DataName, int] = {"moons": 2000, "digits": 1797}
HIDDEN: dict[str, tuple[int, ...]] = {"flat": (16, 8), "by layer": (16, 16, 16, 8)}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("data", ["moons", "digits"])
@pytest.mark.parametrize("package", ["torch", "jax"])
def test_a_rival_records_the_numbers_that_gradstudio_records(
    package: str, data: DataName, hidden: tuple[int, ...]
) -> None:
    pytest.importorskip(package)
    trainer = Trainer(Net("whole", data, hidden, WHOLE[data]).setup())
    rival = _rival(package, trainer)
    for _ in range(3):
        ours = _numbers(trainer.step())
        np.testing.assert_allclose(rival.step(), ours, rtol=3e-4)
    accuracy = trainer.recording.evaluations.latest("train_accuracy")
    assert accuracy is not None
    assert rival.accuracy == pytest.approx(float(accuracy[0]))


@pytest.mark.parametrize("package", ["torch", "jax"])
def test_a_rival_takes_every_sample_once_in_a_pass(package: str) -> None:
    pytest.importorskip(package)
    whole, parts = (
        _rival(package, Trainer(_hardly_learning(Net("points", "moons", (8,), batch))))
        for batch in (2000, 100)
    )
    whole.run(1)
    for _ in range(2):
        parts.run(20)
        losses = [row[0] for row in parts.rows]
        assert np.mean(losses) == pytest.approx(whole.rows[0][0], rel=1e-4)
        assert np.std(losses) > 0.01


def _hardly_learning(net: Net) -> Setup:
    setup = net.setup()
    training = setup.training.model_copy(update={"learning_rate": 1e-9})
    return setup.model_copy(update={"training": training})


def _rival(package: str, trainer: Trainer) -> Any:
    if package == "torch":
        from tests.benchmarks.torch_rival import TorchRival

        return TorchRival(trainer)
    from tests.benchmarks.jax_rival import JaxRival

    return JaxRival(trainer)


def _numbers(record: StepRecord) -> np.ndarray:
    return np.concatenate(
        [
            [record.loss, record.grad_norm],
            record.weight_grad_norm,
            record.delta_rms,
            record.weight_norm,
            record.update_ratio,
        ]
    )
