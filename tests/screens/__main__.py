"""Takes the pictures of the README: ``python -m tests.screens [FOLDER]``, on any display."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gradstudio.environment import prepare_environment

prepare_environment()

from PySide6.QtCore import QEventLoop, QSettings, QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from gradstudio.app import SWITCH_INTERVAL  # noqa: E402
from gradstudio.resources import resource  # noqa: E402
from gradstudio.run.status import RunState  # noqa: E402
from gradstudio.ui.files import examples  # noqa: E402
from gradstudio.ui.main_window import MainWindow  # noqa: E402

PATIENCE_MS = 60_000


@dataclass(frozen=True)
class Shot:
    """One picture: what is opened, how it looks, and when it is taken."""

    name: str
    scheme: str
    example: int | None
    """Index of the example opened in the Studio; None for the gallery."""
    until_step: int
    size: tuple[int, int] = (1440, 900)


SHOTS = (
    Shot("gallery-dark", "dark", None, 400),
    Shot("studio-dark", "dark", 0, 1200),
    Shot("studio-light", "light", 3, 1500),
    Shot("not-finite-light", "light", 7, 4, (1280, 800)),
)


def take(shot: Shot, folder: Path) -> None:
    """Open a window, wait until it shows what is wanted, and save its picture."""
    with tempfile.TemporaryDirectory() as place:
        settings = QSettings(str(Path(place) / "settings.ini"), QSettings.Format.IniFormat)
        settings.setValue("scheme", shot.scheme)
        window = MainWindow(settings, examples())
        window.resize(*shot.size)
        window.show()
        window.begin()
        if shot.example is not None:
            window.open_example(examples()[shot.example][0])
        cards = window.gallery.cards.values()

        def is_ready() -> bool:
            reached = window.session.status.step >= shot.until_step
            drawn = shot.example is not None or all(card.preview for card in cards)
            return reached and drawn

        wait_until(is_ready)
        if window.run_state() is RunState.RUNNING and shot.example is not None:
            window.session.toggle()
        wait_until(lambda: window.runner.is_idle or shot.example is None)
        pause(600)
        window.board.refresh_all()
        window.grab().save(str(folder / f"{shot.name}.png"))
        window.files.may_discard = lambda: True  # type: ignore[method-assign]
        window.close()


def wait_until(is_true: Callable[[], bool]) -> None:
    """Let the window work until something holds."""
    loop, beat, end = QEventLoop(), QTimer(), QTimer()
    beat.timeout.connect(lambda: loop.quit() if is_true() else None)
    end.setSingleShot(True)
    end.timeout.connect(loop.quit)
    beat.start(20)
    end.start(PATIENCE_MS)
    loop.exec()
    beat.stop()
    end.stop()


def pause(milliseconds: int) -> None:
    """Let the window draw what is left to draw."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main() -> None:
    """Take all pictures."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else resource("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication.instance() or QApplication([])
    for shot in SHOTS:
        take(shot, folder)
    application.quit()


if __name__ == "__main__":
    main()
