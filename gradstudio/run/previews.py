"""Short runs of the shipped setups, for the pictures of the gallery: real ones, made here."""

from __future__ import annotations

import os
import queue
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.errors import GradStudioError
from gradstudio.setup.file import read_setup
from gradstudio.setup.models import Setup
from gradstudio.training.diagnosis import diagnose
from gradstudio.training.trainer import Trainer
from gradstudio.training.verdict import Diagnosis

PREVIEW_STEPS: Final = 60
NICENESS: Final = 10
"""How far previews stand behind everything else that wants the processor."""


@dataclass(frozen=True, eq=False)
class Preview:
    """What a card of the gallery shows of one setup after a short run."""

    file: Path
    setup: Setup
    delta_rms: NDArray[np.float64]
    """RMS of delta of each layer at the last finite step, (L,)."""
    loss: NDArray[np.float64]
    """Loss of each step, (steps,)."""
    chance: float | None
    diagnosis: Diagnosis


def make_preview(file: Path, steps: int = PREVIEW_STEPS) -> Preview:
    """Train a setup for a few steps and say what is seen.

    Raises
    ------
    GradStudioError
        If the file holds no setup that can be run.
    """
    setup = read_setup(file)
    trainer = Trainer(setup)
    trainer.run(steps)
    recording = trainer.recording
    loss = recording.history.read("loss").last[:, 0]
    delta = recording.history.read("delta_rms").last
    finite = delta[np.isfinite(delta).all(axis=1)]
    if not len(finite):
        raise GradStudioError(f"{file.name}: no step was finite")
    return Preview(file, setup, finite[-1], loss, recording.chance, diagnose(recording))


class PreviewMaker:
    """Makes previews one after the other in a process of its own.

    A thread would take the interpreter from the window: 16 previews held single frames up for
    almost a second.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = tuple(files)
        self._ready: queue.SimpleQueue[Preview] = queue.SimpleQueue()
        self._open = len(self._files)
        self._pool: Pool | None = None

    def start(self) -> None:
        """Begin."""
        if self._files:
            self._pool = get_context("spawn").Pool(1, _be_nice)
        for file in self._files:
            assert self._pool is not None
            self._pool.apply_async(
                make_preview, (file,), callback=self._take, error_callback=self._miss
            )

    def take(self) -> list[Preview]:
        """Return the previews that have become ready since the last call."""
        ready = []
        while not self._ready.empty():
            ready.append(self._ready.get())
        return ready

    @property
    def is_done(self) -> bool:
        """Whether all are made and taken."""
        return self._open == 0 and self._ready.empty()

    def stop(self) -> None:
        """Make no more."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()
            self._pool = None

    def _take(self, preview: Preview) -> None:
        self._ready.put(preview)
        self._open -= 1

    def _miss(self, error: BaseException) -> None:
        self._open -= 1


def _be_nice() -> None:
    if hasattr(os, "nice"):
        os.nice(NICENESS)
