"""Pictures of the wrong samples, alone and beside the confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from gradstudio.data import make_data
from gradstudio.data.task import Data
from gradstudio.export.figure import Figure, Picture, Points, Text
from gradstudio.export.figures import decision_figure
from gradstudio.export.figures.confusion import disc_radius
from gradstudio.export.mistakes import mistaken_cells, mistakes
from gradstudio.export.score import score_classes
from gradstudio.export.tables import csv_text
from gradstudio.palette import DARK
from gradstudio.setup.models import DataName, DataSetup, Setup
from gradstudio.training.recording import Recording

from .pictures import Drawn

LOSS = "softmax_cross_entropy"


@dataclass
class Fixed:
    """A network whose answers are one random matrix away from the inputs."""

    data: Data
    step: int = 3
    loss: str = LOSS

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.data.input_size, 4, self.data.output_size)

    @property
    def gradients(self) -> np.ndarray:
        return np.zeros(1)

    def network(self) -> Fixed:
        return self

    def output(self, X: np.ndarray) -> np.ndarray:
        W = np.random.default_rng(3).normal(size=(X.shape[1], self.data.output_size))
        return np.asarray(X @ W / 4)


def drawn(name: DataName, **choices: object) -> tuple[Figure, Data]:
    data = make_data(DataSetup(name=name), LOSS)
    recording = Recording(Setup(), chance=0.0, class_count=len(data.class_names))
    return decision_figure(recording, data, Fixed(data), **choices), data


def wrong_of(data: Data, cell: tuple[int, int] | None = None) -> np.ndarray:
    return mistakes(score_classes(Fixed(data).output, data, LOSS), cell)


def test_pictures_come_with_the_most_certain_first_and_the_table_holds_all() -> None:
    figure, data = drawn("digits", shown="wrong")
    wrong = wrong_of(data)
    pictures = [item for item in figure.items if isinstance(item, Picture)]
    assert pictures[0].label == f"sample {wrong[0] + 1}"
    assert figure.table["test sample"].tolist() == (wrong + 1).tolist()
    heading = next(item.text for item in figure.items if isinstance(item, Text))
    more = len(wrong) - len(pictures)
    assert heading.startswith(f"{len(wrong)} wrong · {len(pictures)} drawn, {more} more")
    assert csv_text(figure).count("\n") == len(wrong) + 1


def test_a_chosen_cell_leaves_its_own_samples() -> None:
    _, data = drawn("digits")
    cell = mistaken_cells(score_classes(Fixed(data).output, data, LOSS))[0]
    figure, _ = drawn("digits", shown="wrong", cell=cell)
    assert set(figure.table["true class"]) == {data.class_names[cell[0]]}
    assert set(figure.table["predicted class"]) == {data.class_names[cell[1]]}
    assert len(figure.table["test sample"]) == len(wrong_of(data, cell))


@pytest.mark.parametrize("name", ["digits", "mnist5k", "iris", "breast_cancer"])
def test_matrix_and_samples_keep_inside_the_picture(name: DataName) -> None:
    figure, data = drawn(name, shown="both", palette_name="dark")
    assert figure.palette is DARK
    for item in figure.items:
        if isinstance(item, Picture):
            assert 0.0 <= item.x0 < item.x1 <= figure.x.high
            assert 0.0 <= item.y0 < item.y1 <= figure.y.high
        elif isinstance(item, Text):
            assert 0.0 <= item.x <= figure.x.high
            assert 0.0 <= item.y <= figure.y.high
    assert len(figure.table["true class"]) == len(data.labels_test)
    assert Drawn.of(figure).texts("plot")


def test_mistakes_are_discs_and_right_answers_squares() -> None:
    figure, data = drawn("iris")
    score = score_classes(Fixed(data).output, data, LOSS)
    discs = [item for item in figure.items if isinstance(item, Points)]
    assert len(discs) == len(mistaken_cells(score))
    assert {item.shape for item in discs} == {"circle"}


def test_the_area_of_a_disc_is_its_share_of_the_row() -> None:
    assert disc_radius(1.0, 10.0) == pytest.approx(4.6)
    assert disc_radius(0.25, 10.0) == pytest.approx(2.3)
    assert disc_radius(1e-9, 10.0) > 1.0


def test_other_data_are_not_drawn_as_wrong_samples() -> None:
    figure, _ = drawn("xor", shown="both")
    assert figure.x.visible
