"""A recording holds the rows of a run under the names of what they mean."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup
from gradstudio.training.record import PER_LAYER, SCALARS, Columns, RowLayout, StepRecord
from gradstudio.training.recording import Recording


def test_a_row_has_room_for_every_quantity_once() -> None:
    layout = RowLayout(3)
    assert layout.names == SCALARS + PER_LAYER
    assert layout.width == len(SCALARS) + 3 * len(PER_LAYER)
    covered = np.zeros(layout.width, dtype=int)
    for name in layout.names:
        covered[layout.slice_of(name)] += 1
    assert (covered == 1).all()


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        Columns({"loss": 1}).slice_of("weight_norm")


@pytest.mark.parametrize("name", SCALARS + PER_LAYER)
def test_a_step_record_reads_each_quantity_from_its_own_columns(name: str) -> None:
    layout = RowLayout(4)
    row = layout.new_row()
    assert np.isnan(row).all()
    values = np.arange(1.0, 1.0 + row[layout.slice_of(name)].size)
    row[layout.slice_of(name)] = values
    record = StepRecord(7, row, layout)
    assert np.array_equal(np.atleast_1d(getattr(record, name)), values)
    others = [other for other in layout.names if other != name]
    assert all(np.isnan(getattr(record, other)).all() for other in others)


def test_the_layers_are_counted_from_one_and_the_last_is_the_output() -> None:
    recording = Recording(Setup(network=NetworkSetup(layers=(LayerSetup(),) * 3)))
    assert recording.labels == ("1", "2", "3", "out")
    assert recording.layout.layer_count == recording.layer_count == 4


def test_the_newest_record_is_a_copy_with_its_step() -> None:
    recording = Recording(Setup())
    assert recording.newest() is None
    for loss in (3.0, 2.0):
        row = recording.layout.new_row()
        row[recording.layout.slice_of("loss")] = loss
        recording.history.append(row)
    newest = recording.newest()
    assert newest is not None
    assert (newest.step, newest.loss) == (1, 2.0)
    newest.row[:] = 0.0
    assert recording.history.latest("loss") == pytest.approx([2.0])
    assert recording.step_count == 2


def test_evaluations_have_steps_of_their_own() -> None:
    recording = Recording(Setup(), evaluation_interval=25)
    for accuracy in (0.5, 0.75, 1.0):
        recording.evaluations.append(np.array([0.1, accuracy, accuracy]))
    view = recording.evaluations.read("test_accuracy")
    assert view.steps.tolist() == [0, 25, 50]
    assert view.last[:, 0].tolist() == [0.5, 0.75, 1.0]
