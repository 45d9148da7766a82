"""Wrong samples and what the pointer is on, with answers known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradstudio.data import make_data
from gradstudio.data.task import Data
from gradstudio.setup.models import DataSetup
from gradstudio.ui.plots.decision import DecisionPlot
from gradstudio.ui.plots.decision_view import DecisionView
from gradstudio.ui.plots.pictures import scatter_frame
from tests.ui.plots.test_decision import Moment, show

SOFTMAX = "softmax_cross_entropy"
Open = Callable[..., DecisionPlot]


@pytest.fixture
def digits() -> Data:
    return make_data(DataSetup(name="digits"), SOFTMAX)


@pytest.fixture
def iris() -> Data:
    return make_data(DataSetup(name="iris"), SOFTMAX)


@pytest.fixture
def opened(record, shown) -> Iterator[Open]:
    """A plot that has an answer."""

    def make(data: Data, answer: Callable, size=(300, 210), loss=SOFTMAX) -> DecisionPlot:
        plot = shown(DecisionPlot(), record(np.ones((5, 2))), size)
        show(plot, data, Moment(data, loss, answer))
        return plot

    yield make


def knowing(data: Data, wrong: dict[int, int], sure: float = 3.0) -> Callable:
    """Answer every test sample rightly, but some with another class, the first most certainly."""
    chosen = data.labels_test.astype(int).copy()
    z = np.zeros((len(chosen), len(data.class_names)))
    for k, (sample, given) in enumerate(wrong.items()):
        chosen[sample] = given
        z[sample, given] = sure - k
    z[np.arange(len(chosen)), chosen] += 1.0
    return lambda X: z[: len(X)]


def others(data: Data, samples: list[int], by: int = 1) -> dict[int, int]:
    """Give some samples the class that follows their own."""
    classes = len(data.class_names)
    return {s: (int(data.labels_test[s]) + by) % classes for s in samples}


def hover(view: DecisionView, at: QPointF) -> None:
    QTest.mouseMove(view, at.toPoint())


def click(view: DecisionView, at: QPointF) -> None:
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at.toPoint())


def test_enter_shows_the_wrong_samples_the_most_certain_first(opened, digits) -> None:
    plot = opened(digits, knowing(digits, others(digits, [7, 3, 11])))
    assert plot.view.shown == "confusion"
    assert plot.view.mistake_list() is None
    QTest.keyClick(plot.view, Qt.Key.Key_Return)
    assert plot.view.shown == plot.switch.key() == "wrong"
    assert plot.view.mistake_list().shown.tolist() == [7, 3, 11]
    assert plot.view.mistake_list().words == ("3 wrong", "most certain first")


def test_what_has_no_room_is_counted(opened, digits) -> None:
    plot = opened(digits, lambda X: np.tile(np.eye(10)[3] * 9.0, (len(X), 1)))
    plot.view.show_wrong(True)
    found = plot.view.mistake_list()
    wrong = np.count_nonzero(digits.labels_test != 3)
    drawn = len(found.shown)
    assert 0 < drawn < wrong
    assert found.words[:2] == (f"{wrong} wrong", f"{drawn} drawn, {wrong - drawn} more")
    boxes = [found.box_of(sample) for sample in found.shown.tolist()]
    assert all(plot.view.rect().toRectF().contains(box) for box in boxes)


def test_matrix_and_samples_stand_side_by_side_where_they_have_room(opened, digits) -> None:
    plot = opened(digits, knowing(digits, others(digits, [7])), size=(900, 600))
    assert plot.view.shown == "both"
    assert plot.switch.isHidden()
    assert plot.view.matrix_place() is not None
    assert plot.view.mistake_list().shown.tolist() == [7]


def test_a_click_on_a_cell_chooses_its_samples_and_another_all(opened, digits) -> None:
    wrong = others(digits, [7, 3])
    plot = opened(digits, knowing(digits, wrong), size=(900, 600))
    cell = (int(digits.labels_test[3]), wrong[3])
    centre = plot.view.matrix_place().box(cell).center()
    click(plot.view, centre)
    assert plot.view.cell == cell
    assert 3 in plot.view.mistake_list().shown
    assert f"{cell[0]} taken for {cell[1]}" in plot.sentence()
    click(plot.view, centre)
    assert plot.view.cell is None
    assert sorted(plot.view.mistake_list().shown) == [3, 7]


def test_a_click_on_a_small_matrix_goes_to_the_samples_of_the_cell(opened, iris) -> None:
    wrong = others(iris, [5])
    plot = opened(iris, knowing(iris, wrong))
    click(plot.view, plot.view.matrix_place().box((int(iris.labels_test[5]), wrong[5])).center())
    assert plot.view.shown == "wrong"
    assert plot.view.mistake_list().shown.tolist() == [5]
    click(plot.view, plot.view.mistake_list().head.center())
    assert plot.view.cell is None


def test_escape_chooses_all_samples_and_is_free_for_others_then(qtbot: QtBot, opened, iris) -> None:
    plot = opened(iris, knowing(iris, others(iris, [5])), size=(900, 600))
    QTest.keyClick(plot.view, Qt.Key.Key_PageDown)
    assert plot.view.cell is not None
    QTest.keyClick(plot.view, Qt.Key.Key_Escape)
    assert plot.view.cell is None
    seen: list[int] = []
    plot.keyPressEvent = lambda event: seen.append(event.key())
    QTest.keyClick(plot.view, Qt.Key.Key_Escape)
    assert seen == [Qt.Key.Key_Escape]


def test_page_keys_go_through_the_mistakes_by_frequency(opened, iris) -> None:
    of_two = np.flatnonzero(iris.labels_test == 2)[:2].tolist()
    of_one = np.flatnonzero(iris.labels_test == 1)[:1].tolist()
    wrong = others(iris, of_two) | others(iris, of_one)
    plot = opened(iris, knowing(iris, wrong))
    seen = []
    for _ in range(3):
        QTest.keyClick(plot.view, Qt.Key.Key_PageDown)
        seen.append(plot.view.cell)
    assert seen == [(2, 0), (1, 2), None]
    QTest.keyClick(plot.view, Qt.Key.Key_PageUp)
    assert plot.view.cell == (1, 2)


def test_a_diagonal_cell_has_no_wrong_samples_to_choose(opened, iris) -> None:
    plot = opened(iris, knowing(iris, {}))
    click(plot.view, plot.view.matrix_place().box((1, 1)).center())
    assert plot.view.cell is None
    assert plot.view.shown == "confusion"


def test_a_cell_tells_recall_and_precision_and_the_samples_of_a_table(opened, iris) -> None:
    wrong = others(iris, [5])
    plot = opened(iris, knowing(iris, wrong))
    true, given = int(iris.labels_test[5]), wrong[5]
    hover(plot.view, plot.view.matrix_place().box((true, given)).center())
    told, _ = plot.view.readout()
    names, rows = iris.class_names, dict(told.rows)
    number = np.count_nonzero(iris.labels_test == true)
    assert told.title == f"{names[true]} taken for {names[given]}"
    assert rows["here"] == "1"
    assert rows[f"recall of {names[true]}"].startswith(f"{number - 1} of {number} = ")
    assert f"precision of {names[given]}" in rows
    assert rows["test sample 6"].startswith("p = 0.")


def test_a_sample_tells_the_probability_of_every_class(opened, digits) -> None:
    wrong = others(digits, [7])
    plot = opened(digits, knowing(digits, wrong))
    plot.view.show_wrong(True)
    hover(plot.view, plot.view.mistake_list().box_of(7).center())
    told, frame = plot.view.readout()
    assert told.title == "test sample 8"
    assert [name for name, _ in told.bars] == list(digits.class_names)
    assert sum(share for _, share in told.bars) == pytest.approx(1.0)
    assert told.true == digits.labels_test[7]
    assert frame is not None
    assert not plot.view.grab().isNull()


def test_the_plane_tells_what_the_network_answers_under_the_pointer(opened) -> None:
    xor = make_data(DataSetup(name="xor", noise=0.0), SOFTMAX)
    plot = opened(xor, lambda X: np.stack([-5.0 * X[:, 0], 5.0 * X[:, 0]], axis=1))
    place = plot.view.picture_place()
    for share in (0.1, 0.5, 0.9):
        at = QPointF(place.left() + share * place.width(), place.center().y())
        hover(plot.view, at)
        told, _ = plot.view.readout()
        picture = plot.answer.map
        real = (at.toPoint().x() - place.left()) / place.width()
        x = picture.low[0] + real * (picture.high[0] - picture.low[0])
        assert dict(told.bars)["class 1"] == pytest.approx(1 / (1 + np.exp(-10 * x)), abs=1e-4)
    hover(plot.view, QPointF(plot.view.width() - 2, 2))
    assert plot.view.readout() is None


def test_answers_that_are_not_finite_are_said(opened, iris) -> None:
    plot = opened(iris, lambda X: np.full((len(X), 3), np.nan))
    plot.view.show_wrong(True)
    assert plot.view.mistake_list().words == ("no answer is finite",)
    assert f"{len(iris.x_test)} answers are not finite" in plot.view.words()
    assert f"{len(iris.x_test)} answers are not finite." in plot.sentence()
    assert not plot.view.grab().isNull()


def test_values_that_are_not_finite_are_said(opened) -> None:
    diabetes = make_data(DataSetup(name="diabetes"), "mse")
    plot = opened(diabetes, lambda X: X[:, :1] + np.inf, loss="mse")
    number = len(diabetes.x_test)
    assert plot.view.words()[1] == f"{number} of {number} test answers are not finite"
    assert "not finite" in plot.sentence()


def test_the_point_of_a_regression_tells_how_far_off_it_is(opened) -> None:
    diabetes = make_data(DataSetup(name="diabetes"), "mse")
    plot = opened(diabetes, lambda X: 0.0 * X[:, :1], loss="mse")
    mean = diabetes.target_scaling.mean[0]
    score = plot.answer.score
    frame = scatter_frame(plot.view.picture_place(), score)
    hover(plot.view, frame.point(score.true[0], score.predicted[0]))
    told, _ = plot.view.readout()
    rows = dict(told.rows)
    off = float(rows["off by"].replace("\N{MINUS SIGN}", "-"))
    assert off == pytest.approx(mean - float(rows["true"]), abs=0.6)


def test_the_step_and_the_part_of_the_data_are_named(opened, iris) -> None:
    plot = opened(iris, knowing(iris, {}))
    assert plot.header.subtitle() == "step 40 · test set"
    untested = make_data(DataSetup(name="iris", test_share=0.0), SOFTMAX)
    show(plot, untested, Moment(untested, SOFTMAX, lambda X: np.zeros((len(X), 3)), step=41))
    assert plot.header.subtitle() == "step 41 · training set"
    assert "training samples are right" in plot.sentence()


def test_always_answering_the_commonest_class_is_said_where_it_beats_chance(opened) -> None:
    tumours = make_data(DataSetup(name="breast_cancer"), SOFTMAX)
    plot = opened(tumours, lambda X: np.zeros((len(X), 2)))
    share = 100 * np.mean(tumours.labels_test == 1)
    assert plot.view.words()[-1] == f"always benign: {share:.1f} %"


def test_other_data_forget_the_chosen_cell(opened, iris) -> None:
    plot = opened(iris, knowing(iris, others(iris, [5])))
    QTest.keyClick(plot.view, Qt.Key.Key_PageDown)
    plot.set_data(make_data(DataSetup(name="wine"), SOFTMAX))
    assert plot.view.cell is None


def test_the_menu_offers_what_the_keys_do(opened, iris) -> None:
    plot = opened(iris, knowing(iris, others(iris, [5])))
    menu = plot.menu()
    texts = [action.text().split("\t")[0] for action in menu.actions()]
    assert texts[:3] == ["Wrong samples", "Next mistake", "All wrong samples"]
    menu.actions()[0].trigger()
    assert plot.view.shown == "wrong"
    menu.close()


@pytest.mark.parametrize("size", [(200, 200), (300, 210), (484, 268), (900, 600)])
@pytest.mark.parametrize("name", ["iris", "digits"])
def test_every_cell_can_be_pointed_at_in_any_size(opened, name, size) -> None:
    data = make_data(DataSetup(name=name), SOFTMAX)
    plot = opened(data, lambda X: np.zeros((len(X), len(data.class_names))), size=size)
    matrix = plot.view.matrix_place()
    assert matrix.cell >= 8
    assert plot.view.rect().contains(matrix.whole.toRect())
    for cell in ((0, 0), (matrix.classes - 1, 0), (1, matrix.classes - 1)):
        assert matrix.cell_at(matrix.box(cell).center()) == cell
    assert matrix.cell_at(QPointF(QPoint(1, 1))) is None
