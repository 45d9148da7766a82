"""One training run without a window: train, write what was measured, say how it went."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from gradstudio import load_setup
from gradstudio.cli.results import new_folder, write_results
from gradstudio.numbers import count, duration
from gradstudio.setup.models import Setup, StopSetup
from gradstudio.training.diagnosis import Diagnosis, diagnose
from gradstudio.training.trainer import Trainer, TrainState

DEFAULT_STEPS: Final = 1000
"""Steps of a run whose setup limits neither steps nor epochs."""
PATIENCE: Final = 0.05
"""Seconds of training between two looks at the progress bar and at Ctrl+C."""


@dataclass
class Job:
    """A run that is ready to start.

    Attributes
    ----------
    trainer
        What trains.
    folder
        Where the results go; made, and empty.
    steps
        Updates to do at most.
    """

    trainer: Trainer
    folder: Path
    steps: int
    seconds: float = field(default=0.0, init=False)

    @classmethod
    def prepare(cls, file: Path, *, steps: int | None, seed: int | None, out: Path | None) -> Job:
        """Read a setup, change what the options say and build everything.

        Raises
        ------
        SetupError, DataError
            If the setup cannot be used.
        ExportError
            If the folder cannot be made.
        """
        setup = changed(load_setup(file), steps, seed)
        trainer = Trainer(setup)
        trainer.recording.initial = trainer.measure()
        limit = step_limit(setup.training.stop, trainer.steps_per_epoch)
        return cls(trainer, new_folder(out, setup.name), limit)

    def run(self, console: Console) -> bool:
        """Train, write the results and say how it went; whether Ctrl+C ended it early.

        Raises
        ------
        ExportError
            If a result cannot be written.
        """
        setup, data = self.trainer.setup, self.trainer.data
        parameters = count(self.trainer.network.parameter_count)
        console.print(f"{setup.name}: {parameters} parameters · {data.describe()}")
        with interruptible() as is_interrupted:
            self._train(console, is_interrupted)
            was_interrupted = is_interrupted()
        console.print(self._outcome(was_interrupted))
        diagnosis = diagnose(self.trainer.recording)
        console.print(_verdict(diagnosis))
        console.print(write_results(self.folder, self.trainer, diagnosis, self.seconds))
        return was_interrupted

    def _train(self, console: Console, is_interrupted: Callable[[], bool]) -> None:
        columns = (
            BarColumn(bar_width=40),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} steps"),
            TimeRemainingColumn(),
        )
        trainer, started, chunk = self.trainer, perf_counter(), 1
        quiet = not console.is_terminal
        with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
            task = progress.add_task("training", total=self.steps)
            while trainer.step_count < self.steps and trainer.state is TrainState.ACTIVE:
                begun = perf_counter()
                trainer.run(min(chunk, self.steps - trainer.step_count))
                spent = perf_counter() - begun
                chunk = max(1, min(2 * chunk, int(chunk * PATIENCE / max(spent, 1e-6))))
                progress.update(task, completed=trainer.step_count)
                if is_interrupted():
                    break
        self.seconds = perf_counter() - started

    def _outcome(self, was_interrupted: bool) -> str:
        steps = self.trainer.step_count
        pace = f"{count(steps)} steps in {duration(self.seconds)}"
        if was_interrupted:
            return f"Interrupted: {pace}; what there is is written."
        ending = self.trainer.ending
        return f"{pace}: {ending}." if ending else f"{pace}; --steps sets another number."


def changed(setup: Setup, steps: int | None, seed: int | None) -> Setup:
    """Return a setup with another number of steps or another random start."""
    training, network = setup.training, setup.network
    if steps is not None:
        stop = training.stop.model_copy(update={"steps": steps, "epochs": None})
        training = training.model_copy(update={"stop": stop})
    if seed is not None:
        network = network.model_copy(update={"seed": seed})
    return setup.model_copy(update={"training": training, "network": network})


def step_limit(stop: StopSetup, steps_per_epoch: int) -> int:
    """Return the updates after which a run surely ends; 1,000 where the setup sets no limit."""
    limits = [] if stop.steps is None else [stop.steps]
    if stop.epochs is not None:
        limits.append(stop.epochs * steps_per_epoch)
    return min(limits, default=DEFAULT_STEPS)


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl+C into an answer, the second one into the usual exception."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def note(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _verdict(diagnosis: Diagnosis) -> str:
    severity = "" if diagnosis.severity == "none" else f" ({diagnosis.severity})"
    parts = [diagnosis.sentence, diagnosis.cause, diagnosis.fix]
    return f"{diagnosis.title}{severity}. {' '.join(part for part in parts if part)}"
