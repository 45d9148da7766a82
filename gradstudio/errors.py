"""The tree of errors.

::

    GradStudioError
    ├── SetupError          a setup that cannot be: field path, problem, remedy
    │   └── SetupFileError  a setup file that cannot be read or written
    ├── DataError           a data set that cannot be made or read
    └── ExportError         a picture or table that cannot be written
"""

from __future__ import annotations

from pathlib import Path


class GradStudioError(Exception):
    """Anything GradStudio refuses; its text is a sentence for a person."""


class SetupError(GradStudioError):
    """A setup that cannot be.

    Parameters
    ----------
    problem
        What is wrong and what would be right, for instance ``"0 is below 1"``.
    path
        Dotted path of the field, for instance ``"network.layers[3].units"``; empty for the whole.
    """

    def __init__(self, problem: str, path: str = "") -> None:
        self.problem = problem
        self.path = path
        super().__init__(f"{path}: {problem}" if path else problem)


class SetupFileError(SetupError):
    """A setup file that cannot be read or written; names the file as well as the field."""

    def __init__(self, file: Path | str, problem: str, path: str = "") -> None:
        self.file = Path(file)
        super().__init__(problem, path)
        self.args = (f"{self.file.name}: {self.args[0]}",)


class DataError(GradStudioError):
    """A data set that cannot be made or read."""


class ExportError(GradStudioError):
    """A picture or table that cannot be written."""
