"""Short runs of the shipped setups, for the pictures of the gallery: real ones, made here."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradstudio.errors import GradStudioError
from gradstudio.setup.file import read_setup
from gradstudio.setup.models import Setup
from gradstudio.training.diagnosis import Diagnosis, diagnose
from gradstudio.training.trainer import Trainer

PREVIEW_STEPS = 60


@dataclass(frozen=True)
class Preview:
    """What a card of the gallery shows of one setup after a short run."""

    file: Path
    setup: Setup
    delta_rms: NDArray[np.float64]
    """RMS of delta of each layer at the last step, (L,)."""
    loss: NDArray[np.float64]
    """Loss of each step, (steps,)."""
    chance: float | None
    diagnosis: Diagnosis


def make_preview(file: Path, steps: int = PREVIEW_STEPS) -> Preview:
    """Train a setup for a few steps and say what is seen."""
    setup = read_setup(file)
    trainer = Trainer(setup)
    trainer.run(steps)
    recording = trainer.recording
    loss = recording.history.read("loss").last[:, 0]
    delta = recording.history.latest("delta_rms")
    assert delta is not None
    return Preview(file, setup, delta, loss, recording.chance, diagnose(recording))


class PreviewThread:
    """Makes previews one after the other on a thread of its own; `take` fetches what is ready."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = tuple(files)
        self._ready: queue.SimpleQueue[Preview] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="gradstudio-previews", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def take(self) -> list[Preview]:
        """The previews that have become ready since the last call."""
        ready = []
        while not self._ready.empty():
            ready.append(self._ready.get())
        return ready

    @property
    def is_done(self) -> bool:
        """Whether all are made and taken."""
        return not self._thread.is_alive() and self._ready.empty()

    def stop(self, timeout: float = 2.0) -> None:
        """Make no more."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _work(self) -> None:
        for file in self._files:
            if self._stop.is_set():
                return
            try:
                self._ready.put(make_preview(file))
            except GradStudioError:
                continue
