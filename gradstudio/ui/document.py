"""The setup being edited: its file, its undo stack, and whether it is saved."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from gradstudio.data import losses_for
from gradstudio.setup.models import Setup

UNDO_LIMIT: Final = 500
MERGE_SECONDS: Final = 1.0
"""Edits of one field closer together than this are one entry of the undo stack."""


class Document(QObject):
    """One setup and the acts that made it what it is.

    Parameters
    ----------
    setup
        The setup to start from; the default one if none is given.
    clock
        Seconds, rising; decides which edits belong together.
    """

    changed = Signal(object, object)
    """The setup before, the setup now."""
    path_changed = Signal(object)
    """The file of the setup, a ``Path``, or None."""
    modified_changed = Signal(bool)
    """Whether there is something to save."""

    def __init__(
        self,
        setup: Setup | None = None,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._setup = fitted(setup or Setup())
        self._path: Path | None = None
        self._clock = clock
        self._merge_ids: dict[str, int] = {}
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)
        self.undo_stack.cleanChanged.connect(self._tell_modified)

    @property
    def setup(self) -> Setup:
        """The setup now."""
        return self._setup

    @property
    def path(self) -> Path | None:
        """The file it was opened from or saved to."""
        return self._path

    @property
    def is_modified(self) -> bool:
        """Whether it differs from its file."""
        return not self.undo_stack.isClean()

    def edit(self, setup: Setup, text: str, merge_key: str | None = None) -> None:
        """Replace the setup as one undoable act.

        Parameters
        ----------
        setup
            The new setup. Where its loss does not fit its data, the usual loss is put in.
        text
            What was done, for the menu: ``"Layer 3 units 24 to 48"``.
        merge_key
            Names the field; an edit with the key of the last one, within a second of it, joins it.
        """
        setup = fitted(setup)
        if setup == self._setup:
            return
        merge_id = -1
        if merge_key is not None:
            merge_id = self._merge_ids.setdefault(merge_key, len(self._merge_ids) + 1)
        self.undo_stack.push(_Act(self._show, self._setup, setup, text, merge_id, self._clock()))

    def new(self, setup: Setup | None = None) -> None:
        """Start afresh, without a file and without a past."""
        self._replace(fitted(setup or Setup()), None)

    def open(self, path: Path | str) -> None:
        """Read a setup from a file.

        Raises
        ------
        SetupError
            If the file holds no setup that can be run. The present setup, its past and its path
            stay as they are.
        """
        from gradstudio import load_setup

        self.show_opened(load_setup(Path(path)), Path(path))

    def show_opened(self, setup: Setup, path: Path | None) -> None:
        """Start from a setup that has been read, without a past; None for one without a file."""
        self._replace(fitted(setup), path)

    def save(self, path: Path | str | None = None, setup: Setup | None = None) -> None:
        """Write the setup to `path`, or to its own file.

        Parameters
        ----------
        path
            Its file from now on.
        setup
            What to write instead of the setup as it is: the same with what a run adds to it.

        Raises
        ------
        SetupFileError
            If the file cannot be written; the document stays unsaved.
        ValueError
            If there is neither a path nor a file of its own.
        """
        from gradstudio.setup.file import write_setup

        target = Path(path) if path is not None else self._path
        if target is None:
            raise ValueError("a setup without a file needs a path")
        write_setup(setup or self._setup, target)
        self._set_path(target)
        self.undo_stack.setClean()

    def _replace(self, setup: Setup, path: Path | None) -> None:
        self.undo_stack.clear()
        self._set_path(path)
        self._show(setup)

    def _set_path(self, path: Path | None) -> None:
        if path != self._path:
            self._path = path
            self.path_changed.emit(path)

    def _show(self, setup: Setup) -> None:
        before, self._setup = self._setup, setup
        if before != setup:
            self.changed.emit(before, setup)

    def _tell_modified(self, clean: bool) -> None:
        self.modified_changed.emit(not clean)


class _Act(QUndoCommand):
    """One edit: the setups before and after it."""

    def __init__(
        self,
        show: Callable[[Setup], None],
        before: Setup,
        after: Setup,
        text: str,
        merge_id: int,
        at: float,
    ) -> None:
        super().__init__(text)
        self._show = show
        self._before, self._after = before, after
        self._merge_id, self._at = merge_id, at

    def id(self) -> int:
        return self._merge_id

    def redo(self) -> None:
        self._show(self._after)

    def undo(self) -> None:
        self._show(self._before)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Act) or other._at - self._at > MERGE_SECONDS:
            return False
        self._after, self._at = other._after, other._at
        self.setText(_joined(self.text(), other.text()))
        self.setObsolete(self._after == self._before)
        return True


def fitted(setup: Setup) -> Setup:
    """The setup with a loss that fits its data: classes need another than values."""
    losses = losses_for(setup.data.name)
    if setup.training.loss in losses:
        return setup
    training = setup.training.model_copy(update={"loss": losses[0]})
    return setup.model_copy(update={"training": training})


def _joined(first: str, second: str) -> str:
    """``"Noise 0.1 to 0.2"`` and ``"Noise 0.2 to 0.3"`` make ``"Noise 0.1 to 0.3"``."""
    head, word, _ = first.rpartition(" to ")
    _, _, tail = second.rpartition(" to ")
    return f"{head}{word}{tail}" if word else second
