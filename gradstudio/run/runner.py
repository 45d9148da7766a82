"""A run as its caller sees it: commands in, status and recording out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial

from gradstudio.nn.probes import PROBES
from gradstudio.run.snapshot import Snapshot
from gradstudio.run.status import MOVING, RunState, RunStatus
from gradstudio.run.worker import Worker
from gradstudio.setup.models import Setup, StopSetup
from gradstudio.training.reading import Reading
from gradstudio.training.recording import Recording
from gradstudio.training.trainer import Trainer


class Runner:
    """Trains setups, one after the other, on a thread of its own.

    Every command returns at once; what came of it stands in ``status``. Commands are carried out
    in the order in which they were given, and one that makes no sense in a state does nothing.
    All commands must come from one thread.
    """

    def __init__(self) -> None:
        self._worker = Worker()
        self._sent = 0
        self._thread = threading.Thread(
            target=self._worker.work, name="gradstudio-run", daemon=True
        )
        self._thread.start()

    @property
    def status(self) -> RunStatus:
        """Where the run stands; a value that never changes."""
        return self._worker.status

    @property
    def is_idle(self) -> bool:
        """Whether every command is done and the worker rests: the trainer may be touched."""
        status = self.status
        return status.handled == self._sent and status.state not in MOVING

    @property
    def trainer(self) -> Trainer | None:
        """The trainer prepared last; to be touched only while ``is_idle``."""
        return self._worker.trainer

    @property
    def recording(self) -> Recording | None:
        """The recording of the run prepared last; may be read at any time."""
        trainer = self._worker.trainer
        return None if trainer is None else trainer.recording

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest copy of the network; one is made with every ``prepare``."""
        return self._worker.snapshot

    @property
    def reading(self) -> Reading | None:
        """What the watched probes measured last; None as long as none is watched."""
        return self._worker.reading

    @property
    def first_reading(self) -> Reading | None:
        """What the probes measured at the starting weights; None where none was watched then."""
        return self._worker.first_reading

    def wait(self, predicate: Callable[[RunStatus], bool], timeout: float) -> bool:
        """Wait until all commands given so far are done and ``predicate(status)`` holds.

        Returns
        -------
        bool
            False when ``timeout`` seconds have passed before.
        """
        sent = self._sent
        with self._worker.changed:
            return self._worker.changed.wait_for(
                lambda: self.status.handled >= sent and predicate(self.status), timeout
            )

    def wait_for(self, *states: RunState, timeout: float) -> bool:
        """Wait until all commands given so far are done and the run is in one of ``states``."""
        return self.wait(lambda status: status.state in states, timeout)

    def prepare(self, setup: Setup) -> None:
        """Make data and network of ``setup`` and replace the run; a newer call supersedes it."""
        self._worker.newest_prepare += 1
        self._send(partial(self._worker.prepare, setup, self._worker.newest_prepare))

    def reset(self) -> None:
        """Start again at step 0 with the same setup."""
        self._send(self._worker.reset)

    def run(self) -> None:
        """Train until paused or ended; past the stop rule when one has ended the run."""
        self._send(self._worker.run)

    def pause(self) -> None:
        """Stop after the step under way."""
        self._send(self._worker.pause)

    def step(self) -> None:
        """Do one update and pause."""
        self._send(self._worker.step)

    def step_epoch(self) -> None:
        """Train to the end of this pass over the data and pause."""
        self._send(self._worker.step_epoch)

    def advance_part(self) -> None:
        """Pause and do the next part of a step."""
        self._send(self._worker.advance_part)

    def set(self, field: str, value: float | None) -> None:
        """Change one of ``LIVE_FIELDS`` from the next step on."""
        self._send(partial(self._worker.change, field, value))

    def set_stop(self, stop: StopSetup) -> None:
        """Replace the stop rules from the next step on."""
        self._send(partial(self._worker.change_stop, stop))

    def set_pace(self, steps_per_second: float | None) -> None:
        """Limit the pace; None for as fast as it goes."""
        self._send(partial(self._worker.change_pace, steps_per_second))

    def request_snapshot(self) -> None:
        """Ask for a new ``snapshot``; further requests until it is made are one with it."""
        if not self._worker.snapshot_asked:
            self._worker.snapshot_asked = True
            self._send(self._worker.take_snapshot)

    def watch(self, probes: Iterable[str]) -> None:
        """Say which probes are to measure from now on: when asked, and at each stop.

        They cost time, so these are to be those that somebody looks at.

        Raises
        ------
        KeyError
            If there is no such probe.
        """
        self._worker.probes = frozenset(PROBES[name].name for name in probes)

    def request_reading(self) -> None:
        """Ask for a new ``reading``; further requests until it is taken are one with it."""
        if not self._worker.reading_asked:
            self._worker.reading_asked = True
            self._send(self._worker.take_reading)

    def close_gate(self) -> None:
        """Let the worker wait after the step under way: the caller has the interpreter alone.

        Without it a small network takes the interpreter lock so often that a window drops to ten
        frames a second.
        """
        if not self._worker.stopping:
            self._worker.gate.clear()

    def open_gate(self) -> None:
        """Let the worker go on."""
        self._worker.gate.set()

    def shut_down(self, timeout: float = 2.0) -> bool:
        """End the thread for good; returns whether it ended within ``timeout`` seconds."""
        self._worker.stopping = True
        self._worker.gate.set()
        self._send(_wake)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _send(self, command: Callable[[], None]) -> None:
        self._sent += 1
        self._worker.commands.put(command)


def _wake() -> None:
    """Do nothing; a resting worker only looks at its orders when a command comes."""
