"""The first page: it runs by itself, its cards tell what a short run showed, a click opens one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from gradstudio.run.previews import make_preview
from gradstudio.run.status import RunState
from gradstudio.setup.file import write_setup
from gradstudio.setup.models import InitializerSetup, LayerSetup, NetworkSetup, Setup
from gradstudio.training.trainer import Trainer
from gradstudio.ui.main_window import MainWindow


def setup_of(name: str, activation: str, initializer: str, layers: int) -> Setup:
    layer = LayerSetup.model_validate(
        {"units": 8, "activation": activation, "initializer": {"name": initializer}}
    )
    return Setup(
        name=name,
        notes=f"What {name} shows.",
        network=NetworkSetup(
            layers=(layer,) * layers,
            output={"initializer": InitializerSetup.model_validate({"name": initializer})},
        ),
    )


@pytest.fixture
def examples(tmp_path: Path) -> list[tuple[Path, Setup]]:
    made = [
        setup_of("Sigmoid", "sigmoid", "uniform_fan_in", 8),
        setup_of("Cured", "relu", "he_normal", 4),
        setup_of("Zeros", "tanh", "zeros", 3),
    ]
    files = [tmp_path / f"{i}.gradstudio.json" for i in range(len(made))]
    for file, setup in zip(files, made, strict=True):
        write_setup(setup, file)
    return list(zip(files, made, strict=True))


@pytest.fixture
def window(
    qtbot: QtBot, settings: QSettings, examples: list[tuple[Path, Setup]]
) -> Iterator[MainWindow]:
    made = MainWindow(settings, examples)
    made.files.may_discard = lambda: True  # type: ignore[method-assign]
    qtbot.addWidget(made)
    made.show()
    made.begin()
    yield made
    made.close()


def test_the_first_example_runs_without_a_key_and_studio_goes_on_with_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    qtbot.waitUntil(lambda: window.session.status.step > 30, timeout=10_000)
    assert not window.is_studio
    assert window.hero_plot.drawn is not None
    step, recording = window.session.status.step, window.session.recording
    qtbot.mouseClick(window.hero.findChild(object, "open_in_studio"), Qt.MouseButton.LeftButton)
    assert window.is_studio
    assert window.session.recording is recording
    assert window.session.status.step >= step


def test_every_card_shows_the_verdict_of_a_short_run(
    qtbot: QtBot, window: MainWindow, examples: list[tuple[Path, Setup]]
) -> None:
    cards = list(window.gallery.cards.values())
    qtbot.waitUntil(lambda: all(card.preview is not None for card in cards), timeout=20_000)
    titles = [card.preview.diagnosis.title for card in cards]
    assert "anish" in titles[0]
    assert "ealthy" in titles[1]


def test_a_click_on_a_card_opens_and_runs_it(
    qtbot: QtBot, window: MainWindow, examples: list[tuple[Path, Setup]]
) -> None:
    qtbot.mouseClick(window.gallery.cards[examples[1][0]], Qt.MouseButton.LeftButton)
    assert window.is_studio
    assert window.document.setup.name == "Cured"
    assert window.document.path is None
    qtbot.waitUntil(
        lambda: window.run_state() is RunState.RUNNING and window.session.status.step > 5,
        timeout=10_000,
    )


def test_enter_on_a_focused_card_opens_it(
    qtbot: QtBot, window: MainWindow, examples: list[tuple[Path, Setup]]
) -> None:
    qtbot.keyClick(window.gallery.cards[examples[2][0]], Qt.Key.Key_Return)
    assert window.document.setup.name == "Zeros"


def test_a_digit_opens_the_card_of_that_number(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.hero, Qt.Key.Key_2)
    assert window.document.setup.name == "Cured"
    assert window.is_studio


def test_enter_in_the_gallery_goes_on_in_the_studio(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.session.status.step > 5, timeout=10_000)
    recording = window.session.recording
    qtbot.keyClick(window.hero, Qt.Key.Key_Return)
    assert window.is_studio
    assert window.session.recording is recording


def test_a_preview_is_a_plain_run(examples: list[tuple[Path, Setup]]) -> None:
    file, setup = examples[1]
    preview = make_preview(file, steps=12)
    trainer = Trainer(setup)
    losses = [trainer.step().loss for _ in range(12)]
    assert np.array_equal(preview.loss, losses)
    assert len(preview.delta_rms) == len(setup.network.layers) + 1
