"""What a network predicts, from outputs known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.data import make_data
from gradstudio.export.prediction import (
    boundary,
    class_map,
    class_shares,
    next_side,
)
from gradstudio.export.score import score_classes, score_values
from gradstudio.setup.models import DataSetup


def test_shares_of_classes_follow_the_loss() -> None:
    logits = np.array([[np.log(3.0), 0.0]])
    assert np.allclose(class_shares(logits, "softmax_cross_entropy"), [[0.75, 0.25]])
    assert np.allclose(
        class_shares(np.array([[np.log(3.0)]]), "binary_cross_entropy"), [[0.25, 0.75]]
    )
    assert np.allclose(class_shares(np.array([[0.9, -2.0, 0.3]]), "mse"), [[0.75, 0.0, 0.25]])


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "binary_cross_entropy", "mse"])
def test_huge_outputs_still_give_shares(loss: str) -> None:
    z = np.array([[1e6, -1e6]])[:, : 1 if loss == "binary_cross_entropy" else 2]
    shares = class_shares(z, loss)
    assert np.isfinite(shares).all()
    assert np.allclose(shares.sum(axis=1), 1.0)


def test_the_boundary_of_two_classes_is_where_their_shares_are_equal() -> None:
    x = np.linspace(0.0, 1.0, 21)
    share = np.tile(x, (21, 1))
    lines = boundary(np.stack([1.0 - share, share], axis=2))
    assert np.allclose(lines[:, [0, 2]], 10.0)
    assert np.hypot(lines[:, 0] - lines[:, 2], lines[:, 1] - lines[:, 3]).sum() == (
        pytest.approx(20.0)
    )


def test_the_boundary_of_a_disc_is_a_circle() -> None:
    y, x = np.mgrid[-1:1:41j, -1:1:41j]
    inside = 1.0 / (1.0 + np.exp(8 * (np.hypot(x, y) - 0.6)))
    lines = boundary(np.stack([inside, 1.0 - inside], axis=2))
    radius = np.hypot(lines[:, ::2] - 20, lines[:, 1::2] - 20) / 20
    assert np.allclose(radius, 0.6, atol=0.01)
    length = np.hypot(lines[:, 0] - lines[:, 2], lines[:, 1] - lines[:, 3]).sum() / 20
    assert length == pytest.approx(2 * np.pi * 0.6, rel=0.02)


def test_a_map_of_one_class_has_no_boundary() -> None:
    level = np.broadcast_to(np.array([0.7, 0.2, 0.1]), (9, 9, 3))
    assert len(boundary(level)) == 0


def test_the_map_covers_all_points_with_a_margin() -> None:
    data = make_data(DataSetup(name="moons"), "softmax_cross_entropy")
    made = class_map(lambda X: X, data, "softmax_cross_entropy", 16)
    points = np.concatenate([data.x_train, data.x_test])
    assert (points > made.low).all()
    assert (points < made.high).all()
    assert np.allclose(np.diff(made.high - made.low), 0.0)
    assert made.shares.shape == (16, 16, 2)


def test_a_score_without_a_test_part_says_so() -> None:
    data = make_data(DataSetup(name="xor", test_share=0.0), "softmax_cross_entropy")
    score = score_classes(lambda X: np.eye(2)[np.zeros(len(X), int)], data, "mse")
    assert score.part == "training"
    assert score.total == len(data.x_train)
    assert score.share == pytest.approx(np.mean(data.labels_train == 0))


def test_always_answering_with_the_mean_explains_nothing() -> None:
    data = make_data(DataSetup(name="diabetes"), "mse")
    mean = (data.labels_test.mean() - data.target_scaling.mean[0]) / data.target_scaling.std[0]
    score = score_values(lambda X: np.full((len(X), 1), mean), data)
    assert score.error == pytest.approx(score.error_of_mean)
    assert score.explained == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("side", "seconds", "expected"),
    [(32, 0.004, 32), (32, 0.016, 16), (32, 0.0001, 64), (16, 1.0, 16), (64, 0.0, 64)],
)
def test_the_next_map_costs_its_budget(side: int, seconds: float, expected: int) -> None:
    assert next_side(side, seconds, budget=0.004) == expected
