"""The setup being edited: undo with named acts, merged edits, and its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from gradstudio.errors import SetupError, SetupFileError
from gradstudio.setup.models import DataSetup, Setup, TrainingSetup
from gradstudio.ui.document import UNDO_LIMIT, Document


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def document(qapp: QApplication, clock: Clock) -> Document:
    return Document(clock=clock)


def noise(document: Document, value: float) -> Setup:
    data = document.setup.data.model_copy(update={"noise": value})
    return document.setup.model_copy(update={"data": data})


def edit_noise(document: Document, value: float, key: str | None = "data.noise") -> None:
    old = document.setup.data.noise
    document.edit(noise(document, value), f"Noise {old:g} to {value:g}", key)


def test_an_edit_is_told_with_the_setup_before_and_after(document: Document) -> None:
    told: list[tuple[Setup, Setup]] = []
    document.changed.connect(lambda old, new: told.append((old, new)))
    first = document.setup
    edit_noise(document, 0.2)
    document.undo_stack.undo()
    assert [(old.data.noise, new.data.noise) for old, new in told] == [(0.05, 0.2), (0.2, 0.05)]
    assert document.setup == first


def test_an_edit_that_changes_nothing_is_no_act(document: Document) -> None:
    document.edit(document.setup, "Noise 0.05 to 0.05")
    assert document.undo_stack.count() == 0
    assert not document.is_modified


def test_edits_of_one_field_within_a_second_are_one_act(document: Document, clock: Clock) -> None:
    for value in (0.1, 0.2, 0.3):
        edit_noise(document, value)
        clock.now += 0.9
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Noise 0.05 to 0.3"
    document.undo_stack.undo()
    assert document.setup.data.noise == 0.05
    document.undo_stack.redo()
    assert document.setup.data.noise == 0.3


def test_edits_further_apart_or_of_other_fields_are_acts_of_their_own(
    document: Document, clock: Clock
) -> None:
    edit_noise(document, 0.1)
    clock.now += 1.1
    edit_noise(document, 0.2)
    edit_noise(document, 0.3, "another field")
    edit_noise(document, 0.4, None)
    edit_noise(document, 0.45, None)
    assert document.undo_stack.count() == 5


def test_a_drag_back_to_the_start_leaves_no_act(document: Document) -> None:
    edit_noise(document, 0.1)
    edit_noise(document, 0.05)
    assert document.undo_stack.count() == 0
    assert document.setup.data.noise == 0.05
    assert not document.is_modified


def test_five_hundred_acts_can_be_undone(document: Document) -> None:
    for index in range(UNDO_LIMIT + 20):
        edit_noise(document, 0.1 + index / 10_000, None)
    assert document.undo_stack.count() == 500


def test_the_loss_follows_from_classes_to_values_and_back_in_the_same_act(
    document: Document,
) -> None:
    for name, loss in (("sine", "mse"), ("diabetes", "mse"), ("iris", "mse")):
        data = DataSetup(name=name)
        document.edit(document.setup.model_copy(update={"data": data}), f"Data set to {name}")
        assert document.setup.training.loss == loss
    document.undo_stack.undo()
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.setup.training.loss == "softmax_cross_entropy"
    document.undo_stack.redo()
    assert (document.setup.data.name, document.setup.training.loss) == ("sine", "mse")


def test_binary_cross_entropy_gives_way_where_there_are_three_classes(document: Document) -> None:
    training = TrainingSetup(loss="binary_cross_entropy")
    document.edit(document.setup.model_copy(update={"training": training}), "Loss")
    assert document.setup.training.loss == "binary_cross_entropy"
    data = DataSetup(name="iris")
    document.edit(document.setup.model_copy(update={"data": data}), "Data")
    assert document.setup.training.loss == "softmax_cross_entropy"


def test_saving_makes_clean_and_editing_modified(document: Document, tmp_path: Path) -> None:
    told: list[bool] = []
    paths: list[Path | None] = []
    document.modified_changed.connect(told.append)
    document.path_changed.connect(paths.append)
    path = tmp_path / "mine.gradstudio.json"
    edit_noise(document, 0.2)
    assert document.is_modified
    document.save(path)
    assert not document.is_modified
    edit_noise(document, 0.3)
    document.undo_stack.undo()
    assert told == [True, False, True, False]
    assert paths == [path]
    again = Document()
    again.open(path)
    assert again.setup == document.setup
    assert again.path == path
    assert not again.is_modified


def test_an_edit_after_saving_never_merges_into_what_was_saved(
    document: Document, tmp_path: Path
) -> None:
    edit_noise(document, 0.2)
    document.save(tmp_path / "mine.gradstudio.json")
    edit_noise(document, 0.3)
    assert document.is_modified
    document.undo_stack.undo()
    assert document.setup.data.noise == 0.2
    assert not document.is_modified


def test_saving_without_any_file_is_refused(document: Document) -> None:
    with pytest.raises(ValueError, match="path"):
        document.save()


def test_a_wrong_file_leaves_setup_past_and_path_as_they_are(
    document: Document, tmp_path: Path
) -> None:
    good = tmp_path / "good.gradstudio.json"
    document.save(good)
    edit_noise(document, 0.2)
    kept = document.setup
    bad = tmp_path / "bad.gradstudio.json"
    bad.write_text('{"format": "gradstudio-setup", "version": 1, "netw')
    with pytest.raises(SetupFileError):
        document.open(bad)
    with pytest.raises(SetupError):
        document.open(tmp_path / "nowhere.gradstudio.json")
    assert document.setup is kept
    assert document.path == good
    assert document.undo_stack.count() == 1


def test_a_file_that_cannot_be_written_leaves_the_document_unsaved(
    document: Document, tmp_path: Path
) -> None:
    edit_noise(document, 0.2)
    with pytest.raises(SetupFileError):
        document.save(tmp_path / "no" / "such" / "folder" / "x.gradstudio.json")
    assert document.is_modified
    assert document.path is None


def test_new_forgets_file_and_past(document: Document, tmp_path: Path) -> None:
    edit_noise(document, 0.2)
    document.save(tmp_path / "mine.gradstudio.json")
    document.new(Setup(name="Fresh"))
    assert document.setup.name == "Fresh"
    assert document.path is None
    assert not document.undo_stack.canUndo()
