"""Which samples are wrong and how sure the network is of it, from outputs known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.data import make_data
from gradstudio.data.task import Data
from gradstudio.export.mistakes import (
    commonest_mistake,
    list_words,
    mistaken_cells,
    mistakes,
    precision,
    probability,
    recall,
    share_words,
)
from gradstudio.export.score import ClassScore, score_classes
from gradstudio.setup.models import DataSetup

LABELS = [0, 0, 1, 1, 1, 2, 2]
CHOSEN = [0, 1, 1, 2, 2, 2, 0]
SURE = [0.9, 0.6, 0.8, 0.5, 0.7, 0.9, 0.95]


@pytest.fixture
def iris() -> Data:
    return make_data(DataSetup(name="iris"), "softmax_cross_entropy")


@pytest.fixture
def score() -> ClassScore:
    shares = np.full((7, 3), np.nan)
    for i, (k, p) in enumerate(zip(CHOSEN, SURE, strict=True)):
        shares[i] = (1.0 - p) / 2
        shares[i, k] = p
    return ClassScore(np.array(LABELS), np.array(CHOSEN), shares, "test")


def test_wrong_samples_come_with_the_most_certain_answer_first(score: ClassScore) -> None:
    assert mistakes(score).tolist() == [6, 4, 1, 3]


def test_a_cell_holds_its_own_mistakes_alone(score: ClassScore) -> None:
    assert mistakes(score, (1, 2)).tolist() == [4, 3]
    assert mistakes(score, (0, 2)).tolist() == []
    assert mistakes(score, (1, 1)).tolist() == []


def test_cells_of_mistakes_come_with_the_most_frequent_first(score: ClassScore) -> None:
    assert mistaken_cells(score) == [(1, 2), (0, 1), (2, 0)]


def test_recall_and_precision_are_said_with_their_counts(score: ClassScore) -> None:
    assert recall(score, 1) == (1, 3)
    assert precision(score, 2) == (1, 3)
    assert share_words(1, 3) == "1 of 3 = 33 %"
    assert share_words(0, 0) == "none"


def test_words_name_the_classes(score: ClassScore, iris: Data) -> None:
    assert commonest_mistake(score, iris) == ("Most often versicolor taken for virginica (2 of 3).")
    assert list_words(score, iris, (1, 2), 2) == (
        "versicolor taken for virginica: 2",
        "most certain first",
    )
    assert list_words(score, iris, None, 3)[:2] == ("4 wrong", "3 drawn, 1 more")


def test_answers_that_are_not_finite_belong_to_no_class(iris: Data) -> None:
    def answer(X: np.ndarray) -> np.ndarray:
        z = np.tile([0.0, 1.0, 0.0], (len(X), 1))
        z[:5] = np.nan
        return z

    score = score_classes(answer, iris, "softmax_cross_entropy")
    assert score.unanswered == 5
    assert score.total == len(iris.x_test)
    assert int(score.confusion.sum()) == score.total - 5
    assert not set(range(5)) & set(mistakes(score).tolist())
    right = np.count_nonzero(iris.labels_test[5:] == 1)
    assert score.share == pytest.approx(right / score.total)


def test_a_network_that_answers_nothing_finite_has_no_list(iris: Data) -> None:
    score = score_classes(lambda X: np.full((len(X), 3), np.nan), iris, "mse")
    assert list_words(score, iris, None, 0) == ("no answer is finite",)
    assert commonest_mistake(score, iris) == ""


def test_a_probability_is_never_rounded_to_certainty() -> None:
    assert [probability(p) for p in (0.9999, 1.0, 0.976, 1e-6, 0.0)] == [
        ">0.99",
        "1.00",
        "0.98",
        "<0.01",
        "0.00",
    ]
