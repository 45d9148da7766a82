"""A design that cannot be run says so at its field and leaves the run alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from gradstudio.run.status import RunState
from gradstudio.setup.models import LayerSetup
from gradstudio.ui.main_window import MainWindow


def with_shortcut(window: MainWindow, units: int) -> None:
    """Three layers, the last of them with a shortcut around it."""
    setup = window.document.setup
    last = LayerSetup(units=units, residual="plain")
    layers = (*setup.network.layers[:2], last)
    network = setup.network.model_copy(update={"layers": layers})
    window.document.edit(setup.model_copy(update={"network": network}), "Shortcut")


def with_samples(window: MainWindow, samples: int) -> None:
    setup = window.document.setup
    data = setup.data.model_copy(update={"samples": samples, "test_share": 0.6})
    window.document.edit(setup.model_copy(update={"data": data}), "Samples")


def test_a_shortcut_over_unequal_widths_is_explained_at_its_layer(
    qtbot: QtBot, window: MainWindow, settle: Callable[[], None]
) -> None:
    window.session.step()
    settle()
    trainer = window.runner.trainer
    with_shortcut(window, 5)
    network = window.studio.network
    sentence = "Layer 3: a shortcut adds 4 units of layer 2 to 5: both must be equal"
    assert network.problem.text() == sentence
    assert network.problem.isVisible() and network.model.is_faulty(3)
    window.session.run()
    settle()
    assert window.runner.trainer is trainer
    assert (window.run_state(), window.session.status.step) == (RunState.PAUSED, 1)
    assert "network.layers[2].residual" in window.message_bar.text()
    assert window.message_bar.text().endswith("The run stays as it is.")
    with_shortcut(window, 4)
    assert not network.problem.isVisible() and not network.model.is_faulty(3)
    window.session.run()
    qtbot.waitUntil(lambda: window.run_state() is RunState.RUNNING, timeout=10_000)
    assert window.runner.trainer is not trainer


def test_an_unfit_design_at_step_0_waits_until_it_fits(
    qtbot: QtBot, window: MainWindow, settle: Callable[[], None]
) -> None:
    trainer = window.runner.trainer
    with_shortcut(window, 5)
    qtbot.wait(0)
    settle()
    assert not window.session._delay.isActive()
    assert window.run_state() is RunState.READY and window.runner.trainer is trainer
    with_shortcut(window, 4)
    qtbot.waitUntil(lambda: window.runner.trainer is not trainer, timeout=10_000)


@pytest.mark.parametrize("batch", [21, 32])
def test_a_batch_that_no_longer_fits_the_data_is_explained_at_the_field(
    window: MainWindow, batch: int
) -> None:
    setup = window.document.setup
    training = setup.training.model_copy(update={"batch_size": batch})
    window.document.edit(setup.model_copy(update={"training": training}), "Batch")
    with_samples(window, 50)
    form = window.studio.training.form
    assert form.problem("batch_size").startswith(f"Batch: {batch} is above the 20 training samples")
    assert form.editor("batch_size").property("invalid")
    form.editor("batch_size").stepBy(20 - batch)  # type: ignore[union-attr]
    assert window.document.setup.training.batch_size == 20
    assert not form.problem("batch_size")
    assert not form.editor("batch_size").property("invalid")
    window.document.undo_stack.undo()
    assert form.problem("batch_size")
    with_samples(window, 500)
    assert not form.problem("batch_size")
