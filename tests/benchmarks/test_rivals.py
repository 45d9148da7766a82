"""The rivals do the same job: only then do their times compare."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.nets import Net

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("data", ["moons", "digits"])
def test_pytorch_records_the_numbers_that_gradstudio_records(data: str) -> None:
    pytest.importorskip("torch")
    from gradstudio import Trainer
    from tests.benchmarks.rivals import TorchRival

    setup = Net("whole", data, (16, 8), 20_000, 0.0).setup()
    trainer = Trainer(setup)
    rival = TorchRival(trainer)
    for _ in range(3):
        record = trainer.step()
        ours = np.concatenate(
            [
                [record.loss, record.grad_norm],
                record.weight_grad_norm,
                record.delta_rms,
                record.weight_norm,
                record.update_ratio,
            ]
        )
        np.testing.assert_allclose(rival.step(), ours, rtol=2e-4)
    accuracy = trainer.recording.evaluations.latest("train_accuracy")
    assert rival.accuracy == pytest.approx(float(accuracy[0]))
